const NONE: readonly never[] = [];

/** Listeners by key. A key has one listener nearly always, and there may be many thousands of keys: one alone is kept without a list. */
export class KeyedListeners<L> {
  readonly #listeners = new Map<string, L | readonly L[]>();

  /** Those of a key now; the list does not change while it is walked through. */
  of(key: string): readonly L[] {
    const found = this.#listeners.get(key);
    if (found === undefined) return NONE;
    return isList(found) ? found : [found];
  }

  /** Adds a listener; returns how to take it off. */
  add(key: string, listener: L): () => void {
    this.#set(key, this.of(key).concat(listener));
    return () => this.remove(key, listener);
  }

  /** Takes a listener off. */
  remove(key: string, listener: L): void {
    this.#set(
      key,
      this.of(key).filter((other) => other !== listener),
    );
  }

  #set(key: string, listeners: readonly L[]): void {
    if (listeners.length === 0) this.#listeners.delete(key);
    else this.#listeners.set(key, listeners.length === 1 ? (listeners[0] as L) : listeners);
  }
}

function isList<L>(found: L | readonly L[]): found is readonly L[] {
  return Array.isArray(found);
}
