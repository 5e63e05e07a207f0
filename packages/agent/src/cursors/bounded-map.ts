import { ConfigError } from '@lp/core';

const DEFAULT_MAX_DIALOGS = 100_000;

/** Values by dialog, the one set last at the end, at most `maxDialogs` of them. */
export class BoundedMap<V> {
  readonly #maxDialogs: number;
  readonly #values = new Map<string, V>();
  #newest: string | undefined;

  constructor({ maxDialogs = DEFAULT_MAX_DIALOGS }: { maxDialogs?: number | undefined } = {}) {
    if (!Number.isSafeInteger(maxDialogs) || maxDialogs < 1) {
      throw new ConfigError('maxDialogs must be a whole number of at least 1');
    }
    this.#maxDialogs = maxDialogs;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    // One who talks on and on is at the end already.
    if (key !== this.#newest) this.#values.delete(key);
    this.#newest = key;
    this.#values.set(key, value);
    if (this.#values.size <= this.#maxDialogs) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.#values.entries();
  }
}
