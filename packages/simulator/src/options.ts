import { randomInt } from 'node:crypto';
import { type Clock, ConfigError, systemClock } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { type AgentAccount, completeAgent, type SimulatedAgent } from './platform/agents.ts';
import { completeApps, type InstalledApp, type SimulatedApp } from './platform/apps.ts';
import { checkSkills, type SimulatedSkill } from './platform/skills.ts';
import { checkWebhooks, type SimulatedWebhook } from './platform/webhooks.ts';
import { type Quirks, resolveQuirks } from './quirks.ts';
import { createRandom, type Random } from './random.ts';

const MAX_RANDOM = 2 ** 31;

/** What `startSimulator` takes. */
export interface SimulatorOptions {
  /** Where to listen; 0 takes a free port. Default 0. */
  port?: number;
  /** The address to listen on: this machine only. Default `127.0.0.1`. */
  host?: '127.0.0.1';
  /** Serves HTTPS and WSS with a certificate of its own authority; see `ca`. Default false. */
  tls?: boolean;
  /** 1 to 20 letters, digits and underscores. Default `le12345678`. */
  accountId?: string;
  /** The account's agents. Default: one, `bot@example.com`. */
  agents?: readonly SimulatedAgent[];
  /** The account's skills that have a name or a survey. Any other skill id can be used as well. */
  skills?: readonly SimulatedSkill[];
  /** Server applications, as connectors are. Their tokens open the send API. Default: one. */
  apps?: readonly SimulatedApp[];
  /** Where notifications are posted to, as to a connector. Default: nowhere. */
  webhooks?: readonly SimulatedWebhook[];
  /**
   * Everything random comes from it: agents, ids, keys, faults. Default: agents, apps and faults as with 1, and other ids of
   * conversations and consumers in each run, so that nobody takes one run for another.
   */
  seed?: number;
  /** Sockets that send nothing for this long are closed, in milliseconds; those of scripted consumers stay. Default 75,000: the documented 60 s and some grace. */
  idleTimeoutMs?: number;
  /** Most conversations in the first notification of a subscription. Default 1,000. */
  maxConversationsPerNotification?: number;
  /** How the platform behaves where the documentation is silent. */
  quirks?: Partial<Quirks>;
  /** Serves a chat page for people at `/simulator/`; see `pageUrl`. Default false. */
  web?: boolean;
  /**
   * Origins, as `http://localhost:3000`, whose pages may use everything that programs may, and whose host may be the name
   * that the simulator is called by. Default: no page but its own gets anything.
   */
  allowedOrigins?: readonly string[];
  /** Where time comes from; give a manual clock to test long waits at once. Waits of scripted consumers use real time. */
  clock?: Clock;
}

export interface ResolvedOptions {
  port: number;
  host: '127.0.0.1';
  tls: boolean;
  accountId: string;
  agents: readonly AgentAccount[];
  skills: readonly SimulatedSkill[];
  apps: readonly InstalledApp[];
  webhooks: readonly SimulatedWebhook[];
  seed: number;
  random: Random;
  idleTimeoutMs: number;
  maxConversationsPerNotification: number;
  quirks: Quirks;
  web: boolean;
  allowedOrigins: readonly string[];
  clock: Clock;
}

const KNOWN = [
  'port',
  'host',
  'tls',
  'accountId',
  'agents',
  'skills',
  'apps',
  'webhooks',
  'seed',
  'idleTimeoutMs',
  'maxConversationsPerNotification',
  'quirks',
  'web',
  'allowedOrigins',
  'clock',
] as const satisfies readonly (keyof SimulatorOptions)[];

/** The options with their defaults. @throws ConfigError that names the wrong option and what it may be. */
export function resolveOptions(options: SimulatorOptions = {}): ResolvedOptions {
  const checker = optionsChecker(options, 'startSimulator');
  if (Array.isArray(options)) throw new ConfigError('startSimulator: the options must be an object');
  checker.texts(['accountId']);
  checker.booleans(['tls', 'web']);
  checker.some(['idleTimeoutMs'], 'a number above 0', (ms) => typeof ms === 'number' && ms > 0);
  checker.clocks(['clock']);
  checker.known(KNOWN);
  checker.nothingElse();
  const {
    port = 0,
    host = '127.0.0.1',
    tls = false,
    accountId = 'le12345678',
    agents = [{ username: 'bot@example.com' }],
    skills = [],
    apps = [{}],
    webhooks = [],
    seed = 1,
    idleTimeoutMs = 75_000,
    maxConversationsPerNotification = 1_000,
    web = false,
    allowedOrigins = [],
    clock = systemClock,
  } = options;
  if (!isWhole(port, 0, 65_535)) throw new ConfigError('port must be a whole number from 0 to 65535');
  if (host !== '127.0.0.1') throw new ConfigError('host must be 127.0.0.1: the simulator serves this machine only');
  if (!/^[a-zA-Z0-9_]{1,20}$/.test(accountId)) {
    throw new ConfigError('accountId must be 1 to 20 letters, digits and underscores');
  }
  if (!isWhole(seed, 0, Number.MAX_SAFE_INTEGER)) throw new ConfigError('seed must be a whole number of at least 0');
  if (!isWhole(maxConversationsPerNotification, 1, Number.MAX_SAFE_INTEGER)) {
    throw new ConfigError('maxConversationsPerNotification must be a whole number of at least 1');
  }
  if (!Array.isArray(agents) || agents.length === 0)
    throw new ConfigError('agents must be a list of at least one agent');
  const random = createRandom(seed);
  const completed = agents.map((agent: SimulatedAgent, i) => completeAgent(agent, i, random));
  return {
    port,
    host,
    tls,
    accountId,
    agents: completed,
    skills: checkSkills(skills),
    // Of randomness of their own: agents are the same with and without apps.
    apps: checkUsers(completeApps(apps, createRandom(seed + 2)), completed),
    webhooks: checkWebhooks(webhooks),
    seed,
    // Who the agents are stays, so that what a shell or a file knows of them holds. What happens anew gets new ids: a bot that
    // keeps positions would take the next run's conversations for those it has handled.
    random: options.seed === undefined ? createRandom(randomInt(MAX_RANDOM)) : random,
    idleTimeoutMs,
    maxConversationsPerNotification,
    quirks: resolveQuirks(options.quirks),
    web,
    allowedOrigins: checkOrigins(allowedOrigins),
    clock,
  };
}

/** @throws ConfigError for what is not an origin as a browser writes it: a path or a final slash would never match. */
function checkOrigins(origins: readonly string[]): readonly string[] {
  const isOrigin = (origin: unknown) =>
    typeof origin === 'string' && /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  if (!Array.isArray(origins) || !origins.every(isOrigin)) {
    throw new ConfigError('allowedOrigins must be a list of origins such as http://localhost:3000');
  }
  return origins;
}

/** @throws ConfigError for bots that nobody is: they could never log in. */
function checkUsers(apps: readonly InstalledApp[], agents: readonly AgentAccount[]): readonly InstalledApp[] {
  apps.forEach(({ users = [] }, i) => {
    if (!users.every((user) => agents.some(({ username }) => username === user))) {
      throw new ConfigError(`apps[${i}].users: no agent has one of these usernames`);
    }
  });
  return apps;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
