/** Several values to a key; a key without values takes no room. */
export class Multimap<K, V> {
  readonly #sets = new Map<K, Set<V>>();

  get(key: K): Iterable<V> {
    return this.#sets.get(key) ?? [];
  }

  put(key: K, value: V): void {
    const known = this.#sets.get(key);
    if (known) known.add(value);
    else this.#sets.set(key, new Set([value]));
  }

  remove(key: K, value: V): void {
    const known = this.#sets.get(key);
    known?.delete(value);
    if (known?.size === 0) this.#sets.delete(key);
  }

  /** Removes a key and gives what it had. */
  take(key: K): Iterable<V> {
    const known = this.#sets.get(key);
    this.#sets.delete(key);
    return known ?? [];
  }
}
