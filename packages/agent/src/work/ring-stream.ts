import { ClosedError, type Stream, type StreamOptions } from '@lp/core';
import { BoundedMap, checkStreamOptions, createChannel, toError } from '@lp/core/internal';
import type { RoutingTaskChange } from '../inbound/mapping/index.ts';
import type { WorkParts } from './conversation-query.ts';
import { Ring } from './ring.ts';

/** What {@link openRings} needs. */
export interface RingSource {
  readonly parts: WorkParts;
  /** Asks the platform for rings; the waiting ones follow. Returns how to give the subscription up. */
  readonly subscribe: (onLost: (error: Error) => void, signal: AbortSignal) => Promise<() => void>;
}

// A ring lives for 72 seconds; the end of one may never be told.
const MOST_RINGS = 10_000;

/**
 * A stream of rings, each once however often the platform tells of it; one whose answer failed is given again when it is
 * told again. Subscribes when it is read first.
 */
export function openRings({ parts, subscribe }: RingSource, options: StreamOptions): Stream<Ring> {
  checkStreamOptions('rings', options);
  const seen = new BoundedMap<string, true>(MOST_RINGS);
  let changes: Stream<RoutingTaskChange> | undefined;
  const ended = new AbortController();
  let unsubscribe: (() => void) | undefined;
  const channel = createChannel<Ring>({
    ...options,
    // A ring that was not looked at for so long has expired.
    overflow: 'drop-oldest',
    onStart: () => void start(),
    onClose: () => {
      ended.abort();
      changes?.close();
      unsubscribe?.();
    },
  });

  async function start(): Promise<void> {
    changes = parts.router.routingTasks.subscribe({ overflow: 'drop-oldest' });
    void forward(changes);
    try {
      const stop = await subscribe((error) => channel.fail(error), ended.signal);
      if (channel.open) unsubscribe = stop;
      else stop();
    } catch (error) {
      if (ClosedError.isInstance(error)) channel.end();
      else channel.fail(toError(error));
    }
  }

  async function forward(source: Stream<RoutingTaskChange>): Promise<void> {
    try {
      for await (const change of source) offer(change);
      channel.end();
    } catch (error) {
      channel.fail(toError(error));
    }
  }

  function offer(change: RoutingTaskChange): void {
    for (const details of change.result.ringsDetails) {
      const { ringId } = details;
      if (details.ringState !== 'WAITING') seen.delete(ringId);
      else if (!seen.has(ringId)) {
        seen.set(ringId, true);
        channel.push(new Ring(parts, change, details, () => seen.delete(ringId)));
      }
    }
  }

  return channel.stream;
}
