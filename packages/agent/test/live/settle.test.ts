import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, ConfigError, createMemoryDialogStore, type Message, type Settle, type Stream } from '@lp/agent';
import { createManualClock, type ManualClock } from '@lp/core';
import type { SimulatedChat } from '@lp/simulator';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';

const SETTLE: Settle = { quietMs: 1_500 };
let clock: ManualClock;
let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let store: ReturnType<typeof createMemoryDialogStore> | undefined;

beforeEach(async () => {
  clock = createManualClock();
  store = createMemoryDialogStore();
  ({ agent, platform } = await startOnline({ clock, store }, { clock }));
  ({ chat } = await accepted(platform, agent));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** Resolves when everything that was said has reached the agent, and what it does without waiting is done. */
async function arrived(): Promise<void> {
  await agent.getClock();
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function say(...texts: string[]): Promise<void> {
  for (const text of texts) platform.simulator.sayAsConsumer(chat.conversationId, text);
  await arrived();
}

async function typing(chatState: string): Promise<void> {
  await chat.typing(chatState);
  await arrived();
}

/** A loop whose messages are asked for by hand. */
function open(settle: Settle | undefined = SETTLE) {
  const stream: Stream<Message> = agent.conversation(chat.conversationId).messages({ settle });
  const loop = stream[Symbol.asyncIterator]();
  const bursts: Message[] = [];
  const ask = async (): Promise<void> => {
    const { done, value } = await loop.next();
    if (!done) bursts.push(value);
  };
  return { stream, ask, bursts, texts: () => bursts.map(({ text }) => text) };
}

/** Another program with the same login goes on. */
async function restart(): Promise<void> {
  await agent.close();
  agent = await platform.connect({ clock, store });
  await agent.subscribeExConversations({ stage: ['OPEN'] });
}

describe('messages that settle', () => {
  // verifies: settle:quiet
  it('are handed out as one once the consumer was quiet', async () => {
    const { ask, bursts, texts } = open();
    const asked = ask();
    await say('I have');
    await clock.advance(1_499);
    await say('a question');
    await clock.advance(1_499);
    await arrived();
    expect(texts()).toEqual([]);
    await clock.advance(1);
    await asked;
    expect(texts()).toEqual(['I have\na question']);
    const [message] = bursts;
    expect(message?.burst.map(({ text }) => text)).toEqual(['I have', 'a question']);
    expect([message?.sequence, message?.id]).toEqual([1, `${chat.conversationId}:1`]);
  });

  // verifies: settle:typing
  it('wait longer while the consumer types, and no longer than that', async () => {
    const { ask, texts } = open({ ...SETTLE, typingMs: 4_000 });
    void ask();
    await say('I have');
    await typing('COMPOSING');
    await clock.advance(3_999);
    await arrived();
    expect(texts()).toEqual([]);
    await typing('PAUSE');
    await arrived();
    expect(texts()).toEqual(['I have']);
    void ask();
    await say('two');
    await typing('COMPOSING');
    await clock.advance(4_000);
    await arrived();
    expect(texts()).toEqual(['I have', 'two']);
  });

  it('do not wait for what was typed before they were said', async () => {
    const { ask, texts } = open();
    void ask();
    await typing('COMPOSING');
    await say('one');
    await clock.advance(1_500);
    await arrived();
    expect(texts()).toEqual(['one']);
  });

  // verifies: settle:at-once
  it('wait no longer than maxMs after the first', async () => {
    const { ask, texts } = open({ quietMs: 1_000, maxMs: 2_500 });
    void ask();
    for (const text of ['a', 'b', 'c']) {
      await say(text);
      await clock.advance(900);
      await arrived();
    }
    expect(texts()).toEqual(['a\nb\nc']);
  });

  it('wait no longer when the clock of the machine is set back meanwhile', async () => {
    const { ask, texts } = open({ quietMs: 1_000, maxMs: 2_500 });
    void ask();
    await say('a');
    clock.jump(-3_600_000);
    await clock.advance(1_000);
    await arrived();
    expect(texts()).toEqual(['a']);
    void ask();
    for (const text of ['b', 'c', 'd', 'e']) {
      await say(text);
      await typing('COMPOSING');
      if (text === 'b') clock.jump(-3_600_000);
      await clock.advance(900);
      await arrived();
    }
    expect(texts()).toEqual(['a', 'b\nc\nd\ne']);
  });

  it('that come from the history wait no longer either', async () => {
    await chat.say('a');
    await clock.advance(100);
    clock.jump(-3_600_000);
    const { ask, texts } = open();
    void ask();
    await arrived();
    await clock.advance(1_500);
    await arrived();
    expect(texts()).toEqual(['a']);
  });

  it('are no more than maxMessages, nor than there is room for', async () => {
    const { ask, texts } = open({ ...SETTLE, maxMessages: 2 });
    const asked = ask();
    await say('a', 'b', 'c');
    await asked;
    expect(texts()).toEqual(['a\nb']);
    void ask();
    await clock.advance(1_500);
    await arrived();
    expect(texts()).toEqual(['a\nb', 'c']);
  });

  it('are handed out at once with a file or a press', async () => {
    const { ask, bursts, texts } = open();
    const asked = ask();
    await say('look');
    await chat.sendFile(Buffer.from('x'));
    await asked;
    expect(texts()).toEqual(['look']);
    expect(bursts[0]?.file?.fileType).toBe('PNG');
    const again = ask();
    await say('well');
    await chat.publish(
      { type: 'ContentEvent', contentType: 'text/plain', message: 'Yes' },
      { metadata: [{ type: 'ExternalId', id: 'yes' }] },
    );
    await again;
    expect(bursts[1]).toMatchObject({ text: 'well\nYes', click: { id: 'yes' } });
  });

  it('are handed out at once when the conversation ends', async () => {
    const { ask, texts } = open();
    const asked = ask();
    await say('bye');
    await chat.close();
    await asked;
    expect(texts()).toEqual(['bye']);
  });

  it('are handed out at once when the loop is to end, and none is when it is left', async () => {
    const timers = clock.pendingTimers;
    const { ask, stream, texts } = open();
    const asked = ask();
    await say('one');
    stream.close();
    await asked;
    expect(texts()).toEqual(['one']);
    const other = open();
    const waiting = other.ask();
    await say('two');
    await other.stream[Symbol.asyncDispose]();
    await waiting;
    expect(other.texts()).toEqual([]);
    expect(clock.pendingTimers).toBeLessThanOrEqual(timers);
  });

  // verifies: settle:body
  it('that come while a body runs never join what is being handled, and settle when the loop asks', async () => {
    const { ask, texts } = open();
    const asked = ask();
    await say('one');
    await clock.advance(1_500);
    await asked;
    await say('two');
    await clock.advance(10_000);
    await say('three');
    void ask();
    await arrived();
    expect(texts()).toEqual(['one']);
    await clock.advance(1_500);
    await arrived();
    expect(texts()).toEqual(['one', 'two\nthree']);
  });

  it('move the position and tell READ as a whole', async () => {
    const { ask } = open();
    const asked = ask();
    await say('one', 'two');
    await clock.advance(1_500);
    await asked;
    const key = { agentId: agent.agentId, dialogId: chat.conversationId };
    expect(await store?.load(key)).toBeUndefined();
    void ask();
    await chat.waitForEvent(({ event }) => JSON.stringify(event['sequenceList']) === '[0,1]');
    expect(await store?.load(key)).toMatchObject({ sequence: 1 });
  });

  it('are grouped by the times of the platform when they come from the history, without a wait for what is past', async () => {
    await say('one');
    await clock.advance(1_000);
    await say('two');
    await clock.advance(1_500);
    await say('three');
    await clock.advance(60_000);
    const { ask, texts } = open();
    for (let n = 0; n < 2; n++) await ask();
    expect(texts()).toEqual(['one\ntwo', 'three']);
  });

  // verifies: settle:recovered
  it('are as they were answered when a killed bot runs again', async () => {
    const before = open();
    const asked = before.ask();
    await say('one');
    await clock.advance(1_000);
    await typing('COMPOSING');
    await clock.advance(4_000);
    await say('two');
    await clock.advance(1_500);
    await asked;
    await before.bursts[0]?.reply('answer');
    agent.terminate();
    platform.simulator.sayAsConsumer(chat.conversationId, 'three');
    await clock.advance(60_000);
    await restart();
    const { ask, bursts, texts } = open();
    await ask();
    expect(await bursts[0]?.reply('another answer')).toMatchObject({ repeated: true, text: 'answer' });
    await ask();
    expect(texts()).toEqual(['one\ntwo', 'three']);
  });

  // verifies: settle:ask
  it('are the answer to a question too, live and found', async () => {
    const conversation = agent.conversation(chat.conversationId);
    const loop = conversation.messages({ settle: SETTLE })[Symbol.asyncIterator]();
    const handed = loop.next();
    await say('order');
    await clock.advance(1_500);
    await handed;
    const address = conversation.ask('Where to?');
    await chat.next();
    await say('5 Main Street');
    await typing('COMPOSING');
    await clock.advance(5_000);
    await say('Springfield');
    await clock.advance(1_500);
    expect(await address).toBe('5 Main Street\nSpringfield');
    const name = conversation.ask('Your name?');
    name.catch(() => undefined);
    await chat.next();
    agent.terminate();
    await restart();
    const again = agent.conversation(chat.conversationId);
    const rerun = again.messages({ settle: SETTLE })[Symbol.asyncIterator]();
    expect((await rerun.next()).value?.text).toBe('order');
    expect(await again.ask('Where to?')).toBe('5 Main Street\nSpringfield');
  });

  it.each([
    [{}],
    [{ quietMs: 0 }],
    [{ quietMs: 1, typingMs: Number.NaN }],
    [{ quietMs: 1, maxMessages: 1.5 }],
    [{ quietMs: 1, maxMS: 2 }],
    [7],
  ])('refuse %j', (settle) => {
    expect(() => agent.conversation(chat.conversationId).messages({ settle: settle as never })).toThrow(ConfigError);
  });

  it('are for the reader that handles alone', () => {
    const options = { settle: SETTLE, start: 'live' } as const;
    expect(() => agent.conversation(chat.conversationId).messages(options)).toThrow(/settle is for the reader/);
  });
});
