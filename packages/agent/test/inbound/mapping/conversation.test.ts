import { describe, expect, it } from '@jest/globals';
import { decodeNotification } from '@lp/schemas';
import {
  ACCOUNT,
  AUTHENTICATED_CONSUMER,
  agentTextRecord,
  COLLEAGUE,
  CONSUMER,
  CONTROLLER,
  CONVERSATION,
  conversationFrame,
  conversationResult,
  MANAGER,
  notifications,
  OWN,
} from '../../../../schemas/test/fixtures/notifications.ts';
import {
  type ConversationChange,
  type ConversationDetails,
  Identities,
  toConversationChanges,
} from '../../../src/inbound/mapping/index.ts';

const known = () => new Identities(ACCOUNT, { userId: '1001', agentId: OWN.pid });

function changesOf(frame: unknown, who = known()): ConversationChange[] {
  const decoded = decodeNotification(frame as { type: string });
  if (decoded.kind !== 'notification' || decoded.topic !== 'conversations') throw new Error('not about conversations');
  expect(decoded.invalid).toEqual([]);
  return toConversationChanges(decoded.body, who);
}

function detailsOf(details: object, who = known()): ConversationDetails {
  const frame = conversationFrame({ type: 'UPSERT', result: { convId: CONVERSATION, conversationDetails: details } });
  const [change] = changesOf(frame, who);
  if (change?.type !== 'UPSERT') throw new Error('no upsert');
  return change.result.conversationDetails;
}

const byRole = (participants: object, participantsPId: object, more: object = {}) => ({
  participants,
  participantsPId,
  ...more,
});
const idsOf = (details: ConversationDetails) => details.participants.map(({ id, userId, role }) => [role, userId, id]);

describe('the participants of a conversation', () => {
  it('are a list with both ids, the role and the state', () => {
    expect(detailsOf(conversationResult.conversationDetails).participants).toEqual([
      { id: CONSUMER, userId: CONSUMER, role: 'CONSUMER', state: 'ACTIVE' },
      { id: OWN.pid, userId: OWN.old, role: 'ASSIGNED_AGENT', state: 'ACTIVE' },
      { id: COLLEAGUE.pid, userId: COLLEAGUE.old, role: 'MANAGER', state: 'ACTIVE' },
      { id: MANAGER.pid, userId: MANAGER.old, role: 'MANAGER', state: 'ACTIVE' },
      { id: undefined, userId: CONTROLLER.old, role: 'CONTROLLER', state: undefined },
    ]);
  });

  it('keep the maps that the platform sent', () => {
    const details = detailsOf(conversationResult.conversationDetails);
    expect(details.participantsByRole).toEqual(conversationResult.conversationDetails.participants);
    expect(details.participantsPId).toEqual(conversationResult.conversationDetails.participantsPId);
  });

  it('have their old ids alone where the platform sent no PIDs, the own and the consumers known all the same', () => {
    const { participantsPId: _, ...details } = conversationResult.conversationDetails;
    expect(idsOf(detailsOf(details))).toEqual([
      ['CONSUMER', CONSUMER, CONSUMER],
      ['ASSIGNED_AGENT', OWN.old, OWN.pid],
      ['MANAGER', COLLEAGUE.old, undefined],
      ['MANAGER', MANAGER.old, undefined],
      ['CONTROLLER', CONTROLLER.old, undefined],
    ]);
  });

  it('have their PIDs alone in the consumer dialect', () => {
    const [change] = changesOf(notifications['a conversation (v3)']);
    const details = change?.result.conversationDetails as ConversationDetails;
    expect(idsOf(details)).toEqual([
      ['ASSIGNED_AGENT', undefined, COLLEAGUE.pid],
      ['CONSUMER', AUTHENTICATED_CONSUMER, AUTHENTICATED_CONSUMER],
    ]);
    expect(details.dialogs[0]?.participantsDetails).toEqual([
      { id: COLLEAGUE.pid, userId: undefined, role: 'ASSIGNED_AGENT' },
    ]);
    expect(details.participantsByRole).toBeUndefined();
  });

  it('are listed where there is a map of PIDs and no other', () => {
    const [change] = changesOf(notifications['a conversation with PIDs alone, by role (v3, 2017)']);
    expect(idsOf(change?.result.conversationDetails as ConversationDetails)).toEqual([
      ['CONSUMER', CONSUMER, CONSUMER],
    ]);
  });

  it('are none where the platform sent none', () => {
    expect(detailsOf({ state: 'OPEN' })).toMatchObject({ participants: [], dialogs: [], myRoles: [] });
  });
});

