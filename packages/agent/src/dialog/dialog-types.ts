import type { Clock } from '@lp/core';
import type { Limiter } from '@lp/core/internal';
import type { ConversationState } from '../inbound/conversation-store.ts';
import type { Ending } from '../inbound/lifecycle.ts';
import type { ResyncCause } from '../inbound/status.ts';
import type { HistoryPage } from './sequence-ledger.ts';

export type { HistoryPage };

/** An event of a dialog. One without a `sequence` is ephemeral, as typing is: it has no place in the order and is not kept. */
export interface SequencedEvent {
  readonly sequence?: number | undefined;
}

/** A hole in a dialog's events that is certain and cannot be filled: events between the two numbers, both excluded, are lost. */
export interface Gap {
  /** Tells it from an event. */
  readonly kind: 'gap';
  /** The dialog that lacks something. */
  readonly dialogId: string;
  /** The number before the hole; -1 when the first events of the dialog are lost. */
  readonly after: number;
  /** The number after the hole. */
  readonly before: number;
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
  readonly dialogId: string;
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
export interface QueryRetryReport {
  readonly dialogId: string;
  readonly error: unknown;
  readonly attempt: number;
  readonly delayMs: number;
}

/** The side of a stream that is fed. Every method is synchronous, never throws, and does nothing after the end. */
export interface DialogSink<E> {
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
   * response of the history.
   */
  ended(lastSequence?: number): void;
  /** The agent ends its streams. Resolves when the consumer has read the end. */
  stop(ending: Ending): Promise<void>;
}

/** Which dialog a stream is of. */
export interface DialogPlace {
  readonly dialogId: string;
  /** The state of its conversation when asked. */
  readonly state: () => ConversationState;
}

/** Where streams tell what happens to them. */
export interface DialogReport {
  /** A hole that is certain and cannot be filled, at its place in the order. */
  gap(gap: Gap): void;
  /** The stream has caught up. */
  resynced(report: ResyncReport): void;
  /** A query failed and will be tried again. */
  retrying(retry: QueryRetryReport): void;
  /** The history of a dialog that has ended is refused: what was not pushed is not known. */
  refused(dialogId: string): void;
  /** A slow consumer has let the buffer fill up; told once until it has read most of it. */
  highWater(dialogId: string): void;
}

/** What the streams of all dialogs of an agent stand on. */
export interface DialogPort<E> {
  /**
   * Asks for the events above `after`; -1 is from the start. A response that is not complete holds the lowest numbers
   * above `after`, with none of those that the history has left out in between. One with nothing above `after` is
   * taken as the end of the history, whatever it says. The promise must settle, with a time limit of its own; it
   * should reject when `signal` is aborted, and its outcome is ignored from then on.
   */
  query(dialogId: string, request: { after: number; signal: AbortSignal }): Promise<HistoryPage<E>>;
  /** Begins to feed the sink; returns what stops that. Called when a stream is read first. */
  attach(place: DialogPlace, sink: DialogSink<E>): () => void;
  /** Shared by all streams of a connection, so that their queries after a reconnect do not come all at once. */
  readonly limiter: Limiter;
  /** Shared by those whose query was late the last time, so that they take few of the turns from the others. */
  readonly late: Limiter;
  readonly clock: Clock;
  readonly report: DialogReport;
  /** An event's number; undefined for events whose number means nothing, as a typing event's 0. */
  sequenceOf(event: E): number | undefined;
  /**
   * Whether this live event proves that the server pushes one for every number of the dialog, accept statuses included;
   * only then is a number missing from both live events and history a certain loss.
   */
  provesEveryNumber(event: E): boolean;
  /** For the jitter of retries; `Math.random` by default. */
  readonly random?: (() => number) | undefined;
}

/** What of a dialog a consumer gets. */
export interface DialogView<E, I> {
  /** Events for which this is false are passed over: not delivered, but they move the stream's position. Default: none. */
  accept?(event: E): boolean;
  /** What is delivered for an event; `recovered` when it came from the history. */
  toItem(event: E, recovered: boolean): I;
  /** What is delivered for a gap; undefined leaves it to the report. */
  gapItem(gap: Gap): I | undefined;
  /** Called once, when the consumer first asks for an item or the stream is opened ahead of that. What it throws ends the stream. */
  onStart?(): void;
  /** Called each time the consumer asks for an item. The item waits for the promise; a rejection ends the stream. */
  beforeNext?(): Promise<void> | undefined;
  /** Asked of each item that waits, when its turn has come: one for which it is true is not delivered. */
  skips?(item: I): boolean;
  /** Called with each item as it is delivered to the consumer. */
  onDeliver?(item: I): void;
  /** Called once when the consumer has read the regular end (true), or has left, failed or never came (false). */
  onDrained?(complete: boolean): void;
  /** Called when there is no room for what comes, until some of what waits was delivered. */
  onFull?(): void;
  /** Called when the history has nothing more to say for now: the stream is live. */
  onCaughtUp?(): void;
  /** Called once, however the stream ends. */
  onClose?(): void;
}

/** Which stream. */
export interface DialogStreamOptions<E> extends DialogPlace {
  /**
   * Where to begin. A function is called once the stream is read first, and again when it fails retryably, sooner where it
   * has told `onPage` meanwhile; `signal` tells that the stream was left.
   */
  readonly start: StreamStart<E> | ((signal: AbortSignal, onPage: () => void) => Promise<StreamStart<E>>);
  /**
   * Reads what was missed above `after` while there was no connection, in the place of the port's query: for who has to know
   * more of it than its next page before any of it is delivered.
   */
  missed?(after: number, signal: AbortSignal, onPage: () => void): Promise<HistoryPage<E>>;
  /** Unread events kept, 1,024 by default. As many again are kept aside while the history is read. */
  readonly capacity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
