import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Conversation, createFileDialogStore, createMemoryDialogStore, type DialogStore } from '@lp/agent';
import { createDeferred } from '@lp/core/internal';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: RawPlatform;
let folder: string;
/** What was told by all lives: which message was skipped, and how often it was begun. */
let skipped: { dialogId: string; sequence: number; attempts: number }[];
let slowFailures: number;

beforeEach(async () => {
  platform = await RawPlatform.start();
  folder = await mkdtemp(join(tmpdir(), 'lp-neighbours-'));
  skipped = [];
  slowFailures = 0;
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What a store keeps, opened anew by each process. */
const STORES: Readonly<Record<string, () => () => DialogStore>> = {
  file: () => () => createFileDialogStore(join(folder, 'store')),
  'somebody’s own': () => {
    const kept = createMemoryDialogStore();
    return () => ({
      load: (key) => kept.load(key),
      save: (key, record) => kept.save(key, record),
      delete: (key) => kept.delete(key),
    });
  },
};

/** A process that is killed by each poison, and gets slow messages while it lives; ends by itself when all is done. */
async function live(store: DialogStore, isDone: () => boolean): Promise<void> {
  const agent = await platform.connect({ store });
  const killed = createDeferred<void>();
  void (async () => {
    for await (const event of agent.status()) if (event.type === 'messageSkipped') skipped.push(event);
  })();
  const handle = async (conversation: Conversation) => {
    for await (const message of conversation.messages()) {
      if (message.text === 'poison') {
        await pause(5);
        killed.resolve();
        await new Promise<never>(() => undefined);
      }
      if (message.text === 'slow' || message.text === 'fails') await pause(40);
      if (message.text === 'fails' && slowFailures++ === 0) throw new Error('not this time');
      await message.reply(`echo: ${message.text}`);
    }
  };
  const serving = agent.serve(handle, { maxAttempts: 3, drainTimeoutMs: 1 });
  const over = new AbortController();
  const done = (async () => {
    while (!isDone() && !over.signal.aborted) await pause(2);
  })();
  await Promise.race([killed.promise, done]);
  over.abort();
  agent.terminate();
  await serving;
  await (store as DialogStore & { close?: () => Promise<void> }).close?.();
}

describe.each(Object.keys(STORES))('messages in hand when another one kills the process, with a store: %s', (name) => {
  const open = () => (STORES[name] as (typeof STORES)[string])();

  // verifies: killed:neighbours
  it('are not skipped with it, however often they were in hand', async () => {
    const store = open();
    const conversations = ['poison', 'slow', 'slow', 'poison', 'fails'].map((text, n) => {
      const conversation = platform.open(`d${n}`);
      platform.say(conversation, text);
      return conversation;
    });
    const innocent = [1, 2, 4].map((n) => conversations[n] as (typeof conversations)[number]);
    const isDone = () => skipped.length === 2 && innocent.every((one) => platform.said(one).length === 1);
    for (let lives = 0; lives < 20 && !isDone(); lives++) await live(store(), isDone);
    expect(skipped.map(({ dialogId }) => dialogId).toSorted()).toEqual(['d0', 'd3']);
    expect(skipped.map(({ attempts }) => attempts)).toEqual([3, 3]);
    expect(innocent.map((one) => platform.said(one))).toEqual([['echo: slow'], ['echo: slow'], ['echo: fails']]);
  }, 30_000);
});

describe('a message that has its last chance', () => {
  it('lets the next one begin when it waits for an answer', async () => {
    const kept = createMemoryDialogStore();
    const store: DialogStore = {
      load: (key) => kept.load(key),
      save: (key, record) => kept.save(key, record),
      delete: (key) => kept.delete(key),
    };
    const agentId = 'pid-of-the-bot';
    for (const dialogId of ['d0', 'd1']) {
      const record = { revision: 1, sequence: -1, ahead: [], said: -1, attempts: 2, data: {} };
      await store.save({ agentId, dialogId }, record);
      platform.say(platform.open(dialogId), 'order');
    }
    const agent = await platform.connect({ store });
    const serving = agent.serve(
      async (conversation) => {
        for await (const message of conversation.messages()) await message.reply(await conversation.ask('Name?'));
      },
      { maxAttempts: 3 },
    );
    const all = [...platform.conversations.values()];
    await until(() => all.every((one) => platform.said(one).length === 1));
    for (const one of all) platform.say(one, 'Ann');
    await until(() => all.every((one) => platform.said(one).length === 2));
    expect(all.map((one) => platform.said(one))).toEqual([
      ['Name?', 'Ann'],
      ['Name?', 'Ann'],
    ]);
    await agent.close();
    await serving;
  });
});
