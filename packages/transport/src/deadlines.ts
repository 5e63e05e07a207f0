import type { Clock, ClockTimer } from '@lp/core';

// A process that was suspended, or busy for as long, sees its timers before the responses that have come meanwhile: those
// are read first.
const LATE_MS = 500;
const READING_MS = 50;

/** Requests that were made in the same millisecond and run out together. */
export interface DeadlineGroup {
  readonly timeoutMs: number;
  /** How many of them have no response yet. */
  open: number;
  readonly timer: ClockTimer;
}

/**
 * Times requests out. Those made in the same millisecond with the same limit share one timer: to set and to stop one costs
 * more than all else that a request needs, where they follow each other closely. So a timer is not stopped with its last
 * response while another request may join, but when the next one is made later than that, or by `stop`.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #expire: (group: DeadlineGroup) => void;
  readonly #elapsed: () => number;
  /** The millisecond of those that can be joined, by the clock and by the time that passes: either may stand still, or be set. */
  #now = Number.NaN;
  #millisecond = Number.NaN;
  /** One for each limit, and few limits are in use. */
  #joinable: DeadlineGroup[] = [];

  constructor(clock: Clock, expire: (group: DeadlineGroup) => void, elapsed = () => performance.now()) {
    this.#clock = clock;
    this.#expire = expire;
    this.#elapsed = elapsed;
  }

  /** The group of a request made now. */
  join(timeoutMs: number): DeadlineGroup {
    const now = this.#clock.now();
    const millisecond = Math.trunc(this.#elapsed());
    if (now !== this.#now || millisecond !== this.#millisecond) {
      this.stop();
      this.#now = now;
      this.#millisecond = millisecond;
    }
    const group = this.#joinable.find((one) => one.timeoutMs === timeoutMs) ?? this.#begin(timeoutMs);
    group.open++;
    return group;
  }

  leave(group: DeadlineGroup): void {
    if (--group.open === 0 && !this.#joinable.includes(group)) group.timer.cancel();
  }

  /** Lets nobody join any more, and stops the timers that nobody waits for. */
  stop(): void {
    for (const group of this.#joinable) if (group.open === 0) group.timer.cancel();
    this.#joinable = [];
    this.#now = Number.NaN;
  }

  #begin(timeoutMs: number): DeadlineGroup {
    const begunAt = this.#elapsed();
    const expire = () => {
      // With a limit below a millisecond it may still be joined.
      this.stop();
      if (this.#elapsed() - begunAt < timeoutMs + LATE_MS) this.#expire(group);
      else this.#clock.setTimer(() => this.#expire(group), READING_MS, { background: true });
    };
    const timer = this.#clock.setTimer(expire, timeoutMs, { background: true });
    const group: DeadlineGroup = { timeoutMs, open: 0, timer };
    this.#joinable.push(group);
    return group;
  }
}
