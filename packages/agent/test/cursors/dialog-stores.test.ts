import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, FencedError } from '@lp/core';
import {
  createFileCursorStore,
  createFileDialogStore,
  createMemoryDialogStore,
  type DialogRecord,
  type DialogStore,
} from '../../src/cursors/index.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-dialogs-'));
  path = join(folder, 'bot.log');
});

afterEach(() => rmSync(folder, { recursive: true }));

const key = { agentId: 'a', dialogId: 'd' };
const record = (revision: number, sequence = revision): DialogRecord => ({
  revision,
  sequence,
  ahead: [sequence + 2],
  said: sequence - 1,
  attempts: 0,
  data: { cart: { version: 1, value: { items: ['x'] } } },
});

const stores: [string, () => DialogStore][] = [
  ['in memory', () => createMemoryDialogStore()],
  ['in a file', () => createFileDialogStore(path)],
];

describe.each(stores)('a dialog store %s', (_kind, create) => {
  it('keeps whole records, apart for each login, and forgets them', async () => {
    const store = create();
    expect(await store.load(key)).toBeUndefined();
    await store.save(key, record(1));
    expect(await store.load(key)).toEqual(record(1));
    const others = { ...key, agentId: 'b' };
    expect(await store.load(others)).toBeUndefined();
    await store.save(others, record(1, 9));
    expect([await store.load(key), await store.load(others)]).toEqual([record(1), record(1, 9)]);
    await store.delete(others);
    expect([await store.load(key), await store.load(others)]).toEqual([record(1), undefined]);
    await store.delete(key);
    expect(await store.load(key)).toBeUndefined();
    await store.save(key, record(1));
  });

  it('takes the record that follows the kept one, and no other', async () => {
    const store = create();
    await expect(store.save(key, record(2))).rejects.toThrow(FencedError);
    await store.save(key, record(1));
    const both = await Promise.allSettled([store.save(key, record(2, 5)), store.save(key, record(2, 6))]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(store.save(key, record(1))).rejects.toMatchObject({ code: 'FENCED' });
    expect((await store.load(key))?.sequence).toBe(5);
  });

  it('is not changed by what becomes of a record that was given to it or by it', async () => {
    const store = create();
    const given = record(1);
    await store.save(key, given);
    (given.ahead as number[]).push(99);
    const loaded = (await store.load(key)) as DialogRecord;
    (loaded.ahead as number[]).push(98);
    expect(await store.load(key)).toEqual(record(1));
  });

  it.each([0, -1, 1.5])('refuses a revision of %d', async (revision) => {
    await expect(create().save(key, { ...record(1), revision })).rejects.toThrow(/revision/);
  });
});

describe('a store in a file', () => {
  it('gives what an earlier one has kept, and refuses more once it is closed', async () => {
    const earlier = createFileDialogStore(path);
    await earlier.save(key, record(1));
    await earlier.close();
    await expect(earlier.save(key, record(2))).rejects.toThrow(ClosedError);
    expect(await createFileDialogStore(path).load(key)).toEqual(record(1));
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('is the newer one’s: the older may write no more', async () => {
    const older = createFileDialogStore(path);
    await older.save(key, record(1));
    const newer = createFileDialogStore(path);
    expect(await newer.load(key)).toEqual(record(1));
    await expect(older.save(key, record(2))).rejects.toThrow(FencedError);
    await newer.save(key, record(2));
  });

  it('that is reached over a link stays a link, also one that leads to no file yet', async () => {
    mkdirSync(join(folder, 'volume'));
    const real = join(folder, 'volume', 'real.log');
    symlinkSync('volume/real.log', path);
    const store = createFileCursorStore(path);
    for (let n = 0; n < 1_200; n += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => store.set('d', n + i)));
    }
    await store.close();
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain('["d",1199]');
    expect(await createFileCursorStore(path).get('d')).toBe(1_199);
  });

  it('that somebody deletes is written anew, with all that was known', async () => {
    const store = createFileDialogStore(path, { logger: false });
    await store.save(key, record(1));
    await store.save({ ...key, dialogId: 'e' }, record(1));
    rmSync(path);
    await store.save(key, record(2));
    await store.close();
    const later = createFileDialogStore(path);
    expect([await later.load(key), await later.load({ ...key, dialogId: 'e' })]).toEqual([record(2), record(1)]);
  });

  it('whose folder is away for a while fails meanwhile, and goes on when it is back', async () => {
    const inside = join(folder, 'volume');
    mkdirSync(inside);
    const store = createFileDialogStore(join(inside, 'bot.log'), { logger: false });
    await store.save(key, record(1));
    rmSync(inside, { recursive: true });
    await expect(store.save(key, record(2))).rejects.toMatchObject({ code: 'ENOENT' });
    mkdirSync(inside);
    await store.save(key, record(2));
    await store.close();
    expect(await createFileDialogStore(join(inside, 'bot.log')).load(key)).toEqual(record(2));
  });
});
