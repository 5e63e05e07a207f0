import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  type Conversation,
  createMemoryDialogStore,
  type DialogStore,
  defineData,
  type Failure,
  type Message,
  NotInConversationError,
  type StatusEvent,
} from '@lp/agent';
import { createManualClock } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import * as z from 'zod';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;
/** What a store keeps while one process follows the other. */
let store: DialogStore;

beforeEach(async () => {
  platform = await RawPlatform.start();
  const kept = createMemoryDialogStore();
  store = {
    load: (key) => kept.load(key),
    save: (key, record) => kept.save(key, record),
    delete: (key) => kept.delete(key),
  };
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const never = () => new Promise<never>(() => undefined);
const words = (raw: ReturnType<RawPlatform['open']>) => platform.said(raw).filter((text) => text !== undefined);

function told<T extends StatusEvent['type']>(agent: Agent, type: T): Promise<Extract<StatusEvent, { type: T }>> {
  return first(agent.status(), (event) => event.type === type) as Promise<Extract<StatusEvent, { type: T }>>;
}

describe('a message that kills the process', () => {
  let lives: number;

  beforeEach(() => {
    lives = 0;
  });

  /** A process that works until it gets the message, and is killed there; resolves with what it has told by then. */
  async function live(options: { onError?: (failure: Failure) => 'skip' | 'retry' } = {}): Promise<StatusEvent[]> {
    lives++;
    const agent = await platform.connect({ store });
    const events: StatusEvent[] = [];
    void (async () => {
      for await (const event of agent.status()) events.push(event);
    })();
    const over = createDeferred<void>();
    const serving = agent.serve(
      async (conversation: Conversation) => {
        for await (const message of conversation.messages()) {
          if (message.text === 'poison') {
            over.resolve();
            await never();
          }
          await message.reply(`echo: ${message.text}`);
          if (message.text === 'last') over.resolve();
        }
      },
      { maxAttempts: 3, drainTimeoutMs: 1, ...options },
    );
    await over.promise;
    await agent.getClock();
    agent.terminate();
    await serving;
    return events;
  }

  // verifies: failure:killed, error:handler-killed, killed:skipped
  it('is skipped after as many attempts as a handler has, and its neighbours are answered once', async () => {
    const raw = platform.open('d');
    for (const text of ['first', 'poison', 'last']) platform.say(raw, text);
    let skipped: StatusEvent | undefined;
    while (!words(raw).includes('echo: last')) {
      const events = await live();
      skipped = events.find(({ type }) => type === 'messageSkipped');
    }
    expect(words(raw)).toEqual(['echo: first', 'echo: last']);
    expect(skipped).toMatchObject({ sequence: 1, attempts: 3, error: { code: 'HANDLER_KILLED' } });
    // The first of them got it behind another message, which counts no attempt.
    expect(lives).toBe(5);
  });

  it('may be decided about, and is handed out again when that is wanted', async () => {
    const raw = platform.open('d');
    for (const text of ['poison', 'last']) platform.say(raw, text);
    for (let n = 0; n < 3; n++) await live();
    const failures: Failure[] = [];
    const onError = (failure: Failure) => {
      failures.push(failure);
      return failures.length === 1 ? ('retry' as const) : ('skip' as const);
    };
    await live({ onError });
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ attempt: 3, retryable: false, message: { text: 'poison' } });
    expect(words(raw)).toEqual([]);
  }, 15_000);

  // verifies: failure:patient
  it('is none that waits for an answer when it is killed', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'order');
    for (let n = 0; n < 5; n++) {
      const agent = await platform.connect({ store });
      const serving = agent.serve(
        async (conversation) => {
          for await (const message of conversation.messages()) {
            await message.reply(`Hello ${await conversation.ask('Name?')}`);
          }
        },
        { maxAttempts: 2, drainTimeoutMs: 1 },
      );
      await until(() => words(raw).length > 0);
      const key = { agentId: agent.agentId, dialogId: 'd' };
      // Begun, asked, and waiting.
      while ((await store.load(key))?.attempts !== 0) await agent.getClock();
      if (n === 4) {
        platform.say(raw, 'Ann');
        await until(() => words(raw).length > 1);
      }
      agent.terminate();
      await serving;
    }
    expect(words(raw)).toEqual(['Name?', 'Hello Ann']);
  });
});

