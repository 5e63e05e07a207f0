import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Conversation,
  createFileCursorStore,
  createFileDialogStore,
  createMemoryDialogStore,
  type DialogStore,
  type Message,
} from '@lp/agent';
import { ConfigError, createManualClock, FencedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { first, readAll, take } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;
let folder: string;

beforeEach(async () => {
  platform = await RawPlatform.start();
  folder = mkdtempSync(join(tmpdir(), 'lp-inbox-'));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const texts = (messages: readonly Message[]) => messages.map(({ text }) => text);

describe('the reader that handles a dialog', () => {
  it('is the only one: a second is refused at its first read, and watchers are not', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const conversation = agent.conversation('d');
    const inbox = conversation.messages()[Symbol.asyncIterator]();
    await inbox.next();
    const second = conversation.messages()[Symbol.asyncIterator]();
    await expect(second.next()).rejects.toThrow(/has a reader that handles its messages already.*start: 'live'/);
    expect(await second.next()).toEqual({ done: true, value: undefined });
    expect(texts(await take(conversation.messages({ start: 'beginning' }), 1))).toEqual(['one']);
    await inbox.return?.();
    expect(texts(await take(conversation.messages(), 1))).toEqual(['one']);
  });

  it('moves the place; transcripts, loggers and events never do, nor do they mark anything as read', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    for (const text of ['one', 'two', 'three']) platform.say(raw, text);
    const conversation = agent.conversation('d');
    const inbox = conversation.messages()[Symbol.asyncIterator]();
    await inbox.next();
    await take(conversation.messages({ start: 'beginning', from: 'all' }), 3);
    await take(conversation.messages({ start: 1 }), 1);
    await take(conversation.events(), 3);
    expect(texts(await conversation.history())).toEqual(['one', 'two', 'three']);
    await agent.getClock();
    const key = { agentId: agent.agentId, dialogId: 'd' };
    expect([await store.load(key), platform.read(raw)]).toEqual([undefined, []]);
    await inbox.next();
    await until(() => platform.read(raw).length === 1);
    expect(await store.load(key)).toMatchObject({ revision: 1, sequence: 0 });
  });

  // verifies: restart:cursors
  it('writes the record first and tells READ then, many handled messages in one mark', async () => {
    const saved = createDeferred<void>();
    const inner = createMemoryDialogStore();
    const store: DialogStore = {
      load: (key) => inner.load(key),
      save: async (key, record) => {
        await saved.promise;
        await inner.save(key, record);
      },
      delete: (key) => inner.delete(key),
    };
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    for (let n = 0; n < 40; n++) platform.say(raw, `${n}`);
    const reading = take(agent.conversation('d').messages(), 40);
    await until(() => platform.count('QueryMessages') > 0);
    await agent.getClock();
    expect(platform.count('PublishEvent')).toBe(0);
    saved.resolve();
    await reading;
    await until(() => platform.read(raw).length === 39);
    expect(platform.count('PublishEvent')).toBeLessThan(39);
    const marks = platform.requests.filter(({ type }) => type === 'PublishEvent');
    const longest = Math.max(...marks.map(({ request }) => (request.body.event['sequenceList'] as unknown[]).length));
    expect(longest).toBeLessThanOrEqual(32);
  });

  it.each(['handled', 'never'] as const)('tells READ as asked: %s', async (read) => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    await take(agent.conversation('d').messages({ read }), 2);
    await agent.drain();
    expect(platform.read(raw)).toEqual(read === 'handled' ? [0] : []);
  });

  it('tells READ at hand-out where a store outlives the process, and refuses that where none does', async () => {
    const inMemory = await platform.connect();
    expect(() => inMemory.conversation('d').messages({ read: 'received' })).toThrow(/needs a store that lasts/);
    await using store = createFileDialogStore(join(folder, 'bot.log'));
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    await first(agent.conversation('d').messages({ read: 'received' }));
    await until(() => platform.read(raw).length === 1);
    expect(texts(await take(agent.conversation('d').messages(), 1))).toEqual(['one']);
  });

  it('sends a READ mark again whose fate is not known, and not one that came back as an echo', async () => {
    const agent = await platform.connect({ requestTimeoutMs: 50 });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    let marks = 0;
    platform.hooks.set('PublishEvent', (request) => {
      marks++;
      // The first is lost on its way, the response to the second: that one shows by its echo.
      if (marks === 2) platform.publish(request).after?.();
      return marks <= 2 ? 'silent' : undefined;
    });
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    await inbox.next();
    await inbox.next();
    await until(() => platform.read(raw).length > 0);
    await inbox.return?.();
    expect(platform.read(raw)).toEqual([0]);
  });

  it('tells READ once where the body tells it and does not wait, and again where that did not get through', async () => {
    const agent = await platform.connect({ requestTimeoutMs: 50 });
    const raw = platform.open('d');
    for (const text of ['one', 'two', 'three']) platform.say(raw, text);
    let marks = 0;
    platform.hooks.set('PublishEvent', () => (++marks === 2 ? 'silent' : undefined));
    const failures: unknown[] = [];
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    for (let count = 0; count < 2; count++) {
      const { value } = await inbox.next();
      (value as Message).markRead().catch((error: unknown) => failures.push(error));
    }
    await inbox.next();
    await until(() => platform.read(raw).length === 2);
    await inbox.return?.();
    await agent.drain();
    expect([platform.read(raw), failures.length, marks]).toEqual([[0, 1], 1, 3]);
  });

  it('skips what another agent has publicly answered meanwhile, unless all is asked for', async () => {
    const agent = await platform.connect();
    const raw = platform.open('d');
    platform.say(raw, 'for the human');
    platform.say(raw, 'I am human', { as: 'ASSIGNED_AGENT' });
    platform.say(raw, 'for the bot');
    const conversation = agent.conversation('d');
    expect(texts(await take(conversation.messages({ from: 'consumer' }), 1))).toEqual(['for the bot']);
    const all = await take(conversation.messages({ from: 'consumer', answered: 'keep' }), 2);
    expect(texts(all)).toEqual(['for the human', 'for the bot']);
  });

  it.each([
    ['skips what another agent has answered', true, 'skip', ['one', 'for the bot']],
    ['gives it where all is asked for', true, 'keep', ['one', 'two', 'for the human', 'I am human', 'for the bot']],
    ['gives it who only watches', false, 'skip', ['one', 'two', 'for the human', 'I am human', 'for the bot']],
  ] as const)(
    'after a lost connection, in which it was away and came back: %s',
    async (_, mine, answered, expected) => {
      const agent = await platform.connect();
      await agent.subscribeExConversations({ stage: ['OPEN'] });
      const raw = platform.open('d');
      raw.mine = mine;
      platform.tell(raw);
      platform.say(raw, 'one');
      const inbox = agent.conversation('d').messages({ answered })[Symbol.asyncIterator]();
      const handled = [(await inbox.next()).value?.text];
      platform.say(raw, 'two');
      await agent.getClock();
      // The answer stands on a later page than what it answers.
      platform.pageSize = 1;
      const caughtUp = first(agent.status(), ({ type }) => type === 'resynced');
      platform.cut();
      platform.say(raw, 'for the human', { push: false });
      platform.say(raw, 'I am human', { push: false, as: 'ASSIGNED_AGENT' });
      platform.say(raw, 'for the bot', { push: false });
      await caughtUp;
      while (handled.at(-1) !== expected.at(-1)) handled.push((await inbox.next()).value?.text);
      expect(handled).toEqual(expected);
    },
  );

  it('leaves most turns to other dialogs when its history does not respond', async () => {
    const requestTimeoutMs = 300;
    const asked: number[] = [];
    const known = new Set<string>();
    platform.hooks.set('QueryMessages', ({ body: { dialogId } }) => {
      if (known.has(dialogId)) asked.push(performance.now());
      known.add(dialogId);
      return dialogId === 'fresh' ? undefined : 'silent';
    });
    const agent = await platform.connect({ requestTimeoutMs });
    const ids = Array.from({ length: 12 }, (_, n) => `silent-${n}`);
    for (const id of ids) platform.say(platform.open(id), 'nobody hears this');
    const silent = ids.map((id) => agent.conversation(id).messages());
    for (const stream of silent) void stream[Symbol.asyncIterator]().next();
    await until(() => known.size === ids.length && asked.length >= 8);
    platform.say(platform.open('fresh'), 'hello');
    expect((await first(agent.conversation('fresh').messages())).text).toBe('hello');
    // At most two are under way, and the times are those of their arrival.
    const under = asked.map((at) => asked.filter((other) => other >= at && other < at + requestTimeoutMs / 2).length);
    expect(Math.max(...under)).toBeLessThanOrEqual(3);
    for (const stream of silent) stream.close();
  });

  it('goes on behind its loop when the dialog is closed and its history refused from then on', async () => {
    const warnings: unknown[] = [];
    const nothing = () => undefined;
    const warn = (text: string) => void warnings.push(text);
    const agent = await platform.connect({ logger: { debug: nothing, info: nothing, error: nothing, warn } });
    const raw = platform.open('d');
    platform.hooks.set('QueryMessages', () => (raw.closed ? { code: 403 } : undefined));
    const handled: unknown[] = [];
    const over = createDeferred<void>();
    void agent.serve(async (conversation) => {
      for await (const message of conversation.messages()) handled.push(message.text);
      over.resolve();
    });
    platform.say(raw, 'one');
    await until(() => handled.length === 1);
    await agent.getClock();
    platform.say(raw, 'two');
    platform.close(raw);
    await over.promise;
    expect(handled).toEqual(['one', 'two']);
    expect(warnings).toEqual([expect.stringMatching(/history of a dialog that has ended is refused/)]);
  });

  it('counts what the handler of serve() got as handled when that has ended well', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    const handled: (string | undefined)[] = [];
    const done = createDeferred<void>();
    const stop = new AbortController();
    const serving = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) {
          handled.push(message.text);
          break;
        }
        done.resolve();
      },
      { signal: stop.signal },
    );
    await done.promise;
    stop.abort();
    await serving;
    expect(handled).toEqual(['one']);
    expect(await store.load({ agentId: agent.agentId, dialogId: 'd' })).toMatchObject({ sequence: 0 });
  });

  it.each([{ read: 'always' as never }, { answered: 'maybe' as never }, { form: 'others' } as never])(
    'refuses the options %j',
    async (options) => {
      const agent = await platform.connect();
      expect(() => agent.conversation('d').messages(options)).toThrow(ConfigError);
    },
  );
});

