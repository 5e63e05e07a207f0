import { type BeforeLoginContext, type Credentials, type CsdsAddress, parseCsdsDomain, parseProxy } from '@lp/auth';
import { type Clock, ConfigError, type Logger, type LoggerOption } from '@lp/core';
import { hasMethods, objectWith, optionsChecker } from '@lp/core/internal';
import { describeIssues, listIssues } from '@lp/schemas';
import type { KeepAliveOptions, ReconnectPolicy, WriteGate } from '@lp/transport';
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import type { CursorStore, DialogStore } from '../cursors/index.ts';
import type { RequestInterceptor } from './call.ts';

/** What {@link connectAgent} takes. */
export interface AgentOptions {
  /** The account's id, as it stands in the address of its console: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** How to log in: client credentials, a password, a token, a session, an assertion, or a `provider` of your own. */
  credentials: Credentials;
  /** Where hosts are looked up; default `adminlogin.liveperson.net`. A simulator's `csdsDomain` is enough to use it. */
  csdsDomain?: string | undefined;
  /** Hosts by service name that are used instead of what the look-up says, on every connect. */
  domains?: Record<string, string> | undefined;
  /** The service whose host has the socket; default `facadeMsg`. */
  wsDomainType?: string | undefined;
  /** The socket's API version; default `2.1`. */
  apiVersion?: string | undefined;
  /** How long a response may take, in milliseconds; default 10,000. */
  requestTimeoutMs?: number | undefined;
  /** How often the session is extended, in milliseconds; default 240,000. `false` = never. */
  refreshSessionIntervalMs?: number | false | undefined;
  /**
   * How long the first login is put off when another program uses the same user, in milliseconds; doubled with each
   * loss, up to twenty times as long. Default 15,000; 0 = it is only told.
   */
  contestedWaitMs?: number | undefined;
  /**
   * When and how often a lost connection is dialled again; `false` = never. `maxAttempts` sets a limit. Default: for as
   * long as it takes, by the defaults of the policy.
   */
  reconnect?: ReconnectPolicy | false | undefined;
  /**
   * What a first connection that fails does: `fail` rejects at once, so that a script does not hang and a supervisor
   * sees it; `retry` follows the reconnect policy. Wrong credentials always reject. Default `fail`.
   */
  firstConnect?: 'fail' | 'retry' | undefined;
  /** When a silent connection is probed and given up. Default: by the defaults of its options. */
  keepAlive?: KeepAliveOptions | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. Loggers as they are: pino, winston, `console`; see docs/observability.md. */
  logger?: LoggerOption;
  /** Closes the agent, now: everything that waits rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** Certificate authorities to trust instead of the well-known ones, as PEM. Certificates are always verified. Default: the well-known ones. */
  tls?: { ca?: string } | undefined;
  /**
   * The HTTP proxy for everything, look-up, login, REST, files and the socket: `http://user:password@host:port`. Or `env`:
   * what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say. Default: no proxy.
   */
  proxy?: string | undefined;
  /** The only hosts, by suffix, that the look-up may name; default: any. See docs/security.md. */
  hostSuffixes?: readonly string[] | undefined;
  /** Accepts private and link-local hosts from the look-up; default: only when the look-up is at such a host itself. */
  privateHosts?: boolean | undefined;
  /** The HTTP client's dispatcher, for proxies; yours to close. */
  dispatcher?: Dispatcher | undefined;
  /** An `http.Agent` that the socket's upgrade goes through, for proxies: `dispatcher` serves HTTP calls only. */
  wsAgent?: object | undefined;
  /** How many requests may be without a response; default 16,384. */
  maxInFlight?: number | undefined;
  /** How many bytes of requests may wait while there is no connection; default 8 MiB. */
  outboxBytes?: number | undefined;
  /** The longest frame that is accepted, in bytes; default 32 MiB. */
  maxPayloadBytes?: number | undefined;
  /** Uses http and ws instead of https and wss: loopback hosts only. Default: true for a loopback `csdsDomain` without `tls.ca`. */
  insecure?: boolean | undefined;
  /**
   * Where the last handled sequence of each dialog is kept, and nothing else of it: no data, no count of processes that a
   * message has ended. `store` keeps the same and all that; both together are a ConfigError. Default: in memory.
   */
  cursors?: CursorStore | undefined;
  /**
   * Where the bot's place in each dialog is kept, and what it remembers there. Opened when the agent connects: one that
   * cannot be used is a ConfigError. Instead of `cursors`, which keeps the place alone: not both. Default: in memory.
   */
  store?: DialogStore | undefined;
  /** How much `conversation.data` may keep of one dialog, in bytes of JSON; default 16,384. */
  maxDataBytes?: number | undefined;
  /**
   * Which answers are looked for in the history before they are said: those to messages that come from it (`recovered`),
   * or `always`, for while another process may still answer with the same login. A function is asked before each answer,
   * and must not throw. Default `recovered`.
   */
  lookUp?: 'recovered' | 'always' | (() => 'recovered' | 'always') | undefined;
  /** Wrap every request, the first outermost. */
  interceptors?: readonly RequestInterceptor[] | undefined;
  /**
   * How many streams may read the history at once after a reconnect; default 8. Of those whose last response did not come
   * in time it is two.
   */
  refillConcurrency?: number | undefined;
  /** Ends the session at the platform on close; default false, so that other processes of the same login go on. */
  logoutOnClose?: boolean | undefined;
  /** Asked whenever a request is about to be written to the socket; while it is closed, requests wait. Default: always open. */
  gate?: WriteGate | undefined;
  /**
   * Awaited before every login, the first and renewals alike: to ask for permission, or to share a limit with other
   * processes. Rejecting ends that login with that error; the connection then follows its policy, and ends when the error
   * is one of these packages that is not `retryable`. Default: none.
   */
  beforeLogin?: ((context: BeforeLoginContext) => Promise<void>) | undefined;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
}