describe('a handler that fails before it has a message', () => {
  it('tells messageSkipped without a sequence, and runs again with the next message', async () => {
    const raw = platform.open('d');
    const agent = await platform.connect();
    const skipped = told(agent, 'messageSkipped');
    let runs = 0;
    const stop = new AbortController();
    const serving = agent.serve(
      async (conversation) => {
        if (++runs === 1) throw new TypeError('no configuration');
        for await (const message of conversation.messages()) await message.reply('here');
      },
      {
        signal: stop.signal,
        // A decision of an async function needs no more than its text.
        onError: async () => {
          await agent.getClock();
          return 'skip';
        },
      },
    );
    expect(await skipped).toMatchObject({ conversationId: 'd', dialogId: 'd', sequence: -1, attempts: 1 });
    platform.say(raw, 'hello');
    await until(() => words(raw).length === 1);
    stop.abort();
    await serving;
    expect(runs).toBe(2);
  });
});

describe('handing over while an answer is being said', () => {
  // verifies: handoff:open
  it('tells its source to stop, and nobody minds its end', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'help');
    const agent = await platform.connect();
    const errors: StatusEvent[] = [];
    void (async () => {
      for await (const event of agent.status()) if (event.type === 'handlerError') errors.push(event);
    })();
    platform.hooks.set('UpdateConversationField', () => {
      raw.mine = false;
      return { after: () => platform.tell(raw) };
    });
    const stop = new AbortController();
    const done = createDeferred<unknown[]>();
    const serving = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          const begun = createDeferred<AbortSignal>();
          const replying = message.reply(({ signal }) => {
            begun.resolve(signal);
            return (async function* () {
              yield 'half a ';
              await never();
            })();
          });
          const signal = await begun.promise;
          const say = async function* () {
            yield 'A colleague ';
            yield 'takes over.';
          };
          await conversation.handOff({ skillId: '2' }, { say: () => say() });
          done.resolve([signal.reason, await replying.catch((error: unknown) => error)]);
        }
      },
      { signal: stop.signal },
    );
    const [reason, rejection] = await done.promise;
    expect(reason).toBeInstanceOf(NotInConversationError);
    expect(rejection).toBe(reason);
    await agent.getClock();
    stop.abort();
    await serving;
    expect(words(raw)).toEqual(['A colleague takes over.']);
    expect(errors).toEqual([]);
  });
});

describe('questions and much else', () => {
  it('refuse a loop that begins while one before it is open, which goes on', async () => {
    const raw = platform.open('d');
    const conversation = (await platform.connect()).conversation('d');
    const asked = conversation.ask('Language?');
    await until(() => words(raw).length === 1);
    const loop = conversation.messages()[Symbol.asyncIterator]();
    await expect(loop.next()).rejects.toThrow(/a question is open in dialog d: await it/);
    platform.say(raw, 'English');
    expect(await asked).toBe('English');
    platform.say(raw, 'hi');
    expect((await first(conversation.messages())).text).toBe('hi');
  });

  // verifies: ask:beyond
  it('find an answer behind more messages than there is room for, live and after a restart', async () => {
    const raw = platform.open('d');
    for (let n = 0; n < 40; n++) platform.say(raw, `${n}`);
    const open = async () => {
      const conversation = (await platform.connect()).conversation('d');
      const loop = conversation.messages({ capacity: 4 })[Symbol.asyncIterator]();
      expect((await loop.next()).value?.text).toBe('0');
      return { conversation, loop };
    };
    const { conversation, loop } = await open();
    const asked = conversation.ask('Name?');
    await until(() => words(raw).length === 1);
    platform.say(raw, 'Ann');
    platform.say(raw, 'later');
    expect(await asked).toBe('Ann');
    const other = await open();
    expect(await other.conversation.ask('Name?')).toBe('Ann');
    const texts: (string | undefined)[] = [];
    while (texts.at(-1) !== 'later') texts.push((await loop.next()).value?.text);
    expect(texts).toEqual([...Array.from({ length: 39 }, (_, n) => `${n + 1}`), 'later']);
  });

  it('keep the place back while more answers lie ahead of an open message than a record holds', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'form');
    platform.say(raw, 'by the way');
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const conversation = agent.conversation('d');
    const loop = conversation.messages()[Symbol.asyncIterator]();
    await loop.next();
    for (let n = 0; n < 70; n++) {
      const asked = conversation.ask(`${n}?`);
      await until(() => words(raw).length === n + 1);
      platform.say(raw, `answer ${n}`);
      expect(await asked).toBe(`answer ${n}`);
    }
    expect((await loop.next()).value?.text).toBe('by the way');
    const key = { agentId: agent.agentId, dialogId: 'd' };
    expect([await store.load(key), platform.read(raw)]).toEqual([undefined, []]);
    platform.say(raw, 'next');
    expect((await loop.next()).value?.text).toBe('next');
    expect(await store.load(key)).toMatchObject({ ahead: [] });
    await until(() => platform.read(raw).length === 72);
  });
});

