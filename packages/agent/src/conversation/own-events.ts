import { BoundedMap } from '@lp/core/internal';
import type { HistoryReader } from '../dialog/history.ts';
import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { Claims } from './claims.ts';

/** An event to look for in a dialog, above a sequence. */
export interface Search {
  readonly dialogId: string;
  readonly after: number;
  /** Its `ExternalId`. */
  readonly id: string;
  /** Whether an event without any id is the one. */
  readonly isSame: (event: MessagingEvent['event']) => boolean;
}

/** What was read of a dialog: the numbers above `from`, up to `to`. */
interface Read {
  from: number;
  to: number;
  /** Sequences by `ExternalId`. */
  readonly named: Map<unknown, number>;
  /** Events by sequence, where the history leaves metadata out. */
  readonly nameless: Map<number, MessagingEvent['event']>;
  /** Ids that were looked for lately, and ids that are not looked for any more. */
  asked: Set<unknown>;
  readonly past: Set<unknown>;
}

const MOST_DIALOGS = 128;
const MOST_OUTSIDE = 100_000;
// More than a stream of the usual capacity holds, whose answers were sent without a search.
const MOST_EVENTS = 5_000;

/**
 * This agent's own events in dialogs whose history was searched, so that only what has come since is read again: the
 * answers to a long backlog would otherwise each read all of the rest. Searches that go on in a dialog leave behind what
 * was looked for before; one that goes back reads from there.
 */
export class OwnEvents {
  readonly #dialogs = new BoundedMap<string, Read>(MOST_DIALOGS);
  readonly #mostEvents: number;
  readonly #outside = new BoundedMap<string, number>(MOST_OUTSIDE);
  readonly #claims = new Claims();
  #keepsIds = false;

  /** A dialog with more of them than `mostEvents` is read anew each time. */
  constructor(mostEvents = MOST_EVENTS) {
    this.#mostEvents = mostEvents;
  }

  /** Whether the history is known to keep the ids of what was said. */
  get keepsIds(): boolean {
    return this.#keepsIds;
  }

  /** Own events that were read of a history. */
  see(events: readonly MessagingEvent[]): void {
    this.#keepsIds ||= events.some(({ metadata }) => metadata?.some(({ type }) => type === 'ExternalId'));
  }

  /** Something was said, or found, that answers no message. */
  noteOutside(dialogId: string, sequence: number): void {
    if (sequence > this.outside(dialogId)) this.#outside.set(dialogId, sequence);
  }

  /** The last of what was said so in this run; -1 when nothing was. */
  outside(dialogId: string): number {
    return this.#outside.get(dialogId) ?? -1;
  }

  /** Reads the history on to its end; gives the event's sequence when it is there. Rejects when the history cannot be read. */
  async find(
    { dialogId, after, id, isSame }: Search,
    history: Pick<HistoryReader, 'pages'>,
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    const read = this.#readOf(dialogId, after);
    for await (const page of history.pages({ dialogId, after: read.to }, signal))
      for (const event of page) note(read, event);
    const { named, nameless, past } = read;
    // Not before: a search that has gone on must not leave behind what another one still waits for.
    read.asked.add(id);
    if (named.size + nameless.size + past.size > this.#mostEvents) this.#dialogs.delete(dialogId);
    const sequence = named.get(id);
    if (sequence !== undefined && sequence > after) return sequence;
    for (const [place, event] of nameless) {
      if (place <= after || !isSame(event) || !this.#claims.isFree(dialogId, place, id)) continue;
      this.claim(dialogId, place, id);
      return place;
    }
    return undefined;
  }

  /** The event of this number is what was sent with this id, and of no other send: where ids are not kept, equal ones look the same. */
  claim(dialogId: string, sequence: number, id = ''): void {
    if (!this.#keepsIds) this.#claims.add(dialogId, sequence, id);
  }

  /** What was read so far, when that goes on from `after` or before; else a new beginning. Keeps the latest dialogs. */
  #readOf(dialogId: string, after: number): Read {
    const known = this.#dialogs.get(dialogId);
    const goesOn = known !== undefined && known.from <= after && known.to >= after;
    const read = goesOn ? known : newRead(after);
    if (after > read.from) goOn(read, after);
    this.#dialogs.delete(dialogId);
    this.#dialogs.set(dialogId, read);
    return read;
  }
}

function newRead(after: number): Read {
  return { from: after, to: after, named: new Map(), nameless: new Map(), asked: new Set(), past: new Set() };
}

function goOn(read: Read, after: number): void {
  read.from = after;
  // An answer that was sent meanwhile shows in the history later than it was looked for.
  for (const id of read.asked) if (!read.named.delete(id)) read.past.add(id);
  read.asked = new Set();
}

function note(read: Read, { event, isMe, metadata, sequence = read.to }: MessagingEvent): void {
  read.to = Math.max(read.to, sequence);
  // Marks are many, and nothing that is looked for.
  if (!isMe || !isContent(event)) return;
  const names = metadata?.filter(({ type }) => type === 'ExternalId') ?? [];
  if (names.length === 0) read.nameless.set(sequence, event);
  for (const name of names) if (!read.past.delete(name['id'])) read.named.set(name['id'], sequence);
}
