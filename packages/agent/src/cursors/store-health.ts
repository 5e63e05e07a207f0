import type { Clock } from '@lp/core';

// A store that was not heard of since is tried again: nothing else would show that it works again.
const FAILING_FOR_MS = 10_000;

/** Whether the store of positions works, for who would take on work that nobody could remember. */
export class StoreHealth {
  readonly #clock: Clock;
  readonly #listeners = new Set<(error: unknown) => void>();
  #failedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the store has failed lately, and has not worked since. */
  get failing(): boolean {
    return this.#failedAt !== undefined && Math.abs(this.#clock.now() - this.#failedAt) < FAILING_FOR_MS;
  }

  /** The store did what it was asked. */
  worked(): void {
    this.#failedAt = undefined;
  }

  /** The store failed. */
  failed(): void {
    this.#failedAt = this.#clock.now();
  }

  /** Another process has gone on in this one's place. */
  fenced(error: unknown): void {
    for (const listener of this.#listeners) listener(error);
  }

  /** Called when another process has taken the store over. Returns how to stop. */
  onFenced(listener: (error: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
