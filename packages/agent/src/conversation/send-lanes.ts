import { abortable } from '@lp/core/internal';

/**
 * Keeps the sends of each dialog, and those of one key, in the order of the calls. A confirmed send may have to be looked up and sent again, so
 * those behind it wait until it is settled; others are written at once. A send whose signal is aborted while it waits is
 * given up at once, and those behind it go on waiting for the ones before it.
 */
export class SendLanes {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a send whose successors wait for it. */
  confirmed<T>(lane: string, send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(lane);
    const sent = before ? abortable(before, signal).then(send) : send();
    const settled: Promise<void> = Promise.allSettled([before, sent]).then(() => {
      if (this.#last.get(lane) === settled) this.#last.delete(lane);
    });
    this.#last.set(lane, settled);
    return sent;
  }

  /** Runs a send that waits for the confirmed ones before it, and holds nobody up. */
  plain<T>(lane: string, send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(lane);
    return before ? abortable(before, signal).then(send) : send();
  }
}
