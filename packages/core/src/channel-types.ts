import type { Stream, StreamOptions } from './stream.ts';

/**
 * What happens to an item that finds `capacity` items unread:
 * `refuse` gives it back to the producer (`push` returns false), `drop-oldest` and `drop-newest` count what they drop,
 * `fail` ends the stream with a SlowConsumerError, and `latest` replaces the unread item of the same key. With `latest`
 * the buffer is bounded by `capacity` plus the number of keys.
 */
export type Overflow<T> = 'refuse' | 'drop-oldest' | 'drop-newest' | 'fail' | { readonly latest: (item: T) => unknown };

export interface ChannelOptions<T> extends StreamOptions {
  /** Default `refuse`. */
  overflow?: Overflow<T>;
  /** Low-water: the unread count at which a channel that was full counts as read again; default a quarter of `capacity`, rounded down. */
  lowWater?: number | undefined;
  /** Called once, when the consumer first asks for an item. */
  onStart?: () => void;
  /**
   * Called each time the consumer asks for an item, before it gets one. The item waits for the promise, and no longer
   * than somebody reads; when the promise rejects, the stream ends with that error and what is buffered is dropped.
   */
  beforeNext?: () => Promise<void> | undefined;
  /** Asked of each item that waits, when its turn has come: one for which it is true is not delivered. Default: none. */
  skips?: ((item: T) => boolean) | undefined;
  /** Called with each item as it is delivered to the consumer. */
  onDeliver?: ((item: T) => void) | undefined;
  /** Called once when the consumer has read the regular end (true), or has left, failed or never came (false). */
  onDrained?: ((complete: boolean) => void) | undefined;
  /** Called each time the buffer has filled up, once until it is at low-water again. */
  onHighWater?: () => void;
  /** Called when a buffer that had filled up is read down to `lowWater`. */
  onLowWater?: () => void;
  /** Clean-up; called once however the channel ends. Disposal waits for the promise it may return. */
  onClose?: () => void | Promise<void>;
}

/** The producer's side of a {@link Stream}. */
export interface Channel<T> {
  readonly stream: Stream<T>;
  /** True while items are accepted. */
  readonly open: boolean;
  readonly size: number;
  /** Resolves when the channel has ended and its consumer has read that, has left, or never came. */
  readonly drained: Promise<void>;
  /** Adds an item; false when it was refused or the channel has ended. */
  push(item: T): boolean;
  /** Counts a fill-up from history in the stream's statistics. */
  countResync(): void;
  /** Counts items that were given up outside the buffer. */
  countDropped(count: number): void;
  /** Ends the stream after what is buffered. */
  end(): void;
  /** Ends the stream after what is buffered; its reader gets `error` itself, be it an Error or not. */
  fail(error: unknown): void;
}
