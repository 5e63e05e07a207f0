import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation, Message } from '@lp/agent';
import { ConfigError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import type { SimulatedChat } from '@lp/simulator';
import { accepted, first, readAll, startOnline, startPlatform, type TestPlatform, take } from '../support/platform.ts';
import { until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  ({ agent, platform } = await startOnline());
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** A conversation that this agent has taken, and its consumer's side. */
async function takenConversation(message?: string): Promise<{ chat: SimulatedChat; conversation: Conversation }> {
  const taken = await accepted(platform, agent);
  if (message !== undefined) await taken.chat.say(message);
  return taken;
}

const textsOf = (messages: readonly Message[]) => messages.map(({ text }) => text);

describe('messages()', () => {
  // verifies: receive:order, first:messages
  it('gives what was said before and after it is read, in order, each once', async () => {
    const { chat, conversation } = await takenConversation('one');
    await chat.say('two');
    const messages = conversation.messages();
    const reading = take(messages, 4);
    await chat.say('three');
    await chat.say('four');
    expect(textsOf(await reading)).toEqual(['one', 'two', 'three', 'four']);
  });

  it.each([Number.NaN, 1.5, -2, 'bogus', {}, null])('refuses to start at %p', (start) => {
    const conversation = agent.conversation('c');
    expect(() => conversation.messages({ start: start as never })).toThrow(ConfigError);
    expect(() => conversation.messages({ from: 'nobody' as never })).toThrow(/from must be one of/);
  });

  it('settles a read that waits for a store which hangs', async () => {
    const cursors = { get: () => undefined, set: () => new Promise<void>(() => undefined) };
    await agent.close();
    agent = await platform.connect({ cursors });
    await agent.setAgentState({ availability: 'ONLINE' });
    const { conversation } = await takenConversation('one');
    const left = conversation.messages()[Symbol.asyncIterator]();
    await left.next();
    const waiting = left.next();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const closed = conversation.messages({ start: 'beginning' })[Symbol.asyncIterator]();
    await closed.next();
    const reading = closed.next();
    await agent.close();
    expect(await reading).toEqual({ done: true, value: undefined });
  });

  it('gives the very first message of a dialog, whose number is 0', async () => {
    const { conversation } = await takenConversation('the first');
    expect(await first(conversation.messages())).toMatchObject({ sequence: 0, text: 'the first' });
  });

  // verifies: first:messages
  it('leaves out what this agent says, unless all is asked for', async () => {
    const { chat, conversation } = await takenConversation('question');
    await conversation.send('answer');
    await chat.say('thanks');
    expect(textsOf(await take(conversation.messages(), 2))).toEqual(['question', 'thanks']);
    expect(textsOf(await take(conversation.messages({ from: 'all', start: 'beginning' }), 3))).toEqual([
      'question',
      'answer',
      'thanks',
    ]);
  });

  it('says of each message who said it, when, to whom, and where', async () => {
    const { chat, conversation } = await takenConversation('hello');
    const message = await first(conversation.messages());
    expect(message).toMatchObject({
      conversationId: chat.conversationId,
      dialogId: chat.conversationId,
      text: 'hello',
      originator: { role: 'CONSUMER', id: expect.any(String) },
      audience: 'ALL',
      serverTimestamp: expect.any(Number),
    });
    expect(JSON.parse(JSON.stringify(message))).toMatchObject({ text: 'hello', sequence: 0 });
  });

  // verifies: receive:recovered
  it('tells live messages from those of the history', async () => {
    const { chat, conversation } = await takenConversation('before');
    await first(conversation.messages());
    const reading = take(conversation.messages({ start: 'beginning' }), 2);
    await platform.simulator.waitForRequest('QueryMessages');
    await agent.getClock();
    await chat.say('after');
    expect((await reading).map(({ text, recovered }) => ({ text, recovered }))).toEqual([
      { text: 'before', recovered: true },
      { text: 'after', recovered: false },
    ]);
  });

  it('tells when it has caught up after a reconnect', async () => {
    const { chat, conversation } = await takenConversation('one');
    const reading = conversation.messages()[Symbol.asyncIterator]();
    const one = await reading.next();
    const status = agent.status();
    platform.simulator.faults.dropAll();
    const resynced = await first(status, ({ type }) => type === 'resynced');
    expect(resynced).toMatchObject({ dialogId: conversation.conversationId, cause: 'reconnect', queries: 1 });
    await chat.say('two');
    expect([one.value?.text, (await reading.next()).value?.text]).toEqual(['one', 'two']);
  });

  it('logs that the history could not be read, asks again, and stays open', async () => {
    const { promise: warned, resolve: warn } = createDeferred<unknown[]>();
    const nothing = () => undefined;
    const logger = { debug: nothing, info: nothing, error: nothing, warn: (...facts: unknown[]) => warn(facts) };
    await agent.close();
    agent = await platform.connect({ logger });
    await agent.setAgentState({ availability: 'ONLINE' });
    const { conversation } = await takenConversation('one');
    platform.simulator.faults.failRequests('QueryMessages', 500, { times: 1 });
    const messages = conversation.messages();
    const reading = first(messages);
    expect(await warned).toEqual([
      expect.stringContaining('history'),
      expect.objectContaining({ dialogId: conversation.conversationId, attempt: 1 }),
    ]);
    messages.close();
    await expect(reading).rejects.toThrow('the stream ended');
  });

  // verifies: first:messages
  it('ends when the consumer has closed, after the last message', async () => {
    const { chat, conversation } = await takenConversation('one');
    const reading = readAll(conversation.messages());
    await chat.say('last');
    await chat.close();
    expect(textsOf(await reading)).toEqual(['one', 'last']);
  });

  // verifies: restart:cursors, answer:at-least-once
  it('starts again behind what was handled, and a loop that is left hands its last message out again', async () => {
    const { chat, conversation } = await takenConversation('one');
    await chat.say('two');
    await chat.say('three');
    expect(textsOf(await take(conversation.messages(), 2))).toEqual(['one', 'two']);
    expect(textsOf(await take(conversation.messages(), 2))).toEqual(['two', 'three']);
  });

  it('keeps its place in the store it is given, lets go of it with the dialog, and lives without a store that fails', async () => {
    const kept = new Map<string, number>();
    const cursors = {
      get: (dialogId: string) => kept.get(dialogId),
      set: async (dialogId: string, sequence: number) => {
        kept.set(dialogId, sequence);
        if (sequence === 1) throw new Error('disk full');
      },
      delete: (dialogId: string) => void kept.delete(dialogId),
    };
    await agent.close();
    agent = await platform.connect({ cursors });
    await agent.setAgentState({ availability: 'ONLINE' });
    const errors = agent.status();
    const { chat, conversation } = await takenConversation('one');
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    expect(kept.get(chat.conversationId)).toBeUndefined();
    await chat.say('two');
    await messages.next();
    expect(kept.get(chat.conversationId)).toBe(0);
    await chat.close();
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(kept.size).toBe(0);
    expect(await first(errors, (event) => event.type === 'handlerError')).toMatchObject({ where: 'cursors.set' });
  });

  // verifies: restart:read-marks, answer:at-most-once
  it('without any memory of its own leaves out what this agent has marked as read', async () => {
    const { chat, conversation } = await takenConversation('one');
    await chat.say('two');
    const message = await first(conversation.messages());
    await message.markRead();
    await agent.close();
    agent = await platform.connect();
    expect(textsOf(await take(agent.conversation(chat.conversationId).messages(), 1))).toEqual(['two']);
  });

  it('finds the read marks of a history that comes in pages', async () => {
    await using paged = await startPlatform({ quirks: { queryPageSize: 2 } });
    const bot = await paged.connect();
    await bot.setAgentState({ availability: 'ONLINE' });
    const ring = first(bot.rings());
    const chat = await paged.simulator.consumer().startConversation({ message: '0' });
    await (await ring).accept();
    for (const text of ['1', '2', '3', '4']) await chat.say(text);
    await bot.conversation(chat.conversationId).markRead([0, 1, 2, 3]);
    expect(textsOf(await take(bot.conversation(chat.conversationId).messages(), 1))).toEqual(['4']);
  });

  // verifies: receive:recovered
  it('misses nothing that is said while the connection is down', async () => {
    const { chat, conversation } = await takenConversation('one');
    const messages = conversation.messages();
    const reading = take(messages, 4);
    const status = agent.status();
    await chat.say('two');
    platform.simulator.faults.dropAll();
    await chat.say('three');
    await first(status, (event) => event.type === 'reconnected');
    await chat.say('four');
    expect(textsOf(await reading)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('catch up a few at a time after a reconnect, however many are open', async () => {
    let running = 0;
    let most = 0;
    let queries = 0;
    const many = await platform.connect({
      refillConcurrency: 3,
      interceptors: [
        async (call, next) => {
          if (!call.type.endsWith('QueryMessages')) return await next(call);
          queries++;
          most = Math.max(most, ++running);
          try {
            return await next(call);
          } finally {
            running--;
          }
        },
      ],
    });
    const chats = await Promise.all(
      Array.from({ length: 40 }, () => platform.simulator.consumer().startConversation({ message: 'before' })),
    );
    await Promise.all(chats.map(({ conversationId }) => many.conversation(conversationId).join()));
    const iterators = chats.map(({ conversationId }) =>
      many.conversation(conversationId).messages()[Symbol.asyncIterator](),
    );
    const texts = async () => (await Promise.all(iterators.map((it) => it.next()))).map(({ value }) => value?.text);
    expect(new Set(await texts())).toEqual(new Set(['before']));
    const after = texts();
    const status = many.status();
    platform.simulator.faults.dropAll();
    await Promise.all(chats.map((chat) => chat.say('after')));
    await first(status, (event) => event.type === 'reconnected');
    expect(new Set(await after)).toEqual(new Set(['after']));
    // What is new may be heard of before its stream has had its turn to read.
    await until(() => queries >= 2 * chats.length);
    expect(most).toBe(3);
  });

  // verifies: receive:order
  it('repeats nothing when every notification comes twice', async () => {
    platform.simulator.faults.duplicate();
    const { chat, conversation } = await takenConversation('one');
    const reading = readAll(conversation.messages());
    for (const text of ['two', 'three']) await chat.say(text);
    await chat.close();
    expect(textsOf(await reading)).toEqual(['one', 'two', 'three']);
  });

  it('finds what the platform never pushed', async () => {
    const { chat, conversation } = await takenConversation('one');
    const reading = readAll(conversation.messages());
    platform.simulator.faults.loseNotifications({ times: 2 });
    for (const text of ['two', 'three', 'four']) await chat.say(text);
    await chat.close();
    expect(textsOf(await reading)).toEqual(['one', 'two', 'three', 'four']);
  });
});

describe('a conversation', () => {
  it('knows its details, its participants in both id spaces, and this agent\u2019s role', async () => {
    const { conversation } = await takenConversation('hi');
    await first(conversation.messages());
    expect(conversation.myRole).toBe('ASSIGNED_AGENT');
    const me = conversation.details.participants.find(({ role }) => role === 'ASSIGNED_AGENT');
    expect(me).toMatchObject({ id: agent.agentId, userId: `${agent.accountId}.${agent.userId}` });
  });

  it('is empty but for its id while nothing is known of it', () => {
    const conversation = agent.conversation('unheard-of');
    expect(conversation.details).toMatchObject({ convId: 'unheard-of', participants: [], dialogs: [] });
    expect(conversation.myRole).toBeUndefined();
  });

  it('sends text, private text, typing and read marks', async () => {
    const { chat, conversation } = await takenConversation('hi');
    await conversation.setTyping('COMPOSING');
    await conversation.sendPrivate('only for us');
    const { sequence } = await conversation.send('for you');
    await conversation.markRead(0);
    expect(sequence).toBeGreaterThan(0);
    expect((await chat.next()).text).toBe('for you');
    await chat.waitForEvent(({ event }) => event['chatState'] === 'COMPOSING');
    await chat.waitForEvent(({ event }) => event['status'] === 'READ');
    expect(chat.transcript.map(({ text }) => text)).toEqual(['hi', 'for you']);
  });

  it('sends quick replies that a consumer can press', async () => {
    const { chat, conversation } = await takenConversation('hi');
    const click = { actions: [{ type: 'publishText' as const, text: 'blue' }] };
    await conversation.send('which colour?', {
      quickReplies: { type: 'quickReplies', itemsPerRow: 2, replies: [{ type: 'button', title: 'Blue', click }] },
    });
    await chat.next();
    await chat.click('Blue');
    const texts = await take(conversation.messages({ start: 'beginning' }), 2);
    expect(textsOf(texts)).toEqual(['hi', 'blue']);
  });

  it('shows when the consumer types', async () => {
    const { chat, conversation } = await takenConversation('hi');
    const typing = conversation.typing();
    await chat.typing();
    expect(await first(typing)).toMatchObject({
      event: { type: 'ChatStateEvent', chatState: 'COMPOSING' },
      isMe: false,
    });
  });

  it('shows its changes', async () => {
    const { chat, conversation } = await takenConversation('hi');
    const changes = conversation.changes();
    await chat.close();
    const closed = await first(changes, ({ result }) => result.conversationDetails?.stage === 'CLOSE');
    expect(closed.result.convId).toBe(chat.conversationId);
  });

  it('is closed by the agent', async () => {
    const { chat, conversation } = await takenConversation('hi');
    await conversation.close();
    await chat.closed;
    expect(chat.stage).toBe('CLOSE');
  });

  it('goes back to the queue and is offered again', async () => {
    const { chat, conversation } = await takenConversation('hi');
    const rings = agent.rings();
    const again = first(rings);
    await conversation.backToQueue();
    expect((await again).conversationId).toBe(chat.conversationId);
  });
});

describe('a ring', () => {
  it('is offered once, knows when it expires, and is answered once', async () => {
    const rings = agent.rings();
    const offered = first(rings);
    const chat = await platform.simulator.consumer().startConversation({ message: 'hi' });
    const ring = await offered;
    expect(ring).toMatchObject({ conversationId: chat.conversationId, skillId: '-1', ringId: expect.any(String) });
    expect(ring.expiresAt?.getTime()).toBeGreaterThan(Date.now());
    await Promise.all([ring.accept(), ring.accept()]);
    const answers = platform.simulator.recentFrames.filter(
      ({ direction, type }) => direction === 'in' && type === '.ams.routing.UpdateRingState',
    );
    expect(answers).toHaveLength(1);
  });

  it('gives its conversation with this agent in it, whether anything subscribed to it or not', async () => {
    const offered = first(agent.rings());
    await platform.simulator.consumer().startConversation({ message: 'hi' });
    const conversation = await (await offered).accept();
    expect(conversation.myRole).toBe('ASSIGNED_AGENT');
  });

  it('may be answered again after an answer that failed', async () => {
    const rings = agent.rings();
    const offered = first(rings);
    await platform.simulator.consumer().startConversation({ message: 'hi' });
    const ring = await offered;
    platform.simulator.faults.failRequests('UpdateRingState', 500, { times: 1 });
    await expect(ring.accept()).rejects.toMatchObject({ status: 500 });
    expect((await ring.accept()).conversationId).toBe(ring.conversationId);
  });
});
