import type { Stream } from '@lp/core';
import { type Channel, checkOptionNames, createChannel } from '@lp/core/internal';
import { readJson } from './json.ts';
import { checkPredicate, simulatorClosed, startWaitTimer, timeoutOf } from './wait-timeout.ts';
import { isRequestType } from './wire.ts';

/** One frame that came in or went out. */
export interface JournalEntry {
  /** Counts from 1, over all sockets. */
  readonly number: number;
  /** When, by the simulator's clock. */
  readonly at: number;
  /** `in`: from a client; `out`: to a client. */
  readonly direction: 'in' | 'out';
  /** The socket's id. */
  readonly client: string;
  /** Which side the socket belongs to. */
  readonly kind: 'agent' | 'consumer';
  /** The frame as on the wire. */
  readonly text: string;
  /** The parsed frame; undefined when it is not JSON. */
  readonly frame: Frame | undefined;
  /** The frame's `type`. */
  readonly type: string | undefined;
}

/** A frame of the wire, as parsed. */
export interface Frame {
  /** Request, response or notification. */
  readonly kind?: string;
  /** The id of a request. */
  readonly id?: string | number;
  /** The id of the request that a response belongs to. */
  readonly reqId?: string | number;
  /** Its wire name. */
  readonly type?: string;
  /** The code of a response. */
  readonly code?: number;
  /** What it says. */
  readonly body?: unknown;
  /** Metadata beside the body. */
  readonly metadata?: unknown;
}

const HISTORY = 1_000;
const CAPACITY = 10_000;
/** Of all kept frames together, at two bytes a character; the newest is kept however long it is. */
const MAX_BYTES = 64 * 1024 * 1024;
const READ_AHEAD = 16;

class Entry implements JournalEntry {
  readonly number: number;
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly client: string;
  readonly kind: 'agent' | 'consumer';
  readonly text: string;

  constructor(number: number, at: number, direction: 'in' | 'out', client: JournalClient, text: string) {
    this.number = number;
    this.at = at;
    this.direction = direction;
    this.client = client.id;
    this.kind = client.kind;
    this.text = text;
  }

  // Parsed when somebody looks, and not kept: parsed, a frame may take many times what its text is counted with.
  get frame(): Frame | undefined {
    return parse(this.text);
  }

  get type(): string | undefined {
    return this.frame?.type;
  }
}

interface JournalClient {
  readonly id: string;
  readonly kind: 'agent' | 'consumer';
}

interface Reader {
  /** The number of the entry that it gets next. */
  next: number;
  readonly channel: Channel<JournalEntry>;
}

/**
 * Keeps the last 1,000 frames, and those that somebody has not read yet, in one place for all readers: up to 10,000 frames
 * and 64 MiB, whatever clients send and however slowly it is read.
 */
export class Journal {
  /** The entries from `#oldest` to `#count`, by number. */
  readonly #kept = new Map<number, Entry>();
  readonly #readers = new Set<Reader>();
  #oldest = 1;
  #count = 0;
  #bytes = 0;
  #closed = false;

  record(direction: 'in' | 'out', client: JournalClient, text: string, at: number): void {
    const entry = new Entry(++this.#count, at, direction, client, text);
    this.#kept.set(entry.number, entry);
    this.#bytes += sizeOf(entry);
    for (const reader of this.#readers) this.#feed(reader);
    while (this.#isTooMuch()) this.#dropOldest();
  }

  /** The last frames, oldest first; at most 1,000. */
  get recent(): JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (let n = this.#recentFrom; n <= this.#count; n++) entries.push(this.#kept.get(n) as Entry);
    return entries;
  }

  /** What is kept when reading begins, then everything that follows; the oldest unread frames are dropped when too many wait. */
  stream(): Stream<JournalEntry> {
    const channel: Channel<JournalEntry> = createChannel<JournalEntry>({
      capacity: READ_AHEAD,
      onStart: () => {
        reader.next = this.#recentFrom;
        this.#readers.add(reader);
        this.#feed(reader);
      },
      onDeliver: () => this.#feed(reader),
      onClose: () => void this.#readers.delete(reader),
    });
    const reader: Reader = { next: 0, channel };
    return channel.stream;
  }

  /** The first request that fits: one already kept with a number above `after`, or one yet to come. */
  async waitForRequest(
    type: string,
    predicate: (entry: JournalEntry) => boolean,
    options: WaitOptions,
  ): Promise<JournalEntry> {
    checkOptionNames('waitForRequest', options, ['after', 'timeoutMs']);
    checkPredicate('waitForRequest', predicate);
    const { after = 0 } = options;
    const timeoutMs = timeoutOf('waitForRequest', options);
    const stream = this.stream();
    const timer = startWaitTimer(timeoutMs, () => stream.close());
    try {
      for await (const entry of stream) {
        if (entry.direction !== 'in' || entry.number <= after) continue;
        if (isRequestType(entry.type ?? '', type) && predicate(entry)) return entry;
      }
    } finally {
      timer.cancel();
    }
    if (this.#closed) throw simulatorClosed();
    throw new Error(`no request ${type} came within ${timeoutMs} ms; seen: ${this.#seen() || 'no request at all'}`);
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) this.#feed(reader);
  }

  get #recentFrom(): number {
    return Math.max(this.#oldest, this.#count - HISTORY + 1);
  }

  /** Gives a reader what it has room for. */
  #feed(reader: Reader): void {
    const { channel } = reader;
    if (reader.next < this.#oldest) {
      channel.countDropped(this.#oldest - reader.next);
      reader.next = this.#oldest;
    }
    while (channel.open && reader.next <= this.#count) {
      // Counted first: a reader who waits asks for more while this one is handed over.
      const entry = this.#kept.get(reader.next++) as Entry;
      if (channel.push(entry)) continue;
      reader.next--;
      return;
    }
    if (this.#closed) channel.end();
  }

  #isTooMuch(): boolean {
    const count = this.#kept.size;
    if (count > CAPACITY || (this.#bytes > MAX_BYTES && count > 1)) return true;
    return count > HISTORY && ![...this.#readers].some(({ next }) => next <= this.#oldest);
  }

  #dropOldest(): void {
    this.#bytes -= sizeOf(this.#kept.get(this.#oldest) as Entry);
    this.#kept.delete(this.#oldest++);
  }

  #seen(): string {
    const counts = new Map<string, number>();
    for (const { direction, type = 'not JSON' } of this.recent) {
      if (direction === 'in') counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return [...counts].map(([type, count]) => `${type} × ${count}`).join(', ');
  }
}

/** What a wait takes. */
export interface WaitOptions {
  /** Only entries with a number above this. Default 0, so that a request that has come already counts. */
  after?: number;
  /** How long to wait, in milliseconds. Default 5,000. */
  timeoutMs?: number;
}

const sizeOf = ({ text }: Entry): number => text.length * 2;

function parse(text: string): Frame | undefined {
  const value = readJson(text);
  return typeof value === 'object' && value !== null ? value : undefined;
}
