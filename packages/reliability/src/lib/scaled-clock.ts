import { type Clock, systemClock } from '@lp/core';

/**
 * A clock that runs `factor` times as fast as the machine's. Two processes that are given the same factor and the same
 * start agree on the time.
 */
export function createScaledClock(factor: number, startedAt: number): Clock {
  return {
    now: () => startedAt + (Date.now() - startedAt) * factor,
    setTimer: (callback, delayMs, options) => systemClock.setTimer(callback, delayMs / factor, options),
  };
}
