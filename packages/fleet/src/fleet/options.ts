import { hostname } from 'node:os';
import type { Agent, ServeOptions } from '@lp/agent';
import { type Clock, ConfigError, type LoggerOption } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import type { FleetEngine } from '../engine/engine.ts';
import {
  checkAgentOptions,
  checkOwnOptions,
  type FleetLogin,
  indexLogins,
  isKeepable,
  SET_BY_FLEET,
  SHARED,
  type SharedAgentOptions,
} from './logins.ts';

/** What the platform is spared. */
export interface FleetLimits {
  /** Logins of the whole fleet in a second; default 10. */
  loginsPerSecond?: number | undefined;
}

/** What {@link createFleet} takes, besides the options of `connectAgent` for all logins. */
export interface FleetOptions extends SharedAgentOptions {
  /** The account of all logins. */
  accountId: string;
  /** The bot users, or how to read them; a function is called again every minute. */
  logins: readonly FleetLogin[] | (() => readonly FleetLogin[] | Promise<readonly FleetLogin[]>);
  /** Where the fleet keeps who holds what. Default: this process alone, and files in `folder`. */
  engine?: FleetEngine | undefined;
  /** Without an engine: the folder for each login's positions; default `lp-fleet`. It is made when it is missing. */
  folder?: string | undefined;
  /** The worker's name, as people see it; default the host's name and the process id. */
  name?: string | undefined;
  /** How long a worker may be silent before others take its logins, in milliseconds: from 1,500 to an hour. Default 15,000. */
  ttlMs?: number | undefined;
  /** How often a worker beats, in milliseconds: from 50 to a third of `ttlMs`. Default: a quarter of it. */
  beatMs?: number | undefined;
  /** The part of a TTL, before its end, in which a worker writes nothing any more; default 0.1. */
  margin?: number | undefined;
  /** How many logins this worker holds at most; default no limit. */
  maxLoginsPerWorker?: number | undefined;
  /** What the whole fleet may do in a second. */
  limits?: FleetLimits | undefined;
  /** How long handlers may take to finish when a login is handed over, in milliseconds; default 30,000. A whole drain takes one and a half times as long at most. */
  drainTimeoutMs?: number | undefined;
  /** After how many dials in a row that failed, or logins that were not served for a minute, another worker gets the login; default 5. */
  maxFailedDials?: number | undefined;
  /** What workers do while the engine cannot be reached: there is only `wait`. They read on, and write again when it is back; one that starts waits too. Default `wait`. */
  whenEngineIsGone?: 'wait' | undefined;
  /**
   * Which answers are looked for in the history before they are said: `takeover` all those of a login whose owner before
   * did not let go of it, since that one may have answered last; `always` all. Default `takeover`.
   */
  lookUp?: 'takeover' | 'always' | undefined;
  /** Set for each agent when it has connected; default `ONLINE`. `false`: `onAgent` does it. */
  availability?: 'ONLINE' | 'AWAY' | 'OCCUPIED' | false | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption | undefined;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
}

/**
 * Told of each agent as it has connected, before it serves. What it throws is logged and makes the login try again, no sooner
 * than 5 s (`reconnect.loginSpacingMs`) after it was made. The login is not served before it returns.
 */
export type AgentListener = (agent: Agent, login: string) => void | Promise<void>;

/** What `fleet.serve` takes: options of `agent.serve`, for each login. */
export type FleetServeOptions = Omit<ServeOptions, 'drainTimeoutMs'>;

export interface ResolvedFleetOptions {
  readonly accountId: string;
  readonly readLogins: () => Promise<ReadonlyMap<string, FleetLogin>>;
  readonly name: string;
  readonly folder: string;
  readonly ttlMs: number;
  readonly beatMs: number;
  readonly margin: number;
  readonly maxLogins: number;
  readonly loginsPerSecond: number;
  readonly drainTimeoutMs: number;
  readonly maxFailedDials: number;
  readonly lookUp: 'takeover' | 'always';
  readonly availability: 'ONLINE' | 'AWAY' | 'OCCUPIED' | false;
  readonly agent: SharedAgentOptions;
}

