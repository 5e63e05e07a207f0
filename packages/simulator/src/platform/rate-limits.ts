import type { Clock } from '@lp/core';
import { Refusal } from './model.ts';

const WINDOW_MS = 1_000;

/** Counts requests, by who sends them and by method; refuses what is too many within a second. */
export class RateLimits {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #windows = new Map<string, { since: number; count: number }>();

  /** No limit at 0. */
  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** @throws Refusal with 429 when the sender has used up this second. */
  take(partyId: string, method: string): void {
    if (this.#limit === 0) return;
    const now = this.#clock.now();
    const key = `${partyId} ${method}`;
    const window = this.#windows.get(key);
    if (!window || now - window.since >= WINDOW_MS) this.#windows.set(key, { since: now, count: 1 });
    else if (window.count >= this.#limit) throw new Refusal(429, 'Too many requests');
    else window.count++;
  }
}
