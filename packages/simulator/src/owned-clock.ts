import type { Clock, ClockTimer } from '@lp/core';

/** A clock whose timers can all be stopped at once, so that nothing is left behind. */
export interface OwnedClock extends Clock {
  stopAll(): void;
}

export function ownClock(clock: Clock): OwnedClock {
  const timers = new Set<ClockTimer>();
  let stopped = false;
  return {
    now: () => clock.now(),
    setTimer(callback, delayMs, options) {
      if (stopped) return { cancel: () => undefined };
      const inner = clock.setTimer(
        () => {
          timers.delete(timer);
          callback();
        },
        delayMs,
        options,
      );
      const timer: ClockTimer = {
        cancel() {
          timers.delete(timer);
          inner.cancel();
        },
      };
      timers.add(timer);
      return timer;
    },
    stopAll() {
      stopped = true;
      for (const timer of [...timers]) timer.cancel();
    },
  };
}