const SHORTEST_TTL_MS = 1_500;
const SHORTEST_BEAT_MS = 50;
const LONGEST_TTL_MS = 60 * 60_000;
const FLEET_ONLY = [
  'accountId',
  'logins',
  'engine',
  'folder',
  'name',
  'ttlMs',
  'beatMs',
  'margin',
  'maxLoginsPerWorker',
  'limits',
  'drainTimeoutMs',
  'maxFailedDials',
  'whenEngineIsGone',
  'lookUp',
  'availability',
  'logger',
  'clock',
] as const;

// By the type complete.
const ENGINE_CALLS: Readonly<Record<Exclude<keyof FleetEngine, 'kind'>, true>> = {
  open: true,
  join: true,
  beat: true,
  pulse: true,
  read: true,
  remove: true,
  claim: true,
  release: true,
  readmit: true,
  load: true,
  commit: true,
  limit: true,
  order: true,
  onWake: true,
  close: true,
};

const isEngine = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(ENGINE_CALLS).every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

/** @throws ConfigError that names the option and what is allowed there. */
export function resolveFleetOptions(options: FleetOptions): ResolvedFleetOptions {
  const check = optionsChecker(options, 'createFleet');
  check.texts(['accountId'], { required: true });
  check.texts(['name', 'folder']);
  check.some(['name'], 'a text without NUL and without half a surrogate pair', isKeepable);
  check.durations(['ttlMs', 'beatMs', 'drainTimeoutMs']);
  check.counts(['maxLoginsPerWorker', 'maxFailedDials']);
  check.objects(['limits']);
  check.clocks(['clock']);
  check.some(['engine'], 'an engine, as postgresEngine(address) gives', isEngine);
  check.oneOf('whenEngineIsGone', ['wait']);
  check.oneOf('lookUp', ['takeover', 'always']);
  const { accountId, logins, ttlMs = 15_000, margin = 0.1, limits = {} } = options;
  const { beatMs = ttlMs / 4, drainTimeoutMs = 30_000, maxFailedDials = 5 } = options;
  if (!(typeof logins === 'function' || Array.isArray(logins)))
    throw new ConfigError('createFleet.logins must be a list of logins, or a function that gives one');
  if (ttlMs < SHORTEST_TTL_MS)
    throw new ConfigError(`createFleet.ttlMs must be at least ${SHORTEST_TTL_MS}: a network is not quicker than that`);
  if (ttlMs > LONGEST_TTL_MS) throw new ConfigError('createFleet.ttlMs must be at most an hour');
  if (beatMs < SHORTEST_BEAT_MS) throw new ConfigError(`createFleet.beatMs must be at least ${SHORTEST_BEAT_MS}`);
  if (beatMs > ttlMs / 3) throw new ConfigError('createFleet.beatMs must be at most a third of ttlMs');
  if (!(typeof margin === 'number' && margin >= 0.05 && margin <= 0.5))
    throw new ConfigError('createFleet.margin must be from 0.05 to 0.5');
  const limitsCheck = optionsChecker(limits, 'createFleet.limits');
  limitsCheck.some(['loginsPerSecond'], 'a number above 0', (value) => typeof value === 'number' && value > 0);
  limitsCheck.nothingElse();
  const set = SET_BY_FLEET.find((name) => name in options);
  if (set !== undefined) throw new ConfigError(`createFleet.${set} is set by the fleet itself, for each login`);
  check.some(['availability'], 'ONLINE, AWAY, OCCUPIED or false', (value) =>
    ['ONLINE', 'AWAY', 'OCCUPIED', false].includes(value as string | false),
  );
  check.loggers(['logger']);
  check.known([...SHARED, 'logins', 'margin']);
  check.nothingElse();
  const agent = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(FLEET_ONLY as readonly string[]).includes(name)),
  );
  return {
    accountId,
    readLogins: async () => {
      const book = indexLogins(typeof logins === 'function' ? await logins() : logins);
      await checkAgentOptions('createFleet', accountId, agent);
      for (const [login, { credentials: _, login: __, ...own }] of book) await checkOwnOptions(login, accountId, own);
      return book;
    },
    name: options.name ?? `${hostname()}-${process.pid}`,
    folder: options.folder ?? 'lp-fleet',
    ttlMs,
    beatMs,
    margin,
    maxLogins: options.maxLoginsPerWorker ?? Number.POSITIVE_INFINITY,
    loginsPerSecond: limits.loginsPerSecond ?? 10,
    drainTimeoutMs,
    maxFailedDials,
    lookUp: options.lookUp ?? 'takeover',
    availability: options.availability ?? 'ONLINE',
    agent,
  };
}
