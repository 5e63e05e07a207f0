import { ReorderBuffer } from './reorder-buffer.ts';

export const DEFAULT_CAPACITY = 1024;

// A stale response shows as one that lacks what is known to exist; this often it is asked for again before it is believed.
const MAX_DOUBTED = 2;
const KEPT_RANGES = 8;
const KEPT_LOST_NUMBERS = 1024;

/** One response of the history. */
export interface HistoryPage<E> {
  /** Events above `after`, in any order. Repeated ones and those at or below `after` do no harm. */
  readonly events: readonly E[];
  /** Whether nothing follows; undefined when the server does not say, then one more query finds out. */
  readonly complete: boolean | undefined;
}

/** What was known when a query was issued: its response can speak for that and no more. */
export interface Issue {
  /** The number that is asked from, excluded. */
  readonly after: number;
  /** The highest number known to exist. */
  readonly known: number;
  /** The complete responses demanded so far. */
  readonly demand: number;
}

interface Range {
  readonly from: number;
  to: number;
}

const NO_RANGES: readonly Range[] = Object.freeze([]);

export interface Hole {
  readonly after: number;
  readonly before: number;
}

/** What a stream does next: deliver an event, which the history gave when it is `recovered`, or tell a hole that is a certain loss. */
export type Step<E> =
  | { readonly sequence: number; readonly event: E; readonly recovered: boolean }
  | { readonly gap: Hole };

/**
 * What a stream knows of a dialog's numbers. No sockets, timers or queues in here.
 *
 * All numbers up to `tail` are dealt with. Those up to `covered` are dealt with, in the reorder buffer, or unavailable: no query can
 * bring more of them. Those up to `known` exist, though some may belong to events that are never shown to this reader.
 * The history is needed while `known` is above `covered`, or a complete response is demanded that has not come: then
 * events may exist that nothing here knows of.
 */
export class SequenceLedger<E> {
  /** Set when the server is known to push an event for every number. */
  everyNumberPushed = false;
  /** Numbers passed over that neither live events nor the history showed. */
  skipped = 0;
  readonly #reorder: ReorderBuffer<E>;
  #tail: number | undefined;
  #covered = -1;
  #known = -1;
  #demanded = 0;
  #met = 0;
  #doubted = 0;
  /** The latest numbers that were pushed in one go, and earlier ones. */
  #pushed: Range | undefined;
  #pushedBefore: readonly Range[] = NO_RANGES;
  #pushing = false;
  // Made when something is lost: an idle stream is to cost little.
  #lost: Set<number> | undefined;
  #end: { sequence: number; demand: number } | undefined;

  constructor(bound: number) {
    this.#reorder = new ReorderBuffer(bound);
  }

  /** Whether the stream's beginning is known. Until then everything live waits. */
  get begun(): boolean {
    return this.#tail !== undefined;
  }

  get tail(): number {
    return this.#tail ?? -1;
  }

  get buffered(): number {
    return this.#reorder.size;
  }

  /** Whether events were given up for lack of room and must come from the history. */
  get overflowed(): boolean {
    return this.#lost !== undefined && this.#lost.size > 0;
  }

  get needsHistory(): boolean {
    return this.#demanded > this.#met || this.#known > this.#covered;
  }

  /** Whether the end was told. */
  get ending(): boolean {
    return this.#end !== undefined;
  }

