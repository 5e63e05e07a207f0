import { ConfigError, type Logger, systemClock } from '@lp/core';
import { guardLogger, optionsChecker } from '@lp/core/internal';
import { isBrowser } from '#socket';
import { classifyClose } from './close-codes.ts';
import type { RequestFrame } from './frames.ts';
import type { KeepAliveOptions, ReconnectPolicy, TransportOptions } from './options.ts';

type Resolved<T> = { [Name in keyof T]-?: NonNullable<T[Name]> };

export type Policy = Resolved<ReconnectPolicy>;

/** The options with every default in place. */
export interface Settings
  extends Resolved<Omit<TransportOptions, WithoutDefault | 'reconnect' | 'keepAlive' | 'logger'>>,
    AsGiven {
  keepAlive: Resolved<KeepAliveOptions>;
  logger: Logger;
  policy: Policy;
  reconnects: boolean;
}

type WithoutDefault = 'prepare' | 'describeRejection' | 'skipFrame' | 'agent' | 'signal' | 'gate';

type AsGiven = { [Name in WithoutDefault]: TransportOptions[Name] };

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
  const check = optionsChecker(options, 'createTransport');
  check.functions(['url'], { required: true });
  check.functions(['prepare', 'classifyClose', 'describeRejection', 'skipFrame']);
  check.durations(['requestTimeoutMs', 'urlTimeoutMs', 'connectTimeoutMs', 'prepareTimeoutMs', 'closeTimeoutMs']);
  check.counts(['maxInFlight', 'outboxBytes', 'maxPayloadBytes']);
  check.objects(['keepAlive', 'tls']);
  check.clocks(['clock']);
  check.signals(['signal']);
  check.some(['agent'], 'an object, or a function that gives one', isAgent);
  check.objects(['reconnect'], { orFalse: true });
  check.loggers(['logger']);
  check.some(['gate'], 'an object with the methods mayWrite and onOpen', isGate);
  check.nothingElse();

  const keepAlive = optionsChecker(options.keepAlive ?? {}, 'keepAlive');
  keepAlive.durations(['idleMs', 'timeoutMs']);
  keepAlive.oneOf('probe', isBrowser ? ['request'] : ['ping', 'request']);
  keepAlive.some(['probeRequest'], 'a request with a type', isRequest);
  keepAlive.nothingElse();

  const tls = optionsChecker(options.tls ?? {}, 'tls');
  tls.some(['ca'], 'PEM text or bytes, or a list of one or more of them', isPem);
  tls.nothingElse();
  if (isBrowser && (options.tls?.ca !== undefined || options.agent !== undefined)) {
    throw new ConfigError('createTransport: tls and agent do not exist in browsers: the browser decides both');
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
    skipFrame: options.skipFrame,
    maxInFlight: options.maxInFlight ?? 16_384,
    outboxBytes: options.outboxBytes ?? 8 * 1024 * 1024,
    maxPayloadBytes: options.maxPayloadBytes ?? 32 * 1024 * 1024,
    tls: options.tls ?? {},
    agent: options.agent,
    logger: guardLogger(options.logger),
    clock: options.clock ?? systemClock,
    signal: options.signal,
    gate: options.gate,
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

const isRequest = (value: unknown): boolean => {
  const type = (value as RequestFrame | null)?.type;
  return typeof type === 'string' && type !== '';
};

const isAgent = (value: unknown): boolean =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

const isGate = (value: unknown): boolean => {
  const { mayWrite, onOpen } = Object(value) as Record<string, unknown>;
  return typeof mayWrite === 'function' && typeof onOpen === 'function';
};

const isPem = (value: unknown): boolean =>
  typeof value === 'string' ||
  value instanceof Uint8Array ||
  (Array.isArray(value) && value.length > 0 && value.every(isPem));

// A caller may pass `undefined` for "the default"; a spread would let it win.
function definedOf<T extends object>(options: T): Partial<Resolved<T>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<Resolved<T>>;
}