/** The options with every default filled in. */
export interface ResolvedOptions extends AgentOptions {
  readonly csds: CsdsAddress;
  readonly wsDomainType: string;
  readonly apiVersion: string;
  readonly firstConnect: 'fail' | 'retry';
}

const positive = z.number().positive();
const given = z.custom<object>((value) => typeof value === 'object' && value !== null, 'an object');

/** An object that can do all this. */
function withMethods<T>(...methods: readonly string[]) {
  return z.custom<T>((value) => hasMethods(value, methods), objectWith(methods));
}

// What other packages check themselves is only let through here.
const AgentOptionsSchema = z.strictObject({
  accountId: z.string(),
  credentials: given,
  csdsDomain: z.string().min(1).optional(),
  domains: z.record(z.string(), z.string()).optional(),
  wsDomainType: z.string().min(1).optional(),
  apiVersion: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  requestTimeoutMs: positive.optional(),
  contestedWaitMs: z.number().min(0).optional(),
  refreshSessionIntervalMs: z.union([positive, z.literal(false)]).optional(),
  reconnect: z.union([given, z.literal(false)]).optional(),
  firstConnect: z.enum(['fail', 'retry']).optional(),
  keepAlive: given.optional(),
  logger: z.union([withMethods<Logger>('debug', 'info', 'warn', 'error'), z.literal(false)]).optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
  tls: given.optional(),
  proxy: z.string().min(1).optional(),
  hostSuffixes: z.array(z.string()).optional(),
  privateHosts: z.boolean().optional(),
  dispatcher: withMethods<Dispatcher>('request').optional(),
  wsAgent: withMethods<object>('addRequest').optional(),
  maxInFlight: positive.optional(),
  outboxBytes: positive.optional(),
  maxPayloadBytes: positive.optional(),
  insecure: z.boolean().optional(),
  cursors: withMethods<CursorStore>('get', 'set').optional(),
  store: withMethods<DialogStore>('load', 'save', 'delete').optional(),
  maxDataBytes: z.int().min(1).optional(),
  lookUp: z
    .union([
      z.enum(['recovered', 'always']),
      z.custom<() => 'recovered' | 'always'>((value) => typeof value === 'function', 'a function'),
    ])
    .optional(),
  interceptors: z.array(z.custom<RequestInterceptor>((value) => typeof value === 'function', 'a function')).optional(),
  refillConcurrency: z.int().min(1).optional(),
  logoutOnClose: z.boolean().optional(),
  gate: given.optional(),
  beforeLogin: z
    .custom<(context: BeforeLoginContext) => Promise<void>>((value) => typeof value === 'function', 'a function')
    .optional(),
  clock: withMethods<Clock>('now', 'setTimer').optional(),
});

const FORM =
  'the form is connectAgent({ accountId, credentials: { username, password } }), or connectAgent(credentialsFromEnv()) with credentialsFromEnv of @lp/auth';

/** What a program that says nothing of who it is has left out. */
function missing(options: Partial<AgentOptions> | null | undefined): string | undefined {
  if (typeof options !== 'object' || options === null) return 'the options are missing';
  return options.accountId || options.credentials ? undefined : 'accountId and credentials are missing';
}

/** @throws ConfigError that names each wrong option and what is allowed there, never its value. */
export function resolveOptions(options: AgentOptions): ResolvedOptions {
  // A misspelt name says more than the one that is missing for it.
  if (typeof options === 'object' && options !== null) {
    const check = optionsChecker(options, 'connectAgent');
    check.known(Object.keys(AgentOptionsSchema.shape) as (keyof AgentOptions)[]);
    check.nothingElse();
  }
  const lacking = missing(options);
  if (lacking !== undefined) throw new ConfigError(`connectAgent: ${lacking}; ${FORM}`);
  const parsed = AgentOptionsSchema.safeParse(options, { jitless: true });
  if (!parsed.success) {
    const problems = listIssues(describeIssues(parsed.error), 'the options');
    const form = options.accountId === undefined || options.credentials === undefined ? `; ${FORM}` : '';
    throw new ConfigError(`connectAgent: ${problems}${form}`);
  }
  if (options.proxy !== undefined) {
    if (options.dispatcher || options.wsAgent) {
      throw new ConfigError('connectAgent takes proxy, or dispatcher and wsAgent: not both');
    }
    parseProxy(options.proxy);
  }
  const csdsDomain = options.csdsDomain ?? 'adminlogin.liveperson.net';
  return {
    ...options,
    csds: parseCsdsDomain(csdsDomain, { insecure: options.insecure, ca: options.tls?.ca }),
    wsDomainType: options.wsDomainType ?? 'facadeMsg',
    apiVersion: options.apiVersion ?? '2.1',
    firstConnect: options.firstConnect ?? 'fail',
  };
}
