import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { type Clock, systemClock } from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';
import { writeFrame } from '../support/raw-server.ts';

const AT_ONCE = 2;
// What is waited for in vain for ten seconds is not waited for here, once the agent is connected.
const isLong = (delayMs: number) => hurries && delayMs === 10_000;
const clock: Clock = {
  now: () => systemClock.now(),
  setTimer: (callback, delayMs, options) => systemClock.setTimer(callback, isLong(delayMs) ? 20 : delayMs, options),
};

let raw: RawPlatform;
let hurries: boolean;

beforeEach(async () => {
  raw = await RawPlatform.start();
  hurries = false;
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

/** Tells two conversations at a time, the last changed first; nothing at all where the subscription's number is one of those. */
function loseFirstNotificationOf(...numbers: number[]): { maxLastUpdatedTime?: number }[] {
  const asked: { maxLastUpdatedTime?: number }[] = [];
  raw.hooks.set('SubscribeExConversations', ({ body }, socket) => {
    const filter = body as { maxLastUpdatedTime?: number };
    const number = asked.push(filter);
    const subscriptionId = `subscription-${number}`;
    const all = [...raw.conversations.values()].map((conversation, place) => ({ conversation, time: 1_000 + place }));
    const fitting = all.filter(({ time }) => time <= (filter.maxLastUpdatedTime ?? Number.POSITIVE_INFINITY));
    const page = fitting.reverse().slice(0, AT_ONCE);
    const { changes } = raw.changes(
      subscriptionId,
      page.map(({ conversation }) => conversation),
    );
    const told = changes.map((change, n) => ({
      ...change,
      result: { ...change.result, lastUpdateTime: page[n]?.time },
    }));
    const type = '.ams.aam.ExConversationChangeNotification';
    const notification = { kind: 'notification', type, body: { subscriptionId, changes: told } };
    const after = () => (numbers.includes(number) ? undefined : writeFrame(socket, notification));
    return { body: { subscriptionId }, after };
  });
  return asked;
}

async function connect(): Promise<Agent> {
  const agent = await raw.connect({ clock, requestTimeoutMs: 60_000 });
  hurries = true;
  return agent;
}

/** Serves so many conversations that have waited. */
async function serveWaiting(count: number): Promise<void> {
  for (let n = 0; n < count; n++) raw.say(raw.open(`c${n}`), 'hello');
  const agent = await connect();
  const answer = async (conversation: Conversation) => {
    for await (const message of conversation.messages()) await message.reply('hi');
  };
  void agent.serve(answer, { auditIntervalMs: false });
}

const allAnswered = () => [...raw.conversations.values()].every((conversation) => raw.said(conversation).length === 1);

describe('the first notification of a subscription, lost on a connection that lives', () => {
  it('is asked for again: conversations that wait for an answer may never change', async () => {
    loseFirstNotificationOf(1);
    await serveWaiting(2);
    await until(allAnswered);
    expect(raw.count('SubscribeExConversations')).toBeGreaterThan(1);
  });

  it('is asked for again when it is that of an older page', async () => {
    const asked = loseFirstNotificationOf(2);
    await serveWaiting(5);
    await until(allAnswered);
    expect(asked[1]?.maxLastUpdatedTime).toBe(asked[2]?.maxLastUpdatedTime);
  });

  it('is not asked for ever: there may be nothing to tell', async () => {
    const asked = loseFirstNotificationOf(1, 2, 3, 4, 5);
    const agent = await connect();
    const found: string[] = [];
    for await (const { conversationId } of agent.conversations({ follow: false })) found.push(conversationId);
    expect(found).toEqual([]);
    expect(asked).toHaveLength(3);
  });
});