describe('a history that leaves metadata out', () => {
  const paragraphs = ['a', 'b', 'c'].map((letter) => letter.repeat(220));

  // verifies: killed:place
  it('tells what was said by its place, with a store that lasts', async () => {
    platform.keepsMetadata = false;
    const raw = platform.open('d');
    platform.say(raw, 'order');
    const said: string[] = [];
    const run = async (life: number, parts: number): Promise<void> => {
      const agent = await platform.connect({ store });
      const over = createDeferred<void>();
      const serving = agent.serve(
        async (conversation) => {
          for await (const message of conversation.messages()) {
            await message.reply(`Hello in life ${life}`);
            const name = await conversation.ask(`Name? (${life})`);
            await message.reply(
              ({ said: before }) => {
                said.push(before);
                return (async function* () {
                  for (let n = before === '' ? 0 : before.split('\n\n').length; n < 3; n++) {
                    if (n >= parts) {
                      over.resolve();
                      await never();
                    }
                    yield `${paragraphs[n]} ${name} ${life}\n\n`;
                  }
                  over.resolve();
                })();
              },
              { deliver: 'paragraphs' },
            );
            over.resolve();
          }
        },
        { drainTimeoutMs: 1 },
      );
      if (life === 1) {
        await until(() => words(raw).length === 2);
        platform.say(raw, 'Ann');
      }
      await over.promise;
      if (life === 3) await until(() => words(raw).length === 5);
      agent.terminate();
      await serving;
    };
    await run(1, 2);
    await run(2, 2);
    await run(3, 3);
    expect(words(raw)).toEqual([
      'Hello in life 1',
      'Name? (1)',
      `${paragraphs[0]} Ann 1`,
      `${paragraphs[1]} Ann 3`,
      `${paragraphs[2]} Ann 3`,
    ]);
    expect(said).toEqual(['', `${paragraphs[0]} Ann 1`, `${paragraphs[0]} Ann 1`]);
  });

  // verifies: killed:unnamed
  it('takes nothing for a reply that the body before has said in a life before its last', async () => {
    platform.keepsMetadata = false;
    const raw = platform.open('d');
    for (const text of ['zero', 'order', 'by the way']) platform.say(raw, text);
    const live = async (saves: boolean, work: (loop: AsyncIterator<Message>) => Promise<unknown>) => {
      const kept = saves ? store : { ...store, save: () => never() };
      const agent = await platform.connect({ store: kept });
      await work(agent.conversation('d').messages()[Symbol.asyncIterator]());
      agent.terminate();
    };
    const next = async (loop: AsyncIterator<Message>) => (await loop.next()).value as Message;
    // From here on the store knows the dialog.
    await live(true, async (loop) => {
      await (await next(loop)).reply('echo: zero');
      await next(loop);
    });
    // Killed when it has said all, and before that is written.
    await live(false, async (loop) => {
      const order = await next(loop);
      for (const text of ['one', 'two', 'three']) await order.reply(text);
    });
    // Finds it, and is killed when that is written.
    await live(true, async (loop) => {
      const order = await next(loop);
      for (const text of ['one', 'two', 'three']) expect(await order.reply(text)).toMatchObject({ repeated: true });
      expect((await next(loop)).text).toBe('by the way');
    });
    await live(true, async (loop) => {
      expect(await (await next(loop)).reply('echo: by the way')).toMatchObject({ repeated: false });
    });
    expect(words(raw)).toEqual(['echo: zero', 'one', 'two', 'three', 'echo: by the way']);
  });

  it('takes nothing for a reply that was sent without a name before it, by the same body or the one before', async () => {
    platform.keepsMetadata = false;
    const raw = platform.open('d');
    platform.say(raw, 'zero');
    platform.say(raw, 'one');
    const begin = async () => {
      const agent = await platform.connect({ store });
      return { agent, loop: agent.conversation('d').messages()[Symbol.asyncIterator]() };
    };
    const first = await begin();
    const zero = (await first.loop.next()).value;
    await zero?.reply('answer to zero');
    await first.agent.conversation('d').send('note on zero');
    // Killed before it says anything to the next one.
    await first.loop.next();
    first.agent.terminate();
    // Killed between what it sends and what it replies, twice.
    for (const _ of [1, 2]) {
      const killed = await begin();
      await killed.loop.next();
      await killed.agent.conversation('d').send('note on one');
      killed.agent.terminate();
    }
    const second = await begin();
    const one = (await second.loop.next()).value;
    await second.agent.conversation('d').send('note on one', { confirm: true });
    await second.agent.conversation('d').send('note on one');
    expect(await one?.reply('answer to one')).toMatchObject({ repeated: false });
    second.agent.terminate();
    const third = await begin();
    const again = (await third.loop.next()).value;
    await third.agent.conversation('d').send('note on one');
    await third.agent.conversation('d').send('note on one');
    expect(await again?.reply('other words')).toMatchObject({ repeated: true, text: 'other words' });
    expect(words(raw).filter((text) => text !== 'note on one')).toEqual([
      'answer to zero',
      'note on zero',
      'answer to one',
    ]);
  });

  it('is no guess where the history keeps ids: what was sent without one is nobody’s answer', async () => {
    const raw = platform.open('d');
    platform.say(raw, 'one');
    for (const life of [1, 2]) {
      const agent = await platform.connect({ store });
      const loop = agent.conversation('d').messages()[Symbol.asyncIterator]();
      const message = (await loop.next()).value;
      if (life === 1) await message?.reply('answer');
      await agent.conversation('d').send(`note ${life}`);
      if (life === 2) await message?.reply('another');
      agent.terminate();
    }
    expect(words(raw)).toEqual(['answer', 'note 1', 'note 2']);
  });
});

