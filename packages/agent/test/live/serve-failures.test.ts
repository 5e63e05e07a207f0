import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Agent, Conversation, CursorStore, Failure, ServeOptions, StatusEvent } from '@lp/agent';
import { ConfigError, FencedError } from '@lp/core';
import { first, startOnline, type TestPlatform } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  ({ agent, platform } = await startOnline());
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const chatWith = (message: string) => platform.simulator.consumer().startConversation({ message });

/** Echoes; throws what `fail` gives for a text. */
const echoUnless = (fail: (text: string) => unknown) => async (conversation: Conversation) => {
  for await (const { text = '' } of conversation.messages()) {
    const error = fail(text);
    if (error !== undefined) throw error;
    await conversation.send(`echo: ${text}`);
  }
};

const told = <T extends StatusEvent['type']>(type: T, from: Agent = agent) =>
  first(from.status(), (event) => event.type === type) as Promise<Extract<StatusEvent, { type: T }>>;

const accepts = () =>
  platform.simulator.recentFrames.filter(
    ({ direction, text }) => direction === 'in' && text.includes('UpdateRingState') && text.includes('ACCEPTED'),
  );

describe('serving', () => {
  it('goes on when a response to its subscriptions cannot be read', async () => {
    await using raw = await RawPlatform.start();
    const odd = { SubscribeExConversations: 0, SubscribeRoutingTasks: 0 };
    for (const name of Object.keys(odd) as (keyof typeof odd)[]) {
      raw.hooks.set(name, () => (odd[name]++ < 2 ? { body: { subscriptionId: { odd: 1 } } } : undefined));
    }
    const dialog = raw.open('d');
    raw.say(dialog, 'hi');
    const serving = await raw.connect();
    void serving.serve(echoUnless(() => undefined));
    await until(() => raw.said(dialog).length > 0);
    expect(raw.said(dialog)).toEqual(['echo: hi']);
  });
});

