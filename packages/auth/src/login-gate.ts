import type { Clock } from '@lp/core';
import { onAbort, sleep, timeLeft } from '@lp/core/internal';

interface Hold {
  readonly since: number;
  readonly ms: number;
}

/** Keeps logins apart, and back for as long as the platform asks. */
export class LoginGate {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  readonly #waits = new Set<AbortController>();
  #spacing: Hold | undefined;
  #held: Hold | undefined;

  constructor(clock: Clock, spacingMs: number) {
    this.#clock = clock;
    this.#spacingMs = spacingMs;
  }

  /** How long the next login has to wait. Bounded by what was asked for, whatever the machine's clock is set to. */
  get waitMs(): number {
    return Math.max(this.#left(this.#spacing), this.#left(this.#held));
  }

  /** Waits until a login is allowed, and counts it. Rejects with `signal.reason` when aborted. */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.waitMs > 0) {
      const cut = new AbortController();
      const stop = onAbort(signal, () => cut.abort());
      this.#waits.add(cut);
      const isOver = await sleep(this.#clock, this.waitMs, { signal: cut.signal }).then(
        () => true,
        () => false,
      );
      this.#waits.delete(cut);
      stop();
      signal.throwIfAborted();
      if (isOver) break;
    }
    this.noteLogin();
  }

  /** Counts a login that begins now. */
  noteLogin(): void {
    this.#spacing = { since: this.#clock.now(), ms: this.#spacingMs };
  }

  /** Holds the next login back for `ms` from now; never shortens a wait. */
  hold(ms: number): void {
    if (ms > this.#left(this.#held)) this.#held = { since: this.#clock.now(), ms };
  }

  /** Ends what holds logins back; their spacing stays. */
  hurry(): void {
    this.#held = undefined;
    for (const wait of this.#waits) wait.abort();
  }

  #left(hold: Hold | undefined): number {
    return timeLeft(hold?.since, hold?.ms ?? 0, this.#clock.now());
  }
}
