import { type ClockTimer, ConfigError, systemClock } from '@lp/core';

/** How long a wait of a test lasts at most, in milliseconds of real time. */
const DEFAULT_WAIT_MS = 5_000;

/** What a wait that a closed simulator can no longer fulfil is rejected with. */
export const simulatorClosed = (): Error => new Error('the simulator is closed');

/** The time that a wait may take, 5,000 ms by default. @throws ConfigError for what is no number of at least 0. */
export function timeoutOf(wait: string, { timeoutMs = DEFAULT_WAIT_MS }: { readonly timeoutMs?: number }): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs;
  throw new ConfigError(`${wait}.timeoutMs must be a number of milliseconds of at least 0; Infinity waits for ever`);
}

/** @throws ConfigError for what cannot say whether something fits. */
export function checkPredicate(wait: string, predicate: unknown): void {
  if (typeof predicate !== 'function') throw new ConfigError(`${wait}: what says whether it fits must be a function`);
}

/** Ends a wait in real time, whatever the clock of the simulator; one without end has no timer. */
export function startWaitTimer(timeoutMs: number, expired: () => void): ClockTimer {
  if (timeoutMs === Infinity) return { cancel: () => undefined };
  return systemClock.setTimer(expired, timeoutMs);
}
