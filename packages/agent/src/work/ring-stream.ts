import {
  type BackoffPolicy,
  backoffDelay,
  type ClockTimer,
  ClosedError,
  type Stream,
  type StreamOptions,
} from '@lp/core';
import { BoundedMap, checkStreamOptions, createChannel } from '@lp/core/internal';
import { briefOf } from '../inbound/conversation-store.ts';
import type { RoutingTaskChange } from '../inbound/mapping/index.ts';
import type { WorkParts } from './conversation-query.ts';
import { Ring, type RingDetails } from './ring.ts';

/** What {@link openRings} needs. */
export interface RingSource {
  readonly parts: WorkParts;
  /** Asks the platform for rings; the waiting ones follow. Returns how to give the subscription up. */
  readonly subscribe: (onLost: (error: Error) => void, signal: AbortSignal) => Promise<() => void>;
}

/** A ring that was told of. */
interface Offer {
  /** How often it was answered. */
  answers: number;
  /** Set once it was told that it waits no longer: it will not again, whatever comes late. */
  over?: boolean;
  /** Set while it is about to be given again. */
  again?: ClockTimer | undefined;
}

// A ring lives for 72 seconds; the end of one may never be told.
const MOST_RINGS = 10_000;
// What is told right after an answer may be of before it.
const AGAIN: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 8_000, jitter: 'none' };

/**
 * A stream of rings, each once however often the platform tells of it. One whose answer failed is given again when it is
 * told again; so is, after a moment, one that is told as waiting after it was answered: the answer was lost. Subscribes
 * when it is read first.
 */
export function openRings({ parts, subscribe }: RingSource, options: StreamOptions): Stream<Ring> {
  checkStreamOptions('rings', options);
  const { clock, report, router, store } = parts;
  const offers = new BoundedMap<string, Offer>(MOST_RINGS);
  const again = new Map<Offer, string>();
  let changes: Stream<RoutingTaskChange> | undefined;
  const ended = new AbortController();
  let unsubscribe: (() => void) | undefined;
  const channel = createChannel<Ring>({
    ...options,
    // A ring that was not looked at for so long has expired.
    overflow: 'drop-oldest',
    onHighWater: () => report.status({ type: 'slowConsumer', stream: 'rings' }),
    onStart: () => void start(),
    onClose: () => {
      ended.abort();
      changes?.close();
      unsubscribe?.();
      for (const offer of again.keys()) leave(offer);
    },
  });

  async function start(): Promise<void> {
    // Read at once: it holds what one notification does.
    changes = router.routingTasks.subscribe({ capacity: Number.MAX_SAFE_INTEGER });
    void forward(changes);
    try {
      const stop = await subscribe((error) => channel.fail(error), ended.signal);
      if (channel.open) unsubscribe = stop;
      else stop();
    } catch (error) {
      if (ClosedError.isInstance(error)) channel.end();
      else channel.fail(error);
    }
  }

  async function forward(source: Stream<RoutingTaskChange>): Promise<void> {
    try {
      for await (const change of source) see(change);
      channel.end();
    } catch (error) {
      channel.fail(error);
    }
  }

  function see(change: RoutingTaskChange): void {
    const { type, result } = change;
    const isOver = type === 'DELETE';
    for (const details of result.ringsDetails) {
      if (isOver || details.ringState !== 'WAITING') end(details.ringId);
      else offer(change, details);
    }
    if (!isOver) return;
    for (const [waiting, conversationId] of again) if (conversationId === result.conversationId) leave(waiting);
  }

  function offer(change: RoutingTaskChange, details: RingDetails): void {
    const { ringId } = details;
    const known = offers.get(ringId);
    if (known && (known.over === true || known.answers === 0 || known.again)) return;
    const ring = new Ring(parts, change, details, (isGiven) => noteAnswer(ringId, isGiven));
    if (known) return giveAgain(known, ring);
    offers.set(ringId, { answers: 0 });
    channel.push(ring);
  }

  function giveAgain(known: Offer, ring: Ring): void {
    const { conversationId } = ring;
    again.set(known, conversationId);
    const give = () => {
      leave(known);
      if (!isTaken(conversationId)) channel.push(ring);
    };
    known.again = clock.setTimer(give, backoffDelay(AGAIN, known.answers), { background: true });
  }

  function isTaken(conversationId: string): boolean {
    const state = store.get(conversationId);
    return !state.doubted && briefOf(state)?.myRoles.includes('ASSIGNED_AGENT') === true;
  }

  function noteAnswer(ringId: string, isGiven: boolean): void {
    const known = offers.get(ringId);
    if (!known || known.over === true) return;
    if (isGiven) {
      known.answers++;
    } else {
      leave(known);
      offers.delete(ringId);
    }
  }

  function end(ringId: string): void {
    const known = offers.get(ringId) ?? { answers: 0 };
    leave(known);
    known.over = true;
    offers.set(ringId, known);
  }

  function leave(known: Offer): void {
    known.again?.cancel();
    known.again = undefined;
    again.delete(known);
  }

  return channel.stream;
}
