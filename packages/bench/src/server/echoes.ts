/** Which messages have been echoed, over all users. */
export class Echoes {
  readonly #times = new Map<string, number>();
  #awaited: { readonly count: number; readonly reached: () => void } | undefined;

  /** How many different ones. */
  get count(): number {
    return this.#times.size;
  }

  /** How many echoes were not the first of their message. */
  get repeated(): number {
    let repeated = 0;
    for (const times of this.#times.values()) repeated += times - 1;
    return repeated;
  }

  /** Takes an echo in; true when it is its message's first. */
  note(mark: string): boolean {
    const times = (this.#times.get(mark) ?? 0) + 1;
    this.#times.set(mark, times);
    this.#check();
    return times === 1;
  }

  /** Resolves when so many different messages have been echoed. */
  reach(count: number): Promise<void> {
    return new Promise((reached) => {
      this.#awaited = { count, reached };
      this.#check();
    });
  }

  clear(): void {
    this.#times.clear();
  }

  #check(): void {
    if (!this.#awaited || this.count < this.#awaited.count) return;
    this.#awaited.reached();
    this.#awaited = undefined;
  }
}
