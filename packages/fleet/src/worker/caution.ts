import type { Elapsed, Mark } from './elapsed.ts';

/**
 * The time after a takeover in which whoever held the login before may still be heard of: what it had given to its system
 * may arrive late. Until it is over, every answer is looked for in the history before it is said.
 */
export class Caution {
  readonly #elapsed: Elapsed;
  readonly #lastsMs: number;
  #since: Mark | undefined;

  constructor(elapsed: Elapsed, lastsMs: number) {
    this.#elapsed = elapsed;
    this.#lastsMs = lastsMs;
  }

  /** Begins, or begins again. */
  begin(): void {
    this.#since = this.#elapsed.mark();
  }

  get isOver(): boolean {
    return this.#since === undefined || this.#elapsed.atLeast(this.#since) >= this.#lastsMs;
  }
}
