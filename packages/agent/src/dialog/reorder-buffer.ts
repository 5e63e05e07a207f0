interface WaitingEvent<E> {
  readonly sequence: number;
  readonly event: E;
  readonly recovered: boolean;
}

/** Events that wait for those before them, by number, at most `bound` of them. When there are more, the highest is given up. */
export class ReorderBuffer<E> {
  readonly #bound: number;
  readonly #entries: WaitingEvent<E>[] = [];

  constructor(bound: number) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#entries.length;
  }

  get first(): WaitingEvent<E> | undefined {
    return this.#entries[0];
  }

  has(sequence: number): boolean {
    return this.#entries[this.#indexOf(sequence)]?.sequence === sequence;
  }

  /** Keeps the event unless its number is kept already. Gives the number that was given up for lack of room, if any. */
  add(sequence: number, event: E, recovered: boolean): number | undefined {
    const index = this.#indexOf(sequence);
    if (this.#entries[index]?.sequence === sequence) return undefined;
    const full = this.#entries.length >= this.#bound;
    if (full && index === this.#entries.length) return sequence;
    const givenUp = full ? this.#entries.pop() : undefined;
    this.#entries.splice(index, 0, { sequence, event, recovered });
    return givenUp?.sequence;
  }

  shift(): void {
    // The last one takes the array's room with it: there may be many thousands of buffers.
    if (this.#entries.length === 1) this.#entries.length = 0;
    else this.#entries.shift();
  }

  /** Drops everything up to and including `sequence`. */
  dropThrough(sequence: number): void {
    const count = this.#indexOf(sequence + 1);
    if (count === this.#entries.length) this.#entries.length = 0;
    else this.#entries.splice(0, count);
  }

  /** The runs of numbers above `after` and up to `through` that are not kept, as the numbers around them. */
  *holes(after: number, through: number): Generator<{ after: number; before: number }> {
    let last = after;
    for (let index = this.#indexOf(after + 1); last < through; index++) {
      const next = Math.min(this.#entries[index]?.sequence ?? Number.POSITIVE_INFINITY, through + 1);
      if (next > last + 1) yield { after: last, before: next };
      last = next;
    }
  }

  // Index of the first kept number that is not below `sequence`; events mostly come in order, so the end is tried first.
  #indexOf(sequence: number): number {
    let high = this.#entries.length;
    if (high === 0 || (this.#entries[high - 1]?.sequence ?? 0) < sequence) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
