import type { Clock } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';

/** What the first notification of a subscription held. */
export interface ConversationBatch {
  readonly conversationIds: readonly string[];
  /** The earliest time of a last update among them, in milliseconds since the epoch; undefined when none has one that can be. */
  readonly oldest: number | undefined;
}

/**
 * Catches the first notification of a subscription. It may arrive before the subscription's id is known, so every
 * batch is kept while this collects.
 */
export class ConversationBatches {
  readonly #batches = new Map<string, ConversationBatch>();
  readonly #waiting = new Map<string, Deferred<ConversationBatch | undefined>>();
  readonly #stop: () => void;

  constructor(register: (collector: ConversationBatches) => () => void) {
    this.#stop = register(this);
  }

  /** Takes in a notification. */
  note(subscriptionId: string, batch: ConversationBatch): void {
    if (!this.#batches.has(subscriptionId)) this.#batches.set(subscriptionId, batch);
    this.#waiting.get(subscriptionId)?.resolve(batch);
  }

  /**
   * The first batch of a subscription. Undefined when none came in `timeoutMs`: after a reconnect it comes under an id
   * that is not known here.
   */
  async of(subscriptionId: string, clock: Clock, timeoutMs: number): Promise<ConversationBatch | undefined> {
    const known = this.#batches.get(subscriptionId);
    if (known) return known;
    const waiting = createDeferred<ConversationBatch | undefined>();
    this.#waiting.set(subscriptionId, waiting);
    const timer = clock.setTimer(() => waiting.resolve(undefined), timeoutMs);
    try {
      return await waiting.promise;
    } finally {
      timer.cancel();
    }
  }

  /** Collects no more; whoever waits gets nothing. */
  stop(): void {
    this.#stop();
    for (const waiting of this.#waiting.values()) waiting.resolve(undefined);
  }
}
