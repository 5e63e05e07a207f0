import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createFileDialogStore,
  createMemoryDialogStore,
  type DialogRecord,
  type DialogStore,
  defineData,
} from '@lp/agent';
import { FencedError } from '@lp/core';
import * as z from 'zod';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

const Handled = defineData({
  name: 'handled',
  version: 1,
  schema: z.object({ texts: z.array(z.string()) }),
  initial: () => ({ texts: [] }),
});

let platform: RawPlatform;
let folder: string;

beforeEach(async () => {
  platform = await RawPlatform.start();
  folder = mkdtempSync(join(tmpdir(), 'lp-forgotten-'));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A store as a bot's author writes one: rows in a table, and an error that has the code and no class. */
function createRows() {
  const rows = new Map<string, DialogRecord>();
  const refusal = Object.assign(new Error('the row is not as this process left it'), { code: 'FENCED' });
  const failing = { load: false, save: false, times: 0 };
  const fail = (call: 'load' | 'save') => {
    if (!failing[call]) return;
    failing.times++;
    throw new Error('no route to the database');
  };
  const store: DialogStore = {
    async load({ dialogId }) {
      fail('load');
      return rows.get(dialogId);
    },
    async save({ dialogId }, record) {
      if (record.revision !== (rows.get(dialogId)?.revision ?? 0) + 1) throw refusal;
      fail('save');
      rows.set(dialogId, structuredClone(record));
    },
    async delete({ dialogId }) {
      rows.delete(dialogId);
    },
  };
  return { failing, refusal, rows, store };
}

/** A bot that counts what it handles, in what it remembers of each dialog. */
async function serve(store: DialogStore) {
  const agent = await platform.connect({ store });
  const handled: (string | undefined)[] = [];
  let end: unknown;
  const served = agent.serve(async (conversation) => {
    for await (const { text } of conversation.messages()) {
      handled.push(text);
      (await conversation.data(Handled)).texts.push(text ?? '');
    }
  });
  const ended = served.then(
    () => (end = 'without an error'),
    (error: unknown) => (end = error),
  );
  /** Says something, and waits until it is kept as handled, which marks it as read. Rejects when serving ends. */
  async function handle(raw: ReturnType<RawPlatform['open']>, text: string) {
    const { sequence } = platform.say(raw, text);
    await until(() => end !== undefined || platform.read(raw).includes(sequence));
    if (end !== undefined) throw new Error(`serving ended at ${text}`, { cause: end });
  }
  return { agent, ended, handle, handled };
}

const rowOf = (revision: number, sequence: number): DialogRecord => ({
  ...{ revision, sequence, ahead: [], said: -1, attempts: 0, data: {} },
});

describe('a record that the store has forgotten', () => {
  // verifies: store:forgotten
  it.each([
    ['in memory', () => createMemoryDialogStore({ maxDialogs: 1 })],
    ['in a file', () => createFileDialogStore(join(folder, 'bot.log'), { maxDialogs: 1 })],
  ])('%s, which keeps so many dialogs only, ends nothing', async (_, make) => {
    const store = make();
    const { agent, handle, handled } = await serve(store);
    const conversations = [platform.open('one'), platform.open('two')];
    for (const round of ['a', 'b', 'c']) for (const raw of conversations) await handle(raw, `${round} of ${raw.id}`);
    expect(handled).toHaveLength(6);
    const kept = await store.load({ agentId: agent.agentId, dialogId: 'two' });
    expect(kept?.data['handled']?.value).toEqual({ texts: ['a of two', 'b of two', 'c of two'] });
  });

  // verifies: store:forgotten
  it('as rows of a table of one’s own expire is written anew, with all that it held', async () => {
    const { rows, store } = createRows();
    const { handle, handled } = await serve(store);
    const [idle, other] = [platform.open('idle'), platform.open('other')];
    await handle(idle, 'one');
    await handle(idle, 'two');
    rows.delete('idle');
    await handle(idle, 'three');
    await handle(idle, 'four');
    await handle(other, 'five');
    expect(handled).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(rows.get('idle')).toMatchObject({
      sequence: platform.read(idle).at(-1),
      data: { handled: { value: { texts: ['one', 'two', 'three', 'four'] } } },
    });
  });

  // verifies: store:forgotten
  it('while the store could not be asked what it keeps is found missing by the next save', async () => {
    const { failing, rows, store } = createRows();
    const { handle, handled } = await serve(store);
    const raw = platform.open('d');
    await handle(raw, 'one');
    failing.load = true;
    rows.delete('d');
    platform.say(raw, 'two');
    await until(() => failing.times > 0);
    failing.load = false;
    await handle(raw, 'three');
    expect(new Set(handled)).toEqual(new Set(['one', 'two', 'three']));
    expect(rows.get('d')?.data['handled']?.value).toMatchObject({ texts: expect.arrayContaining(['three']) });
  });
});

describe('a record that another process has gone on with', () => {
  // verifies: store:fenced
  it('after this one was forgotten still ends the serving', async () => {
    const { refusal, rows, store } = createRows();
    const { ended, handle } = await serve(store);
    const raw = platform.open('d');
    await handle(raw, 'one');
    rows.set('d', rowOf(1, 0));
    platform.say(raw, 'two');
    await expect(ended).resolves.toBe(refusal);
    expect(rows.get('d')).toEqual(rowOf(1, 0));
  });

  // verifies: store:fenced
  it('by one save, in a store that could not be asked at first, ends the serving', async () => {
    const { failing, refusal, rows, store } = createRows();
    const { ended, handle } = await serve(store);
    const raw = platform.open('d');
    await handle(raw, 'one');
    const theirs = rowOf((rows.get('d')?.revision ?? 0) + 1, 0);
    rows.set('d', theirs);
    failing.load = true;
    platform.say(raw, 'two');
    await until(() => failing.times > 0);
    failing.load = false;
    platform.say(raw, 'three');
    await expect(ended).resolves.toBe(refusal);
    expect(rows.get('d')).toEqual(theirs);
  });
});

describe('a record that was written anew, and may not have been', () => {
  // verifies: store:fenced
  it('is not taken for this process’s own once another has gone on', async () => {
    const { failing, rows, store } = createRows();
    const { ended, handle } = await serve(store);
    const raw = platform.open('d');
    await handle(raw, 'one');
    failing.save = true;
    rows.delete('d');
    platform.say(raw, 'two');
    await until(() => failing.times > 0);
    rows.set('d', rowOf(3, 1));
    failing.save = false;
    platform.say(raw, 'three');
    await expect(ended).resolves.toBeInstanceOf(FencedError);
    expect(rows.get('d')).toEqual(rowOf(3, 1));
  });
});

describe('a store that refuses whatever this process saves, as that of a worker whose login another has', () => {
  // verifies: store:fenced
  it.each(['at the first save', 'later', 'where nothing is kept any more'])('ends the serving %s', async (when) => {
    const { refusal, rows, store } = createRows();
    let isStale = when === 'at the first save';
    const saves: number[] = [];
    const save = store.save.bind(store);
    store.save = async (key, record) => {
      if (!isStale) return await save(key, record);
      saves.push(record.revision);
      throw refusal;
    };
    const { ended, handle } = await serve(store);
    const raw = platform.open('d');
    if (!isStale) await handle(raw, 'one');
    const before = rows.get('d');
    isStale = true;
    if (when === 'where nothing is kept any more') rows.delete('d');
    platform.say(raw, 'two');
    platform.say(raw, 'three');
    await expect(ended).resolves.toBe(refusal);
    expect(rows.get('d')).toEqual(when === 'later' ? before : undefined);
    expect(saves.length).toBeLessThanOrEqual(2);
  });
});