describe('data whose save fails', () => {
  const Counter = defineData({
    name: 'counter',
    version: 1,
    schema: z.object({ n: z.number() }),
    initial: () => ({ n: 0 }),
  });

  it('are tried again for 30 s, then the body has failed; a position alone holds nothing up', async () => {
    const clock = createManualClock();
    const inner = createMemoryDialogStore();
    let fails = true;
    let saves = 0;
    const store: DialogStore = {
      load: (key) => inner.load(key),
      save: async (key, record) => {
        saves++;
        if (fails) throw new Error('disk full');
        await inner.save(key, record);
      },
      delete: (key) => inner.delete(key),
    };
    const agent = await platform.connect({ store, clock });
    const raw = platform.open('d');
    for (const text of ['one', 'two', 'three']) platform.say(raw, text);
    const conversation = agent.conversation('d');
    const loop = conversation.messages()[Symbol.asyncIterator]();
    await loop.next();
    await loop.next();
    expect(saves).toBe(1);
    (await conversation.data(Counter)).n = 1;
    let failed: unknown;
    loop.next().catch((error: unknown) => (failed = error));
    for (let second = 0; second < 25; second++) await clock.advance(1_000);
    expect([failed, saves > 5]).toEqual([undefined, true]);
    for (let second = 0; second < 10; second++) await clock.advance(1_000);
    await until(() => failed !== undefined);
    expect(failed).toMatchObject({ message: 'disk full' });
    fails = false;
    const another = agent.conversation('d');
    const again = another.messages()[Symbol.asyncIterator]();
    // The first was marked READ, which is all that is known of it.
    expect((await again.next()).value?.text).toBe('two');
    expect(await another.data(Counter)).toEqual({ n: 0 });
  });
});