describe('a handler that fails', () => {
  const trap = () => {
    throw new Error('a trap');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  it.each<[string, unknown]>([
    ['a proxy that lets nothing be read', new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap })],
    ['a revoked proxy', revoked.proxy],
    ['an error whose message cannot be read', Object.defineProperty(new Error('x'), 'message', { get: trap })],
    ['an error whose code cannot be read', Object.defineProperty(new Error('x'), 'code', { get: trap })],
    ['an error whose name is a symbol', Object.defineProperty(new Error('x'), 'name', { value: Symbol('name') })],
  ])('with %s is told, and the next message is answered', async (_what, thrown) => {
    const failed = told('handlerError');
    void agent.serve(
      echoUnless((text) => (text === 'poison' ? thrown : undefined)),
      { maxAttempts: 1 },
    );
    const chat = await chatWith('poison');
    await chat.say('two');
    expect((await chat.next()).text).toBe('echo: two');
    expect((await failed).error).toBeInstanceOf(Error);
  });

  // verifies: status:message-skipped, failure:skip
  it('for good skips its message, and answers those before and behind it once', async () => {
    const skipped = told('messageSkipped');
    const serving = agent.serve(echoUnless((text) => (text === 'poison' ? new ConfigError('too long') : undefined)));
    const chat = await chatWith('one');
    await chat.next();
    await chat.say('poison');
    await chat.say('three');
    expect((await chat.next()).text).toBe('echo: three');
    const { conversationId } = chat;
    expect(await skipped).toMatchObject({
      conversationId,
      dialogId: conversationId,
      attempts: 1,
      error: { code: 'CONFIG_INVALID' },
    });
    await agent.close();
    await serving;
    expect(chat.transcript.filter(({ from }) => from === 'agent')).toHaveLength(2);
  });

  it('as its question in another conversation has ended goes on with the next message of its own', async () => {
    await using raw = await RawPlatform.start();
    const [own, supervisor] = [raw.open('own'), raw.open('supervisor')];
    for (const text of ['refund', 'hello?']) raw.say(own, text);
    const serving = await raw.connect();
    const skipped = told('messageSkipped', serving);
    void serving.serve(async (conversation) => {
      if (conversation.conversationId === supervisor.id) return;
      for await (const message of conversation.messages()) {
        if (message.text === 'refund') await serving.conversation(supervisor.id).ask('May I?');
        await message.reply(`echo: ${message.text}`);
      }
    });
    await until(() => raw.said(supervisor).length > 0);
    raw.close(supervisor);
    expect(await skipped).toMatchObject({ conversationId: 'own', error: { code: 'NO_ANSWER' } });
    await until(() => raw.said(own).length > 0);
    expect(raw.said(own)).toEqual(['echo: hello?']);
  });

  // verifies: failure:retry
  it('with a bug is tried so many times, and then skips', async () => {
    const seen: string[] = [];
    const skipped = told('messageSkipped');
    void agent.serve(
      echoUnless((text) => {
        seen.push(text);
        return text === 'poison' ? new TypeError('bug') : undefined;
      }),
      { maxAttempts: 2 },
    );
    const chat = await chatWith('poison');
    await chat.say('next');
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: next');
    expect(await skipped).toMatchObject({ attempts: 2 });
    expect(seen).toEqual(['poison', 'poison', 'next']);
  });

  it('is put to onError with all that is known, and begins to count anew where it gets further', async () => {
    const failures: Failure[] = [];
    const serving = agent.serve(
      echoUnless((text) => (text.startsWith('bad') ? new Error(text) : undefined)),
      {
        onError(failure) {
          failures.push(failure);
          return failure.attempt < 2 ? 'retry' : 'skip';
        },
      },
    );
    const chat = await chatWith('bad 1');
    await chat.say('bad 2');
    await chat.say('good');
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: good');
    expect(failures.map(({ attempt, message, retryable }) => [attempt, message?.text, retryable])).toEqual([
      [1, 'bad 1', true],
      [2, 'bad 1', true],
      [1, 'bad 2', true],
      [2, 'bad 2', true],
    ]);
    expect(failures[0]?.conversation.conversationId).toBe(chat.conversationId);
    await agent.close();
    await serving;
  });

  it('may say something in onError before it skips', async () => {
    void agent.serve(
      echoUnless((text) => (text === 'poison' ? new Error('bug') : undefined)),
      {
        async onError({ conversation }) {
          await conversation.send('sorry');
          return 'skip' as const;
        },
      },
    );
    const chat = await chatWith('poison');
    expect((await chat.next()).text).toBe('sorry');
    await chat.say('next');
    expect((await chat.next()).text).toBe('echo: next');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('decision failed'))],
    ['gives nonsense', () => 'perhaps' as never],
  ] satisfies [string, ServeOptions['onError']][])('is skipped when onError %s', async (_what, onError) => {
    const skipped = told('messageSkipped');
    void agent.serve(
      echoUnless((text) => (text === 'poison' ? new Error('bug') : undefined)),
      { onError },
    );
    const chat = await chatWith('poison');
    expect((await skipped).error.cause).toBeInstanceOf(Error);
    await chat.say('next');
    expect((await chat.next()).text).toBe('echo: next');
  });

  // verifies: failure:stop
  it('ends serving when stop is decided, with its error', async () => {
    const error = new Error('the database is gone');
    const serving = agent.serve(
      echoUnless(() => error),
      { onError: () => 'stop' },
    );
    await chatWith('hi');
    await expect(serving).rejects.toBe(error);
    expect(agent.state).toBe('connected');
  });

  it('before it has given a promise fails as one whose promise rejects', async () => {
    const error = new TypeError('thrown at once');
    const serving = agent.serve(
      () => {
        throw error;
      },
      { onError: () => 'stop' },
    );
    const ended = expect(serving).rejects.toBe(error);
    await chatWith('hi');
    await ended;
  });

  it('before it has a message runs again when the next one comes, not at once', async () => {
    let runs = 0;
    const failed = told('handlerError');
    void agent.serve(async (conversation) => {
      if (runs++ === 0) throw new ConfigError('not configured');
      await echoUnless(() => undefined)(conversation);
    });
    const chat = await chatWith('one');
    await failed;
    await chat.say('two');
    expect((await chat.next()).text).toBe('echo: one');
    expect((await chat.next()).text).toBe('echo: two');
    expect(runs).toBe(2);
  });

  // verifies: failure:retry
  it.each([400, 401, 403, 404, 408, 409])(
    'is run again with no word of the consumer when the history was refused with %i',
    async (code) => {
      await using raw = await RawPlatform.start();
      raw.hooks.set('QueryMessages', () => (raw.count('QueryMessages') === 1 ? { code, body: 'no' } : undefined));
      const dialog = raw.open('d');
      raw.say(dialog, 'hi');
      const serving = await raw.connect();
      void serving.serve(echoUnless(() => undefined));
      await until(() => raw.said(dialog).length > 0);
      expect(raw.said(dialog)).toEqual(['echo: hi']);
    },
  );

  it('is run again when the history is refused after each reconnect, and a message was handled between', async () => {
    await using raw = await RawPlatform.start();
    const dialog = raw.open('d');
    const serving = await raw.connect();
    void serving.serve(
      echoUnless(() => undefined),
      { maxAttempts: 2 },
    );
    for (const text of ['one', 'two', 'three']) {
      raw.say(dialog, text, { push: text === 'one' });
      await until(() => raw.said(dialog).includes(`echo: ${text}`));
      let refused = false;
      raw.hooks.set('QueryMessages', () => {
        if (refused) return undefined;
        refused = true;
        return { code: 403, body: 'no' };
      });
      raw.cut();
      await until(() => refused);
    }
    raw.say(dialog, 'four', { push: false });
    await until(() => raw.said(dialog).length === 4);
    expect(raw.said(dialog)).toEqual(['echo: one', 'echo: two', 'echo: three', 'echo: four']);
  });

  it('is given up until the next message when the history is refused again and again', async () => {
    await using raw = await RawPlatform.start();
    let refused = 0;
    raw.hooks.set('QueryMessages', () => (refused++ < 4 ? { code: 403, body: 'no' } : undefined));
    const dialog = raw.open('d');
    raw.say(dialog, 'one');
    const serving = await raw.connect();
    const skipped = told('messageSkipped', serving);
    void serving.serve(
      echoUnless(() => undefined),
      { maxAttempts: 2 },
    );
    expect(await skipped).toMatchObject({ sequence: -1, attempts: 2 });
    expect(refused).toBe(2);
    raw.say(dialog, 'two');
    const again = told('messageSkipped', serving);
    expect(await again).toMatchObject({ sequence: -1, attempts: 2 });
    raw.say(dialog, 'three');
    await until(() => raw.said(dialog).length === 3);
    expect(raw.said(dialog)).toEqual(['echo: one', 'echo: two', 'echo: three']);
  });

  it("decides nothing while the agent closes: the message is the next process's", async () => {
    const decided: unknown[] = [];
    const serving = agent.serve(
      async (conversation) => {
        for await (const _ of conversation.messages()) {
          await agent.close();
          throw new Error('closed');
        }
      },
      { onError: (failure) => void decided.push(failure) as never },
    );
    await chatWith('hi');
    await serving;
    expect(decided).toEqual([]);
  });
});

