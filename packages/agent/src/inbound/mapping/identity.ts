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

/** Pairs of old id and PID that were seen together in one event, so that they hold for certain. */
export interface IdentityDirectory {
  pidOf(userId: string): string | undefined;
  userIdOf(pid: string): string | undefined;
  learn(userId: string, pid: string): void;
}

/** A directory in memory that forgets the oldest pair once it holds `maxEntries` (10,000). */
export function createIdentityDirectory({ maxEntries = 10_000 }: { maxEntries?: number } = {}): IdentityDirectory {
  const pids = new Map<string, string>();
  const userIds = new Map<string, string>();
  return {
    pidOf: (userId) => pids.get(userId),
    userIdOf: (pid) => userIds.get(pid),
    learn(userId, pid) {
      const known = pids.get(userId);
      if (known === pid) return;
      if (known !== undefined) userIds.delete(known);
      pids.set(userId, pid);
      userIds.set(pid, userId);
      if (pids.size <= maxEntries) return;
      const [oldest] = pids;
      if (oldest === undefined) return;
      pids.delete(oldest[0]);
      userIds.delete(oldest[1]);
    },
  };
}

/** True for an id of the old space, `{accountId}.{userId}`. A consumer's id is the same in both spaces and has no dot. */
export function isOldId(id: string): boolean {
  return id.includes('.');
}

/** The PID of an id of either space, when it is known for certain. */
export function pidOf(id: string, identity: Identity, directory: IdentityDirectory | undefined): string | undefined {
  if (!isOldId(id)) return id;
  return id === identity.oldId ? (identity.agentId ?? directory?.pidOf(id)) : directory?.pidOf(id);
}

/** The old id (for a consumer: the id) behind a PID, when it is known for certain. */
export function userIdOf(
  pid: string,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): string | undefined {
  return pid === identity.agentId ? identity.oldId : directory?.userIdOf(pid);
}

/** True when either id is the agent's own. */
export function isOwn(ids: { id?: string | undefined; userId?: string | undefined }, identity: Identity): boolean {
  return ids.userId === identity.oldId || (ids.id !== undefined && ids.id === identity.agentId);
}