  /** Whether the end was told and everything up to it is dealt with. */
  get finished(): boolean {
    if (!this.#end || this.#tail === undefined) return false;
    return (
      this.#met >= this.#end.demand &&
      this.#tail >= Math.max(this.#end.sequence, this.#covered, this.#known) &&
      this.#reorder.size === 0
    );
  }

  /** Begins behind `sequence`. */
  begin(sequence: number): void {
    this.#tail = sequence;
    this.#covered = sequence;
    this.#known = Math.max(this.#known, sequence);
    this.#reorder.dropThrough(sequence);
    this.#extend();
  }

  /** Demands a complete response to a query issued from now on. */
  demand(): void {
    this.#demanded++;
  }

  /** The connection's pushes have stopped: what comes next does not follow what came last. */
  breakOff(): void {
    this.#pushing = false;
  }

  /** No more events will come: none above `sequence`, or none above what the next complete response shows. */
  end(sequence: number | undefined): void {
    if (sequence === undefined) {
      this.demand();
      this.#end ??= { sequence: -1, demand: this.#demanded };
      return;
    }
    this.#end = { sequence: Math.max(sequence, this.#end?.sequence ?? -1), demand: 0 };
    this.observe(sequence, false);
    if (sequence > this.#covered) this.#lose(sequence);
  }

  /** Takes note that the number exists, and whether the server pushed it. */
  observe(sequence: number, pushed: boolean): void {
    if (sequence <= this.#known) return;
    this.#known = sequence;
    if (!pushed) return;
    if (this.#pushing && this.#pushed) {
      this.#pushed.to = sequence;
      return;
    }
    if (this.#pushed) {
      this.#pushedBefore = [...this.#pushedBefore, this.#pushed]
        .filter(({ to }) => to > this.tail)
        .slice(1 - KEPT_RANGES);
    }
    this.#pushed = { from: sequence, to: sequence };
    this.#pushing = true;
  }

  /** True when nothing can come between the tail and this number. */
  isNext(sequence: number): boolean {
    return this.#tail !== undefined && sequence === this.#tail + 1;
  }

  /** Keeps an event until those before it are dealt with. Gives the number that was given up for lack of room, if any. */
  buffer(sequence: number, event: E, recovered = false): number | undefined {
    if (this.#tail !== undefined && sequence <= this.#tail) return undefined;
    const givenUp = this.#reorder.add(sequence, event, recovered);
    if (givenUp !== undefined) {
      this.#covered = Math.min(this.#covered, givenUp - 1);
      if ((this.#lost?.size ?? 0) < KEPT_LOST_NUMBERS) this.#lose(givenUp);
    }
    this.#extend();
    return givenUp;
  }

  /** Moves the tail; everything up to `sequence` is dealt with. */
  pass(sequence: number): void {
    this.#tail = sequence;
    if (this.#reorder.first?.sequence === sequence) this.#reorder.shift();
    if (this.#covered < sequence) {
      this.#covered = sequence;
      this.#extend();
    }
  }

  /** What to do next, by the numbers that are settled; `pass` when it is done. Passes over holes that tell nothing. */
  next(): Step<E> | undefined {
    if (this.#tail === undefined) return undefined;
    for (;;) {
      const first = this.#reorder.first;
      if (first && first.sequence === this.#tail + 1) return first;
      const before = Math.min(first?.sequence ?? Number.POSITIVE_INFINITY, this.#covered + 1);
      if (before <= this.#tail + 1) return undefined;
      const hole = { after: this.#tail, before };
      if (this.isLoss(hole)) return { gap: hole };
      this.skipped += before - this.#tail - 1;
      this.pass(before - 1);
    }
  }

  /** Whether events in the hole are known to have existed for this reader. */
  isLoss({ after, before }: Hole): boolean {
    for (const sequence of this.#lost ?? []) if (sequence > after && sequence < before) return true;
    if (!this.everyNumberPushed || !this.#pushed) return false;
    return [this.#pushed, ...this.#pushedBefore].some(({ from, to }) => from < before && to > after);
  }

  /** Call when a query is about to be sent. */
  issue(): Issue {
    return { after: this.#covered, known: this.#known, demand: this.#demanded };
  }

  /** Takes in a response. `doubtful`: it lacks what should be there, and is worth asking for again a little later. */
  settle(issue: Issue, page: HistoryPage<E>, sequenceOf: (event: E) => number | undefined): 'settled' | 'doubtful' {
    const events = page.events
      .map((event) => ({ event, sequence: sequenceOf(event) ?? -1 }))
      .filter(({ sequence }) => sequence > issue.after)
      .sort((a, b) => a.sequence - b.sequence);
    const last = events.at(-1)?.sequence ?? issue.after;
    const complete = page.complete === true || events.length === 0;
    this.observe(last, false);
    if (this.#tail === undefined) {
      this.#covered = Math.max(this.#covered, last);
      if (!complete) return 'settled';
      this.#met = issue.demand;
      this.begin(Math.min(this.#covered, (this.#reorder.first?.sequence ?? Number.POSITIVE_INFINITY) - 1));
      return 'settled';
    }
    let limit = complete ? Math.max(last, issue.known) : last;
    for (const { sequence, event } of events) {
      // What found no room must be asked for again.
      limit = Math.min(limit, (this.buffer(sequence, event, true) ?? Number.POSITIVE_INFINITY) - 1);
    }
    return this.#conclude(issue, complete, last, limit);
  }

  #conclude(issue: Issue, complete: boolean, last: number, limit: number): 'settled' | 'doubtful' {
    if (complete && this.#doubted < MAX_DOUBTED) {
      for (const hole of this.#reorder.holes(this.#covered, limit)) {
        if (hole.before - 1 > last || this.isLoss(hole)) {
          this.#doubted++;
          return 'doubtful';
        }
      }
    }
    if (complete) {
      this.#doubted = 0;
      this.#met = Math.max(this.#met, issue.demand);
    }
    this.#covered = Math.max(this.#covered, limit);
    this.#extend();
    for (const sequence of this.#lost ?? []) {
      if (sequence <= this.tail || this.#reorder.has(sequence)) this.#lost?.delete(sequence);
    }
    return 'settled';
  }

  /** Lets go of all events. */
  clear(): void {
    this.#reorder.dropThrough(Number.POSITIVE_INFINITY);
  }

  #lose(sequence: number): void {
    this.#lost ??= new Set();
    this.#lost.add(sequence);
  }

  // What waits without a hole behind the covered numbers is covered too.
  #extend(): void {
    if (this.#reorder.size === 0) return;
    while (this.#reorder.has(this.#covered + 1)) this.#covered++;
  }
}
