import { describe, expect, it } from '@jest/globals';
import { RequestBodySchemas } from '@lp/schemas';
import { ACCOUNT, COLLEAGUE, CONSUMER, OWN } from '../../../../schemas/test/fixtures/notifications.ts';
import { completeRequestBody, describeRejection, type Identity } from '../../../src/inbound/mapping/index.ts';

const identity: Identity = { accountId: ACCOUNT, userId: '1001', oldId: OWN.old, agentId: OWN.pid };
const own = { brandId: ACCOUNT, agentId: OWN.old };

describe('what a caller leaves out is filled in', () => {
  it.each([
    ['getClock', undefined, {}],
    ['subscribeExConversations', undefined, {}],
    ['subscribeAgentsState', undefined, own],
    ['subscribeRoutingTasks', {}, { channelType: 'MESSAGING', ...own }],
    ['updateRoutingTaskSubscription', { subscriptionId: 's' }, { subscriptionId: 's', ...own }],
    [
      'setAgentState',
      { availability: 'AWAY' },
      { availability: 'AWAY', channels: ['MESSAGING'], agentUserId: OWN.old },
    ],
    ['getUserProfile', CONSUMER, { userId: CONSUMER }],
    ['getUserProfile', undefined, {}],
    ['getBrandProfile', undefined, { brandId: ACCOUNT }],
    ['agentRequestConversation', { consumerId: CONSUMER }, { channelType: 'MESSAGING', consumerId: CONSUMER }],
    ['subscribeMessagingEvents', { dialogId: 'd' }, { dialogId: 'd', newerThanSequence: -1 }],
    ['subscribeMessagingEvents', { dialogId: 'd', fromSeq: 5 }, { dialogId: 'd', fromSeq: 5, newerThanSequence: 4 }],
  ] as const)('%s %j', (name, input, body) => {
    const completed = completeRequestBody(name, input as never, identity);
    expect(completed).toEqual(body);
    expect(RequestBodySchemas[name].safeParse(completed).success).toBe(true);
  });

  it.each([
    ['subscribeAgentsState', { brandId: undefined, agentId: undefined }],
    ['subscribeRoutingTasks', { channelType: undefined, brandId: undefined, agentId: undefined }],
    ['setAgentState', { availability: 'ONLINE', channels: undefined, agentUserId: undefined }],
    ['getBrandProfile', { brandId: undefined }],
    ['agentRequestConversation', { consumerId: CONSUMER, channelType: undefined }],
  ] as const)('%s, where it is left undefined', (name, input) => {
    const completed = completeRequestBody(name, input as never, identity);
    expect(RequestBodySchemas[name].safeParse(completed).success).toBe(true);
  });

  it('in every change of participants, one or several', () => {
    const change = { field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' } as const;
    const skill = { field: 'Skill', type: 'UPDATE', skill: '1' } as const;
    const complete = (conversationField: never) =>
      completeRequestBody('updateConversationField', { conversationId: 'c', conversationField }, identity);
    expect(complete(change as never)).toEqual({
      conversationId: 'c',
      conversationField: { ...change, userId: OWN.old },
    });
    expect(complete([change, skill, { ...change, userId: COLLEAGUE.old }] as never)).toEqual({
      conversationId: 'c',
      conversationField: [{ ...change, userId: OWN.old }, skill, { ...change, userId: COLLEAGUE.old }],
    });
  });
});

describe('the own PID is sent as the old id', () => {
  it.each([
    ['subscribeExConversations', { agentIds: [OWN.pid, COLLEAGUE.old] }, { agentIds: [OWN.old, COLLEAGUE.old] }],
    [
      'updateExConversationSubscription',
      { subscriptionId: 's', agentIds: [OWN.pid] },
      { subscriptionId: 's', agentIds: [OWN.old] },
    ],
    ['subscribeAgentsState', { agentId: OWN.pid }, own],
    ['getUserProfile', { userId: OWN.pid }, { userId: OWN.old }],
    ['getUserProfile', OWN.pid, { userId: OWN.old }],
    [
      'setAgentState',
      { availability: 'ONLINE', agentUserId: OWN.pid },
      { availability: 'ONLINE', channels: ['MESSAGING'], agentUserId: OWN.old },
    ],
  ] as const)('%s', (name, input, body) => {
    expect(completeRequestBody(name, input as never, identity)).toEqual(body);
  });

  it('and nothing is, while the PID is not known', () => {
    const unknown = { ...identity, agentId: undefined };
    expect(completeRequestBody('subscribeExConversations', { agentIds: ['x'] }, unknown)).toEqual({ agentIds: ['x'] });
  });
});

describe('what a caller gives is left to the schema', () => {
  it.each([[42], ['text'], [[]], [null]])('%j', (input) => {
    const body = completeRequestBody('setAgentState', input as never, identity);
    expect(RequestBodySchemas.setAgentState.safeParse(body).success).toBe(false);
  });

  it('a misspelt key stays and is refused', () => {
    const body = completeRequestBody('subscribeRoutingTasks', { skilId: '1' } as never, identity);
    expect(RequestBodySchemas.subscribeRoutingTasks.safeParse(body).success).toBe(false);
  });

  it('what a caller gives goes before what would be filled in', () => {
    const given = { channelType: 'MESSAGING', brandId: 'other', agentId: COLLEAGUE.old };
    expect(completeRequestBody('subscribeRoutingTasks', given as never, identity)).toEqual(given);
    const bounds = { dialogId: 'd', fromSeq: 3, newerThanSequence: 9 };
    expect(completeRequestBody('subscribeMessagingEvents', bounds, identity)).toEqual(bounds);
  });
});

describe('a refusal with a well-known text says what to do', () => {
  it.each([
    ['Agent does not exist in conversation', /REMOVE/],
    ['Transfer to agent failed: Agent already exist', /other role/],
    ['no conversation to send for MCCA', /co-browsing/],
  ])('%s', (body, hint) => {
    expect(describeRejection({ status: 400, type: '.ams.cm.UpdateConversationField', body })).toMatch(hint);
  });

  // verifies: refusal:429
  it('as does one for too many requests', () => {
    expect(describeRejection({ status: 429, type: 't', body: 'slow down' })).toMatch(/wait a second/);
  });

  it('and any other says nothing', () => {
    expect(describeRejection({ status: 400, type: 't', body: 'Bad request' })).toBeUndefined();
    expect(describeRejection({ status: 500, type: 't', body: { error: 1 } })).toBeUndefined();
  });
});
