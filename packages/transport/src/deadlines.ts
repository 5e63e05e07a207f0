import type { Clock, ClockTimer } from '@lp/core';

/** Requests that were made together and run out together. */
export interface DeadlineGroup {
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
  readonly #joinable = new Map<number, DeadlineGroup>();

  constructor(clock: Clock, expire: (group: DeadlineGroup) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** The group of a request made now. */
  join(timeoutMs: number): DeadlineGroup {
    let group = this.#joinable.get(timeoutMs);
    if (!group) {
      group = { open: 0, timer: undefined };
      this.#joinable.set(timeoutMs, group);
      // A promise and not queueMicrotask, which fake timers replace.
      void Promise.resolve().then(() => this.#start(timeoutMs));
    }
    group.open++;
    return group;
  }

  leave(group: DeadlineGroup): void {
    if (--group.open === 0) group.timer?.cancel();
  }

  #start(timeoutMs: number): void {
    const group = this.#joinable.get(timeoutMs);
    this.#joinable.delete(timeoutMs);
    if (!group || group.open === 0) return;
    group.timer = this.#clock.setTimer(() => this.#expire(group), timeoutMs, { background: true });
  }
}
