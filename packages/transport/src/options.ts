import type { Clock, LoggerOption, RejectionDetails } from '@lp/core';
import type { CloseClass } from './close-codes.ts';
import type { RequestFrame } from './frames.ts';
import type { DialReason } from './status.ts';
import type { Transport } from './transport-types.ts';
import type { WriteGate } from './write-gate.ts';

/** What `url` is told about the dial it is asked for. */
export interface UrlAttempt {
  /** Counts the dials since the last stable session, from 1. */
  readonly number: number;
  /** `reauth`: the last token was refused, so the URL must carry a new one. */
  readonly reason: DialReason;
  /** Aborted when the response is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A socket that is open but does not count as connected yet. */
export interface PreparingConnection {
  /** The number of this socket, from 1; every socket has its own. */
  readonly epoch: number;
  /** True when there was a connection before. */
  readonly reconnected: boolean;
  /** Aborted when this connection is gone. */
  readonly signal: AbortSignal;
  /** Sends on this connection, at once; when the connection is lost it rejects, idempotent or not. */
  readonly request: Transport['request'];
}

/** When a silent connection is checked. */
export interface KeepAliveOptions {
  /**
   * Longest silence before a probe, in milliseconds; default 25,000. Silence is nothing received, or nothing sent: the
   * platform closes a connection on which the client sends nothing for 60 s.
   */
  idleMs?: number | undefined;
  /** How long a probe may stay without any frame from the server, in milliseconds; default 15,000. Then the connection is given up. */
  timeoutMs?: number | undefined;
  /** `ping` sends a ping frame (not in browsers), `request` sends `probeRequest`; default `ping` where it exists. */
  probe?: 'ping' | 'request' | undefined;
  /** The request that the `request` probe sends; any response counts. Default `{ type: '.GetClock', body: {} }`. */
  probeRequest?: RequestFrame | undefined;
}

/** When a lost connection is dialled again. The defaults are the platform's own rules. */
export interface ReconnectPolicy {
  /** Upper bound of the first wait, in milliseconds; default 5,000. */
  initialMs?: number | undefined;
  /** What the bound is multiplied with from wait to wait; default 1.25. */
  factor?: number | undefined;
  /** The bound never grows past this, in milliseconds; default 120,000. */
  maxMs?: number | undefined;
  /** `full`: a random part of the bound, so that a fleet does not return in step. `none`: the bound itself. Default `full`. */
  jitter?: 'full' | 'none' | undefined;
  /** How many waits and dials there are before the transport gives up; default 35, and `Infinity` with `connectAgent`. `Infinity` never does. */
  maxAttempts?: number | undefined;
  /** A connection that has lasted this long resets the count and the waits, in milliseconds; default 30,000. */
  stableMs?: number | undefined;
  /** Waits after an upgrade that got 5xx, in milliseconds; the last repeats. Default 5,000, 10,000, 15,000, 120,000. Up to a fifth is added at random. */
  serverErrorDelaysMs?: readonly number[] | undefined;
  /** Shortest wait after 429, in milliseconds; default 1,000. A longer `Retry-After` is kept to; the usual wait is added. */
  rateLimitMs?: number | undefined;
  /** Least time between the starts of two dials that need a new token, in milliseconds; default 5,000. */
  loginSpacingMs?: number | undefined;
  /** Least time between the starts of two dials, `reconnect()` included, in milliseconds; default 1,000. */
  dialSpacingMs?: number | undefined;
  /** Where chance comes from, in [0, 1); default `Math.random`. */
  random?: (() => number) | undefined;
}

/** TLS settings. Certificates are always verified. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the machine's, as PEM. Not in browsers. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
}

/** What {@link createTransport} takes. */
export interface TransportOptions {
  /**
   * Gives the URL of each dial. `wss:`; `ws:` to loopback hosts only. A rejection is a failed dial with that cause; an
   * LpError that is not retryable ends the transport with that error, unless it says that a request of its own got no
   * response (OutcomeUnknownError, RequestTimeoutError); `context.retryAfterMs` of one is kept to.
   */
  url: (attempt: UrlAttempt) => Promise<string> | string;
  /**
   * Runs on every opened socket before the transport counts as connected and before waiting requests are sent. When it
   * rejects, the socket is dropped: a SessionExpiredError makes the next dial a `reauth` one, another LpError that is
   * not retryable ends the transport with that error, and all else, a timeout included, is a failed dial.
   */
  prepare?: ((connection: PreparingConnection) => Promise<void>) | undefined;
  /** How long a request may take, in milliseconds; default 10,000. */
  requestTimeoutMs?: number | undefined;
  /** How long `url` may take, in milliseconds; default 60,000. */
  urlTimeoutMs?: number | undefined;
  /** How long the socket's handshake may take, in milliseconds; default 10,000. */
  connectTimeoutMs?: number | undefined;
  /** How long `prepare` may take, in milliseconds; default 120,000. */
  prepareTimeoutMs?: number | undefined;
  /** How long the server may take to respond to a close frame, in milliseconds; default 3,000. */
  closeTimeoutMs?: number | undefined;
  /** When a quiet connection is asked whether it lives. */
  keepAlive?: KeepAliveOptions | undefined;
  /** `false`: a lost connection, or a first dial that fails, ends the transport. */
  reconnect?: ReconnectPolicy | false | undefined;
  /** What a close code means; default {@link classifyClose}. When it throws, that of the platform's codes is taken. */
  classifyClose?: ((code: number, reason: string) => CloseClass) | undefined;
  /** Adds a hint to the message of a RequestRejectedError. Must not quote the response's body. */
  describeRejection?: ((details: RejectionDetails) => string | undefined) | undefined;
  /**
   * Sees the text of each frame before it is parsed. `true`: all that it says is known, so it is counted as received and
   * goes to nobody. Default: each frame is read. When it throws, the frame is read.
   */
  skipFrame?: ((text: string) => boolean) | undefined;
  /** How many requests may be without a response, waiting ones included; default 16,384. */
  maxInFlight?: number | undefined;
  /** How many bytes of requests may wait for a connection, or for a slow one to take them; default 8 MiB. */
  outboxBytes?: number | undefined;
  /** The longest frame accepted, in bytes; default 32 MiB. A longer one costs the connection. Browsers have a bound of their own. */
  maxPayloadBytes?: number | undefined;
  /** Which certificates are trusted. Default: those of the system. */
  tls?: TlsOptions | undefined;
  /** An `http.Agent` that the upgrade goes through, as for a proxy, or what gives the one for a host. Not in browsers. */
  agent?:
    | object
    | ((target: { readonly origin: string }) => object | undefined | Promise<object | undefined>)
    | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
  /**
   * Asked whenever a request is about to be written, from the outbox too; requests of `prepare` are no exception, those
   * of the keep-alive are. Reading goes on while it is closed. Default: always open.
   */
  gate?: WriteGate | undefined;
  /** Ends everything with its reason. */
  signal?: AbortSignal | undefined;
}
