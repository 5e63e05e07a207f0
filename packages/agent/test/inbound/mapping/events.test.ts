import { describe, expect, it } from '@jest/globals';
import { decodeNotification, type MessagingEventRecord, MessagingEventSchema } from '@lp/schemas';
import {
  ACCOUNT,
  agentTextRecord,
  COLLEAGUE,
  CONSUMER,
  CONVERSATION,
  consumerTextRecord,
  notifications,
  OWN,
} from '../../../../schemas/test/fixtures/notifications.ts';
import {
  Identities,
  type MessagingEvent,
  toAgentStateChanges,
  toMessagingEvents,
  toRoutingTaskChanges,
} from '../../../src/inbound/mapping/index.ts';

const known = () => new Identities(ACCOUNT, { userId: '1001', agentId: OWN.pid });

const record = (fields: object): MessagingEventRecord => MessagingEventSchema.parse({ ...agentTextRecord, ...fields });
const one = (fields: object, identities = known()): MessagingEvent | undefined =>
  toMessagingEvents([record(fields)], identities)[0];

describe('an event', () => {
  it('names its originator by PID and keeps the old id beside it', () => {
    expect(one({})).toEqual({
      ...agentTextRecord,
      originatorId: COLLEAGUE.pid,
      originatorUserId: COLLEAGUE.old,
      isMe: false,
    });
  });

  it('names a consumer by the one id it has', () => {
    expect(one({ originatorId: CONSUMER, originatorPId: CONSUMER })).toMatchObject({ originatorId: CONSUMER });
  });

  it.each([
    ['by the old id', { originatorId: OWN.old, originatorPId: undefined, originatorMetadata: undefined }],
    ['by the PID', { originatorId: OWN.pid, originatorPId: undefined, originatorMetadata: undefined }],
    ['by both', { originatorId: OWN.old, originatorPId: OWN.pid }],
  ])('is known as the own one %s', (_name, ids) => {
    expect(one(ids)).toMatchObject({ originatorId: OWN.pid, originatorUserId: OWN.old, isMe: true });
  });

  it('takes the PID from the metadata of the originator where it stands nowhere else', () => {
    expect(one({ originatorPId: undefined })).toMatchObject({ originatorId: COLLEAGUE.pid });
  });

  it('takes the PID from what earlier events told', () => {
    const identities = known();
    const bare = { originatorPId: undefined, originatorMetadata: undefined };
    expect(one(bare, identities)).toMatchObject({ originatorId: COLLEAGUE.old, originatorUserId: COLLEAGUE.old });
    one({}, identities);
    expect(one(bare, identities)).toMatchObject({ originatorId: COLLEAGUE.pid, originatorUserId: COLLEAGUE.old });
    expect(one({ ...bare, originatorId: COLLEAGUE.pid }, identities)).toMatchObject({
      originatorUserId: COLLEAGUE.old,
    });
  });

  it('of nobody is nobodys', () => {
    const event = one({ originatorId: undefined, originatorPId: undefined, originatorMetadata: undefined });
    expect(event).toMatchObject({ originatorId: undefined, originatorUserId: undefined, isMe: false });
  });
});

describe('the events of a body', () => {
  const eventsOf = (frame: { type: string; body: unknown }) => {
    const decoded = decodeNotification(frame);
    if (decoded.kind !== 'notification' || decoded.topic !== 'messaging') throw new Error('not about messages');
    return toMessagingEvents(decoded.body, known());
  };

  it('are one on the agent socket', () => {
    expect(eventsOf(notifications['a text (v2)'])).toEqual([
      { ...consumerTextRecord, originatorUserId: undefined, isMe: false },
    ]);
  });

  it('are all of them elsewhere, in order', () => {
    expect(eventsOf(notifications['several messages (v3)']).map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  it('are all of a response to a query', () => {
    expect(toMessagingEvents([record({}), record({ sequence: 6 })], known())).toHaveLength(2);
  });
});

describe('pairs of ids', () => {
  it('forgets the oldest pair past its bound', () => {
    const identities = new Identities(ACCOUNT, { maxPairs: 2 });
    identities.learn('a.1', 'p1');
    identities.learn('a.2', 'p2');
    identities.learn('a.2', 'p2');
    identities.learn('a.3', 'p3');
    expect([identities.pidOf('a.1'), identities.userIdOf('p1')]).toEqual([undefined, undefined]);
    expect([identities.pidOf('a.2'), identities.userIdOf('p3')]).toEqual(['p2', 'a.3']);
  });

  it('forgets the PID that another one has taken the place of', () => {
    const identities = known();
    identities.learn('a.1', 'p1');
    identities.learn('a.1', 'p2');
    expect([identities.pidOf('a.1'), identities.userIdOf('p1'), identities.userIdOf('p2')]).toEqual([
      'p2',
      undefined,
      'a.1',
    ]);
  });
});

describe('a change of a routing task', () => {
  const changesOf = (frame: { type: string; body: unknown }) => {
    const decoded = decodeNotification(frame);
    if (decoded.kind !== 'notification' || decoded.topic !== 'routingTasks') throw new Error('not about rings');
    return toRoutingTaskChanges(decoded.body, known());
  };

  it('says whether it is assigned to this agent', () => {
    const frame = notifications['a ring that waits'];
    expect(changesOf(frame)).toEqual([
      {
        type: 'UPSERT',
        result: { ...frame.body.changes[0]?.result, assignedAgentPId: OWN.pid, assignedToMe: true },
      },
    ]);
  });

  it('takes what it lacks from its ring', () => {
    expect(changesOf(notifications['a ring without a task (2016)'])[0]?.result).toMatchObject({
      conversationId: CONVERSATION,
      consumerId: CONSUMER,
      skillId: '-1',
      assignedToMe: false,
    });
  });

  it('has a list of rings even when it is empty', () => {
    expect(changesOf(notifications['a task that is gone'])).toMatchObject([
      { type: 'DELETE', result: { conversationId: CONVERSATION, ringsDetails: [] } },
    ]);
  });
});

describe('a change of an agent state', () => {
  it('says whose it is', () => {
    const decoded = decodeNotification(notifications['an agent state (v2)']);
    if (decoded.kind !== 'notification' || decoded.topic !== 'agentStates') throw new Error('not about agents');
    expect(toAgentStateChanges(decoded.body, known())).toEqual([
      {
        type: 'UPSERT',
        result: {
          channels: ['MESSAGING'],
          availability: 'ONLINE',
          description: '',
          agentUserId: OWN.old,
          agentId: OWN.pid,
          isMe: true,
        },
      },
    ]);
  });
});
