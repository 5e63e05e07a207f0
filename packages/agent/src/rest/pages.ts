import { ProtocolError } from '@lp/core';

/** So many pages in a row may bring nothing new, since entries that are added meanwhile move the others on. */
const MOST_STALE_PAGES = 10;

/** A page of a list. */
export interface Page<T> {
  /** The entries of it that could be read. */
  readonly items: readonly T[];
  /** How many entries it has, readable or not. */
  readonly received: number;
  /** How many entries the whole list has, where the service says so. */
  readonly total: number | undefined;
}

/** How to read a list. */
export interface PagedList<T> {
  /** What it is, for errors. */
  readonly what: string;
  /** How many entries to pass over first. */
  readonly first: number;
  readonly ask: (offset: number) => Promise<Page<T>>;
  /** What tells an entry from the others; undefined when it has nothing of that kind. */
  readonly idOf: (item: T) => string | undefined;
}

/**
 * Reads a list to its end, each entry once. A service may give smaller pages than it is asked for, so the end is an empty
 * page, or the count that the service tells. @throws ProtocolError when it tells of more and never gives it.
 */
export async function* readPages<T>({ what, first, ask, idOf }: PagedList<T>): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  let stale = 0;
  for (let offset = first; ; ) {
    const { items, received, total } = await ask(offset);
    const before = seen.size;
    for (const item of items) {
      const id = idOf(item);
      // An entry that is added meanwhile moves the others on by one, so one may come again on the next page.
      if (id !== undefined && seen.has(id)) continue;
      if (id !== undefined) seen.add(id);
      yield item;
    }
    offset += received;
    if (received === 0 || offset >= (total ?? Infinity)) return;
    stale = seen.size > before ? 0 : stale + 1;
    if (stale > 0 && total === undefined) return;
    if (stale === MOST_STALE_PAGES)
      throw new ProtocolError(
        `${what}: the service tells of ${total} entries, but gives the same again and again after ${seen.size}; what came until here is what there is to have`,
      );
  }
}
