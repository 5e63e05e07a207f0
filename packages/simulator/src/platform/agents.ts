import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import type { Random } from '../random.ts';
import type { Client, Conversation } from './model.ts';

/** An agent (or bot) of the simulated account. What is left out is made from the seed. */
export interface SimulatedAgent {
  /** The login name. */
  username: string;
  /** The password it logs in with. */
  password?: string;
  /** The four parts of an API key, for logging in as a bot user. */
  appKey?: string;
  /** Of its API key. */
  secret?: string;
  /** Of its API key. */
  accessToken?: string;
  /** Of its API key. */
  accessTokenSecret?: string;
  /** The SAML assertion that logs this agent in. */
  assertion?: string;
  /** Digits; the old id is `{accountId}.{userId}`. */
  userId?: string;
  /** The agent's UUID. */
  pid?: string;
  /** The most conversations at the same time, the rings that wait included. Default 999, which the platform enforces for bots. */
  maxConversations?: number;
  /** Skills whose conversations are offered to this agent. Default: all. */
  skills?: readonly string[];
}

/** A {@link SimulatedAgent} with everything filled in. */
export type AgentAccount = Required<Omit<SimulatedAgent, 'skills'>> & {
  /** The skills whose conversations it is offered. Default: all. */
  readonly skills: readonly string[] | undefined;
};

/** An agent's live state on the platform. */
export interface AgentRecord {
  readonly account: AgentAccount;
  /** `{accountId}.{userId}`, the id on the agents' wire. */
  readonly id: string;
  readonly pid: string;
  availability: string;
  reasonId: string | undefined;
  /** The sockets this agent has open now. */
  readonly clients: Set<Client>;
  /** Conversations this agent takes part in or is suggested for. */
  readonly conversations: Set<Conversation>;
  /** How many open conversations are assigned to this agent. */
  assigned: number;
  /** Conversations that ring at this agent. */
  readonly ringing: Set<Conversation>;
  /** A counter of the routing: who has waited longest is offered first. */
  lastOffer: number;
}

/** What the platform lets a bot have at most; 250 is what it advises. */
const MAX_CONVERSATIONS = 999;

const CONTROLLER_USER_ID = '1';
const CONTROLLER_PID = '00000000-0000-4000-8000-000000000001';

const FIELDS = [
  'username',
  'password',
  'appKey',
  'secret',
  'accessToken',
  'accessTokenSecret',
  'assertion',
  'userId',
  'pid',
  'maxConversations',
  'skills',
] as const satisfies readonly (keyof SimulatedAgent)[];

/** Fills in what an agent leaves out. @throws ConfigError that says which agent and which field is wrong. */
export function completeAgent(given: SimulatedAgent, index: number, random: Random): AgentAccount {
  const at = `agents[${index}]`;
  if (typeof given !== 'object' || given === null) throw new ConfigError(`${at} must be an object with a username`);
  checkOptionNames(at, given, FIELDS);
  if (typeof given.username !== 'string' || given.username === '') throw new ConfigError(`${at}.username is missing`);
  for (const field of [
    'password',
    'appKey',
    'secret',
    'accessToken',
    'accessTokenSecret',
    'assertion',
    'pid',
  ] as const) {
    if (given[field] !== undefined && typeof given[field] !== 'string')
      throw new ConfigError(`${at}.${field} must be text`);
  }
  const { userId, pid } = given;
  if (userId !== undefined && !(typeof userId === 'string' && /^\d{1,20}$/.test(userId))) {
    throw new ConfigError(`${at}.userId must be a text of 1 to 20 digits`);
  }
  if (userId === CONTROLLER_USER_ID || pid === CONTROLLER_PID) {
    const reserved = `the account's own CONTROLLER has userId ${CONTROLLER_USER_ID} and pid ${CONTROLLER_PID}`;
    throw new ConfigError(`${at}: ${reserved}; give the agent another one`);
  }
  if (pid === '') throw new ConfigError(`${at}.pid must be a text of at least one character`);
  const { maxConversations = MAX_CONVERSATIONS, skills } = given;
  if (typeof maxConversations !== 'number' || !(maxConversations >= 0)) {
    throw new ConfigError(`${at}.maxConversations must be a number of at least 0`);
  }
  if (skills !== undefined && !(Array.isArray(skills) && skills.every((skill) => typeof skill === 'string'))) {
    throw new ConfigError(`${at}.skills must be a list of skill ids`);
  }
  return {
    username: given.username,
    password: given.password ?? `pass-${random.hex(12)}`,
    appKey: given.appKey ?? random.hex(32),
    secret: given.secret ?? random.hex(16),
    accessToken: given.accessToken ?? random.hex(32),
    accessTokenSecret: given.accessTokenSecret ?? random.hex(16),
    assertion: given.assertion ?? Buffer.from(`<saml:Response>${random.hex(16)}</saml:Response>`).toString('base64'),
    userId: given.userId ?? random.digits(10),
    pid: given.pid ?? random.uuid(),
    maxConversations,
    skills,
  };
}

/** The agents of the account, found by any of their names. */
export class AgentDirectory {
  readonly all: readonly AgentRecord[];
  /** The old id of the account's CONTROLLER, in whose name the platform itself speaks. */
  readonly controllerId: string;
  readonly #byId = new Map<string, AgentRecord>();
  readonly #byUsername = new Map<string, AgentRecord>();

  constructor(accountId: string, accounts: readonly AgentAccount[]) {
    this.controllerId = `${accountId}.${CONTROLLER_USER_ID}`;
    this.all = accounts.map((account) => ({
      account,
      id: `${accountId}.${account.userId}`,
      pid: account.pid,
      availability: 'OFFLINE',
      reasonId: undefined,
      clients: new Set(),
      conversations: new Set(),
      assigned: 0,
      ringing: new Set(),
      lastOffer: 0,
    }));
    for (const agent of this.all) {
      for (const id of [agent.id, agent.pid]) {
        if (this.#byId.has(id)) throw new ConfigError('two agents have the same userId or pid');
        this.#byId.set(id, agent);
      }
      if (this.#byUsername.has(agent.account.username)) throw new ConfigError('two agents have the same username');
      this.#byUsername.set(agent.account.username, agent);
    }
  }

  /** By old id or PID. */
  find(id: string): AgentRecord | undefined {
    return this.#byId.get(id);
  }

  byUsername(username: string): AgentRecord | undefined {
    return this.#byUsername.get(username);
  }

  /** The PID of an agent's old id; any other id is the same in both forms. */
  pidOf(id: string): string {
    return id === this.controllerId ? CONTROLLER_PID : (this.#byId.get(id)?.pid ?? id);
  }
}
