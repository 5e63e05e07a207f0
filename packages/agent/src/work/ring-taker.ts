import { type BackoffPolicy, backoffDelay, type Stream } from '@lp/core';
import { abortable, sleep, toError } from '@lp/core/internal';
import { mayBeDone } from '../link/patiently.ts';
import type { Capacity } from './capacity.ts';
import type { WorkParts } from './conversation-query.ts';
import type { HandlerRunner } from './handler-runner.ts';
import type { Ring } from './ring.ts';
import type { ServeSettings } from './serve-options.ts';

const ANSWER_RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 8_000, jitter: 'full' };
/** What the platform gives to an offer. */
const RING_LIFE_MS = 72_000;

type RingTakerParts = Pick<WorkParts, 'clock' | 'platformClock' | 'report' | 'router' | 'store' | 'storeHealth'>;

/** A ring that is being answered; `gone` is aborted when it waits no longer. */
interface Answering {
  readonly conversationId: string;
  readonly gone: AbortController;
  /** Set once it is decided that it is taken; settles when it was, or was not. */
  accepting?: Promise<void>;
  /** Whether the platform has agreed to that, or may have: its response need not have come. */
  isTaken?: boolean;
}

/** Accepts rings, or rejects them when there is no room; tries again while a ring waits. */
export class RingTaker {
  readonly #parts: RingTakerParts;
  readonly #settings: ServeSettings;
  readonly #capacity: Capacity;
  readonly #handlers: Pick<HandlerRunner, 'renew'>;
  readonly #answering = new Map<string, Answering>();
  #stopped = false;

  constructor(
    parts: RingTakerParts,
    settings: ServeSettings,
    capacity: Capacity,
    handlers: Pick<HandlerRunner, 'renew'>,
  ) {
    this.#parts = parts;
    this.#settings = settings;
    this.#capacity = capacity;
    this.#handlers = handlers;
  }

  /** Answers rings until their stream ends. */
  async take(rings: Stream<Ring>): Promise<void> {
    // Read at once: it holds what one notification does.
    const changes = this.#parts.router.routingTasks.subscribe({ capacity: Number.MAX_SAFE_INTEGER });
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
    for (const { accepting, conversationId, gone } of this.#answering.values()) {
      gone.abort();
      if (!accepting) this.#capacity.forget(conversationId);
    }
  }

  /** Resolves when it is known of each ring that was to be taken whether it was. */
  async finished(): Promise<void> {
    await Promise.allSettled([...this.#answering.values()].flatMap(({ accepting }) => accepting ?? []));
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
    const answering: Answering = { conversationId, gone };
    this.#answering.set(ringId, answering);
    try {
      const wanted = await this.#decide(ring, gone);
      // Serving may have stopped while the answer was awaited: nobody would handle the conversation.
      if (!wanted || this.#stopped) {
        this.#capacity.forget(conversationId);
        return await this.#insist(ring, gone.signal, () => ring.reject());
      }
      answering.accepting = this.#accept(ring, answering);
      await answering.accepting;
    } catch (error) {
      if (answering.isTaken !== true) this.#capacity.forget(conversationId);
      // Another agent was faster, or the consumer has left: nothing is wrong.
      if (gone.signal.aborted) this.#parts.report.logger.debug('a ring was gone before it was answered', { ringId });
      else if (!this.#stopped) this.#parts.report.handlerError('acceptRing', error, conversationId);
    } finally {
      this.#answering.delete(ringId);
    }
  }

  async #decide(ring: Ring, gone: AbortController): Promise<boolean> {
    const { acceptRing, skillIds } = this.#settings;
    const { conversationId, skillId } = ring;
    if (skillIds && (skillId === undefined || !skillIds.includes(skillId))) return false;
    if (!this.#capacity.hasRoomFor(conversationId)) return false;
    // The place is taken while the decision is made, so that others do not take it meanwhile.
    this.#capacity.expect(conversationId);
    if (!acceptRing) return true;
    // It may never say; nor need anybody tell that the ring waits no longer.
    const end = this.#parts.clock.setTimer(() => gone.abort(), this.#lifeMs(ring), { background: true });
    try {
      return (await abortable(Promise.resolve(acceptRing(ring)), gone.signal)) ?? true;
    } catch (error) {
      if (this.#stopped) return false;
      throw error;
    } finally {
      end.cancel();
    }
  }

  async #accept(ring: Ring, answering: Answering): Promise<void> {
    const { store, storeHealth } = this.#parts;
    const { conversationId } = ring;
    const take = () => {
      if (answering.isTaken !== true) this.#handlers.renew(conversationId);
      answering.isTaken = true;
    };
    // What is offered has been away, told or not: that it is here again is news, though it be told as it was before.
    store.doubt(conversationId);
    await this.#insist(ring, answering.gone.signal, async () => {
      // The place may have been given up while this one waited.
      this.#capacity.expect(conversationId);
      // Nobody could remember what was said in it.
      if (storeHealth.failing) throw new Error('the store of positions fails; no conversations are taken meanwhile');
      try {
        await ring.accept({ wait: false });
      } catch (error) {
        if (mayBeDone(error)) take();
        throw error;
      }
      take();
    });
  }

  /**
   * Answers, again and again while the ring waits, whatever becomes of it: a refusal may be a hiccup, and that a ring waits
   * no longer is told by the platform. Rejects with the last failure when it waits no longer.
   */
  async #insist(ring: Ring, signal: AbortSignal, answer: () => Promise<unknown>): Promise<void> {
    const { clock, report } = this.#parts;
    const until = clock.now() + this.#lifeMs(ring);
    for (let attempt = 1; ; attempt++) {
      let failure: unknown;
      try {
        await answer();
        return;
      } catch (error) {
        failure = error;
      }
      const delayMs = backoffDelay(ANSWER_RETRY, attempt);
      if (signal.aborted || clock.now() + delayMs >= until) throw failure;
      report.logger.debug('a ring could not be answered, it will be tried again', {
        ringId: ring.ringId,
        attempt,
        error: toError(failure).name,
      });
      await sleep(clock, delayMs, { signal }).catch(() => undefined);
      if (signal.aborted) throw failure;
    }
  }

  /** How long a ring may wait. One that is told as waiting does, whatever end is told: a time that is past is none. */
  #lifeMs({ expiresAt }: Ring): number {
    const lifeMs = expiresAt ? expiresAt.getTime() - this.#parts.platformClock.now() : 0;
    return lifeMs > 0 ? Math.min(lifeMs, RING_LIFE_MS) : RING_LIFE_MS;
  }
}
