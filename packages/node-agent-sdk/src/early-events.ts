import { type ClockTimer, systemClock } from '@lp/core';
import type { EventRecord } from './messages.ts';

/** How long a live event waits for those before it. */
export const PATIENCE_MS = 2_500;

/**
 * The events of a dialog that come before their turn: those that were handed on all the same, and live ones that wait for
 * the history. One that does not respond must not silence the dialog: when the first has waited too long all are due, and
 * so is at once what comes until the history has.
 */
export class EarlyEvents {
  readonly #release: (events: EventRecord[]) => void;
  readonly #shown = new Set<number>();
  readonly #waiting = new Map<number, EventRecord>();
  #timer: ClockTimer | undefined;
  #due = false;

  constructor(release: (events: EventRecord[]) => void) {
    this.#release = release;
  }

  /** Takes note of one that is handed on. False when it was before. */
  show(sequence: number): boolean {
    const isNew = !this.#shown.has(sequence);
    this.#shown.add(sequence);
    return isNew;
  }

  wasShown(sequence: number): boolean {
    return this.#shown.has(sequence);
  }

  /** Takes note of a live one. True when it is to be handed on, false when it waits or was shown. */
  admit(sequence: number, event: EventRecord): boolean {
    if (this.#due) return this.show(sequence);
    if (!this.#shown.has(sequence)) this.#waiting.set(sequence, event);
    this.resume();
    return false;
  }

  /** One has its turn. True when it was shown. */
  pass(sequence: number): boolean {
    if (this.#waiting.delete(sequence) && this.#waiting.size === 0) this.pause();
    return this.#shown.delete(sequence);
  }

  /** There is a connection, and a history that may respond. */
  resume(): void {
    this.#due = false;
    if (this.#waiting.size > 0)
      this.#timer ??= systemClock.setTimer(() => this.#end(), PATIENCE_MS, { background: true });
  }

  /** There is nothing to wait for. */
  pause(): void {
    this.#due = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #end(): void {
    this.#timer = undefined;
    this.#due = true;
    const late = [...this.#waiting].toSorted(([a], [b]) => a - b);
    this.#waiting.clear();
    for (const [sequence] of late) this.#shown.add(sequence);
    this.#release(late.map(([, event]) => event));
  }
}
