/** Counters of a stream, current whenever they are read. */
export interface StreamStats {
  /** Items that wait to be read. */
  readonly buffered: number;
  /** Items handed to the consumer. */
  readonly delivered: number;
  /** How often the stream was filled up from history after an overflow or a lost connection. */
  readonly resyncs: number;
  /** Items given up above high-water, by the stream's documented overflow rule. */
  readonly dropped: number;
}

/**
 * A bounded sequence of items for one consumer, read with `for await`.
 *
 * - `break`, `return` and an error in the loop's body close the stream: its buffer is dropped, its clean-up runs once,
 *   and a `next()` that waits settles at once.
 * - An aborted `signal` rejects the `next()` that waits (or the following one) with `signal.reason`; the buffer is dropped.
 * - `close()` and a natural end deliver what is buffered, then end.
 * - A fatal error is thrown once, after what is buffered, then the stream has ended.
 * - A lost connection is not visible here: it shows in `status()`, and durable streams fill the gap by themselves.
 * - A gap that cannot be filled is told as an item or a status event, never by silence.
 * - A second consumer is refused when it asks for an iterator.
 * - `await using` closes the stream, drops the buffer and waits for its clean-up; it never throws.
 */
export interface Stream<T> extends AsyncIterable<T>, AsyncDisposable {
  /** Resolves when the stream accepts no more items: with the error that ended it, else with undefined. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** How many items were delivered and dropped, and how many wait. */
  readonly stats: StreamStats;
  /** Ends the stream; what is buffered can still be read. Does nothing the second time. */
  close(): void;
  /** @throws ConfigError when the stream has a consumer already. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** What every method that returns a {@link Stream} takes. */
export interface StreamOptions {
  /** Ends the stream: `next()` rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** How many unread items are kept before the stream's overflow rule applies. Default: the method's own. */
  capacity?: number | undefined;
}
