import type { Clock } from '@lp/core';
import type { Random } from '../random.ts';
import type { AgentRecord } from './agents.ts';

/** A login session of an agent. */
export interface AgentSession {
  readonly bearer: string;
  readonly csrf: string;
  /** The value of the session cookie. */
  readonly cookie: string;
  readonly agent: AgentRecord;
  expiresAt: number;
}

export const SESSION_TTL_MS = 8 * 60 * 60_000;

/** Who is logged in. An agent has one session: logging in again ends the one before. */
export class AgentSessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byBearer = new Map<string, AgentSession>();
  readonly #byAgent = new Map<AgentRecord, AgentSession>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  open(agent: AgentRecord): AgentSession {
    this.revoke(agent);
    const session: AgentSession = {
      bearer: this.#random.hex(64),
      csrf: this.#random.hex(64),
      cookie: this.#random.key(),
      agent,
      expiresAt: this.#clock.now() + SESSION_TTL_MS,
    };
    this.#byBearer.set(session.bearer, session);
    this.#byAgent.set(agent, session);
    return session;
  }

  /** The session of a bearer; undefined when there is none, or it has expired or was revoked. */
  find(bearer: string): AgentSession | undefined {
    const session = this.#byBearer.get(bearer);
    return session && session.expiresAt > this.#clock.now() ? session : undefined;
  }

  /** The sessions of cookies: one at most, unless a client sends several. */
  findByCookie(cookies: readonly string[]): AgentSession[] {
    const named = [...this.#byBearer.values()].filter(({ cookie }) => cookies.includes(cookie));
    return named.filter(({ bearer }) => this.find(bearer) !== undefined);
  }

  refresh(session: AgentSession): void {
    session.expiresAt = this.#clock.now() + SESSION_TTL_MS;
  }

  /** Makes the agent's bearer invalid. Sockets that are open stay open. */
  revoke(agent: AgentRecord): void {
    const session = this.#byAgent.get(agent);
    if (!session) return;
    this.#byAgent.delete(agent);
    this.#byBearer.delete(session.bearer);
  }
}
