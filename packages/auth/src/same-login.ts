import type { Credentials } from './credentials.ts';

/**
 * The logins that session managers of this process use, by account and user: two managers of one login take
 * turns in making each other's token invalid, and nothing else would show it. The only state of this package that is
 * shared by the process; it holds no secret and keeps no manager alive.
 */
const users = new Map<string, Set<WeakRef<object>>>();

/** Notes that `owner` uses a login. Tells whether another one does, and gives the way to take the note back. */
export function noteLogin(
  owner: object,
  accountId: string,
  credentials: Credentials,
): { shared: boolean; release: () => void } {
  if (!('username' in credentials)) return { shared: false, release: () => undefined };
  const key = `${accountId}\n${credentials.username}`;
  const owners = users.get(key) ?? new Set();
  for (const other of owners) {
    if (other.deref() === undefined) owners.delete(other);
  }
  const shared = owners.size > 0;
  const reference = new WeakRef(owner);
  users.set(key, owners.add(reference));
  return {
    shared,
    release: () => {
      owners.delete(reference);
      if (owners.size === 0 && users.get(key) === owners) users.delete(key);
    },
  };
}
