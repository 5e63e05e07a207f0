import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  type Conversation,
  createFileCursorStore,
  createFileDialogStore,
  createMemoryCursorStore,
  defineData,
  type Message,
  type Ring,
} from '@lp/agent';
import { ConfigError } from '@lp/core';
import * as z from 'zod';
import { oneOfEach } from '../support/one-of-each.ts';
import type { TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;
let conversation: Conversation;
let message: Message;
let ring: Ring;

beforeAll(async () => {
  ({ platform, agent, ring, conversation, message } = await oneOfEach());
});

afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

type Call = (options: never) => unknown;
const bot = async () => undefined;
const Kept = defineData({ name: 'kept', version: 1, schema: z.object({}), initial: () => ({}) });

/** What every public method is called, how, and for each option values that are none of its own. */
const calls: [name: string, call: Call, wrong: Record<string, readonly unknown[]>][] = [
  [
    'serve',
    (o) => agent.serve(bot, o),
    {
      concurrency: ['5', 0, NaN, 1.5],
      skillIds: [[123], '123', [''], { 0: '123' }, null],
      acceptRing: [true],
      roles: ['AGENT', ['AGENTS'], ['agent'], [], [1]],
      availabilityWhenFull: ['busy', 'away', 5, true],
      onError: ['skip'],
      maxAttempts: ['5', 0],
      drainTimeoutMs: ['5', -1, null],
      returnToQueue: ['no', 1, 'false'],
      auditIntervalMs: ['never', true, 0],
      availabilityAfter: ['Away', 'offline', null],
      signal: [5, {}],
    },
  ],
  [
    'conversations',
    (o) => agent.conversations(o),
    {
      state: ['open', ['OPEN', 'SHUT'], 1],
      stage: ['open', ['OPEN', 'SHUT'], 1],
      agentIds: [5, [5], ['']],
      skillIds: ['12', [12], ['']],
      follow: ['no', 0],
      signal: [5],
      capacity: ['5', 0],
    },
  ],
  ['rings', (o) => agent.rings(o), { signal: [5], capacity: ['5', 0] }],
  ['status', (o) => agent.status(o), { signal: [5], capacity: ['5', 0] }],
  ['conversationChanges', (o) => agent.conversationChanges(o), { conversationId: [5, ''], capacity: ['5'] }],
  [
    'messagingEvents',
    (o: object) => agent.messagingEvents({ dialogId: 'd', ...o }),
    { dialogId: [5, ''], fromSequence: ['5', -1, 1.5], start: ['begining', '5', null], capacity: ['5'] },
  ],
  ['messagingEvents of all', (o) => agent.messagingEvents(o), { fromSequence: ['5'], start: ['begining'] }],
  [
    'messages',
    (o) => conversation.messages(o),
    {
      from: ['me'],
      start: ['begining', '5'],
      dialogId: [5, ''],
      read: [true],
      answered: [false],
      settle: [true, 500],
      signal: [5],
      capacity: ['5'],
    },
  ],
  ['events', (o) => conversation.events(o), { start: ['begining', '5'], dialogId: [5, ''], signal: [5] }],
  ['typing', (o) => conversation.typing(o), { dialogId: [5, ''], capacity: [0] }],
  ['history', (o) => conversation.history(o), { last: ['5'], before: ['5'], dialogId: [5, ''], signal: [5] }],
  ['data', (o) => conversation.data(Kept, o), { dialogId: [5, ''] }],
  ['join', (o) => conversation.join('MANAGER', o), { dialogId: [5, ''] }],
  ['accept', (o) => ring.accept(o), { wait: ['no', 0] }],
  ['transferToAgent', (o) => conversation.transferToAgent('a.1', o), { skillId: [5, ''] }],
  [
    'transferToAgent',
    (o: { userId: never }) => conversation.transferToAgent(o.userId),
    { userId: [5, '', null, undefined] },
  ],
  [
    'transferToSkill',
    (o: { skillId: never }) => conversation.transferToSkill(o.skillId),
    { skillId: [5, '', null, undefined] },
  ],
  ['handOff', (o) => conversation.handOff('queue', o), { summary: [5, '', bot], say: [5, ''], timeoutMs: ['5', 0] }],
  ['handOff', (o) => conversation.handOff(o), { skillId: [5, ''], agentId: [5, ''] }],
  [
    'send',
    (o) => conversation.send('x', o),
    {
      audience: ['ALLE', 5],
      dialogId: [5, ''],
      confirm: ['no', 0],
      key: [5, ''],
      inReplyTo: [5, 'x', {}],
      quickReplies: [5, 'Yes'],
      timeoutMs: ['5', 0, -1],
      signal: [5],
      headers: [5, 'x'],
      metadata: [5, {}],
      maxLength: ['5'],
      deliver: ['all'],
      interruptible: ['no'],
      typing: ['no'],
    },
  ],
  [
    'reply',
    (o) => message.reply('x', o),
    {
      audience: ['ALLE', 5],
      key: [5, ''],
      quickReplies: [5, 'Yes'],
      timeoutMs: ['5', 0],
      signal: [5],
      headers: [5],
      metadata: [5, { type: 'x' }, [5]],
      encodedMetadata: ['%'],
      interruptible: ['no'],
    },
  ],
  [
    'ask',
    (o) => conversation.ask('Size?', o),
    {
      retry: [5],
      attempts: ['5'],
      timeoutMs: ['5'],
      signal: [5],
      escape: [true],
      key: [5],
      from: ['me'],
      choices: ['a'],
    },
  ],
  [
    'uploadFile',
    (o: object) => conversation.uploadFile(new Uint8Array(1), { fileType: 'PNG', ...o }),
    { fileType: [5], caption: [5], preview: [5], confirm: ['no'], timeoutMs: ['5'] },
  ],
  ['downloadFile', (o) => conversation.downloadFile('/f.png', o), { timeoutMs: ['5', 0], signal: [5] }],
  ['closeDialog', (o) => conversation.closeDialog(undefined, o), { closedBy: ['agent'], closedCause: [5] }],
  ['getClock', (o) => agent.getClock(undefined, o), { timeoutMs: ['5', 0], signal: [5], headers: [5] }],
  ['agentStatus', (o) => agent.history.agentStatus({}, o), { timeoutMs: ['5', 0, null], signal: [5] }],
  [
    'consumerConversations',
    (o) => agent.history.consumerConversations({ consumer: 'c', status: ['CLOSE'] }, o),
    { timeoutMs: ['5', 0, null], signal: [5] },
  ],
  ['createFileCursorStore', (o) => createFileCursorStore('/nowhere', o), { logger: ['console', null, {}] }],
  ['createFileDialogStore', (o) => createFileDialogStore('/nowhere', o), { logger: ['console', null, {}] }],
  ['createMemoryCursorStore', (o) => createMemoryCursorStore(o), { logger: [console] }],
  ['createFileCursorStore', (o: { path: never }) => createFileCursorStore(o.path), { path: [5, null, undefined, ''] }],
  ['createFileDialogStore', (o: { path: never }) => createFileDialogStore(o.path), { path: [5, null, undefined, ''] }],
  [
    'conversation',
    (o: { conversationId: never }) => agent.conversation(o.conversationId),
    { conversationId: [5, null, undefined, ''] },
  ],
  ['drain', (o) => agent.drain(o), { timeoutMs: ['5', -1] }],
  ['reconnect', (o) => agent.reconnect(o), { renewToken: ['yes', 1] }],
];

/** How the platform calls what the schema of a request refuses. */
const WIRE_NAMES: Readonly<Record<string, string>> = {
  audience: 'messageAudience',
  skillId: 'skill',
  userId: 'userId',
};

/** Each with what it is, its option, and that alone. */
const cases = calls.flatMap(([name, call, wrong]) =>
  Object.entries(wrong).flatMap(([option, values]) =>
    values.map((value): [string, string, Call, object] => [
      `${name}: ${option}: ${JSON.stringify(value)}`,
      option,
      call,
      { [option]: value },
    ]),
  ),
);

/** What a call is refused with, thrown or rejected. */
async function refusalOf(call: Call, options: object): Promise<unknown> {
  try {
    const result = (call as (options: object) => unknown)(options);
    const isStream = typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
    return { accepted: isStream || (await result) };
  } catch (error) {
    return error;
  }
}

// Options that are read in the call itself, not handed on as they are.
const takesNull = new Set(['uploadFile', 'messagingEvents', 'transferToSkill', 'conversation']);
const direct = calls.filter(
  ([name], place) => !takesNull.has(name) && calls.findIndex(([other]) => other === name) === place,
);

describe('no object in the place of options', () => {
  it.each(direct.map(([name, call]): [string, Call] => [name, call]))('is refused by %s', async (_name, call) => {
    const sent = platform.simulator.recentFrames.length;
    expect(await refusalOf(call, null as never)).toBeInstanceOf(ConfigError);
    expect(platform.simulator.recentFrames.length).toBe(sent);
  });

  it.each([
    () => agent.updateExConversationSubscription(undefined as never),
    () => agent.unsubscribeExConversations(undefined as never),
    () => agent.unsubscribeExConversations(null as never),
    () => agent.subscribeExConversations(null as never),
    () => agent.subscribeRoutingTasks(null as never),
    () => agent.subscribeAgentsState(null as never),
    () => agent.getClock(null as never),
    () => agent.getUserProfile(null as never),
    () => conversation.withTyping(undefined as never),
    () => conversation.sendPrivate('x', null as never),
  ])('nor anything in that of a body: %s', async (call) => {
    const sent = platform.simulator.recentFrames.length;
    await expect(call()).rejects.toBeInstanceOf(ConfigError);
    expect(platform.simulator.recentFrames.length).toBe(sent);
  });
});

describe('a value that an option does not take', () => {
  it.each(cases)('is refused, and nothing is sent: %s', async (_what, option, call, options) => {
    const sent = platform.simulator.recentFrames.length;
    const refusal = await refusalOf(call, options);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as Error).message).toContain(WIRE_NAMES[option] ?? option);
    expect(platform.simulator.recentFrames.length).toBe(sent);
  });
});
