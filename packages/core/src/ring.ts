// Most streams hold one item at a time, and there may be many thousands of them.
const FIRST_SIZE = 2;

/**
 * A queue whose items keep a fixed position number from `push` to `shift`, so that one in the middle can be replaced.
 * Memory is allocated with the first item: an idle stream costs nothing for its buffer.
 */
export class Ring<T> {
  #slots: (T | undefined)[] = [];
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#tail - this.#head;
  }

  /** Position of the item that `shift` gives next. */
  get head(): number {
    return this.#head;
  }

  /** Appends an item and gives its position. */
  push(item: T): number {
    if (this.size === this.#slots.length) this.#grow();
    this.#slots[this.#tail & (this.#slots.length - 1)] = item;
    return this.#tail++;
  }

  /** Takes the oldest item; call only when `size` is above 0. */
  shift(): T {
    const slot = this.#head++ & (this.#slots.length - 1);
    const item = this.#slots[slot] as T;
    this.#slots[slot] = undefined;
    return item;
  }

  /** Replaces the item at a position between `head` and `head + size`. */
  replace(position: number, item: T): void {
    this.#slots[position & (this.#slots.length - 1)] = item;
  }

  /** Calls `visit` for each item, oldest first. */
  forEach(visit: (item: T, position: number) => void): void {
    for (let position = this.#head; position < this.#tail; position++) {
      visit(this.#slots[position & (this.#slots.length - 1)] as T, position);
    }
  }

  clear(): void {
    this.#slots = [];
    this.#head = this.#tail = 0;
  }

  #grow(): void {
    const size = Math.max(FIRST_SIZE, this.#slots.length * 2);
    const slots = Array.from<T | undefined>({ length: size });
    this.forEach((item, position) => {
      slots[position & (size - 1)] = item;
    });
    this.#slots = slots;
  }
}
