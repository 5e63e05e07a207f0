import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createFileCursorStore, createFileDialogStore } from '@lp/agent';
import { ConfigError, FencedError, silentLogger } from '@lp/core';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lp-files-'));
  path = join(folder, 'cursors.log');
});

afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const storeAt = (place: string, warn = jest.fn()) =>
  createFileCursorStore(place, { logger: { ...silentLogger, warn } });

// A device takes root, and Windows has no pipes in folders.
const kinds: [string, () => void][] = [['a folder', () => mkdirSync(path)]];
if (process.platform !== 'win32') kinds.push(['a pipe', () => execFileSync('mkfifo', [path])]);
if (isRoot && process.platform === 'linux') {
  kinds.push(['a device', () => execFileSync('mknod', ['-m', '666', path, 'c', '1', '3'])]);
}

describe.each(kinds)('the path of a cursor file that is %s', (_kind, make) => {
  it('is refused, also behind a link, and left as it is', async () => {
    make();
    const { ino, mode } = lstatSync(path);
    const link = join(folder, 'link.log');
    symlinkSync(path, link);
    for (const place of [path, link]) {
      await expect(storeAt(place).get('d')).rejects.toThrow(ConfigError);
      await expect(storeAt(place).set('d', 1)).rejects.toThrow('name a regular file');
    }
    expect(lstatSync(path)).toMatchObject({ ino, mode });
    expect(readdirSync(folder).sort()).toEqual(['cursors.log', 'link.log']);
  });

  it('in the place of the file that was opened is not written to, and is no reason to forget anything', async () => {
    const store = storeAt(path);
    await store.set('d', 1);
    rmSync(path);
    make();
    const { ino, mode } = lstatSync(path);
    // The first is to be added, the second to be written anew.
    for (let sequence = 2; sequence < 4; sequence++) {
      await expect(store.set('d', sequence)).rejects.toThrow(ConfigError);
    }
    expect(lstatSync(path)).toMatchObject({ ino, mode });
    rmSync(path, { recursive: true });
    await store.set('e', 5);
    expect(await storeAt(path).get('d')).toBe(1);
  });
});

(process.platform === 'win32' ? describe.skip : describe)('a cursor file in a folder that cannot be written to', () => {
  it('is refused before anything is kept in it, for it could not be written anew', async () => {
    await storeAt(path).set('d', 1);
    const before = readFileSync(path, 'utf8');
    chmodSync(folder, 0o555);
    if (isRoot) chownSync(path, NOBODY, NOBODY);
    const refused = () =>
      expect(storeAt(path).get('d')).rejects.toThrow(/the folder .* cannot be written to \(EACCES\)/);
    try {
      if (isRoot) process.seteuid?.(NOBODY);
      await refused();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    expect(readFileSync(path, 'utf8')).toBe(before);
    chmodSync(folder, 0o700);
    expect(await storeAt(path).get('d')).toBe(1);
    expect(readdirSync(folder)).toEqual(['cursors.log']);
  });
});

describe('a cursor file that is emptied while it is used', () => {
  const ways: [string, () => void][] = [
    ['cut to nothing', () => truncateSync(path, 0)],
    [
      'moved away with an empty one in its place',
      () => {
        renameSync(path, join(folder, 'cursors.log.1'));
        writeFileSync(path, '');
      },
    ],
  ];

  it.each(ways)('(%s) is written anew with all that was known, which is told', async (_way, empty) => {
    const warn = jest.fn();
    const store = storeAt(path, warn);
    await store.set('a', 1);
    await store.set('b', 2);
    empty();
    await store.set('a', 3);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('emptied')]]);
    await store.set('a', 4);
    empty();
    await store.delete('b');
    await store.close();
    expect(warn).toHaveBeenCalledTimes(2);
    const later = storeAt(path);
    expect([await later.get('a'), await later.get('b')]).toEqual([4, undefined]);
  });

  it('and taken over by another process then is the other one’s', async () => {
    const older = storeAt(path);
    await older.set('a', 1);
    truncateSync(path, 0);
    const newer = storeAt(path);
    await newer.set('b', 1);
    await expect(older.set('a', 2)).rejects.toThrow(FencedError);
    await newer.set('b', 2);
  });

  it('is another matter than one to which somebody has added a byte', async () => {
    const store = storeAt(path);
    await store.set('a', 1);
    appendFileSync(path, '\n');
    await expect(store.set('a', 2)).rejects.toThrow(FencedError);
  });
});

describe('a relative path', () => {
  it('leads from the folder in which the store was made, wherever the process is when the file is opened', async () => {
    const before = process.cwd();
    process.chdir(folder);
    const cursors = createFileCursorStore('cursors.log', { logger: false });
    const dialogs = createFileDialogStore('dialogs.log', { logger: false });
    process.chdir(before);
    await cursors.set('d', 1);
    await dialogs.save(
      { agentId: 'a', dialogId: 'd' },
      { revision: 1, sequence: 1, ahead: [], said: -1, attempts: 0, data: {} },
    );
    await Promise.all([cursors.close(), dialogs.close()]);
    expect(readdirSync(folder).toSorted()).toEqual(['cursors.log', 'dialogs.log']);
  });
});