describe('ids are paired', () => {
  const { pid: p1, old: o1 } = COLLEAGUE;
  const { pid: p2, old: o2 } = MANAGER;
  const pidsOf = (details: ConversationDetails) =>
    Object.fromEntries(details.participants.filter(({ userId }) => userId).map(({ userId, id }) => [userId, id]));

  it('by who the agent is, whatever the order', () => {
    const details = detailsOf(byRole({ MANAGER: [OWN.old, o1] }, { MANAGER: [p1, OWN.pid] }));
    expect(pidsOf(details)).toEqual({ [OWN.old]: OWN.pid, [o1]: p1 });
  });

  it('by a role in which only one of them is left, for the other roles too', () => {
    const details = detailsOf(byRole({ MANAGER: [o1, o2], READER: [o1] }, { MANAGER: [p2, p1], READER: [p1] }));
    expect(pidsOf(details)).toEqual({ [o1]: p1, [o2]: p2 });
  });

  it('by the newest event, whose two ids belong together', () => {
    const result = {
      convId: CONVERSATION,
      conversationDetails: byRole({ MANAGER: [o1, o2] }, { MANAGER: [p2, p1] }),
      lastContentEventNotification: agentTextRecord,
    };
    const [change] = changesOf(conversationFrame({ type: 'UPSERT', result }));
    expect(pidsOf(change?.result.conversationDetails as ConversationDetails)).toEqual({ [o1]: p1, [o2]: p2 });
  });

  it('by what earlier events told', () => {
    const identities = known();
    identities.learn(o1, p1);
    const details = byRole({ MANAGER: [o1, o2] }, { MANAGER: [p2, p1] });
    expect(pidsOf(detailsOf(details, identities))).toEqual({ [o1]: p1, [o2]: p2 });
  });

  it('by place where nothing else is left', () => {
    const details = detailsOf(byRole({ MANAGER: [o1, o2] }, { MANAGER: [p1, p2] }));
    expect(pidsOf(details)).toEqual({ [o1]: p1, [o2]: p2 });
  });

  it('not at all where the lists differ in length, and each half stands alone', () => {
    const details = detailsOf(byRole({ MANAGER: [o1, o2] }, { MANAGER: [p2] }));
    expect(idsOf(details)).toEqual([
      ['MANAGER', o1, undefined],
      ['MANAGER', o2, undefined],
      ['MANAGER', undefined, p2],
    ]);
  });

  it('not by place where a list contradicts what is known', () => {
    const details = detailsOf(byRole({ MANAGER: [OWN.old, o1] }, { MANAGER: [p1, p2] }));
    expect(pidsOf(details)).toEqual({ [OWN.old]: OWN.pid, [o1]: undefined });
  });

  it('not as what is left over, where a list lacks what is known', () => {
    const details = detailsOf(byRole({ MANAGER: [OWN.old, o1] }, { MANAGER: [p2] }));
    expect(idsOf(details)).toEqual([
      ['MANAGER', OWN.old, OWN.pid],
      ['MANAGER', o1, undefined],
      ['MANAGER', undefined, p2],
    ]);
  });

  // verifies: threat:consumer
  it('not with what every object has, when a role is called like that', () => {
    const roles = { constructor: ['x.1'], toString: ['x.2'] };
    expect(idsOf(detailsOf(byRole(roles, { READER: [] })))).toEqual([
      ['constructor', 'x.1', undefined],
      ['toString', 'x.2', undefined],
    ]);
  });

  // verifies: threat:consumer
  it.each([{}, { polluted: 1 }, [1], 'x', null])(
    'not with %j under the key __proto__, which is passed over',
    (value) => {
      const hostile = JSON.parse(`{"READER":["x.1"],"__proto__":${JSON.stringify(value)}}`) as object;
      expect(idsOf(detailsOf(byRole(hostile, {})))).toEqual([['READER', 'x.1', undefined]]);
      expect(idsOf(detailsOf(byRole({ READER: ['x.2'] }, hostile)))).toEqual([['READER', 'x.2', 'x.1']]);
    },
  );

  it('without the own PID, while it is not known', () => {
    const unknown = new Identities(ACCOUNT, { userId: '1001' });
    const details = detailsOf(byRole({ MANAGER: [OWN.old, o1] }, { MANAGER: [OWN.pid, p1] }), unknown);
    expect(pidsOf(details)).toEqual({ [OWN.old]: OWN.pid, [o1]: p1 });
    expect(details.myRole).toBe('MANAGER');
  });
});

