import { ConfigError } from '@lp/core';
import type { CursorStoreOptions } from './cursor-store.ts';

const DEFAULT_MAX_DIALOGS = 100_000;

/** Numbers by dialog that only grow, the one set last at the end, at most `maxDialogs` of them. */
export class CursorMap {
  readonly #maxDialogs: number;
  readonly #sequences = new Map<string, number>();
  #newest: string | undefined;

  constructor({ maxDialogs = DEFAULT_MAX_DIALOGS }: CursorStoreOptions) {
    if (!Number.isSafeInteger(maxDialogs) || maxDialogs < 1) {
      throw new ConfigError('maxDialogs must be a whole number of at least 1');
    }
    this.#maxDialogs = maxDialogs;
  }

  get size(): number {
    return this.#sequences.size;
  }

  get(dialogId: string): number | undefined {
    return this.#sequences.get(dialogId);
  }

  set(dialogId: string, sequence: number): void {
    if (sequence <= (this.#sequences.get(dialogId) ?? -1)) return;
    // One who talks on and on is at the end already.
    if (dialogId !== this.#newest) this.#sequences.delete(dialogId);
    this.#newest = dialogId;
    this.#sequences.set(dialogId, sequence);
    if (this.#sequences.size <= this.#maxDialogs) return;
    const [oldest] = this.#sequences.keys();
    if (oldest !== undefined) this.#sequences.delete(oldest);
  }

  delete(dialogId: string): void {
    this.#sequences.delete(dialogId);
  }

  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.#sequences.entries();
  }
}

/** @throws ConfigError for what cannot be the number of an event. */
export function checkSequence(sequence: number): void {
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw new ConfigError('A cursor must be the sequence number of an event: a whole number of at least 0');
  }
}
