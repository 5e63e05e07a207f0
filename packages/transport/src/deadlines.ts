import type { Clock } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';
import pTimeout from 'p-timeout';
import { timersOf } from './timers.ts';

/** Requests that were made together and run out together. */
export interface DeadlineGroup {
  /** How many of them have no answer yet. */
  open: number;
  readonly answered: Deferred<void>;
}

/**
 * Times requests out. Those made in one go with the same limit share one timer, so a burst of a thousand costs one and
 * not a thousand; a group's timer is stopped with its last answer.
 */
export class Deadlines {
  readonly #timers: ReturnType<typeof timersOf>;
  readonly #expire: (group: DeadlineGroup) => void;
  readonly #joinable = new Map<number, DeadlineGroup>();

  constructor(clock: Clock, expire: (group: DeadlineGroup) => void) {
    this.#timers = timersOf(clock, { background: true });
    this.#expire = expire;
  }

  /** The group of a request made now. */
  join(timeoutMs: number): DeadlineGroup {
    let group = this.#joinable.get(timeoutMs);
    if (!group) {
      group = { open: 0, answered: createDeferred<void>() };
      this.#joinable.set(timeoutMs, group);
      queueMicrotask(() => this.#start(timeoutMs));
    }
    group.open++;
    return group;
  }

  leave(group: DeadlineGroup): void {
    if (--group.open === 0) group.answered.resolve();
  }

  #start(timeoutMs: number): void {
    const group = this.#joinable.get(timeoutMs);
    this.#joinable.delete(timeoutMs);
    if (!group || group.open === 0) return;
    withoutStackTraces(() => {
      void pTimeout(group.answered.promise, {
        milliseconds: timeoutMs,
        customTimers: this.#timers,
        fallback: () => this.#expire(group),
      });
    });
  }
}

/**
 * p-timeout makes its error in advance; the stack trace of an error that nobody sees takes four times as long as all
 * the rest. `Reflect.set` does nothing where `Error` is frozen.
 */
function withoutStackTraces(action: () => void): void {
  const limit = Error.stackTraceLimit;
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    action();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
