import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  OutcomeUnknownError,
  ProtocolError,
  RequestTimeoutError,
} from '@lp/core';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { AgentRequests } from '../link/requests.ts';
import { PageEnds } from './page-ends.ts';

/** How history is asked for: never again by the transport, which cannot know that the response is what breaks the connection. */
type Query = (
  body: Parameters<AgentRequests['queryMessages']>[0],
  options?: RequestOptions & { readonly idempotent?: boolean | undefined },
) => Promise<MessagingEvent[]>;

/** What reading histories needs. */
export interface HistoryParts {
  readonly requests: { readonly queryMessages: Query };
  /** The most events of one page; what the platform gives in one response must stay below the socket's limit. */
  readonly pageSize: number;
  readonly clock: Clock;
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
const LOST_AT_ONE_EVENT = 2;
const SHRINK_BY = 8;
const REFUSED_FOR_MS: BackoffPolicy = { initialMs: 60_000, factor: 2, maxMs: 600_000, jitter: 'none' };
const MOST_TROUBLED = 1_000;
// Platforms that give the newest events first are walked down; more than this are not kept on the way.
const MOST_WALKED = 20_000;

/** The page size whose responses stay below the socket's limit, however long the messages are. */
export function pageSizeFor(maxPayloadBytes: number): number {
  return Math.min(MAX_PAGE_SIZE, Math.max(1, Math.floor(maxPayloadBytes / LARGEST_EVENT_BYTES)));
}

/** What is known of a dialog whose history could not be read at once. */
interface Trouble {
  pageSize: number;
  /** Queries for a single event that broke the connection, in a row. */
  lost: number;
  /** Whether the last query broke the connection, or another one that was under way. */
  suspected: boolean;
  /** Until then it is not asked for at all. */
  refusedUntil: number;
}

/**
 * Reads histories in bounded pages, whichever end of a range the platform gives first. A query whose connection broke is
 * repeated with a smaller page, alone, so that it is known which one breaks it, and not for ever: one dialog must not take
 * the connection of all the others down.
 */
export class HistoryReader {
  readonly #parts: HistoryParts;
  readonly #troubled = new Map<string, Trouble>();
  readonly #turns = new Turns();
  readonly #ends = new PageEnds();
  /** The most events that one response has held. */
  #largestPage = 0;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /**
   * The events that follow `after`, the lowest first and with no hole that the history could fill; not necessarily all of
   * them. Nothing means that there are none.
   */
  async page(range: HistoryRange, signal?: AbortSignal): Promise<MessagingEvent[]> {
    let events = await this.#query(range, signal);
    // A page that does not join on may be the end of the range and not its beginning.
    while (this.#mayHoldBack(range.dialogId, events) && sequenceOf(events[0]) > range.after + 1) {
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
    let length = 0;
    for (let last = after; ; ) {
      const events = await this.page({ dialogId, after: last }, signal);
      if (length > 0) this.#ends.learn(length, events.length > 0);
      if (events.length === 0) return;
      last = sequenceOf(events.at(-1));
      length = events.length;
      yield events;
      const message = known?.();
      if (message !== undefined && last >= message && this.#ends.isLast(length, this.#sizeFor(dialogId))) return;
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
        // A dialog that breaks the connection again and again is refused in the end.
        if (!OutcomeUnknownError.isInstance(error)) throw error;
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

  /**
   * Whether a page may leave out what lies before it. One of a single event is all there is, where the platform has given
   * more at a time and was asked for more: numbers that nobody has would otherwise cost a query each.
   */
  #mayHoldBack(dialogId: string, events: readonly MessagingEvent[]): boolean {
    return events.length > 1 || (events.length === 1 && (this.#largestPage < 2 || this.#sizeFor(dialogId) === 1));
  }

  #sizeFor(dialogId: string): number {
    return this.#troubled.get(dialogId)?.pageSize ?? this.#parts.pageSize;
  }

  /** One query: what it gives of the range, in order, each once. */
  async #query(
    { dialogId, after, before }: { dialogId: string; after?: number | undefined; before?: number | undefined },
    signal: AbortSignal | undefined,
    more = 0,
  ): Promise<MessagingEvent[]> {
    const { clock, requests } = this.#parts;
    const { refusedUntil = 0 } = this.#troubled.get(dialogId) ?? {};
    if (clock.now() < refusedUntil) throw unreadable(dialogId, refusedUntil - clock.now());
    const alone = this.#troubled.get(dialogId)?.suspected === true;
    for (let busy = this.#turns.enter(alone); busy; busy = this.#turns.enter(alone)) await busy;
    const maxQuantity = this.#sizeFor(dialogId) + more;
    const body = { dialogId, maxQuantity, newerThanSequence: after, olderThanSequence: before };
    try {
      signal?.throwIfAborted();
      const events = await requests.queryMessages(body, { signal, idempotent: false });
      const trouble = this.#troubled.get(dialogId);
      this.#largestPage = Math.max(this.#largestPage, events.length);
      // The size that went well is kept: the next page is as large as the one that did not.
      if (trouble) Object.assign(trouble, { lost: 0, suspected: false });
      const found = inOrder(events, after ?? BEFORE_THE_FIRST, before ?? Number.POSITIVE_INFINITY);
      const isFull = more === 0 && found.length === 0 && events.length >= maxQuantity;
      if (!isFull) return found;
    } catch (error) {
      const isLost = OutcomeUnknownError.isInstance(error);
      if (isLost || RequestTimeoutError.isInstance(error)) this.#shrink(dialogId, isLost);
      throw error;
    } finally {
      this.#turns.leave();
    }
    // Where the bound is given too, it has taken all the room there was.
    return this.#query({ dialogId, after, before }, signal, 1);
  }

  #shrink(dialogId: string, isLost: boolean): void {
    const { pageSize, lost } = this.#troubled.get(dialogId) ?? { pageSize: this.#parts.pageSize, lost: 0 };
    const losses = pageSize === 1 && isLost ? lost + 1 : lost;
    const refusals = losses - LOST_AT_ONE_EVENT + 1;
    this.#troubled.delete(dialogId);
    this.#troubled.set(dialogId, {
      pageSize: Math.max(1, Math.floor(pageSize / SHRINK_BY)),
      lost: losses,
      suspected: true,
      refusedUntil: refusals > 0 ? this.#parts.clock.now() + backoffDelay(REFUSED_FOR_MS, refusals) : 0,
    });
    const [oldest] = this.#troubled.keys();
    if (this.#troubled.size > MOST_TROUBLED && oldest !== undefined) this.#troubled.delete(oldest);
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

function unreadable(dialogId: string, retryAfterMs: number): ProtocolError {
  return new ProtocolError(
    `the history of dialog ${dialogId} cannot be read: asking for a single event broke the connection again and again; raise maxPayloadBytes if its messages are that long, else see what ends the connections`,
    { context: { dialogId, retryAfterMs } },
  );
}

/** Lets many go at once, or one alone. */
class Turns {
  #active = 0;
  #isAlone = false;
  #waiting: (() => void)[] = [];

  /** Undefined when it is this one's turn, which `leave` ends; else what to wait for before it is tried again. */
  enter(alone: boolean): Promise<void> | undefined {
    if (this.#isAlone || (alone && this.#active > 0)) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#active++;
    this.#isAlone = alone;
    return undefined;
  }

  leave(): void {
    this.#active--;
    this.#isAlone = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
