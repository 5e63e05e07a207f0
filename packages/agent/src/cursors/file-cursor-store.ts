import type { LoggerOption } from '@lp/core';
import { BoundedMap } from '@lp/core/internal';
import {
  type CursorStore,
  type CursorStoreOptions,
  checkPath,
  checkSequence,
  keyOf,
  maxDialogsOf,
} from './cursor-store.ts';
import { createLogFile, type LogFile } from './log-file.ts';
import { LogStore } from './log-store.ts';

/** How a file of cursors is kept. */
export interface FileCursorStoreOptions extends CursorStoreOptions {
  /** Told of a damaged file. Default: warnings to stderr. */
  logger?: LoggerOption;
}

/** A {@link CursorStore} in a file. */
export interface FileCursorStore extends CursorStore, AsyncDisposable {
  get(dialogId: string, agentId?: string): Promise<number | undefined>;
  set(dialogId: string, sequence: number, agentId?: string): Promise<void>;
  delete(dialogId: string, agentId?: string): Promise<void>;
  /** Waits for what is being written; `set` and `delete` reject with a ClosedError from then on. */
  close(): Promise<void>;
}

/**
 * A {@link CursorStore} in a file of its own, which survives `kill -9` and power loss at any moment: a `set` that has
 * resolved is on disk. Calls made while one is written share the next write, so a busy bot costs a few disk syncs a
 * second and not one per message.
 *
 * The file is opened by the first call (`connectAgent` makes one), and created when it is missing (its folder is not); a
 * relative path leads from the folder that the process is in when the store is made. A link stays a link. One that a newer process opens is lost to the older: its next call rejects with a FencedError, so
 * that two bots never answer from one file unnoticed. What is something else (another file, a device, a pipe) is refused
 * with a ConfigError and left alone, and so is a file in a folder that cannot be written to. A file that is deleted or
 * emptied at run time is written anew. The file stays below about four lines a dialog, plus a thousand.
 */
export function createFileCursorStore(path: string, options: FileCursorStoreOptions = {}): FileCursorStore {
  checkPath('createFileCursorStore', path);
  return new LogCursorStore(createLogFile(path), options);
}

const HEADER = 'lp-cursors 1\n';

/** Keeps cursors in a {@link LogFile}. */
export class LogCursorStore implements FileCursorStore {
  readonly #log: LogStore<number>;

  constructor(file: LogFile, options: FileCursorStoreOptions = {}) {
    const kept = new BoundedMap<string, number>(maxDialogsOf('createFileCursorStore', options, { logs: true }));
    this.#log = new LogStore({ file, header: HEADER, kept, logger: options.logger });
  }

  async get(dialogId: string, agentId?: string): Promise<number | undefined> {
    await this.#log.open();
    // Files of earlier versions know the dialog alone.
    return this.#log.get(keyOf(dialogId, agentId)) ?? this.#log.get(dialogId);
  }

  async set(dialogId: string, sequence: number, agentId?: string): Promise<void> {
    checkSequence(sequence);
    await this.#log.open();
    const key = keyOf(dialogId, agentId);
    if (sequence > (this.#log.get(key) ?? -1)) return this.#log.change(key, sequence);
    return this.#log.written(key);
  }

  async delete(dialogId: string, agentId?: string): Promise<void> {
    await this.#log.open();
    const kept = [keyOf(dialogId, agentId), dialogId].filter((key) => this.#log.get(key) !== undefined);
    await Promise.all(kept.map((key) => this.#log.change(key, null)));
    await this.#log.written(keyOf(dialogId, agentId));
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
