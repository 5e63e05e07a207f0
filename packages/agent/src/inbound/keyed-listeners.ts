const NONE: readonly never[] = [];

/** Listeners by key. A key has one listener nearly always, and there may be many thousands of keys: they are kept in plain lists. */
export class KeyedListeners<L> {
  readonly #lists = new Map<string, readonly L[]>();

  /** Those of a key now; the list does not change while it is walked through. */
  of(key: string): readonly L[] {
    return this.#lists.get(key) ?? NONE;
  }

  /** Adds a listener; returns how to take it off. */
  add(key: string, listener: L): () => void {
    this.#lists.set(key, this.of(key).concat(listener));
    return () => this.remove(key, listener);
  }

  /** Takes a listener off. */
  remove(key: string, listener: L): void {
    const left = this.of(key).filter((other) => other !== listener);
    if (left.length > 0) this.#lists.set(key, left);
    else this.#lists.delete(key);
  }
}
