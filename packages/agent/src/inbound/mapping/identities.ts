import type { Session } from '@lp/auth';
import { BoundedMap } from '@lp/core/internal';

const MOST_PAIRS = 10_000;

/** The agent a connection belongs to, in both of the platform's id spaces. */
export interface Identity {
  readonly accountId: string;
  /** The numeric part of the old id. */
  readonly userId: string;
  /** `{accountId}.{userId}`. */
  readonly oldId: string;
  /** The PID. With a token of one's own it is not known at first and learnt later. */
  readonly agentId: string | undefined;
}

/** Both ids of somebody, as far as they are known. */
interface Ids {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
}

/** True for an id of the old space, `{accountId}.{userId}`. A consumer's id is the same in both spaces and has no dot. */
export function isOldId(id: string): boolean {
  return id.includes('.');
}

/**
 * Who is who in the platform's two id spaces: this agent, as its login or the platform says, and pairs of old id and PID
 * that were seen together in one event, so that they hold for certain. Of these the oldest are forgotten.
 */
export class Identities implements Identity {
  readonly accountId: string;
  #userId: string;
  // Kept, not put together: every participant of every notification is compared with it.
  #oldId: string;
  #version = 0;
  #agentId: string | undefined;
  readonly #pids: BoundedMap<string, string>;
  readonly #userIds: BoundedMap<string, string>;

  constructor(
    accountId: string,
    { userId = '', agentId, maxPairs = MOST_PAIRS }: { userId?: string; agentId?: string; maxPairs?: number } = {},
  ) {
    this.accountId = accountId;
    this.#userId = userId;
    this.#oldId = `${accountId}.${userId}`;
    this.#agentId = agentId;
    this.#pids = new BoundedMap(maxPairs);
    this.#userIds = new BoundedMap(maxPairs);
  }

  get userId(): string {
    return this.#userId;
  }

  get oldId(): string {
    return this.#oldId;
  }

  /** Another number whenever anything here has changed: what was made of ids before may be something else now. */
  get version(): number {
    return this.#version;
  }

  get agentId(): string | undefined {
    return this.#agentId;
  }

  /** Takes over what a session says of its agent; one of the program's own may not say it. */
  apply(session: Pick<Session, 'userId' | 'agentId'>): void {
    this.#become(session.userId || this.#userId, session.agentId ?? this.#agentId);
  }

  /** Fills in what the session did not say. */
  complete({ userId = '', agentId }: { userId?: string; agentId?: string | undefined }): void {
    this.#become(this.#userId || userId, this.#agentId ?? agentId);
  }

  /** Two ids belong to the same agent. */
  learn(userId: string, pid: string): void {
    if (userId === this.oldId) this.complete({ agentId: pid });
    const known = this.#pids.get(userId);
    if (known === pid) return;
    this.#version++;
    if (known !== undefined) this.#userIds.delete(known);
    this.#pids.set(userId, pid);
    this.#userIds.set(pid, userId);
  }

  /** The PID of an id of either space, when it is known for certain. */
  pidOf(id: string): string | undefined {
    if (!isOldId(id)) return id;
    return (id === this.oldId ? this.#agentId : undefined) ?? this.#pids.get(id);
  }

  /** The old id (for a consumer: the id) behind a PID, when it is known for certain. */
  userIdOf(pid: string): string | undefined {
    return pid === this.#agentId ? this.oldId : this.#userIds.get(pid);
  }

  /** Whether either id is this agent's own. */
  isOwn({ id, userId }: Ids): boolean {
    return userId === this.oldId || (id !== undefined && id === this.#agentId);
  }

  #become(userId: string, agentId: string | undefined): void {
    if (userId === this.#userId && agentId === this.#agentId) return;
    this.#version++;
    this.#userId = userId;
    this.#oldId = `${this.accountId}.${userId}`;
    this.#agentId = agentId;
  }
}
