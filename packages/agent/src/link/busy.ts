import { type BackoffPolicy, backoffDelay, RequestRejectedError } from '@lp/core';
import { isBusy, ladderDelay, retryAfterOf } from '@lp/core/internal';

// What the platform asks of its clients: after a 5xx these waits, after a 429 at least a second, and no bursts.
const SERVER_ERROR_MS = [5_000, 10_000, 15_000, 120_000];
const RATE_LIMIT_MS = 1_000;
// What was too much at once comes back spread over two seconds, then four, and so on.
const SPREAD: BackoffPolicy = { initialMs: 2_000, factor: 2, maxMs: 120_000, jitter: 'full' };

/** Whether the platform has refused something only because it is in trouble, or is asked too much: 429 and 5xx. */
export function isTooBusy(error: unknown): error is RequestRejectedError {
  return RequestRejectedError.isInstance(error) && isBusy(error.status);
}

/** How long to wait before what has failed so often in a row is tried again, in milliseconds; `usual` is for other failures. */
export function pauseAfter(
  error: unknown,
  failures: number,
  usual: BackoffPolicy,
  random: () => number = Math.random,
): number {
  return Math.max(retryAfterOf(error), busyPause(error, failures, random) ?? backoffDelay(usual, failures, random));
}

function busyPause(error: unknown, failures: number, random: () => number): number | undefined {
  if (!isTooBusy(error)) return undefined;
  if (error.status === 429) return RATE_LIMIT_MS + backoffDelay(SPREAD, failures, random);
  return ladderDelay(SERVER_ERROR_MS, failures, random);
}
