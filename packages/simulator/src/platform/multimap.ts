/** Several values to a key; a key without values takes no room. */
export class Multimap<K, V> {
  /** A list of one, as nearly every one is, and a set from two on: a set takes the room of ten such lists. */
  readonly #values = new Map<K, readonly [V] | Set<V>>();

  get(key: K): Iterable<V> {
    return this.#values.get(key) ?? [];
  }

  put(key: K, value: V): void {
    const known = this.#values.get(key);
    if (known instanceof Set) known.add(value);
    else if (known === undefined) this.#values.set(key, [value]);
    else if (known[0] !== value) this.#values.set(key, new Set([known[0], value]));
  }

  remove(key: K, value: V): void {
    const known = this.#values.get(key);
    if (known === undefined) return;
    if (known instanceof Set ? known.delete(value) && known.size === 0 : known[0] === value) this.#values.delete(key);
  }

  /** Removes a key and gives what it had. */
  take(key: K): Iterable<V> {
    const known = this.#values.get(key);
    this.#values.delete(key);
    return known ?? [];
  }
}