describe('a store', () => {
  // verifies: store:unusable
  it.each(['cursors', 'store'] as const)('that cannot be used (%s) is told at connect, by name', async (option) => {
    const path = join(folder, 'no/such/folder/bot.log');
    const given =
      option === 'store' ? { store: createFileDialogStore(path) } : { cursors: createFileCursorStore(path) };
    const told = new RegExp(`the store given as ${option} cannot be used.*folder does not exist`);
    await expect(platform.connect(given)).rejects.toThrow(told);
    const failing = {
      load: () => Promise.reject(new Error('no')),
      save: async () => undefined,
      delete: async () => undefined,
    };
    await expect(platform.connect({ store: failing })).rejects.toThrow(ConfigError);
  });

  it('is one of two: both at once are refused', async () => {
    const both = { store: createMemoryDialogStore(), cursors: createFileCursorStore(join(folder, 'c')) };
    await expect(platform.connect(both)).rejects.toThrow('give either store or cursors');
  });

  // verifies: store:fenced
  it('that another process has taken over ends the serving with a FencedError', async () => {
    const path = join(folder, 'bot.log');
    await using store = createFileDialogStore(path);
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    const handled: (string | undefined)[] = [];
    const begun = createDeferred<void>();
    const goOn = createDeferred<void>();
    const serving = agent.serve(async (conversation: Conversation) => {
      for await (const message of conversation.messages()) {
        handled.push(message.text);
        begun.resolve();
        await goOn.promise;
      }
    });
    await begun.promise;
    await using other = createFileDialogStore(path);
    await other.load({ agentId: 'x', dialogId: 'y' });
    platform.say(raw, 'two');
    goOn.resolve();
    await expect(serving).rejects.toThrow(FencedError);
    expect(handled).toEqual(['one']);
  });

  // verifies: store:fenced
  it('whose record another process has written is not overwritten', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    platform.say(raw, 'two');
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    await inbox.next();
    const theirs = { revision: 1, sequence: 1, ahead: [], said: -1, attempts: 0, data: {} };
    const key = { agentId: agent.agentId, dialogId: 'd' };
    await store.save(key, theirs);
    await expect(inbox.next()).rejects.toThrow(FencedError);
    expect(await store.load(key)).toEqual(theirs);
    expect(platform.read(raw)).toEqual([]);
  });

  // verifies: store:fails
  it('that hangs is told and makes no dialog deaf, and is used again when it answers', async () => {
    const clock = createManualClock();
    const inner = createMemoryDialogStore();
    let hangs = true;
    const store: DialogStore = {
      load: (key) => inner.load(key),
      save: (key, record) => (hangs ? new Promise(() => undefined) : inner.save(key, record)),
      delete: (key) => inner.delete(key),
    };
    const agent = await platform
      .connect({ store, clock, keepAlive: false as never })
      .catch(() => platform.connect({ store, clock }));
    const errors = agent.status();
    const raw = platform.open('d');
    for (const text of ['one', 'two', 'three']) platform.say(raw, text);
    const inbox = agent.conversation('d').messages()[Symbol.asyncIterator]();
    await inbox.next();
    const second = inbox.next();
    await clock.advance(5_000);
    expect((await second).value?.text).toBe('two');
    expect(await first(errors, ({ type }) => type === 'handlerError')).toMatchObject({ where: 'cursors.set' });
    hangs = false;
    expect((await inbox.next()).value?.text).toBe('three');
    expect(await inner.load({ agentId: agent.agentId, dialogId: 'd' })).toMatchObject({ sequence: 1 });
  });

  // verifies: store:ahead, status:position-ahead
  it('that holds a place above everything the platform has is told, and what comes is handled', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'old');
    const record = { revision: 1, sequence: 99, ahead: [], said: -1, attempts: 0, data: {} };
    await store.save({ agentId: agent.agentId, dialogId: 'd' }, record);
    const told = first(agent.status(), ({ type }) => type === 'positionAhead');
    const next = first(agent.conversation('d').messages());
    expect(await told).toMatchObject({ dialogId: 'd', sequence: 99, last: 0 });
    platform.say(raw, 'new');
    expect((await next).text).toBe('new');
  });

  it('keeps two logins in one dialog apart', async () => {
    const store = createMemoryDialogStore();
    const record = { revision: 1, sequence: 3, ahead: [], said: 2, attempts: 0, data: {} };
    await store.save({ agentId: 'a', dialogId: 'd' }, record);
    expect(await store.load({ agentId: 'b', dialogId: 'd' })).toBeUndefined();
    const cursors = createFileCursorStore(join(folder, 'cursors.log'));
    await cursors.set('d', 7, 'a');
    expect([await cursors.get('d', 'a'), await cursors.get('d', 'b')]).toEqual([7, undefined]);
    await cursors.close();
  });

  it('lets go of a dialog that has ended and was read to its end', async () => {
    const store = createMemoryDialogStore();
    const agent = await platform.connect({ store });
    const raw = platform.open('d');
    platform.say(raw, 'one');
    await agent.subscribeExConversations({});
    const reading = readAll(agent.conversation('d').messages());
    await until(() => platform.count('QueryMessages') > 0);
    platform.close(raw);
    expect(texts(await reading)).toEqual(['one']);
    await until(() => true);
    expect(await store.load({ agentId: agent.agentId, dialogId: 'd' })).toBeUndefined();
  });
});