describe('a store that fails', () => {
  const store = (set: CursorStore['set']): CursorStore => ({ get: () => undefined, set });

  it('takes no rings until it works again', async () => {
    let broken = true;
    const own = await platform.connect({
      cursors: store(async () => {
        if (broken) throw new Error('disk full');
      }),
    });
    await agent.setAgentState({ availability: 'AWAY' });
    await own.setAgentState({ availability: 'ONLINE' });
    const failed = told('handlerError', own);
    void own.serve(echoUnless(() => undefined));
    const chat = await chatWith('one');
    await chat.next();
    await chat.say('two');
    expect(await failed).toMatchObject({ where: 'cursors.set' });
    await chat.next();
    const before = accepts().length;
    const tasks = own.routingTasks();
    const waiting = await chatWith('anybody?');
    await first(tasks, ({ result }) => result.conversationId === waiting.conversationId);
    await own.getClock();
    expect(accepts()).toHaveLength(before);
    broken = false;
    await chat.say('three');
    await chat.say('four');
    expect((await waiting.next({ timeoutMs: 15_000 })).text).toBe('echo: anybody?');
  });

  it('ends serving when another process has taken it over', async () => {
    const own = await platform.connect({
      cursors: store(() => Promise.reject(new FencedError('taken over'))),
    });
    await agent.setAgentState({ availability: 'AWAY' });
    await own.setAgentState({ availability: 'ONLINE' });
    const serving = own.serve(echoUnless(() => undefined));
    const chat = await chatWith('one');
    await chat.say('two');
    await expect(serving).rejects.toBeInstanceOf(FencedError);
  });
});

describe('the context of serve()', () => {
  const context = new AsyncLocalStorage<string>();

  it('is that of its handlers, also after a reconnect and for rings that others caused', async () => {
    const seen: (string | undefined)[] = [];
    context.run('serve', () => {
      void agent.serve(async (conversation) => {
        seen.push(context.getStore());
        for await (const { text } of conversation.messages()) {
          seen.push(context.getStore());
          await conversation.send(`echo: ${text}`);
          seen.push(context.getStore());
        }
      });
    });
    const chat = await context.run('consumer', () => chatWith('one'));
    await chat.next();
    const status = agent.status();
    platform.simulator.faults.dropAll();
    await first(status, ({ type }) => type === 'reconnected');
    await context.run('state', () => agent.setAgentState({ availability: 'ONLINE' }));
    const late = await context.run('consumer', () => chatWith('two'));
    await late.next();
    // What follows the second send may still be under way.
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(new Set(seen)).toEqual(new Set(['serve']));
  });
});

