import type { Clock } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';
import pTimeout from 'p-timeout';
import { timersOf } from './timers.ts';

/** Requests that were made together and run out together. */
export interface DeadlineGroup {
  /** How many of them have no answer yet. */
  open: number;
  /** When they were made. */
  readonly at: number;
  /** Whether it is still the turn of the event loop in which the first was made: then the clock need not be read. */
  inTurn: boolean;
  readonly answered: Deferred<void>;
}

/**
 * Times requests out. Those made in one millisecond with the same limit share one timer, so a burst of a thousand costs
 * one and not a thousand; a group's timer is stopped with its last answer.
 */
export class Deadlines {
  readonly #timers: ReturnType<typeof timersOf>;
  readonly #expire: (group: DeadlineGroup) => void;
  readonly #clock: Clock;
  readonly #joinable = new Map<number, DeadlineGroup>();

  constructor(clock: Clock, expire: (group: DeadlineGroup) => void) {
    this.#clock = clock;
    this.#timers = timersOf(clock, { background: true });
    this.#expire = expire;
  }

  /** The group of a request made now. */
  join(timeoutMs: number): DeadlineGroup {
    const latest = this.#joinable.get(timeoutMs);
    if (latest && (latest.inTurn || latest.at === this.#clock.now())) {
      latest.open++;
      return latest;
    }
    const group = { open: 1, at: this.#clock.now(), inTurn: true, answered: createDeferred<void>() };
    this.#joinable.set(timeoutMs, group);
    queueMicrotask(() => this.#start(group, timeoutMs));
    return group;
  }

  leave(group: DeadlineGroup, timeoutMs: number): void {
    if (--group.open > 0) return;
    group.answered.resolve();
    if (this.#joinable.get(timeoutMs) === group) this.#joinable.delete(timeoutMs);
  }

  #start(group: DeadlineGroup, timeoutMs: number): void {
    group.inTurn = false;
    if (group.open === 0) return;
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
