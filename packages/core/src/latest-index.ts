import type { Ring } from './ring.ts';

/** Where the newest unread item of each key lies in a buffer, so that a newer one can take its place. */
export class LatestIndex<T> {
  readonly #keyOf: (item: T) => unknown;
  readonly #positions = new Map<unknown, number>();

  constructor(buffer: Ring<T>, keyOf: (item: T) => unknown) {
    this.#keyOf = keyOf;
    buffer.forEach((item, position) => this.added(item, position));
  }

  /** An item lies in the buffer. */
  added(item: T, position: number): void {
    this.#positions.set(this.#keyOf(item), position);
  }

  /** The item of a position has left the buffer. */
  removed(item: T, position: number): void {
    const key = this.#keyOf(item);
    if (this.#positions.get(key) === position) this.#positions.delete(key);
  }

  /** Puts an item in the place of the one of its key, or at the end. Whether one was replaced. */
  put(buffer: Ring<T>, item: T): boolean {
    const position = this.#positions.get(this.#keyOf(item));
    if (position === undefined) this.added(item, buffer.push(item));
    else buffer.replace(position, item);
    return position !== undefined;
  }
}
