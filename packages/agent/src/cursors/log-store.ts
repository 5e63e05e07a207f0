import { randomUUID } from 'node:crypto';
import { ClosedError, ConfigError, FencedError, type Logger, type LoggerOption } from '@lp/core';
import { type BoundedMap, createDeferred, type Deferred, guardLogger } from '@lp/core/internal';
import { formatLog, type LogRecord, parseLog } from './cursor-log.ts';
import type { LogFile } from './log-file.ts';

/** What a {@link LogStore} keeps and how. */
export interface LogStoreParts<V> {
  readonly file: LogFile;
  /** The file's first line. */
  readonly header: string;
  readonly kept: BoundedMap<string, V>;
  readonly logger?: LoggerOption;
}

interface Batch<V> {
  readonly changes: Map<string, V | null>;
  readonly written: Deferred<void>;
}

const SPARE_LINES = 1000;
const LINES_PER_DIALOG = 4;

/**
 * Values by key in a {@link LogFile}: each change is a line. Changes made while one is written share the next write, so
 * a busy bot costs a few disk syncs a second and not one per message.
 */
export class LogStore<V> {
  readonly #file: LogFile;
  readonly #header: string;
  readonly #logger: Logger;
  readonly #owner = `${process.pid} ${randomUUID()}`;
  readonly #kept: BoundedMap<string, V>;
  #lines = 0;
  #opening: Promise<void> | undefined;
  #next: Batch<V> | undefined;
  #writing: Batch<V> | undefined;
  #idle: Promise<void> = Promise.resolve();
  #mustReplace = false;
  #refusal: Error | undefined;

  constructor({ file, header, kept, logger }: LogStoreParts<V>) {
    this.#file = file;
    this.#header = header;
    this.#kept = kept;
    this.#logger = guardLogger(logger);
  }

  /** Opens the file, which is this process's from then on. */
  open(): Promise<void> {
    if (this.#refusal) return Promise.reject(this.#refusal);
    this.#opening ??= this.#read().catch((error: unknown) => {
      // A file that could not be read may be readable later; one that is someone else's stays so.
      if (!FencedError.isInstance(error)) this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** The present value, also while it is being written. The file must be open. */
  get(key: string): V | undefined {
    const batch = this.#batchOf(key);
    return batch ? (batch.changes.get(key) ?? undefined) : this.#kept.get(key);
  }

  /** Sets a value, or forgets it (null). Resolves when that is on disk. The file must be open. */
  change(key: string, value: V | null): Promise<void> {
    if (FencedError.isInstance(this.#refusal)) return Promise.reject(this.#refusal);
    if (!this.#next) {
      this.#next = { changes: new Map(), written: createDeferred() };
      if (!this.#writing) this.#idle = this.#writeBatches();
    }
    this.#next.changes.set(key, value);
    return this.#next.written.promise;
  }

  /** Resolves when what was changed last under this key is on disk; at once when nothing is being written. */
  written(key: string): Promise<void> | undefined {
    return this.#batchOf(key)?.written.promise;
  }

  /** Waits for what is being written; refuses changes from then on. */
  async close(): Promise<void> {
    this.#refusal ??= new ClosedError('the store was closed');
    // Calls made before this one may still wait for the file to be read.
    await this.#opening?.catch(() => undefined);
    await this.#idle;
  }

  #batchOf(key: string): Batch<V> | undefined {
    if (this.#next?.changes.has(key)) return this.#next;
    return this.#writing?.changes.has(key) ? this.#writing : undefined;
  }

  async #writeBatches(): Promise<void> {
    // Calls of the same turn share the first write.
    await Promise.resolve();
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      this.#writing = batch;
      try {
        await this.#write(batch.changes);
        for (const [key, value] of batch.changes) this.#keep([key, value]);
        batch.written.resolve();
      } catch (error) {
        // How much of it reached the disk is unknown; a new file takes the place of this one before the next write.
        this.#mustReplace = true;
        if (FencedError.isInstance(error)) this.#refusal = error;
        batch.written.reject(error);
      }
      this.#writing = undefined;
    }
  }

  async #write(changes: ReadonlyMap<string, V | null>): Promise<void> {
    if (FencedError.isInstance(this.#refusal)) throw this.#refusal;
    if (this.#mustReplace || this.#lines > SPARE_LINES + LINES_PER_DIALOG * this.#kept.size) {
      return await this.#replace(changes);
    }
    try {
      await this.#append(changes);
    } catch (error) {
      if (!(await this.#file.isGone())) throw error;
      await this.#replace(changes);
    }
  }

  async #append(records: Iterable<LogRecord<V>>): Promise<void> {
    const lines = [...records];
    await this.#file.append(formatLog(lines));
    this.#lines += lines.length;
  }

  async #replace(changes: ReadonlyMap<string, V | null>): Promise<void> {
    const wasGone = await this.#file.isGone();
    const kept = [...this.#kept].filter(([key]) => !changes.has(key));
    const records: LogRecord<V>[] = [[null, this.#owner], ...kept, ...changes];
    await this.#file.replace(formatLog(records, this.#header));
    if (wasGone) this.#logger.warn('the file of the store was deleted or emptied, and is written anew');
    this.#lines = records.length;
    this.#mustReplace = false;
  }

  async #read(): Promise<void> {
    const text = await this.#file.read();
    const log = parseLog<V>(text, this.#header);
    if (!log) throw new ConfigError('the cursor file holds something else: name another file, or remove this one');
    for (const record of log.records) this.#keep(record);
    const { torn, corruptLines } = log;
    this.#lines = log.records.length;
    if (torn || corruptLines > 0) {
      this.#logger.warn('the cursor file was damaged and is written anew', { tornLine: torn, corruptLines });
    }
    if (torn || corruptLines > 0 || text === '') await this.#replace(new Map());
    else await this.#append([[null, this.#owner]]);
  }

  #keep([key, value]: LogRecord<V>): void {
    if (key === null) return;
    if (value === null) this.#kept.delete(key);
    else this.#kept.renew(key, value as V);
  }
}
