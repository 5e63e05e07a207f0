import { type BackoffPolicy, type Clock, ConfigError, type Logger, type RejectionDetails, systemClock } from '@lp/core';
import { guardLogger } from '@lp/core/internal';
import { isBrowser } from '#socket';
import { type CloseClass, classifyClose } from './close-codes.ts';
import type { RequestFrame } from './frames.ts';
import { optionsChecker } from './options-checker.ts';
import type { DialReason } from './status.ts';
import type { Transport } from './transport-types.ts';

/** What `url` is told about the dial it is asked for. */
export interface UrlAttempt {
  /** Counts the dials since the last stable session, from 1. */
  readonly number: number;
  /** `reauth`: the last token was refused, so the URL must carry a new one. */
  readonly reason: DialReason;
  /** Aborted when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

/** A socket that is open but does not count as connected yet. */
export interface PreparingConnection {
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
  idleMs?: number;
  /** How long a probe may stay without any frame from the server, in milliseconds; default 15,000. Then the connection is given up. */
  timeoutMs?: number;
  /** `ping` sends a ping frame (not in browsers), `request` sends `probeRequest`; default `ping` where it exists. */
  probe?: 'ping' | 'request';
  /** The request that the `request` probe sends; any answer counts. Default `{ type: '.GetClock', body: {} }`. */
  probeRequest?: RequestFrame;
}

/** When a lost connection is dialled again. The defaults are the platform's own rules. */
export interface ReconnectPolicy extends Partial<BackoffPolicy> {
  /** Upper bound of the first wait, in milliseconds; default 5,000. */
  initialMs?: number;
  /** What the bound is multiplied with from wait to wait; default 1.25. */
  factor?: number;
  /** The bound never grows past this, in milliseconds; default 120,000. */
  maxMs?: number;
  /** Default `full`. */
  jitter?: 'full' | 'none';
  /** How many waits and dials there are before the transport gives up; default 35. `Infinity` never does. */
  maxAttempts?: number;
  /** A connection that has lasted this long resets the count and the waits, in milliseconds; default 30,000. */
  stableMs?: number;
  /** Waits after an upgrade answered with 5xx, in milliseconds; the last repeats. Default 5,000, 10,000, 15,000, 120,000. Up to a fifth is added at random. */
  serverErrorDelaysMs?: readonly number[];
  /** Shortest wait after 429, in milliseconds; default 1,000. A longer `Retry-After` is kept to; the usual wait is added. */
  rateLimitMs?: number;
  /** Least time between the starts of two dials that need a new token, in milliseconds; default 5,000. */
  loginSpacingMs?: number;
  /** Least time between the starts of two dials, `reconnect()` included, in milliseconds; default 1,000. */
  dialSpacingMs?: number;
  /** Where chance comes from, in [0, 1); default `Math.random`. */
  random?: () => number;
}

/** TLS settings. Certificates are always verified. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the machine's, as PEM. Not in browsers. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** What {@link createTransport} takes. */
export interface TransportOptions {
  /**
   * Gives the URL of each dial. `wss:`; `ws:` to loopback hosts only. A rejection is a failed dial with that cause; an
   * LpError that is not retryable ends the transport with that error, and `context.retryAfterMs` of one is kept to.
   */
  url: (attempt: UrlAttempt) => Promise<string> | string;
  /**
   * Runs on every opened socket before the transport counts as connected and before waiting requests are sent. When it
   * rejects, the socket is dropped: a SessionExpiredError makes the next dial a `reauth` one, another LpError that is
   * not retryable ends the transport with that error, and all else, a timeout included, is a failed dial.
   */
  prepare?: (connection: PreparingConnection) => Promise<void>;
  /** How long a request may take, in milliseconds; default 10,000. */
  requestTimeoutMs?: number;
  /** How long `url` may take, in milliseconds; default 60,000. */
  urlTimeoutMs?: number;
  /** How long the socket's handshake may take, in milliseconds; default 10,000. */
  connectTimeoutMs?: number;
  /** How long `prepare` may take, in milliseconds; default 120,000. */
  prepareTimeoutMs?: number;
  /** How long the server may take to answer a close frame, in milliseconds; default 3,000. */
  closeTimeoutMs?: number;
  keepAlive?: KeepAliveOptions;
  /** `false`: a lost connection, or a first dial that fails, ends the transport. */
  reconnect?: ReconnectPolicy | false;
  /** What a close code means; default {@link classifyClose}. When it throws, the default's answer is taken. */
  classifyClose?: (code: number, reason: string) => CloseClass;
  /** Adds a hint to the message of a RequestRejectedError. Must not quote the answer's body. */
  describeRejection?: (details: RejectionDetails) => string | undefined;
  /** How many requests may be without an answer, waiting ones included; default 16,384. */
  maxInFlight?: number;
  /** How many bytes of requests may wait for a connection, or for a slow one to take them; default 8 MiB. */
  outboxBytes?: number;
  /** The longest frame accepted, in bytes; default 32 MiB. A longer one costs the connection. Browsers have a bound of their own. */
  maxPayloadBytes?: number;
  tls?: TlsOptions;
  /** An `http.Agent` that the upgrade goes through, as for a proxy. Not in browsers. */
  agent?: object;
  /** Default: silence. */
  logger?: Logger;
  /** Default: the machine's. */
  clock?: Clock;
  /** Ends everything with its reason. */
  signal?: AbortSignal;
}

export type Policy = Required<ReconnectPolicy>;

/** The options with every default in place. */
export interface Settings
  extends Required<
    Omit<TransportOptions, 'prepare' | 'describeRejection' | 'reconnect' | 'keepAlive' | 'agent' | 'signal'>
  > {
  prepare: TransportOptions['prepare'];
  describeRejection: TransportOptions['describeRejection'];
  agent: object | undefined;
  signal: AbortSignal | undefined;
  keepAlive: Required<KeepAliveOptions>;
  policy: Policy;
  reconnects: boolean;
}

const DEFAULT_POLICY: Policy = {
  initialMs: 5_000,
  factor: 1.25,
  maxMs: 120_000,
  jitter: 'full',
  maxAttempts: 35,
  stableMs: 30_000,
  serverErrorDelaysMs: [5_000, 10_000, 15_000, 120_000],
  rateLimitMs: 1_000,
  loginSpacingMs: 5_000,
  dialSpacingMs: 1_000,
  random: Math.random,
};

/** Checks the options and puts the defaults in. @throws ConfigError that names the option and what is allowed. */
export function resolveOptions(options: TransportOptions): Settings {
  const check = optionsChecker(options, 'options');
  check.functions(['url'], { required: true });
  check.functions(['prepare', 'classifyClose', 'describeRejection']);
  check.durations(['requestTimeoutMs', 'urlTimeoutMs', 'connectTimeoutMs', 'prepareTimeoutMs', 'closeTimeoutMs']);
  check.counts(['maxInFlight', 'outboxBytes', 'maxPayloadBytes']);
  check.objects(['keepAlive', 'tls', 'agent', 'logger', 'clock', 'signal']);
  check.objects(['reconnect'], { orFalse: true });
  check.nothingElse();

  const keepAlive = optionsChecker(options.keepAlive ?? {}, 'keepAlive');
  keepAlive.durations(['idleMs', 'timeoutMs']);
  keepAlive.oneOf('probe', isBrowser ? ['request'] : ['ping', 'request']);
  keepAlive.objects(['probeRequest']);
  keepAlive.nothingElse();

  const tls = optionsChecker(options.tls ?? {}, 'tls');
  tls.some(['ca'], 'PEM text or bytes, or a list of them', isPem);
  tls.nothingElse();
  if (isBrowser && (options.tls?.ca !== undefined || options.agent !== undefined)) {
    throw new ConfigError('options.tls and options.agent do not exist in browsers: the browser decides both');
  }

  const reconnect = options.reconnect === false ? {} : (options.reconnect ?? {});
  checkPolicy(reconnect);

  return {
    url: options.url,
    prepare: options.prepare,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    urlTimeoutMs: options.urlTimeoutMs ?? 60_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    prepareTimeoutMs: options.prepareTimeoutMs ?? 120_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 3_000,
    keepAlive: {
      idleMs: options.keepAlive?.idleMs ?? 25_000,
      timeoutMs: options.keepAlive?.timeoutMs ?? 15_000,
      probe: options.keepAlive?.probe ?? (isBrowser ? 'request' : 'ping'),
      probeRequest: options.keepAlive?.probeRequest ?? { type: '.GetClock', body: {} },
    },
    policy: { ...DEFAULT_POLICY, ...definedOf(reconnect) },
    reconnects: options.reconnect !== false,
    classifyClose: options.classifyClose ?? classifyClose,
    describeRejection: options.describeRejection,
    maxInFlight: options.maxInFlight ?? 16_384,
    outboxBytes: options.outboxBytes ?? 8 * 1024 * 1024,
    maxPayloadBytes: options.maxPayloadBytes ?? 32 * 1024 * 1024,
    tls: options.tls ?? {},
    agent: options.agent,
    logger: guardLogger(options.logger),
    clock: options.clock ?? systemClock,
    signal: options.signal,
  };
}

function checkPolicy(policy: ReconnectPolicy): void {
  const check = optionsChecker(policy, 'reconnect');
  check.durations(['initialMs', 'maxMs', 'stableMs', 'rateLimitMs', 'loginSpacingMs', 'dialSpacingMs'], { zero: true });
  check.oneOf('jitter', ['full', 'none']);
  check.functions(['random']);
  check.some(['factor'], 'a number of at least 1', (value) => isNumberFrom(1, value));
  check.some(
    ['maxAttempts'],
    'a whole number of at least 0, or Infinity',
    (value) => value === Infinity || (isNumberFrom(0, value) && Number.isInteger(value)),
  );
  check.some(
    ['serverErrorDelaysMs'],
    'a list of one or more numbers of milliseconds',
    (value) => Array.isArray(value) && value.length > 0 && value.every((delay) => isNumberFrom(0, delay)),
  );
  check.nothingElse();
}

const isNumberFrom = (least: number, value: unknown): boolean => Number.isFinite(value) && (value as number) >= least;

const isPem = (value: unknown): boolean =>
  typeof value === 'string' || value instanceof Uint8Array || (Array.isArray(value) && value.every(isPem));

// A caller may pass `undefined` for "the default"; a spread would let it win.
function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
