import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentOptions, Conversation, ServeOptions, StatusEvent } from '@lp/agent';
import { createManualClock } from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;

beforeEach(async () => {
  platform = await RawPlatform.start();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const GIVE_BACK = 'UpdateConversationField';
const busy = { code: 429, body: 'too many requests' } as const;

/** The conversations that the bot has asked to give back, each as often as it has. */
const asked = () =>
  platform.requests.flatMap(({ type, request }) => (type === GIVE_BACK ? [request.body.conversationId ?? ''] : []));

/** Serves as many conversations, until it is stopped; tells what was told of those that stayed. */
async function serve(
  count: number,
  { agent: agentOptions, ...options }: ServeOptions & { agent?: Partial<AgentOptions> } = {},
) {
  const conversations = Array.from({ length: count }, (_, i) => platform.open(`c${i}`));
  const agent = await platform.connect(agentOptions);
  const told: StatusEvent[] = [];
  const status = agent.status();
  void (async () => {
    for await (const event of status) if (event.type === 'notGivenBack') told.push(event);
  })();
  const running = new Set<string>();
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation: Conversation) => {
      running.add(conversation.conversationId);
      for await (const message of conversation.messages()) await message.markRead();
    },
    { returnToQueue: true, concurrency: 500, signal: stop.signal, ...options },
  );
  await until(() => running.size === count);
  return { agent, conversations, served, stop, told };
}

describe('giving conversations back to their queue', () => {
  it('asks for a few at a time', async () => {
    let open = 0;
    let most = 0;
    platform.hooks.set(GIVE_BACK, (request, socket) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        socket.send(JSON.stringify({ kind: 'resp', reqId: request.id, code: 200, type: 'r', body: 'OK' }));
      }, 2);
      return 'silent';
    });
    const { served, stop, told } = await serve(40);
    stop.abort();
    await served;
    expect(new Set(asked()).size).toBe(40);
    expect(most).toBeLessThanOrEqual(8);
    expect(told).toEqual([]);
  });

  it('asks again for what was refused for now, and for nothing twice that was not', async () => {
    const refused = new Set<string>();
    platform.hooks.set(GIVE_BACK, ({ body: { conversationId = '' } }) => {
      if (refused.size >= 12 || refused.has(conversationId)) return undefined;
      refused.add(conversationId);
      return refused.size % 2 === 0 ? busy : { code: 503, body: 'later' };
    });
    const { served, stop, told } = await serve(20);
    stop.abort();
    await served;
    expect(asked()).toHaveLength(32);
    expect(new Set(asked()).size).toBe(20);
    expect(told).toEqual([]);
  });

  // verifies: status:not-given-back
  it('tells of those that are refused for good at once, and gives the others back', async () => {
    platform.hooks.set(GIVE_BACK, ({ body }) => (body.conversationId === 'c1' ? { code: 403, body: 'no' } : undefined));
    const { agent, served, stop, told } = await serve(3);
    stop.abort();
    await served;
    await agent.getClock();
    expect(new Set(asked())).toEqual(new Set(['c0', 'c1', 'c2']));
    expect(told).toMatchObject([{ conversationIds: ['c1'], error: { code: 'REQUEST_REJECTED', status: 403 } }]);
  });

  // verifies: status:not-given-back
  it('ends 5 seconds after the time of the handlers, and tells of those that are left; none takes the turn of another', async () => {
    const clock = createManualClock();
    platform.hooks.set(GIVE_BACK, ({ body }) => (Number(body.conversationId?.slice(1)) < 9 ? busy : undefined));
    const { agent, served, stop, told } = await serve(12, { agent: { clock }, drainTimeoutMs: 1_000 });
    let ended = false;
    void served.then(() => (ended = true));
    stop.abort();
    await until(() => new Set(asked()).size === 12);
    await clock.advance(5_900);
    expect(ended).toBe(false);
    await clock.advance(100);
    await served;
    await agent.getClock();
    expect(told).toHaveLength(1);
    expect(told).toMatchObject([{ error: { code: 'REQUEST_REJECTED', status: 429 } }]);
    const { conversationIds } = told[0] as Extract<StatusEvent, { type: 'notGivenBack' }>;
    expect(conversationIds.toSorted()).toEqual(Array.from({ length: 9 }, (_, i) => `c${i}`));
  });

  // verifies: status:not-given-back
  it('is not held up by a platform that is silent', async () => {
    const clock = createManualClock();
    platform.hooks.set(GIVE_BACK, () => 'silent');
    const { agent, served, stop, told } = await serve(10, { agent: { clock }, drainTimeoutMs: 0 });
    stop.abort();
    await until(() => asked().length === 8);
    await clock.advance(5_000);
    await served;
    await agent.getClock();
    expect(told).toMatchObject([{ conversationIds: { length: 10 } }]);
  });

  it('leaves alone what has ended or left meanwhile', async () => {
    platform.hooks.set(GIVE_BACK, () => busy);
    const { conversations, served, stop, told } = await serve(2);
    stop.abort();
    await until(() => new Set(asked()).size === 2);
    for (const conversation of conversations) platform.close(conversation);
    await served;
    expect(told).toEqual([]);
  });
});
