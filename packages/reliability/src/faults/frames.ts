import type { Quirks } from '@lp/simulator';
import type { World } from '../lib/world.ts';
import { type FaultScenario, wasNeverLost } from './scenario.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const MESSAGES = '.ams.ms.OnlineEventDistribution';
const RINGS = '.ams.routing.RoutingTaskNotification';

const notification = (type: string, body?: unknown): string => JSON.stringify({ kind: 'notification', type, body });
const text = { type: 'ContentEvent', contentType: 'text/plain', message: 'CANARY' };
const message = { sequence: 0, originatorId: 'x', serverTimestamp: 1, event: text, dialogId: 'nobody-knows-it' };

type OddFrame = readonly [id: string, what: string, frame: string | Buffer];

// Each of these is pushed between good ones; none may cost the connection, or anything else.
const odd: readonly OddFrame[] = [
  ['not-json', 'text that is not JSON', '{"kind":"notification","type":".ams.ms.Onl CANARY'],
  ['empty', 'an empty frame', ''],
  ['null', '`null`', 'null'],
  ['array', 'an array', '[{"kind":"notification"},"CANARY"]'],
  ['number', 'a number', '1e999'],
  ['string', 'a string', '"CANARY"'],
  ['binary', 'a binary frame', Buffer.from('{"kind":"notification"}')],
  ['deep', '100,000 levels of nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['deep-body', '3,000 levels of nesting in a message', notification(MESSAGES, { ...message, deep: nested(3_000) })],
  ['proto', '`__proto__` and `constructor` as keys', hostileKeys()],
  ['megabyte', 'a frame of 1 MB', notification('unknown.Type', { text: 'x'.repeat(1_000_000) })],
  [
    'megabyte-message',
    'a message of 1 MB',
    notification(MESSAGES, { ...message, event: { ...text, message: 'x'.repeat(1_000_000) } }),
  ],
  ['unknown-kind', 'an unknown kind', '{"kind":"gossip","type":"x"}'],
  ['unknown-type', 'an unknown type', notification('.ams.New$Thing', { changes: [1] })],
  ['type-error', 'a notification of type `error`', notification('error', 'CANARY')],
  ['type-closed', 'a notification of type `closed`', notification('closed', { code: 4401 })],
  ['type-proto', 'a notification of type `__proto__`', notification('__proto__', {})],
  ['no-type', 'a notification without a type', '{"kind":"notification","body":{}}'],
  ['no-body', 'conversations without a body', notification(CONVERSATIONS)],
  ['no-changes', 'conversations without changes', notification(CONVERSATIONS, { subscriptionId: 's' })],
  ['changes-null', 'conversations whose changes are null', notification(CONVERSATIONS, { changes: null })],
  ['no-participants', 'a conversation without participants', conversation({ convId: 'c', conversationDetails: {} })],
  [
    'no-pid',
    'a conversation without `participantsPId`',
    conversation({
      convId: 'c',
      conversationDetails: { convId: 'c', participants: { CONSUMER: ['a'] }, stage: 'OPEN' },
    }),
  ],
  [
    'no-consumer',
    'a conversation without a consumer',
    conversation({ convId: 'c', conversationDetails: { convId: 'c', participants: {}, dialogs: [], stage: 'OPEN' } }),
  ],
  [
    'delete-bare',
    'a DELETE with an id alone',
    notification(CONVERSATIONS, { changes: [{ type: 'DELETE', result: { convId: 'c' } }] }),
  ],
  [
    'one-bad-change',
    'a list with a bad change in it',
    notification(CONVERSATIONS, { changes: [7, null, 'CANARY', { type: 'UPSERT' }] }),
  ],
  ['message-no-body', 'a message without a body', notification(MESSAGES)],
  ['message-no-event', 'a message without an event', notification(MESSAGES, { sequence: 1, dialogId: 'd' })],
  ['message-unknown', 'a message of an unknown conversation', notification(MESSAGES, message)],
  [
    'message-file',
    'a message that is a file',
    notification(MESSAGES, {
      ...message,
      event: { type: 'ContentEvent', contentType: 'hosted/file', message: { relativePath: 'CANARY', fileType: 'PNG' } },
    }),
  ],
  [
    'survey-dialog',
    'a conversation with a survey dialog, and a message in that',
    conversation({
      convId: 'c',
      conversationDetails: {
        convId: 'c',
        stage: 'OPEN',
        participants: [],
        dialogs: [{ dialogId: 's', channelType: 'MESSAGING', dialogType: 'POST_SURVEY', state: 'OPEN' }],
      },
      lastContentEventNotification: { ...message, dialogId: 's' },
    }),
  ],
  ['message-far-ahead', 'a message numbered 2⁵³', notification(MESSAGES, { ...message, sequence: 2 ** 53 })],
  ['message-negative', 'a message numbered −1.5', notification(MESSAGES, { ...message, sequence: -1.5 })],
  [
    'ring-no-details',
    'a ring without `ringsDetails`',
    notification(RINGS, { changes: [{ type: 'UPSERT', result: { conversationId: 'c' } }] }),
  ],
  ['response-unknown', 'a response to nobody', '{"kind":"resp","reqId":"987654","code":200,"type":"x","body":{}}'],
  ['response-no-id', 'a response without an id', '{"kind":"resp","code":200,"type":"x"}'],
  [
    'response-proto',
    'a response to the request `__proto__`',
    '{"kind":"resp","reqId":"__proto__","code":500,"type":"x"}',
  ],
];

type Doing = Omit<FaultScenario, 'group'>;

const upsets: readonly Doing[] = [
  {
    id: 'too-large',
    what: 'a frame of 33 MB, above the largest accepted',
    world: { proxy: true },
    strike: ({ proxy }) => proxy?.send(`"${'x'.repeat(33 * 1024 * 1024)}"`),
    check: ({ statuses }) => (statuses.has('invalidFrame') ? undefined : 'nothing was said of the frame'),
  },
  {
    id: 'duplicated',
    what: 'every notification comes twice',
    strike: ({ simulator }) => simulator.faults.duplicate(),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
  {
    id: 'every-third-lost',
    what: 'every third notification is lost',
    strike: ({ simulator }) => simulator.faults.loseNotifications({ share: 1 / 3 }),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
  {
    id: 'all-lost',
    what: 'every notification is lost for 20 s',
    strike: ({ simulator }) => simulator.faults.loseNotifications(),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
  {
    id: 'reordered',
    what: 'notifications come in another order',
    strike: ({ simulator }) => simulator.faults.reorder({ window: 8 }),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
  {
    id: 'cut-off',
    what: 'notifications are cut off in the middle',
    strike: ({ simulator }) => simulator.faults.corrupt(),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
  {
    id: 'no-last-event',
    what: 'conversations come without `lastContentEventNotification`',
    strike: ({ simulator }) => simulator.faults.omitLastContentEvent(),
    lastsMs: 20_000,
    check: wasNeverLost,
  },
];

const quirks: readonly (readonly [string, string, Partial<Quirks>])[] = [
  ['message-last', 'conversations come before their messages', { notificationOrder: 'conversation-first' }],
  ['response-last', 'responses come after the notifications that their requests cause', { answerOrder: 'last' }],
  ['numeric-ids', 'request ids come back as numbers', { numericIds: true }],
  ['bare-elements', 'a list of one change comes as the change', { bareElements: true }],
  ['extra-fields', 'unknown fields everywhere', { extraFields: true }],
  ['no-newer-fields', 'the fields of an older platform', { newerEventFields: false, participantsPId: 'missing' }],
  ['pages-of-two', 'the history gives two events at a time', { queryPageSize: 2 }],
  ['bounds-inclusive', 'bounds of the history are inclusive', { queryBounds: 'inclusive' }],
];

/** What the platform pushes is odd, too much, too little or in the wrong order. */
export const frames: readonly FaultScenario[] = [
  ...odd.map(
    ([id, what, frame]): FaultScenario => ({
      id: `frame-${id}`,
      group: 'frames',
      what,
      world: { proxy: true },
      strike: ({ proxy }: World) => proxy?.send(frame, { binary: typeof frame !== 'string' }),
      check: wasNeverLost,
    }),
  ),
  ...upsets.map((upset): FaultScenario => ({ ...upset, id: `frame-${upset.id}`, group: 'frames' })),
  ...quirks.map(
    ([id, what, quirk]): FaultScenario => ({
      id: `frame-${id}`,
      group: 'frames',
      what,
      world: { simulator: { quirks: quirk } },
      strike: ({ simulator }) => simulator.faults.dropAll(),
    }),
  ),
];

function conversation(result: object): string {
  return notification(CONVERSATIONS, { changes: [{ type: 'UPSERT', result }] });
}

function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
}

function hostileKeys(): string {
  const keys = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';
  return `{"kind":"notification","type":"${CONVERSATIONS}",${keys},"body":{${keys},"changes":[{"type":"UPSERT",${keys},"result":{"convId":"__proto__",${keys},"conversationDetails":{${keys},"participants":{${keys}}}}}]}}`;
}
