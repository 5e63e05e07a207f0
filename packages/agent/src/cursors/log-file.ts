import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, readlink, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError, FencedError } from '@lp/core';
import { codeOf } from '@lp/core/internal';

const ABANDONED_AFTER_MS = 60_000;

/** A text file that only its last reader may write to. */
export interface LogFile {
  /** The file's text, empty when there is none; from now on this reader is the writer. */
  read(): Promise<string>;
  /** Adds to the end. Resolves when it is on disk. */
  append(text: string): Promise<void>;
  /** Puts a new file in the place of this one, whole or not at all. Resolves when it is on disk. */
  replace(text: string): Promise<void>;
  /** Whether the file was deleted, or emptied: then it is nobody else's, and may be replaced. */
  isGone(): Promise<boolean>;
}

// The file is not as this writer left it: another one has opened it.
function takenOver(): FencedError {
  return new FencedError('another process uses the cursor file: give every running bot a file of its own');
}

interface Shape {
  readonly inode: bigint;
  readonly size: bigint;
}

/**
 * A {@link LogFile} on disk. There is no lock that a killed process could leave behind: a writer looks whether the file
 * still has the inode and the size it left it with, before and after it writes. No file stays open in between.
 */
export function createLogFile(pathNow: string): LogFile {
  // The process may be in another folder by the time that the file is opened.
  const givenPath = resolve(pathNow);
  let left: Shape | undefined;
  // Where the file really is, once it was read: what replaces it must not replace a link to it.
  let path = givenPath;

  async function append(text: string): Promise<void> {
    await checkRegular(path);
    await withFile(path, constants.O_WRONLY | constants.O_APPEND, async (file) => {
      const before = await shapeOf(file);
      checkUnchanged(left, before);
      try {
        await file.writeFile(text);
        await file.datasync();
      } catch (error) {
        // A part of it may stand in the file; without it the file is as it was left.
        await file.truncate(Number(before.size)).catch(() => undefined);
        throw error;
      }
      const after = { inode: before.inode, size: before.size + BigInt(Buffer.byteLength(text)) };
      checkUnchanged(after, await shapeOf(file));
      // Someone else's new file may have taken the place of the one that was just written.
      checkUnchanged(after, await shapeAt(path));
      left = after;
    });
  }

  // Who takes the file over leaves a line in it; what rotates logs leaves nothing.
  async function isGone(): Promise<boolean> {
    if (!left) return false;
    const found = await shapeAt(path).catch(ignoreMissing);
    return !found || (found.size === 0n && left.size > 0n);
  }

  async function replace(text: string): Promise<void> {
    await checkRegular(path);
    const temporary = temporaryFor(path);
    try {
      const written = await withFile(temporary, 'wx', async (file) => {
        await file.writeFile(text);
        await file.sync();
        return shapeOf(file);
      });
      if (await isGone()) {
        await rename(temporary, path);
        checkUnchanged(written, await shapeAt(path));
        left = written;
        return await syncDirectory(path);
      }
      await withFile(path, 'r', async (old) => {
        const before = left;
        checkUnchanged(before, await shapeAt(path));
        await rename(temporary, path);
        left = written;
        // What another writer added in the last moment went to the old file: it is carried over, then this one steps back.
        const { size } = await shapeOf(old);
        if (before && size > before.size) await append((await old.readFile()).subarray(Number(before.size)).toString());
        checkUnchanged(before, { inode: before?.inode ?? 0n, size });
      });
      await syncDirectory(path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw codeOf(error) === 'EBUSY' || codeOf(error) === 'EXDEV' ? mountedAlone(error) : error;
    }
  }

  return {
    async read() {
      path = await resolveLinks(givenPath);
      await checkRegular(path);
      if (await isMountPoint(path)) throw mountedAlone();
      await checkFolder(path);
      await removeAbandoned(path);
      const isNew = await withFile(path, 'ax', () => Promise.resolve(true)).catch(ignoreExisting);
      if (isNew) await syncDirectory(path);
      return withFile(path, 'r', async (file) => {
        const bytes = await file.readFile();
        left = { inode: (await shapeOf(file)).inode, size: BigInt(bytes.length) };
        return bytes.toString('utf8');
      });
    },
    append,
    replace,
    isGone,
  };
}

async function withFile<T>(path: string, flags: string | number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  // Only its owner may read the file: it tells who was talked to.
  const file = await open(path, flags, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function shapeOf(file: FileHandle): Promise<Shape> {
  const { ino, size } = await file.stat({ bigint: true });
  return { inode: ino, size };
}

async function shapeAt(path: string): Promise<Shape> {
  const { ino, size } = await stat(path, { bigint: true });
  return { inode: ino, size };
}

function checkUnchanged(left: Shape | undefined, found: Shape): void {
  if (left && left.inode === found.inode && left.size === found.size) return;
  throw takenOver();
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** @throws ConfigError for what a file must not take the place of, or an opening would wait for without end. */
async function checkRegular(path: string): Promise<void> {
  const found = await stat(path).catch(ignoreMissing);
  if (found && !found.isFile()) {
    throw new ConfigError(
      'the cursor file is a folder, a device or a pipe: name a regular file, or one that is not there yet',
    );
  }
}

/** @throws ConfigError when no file can be put beside this one, as is done when it has grown: it would be too late then. */
async function checkFolder(path: string): Promise<void> {
  const probe = temporaryFor(path);
  try {
    await withFile(probe, 'wx', async () => undefined);
    await unlink(probe);
  } catch (error) {
    const why = 'the file is put together there anew from time to time';
    throw new ConfigError(`the folder of the cursor file cannot be written to (${codeOf(error)}), and ${why}`, {
      cause: error,
    });
  }
}

function temporaryFor(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}

/** Follows links to where the file is, or is to be: a link may lead to a file that is not there yet. */
async function resolveLinks(path: string, most = 40): Promise<string> {
  const place = join(await realpath(dirname(resolve(path))), basename(path));
  const target = most > 0 ? await readlink(place).catch(() => undefined) : undefined;
  return target === undefined ? place : await resolveLinks(resolve(dirname(place), target), most - 1);
}

// A file that is mounted by itself cannot be replaced, only written to: a write that is cut off would damage it.
async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const escaped = path.replace(/[\s\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return mounts.split('\n').some((line) => line.split(' ')[4] === escaped);
}

function mountedAlone(cause?: unknown): ConfigError {
  return new ConfigError(
    'the cursor file is mounted by itself and cannot be replaced: mount the folder it is in instead',
    cause === undefined ? {} : { cause },
  );
}

function ignoreExisting(error: unknown): boolean {
  if (codeOf(error) === 'EEXIST') return false;
  throw error;
}

// A file's name is durable once its directory is; not every platform can do that.
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(dirname(path), constants.O_RDONLY, (directory) => directory.sync());
}

// A process that was killed while it put a new file together leaves it behind.
async function removeAbandoned(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const abandoned = join(dirname(path), name);
    const { mtimeMs } = await stat(abandoned).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await unlink(abandoned).catch(() => undefined);
  }
}