describe('the dialogs of a conversation', () => {
  const details = detailsOf(conversationResult.conversationDetails);

  it('list their participants with both ids, in the order of the platform', () => {
    expect(details.dialogs[1]?.participantsDetails).toEqual([
      { id: CONSUMER, userId: CONSUMER, role: 'CONSUMER', state: 'ACTIVE' },
      { id: MANAGER.pid, userId: MANAGER.old, role: 'MANAGER', state: 'ACTIVE' },
      { id: COLLEAGUE.pid, userId: COLLEAGUE.old, role: 'MANAGER', state: 'ACTIVE' },
      { id: OWN.pid, userId: OWN.old, role: 'ASSIGNED_AGENT', state: 'ACTIVE' },
      { id: undefined, userId: `${ACCOUNT}.5005`, role: 'ASSIGNED_AGENT', state: 'SUGGESTED' },
    ]);
  });

  it('are kept whatever their channel, with or without participants', () => {
    expect(
      details.dialogs.map(({ channelType, participantsDetails }) => [channelType, participantsDetails?.length]),
    ).toEqual([
      ['MESSAGING', 1],
      ['MESSAGING', 5],
      ['COBROWSE', 1],
      ['TELEPATHY', undefined],
    ]);
  });
});

describe('the own roles in a conversation', () => {
  const suggested = (state: string) => ({
    participants: { READER: [OWN.old] },
    participantsPId: { READER: [OWN.pid] },
    dialogs: [
      { dialogId: 'd', state, participantsDetails: [{ id: OWN.old, role: 'ASSIGNED_AGENT', state: 'SUGGESTED' }] },
    ],
  });

  it('are all of them, the assignment first', () => {
    const details = detailsOf(byRole({ READER: [OWN.old], MANAGER: [OWN.old], ASSIGNED_AGENT: [OWN.old] }, {}));
    expect(details.myRoles).toEqual(['READER', 'MANAGER', 'ASSIGNED_AGENT']);
    expect(details.myRole).toBe('ASSIGNED_AGENT');
  });

  it('are told apart from those that are only suggested', () => {
    expect(detailsOf(suggested('OPEN'))).toMatchObject({ myRoles: ['READER'], mySuggestedRoles: ['ASSIGNED_AGENT'] });
    expect(detailsOf(suggested('CLOSE'))).toMatchObject({ myRoles: ['READER'], mySuggestedRoles: [] });
  });

  it('leave out a suggestion that the list of participants shows like an assignment', () => {
    const details = detailsOf({
      participants: { ASSIGNED_AGENT: [OWN.old] },
      dialogs: [
        {
          dialogId: 'd',
          dialogType: 'MAIN',
          participantsDetails: [{ id: OWN.old, role: 'ASSIGNED_AGENT', state: 'SUGGESTED' }],
        },
      ],
    });
    expect(details).toMatchObject({ myRoles: [], myRole: undefined, mySuggestedRoles: ['ASSIGNED_AGENT'] });
  });

  it('are found by PID in the consumer dialect', () => {
    const details = detailsOf({ participants: [{ id: OWN.pid, role: 'MANAGER' }] });
    expect(details).toMatchObject({ myRole: 'MANAGER', participants: [{ id: OWN.pid, userId: OWN.old }] });
  });

  it('are none in a conversation of others', () => {
    expect(detailsOf(byRole({ MANAGER: [COLLEAGUE.old] }, {}))).toMatchObject({ myRoles: [], myRole: undefined });
  });
});

describe('a change of a conversation', () => {
  it('keeps every other field that the platform sent', () => {
    const [change] = changesOf(notifications['a conversation (v2)']);
    const { participants: _p, dialogs: _d, ...sent } = conversationResult.conversationDetails;
    expect(change).toMatchObject({
      type: 'UPSERT',
      result: { ...conversationResult, conversationDetails: sent, lastContentEventNotification: { isMe: false } },
    });
  });

  it('holds the id alone when the platform said no more of what is gone', () => {
    const [change] = changesOf(notifications['a conversation that is gone, its id alone (v2)']);
    expect(change).toEqual({ type: 'DELETE', result: { convId: CONVERSATION } });
  });

  it('holds all of what is gone otherwise', () => {
    const [change] = changesOf(notifications['a conversation that is gone (v2)']);
    expect(change).toMatchObject({ type: 'DELETE', result: { conversationDetails: { myRole: 'ASSIGNED_AGENT' } } });
  });

  it('has details even when the platform sent none', () => {
    const [change] = changesOf(conversationFrame({ type: 'UPSERT', result: { convId: CONVERSATION } }));
    expect(change?.result.conversationDetails).toMatchObject({ participants: [], dialogs: [], myRoles: [] });
  });

  it('holds the newest event in the form of all events, in the main dialog unless it says otherwise', () => {
    const { dialogId: _, ...last } = agentTextRecord;
    const result = { convId: CONVERSATION, lastContentEventNotification: last };
    const [change] = changesOf(conversationFrame({ type: 'UPSERT', result }));
    expect(change?.result.lastContentEventNotification).toMatchObject({
      dialogId: CONVERSATION,
      originatorId: COLLEAGUE.pid,
      originatorUserId: COLLEAGUE.old,
    });
  });
});
