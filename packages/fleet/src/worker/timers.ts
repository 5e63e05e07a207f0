import type { Clock, ClockTimer } from '@lp/core';

interface Due {
  readonly at: number;
  readonly timer: ClockTimer;
}

/** What a worker does again and again, each by a timer of its own. */
export type TimerKind = 'beat' | 'deadline' | 'look' | 'tick';

/** Timers by kind, one of each. */
export class Timers {
  readonly #clock: Clock;
  readonly #due = new Map<TimerKind, Due>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `run` after `delayMs`, instead of what was to be run of this kind; with `keep`, what is due sooner stays. */
  set(kind: TimerKind, delayMs: number, run: () => void, { keep = false }: { keep?: boolean } = {}): void {
    if (this.#closed) return;
    const at = this.#clock.now() + delayMs;
    const known = this.#due.get(kind);
    if (keep && known !== undefined && known.at <= at) return;
    known?.timer.cancel();
    const timer = this.#clock.setTimer(() => {
      this.#due.delete(kind);
      run();
    }, delayMs);
    this.#due.set(kind, { at, timer });
  }

  /** Cancels all; none is set any more. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#due.values()) timer.cancel();
    this.#due.clear();
  }
}
