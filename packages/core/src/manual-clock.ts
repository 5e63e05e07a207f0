import type { Clock, ClockTimer } from './clock.ts';

/** A clock that only moves when told to, for tests. */
export interface ManualClock extends Clock {
  /** How many timers wait. */
  readonly pendingTimers: number;
  /**
   * Moves time on by `ms`, firing each due timer in order at its own time. Between two timers, promise callbacks and
   * input that has already arrived are given a turn, so what a timer starts can set the next one.
   */
  advance(ms: number): Promise<void>;
  /** Moves the time of day without firing anything, as a corrected system clock does. */
  jump(ms: number): void;
}

interface Entry {
  dueAt: number;
  order: number;
  callback: () => void;
}

// Pages have no setImmediate.
const later = globalThis.setImmediate ?? ((callback: () => void) => setTimeout(callback, 0));

// One turn of the event loop lets promise chains of any length settle and delivers input that waits.
const turn = (): Promise<void> => new Promise((resolve) => later(resolve));

/** Makes a {@link ManualClock}; `startMs` is its first time of day, by default 1 January 2030. */
export function createManualClock(startMs = Date.UTC(2030, 0, 1)): ManualClock {
  const entries = new Set<Entry>();
  let elapsed = 0;
  let offset = startMs;
  let order = 0;

  function nextDue(limit: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of entries) {
      if (entry.dueAt > limit) continue;
      if (!first || entry.dueAt < first.dueAt || (entry.dueAt === first.dueAt && entry.order < first.order))
        first = entry;
    }
    return first;
  }

  return {
    now: () => offset + elapsed,
    get pendingTimers() {
      return entries.size;
    },
    setTimer(callback, delayMs): ClockTimer {
      const entry: Entry = { dueAt: elapsed + Math.max(0, delayMs), order: order++, callback };
      entries.add(entry);
      return { cancel: () => void entries.delete(entry) };
    },
    async advance(ms) {
      const target = elapsed + ms;
      await turn();
      for (let entry = nextDue(target); entry; entry = nextDue(target)) {
        entries.delete(entry);
        elapsed = Math.max(elapsed, entry.dueAt);
        entry.callback();
        await turn();
      }
      elapsed = target;
    },
    jump(ms) {
      offset += ms;
    },
  };
}
