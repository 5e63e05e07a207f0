import type { Clock } from '@lp/core';
import { sleep, timeLeft } from '@lp/core/internal';

/** Keeps logins apart, and back for as long as the platform asks. */
export class LoginGate {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  #held: { since: number; ms: number } | undefined;

  constructor(clock: Clock, spacingMs: number) {
    this.#clock = clock;
    this.#spacingMs = spacingMs;
  }

  /** How long the next login has to wait. Bounded by what was asked for, whatever the machine's clock is set to. */
  get waitMs(): number {
    return timeLeft(this.#held?.since, this.#held?.ms ?? 0, this.#clock.now());
  }

  /** Waits until a login is allowed, and counts it. Rejects with `signal.reason` when aborted. */
  async pass(signal: AbortSignal): Promise<void> {
    const { waitMs } = this;
    if (waitMs > 0) await sleep(this.#clock, waitMs, { signal });
    this.noteLogin();
  }

  /** Counts a login that begins now. */
  noteLogin(): void {
    this.hold(this.#spacingMs);
  }

  /** Holds the next login back for `ms` from now; never shortens a wait. */
  hold(ms: number): void {
    if (ms > this.waitMs) this.#held = { since: this.#clock.now(), ms };
  }
}
