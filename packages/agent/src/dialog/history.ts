import { OutcomeUnknownError } from '@lp/core';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import { BreakingQueries, type BreakingQueriesParts } from './breaking-queries.ts';
import { PageEnds } from './page-ends.ts';

/** How history is asked for: never again by the transport, which cannot know that the response is what breaks the connection. */
type Query = (
  body: Parameters<AgentRequests['queryMessages']>[0],
  options?: RequestOptions & { readonly idempotent?: boolean | undefined },
) => Promise<MessagingEvent[]>;

/** What reading histories needs. */
export interface HistoryParts extends BreakingQueriesParts {
  readonly requests: { readonly queryMessages: Query };
  /** Whether the agent has ended: its reason may be any error, one too that reading goes on after. Default: never. */
  readonly isOver?: (() => boolean) | undefined;
}

/** Which part of a dialog's history: the numbers between the two, both excluded. */
export interface HistoryRange {
  readonly dialogId: string;
  readonly after: number;
  readonly before?: number | undefined;
}

export const BEFORE_THE_FIRST = -1;
/** The most events of one page. */
export const MAX_PAGE_SIZE = 200;
// The longest text a message may have, in UTF-8, with what stands around it.
const LARGEST_EVENT_BYTES = 36_000;
// Platforms that give the newest events first are walked down; more than this are not kept on the way.
const MOST_WALKED = 20_000;

/** The page size whose responses stay below the socket's limit, however long the messages are. */
export function pageSizeFor(maxPayloadBytes: number): number {
  return Math.min(MAX_PAGE_SIZE, Math.max(1, Math.floor(maxPayloadBytes / LARGEST_EVENT_BYTES)));
}

