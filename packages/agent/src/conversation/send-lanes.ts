import type { Clock } from '@lp/core';
import { abortable, createDeferred } from '@lp/core/internal';

// Whoever wants to leave a conversation must be able to, also where a send before it cannot be confirmed.
const LONGEST_TURN_MS = 10_000;

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
    this.#hold(lane, before, sent);
    return sent;
  }

  /** Runs a send that waits for the confirmed ones before it, and holds nobody up. */
  plain<T>(lane: string, send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(lane);
    return before ? abortable(before, signal).then(send) : send();
  }

  /**
   * Runs what concerns several dialogs: it waits for the confirmed sends before it in all of them, `timeoutMs` at most (and
   * never over ten seconds), and then goes all the same. What comes later waits until it is written.
   */
  across<T>(
    lanes: readonly string[],
    send: () => Promise<T>,
    {
      clock,
      signal,
      timeoutMs = LONGEST_TURN_MS,
    }: { clock: Clock; signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  ): Promise<T> {
    const before = lanes.flatMap((lane) => this.#last.get(lane) ?? []);
    if (before.length === 0) return send();
    const { promise, resolve } = createDeferred<void>();
    const timer = clock.setTimer(resolve, Math.min(timeoutMs, LONGEST_TURN_MS));
    void Promise.all(before).then(() => resolve());
    const turn = abortable(promise, signal).finally(() => timer.cancel());
    const sent = turn.then(send);
    for (const lane of lanes) this.#hold(lane, this.#last.get(lane), turn);
    return sent;
  }

  #hold(lane: string, before: Promise<unknown> | undefined, until: Promise<unknown>): void {
    const settled: Promise<void> = Promise.allSettled([before, until]).then(() => {
      if (this.#last.get(lane) === settled) this.#last.delete(lane);
    });
    this.#last.set(lane, settled);
  }
}
