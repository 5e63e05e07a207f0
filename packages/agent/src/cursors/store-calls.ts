import { type Clock, RequestTimeoutError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';

const LONGEST_MS = 5_000;
// A store that hangs must not hold up every message for so long.
const SHORTEST_MS = 100;
// What a slow response counts for fades, or one would be remembered for good.
const FADING = 0.9;

/** Calls a store, and waits for the response no longer than is good. */
export type StoreCall = <T>(what: string, call: () => Promise<T>) => Promise<T>;

/**
 * Bounds the calls of one store: to 5 s each, and from one that took longer on to twice what the store has usually taken,
 * at least 100 ms, until a response shows that it is as before. One that comes too late for its call shows that too.
 * A call that was not waited for rejects with a RequestTimeoutError; what the store makes of it is not known.
 */
export function createStoreCalls(clock: Clock): StoreCall {
  let patienceMs = LONGEST_MS;
  let usualMs = 0;
  const timed = async <T>(call: () => Promise<T>): Promise<T> => {
    const startedAt = clock.now();
    const result = await call();
    const tookMs = clock.now() - startedAt;
    if (tookMs <= LONGEST_MS) {
      usualMs = Math.max(tookMs, usualMs * FADING);
      patienceMs = LONGEST_MS;
    }
    return result;
  };
  return async (what, call) => {
    const late = createDeferred<never>();
    const timer = clock.setTimer(() => {
      patienceMs = Math.min(Math.max(SHORTEST_MS, 2 * usualMs), LONGEST_MS);
      late.reject(new RequestTimeoutError(`the cursor store does not respond: ${what} was waited for in vain`));
    }, patienceMs);
    try {
      return await Promise.race([timed(call), late.promise]);
    } finally {
      timer.cancel();
    }
  };
}
