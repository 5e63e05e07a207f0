import type { Stream, StreamOptions } from '@lp/core';
import type { NotificationFrame, RequestFrame, ResponseFrame } from './frames.ts';
import type { ConnectionEvent, StatusEvent } from './status.ts';

/**
 * `idle` before `connect()`; `connecting` until the first connection is usable, waits between dials included;
 * `reconnecting` while a lost one is replaced; `draining` from `drain()` on; `closed` for good.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'draining' | 'closed';

/** What a single request may be told. */
export interface RequestOptions<T = ResponseFrame> {
  /** Default: the transport's `requestTimeoutMs`. Runs from the call, waiting for a connection included. `Infinity` for none. */
  timeoutMs?: number | undefined;
  /** Rejects the request with `signal.reason`. What was written stays written. */
  signal?: AbortSignal | undefined;
  /** True: sending it twice does no harm, so it is sent again when its connection is lost before the response. Default false. */
  idempotent?: boolean | undefined;
  /**
   * Makes of the response what the promise resolves with, when the response is received; what it throws, the promise rejects
   * with. Default: the response as it is. Keep it short: what was received with the response waits meanwhile.
   */
  read?: ((response: ResponseFrame) => T) | undefined;
  /**
   * The frame's id. It must not have been used on this connection: one that waits for its response, or was among the
   * last 1,024 given, is a ConfigError. Default: the next number.
   */
  id?: string | undefined;
  /**
   * Called with the response as it was received, one of 400 and above too, before the promise settles and before anything
   * received after it is handed on. What it throws is logged and changes nothing.
   */
  onResponse?: ((frame: ResponseFrame) => void) | undefined;
}

/** Counters of a transport since it was made, and two gauges. */
export interface TransportStats {
  /** Requests without a response, waiting ones included. */
  readonly inFlight: number;
  /** Bytes of requests that wait for a connection. */
  readonly queuedBytes: number;
  /** Requests that were written. */
  readonly framesSent: number;
  /** Frames read, those that were left out included. */
  readonly framesReceived: number;
  /** Responses to requests that had timed out or been aborted. */
  readonly lateResponses: number;
  /** Responses to requests that had theirs already. */
  readonly duplicateResponses: number;
  /** Responses to requests that were never made. */
  readonly unknownResponses: number;
  /** Frames that were left out. */
  readonly invalidFrames: number;
  /** Throws of `onNotification` listeners. */
  readonly listenerErrors: number;
}

/**
 * One connection to the messaging platform that replaces itself when it is lost.
 *
 * It knows the envelopes (request, response, notification), the keep-alive and the reconnect rules, and no message types.
 */
export interface Transport extends AsyncDisposable {
  /** How it stands with the connection now. */
  readonly state: ConnectionState;
  /** Grows with every opened socket; 0 before the first. */
  readonly epoch: number;
  /** What has been counted so far. */
  readonly stats: TransportStats;
  /** Resolves when the transport has ended for good: with what ended it, else with undefined. Never rejects. */
  readonly closed: Promise<Error | undefined>;

  /**
   * Resolves when there is a usable connection, at once when there is one. Rejects when the transport ends first: with
   * the error of `url` or `prepare` that is not retryable, the refusal of the server, or the last failure when the
   * policy allows no more dials. A transport that has ended cannot be connected again.
   */
  connect(): Promise<void>;
  /**
   * Sends a request and resolves with its response. While connecting it waits for the connection. Rejects with
   * RequestRejectedError for a response of 400 and above or without a usable code, RequestTimeoutError,
   * OutcomeUnknownError (connection lost after it was written), ConnectionLostError or NotConnectedError (never
   * written), OutboxFullError, DrainingError, ClosedError, ConfigError for a request that cannot be sent as it is, or
   * with `signal.reason`, also once the signal of the transport was aborted. Never throws.
   */
  request<T = ResponseFrame>(frame: RequestFrame, options?: RequestOptions<T>): Promise<T>;
  /** Calls `listener` with each notification while it is received; keep it short. Returns the function that ends this. */
  onNotification(listener: (frame: NotificationFrame) => void): () => void;
  /**
   * Calls `listener` when a connection has become usable and when it was lost, in the same turn: frames that are received
   * afterwards come later. Keep it short; what it throws is logged. Returns the function that ends this.
   */
  onConnection(listener: (event: ConnectionEvent) => void): () => void;
  /** Calls `listener` with each status event while it happens, before `status()` gives it. Else as `onConnection`. */
  onStatus(listener: (event: StatusEvent) => void): () => void;
  /** A stream of the notifications from now on; when full (default 1,024) its oldest are dropped and `status()` tells. */
  notifications(options?: StreamOptions): Stream<NotificationFrame>;
  /** A stream of what happens to the connection from now on; when full (default 256) its oldest are dropped. */
  status(options?: StreamOptions): Stream<StatusEvent>;
  /**
   * Replaces the connection now, and resolves when the new one is usable; rejects as `connect()` does. Never dials
   * beside a dial under way, nor sooner than the policy's spacings allow. With `reauth` (default false) it asks `url` for a new token,
   * with `ifOld` unless the last new one was asked for less than 5 s ago.
   */
  reconnect(options?: { reauth?: boolean | 'ifOld' }): Promise<void>;
  /**
   * Refuses new requests, ends the notification streams after what they hold, waits for the responses that are due, then
   * closes. After `timeoutMs` (default 30,000) it closes all the same. Never rejects; the second call joins the first.
   */
  drain(options?: { timeoutMs?: number }): Promise<void>;
  /** Ends everything now and resolves when the socket is gone. Never rejects; the second call joins the first. */
  close(): Promise<void>;
  /**
   * Ends everything abruptly, within this call: the socket is destroyed without a close frame, and neither what waits in
   * the outbox nor what the socket has not yet handed to the system leaves. Pending requests reject as with `close()`, and
   * `closed` resolves. Cuts a `close()` or `drain()` under way short; never throws.
   */
  terminate(): void;
}
