import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ClosedError, ConfigError, FencedError, silentLogger } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';
import { LogCursorStore } from '../../src/cursors/file-cursor-store.ts';
import { type CursorStore, createFileCursorStore, createMemoryCursorStore } from '../../src/cursors/index.ts';
import { createLogFile, type LogFile } from '../../src/cursors/log-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-cursors-'));
  path = join(folder, 'cursors.log');
});

afterEach(() => rmSync(folder, { recursive: true }));

const stores: [string, (options?: { maxDialogs?: number }) => CursorStore][] = [
  ['in memory', (options) => createMemoryCursorStore(options)],
  ['in a file', (options) => createFileCursorStore(path, options)],
];

describe.each(stores)('a cursor store %s', (_kind, create) => {
  // verifies: cursors:memory
  it('knows nothing of a dialog at first, and then the highest number that was set', async () => {
    const store = create();
    expect(await store.get('dialog')).toBeUndefined();
    await store.set('dialog', 0);
    expect(await store.get('dialog')).toBe(0);
    await store.set('dialog', 7);
    await store.set('dialog', 3);
    expect(await store.get('dialog')).toBe(7);
    expect(await store.get('another')).toBeUndefined();
  });

  it('starts anew with a dialog that was deleted', async () => {
    const store = create();
    await store.set('dialog', 7);
    await store.delete?.('dialog');
    expect(await store.get('dialog')).toBeUndefined();
    await store.set('dialog', 2);
    expect(await store.get('dialog')).toBe(2);
  });

  it('forgets the dialog that was set longest ago when there are too many', async () => {
    const store = create({ maxDialogs: 2 });
    await store.set('first', 1);
    await store.set('second', 1);
    await store.set('first', 2);
    await store.set('third', 1);
    expect(await store.get('second')).toBeUndefined();
    expect(await store.get('first')).toBe(2);
    expect(await store.get('third')).toBe(1);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d, which is no number of an event',
    async (value) => {
      const store = create();
      await expect((async () => store.set('dialog', value))()).rejects.toThrow(ConfigError);
      expect(await store.get('dialog')).toBeUndefined();
    },
  );

  it.each([0, 2.5])('refuses a bound of %d dialogs', (maxDialogs) => {
    expect(() => create({ maxDialogs })).toThrow('maxDialogs must be a whole number of at least 1');
  });
});

describe('a cursor store in a file', () => {
  it('gives what an earlier store has written, deletions included', async () => {
    const earlier = createFileCursorStore(path);
    await Promise.all([earlier.set('a', 1), earlier.set('b', 2), earlier.set('c', 3)]);
    await earlier.delete('b');
    await earlier.close();

    const later = createFileCursorStore(path);
    expect(await later.get('a')).toBe(1);
    expect(await later.get('b')).toBeUndefined();
    expect(await later.get('c')).toBe(3);
  });

  // verifies: threat:cursors, kept:cursors
  it('touches no file before it is used, and makes one that only its owner can read', async () => {
    const store = createFileCursorStore(path);
    expect(readdirSync(folder)).toEqual([]);
    await store.set('dialog', 1);
    expect(readdirSync(folder)).toEqual(['cursors.log']);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('reads past a torn last line, reports it, and writes on behind whole lines', async () => {
    const earlier = createFileCursorStore(path);
    await earlier.set('a', 1);
    await earlier.set('b', 2);
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '1234abcd ["a",9');

    const warn = jest.fn();
    const later = createFileCursorStore(path, { logger: { ...silentLogger, warn } });
    expect(await later.get('a')).toBe(1);
    expect(await later.get('b')).toBe(2);
    expect(warn.mock.calls).toEqual([[expect.any(String), { tornLine: true, corruptLines: 0 }]]);
    await later.set('a', 10);

    const last = createFileCursorStore(path, { logger: { ...silentLogger, warn } });
    expect(await last.get('a')).toBe(10);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(whole.endsWith('\n')).toBe(true);
  });

  // verifies: threat:cursors
  it('reports lines that were changed and keeps the others', async () => {
    const earlier = createFileCursorStore(path);
    await earlier.set('changed', 1);
    await earlier.set('kept', 2);
    writeFileSync(path, readFileSync(path, 'utf8').replace('["changed",1]', '["changed",8]'));

    const warn = jest.fn();
    const later = createFileCursorStore(path, { logger: { ...silentLogger, warn } });
    expect(await later.get('changed')).toBeUndefined();
    expect(await later.get('kept')).toBe(2);
    expect(warn.mock.calls).toEqual([[expect.any(String), { tornLine: false, corruptLines: 1 }]]);
  });

  // verifies: threat:cursors
  it('refuses a file that is something else and leaves it as it is', async () => {
    writeFileSync(path, 'my diary\n');
    const store = createFileCursorStore(path);
    await expect(store.set('dialog', 1)).rejects.toThrow(ConfigError);
    await expect(store.get('dialog')).rejects.toThrow(ConfigError);
    expect(readFileSync(path, 'utf8')).toBe('my diary\n');
  });

  it('rejects with the reason when the folder is missing, and works once it is there', async () => {
    const missing = join(folder, 'missing');
    const store = createFileCursorStore(join(missing, 'cursors.log'));
    await expect(store.set('dialog', 1)).rejects.toMatchObject({ code: 'ENOENT' });
    writeFileSync(path, '');
    const other = createFileCursorStore(path);
    await other.set('dialog', 1);
    expect(await other.get('dialog')).toBe(1);
  });

  it('stays small however often a dialog is set', async () => {
    const store = createFileCursorStore(path);
    for (let sequence = 0; sequence < 2500; sequence++) {
      // One line each: a call joins the others only while a write is under way.
      await store.set(`dialog ${sequence % 3}`, sequence);
    }
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(1100);
    const later = createFileCursorStore(path);
    expect([await later.get('dialog 0'), await later.get('dialog 1'), await later.get('dialog 2')]).toEqual([
      2499, 2497, 2498,
    ]);
  });

  it('removes what a process killed long ago has left half written, and nothing else', async () => {
    const abandoned = join(folder, 'cursors.log.0.tmp');
    const recent = join(folder, 'cursors.log.1.tmp');
    const foreign = join(folder, 'other.log.2.tmp');
    for (const file of [abandoned, recent, foreign]) writeFileSync(file, '');
    for (const file of [abandoned, foreign]) utimesSync(file, 1, 1);
    await createFileCursorStore(path).set('dialog', 1);
    expect(readdirSync(folder).sort()).toEqual(['cursors.log', 'cursors.log.1.tmp', 'other.log.2.tmp']);
  });

  it('finishes what it was asked to write when it is closed, the first call included, and refuses more', async () => {
    const store = createFileCursorStore(path);
    const first = store.set('dialog', 1);
    await store[Symbol.asyncDispose]();
    expect(readFileSync(path, 'utf8')).toContain('["dialog",1]');
    await first;
    await expect(store.set('dialog', 3)).rejects.toThrow(ClosedError);
    await expect(store.delete('dialog')).rejects.toThrow(ClosedError);
    expect(await createFileCursorStore(path).get('dialog')).toBe(1);
  });

  it('is taken over by a newer store: the older notices at its next call and has lost nothing', async () => {
    const older = createFileCursorStore(path);
    await older.set('dialog', 1);
    const newer = createFileCursorStore(path);
    expect(await newer.get('dialog')).toBe(1);

    await expect(older.set('dialog', 2)).rejects.toThrow('another process uses the cursor file');
    await expect(older.set('other', 2)).rejects.toThrow(FencedError);
    await newer.set('dialog', 5);
    expect(await createFileCursorStore(path).get('dialog')).toBe(5);
  });

  it('lets only one of two stores win that open the file at once', async () => {
    const both = [createFileCursorStore(path), createFileCursorStore(path)];
    const opened = await Promise.allSettled(both.map((store, index) => store.set('dialog', index)));
    const again = await Promise.allSettled(both.map((store) => store.set('dialog', 9)));
    expect([...opened, ...again].some(({ status }) => status === 'rejected')).toBe(true);
    expect(again.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(2);
  });
});

describe('the file of a cursor store', () => {
  it('is not written to when someone else has made it longer or put another in its place', async () => {
    const file = createLogFile(path);
    await file.read();
    await file.append('one\n');
    appendFileSync(path, 'two\n');
    await expect(file.append('three\n')).rejects.toThrow('another process');
    await expect(file.replace('four\n')).rejects.toThrow('another process');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');

    await file.read();
    rmSync(path);
    writeFileSync(join(folder, 'spacer'), '');
    writeFileSync(path, 'one\ntwo\n');
    await expect(file.append('three\n')).rejects.toThrow('another process');
    expect(readdirSync(folder).sort()).toEqual(['cursors.log', 'spacer']);
  });

  it('is as before when the disk fails in the middle of a write', async () => {
    const file = createLogFile(path);
    await file.read();
    await file.append('one\n');
    await onNextCall('datasync', async () => {
      throw new Error('no space left');
    });
    await expect(file.append('two\n')).rejects.toThrow('no space left');
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    await file.append('three\n');
    expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
  });

  it('acknowledges nothing that went to a file which another writer has replaced meanwhile', async () => {
    const file = createLogFile(path);
    await file.read();
    await onNextCall('datasync', async () => {
      writeFileSync(join(folder, 'newer'), '');
      renameSync(join(folder, 'newer'), path);
    });
    await expect(file.append('one\n')).rejects.toThrow('another process');
  });

  it('carries over what another writer added while it was being replaced, and steps back', async () => {
    const file = createLogFile(path);
    await file.read();
    await file.append('one\n');
    const other = openSync(path, 'a');
    // Looking at the new file comes first; the second look is at the old one, once it has lost its name.
    await onNextCall('stat', async () => onNextCall('stat', async () => void writeSync(other, 'late\n')));
    await expect(file.replace('new\n')).rejects.toThrow('another process');
    closeSync(other);
    expect(readFileSync(path, 'utf8')).toBe('new\nlate\n');
  });

  it('is replaced as a whole, and written on from there', async () => {
    const file = createLogFile(path);
    expect(await file.read()).toBe('');
    await file.append('old\n');
    await file.replace('new\n');
    await file.append('newer\n');
    expect(readFileSync(path, 'utf8')).toBe('new\nnewer\n');
    expect(readdirSync(folder)).toEqual(['cursors.log']);
  });
});

/** Runs `first` before the next call of a method of any open file. */
async function onNextCall(method: 'datasync' | 'stat', first: () => Promise<void>): Promise<void> {
  const handle = await open(folder);
  const prototype = Object.getPrototypeOf(handle) as Record<typeof method, () => Promise<unknown>>;
  await handle.close();
  const original = prototype[method];
  prototype[method] = async function (this: unknown, ...parameters: []) {
    prototype[method] = original;
    await first();
    return original.apply(this, parameters);
  };
}

/** A log whose writes end when the test says so. */
function heldLog(): { file: LogFile; writes: { text: string; kind: 'append' | 'replace'; done: Deferred<void> }[] } {
  const writes: { text: string; kind: 'append' | 'replace'; done: Deferred<void> }[] = [];
  const write = (kind: 'append' | 'replace') => (text: string) => {
    const done = createDeferred<void>();
    writes.push({ text, kind, done });
    return done.promise;
  };
  const file = { read: async () => '', append: write('append'), replace: write('replace'), isGone: async () => false };
  return { file, writes };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function openedStore() {
  const { file, writes } = heldLog();
  const store = new LogCursorStore(file);
  const opened = store.get('dialog');
  await turn();
  writes.pop()?.done.resolve();
  await opened;
  return { store, writes };
}

describe('a set', () => {
  it('resolves when its write is on disk and not before', async () => {
    const { store, writes } = await openedStore();
    let resolved = false;
    const set = store.set('dialog', 1).then(() => (resolved = true));
    await turn();
    expect(resolved).toBe(false);
    expect(await store.get('dialog')).toBe(1);
    writes[0]?.done.resolve();
    await set;
    expect(resolved).toBe(true);
  });

  // verifies: cursors:file
  it('shares its write with others of the same turn, and those made meanwhile share the next', async () => {
    const { store, writes } = await openedStore();
    const first = Promise.all(Array.from({ length: 50 }, (_, index) => store.set(`dialog ${index}`, 1)));
    await turn();
    expect(writes).toHaveLength(1);
    const second = Promise.all(Array.from({ length: 50 }, (_, index) => store.set(`dialog ${index}`, 2)));
    await turn();
    expect(writes).toHaveLength(1);
    writes[0]?.done.resolve();
    await first;
    await turn();
    expect(writes).toHaveLength(2);
    expect(writes[1]?.text.trimEnd().split('\n')).toHaveLength(50);
    writes[1]?.done.resolve();
    await second;
  });

  it('of a lower number waits until the higher one is on disk', async () => {
    const { store, writes } = await openedStore();
    const higher = store.set('dialog', 5);
    await turn();
    let resolved = false;
    const lower = store.set('dialog', 3).then(() => (resolved = true));
    await turn();
    expect(resolved).toBe(false);
    writes[0]?.done.resolve();
    await Promise.all([higher, lower]);
    expect(writes).toHaveLength(1);
  });

  it('rejects at once when the file was found to be another writer’s', async () => {
    const { store, writes } = await openedStore();
    const lost = store.set('dialog', 1);
    await turn();
    writes[0]?.done.reject(new FencedError('Another process'));
    await expect(lost).rejects.toThrow(FencedError);
    await expect(store.set('dialog', 2)).rejects.toThrow(FencedError);
    await expect(store.delete('dialog')).rejects.toThrow(FencedError);
    expect(writes).toHaveLength(1);
  });

  it('rejects when the disk does, nothing is taken for kept, and the next write replaces the whole file', async () => {
    const { store, writes } = await openedStore();
    const kept = store.set('kept', 4);
    await turn();
    writes[0]?.done.resolve();
    await kept;

    const failed = store.set('dialog', 1);
    await turn();
    writes[1]?.done.reject(new Error('no space left'));
    await expect(failed).rejects.toThrow('no space left');
    expect(await store.get('dialog')).toBeUndefined();

    const again = store.set('dialog', 1);
    await turn();
    expect(writes[2]?.kind).toBe('replace');
    expect(writes[2]?.text).toContain('["kept",4]');
    expect(writes[2]?.text).toContain('["dialog",1]');
    writes[2]?.done.resolve();
    await again;
    expect(await store.get('dialog')).toBe(1);
  });
});
