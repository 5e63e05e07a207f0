import type { Stream } from '@lp/core';
import { isOpen } from '@lp/core/internal';

const FIRST_SWEEP = 8;

/**
 * The streams that one handler has opened. Those that have ended are let go of when there are many: to be told of each
 * end would take more room than most handlers' only stream.
 */
export class OpenStreams {
  #streams: readonly Stream<unknown>[] = [];
  #sweepAt = FIRST_SWEEP;
  #open = true;

  /** Whether the handler is at work. */
  get open(): boolean {
    return this.#open;
  }

  add(stream: Stream<unknown>): void {
    if (this.#streams.length >= this.#sweepAt) {
      this.#streams = this.#streams.filter(isOpen);
      this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#streams.length);
    }
    this.#streams = this.#streams.concat(stream);
  }

  /** Ends them after what they hold. */
  close(): void {
    this.#open = false;
    for (const stream of this.#streams) stream.close();
  }
}
