import type { Clock, ClockTimer } from '@lp/core';

/** Requests that were made together and run out together. */
export interface DeadlineGroup {
  readonly timeoutMs: number;
  /** How many of them have no response yet. */
  open: number;
  timer: ClockTimer | undefined;
}

/**
 * Times requests out. Those made in one go with the same limit share one timer, so a burst of a thousand costs one and
 * not a thousand; a group's timer is stopped with its last response.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #expire: (group: DeadlineGroup) => void;
  /** Those of this go: one for each limit, and few limits are in use. */
  #joinable: DeadlineGroup[] = [];

  constructor(clock: Clock, expire: (group: DeadlineGroup) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** The group of a request made now. */
  join(timeoutMs: number): DeadlineGroup {
    let group = this.#joinable.find((one) => one.timeoutMs === timeoutMs);
    if (!group) {
      group = { timeoutMs, open: 0, timer: undefined };
      // A promise and not queueMicrotask, which fake timers replace.
      if (this.#joinable.push(group) === 1) void Promise.resolve().then(() => this.#start());
    }
    group.open++;
    return group;
  }

  leave(group: DeadlineGroup): void {
    if (--group.open === 0) group.timer?.cancel();
  }

  #start(): void {
    const groups = this.#joinable;
    this.#joinable = [];
    for (const group of groups) {
      if (group.open === 0) continue;
      group.timer = this.#clock.setTimer(() => this.#expire(group), group.timeoutMs, { background: true });
    }
  }
}
