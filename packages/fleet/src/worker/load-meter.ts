import type { LoginLoad } from '../engine/engine.ts';

/** Counts what a login has to do: its handlers, and the dialogs in which a consumer waits. */
export class LoadMeter {
  readonly #handled = new Map<string, number>();
  readonly #waiting = new Map<string, { sequence: number; since: number }>();
  #open = 0;

  /** Runs a handler and counts it. */
  async during<T>(handler: () => Promise<T>): Promise<T> {
    this.#open++;
    try {
      return await handler();
    } finally {
      this.#open--;
    }
  }

  /** A consumer's message was seen, whether new or not. */
  said(dialogId: string, sequence: number, at: number): void {
    if (sequence <= (this.#handled.get(dialogId) ?? -1)) return;
    const known = this.#waiting.get(dialogId);
    this.#waiting.set(dialogId, { sequence: Math.max(sequence, known?.sequence ?? -1), since: known?.since ?? at });
  }

  /** A dialog is handled up to a number. */
  handled(dialogId: string, sequence: number): void {
    this.#handled.set(dialogId, sequence);
    if ((this.#waiting.get(dialogId)?.sequence ?? -1) <= sequence) this.#waiting.delete(dialogId);
  }

  /** A dialog has ended. */
  ended(dialogId: string): void {
    this.#handled.delete(dialogId);
    this.#waiting.delete(dialogId);
  }

  read(now = Date.now()): LoginLoad {
    let oldest = now;
    for (const { since } of this.#waiting.values()) oldest = Math.min(oldest, since);
    return { open: this.#open, unhandled: this.#waiting.size, oldestUnhandledMs: now - oldest };
  }
}
