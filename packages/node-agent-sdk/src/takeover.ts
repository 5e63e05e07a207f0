/** What a newer agent of the same login takes over from. */
export interface Predecessor {
  /** Whether it has lost or failed to make its connection, and has told so. */
  readonly stranded: boolean;
  /** Ends it for good. */
  retire(): void;
}

/**
 * The agents of this process by login. Programs that know no reconnecting make a new agent when the old one is closed;
 * as the old one reconnects by itself, there would be two. Holds no agent alive.
 */
const agents = new Map<string, Set<WeakRef<Predecessor>>>();

/** Retires the stranded agents of a login, and notes the new one. Returns what takes the note back. */
export function takeOver(login: string | undefined, agent: Predecessor): () => void {
  if (login === undefined) return () => undefined;
  const others = agents.get(login) ?? new Set();
  for (const reference of others) {
    const other = reference.deref();
    if (other !== undefined && !other.stranded) continue;
    others.delete(reference);
    other?.retire();
  }
  const reference = new WeakRef(agent);
  agents.set(login, others.add(reference));
  return () => {
    others.delete(reference);
    if (others.size === 0 && agents.get(login) === others) agents.delete(login);
  };
}
