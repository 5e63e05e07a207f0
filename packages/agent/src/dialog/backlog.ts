import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { type HistoryRange, type HistoryReader, sequenceOf } from './history.ts';

/** What a dialog's history holds behind a number. */
export interface Backlog {
  /** Its first events, as many as a stream keeps. */
  readonly events: readonly MessagingEvent[];
  /** Whether those are all. */
  readonly complete: boolean;
  /** The last number; that behind which was read when there is none. */
  readonly last: number;
  /** What this agent has marked READ. */
  readonly read: ReadonlySet<number>;
  /** What this agent has said. */
  readonly own: readonly MessagingEvent[];
  /** The last public message of another agent who was assigned; -1 when there is none. */
  readonly answered: number;
}

/** What {@link BacklogReader.read} goes by. */
export interface BacklogOptions {
  readonly capacity: number;
  readonly signal: AbortSignal;
  /** See {@link HistoryReader.pages}. */
  readonly known: () => number | undefined;
  /** Called for each page: it goes on. */
  readonly onPage: () => void;
}

/** What a reading has found so far. */
interface Reading {
  readonly after: number;
  readonly events: MessagingEvent[];
  readonly read: Set<number>;
  readonly own: MessagingEvent[];
  count: number;
  last: number;
  answered: number;
}

/**
 * Reads a history to its end, since the mark that says a message was read, or answered, may stand on any later page.
 * Of a long one only the beginning and what is asked for above is kept. When a page fails, the next reading from the same
 * place goes on with that page: one that began again would never come to the end of a long history where every tenth query
 * is refused.
 */
export class BacklogReader {
  readonly #history: HistoryReader;
  #unfinished: Reading | undefined;

  constructor(history: HistoryReader) {
    this.#history = history;
  }

  async read({ dialogId, after }: HistoryRange, { capacity, known, onPage, signal }: BacklogOptions): Promise<Backlog> {
    if (this.#unfinished?.after !== after) {
      this.#unfinished = { after, events: [], read: new Set(), own: [], count: 0, last: after, answered: -1 };
    }
    const reading = this.#unfinished;
    for await (const page of this.#history.pages({ dialogId, after: reading.last }, signal, known)) {
      for (const event of page) add(reading, event, capacity);
      onPage();
    }
    this.#unfinished = undefined;
    return { ...reading, complete: reading.count <= capacity };
  }
}

function add(reading: Reading, event: MessagingEvent, capacity: number): void {
  if (reading.count++ < capacity) reading.events.push(event);
  if (event.isMe && event.event.type === 'AcceptStatusEvent' && event.event.status === 'READ') {
    for (const sequence of event.event.sequenceList) reading.read.add(sequence);
  }
  if (event.isMe && isContent(event.event)) reading.own.push(event);
  if (isAnswerOfAnother(event)) reading.answered = sequenceOf(event);
  reading.last = sequenceOf(event);
}

function isAnswerOfAnother({ event, isMe, messageAudience, originatorMetadata }: MessagingEvent): boolean {
  const isPublic = messageAudience === undefined || messageAudience === 'ALL';
  return !isMe && isPublic && isContent(event) && originatorMetadata?.role === 'ASSIGNED_AGENT';
}
