import type { Stream } from '@lp/core';
import { startResyncEngine } from './resync-engine.ts';
import type { Gap, ResyncStreamOptions, SequencedEvent } from './resync-types.ts';
import { DEFAULT_CAPACITY, SequenceLedger } from './sequence-ledger.ts';

export type {
  Gap,
  HistoryPage,
  ResyncReport,
  ResyncRetry,
  ResyncSink,
  ResyncSource,
  ResyncStreamOptions,
  SequencedEvent,
  StreamStart,
} from './resync-types.ts';

/**
 * A stream of a dialog's events: ordered by sequence, each once, none left out, in bounded memory (at most twice
 * `capacity` events). Live events, replays and hints merge; what was missed while the connection was down, or while the
 * consumer was slow, is read from the history; a hole that is certain and cannot be filled becomes an item.
 *
 * Nothing happens before the first `next()`. A failure of the history that is final ends the stream with its error,
 * after what is buffered. However it ends, the stream is detached at once, its query is aborted and no timer is left.
 *
 * `gapItem` makes the item for a gap; one that returns undefined leaves gaps to `onGap`. `toItem` makes the item for an
 * event, when that is not the event itself.
 */
export function createResyncStream<E extends SequencedEvent, I>(
  options: ResyncStreamOptions<E> & { toItem: (event: E) => I; gapItem: (gap: Gap) => I | undefined },
): Stream<I>;
export function createResyncStream<E extends SequencedEvent, G = never>(
  options: ResyncStreamOptions<E> & { gapItem: (gap: Gap) => G | undefined },
): Stream<E | G>;
export function createResyncStream<E extends SequencedEvent>(options: ResyncStreamOptions<E>): Stream<E | Gap>;
export function createResyncStream<E extends SequencedEvent>(
  options: ResyncStreamOptions<E> & { gapItem?: (gap: Gap) => unknown; toItem?: (event: E) => unknown },
): Stream<unknown> {
  return startResyncEngine(options, new SequenceLedger(options.capacity ?? DEFAULT_CAPACITY));
}
