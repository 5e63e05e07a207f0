import { type BackoffPolicy, backoffDelay, type Clock, type ClockTimer } from '@lp/core';

// Who was told to ask less does not ask again at once, whatever the jitter says.
const RATE_LIMITED_MS = 1000;
const FAILURE_BACKOFF: BackoffPolicy = { initialMs: 1000, factor: 2, maxMs: 30_000, jitter: 'full' };
// A replica that lags behind has caught up by then, or its response is the truth.
const DOUBT_BACKOFF: BackoffPolicy = { initialMs: 250, factor: 4, maxMs: 1000, jitter: 'none' };

/** The pause before a query that failed, or whose response is doubtful, is sent again. */
export class QueryRetry {
  readonly #clock: Clock;
  readonly #random: (() => number) | undefined;
  #timer: ClockTimer | undefined;
  #failures = 0;
  #doubts = 0;

  constructor(clock: Clock, random?: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  /** How often it has failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and gives the pause it calls for; a second at least when there were too many queries. */
  failed(rateLimited: boolean): { attempt: number; delayMs: number } {
    const attempt = ++this.#failures;
    const delayMs = backoffDelay(FAILURE_BACKOFF, attempt, this.#random);
    return { attempt, delayMs: rateLimited ? Math.max(RATE_LIMITED_MS, delayMs) : delayMs };
  }

  /** Counts a doubtful response and gives the pause it calls for. */
  doubted(): number {
    this.#failures = 0;
    return backoffDelay(DOUBT_BACKOFF, ++this.#doubts);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#doubts = 0;
  }

  wait(delayMs: number, then: () => void): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      then();
    }, delayMs);
  }

  /** Ends the pause without what was to follow. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
