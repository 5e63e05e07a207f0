import { ConfigError } from './errors.ts';
import { onAbort } from './on-abort.ts';

/** A timer handed out by a {@link Clock}. */
export interface ClockTimer {
  /** Stops the timer; nothing happens when it has fired or was stopped before. */
  cancel(): void;
}

/** Where time comes from. Give your own in tests; the default is the machine's. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls `callback` once after `delayMs` milliseconds.
   * With `background` (default false), the timer does not keep the process alive (where the platform can do that).
   */
  setTimer(callback: () => void, delayMs: number, options?: { background?: boolean }): ClockTimer;
}

// setTimeout fires at once when its delay does not fit into 31 bits.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's own clock. Delays above 2³¹−1 ms (24.8 days) are cut to that. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, delayMs, options) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS));
    if (options?.background === true) (timer as { unref?: () => void }).unref?.();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** What is left of a time that began at `since`: never more than all of it, whatever the time of day does. */
export function timeLeft(since: number | undefined, ms: number, now: number): number {
  return since === undefined ? 0 : Math.min(ms, Math.max(0, since + ms - now));
}

/** Whether `now` is within `ms` after `at`; not when the clock was set back since, for then nobody knows how long ago that was. */
export function isWithin(at: number, ms: number, now: number): boolean {
  return now >= at && now - at < ms;
}

/** Resolves after `delayMs` of the clock's time; rejects with `signal.reason` when aborted first. */
export function sleep(
  clock: Clock,
  delayMs: number,
  options: { signal?: AbortSignal | undefined; background?: boolean } = {},
): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const timer = clock.setTimer(
      () => {
        stop?.();
        resolve();
      },
      delayMs,
      { background: options.background ?? false },
    );
    const stop =
      signal &&
      onAbort(signal, () => {
        timer.cancel();
        reject(signal.reason);
      });
  });
}

/** @throws ConfigError for what is not an AbortSignal. */
export function checkSignal(signal: unknown, name = 'signal'): asserts signal is AbortSignal {
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') {
    throw new ConfigError(`${name} must be an AbortSignal`);
  }
}
