import type { Agent as HttpAgent } from 'node:http';
import type { Credentials } from '@lp/auth';
import { ConfigError } from '@lp/core';
import type { ReconnectPolicy } from '@lp/transport';

/** The options that do not depend on the way of logging in. */
export interface AgentConfigBase {
  accountId: string | number;
  /** Where hosts are looked up; default `adminlogin.liveperson.net`. */
  csdsDomain?: string | undefined;
  /** Hosts by service that are used instead of what the look-up says, at every dial. */
  domains?: Record<string, string> | undefined;
  /** The service whose host has the socket; default, and where it is unknown, `facadeMsg`. */
  wsDomainType?: string | undefined;
  /** Version of the socket's API; default 2.1. */
  apiVersion?: string | number | undefined;
  /** How long a response may take, in milliseconds; default 10,000. */
  requestTimeout?: number | undefined;
  /** Without effect: each request has its own time. */
  errorCheckInterval?: number | undefined;
  /** How often the session is refreshed, in milliseconds. Default: every 4 minutes; the old SDK's 10 are more than the platform asks for. */
  refreshSessionInterval?: number | undefined;
  /** `false`: the session is not refreshed. Default true. */
  refreshSessionToken?: boolean | undefined;
  /** An `http.Agent` that the socket goes through. */
  agent?: HttpAgent | undefined;
  /** Certificate authorities to trust instead of the well-known ones, as PEM. */
  ca?: string | Buffer | (string | Buffer)[] | undefined;
  /**
   * What a lost connection leads to. Default true: it is dialled again, by the platform's rules. `false`: the agent stays
   * closed until `reconnect()`. An object: when and how often.
   */
  reconnect?: boolean | ReconnectPolicy | undefined;
  /** Whether events that were missed are read from the history, after a lost connection or a gap. Default true. */
  recover?: boolean | undefined;
  /** Anything else is the program's own, and found on `agent.conf`. */
  [option: string]: unknown;
}

/** What an agent is made from: one way of logging in, and options. */
export type AgentConfig = AgentConfigBase &
  (
    | { username: string; password: string }
    | { username: string; appKey: string; secret: string; accessToken: string; accessTokenSecret: string }
    | { token: string; userId: string }
    | { assertion: string }
  );

/** The way an agent logs in; it stays what it was when the agent was made. */
export type LoginKind = 'token' | 'password' | 'assertion' | 'apiKey';

const FIELDS = {
  token: ['token', 'userId'],
  password: ['username', 'password'],
  assertion: ['assertion'],
  apiKey: ['username', 'appKey', 'secret', 'accessToken', 'accessTokenSecret'],
} as const satisfies Record<LoginKind, readonly string[]>;

const API_KEY_MESSAGE =
  'missing token or user/password or assertion or appKey/secret/accessToken/accessTokenSecret params';

/**
 * The way that `conf` logs in.
 * @throws Error for what has never been accepted; ConfigError for `rejectUnauthorized: false`.
 */
export function loginKindOf(conf: Readonly<Record<string, unknown>>): LoginKind {
  if (!conf['accountId']) throw new Error('missing accountId param');
  const has = (names: readonly string[]) => names.every((name) => conf[name]);
  const kind = conf['token'] ? 'token' : (['password', 'assertion', 'apiKey'] as const).find((k) => has(FIELDS[k]));
  if (!kind) throw new Error(API_KEY_MESSAGE);
  if (conf['rejectUnauthorized'] === false) {
    throw new ConfigError('rejectUnauthorized: false is not supported: give the authority of the certificate as ca');
  }
  return kind;
}

const LONGEST_MS = 2 ** 31 - 1;

/** A duration as programs give it, as text from the environment too; undefined for what is none. */
function durationIn(value: unknown): number | undefined {
  const ms = Number(value);
  return ms > 0 ? Math.min(ms, LONGEST_MS) : undefined;
}

/** The options as they are used: programs give nothing as null, false or an empty text, as in `agent: proxy && …`. */
export function optionsIn(conf: AgentConfig) {
  const { agent, ca, reconnect, csdsDomain, domains, apiVersion, requestTimeout, refreshSessionInterval } = conf;
  return {
    agent: agent || undefined,
    ca: ca || undefined,
    apiVersion: apiVersion || 2.1,
    // A value that is no policy is an option of the program's own: the old SDK had none of this name.
    reconnect: reconnect === false || (typeof reconnect === 'object' && reconnect !== null) ? reconnect : undefined,
    csdsDomain: csdsDomain ? String(csdsDomain).trim().replace(/\/+$/, '') : undefined,
    domains: Object.fromEntries(Object.entries(domains ?? {}).filter(([, host]) => host)),
    requestTimeoutMs: durationIn(requestTimeout),
    refreshIntervalMs: conf.refreshSessionToken === false ? (false as const) : durationIn(refreshSessionInterval),
  };
}

/** The credentials as they stand in `conf` now. */
export function credentialsIn(conf: Readonly<Record<string, unknown>>, kind: LoginKind): Credentials {
  return Object.fromEntries(FIELDS[kind].map((name) => [name, String(conf[name])])) as unknown as Credentials;
}

/** Who logs in, for telling two agents of one login; undefined where `conf` does not say. */
export function loginName(conf: Readonly<Record<string, unknown>>, kind: LoginKind): string | undefined {
  if (kind === 'assertion') return undefined;
  const user = kind === 'token' ? conf['userId'] : conf['username'];
  return JSON.stringify([String(conf['accountId']), kind === 'token', user]);
}

// Options of `ws` that used to be handed on to it with everything else.
const SOCKET_OPTIONS = [
  'rejectUnauthorized',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'ciphers',
  'servername',
  'checkServerIdentity',
  'headers',
  'origin',
  'protocol',
  'protocolVersion',
  'perMessageDeflate',
  'handshakeTimeout',
  'maxPayload',
  'followRedirects',
  'localAddress',
  'family',
];

/** The options of the socket that are left out of account. */
export function ignoredOptions(conf: Readonly<Record<string, unknown>>): string[] {
  return SOCKET_OPTIONS.filter((name) => conf[name] !== undefined);
}
