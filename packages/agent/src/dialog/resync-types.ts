import type { BackoffPolicy, Clock } from '@lp/core';
import type { Limiter } from '@lp/core/internal';
import type { ResyncCause } from '../inbound/status.ts';

/** An event of a dialog. One without a `sequence` is ephemeral, as typing is: it has no place in the order and is not kept. */
export interface SequencedEvent {
  readonly sequence?: number | undefined;
}

/** A hole in a dialog's events that is certain and cannot be filled: events between the two numbers, both excluded, are lost. */
export interface Gap {
  readonly kind: 'gap';
  readonly dialogId?: string | undefined;
  /** The number before the hole; -1 when the first events of the dialog are lost. */
  readonly after: number;
  /** The number after the hole. */
  readonly before: number;
}

/** One answer of the history. */
export interface HistoryPage<E> {
  /** Events above `after`, in any order. Repeated ones and those at or below `after` do no harm. */
  readonly events: readonly E[];
  /** Whether nothing follows; undefined when the server does not say, then one more query finds out. */
  readonly complete: boolean | undefined;
}

/** Where missed events are read from. */
export interface ResyncSource<E> {
  /**
   * Asks for the events above `after`; -1 is from the start. An answer that is not complete holds the lowest numbers
   * above `after`, with none of those that the history has left out in between. One with nothing above `after` is
   * taken as the end of the history, whatever it says. The promise must settle, with a time limit of its own; it
   * should reject when `signal` is aborted, and its outcome is ignored from then on.
   */
  query(request: { after: number; signal: AbortSignal }): Promise<HistoryPage<E>>;
}

/**
 * Where a stream begins: behind a number (-1 is the beginning), or with what comes from now on. A start that was found
 * by reading the history behind that number gives what it read as `page`: it need not be read again.
 */
export type StreamStart<E = never> =
  | { readonly kind: 'after'; readonly sequence: number; readonly page?: HistoryPage<E> | undefined }
  | { readonly kind: 'live' };

/** Tells that a stream has caught up with the history. */
export interface ResyncReport {
  readonly dialogId: string | undefined;
  readonly cause: ResyncCause;
  /** The stream's position when it began to read the history, and now. -1 is before the first event. */
  readonly from: number;
  readonly to: number;
  /** How many queries it took. */
  readonly queries: number;
  /** Numbers in between that neither live events nor the history showed, and that are not known to be lost. */
  readonly skipped: number;
}

/** Tells that the history could not be read and will be asked again. */
export interface ResyncRetry {
  readonly dialogId: string | undefined;
  readonly error: unknown;
  readonly attempt: number;
  readonly delayMs: number;
}

/** The side of a stream that the router feeds. Every method is synchronous, never throws, and does nothing after the end. */
export interface ResyncSink<E> {
  /** An event that the server pushed on connection number `epoch`. */
  live(event: E, epoch: number): void;
  /** An event known from elsewhere, as the last content event of a conversation: before or after its live twin, or without one. */
  hint(event: E, epoch: number): void;
  /** The connection is down: nothing is queried until it is back. A stream counts as connected until it is told. */
  connectionLost(): void;
  /** The connection is back and what the server pushes flows again: the history is read from the stream's position on. */
  connectionRestored(epoch: number): void;
  /**
   * No more events will come. The stream ends when it has passed `lastSequence`; without one, after one more complete
   * answer of the history.
   */
  ended(lastSequence?: number): void;
  /** Nothing more can be had at all: the stream ends with this error, after what is buffered. */
  failed(error: Error): void;
}

/** What a durable stream is made of. */
export interface ResyncStreamOptions<E> {
  source: ResyncSource<E>;
  /**
   * Where to begin. A function is called once the stream is read first, and again when it fails retryably; `signal`
   * tells that the stream was left.
   */
  start: StreamStart<E> | ((signal: AbortSignal) => Promise<StreamStart<E>>);
  /** Called when the stream is read first: begins to feed the sink, and returns what stops that. */
  onAttach(sink: ResyncSink<E>): () => void;
  /** Shared by all streams of a connection, so that their queries after a reconnect do not come all at once. */
  limiter: Limiter;
  /** Named in gaps, reports and diagnostics. */
  dialogId?: string | undefined;
  /** Unread events kept, 1,024 by default. As many again are kept aside while the history is read. */
  capacity?: number | undefined;
  /** The unread count at which a stream that had filled up reads on; a quarter of `capacity` by default. */
  lowWater?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Events for which this is false are passed over: not delivered, but they move the stream's position. Default: none. */
  accept?: ((event: E) => boolean) | undefined;
  /** An event's number; by default its `sequence`. For events whose number means nothing, as a typing event's 0. */
  sequenceOf?: ((event: E) => number | undefined) | undefined;
  /**
   * Whether the server pushes an event for every number of the dialog, accept statuses included; only then is a number
   * missing from both live events and history a certain loss. True, false (the default), or a test for a live event
   * that proves it: an accept status, which a reader who is pushed content only never gets.
   */
  everyNumberPushed?: boolean | ((event: E) => boolean) | undefined;
  /** Called with each item as it is handed to the consumer. */
  onTake?: ((item: never) => void) | undefined;
  /** Called once when the consumer has read the end or has left. */
  onReadOut?: (() => void) | undefined;
  /** Called for each hole that is certain and cannot be filled, at its place in the order. */
  onGap?: ((gap: Gap) => void) | undefined;
  /** Called each time the stream has caught up. */
  onResync?: ((report: ResyncReport) => void) | undefined;
  /** Called each time a query failed and will be tried again. */
  onRetry?: ((retry: ResyncRetry) => void) | undefined;
  /** Called when a slow consumer has let the buffer fill up, once until it has read down to `lowWater`. */
  onPressure?: (() => void) | undefined;
  /** Called when it has. */
  onRelief?: (() => void) | undefined;
  /**
   * Whether a failed query may be tried again; a final failure ends the stream with that error. Default: errors that
   * are `retryable`, and lost or late answers, since a query changes nothing.
   */
  isRetryable?: ((error: unknown) => boolean) | undefined;
  /** Waits between failed queries; 1 s doubling to 30 s, full jitter, by default. */
  backoff?: BackoffPolicy | undefined;
  clock?: Clock | undefined;
  /** For the jitter; `Math.random` by default. */
  random?: (() => number) | undefined;
}
