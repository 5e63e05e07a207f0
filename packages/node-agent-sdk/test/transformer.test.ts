import { describe, expect, it } from '@jest/globals';
import oldTransformer from 'node-agent-sdk/lib/Transformer.js';
import { notifications } from '../../schemas/test/fixtures/notifications.ts';
import { requests } from '../../schemas/test/fixtures/requests.ts';
import { type Reader, readNotification } from '../src/incoming.ts';
import { completeBody } from '../src/outgoing.ts';
import { toSdeList } from '../src/profile.ts';
import { REQUEST_FUNCTIONS, REQUEST_TYPES } from '../src/request-names.ts';
import { NOTIFICATIONS, ODD_DIALOGS, OWN_OLD_ID, UNREADABLE } from './support/frames.ts';
import { OWN_PID } from './support/raw-platform.ts';

const own = { accountId: 'le4711', agentId: OWN_PID, oldId: OWN_OLD_ID };

/** What a frame becomes, and what is said on the way, by the old package. */
function byTheOld(frame: { type: string; body?: unknown }): unknown[] {
  const said: unknown[] = [];
  const agent = {
    ...own,
    __oldAgentId: OWN_OLD_ID,
    emit: (name: string, ...parameters: unknown[]) => said.push(name, ...parameters),
    _handleNotification: (inner: unknown) => said.push(inner),
  };
  const warn = console.warn;
  console.warn = () => undefined;
  try {
    const result = oldTransformer[frame.type]?.(structuredClone(frame), agent) ?? frame;
    return [...said, result];
  } finally {
    console.warn = warn;
  }
}

/** The same by this package. */
function byOurs(frame: { type: string; body?: unknown }): { said: unknown[]; errors: Error[]; whole: boolean } {
  const said: unknown[] = [];
  const errors: Error[] = [];
  const reader: Reader = {
    own,
    warn: (message) => said.push('warn', { message }),
    unreadable: (error) => errors.push(error),
    learn: () => undefined,
  };
  const copy = structuredClone(frame) as Parameters<typeof readNotification>[0];
  const whole = readNotification(copy, reader);
  return { said: [...said, copy], errors, whole };
}

// The newer of the two old packages keeps the account of a conversation, and says more of what it warns of.
const withoutAccount = (value: unknown) =>
  JSON.stringify(value, (key, inner: unknown) => (key === 'brandId' ? undefined : inner));