/** Reads histories in bounded pages, whichever end of a range the platform gives first. */
export class HistoryReader {
  readonly #parts: HistoryParts;
  readonly #breaking: BreakingQueries;
  readonly #ends = new PageEnds();

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.#breaking = new BreakingQueries(parts);
  }

  /**
   * The events that follow `after`, the lowest first and with no hole that the history could fill; not necessarily all of
   * them. Nothing means that there are none.
   */
  async page(range: HistoryRange, signal?: AbortSignal): Promise<MessagingEvent[]> {
    let events = await this.#query(range, signal);
    // A page that does not join on may be the end of the range and not its beginning.
    while (events.length > 0 && sequenceOf(events[0]) > range.after + 1) {
      const before = sequenceOf(events[0]);
      const rest = await this.#query({ ...range, before }, signal);
      if (rest.length === 0) break;
      events = [...rest, ...events].slice(0, MOST_WALKED);
    }
    return events;
  }

  /**
   * All pages that follow `after`, to the end of the history. `known` gives the number of the last message that is known
   * from elsewhere: a page that reaches it and is short may be taken for the last; without it, the end is an empty page.
   */
  async *pages(
    { dialogId, after }: HistoryRange,
    signal?: AbortSignal,
    known?: () => number | undefined,
  ): AsyncGenerator<MessagingEvent[]> {
    let [length, lastAsked] = [0, 0];
    for (let last = after; ; ) {
      const asked = this.#breaking.pageSizeOf(dialogId);
      const events = await this.page({ dialogId, after: last }, signal);
      if (length > 0) this.#ends.learn(length, lastAsked, events.length > 0);
      if (events.length === 0) return;
      last = sequenceOf(events.at(-1));
      length = events.length;
      lastAsked = asked;
      yield events;
      const message = known?.();
      if (message !== undefined && last >= message && this.#ends.isLast(length, asked)) return;
    }
  }

  /**
   * The newest events below `before` for which `wanted` is true, at most `count` of them, the lowest first. Begins again
   * when the connection is lost meanwhile: reading has no outcome that could be unknown.
   */
  async newest(
    range: { dialogId: string; before?: number | undefined; count: number },
    wanted: (event: MessagingEvent) => boolean,
    signal?: AbortSignal,
  ): Promise<MessagingEvent[]> {
    for (;;) {
      try {
        return await this.#newest(range, wanted, signal);
      } catch (error) {
        // Whoever gives up may name such an error as the reason.
        signal?.throwIfAborted();
        // A dialog that breaks the connection again and again is refused in the end.
        if (!OutcomeUnknownError.isInstance(error) || this.#parts.isOver?.()) throw error;
      }
    }
  }

  async #newest(
    { dialogId, before, count }: { dialogId: string; before?: number | undefined; count: number },
    wanted: (event: MessagingEvent) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<MessagingEvent[]> {
    let found: MessagingEvent[] = [];
    for (let below = before; ; ) {
      const events = await this.#query({ dialogId, before: below }, signal);
      const last = sequenceOf(events.at(-1));
      const isFirstPage = below === before;
      if (isFirstPage && events.length > 0 && !(await this.#reaches(dialogId, last, below, signal))) {
        return await this.#lastOf({ dialogId, after: last, before, count }, events.filter(wanted), wanted, signal);
      }
      found = [...events.filter(wanted), ...found];
      below = sequenceOf(events[0], 0);
      if (found.length >= count || below <= 0) return found.slice(-count);
    }
  }

  /** Whether nothing lies between a page's last event and the end of what was asked for. */
  async #reaches(dialogId: string, last: number, before: number | undefined, signal: AbortSignal | undefined) {
    if (before !== undefined && last === before - 1) return true;
    return (await this.#query({ dialogId, after: last, before }, signal)).length === 0;
  }

  /** For a platform that gives the oldest first: reads on, and keeps the last. */
  async #lastOf(
    { dialogId, after, before = Number.POSITIVE_INFINITY, count }: HistoryRange & { count: number },
    found: MessagingEvent[],
    wanted: (event: MessagingEvent) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<MessagingEvent[]> {
    let last = found;
    for await (const events of this.pages({ dialogId, after }, signal)) {
      const fitting = events.filter((event) => wanted(event) && sequenceOf(event) < before);
      last = [...last, ...fitting].slice(-count);
      if (sequenceOf(events.at(-1)) >= before) break;
    }
    return last.slice(-count);
  }

  /** One query: what it gives of the range, in order, each once. */
  async #query(
    { dialogId, after, before }: { dialogId: string; after?: number | undefined; before?: number | undefined },
    signal: AbortSignal | undefined,
    more = 0,
  ): Promise<MessagingEvent[]> {
    const steady = await this.#breaking.enter(dialogId, signal);
    const maxQuantity = this.#breaking.pageSizeOf(dialogId) + more;
    const body = { dialogId, maxQuantity, newerThanSequence: after, olderThanSequence: before };
    try {
      signal?.throwIfAborted();
      const events = await this.#parts.requests.queryMessages(body, { signal, idempotent: false });
      this.#breaking.succeeded(dialogId);
      const found = inOrder(events, after ?? BEFORE_THE_FIRST, before ?? Number.POSITIVE_INFINITY);
      const isFull = more === 0 && found.length === 0 && events.length >= maxQuantity;
      if (!isFull) return found;
    } catch (error) {
      // The reason of whoever gives up says nothing of the connection, though it be an error of another request.
      if (signal?.aborted !== true) this.#breaking.failed(dialogId, error, steady);
      throw error;
    } finally {
      this.#breaking.leave();
    }
    // Where the bound is given too, it has taken all the room there was.
    return this.#query({ dialogId, after, before }, signal, 1);
  }
}

/** The number of an event of the history; those without one do not count. */
export function sequenceOf(event: MessagingEvent | undefined, none = BEFORE_THE_FIRST): number {
  return event?.sequence ?? none;
}

/** Those between the two numbers, the lowest first, each once; the list itself when it is so, as nearly all are. */
function inOrder(events: MessagingEvent[], lowest: number, highest: number): MessagingEvent[] {
  let last = lowest;
  const isInOrder = events.every((event) => {
    const before = last;
    last = sequenceOf(event);
    return last > before && last < highest;
  });
  if (isInOrder) return events;
  const bySequence = new Map(events.map((event) => [sequenceOf(event), event]));
  return [...bySequence.values()]
    .filter((event) => sequenceOf(event) > lowest && sequenceOf(event) < highest)
    .sort((a, b) => sequenceOf(a) - sequenceOf(b));
}
