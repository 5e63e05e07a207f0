import type { Pending } from './pending.ts';

const FEWEST_SLOTS = 64;

/**
 * The requests without a response, by id. Nearly all ids are numbers that count up, so most have a place in an array.
 *
 * A Map would do, and cost more than it seems: where entries come and go, V8 makes it a new table again and again, and each
 * table keeps the next one alive. Once one of them is old, all that ever followed outlives every small collection, with the
 * requests, texts and promises in it.
 */
export class PendingRequests {
  #slots: (Pending | undefined)[] = emptySlots(FEWEST_SLOTS);
  /** Those whose place is taken by an older one, and those with ids of their own. */
  readonly #others = new Map<string, Pending>();
  #size = 0;
  #added = 0;

  get size(): number {
    return this.#size;
  }

  get(id: string): Pending | undefined {
    const pending = this.#slots[this.#slotOf(id)];
    return pending?.id === id ? pending : this.#others.get(id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Adds one whose id is not there yet. */
  add(pending: Pending): void {
    pending.place = ++this.#added;
    if (++this.#size > this.#slots.length / 2) this.#grow();
    const slot = this.#slotOf(pending.id);
    if (this.#slots[slot] === undefined) this.#slots[slot] = pending;
    else this.#others.set(pending.id, pending);
  }

  delete(pending: Pending): void {
    const slot = this.#slotOf(pending.id);
    if (this.#slots[slot] === pending) this.#slots[slot] = undefined;
    else if (!this.#others.delete(pending.id)) return;
    this.#size--;
  }

  /** All that are there now, in the order they were added. */
  list(): Pending[] {
    const all = this.#slots.filter((pending) => pending !== undefined);
    return [...all, ...this.#others.values()].sort((one, other) => one.place - other.place);
  }

  /** A text that is no number has the first place. */
  #slotOf(id: string): number {
    return Number(id) & (this.#slots.length - 1);
  }

  #grow(): void {
    const all = this.#slots;
    this.#slots = emptySlots(2 * all.length);
    // Two that have had different places have different ones still.
    for (const pending of all) if (pending) this.#slots[this.#slotOf(pending.id)] = pending;
  }
}

function emptySlots(length: number): undefined[] {
  return new Array<undefined>(length).fill(undefined);
}
