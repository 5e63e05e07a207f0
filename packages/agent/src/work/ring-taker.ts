import { type BackoffPolicy, backoffDelay, type Stream } from '@lp/core';
import { sleep, toError } from '@lp/core/internal';
import type { Capacity } from './capacity.ts';
import type { WorkParts } from './conversation-query.ts';
import type { Ring } from './ring.ts';
import type { ServeSettings } from './serve-options.ts';

const ANSWER_RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 8_000, jitter: 'full' };
/** What the platform gives to an offer. */
const RING_LIFE_MS = 72_000;

type RingTakerParts = Pick<WorkParts, 'clock' | 'platformClock' | 'report' | 'router' | 'storeHealth'>;

/** A ring that is being answered; `gone` is aborted when it waits no longer. */
interface Answering {
  readonly conversationId: string;
  readonly gone: AbortController;
}

/** Accepts rings, or rejects them when there is no room; tries again while a ring waits. */
export class RingTaker {
  readonly #parts: RingTakerParts;
  readonly #settings: ServeSettings;
  readonly #capacity: Capacity;
  readonly #isHandled: (conversationId: string) => boolean;
  readonly #answering = new Map<string, Answering>();
  #stopped = false;

  constructor(
    parts: RingTakerParts,
    settings: ServeSettings,
    capacity: Capacity,
    isHandled: (conversationId: string) => boolean,
  ) {
    this.#parts = parts;
    this.#settings = settings;
    this.#capacity = capacity;
    this.#isHandled = isHandled;
  }

  /** Answers rings until their stream ends. */
  async take(rings: Stream<Ring>): Promise<void> {
    const changes = this.#parts.router.routingTasks.subscribe({ overflow: 'drop-oldest' });
    void this.#noticeEnds(changes);
    try {
      for await (const ring of rings) {
        // One that is told again while it is being answered is the same.
        if (!this.#answering.has(ring.ringId)) void this.#answer(ring);
      }
    } finally {
      changes.close();
    }
  }

  /** Takes no more: what waits to be tried again is left to other agents. */
  stop(): void {
    this.#stopped = true;
    for (const { gone } of this.#answering.values()) gone.abort();
  }

  /** A ring that somebody else took, or that has expired, need not be answered any more. */
  async #noticeEnds(changes: ReturnType<WorkParts['router']['routingTasks']['subscribe']>): Promise<void> {
    try {
      for await (const { type, result } of changes) {
        for (const { ringId, ringState } of result.ringsDetails ?? []) {
          if (ringState !== 'WAITING') this.#answering.get(ringId)?.gone.abort();
        }
        if (type !== 'DELETE') continue;
        for (const { conversationId, gone } of this.#answering.values()) {
          if (conversationId === result.conversationId) gone.abort();
        }
      }
    } catch {
      // The stream of rings ends with the same error, and tells it.
    }
  }

  async #answer(ring: Ring): Promise<void> {
    const { ringId, conversationId } = ring;
    const gone = new AbortController();
    this.#answering.set(ringId, { conversationId, gone });
    try {
      const wanted = await this.#decide(ring);
      // Serving may have stopped while the answer was awaited: nobody would handle the conversation.
      if (!wanted || this.#stopped) {
        this.#capacity.forget(conversationId);
        return await ring.reject();
      }
      await this.#accept(ring, gone.signal);
    } catch (error) {
      this.#capacity.forget(conversationId);
      // Another agent was faster, or the consumer has left: nothing is wrong.
      if (gone.signal.aborted) this.#parts.report.logger.debug('a ring was gone before it was answered', { ringId });
      else if (!this.#stopped) this.#parts.report.handlerError('acceptRing', error, conversationId);
    } finally {
      this.#answering.delete(ringId);
    }
  }

  async #decide(ring: Ring): Promise<boolean> {
    const { acceptRing, skillIds } = this.#settings;
    const { conversationId, skillId } = ring;
    if (skillIds && (skillId === undefined || !skillIds.includes(skillId))) return false;
    if (!this.#isHandled(conversationId) && !this.#capacity.hasRoom) return false;
    // The place is taken while the decision is made, so that others do not take it meanwhile.
    this.#capacity.expect(conversationId);
    return (await acceptRing?.(ring)) ?? true;
  }

  /**
   * Accepts, again and again while the ring waits, whatever becomes of an accept: a refusal may be a hiccup, and that a
   * ring waits no longer is told by the platform. Rejects with the last failure when it waits no longer.
   */
  async #accept(ring: Ring, signal: AbortSignal): Promise<void> {
    const { clock, platformClock, report, storeHealth } = this.#parts;
    const lifeMs = ring.expiresAt ? ring.expiresAt.getTime() - platformClock.now() : RING_LIFE_MS;
    const until = clock.now() + Math.min(lifeMs, RING_LIFE_MS);
    let failure: unknown;
    for (let attempt = 1; ; attempt++) {
      try {
        // Nobody could remember what was said in it.
        if (storeHealth.failing) throw new Error('the store of positions fails; no conversations are taken meanwhile');
        await ring.accept({ wait: false });
        return;
      } catch (error) {
        failure = error;
      }
      const delayMs = backoffDelay(ANSWER_RETRY, attempt);
      if (signal.aborted || clock.now() + delayMs >= until) throw failure;
      report.logger.debug('a ring could not be accepted, it will be tried again', {
        ringId: ring.ringId,
        attempt,
        error: toError(failure).name,
      });
      await sleep(clock, delayMs, { signal }).catch(() => undefined);
      if (signal.aborted) throw failure;
      // The place may have been given up while this one waited.
      this.#capacity.expect(ring.conversationId);
    }
  }
}