describe('what becomes of a notification', () => {
  it.each(Object.keys(NOTIFICATIONS))('is what the old package makes of it, to the byte: %s', (name) => {
    const frame = NOTIFICATIONS[name] as { type: string };
    const { said, errors, whole } = byOurs(frame);
    expect(errors).toEqual([]);
    expect(whole).toBe(true);
    const frameOnly = (all: readonly unknown[]) => withoutAccount(all.at(-1));
    expect(frameOnly(said)).toBe(frameOnly(byTheOld(frame)));
  });

  it('keeps the account of a conversation', () => {
    const change = {
      type: 'DELETE',
      result: {
        convId: 'c',
        conversationDetails: { brandId: 'b', participants: {}, participantsPId: {}, dialogs: [] },
      },
    };
    const { said } = byOurs({ type: '.ams.aam.ExConversationChangeNotification', body: { changes: [change] } });
    expect(said.at(-1)).toMatchObject({ body: { changes: [{ result: { conversationDetails: { brandId: 'b' } } }] } });
  });

  it('warns of a role without PIDs, of an unknown channel and of dialogs without details', () => {
    const messagesOf = (name: string) =>
      byOurs((NOTIFICATIONS[name] ?? ODD_DIALOGS) as { type: string }).said.flatMap(
        (said) => (said as { message?: string }).message ?? [],
      );
    expect(messagesOf('more in a dialog than in the conversation, and a role without PIDs')[0]).toBe(
      `invalid participant on conversation dialog-1 - {"id":"${OWN_OLD_ID}","role":"ASSIGNED_AGENT","state":"ACTIVE"}`,
    );
    expect(messagesOf('dialogs of other channels and of old times')).toEqual([
      'Unknown channelType: VOICE_CALL',
      'Invalid dialog information, participantsDetails is missing {"dialogId":"d-3"}',
    ]);
    expect(messagesOf('a suggested agent')).toEqual([]);
  });

  it('tells one’s own role and one’s own messages', () => {
    const [{ body }] = byOurs(NOTIFICATIONS['conversation'] as { type: string }).said as never as [
      { body: { changes: [{ result: { conversationDetails: { getMyRole(): string } } }] } },
    ];
    expect(body.changes[0].result.conversationDetails.getMyRole()).toBe('ASSIGNED_AGENT');
    const [mine] = byOurs(NOTIFICATIONS['a message of one’s own'] as { type: string }).said as never as [
      { body: { changes: [{ isMe(): boolean }] } },
    ];
    expect(mine.body.changes[0].isMe()).toBe(true);
  });

  it.each(Object.keys(UNREADABLE))(
    'is an error where the old package throws, and nothing of it is left: %s',
    (name) => {
      const frame = UNREADABLE[name] as { type: string };
      expect(() => byTheOld(frame)).toThrow(/./);
      const { errors, whole } = byOurs(frame);
      expect(whole).toBe(false);
      expect(errors).toHaveLength(1);
      expect(errors[0]?.stack).toContain('at ');
    },
  );

  it('loses a change that cannot be read and keeps the others', () => {
    const good = (NOTIFICATIONS['conversation'] as { body: { changes: object[] } }).body.changes[0] as object;
    const bad = { type: 'UPSERT', result: { convId: 'bad', conversationDetails: {} } };
    const { said, errors, whole } = byOurs({
      type: '.ams.aam.ExConversationChangeNotification',
      body: { changes: [bad, structuredClone(good), structuredClone(bad)] },
    });
    expect(whole).toBe(true);
    expect((said.at(-1) as { body: { changes: unknown[] } }).body.changes).toHaveLength(1);
    expect(errors.map((error) => (error as Error & { payload: unknown }).payload)).toMatchObject([
      { body: { changes: [{ result: { convId: 'bad' } }] } },
      { body: { changes: [{ result: { convId: 'bad' } }] } },
    ]);
  });

  it('passes on that a conversation is gone, where that is all that is said', () => {
    const change = { type: 'DELETE', result: { convId: 'c' } };
    const { said, errors } = byOurs({ type: '.ams.aam.ExConversationChangeNotification', body: { changes: [change] } });
    expect(errors).toEqual([]);
    expect(said).toMatchObject([{ body: { changes: [change] } }]);
  });
});

