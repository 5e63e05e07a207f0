/**
 * A map that forgets its oldest entry when it would grow beyond a bound. An entry that is set again keeps its age: one
 * that is to count as new is deleted first.
 */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #bound: number;

  constructor(bound: number) {
    super();
    this.#bound = bound;
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
