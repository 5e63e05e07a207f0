import type { LoggerOption } from '@lp/core';
import { BoundedMap } from '@lp/core/internal';
import { checkPath, keyOf, maxDialogsOf } from './cursor-store.ts';
import {
  checkSave,
  type DialogKey,
  type DialogRecord,
  type DialogStore,
  type DialogStoreOptions,
} from './dialog-store.ts';
import { createLogFile, type LogFile } from './log-file.ts';
import { LogStore } from './log-store.ts';

/** How a file of dialogs is kept. */
export interface FileDialogStoreOptions extends DialogStoreOptions {
  /** Told of a damaged file. Default: warnings to stderr. */
  logger?: LoggerOption;
}

/** A {@link DialogStore} in a file. */
export interface FileDialogStore extends DialogStore, AsyncDisposable {
  /** Waits for what is being written; `save` and `delete` reject with a ClosedError from then on. */
  close(): Promise<void>;
}

/**
 * A {@link DialogStore} in a file of its own: the same log as that of `createFileCursorStore`, one line a save,
 * checksummed, for its owner's eyes only (mode 0600). A save that has resolved is on disk. What is said there of links,
 * folders, deleted files and a second process holds here too.
 *
 * @example
 * const agent = await connectAgent({ ...credentialsFromEnv(), store: createFileDialogStore('/data/bot.log') });
 */
export function createFileDialogStore(path: string, options: FileDialogStoreOptions = {}): FileDialogStore {
  checkPath('createFileDialogStore', path);
  return new LogDialogStore(createLogFile(path), options);
}

const HEADER = 'lp-dialogs 1\n';

/** Keeps records in a {@link LogFile}. */
export class LogDialogStore implements FileDialogStore {
  readonly #log: LogStore<DialogRecord>;

  constructor(file: LogFile, options: FileDialogStoreOptions = {}) {
    const kept = new BoundedMap<string, DialogRecord>(maxDialogsOf('createFileDialogStore', options, { logs: true }));
    this.#log = new LogStore({ file, header: HEADER, kept, logger: options.logger });
  }

  async load({ agentId, dialogId }: DialogKey): Promise<DialogRecord | undefined> {
    await this.#log.open();
    return structuredClone(this.#log.get(keyOf(dialogId, agentId)));
  }

  async save({ agentId, dialogId }: DialogKey, record: DialogRecord): Promise<void> {
    await this.#log.open();
    const key = keyOf(dialogId, agentId);
    checkSave(this.#log.get(key), record, dialogId);
    await this.#log.change(key, structuredClone(record));
  }

  async delete({ agentId, dialogId }: DialogKey): Promise<void> {
    await this.#log.open();
    const key = keyOf(dialogId, agentId);
    if (this.#log.get(key) !== undefined) return await this.#log.change(key, null);
    await this.#log.written(key);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
