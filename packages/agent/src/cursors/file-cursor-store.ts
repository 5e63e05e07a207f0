import { randomUUID } from 'node:crypto';
import { ClosedError, ConfigError, type Logger, type LoggerOption } from '@lp/core';
import { createDeferred, type Deferred, guardLogger } from '@lp/core/internal';
import { formatLog, type LogRecord, parseLog } from './cursor-log.ts';
import { CursorMap, checkSequence } from './cursor-map.ts';
import type { CursorStore, CursorStoreOptions } from './cursor-store.ts';
import { createLogFile, type LogFile, TakenOverError } from './log-file.ts';

export interface FileCursorStoreOptions extends CursorStoreOptions {
  /** Told of a damaged file; silent by default. */
  logger?: LoggerOption;
}

/** A {@link CursorStore} in a file. */
export interface FileCursorStore extends CursorStore, AsyncDisposable {
  get(dialogId: string): Promise<number | undefined>;
  set(dialogId: string, sequence: number): Promise<void>;
  delete(dialogId: string): Promise<void>;
  /** Waits for what is being written; `set` and `delete` reject with a ClosedError from then on. */
  close(): Promise<void>;
}

/**
 * A {@link CursorStore} in a file of its own, which survives `kill -9` and power loss at any moment: a `set` that has
 * resolved is on disk. Calls made while one is written share the next write, so a busy bot costs a few disk syncs a
 * second and not one per message.
 *
 * The file is opened by the first call, and created when it is missing (its folder is not). One that a newer process
 * opens is lost to the older: its next call rejects with a ConfigError, so that two bots never answer from one file
 * unnoticed. A file that is something else is refused with a ConfigError and left alone. The file stays below about
 * four lines a dialog, plus a thousand.
 */
export function createFileCursorStore(path: string, options: FileCursorStoreOptions = {}): FileCursorStore {
  return new LogCursorStore(createLogFile(path), options);
}

interface Batch {
  readonly changes: Map<string, number | null>;
  readonly written: Deferred<void>;
}

const SPARE_LINES = 1000;
const LINES_PER_DIALOG = 4;

/** Keeps cursors in a {@link LogFile}. */
export class LogCursorStore implements FileCursorStore {
  readonly #file: LogFile;
  readonly #logger: Logger;
  readonly #owner = `${process.pid} ${randomUUID()}`;
  readonly #kept: CursorMap;
  #lines = 0;
  #opening: Promise<void> | undefined;
  #next: Batch | undefined;
  #writing: Batch | undefined;
  #idle: Promise<void> = Promise.resolve();
  #mustReplace = false;
  #refusal: Error | undefined;

  constructor(file: LogFile, options: FileCursorStoreOptions = {}) {
    this.#file = file;
    this.#logger = guardLogger(options.logger);
    this.#kept = new CursorMap(options);
  }

  async get(dialogId: string): Promise<number | undefined> {
    await this.#open();
    return this.#current(dialogId);
  }

  async set(dialogId: string, sequence: number): Promise<void> {
    checkSequence(sequence);
    if (this.#refusal) throw this.#refusal;
    await this.#open();
    if (sequence > (this.#current(dialogId) ?? -1)) return this.#change(dialogId, sequence);
    return this.#batchOf(dialogId)?.written.promise;
  }

  async delete(dialogId: string): Promise<void> {
    if (this.#refusal) throw this.#refusal;
    await this.#open();
    if (this.#current(dialogId) !== undefined) return this.#change(dialogId, null);
    return this.#batchOf(dialogId)?.written.promise;
  }

  async close(): Promise<void> {
    this.#refusal ??= new ClosedError('The cursor store was closed');
    // Calls made before this one may still wait for the file to be read.
    await this.#opening?.catch(() => undefined);
    await this.#idle;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #current(dialogId: string): number | undefined {
    const batch = this.#batchOf(dialogId);
    return batch ? (batch.changes.get(dialogId) ?? undefined) : this.#kept.get(dialogId);
  }

  #batchOf(dialogId: string): Batch | undefined {
    if (this.#next?.changes.has(dialogId)) return this.#next;
    return this.#writing?.changes.has(dialogId) ? this.#writing : undefined;
  }

  #change(dialogId: string, sequence: number | null): Promise<void> {
    if (!this.#next) {
      this.#next = { changes: new Map(), written: createDeferred() };
      if (!this.#writing) this.#idle = this.#writeBatches();
    }
    this.#next.changes.set(dialogId, sequence);
    return this.#next.written.promise;
  }

  async #writeBatches(): Promise<void> {
    // Calls of the same turn share the first write.
    await Promise.resolve();
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      this.#writing = batch;
      try {
        await this.#write(batch.changes);
        for (const [dialogId, sequence] of batch.changes) this.#keep([dialogId, sequence]);
        batch.written.resolve();
      } catch (error) {
        // How much of it reached the disk is unknown; a new file takes the place of this one before the next write.
        this.#mustReplace = true;
        if (error instanceof TakenOverError) this.#refusal = error;
        batch.written.reject(error);
      }
      this.#writing = undefined;
    }
  }

  async #write(changes: ReadonlyMap<string, number | null>): Promise<void> {
    if (this.#refusal instanceof TakenOverError) throw this.#refusal;
    if (this.#mustReplace || this.#lines > SPARE_LINES + LINES_PER_DIALOG * this.#kept.size)
      await this.#replace(changes);
    else await this.#append(changes);
  }

  async #append(records: Iterable<LogRecord>): Promise<void> {
    const lines = [...records];
    await this.#file.append(formatLog(lines, { header: false }));
    this.#lines += lines.length;
  }

  async #replace(changes: ReadonlyMap<string, number | null>): Promise<void> {
    const kept = [...this.#kept].filter(([dialogId]) => !changes.has(dialogId));
    const records: LogRecord[] = [[null, this.#owner], ...kept, ...changes];
    await this.#file.replace(formatLog(records, { header: true }));
    this.#lines = records.length;
    this.#mustReplace = false;
  }

  #open(): Promise<void> {
    this.#opening ??= this.#read().catch((error: unknown) => {
      // A file that could not be read may be readable later; one that is someone else's stays so.
      if (!(error instanceof TakenOverError)) this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #read(): Promise<void> {
    const text = await this.#file.read();
    const log = parseLog(text);
    if (!log) throw new ConfigError('The cursor file holds something else: name another file, or remove this one');
    for (const record of log.records) this.#keep(record);
    const { torn, corruptLines } = log;
    this.#lines = log.records.length;
    if (torn || corruptLines > 0) {
      this.#logger.warn('The cursor file was damaged and is written anew', { tornLine: torn, corruptLines });
    }
    if (torn || corruptLines > 0 || text === '') await this.#replace(new Map());
    else await this.#append([[null, this.#owner]]);
  }

  #keep([dialogId, sequence]: LogRecord): void {
    if (dialogId === null) return;
    if (sequence === null) this.#kept.delete(dialogId);
    else this.#kept.set(dialogId, sequence);
  }
}
