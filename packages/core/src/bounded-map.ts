/**
 * A map that forgets its oldest entry when it would grow beyond a bound. An entry that is set again keeps its age, unless
 * it is renewed; which begins to count when the map is half full, since moving an entry costs many times what setting it does.
 */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #bound: number;

  constructor(bound: number) {
    super();
    this.#bound = bound;
  }

  /** Sets an entry that is to count as new, and be forgotten last. */
  renew(key: K, value: V): void {
    if (2 * this.size > this.#bound) this.delete(key);
    this.set(key, value);
  }

  override set(key: K, value: V): this {
    super.set(key, value);
    if (this.size > this.#bound) {
      for (const oldest of this.keys()) {
        this.delete(oldest);
        break;
      }
    }
    return this;
  }
}
