import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation, ServeOptions } from '@lp/agent';
import { type Clock, systemClock } from '@lp/core';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';
import { RawRings } from '../support/raw-rings.ts';

// What is waited for between two tries is not waited for here.
const clock: Clock = {
  now: () => systemClock.now(),
  setTimer: (callback, delayMs, options) => systemClock.setTimer(callback, delayMs / 20, options),
};

let raw: RawPlatform;
let agent: Agent;
let stop: AbortController;
let served: Promise<void>;

beforeEach(async () => {
  raw = await RawPlatform.start();
  // A response is waited for as long as on any clock.
  agent = await raw.connect({ clock, requestTimeoutMs: 200_000 });
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

const echo = async (conversation: Conversation) => {
  for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
};

/** Serves, and resolves when rings are asked for. */
async function serve(options: ServeOptions = {}, handler = echo): Promise<void> {
  stop = new AbortController();
  served = agent.serve(handler, { auditIntervalMs: false, signal: stop.signal, ...options });
  served.catch(() => undefined);
  await until(() => raw.count('SubscribeRoutingTasks') > 0 && raw.count('SubscribeExConversations') > 0);
}

/** A conversation that nobody has, in which something was said. */
function waiting(id: string) {
  const conversation = { id, log: [], mine: false, closed: false };
  raw.conversations.set(id, conversation);
  raw.say(conversation, 'hello', { push: false });
  return conversation;
}

/** The first answers to each ring get this code. */
const failing = (code: number, times = 1) => {
  const tries = new Map<string, number>();
  return ({ ringId }: { ringId: string }) => {
    tries.set(ringId, (tries.get(ringId) ?? 0) + 1);
    return (tries.get(ringId) ?? 0) <= times ? code : undefined;
  };
};

describe('a place of `concurrency`', () => {
  it('is not taken twice by a conversation that is offered while it is handled', async () => {
    const handled = raw.open('handled');
    raw.say(handled, 'hi');
    const rings = new RawRings(raw);
    await serve({ concurrency: 2 });
    await until(() => raw.said(handled).length === 1);
    rings.ring('handled');
    await until(() => rings.answers.length === 1);
    const other = waiting('other');
    rings.ring('other');
    await until(() => raw.said(other).length === 1);
    expect(rings.answers).toEqual(['handled: ACCEPTED', 'other: ACCEPTED']);
  });

  it('is not taken twice by one whose accept is repeated', async () => {
    const fails = failing(500, 3);
    const rings = new RawRings(raw, (ring) => {
      const code = fails(ring);
      // The platform has done it all the same.
      if (ring.ringId !== 'one') return undefined;
      one.mine = true;
      raw.tell(one);
      return code;
    });
    await serve({ concurrency: 2 });
    const one = waiting('one');
    rings.ring('one');
    await until(() => rings.answers.length === 4);
    const two = waiting('two');
    rings.ring('two');
    await until(() => raw.said(two).length === 1);
    expect(rings.answers.at(-1)).toBe('two: ACCEPTED');
  });
});

describe('a ring', () => {
  it('that is told as waiting after it was accepted is accepted again: the answer was lost', async () => {
    const fails = failing(200);
    const rings = new RawRings(raw, fails);
    await serve({ concurrency: 1 });
    const conversation = waiting('lost');
    const ring = rings.ring('lost');
    await until(() => rings.answers.length === 1);
    await agent.getClock();
    rings.tell([ring]);
    await until(() => raw.said(conversation).length === 1);
    expect(rings.answers).toEqual(['lost: ACCEPTED', 'lost: ACCEPTED']);
  });

  it('that is told as waiting once more, but has ended or was taken, is answered once', async () => {
    const rings = new RawRings(raw);
    rings.tellsEnds = false;
    await serve();
    const conversation = waiting('taken');
    const taken = rings.ring('taken');
    await until(() => raw.said(conversation).length === 1);
    const gone = rings.ring('gone');
    await until(() => rings.answers.length === 2);
    await agent.getClock();
    rings.tell([taken, gone].map((ring) => ({ ...ring, state: 'WAITING' })));
    rings.tell([gone], 'DELETE');
    await new Promise((resolve) => clock.setTimer(() => resolve(undefined), 500));
    expect(rings.answers).toEqual(['taken: ACCEPTED', 'gone: ACCEPTED']);
  });

  it('that could not be rejected is rejected again', async () => {
    const rings = new RawRings(raw, failing(500));
    await serve({ skillIds: ['another'] });
    const ring = rings.ring('unwanted');
    await until(() => ring.state === 'REJECTED');
    expect(rings.answers).toEqual(['unwanted: REJECTED', 'unwanted: REJECTED']);
  });

  it.each([
    ['just past', () => Date.now() - 500],
    ['told in seconds', () => Math.floor(Date.now() / 1_000) + 72],
    ['a duration', () => 72_000],
  ])('whose end is %s is accepted again while it waits', async (_what, expires) => {
    const rings = new RawRings(raw, failing(500, 2));
    await serve();
    const conversation = waiting('odd');
    rings.ring('odd', { expires: expires() });
    await until(() => raw.said(conversation).length === 1);
    expect(rings.answers).toHaveLength(3);
  });

  it.each([
    ['in one notification', false],
    ['in one change', true],
  ])(
    'is answered though 1,100 come %s',
    async (_how, together) => {
      const rings = new RawRings(raw);
      await serve({ concurrency: 5_000 });
      rings.ringAll(
        Array.from({ length: 1_100 }, (_, n) => `c${n}`),
        { together },
      );
      await until(() => new Set(rings.answers).size === 1_100);
      expect(rings.answers.every((answer) => answer.endsWith('ACCEPTED'))).toBe(true);
    },
    60_000,
  );

  it('that nobody has read is dropped from a full stream, which says so', async () => {
    const rings = new RawRings(raw);
    const told = first(agent.status(), ({ type }) => type === 'slowConsumer');
    const reading = agent.rings({ capacity: 2 })[Symbol.asyncIterator]();
    const one = reading.next();
    await until(() => raw.count('SubscribeRoutingTasks') > 0);
    rings.ringAll(['a', 'b', 'c', 'd']);
    expect(await told).toMatchObject({ stream: 'rings' });
    expect((await one).value?.ringId).toBe('a');
    expect((await reading.next()).value?.ringId).toBe('c');
  });

  it('for a conversation whose handler has returned has it handled again, though its leaving was not told', async () => {
    const conversation = raw.open('back');
    raw.say(conversation, 'one');
    let runs = 0;
    const rings = new RawRings(raw);
    await serve({}, async (one) => {
      runs++;
      for await (const message of one.messages()) {
        await message.reply(`echo: ${message.text}`);
        return;
      }
    });
    await until(() => raw.said(conversation).length === 1);
    // What is told with each message is told again when it comes back, word for word.
    raw.tell(conversation);
    raw.tell(conversation);
    await agent.getClock();
    rings.ring('back');
    await until(() => runs === 2);
    expect(rings.answers).toEqual(['back: ACCEPTED']);
  });
});

describe('a late word of a ring', () => {
  it('that it waits does not have it given again, once it was told that it was taken', async () => {
    const rings = new RawRings(raw);
    rings.tellsEnds = false;
    const given: string[] = [];
    void (async () => {
      for await (const ring of agent.rings()) {
        given.push(ring.ringId);
        await ring.accept({ wait: false });
      }
    })();
    await until(() => raw.count('SubscribeRoutingTasks') > 0);
    const ring = rings.ring('one');
    await until(() => rings.answers.length === 1);
    rings.tell([ring]);
    rings.tell([{ ...ring, state: 'WAITING' }]);
    await new Promise((resolve) => clock.setTimer(() => resolve(undefined), 500));
    rings.ring('two');
    await until(() => given.length > 1);
    expect(given).toEqual(['one', 'two']);
  });

  it('has no handler run again that has returned, where the platform does not agree that it is taken', async () => {
    const rings = new RawRings(raw, () => 400);
    const conversation = raw.open('held');
    let runs = 0;
    await serve({}, async () => {
      runs++;
      return Promise.resolve();
    });
    await until(() => runs === 1);
    rings.ring('held');
    await until(() => rings.answers.length > 0);
    await agent.getClock();
    raw.say(conversation, 'hello');
    raw.tell(conversation);
    await agent.getClock();
    expect(runs).toBe(1);
  });
});

describe('a decision about a ring that is never made', () => {
  it('takes no place any more once the ring has gone', async () => {
    agent = await raw.connect();
    const rings = new RawRings(raw);
    const asked: string[] = [];
    const acceptRing = ({ ringId }: { ringId: string }) => {
      asked.push(ringId);
      return ringId === 'two' || new Promise<boolean>(() => undefined);
    };
    await serve({ concurrency: 1, acceptRing });
    const ring = rings.ring('one');
    await until(() => asked.length === 1);
    rings.tell([{ ...ring, state: 'EXPIRED' }]);
    await agent.getClock();
    const conversation = waiting('two');
    rings.ring('two');
    await until(() => raw.said(conversation).length === 1);
    expect(rings.answers).toEqual(['two: ACCEPTED']);
  });
});

describe('a ring whose accept is under way when serving stops', () => {
  it.each([
    ['is lost with the connection', true],
    ['does not come', false],
  ])('is given back, when the response %s', async (_what, isCut) => {
    agent = await raw.connect({ requestTimeoutMs: 200 });
    const rings = new RawRings(raw);
    await serve({ returnToQueue: true });
    const conversation = waiting('late');
    raw.hooks.set('UpdateRingState', () => {
      stop.abort();
      conversation.mine = true;
      if (isCut) raw.cut();
      return 'silent';
    });
    rings.ring('late');
    await served;
    expect(raw.requests.filter(({ type }) => type === 'UpdateConversationField')).toMatchObject([
      { request: { body: { conversationId: 'late' } } },
    ]);
  });

  it.each([
    ['has been told of', true],
    ['has not been told of', false],
  ])('is given back with the others, when its conversation %s', async (_what, isTold) => {
    const done: unknown[] = [];
    raw.hooks.set('UpdateConversationField', ({ body }) => void done.push(body.conversationId));
    const rings = new RawRings(raw);
    await serve({ returnToQueue: true });
    const conversation = waiting('late');
    let accept: () => void = () => undefined;
    raw.hooks.set('UpdateRingState', ({ id }, socket) => {
      accept = () => {
        conversation.mine = true;
        done.push('accepted');
        if (isTold) raw.tell(conversation);
        socket.send(JSON.stringify({ kind: 'resp', reqId: id, code: 200, type: 'r', body: 'OK' }));
      };
      return 'silent';
    });
    rings.ring('late');
    await until(() => raw.count('UpdateRingState') === 1);
    stop.abort();
    await agent.getClock();
    await agent.getClock();
    accept();
    await served;
    expect(done).toEqual(['accepted', 'late']);
  });

  it('is told as not given back, when the platform refuses that', async () => {
    raw.hooks.set('UpdateConversationField', () => ({ code: 403 }));
    const told = first(agent.status(), ({ type }) => type === 'notGivenBack');
    const rings = new RawRings(raw, () => {
      stop.abort();
      return undefined;
    });
    await serve({ returnToQueue: true });
    waiting('late');
    rings.ring('late');
    await served;
    expect(await told).toMatchObject({ conversationIds: ['late'] });
  });
});