describe('serving', () => {
  it('twice at once is refused and disturbs nothing; when the first has ended another may begin', async () => {
    const stop = new AbortController();
    const one = agent.serve(
      echoUnless(() => undefined),
      { signal: stop.signal },
    );
    await expect(agent.serve(echoUnless(() => undefined))).rejects.toThrow(ConfigError);
    const chat = await chatWith('hi');
    expect((await chat.next()).text).toBe('echo: hi');
    stop.abort();
    await one;
    void agent.serve(echoUnless(() => undefined));
    await chat.say('again');
    expect((await chat.next()).text).toBe('echo: again');
    expect(chat.transcript.filter(({ from }) => from === 'agent')).toHaveLength(2);
  });

  it('ends without an error when the agent is closed before it has begun', async () => {
    const serving = agent.serve(echoUnless(() => undefined));
    await agent.close();
    await expect(serving).resolves.toBeUndefined();
  });

  // verifies: feeds:work, feeds:history
  it('asks for its conversations once', async () => {
    void agent.serve(
      echoUnless(() => undefined),
      { auditIntervalMs: false },
    );
    const chat = await chatWith('hi');
    await chat.next();
    const asked = platform.simulator.recentFrames.filter(
      ({ direction, type = '' }) => direction === 'in' && type.endsWith('.SubscribeExConversations'),
    );
    const filters = asked.map(({ frame }) => JSON.stringify(frame?.body));
    expect(new Set(filters).size).toBe(filters.length);
  });

  // verifies: status:capacity
  it('tells when it is full, and when there is room again', async () => {
    const full = first(agent.status(), (event) => event.type === 'capacity' && event.level === 'full');
    const room = first(agent.status(), (event) => event.type === 'capacity' && event.level === 'room');
    void agent.serve(
      echoUnless(() => undefined),
      { concurrency: 1 },
    );
    const chat = await chatWith('hi');
    expect(await full).toMatchObject({ conversations: 1, concurrency: 1 });
    await chat.next();
    await chat.close();
    expect(await room).toMatchObject({ conversations: 0 });
  });
});

describe('a ring whose acceptance failed', () => {
  it.each([
    ['answered 500', () => platform.simulator.faults.failRequests('UpdateRingState', 500, { times: 2 })],
    ['answered 503', () => platform.simulator.faults.failRequests('UpdateRingState', 503, { times: 1 })],
    ['answered 429', () => platform.simulator.faults.failRequests('UpdateRingState', 429, { times: 1 })],
    [
      'answered 400 by something on the way',
      () => platform.simulator.faults.failRequests('UpdateRingState', 400, { times: 1 }),
    ],
    ['refused five times', () => platform.simulator.faults.failRequests('UpdateRingState', 403, { times: 5 })],
  ])('%s is accepted again', async (_what, strike) => {
    jest.spyOn(Math, 'random').mockReturnValue(0.02);
    void agent.serve(echoUnless(() => undefined));
    strike();
    const chat = await chatWith('anybody there?');
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe('echo: anybody there?');
  });

  it('is offered again to who reads rings', async () => {
    platform.simulator.faults.failRequests('UpdateRingState', 500, { times: 1 });
    const rings = agent.rings()[Symbol.asyncIterator]();
    const offered = rings.next();
    await platform.simulator.waitForRequest('SubscribeRoutingTasks');
    await chatWith('hi');
    const ring = (await offered).value;
    await expect(ring?.accept()).rejects.toMatchObject({ status: 500 });
    const again = rings.next();
    await agent.subscribeRoutingTasks();
    expect((await again).value?.ringId).toBe(ring?.ringId);
    await rings.return?.();
  });

  it('is left when the platform tells that it is gone', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.02);
    platform.simulator.faults.failRequests('UpdateRingState', 400);
    void agent.serve(echoUnless(() => undefined));
    const chat = await chatWith('hi');
    for (let n = 0; n < 4; n++) await platform.simulator.waitForRequest('UpdateRingState');
    await chat.close();
    await agent.getClock();
    const tried = accepts().length;
    await pause(50);
    expect(accepts()).toHaveLength(tried);
  });
});