describe('what is filled into a request', () => {
  const bodies: [string, string, unknown][] = [
    ['setAgentState', '.ams.routing.SetAgentState', { availability: 'ONLINE' }],
    ['setAgentState', '.ams.routing.SetAgentState', { channels: ['X'], agentUserId: 'else', availability: 'ONLINE' }],
    ['subscribeRoutingTasks', '.ams.routing.SubscribeRoutingTasks', {}],
    ['subscribeRoutingTasks', '.ams.routing.SubscribeRoutingTasks', { brandId: 'x', other: 1 }],
    ['subscribeAgentsState', '.ams.routing.SubscribeAgentsState', {}],
    ['agentRequestConversation', '.ams.cm.AgentRequestConversation', { consumerId: 'c' }],
    [
      'subscribeExConversations',
      '.ams.aam.SubscribeExConversations',
      { convState: ['OPEN'], agentIds: [OWN_PID, 'else'] },
    ],
    ['subscribeExConversations', '.ams.aam.SubscribeExConversations', { convState: ['OPEN'] }],
    [
      'updateConversationField',
      '.ams.cm.UpdateConversationField',
      {
        conversationId: 'c',
        conversationField: [
          { field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' },
          { field: 'ParticipantsChange', type: 'REMOVE', role: 'MANAGER', userId: 'else' },
          { field: 'Skill', skill: '7' },
        ],
      },
    ],
  ];

  it.each(bodies)('is what the old package fills in: %s', (name, type, body) => {
    const [old] = byTheOld({ type, body }) as [{ body: unknown }];
    const before = structuredClone(body);
    expect(JSON.stringify(completeBody(name as never, body, own))).toBe(JSON.stringify(old.body));
    expect(body).toEqual(before);
  });

  it('takes any body: none, a text, a field that is no list', () => {
    expect(completeBody('subscribeRoutingTasks', undefined, own)).toEqual({
      channelType: 'MESSAGING',
      agentId: OWN_OLD_ID,
      brandId: 'le4711',
    });
    expect(completeBody('getUserProfile', 'consumer-1', own)).toBe('consumer-1');
    expect(completeBody('getClock', undefined, own)).toEqual({});
    const field = { conversationId: 'c', conversationField: { field: 'Skill' } };
    expect(completeBody('updateConversationField', field, own)).toEqual(field);
    expect(completeBody('setAgentState', 'ONLINE', own)).toBe('ONLINE');
    expect(completeBody('subscribeExConversations', { agentIds: 'x' }, own)).toEqual({ agentIds: 'x' });
  });

  it('takes the agent itself for an agent id that is not known yet', () => {
    const body = { agentIds: [undefined] };
    expect(completeBody('subscribeExConversations', body, { ...own, agentId: undefined })).toEqual({
      agentIds: [OWN_OLD_ID],
    });
  });

  it.each([
    [{ dialogId: 'd' }, -1],
    [{ dialogId: 'd', fromSeq: 0 }, -1],
    [{ dialogId: 'd', fromSeq: 7 }, 6],
  ])('asks from one before the first that is wanted, so that it is not missed: %j', (body, newerThanSequence) => {
    expect(completeBody('subscribeMessagingEvents', body, own)).toEqual({ ...body, newerThanSequence });
  });
});

describe('the frames that the schemas are tested with', () => {
  // A dialog without participants, and a conversation of which no more than its id is said: the older of the two old
  // packages throws at both, the newer at the second.
  const unreadByTheOlder = [
    'a conversation (v2)',
    'a conversation that is gone (v2)',
    'a conversation that is gone, its id alone (v2)',
  ];
  const unreadable = ['a task that is gone'];
  const replayed = Object.entries(notifications).filter(
    ([name]) => ![...unreadByTheOlder, ...unreadable].includes(name),
  );

  it.each(replayed)('become what the old package makes of them, to the byte: %s', (_, frame) => {
    const { said, errors } = byOurs(frame);
    expect(errors).toEqual([]);
    expect(withoutAccount(said.at(-1))).toBe(withoutAccount(byTheOld(frame).at(-1)));
  });

  it.each(unreadByTheOlder)('are read where the old package throws: %s', (name) => {
    const frame = notifications[name as keyof typeof notifications];
    expect(() => byTheOld(frame)).toThrow(TypeError);
    expect(byOurs(frame)).toMatchObject({ errors: [], whole: true });
  });

  it.each(unreadable)('are an error where the old package throws: %s', (name) => {
    const frame = notifications[name as keyof typeof notifications];
    expect(() => byTheOld(frame)).toThrow(TypeError);
    expect(byOurs(frame)).toMatchObject({ errors: { length: 1 }, whole: false });
  });

  it.each(REQUEST_FUNCTIONS)('are filled in as the old package does, and its response read: %s', (name) => {
    const { body, response } = requests[name];
    const type = REQUEST_TYPES[name];
    const [old] = byTheOld({ type, body }) as [{ body: unknown }];
    const ofTheOld = JSON.stringify(old.body);
    const ours = JSON.stringify(completeBody(name, body, own));
    // A query asks for one event more, so that the first is not missed.
    expect(ours).toBe(ofTheOld.replace('"newerThanSequence":0', '"newerThanSequence":-1'));
    if (name !== 'getUserProfile') return;
    const [read] = byTheOld({ type: `${type}$Response`, body: response }) as [{ body: unknown }];
    expect(JSON.stringify(toSdeList(structuredClone(response)))).toBe(JSON.stringify(read.body));
  });
});

describe('a profile', () => {
  it.each([
    [{}],
    [{ firstName: 'Ada', lastName: 'L', privateData: { mobileNum: '1', userId: 'u', email: 'e' } }],
    [{ privateData: { mobileNum: '1' } }],
    [{ privateData: null, claims: null }],
    [{ acr: 'loa1', claims: { iss: 'me', lp_sdes: [{ type: 'ctmrinfo', info: { customerId: 'x' } }] } }],
    [{ authenticatedData: { lp_sdes: [{ type: 'personal', personal: {} }] }, lastName: 'L' }],
  ])('is the list that the old package makes of it: %j', (body) => {
    const [old] = byTheOld({ type: '.ams.userprofile.GetUserProfile$Response', body }) as [{ body: unknown }];
    expect(JSON.stringify(toSdeList(structuredClone(body)))).toBe(JSON.stringify(old.body));
  });
});
