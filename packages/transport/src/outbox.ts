/** A request that waits for a connection. */
export interface Queued {
  readonly bytes: number;
}

/** Requests that wait for a connection, in the order they were made and bounded in bytes. */
export class Outbox<T extends Queued> {
  readonly #capacityBytes: number;
  #items = new Set<T>();
  #bytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#items.size;
  }

  /** False when there is no room for `bytes` more. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#capacityBytes;
  }

  add(item: T): void {
    this.#items.add(item);
    this.#bytes += item.bytes;
  }

  /** Puts items that had left in front again. They were admitted once, so the bound does not turn them away. */
  restore(items: readonly T[]): void {
    const waiting = this.#items;
    this.#items = new Set(items);
    for (const item of waiting) this.#items.add(item);
    for (const item of items) this.#bytes += item.bytes;
  }

  /** Takes an item out, wherever it stands. */
  remove(item: T): void {
    if (this.#items.delete(item)) this.#bytes -= item.bytes;
  }

  /** The item that has waited longest. */
  first(): T | undefined {
    const [item] = this.#items;
    return item;
  }
}
