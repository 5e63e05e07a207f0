import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentOptions, Conversation, ServeOptions, StatusEvent } from '@lp/agent';
import { createManualClock } from '@lp/core';
import { RawPlatform, until } from '../support/raw-dialogs.ts';
import { RawRings } from '../support/raw-rings.ts';
import { writeFrame } from '../support/raw-server.ts';

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

  it('gives back what it holds although a list of others was read meanwhile', async () => {
    const { agent, served, stop, told } = await serve(3);
    platform.hooks.set('SubscribeExConversations', (_, socket) => {
      const subscriptionId = 'of others';
      const body = platform.changes(subscriptionId, []);
      const frame = { kind: 'notification', type: '.ams.aam.ExConversationChangeNotification', body };
      return { body: { subscriptionId }, after: () => writeFrame(socket, frame) };
    });
    for await (const _ of agent.conversations({ state: 'CLOSE', follow: false }));
    stop.abort();
    await served;
    expect(new Set(asked())).toEqual(new Set(['c0', 'c1', 'c2']));
    expect(told).toEqual([]);
  });

  it('gives back what another subscription has let go of, this agent being in it still', async () => {
    const { agent, conversations, served, stop } = await serve(1);
    const { changes } = platform.changes('of a colleague', conversations);
    const deleted = changes.map((change) => ({ ...change, type: 'DELETE' }));
    const body = { subscriptionId: 'of a colleague', changes: deleted };
    platform.notify('.ams.aam.ExConversationChangeNotification', body);
    await agent.getClock();
    expect(agent.conversation('c0').myRole).toBe('ASSIGNED_AGENT');
    stop.abort();
    await served;
    expect(asked()).toEqual(['c0']);
  });

  it('asks for others while some requests get no response', async () => {
    const clock = createManualClock();
    const silent = new Set<string>();
    platform.hooks.set(GIVE_BACK, ({ body: { conversationId = '' } }) => {
      if (silent.size >= 8 || silent.has(conversationId)) return undefined;
      silent.add(conversationId);
      return 'silent';
    });
    const { agent, served, stop, told } = await serve(20, { agent: { clock }, drainTimeoutMs: 0 });
    stop.abort();
    await until(() => asked().length === 8);
    await clock.advance(1_500);
    await until(() => new Set(asked()).size === 20);
    await clock.advance(1_000);
    await served;
    await agent.getClock();
    expect(asked()).toHaveLength(28);
    expect(told).toEqual([]);
  });

  it('takes it for a success that this agent is not in the conversation, after a response that was lost', async () => {
    platform.hooks.set(GIVE_BACK, () => {
      if (asked().length > 1) return { code: 400, body: 'Agent does not exist in conversation' };
      platform.cut();
      return 'silent';
    });
    const { agent, served, stop, told } = await serve(1);
    stop.abort();
    await served;
    await agent.getClock();
    expect(asked()).toEqual(['c0', 'c0']);
    expect(told).toEqual([]);
  });

  it('gives back what left and came back by a ring while its first handler was at work', async () => {
    const rings = new RawRings(platform);
    let finish: () => void = () => undefined;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const stop = new AbortController();
    const conversation = platform.open('c0');
    const agent = await platform.connect();
    let read = 0;
    const atWork = async (one: Conversation) => {
      for await (const _ of one.messages()) {
        read++;
        await work;
      }
    };
    const served = agent.serve(atWork, { returnToQueue: true, signal: stop.signal });
    platform.say(conversation, 'hello');
    await until(() => read === 1);
    conversation.mine = false;
    platform.tell(conversation);
    await agent.getClock();
    rings.ring('c0');
    await until(() => rings.answers.length === 1);
    await agent.getClock();
    stop.abort();
    finish();
    await served;
    expect(rings.answers).toEqual(['c0: ACCEPTED']);
    expect(asked()).toEqual(['c0']);
  });
});
