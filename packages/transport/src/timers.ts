import type { Clock, ClockTimer } from '@lp/core';

/** The clock's timers in the form p-timeout takes. */
export function timersOf(
  clock: Clock,
  options: { background?: boolean } = {},
): { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout } {
  return {
    setTimeout: ((callback: () => void, delayMs: number) =>
      clock.setTimer(callback, delayMs, options)) as unknown as typeof setTimeout,
    clearTimeout: ((timer: ClockTimer | undefined) => timer?.cancel()) as unknown as typeof clearTimeout,
  };
}
