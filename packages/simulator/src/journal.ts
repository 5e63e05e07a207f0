import { type Stream, systemClock } from '@lp/core';
import { type Channel, createChannel } from '@lp/core/internal';
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
  readonly kind: 'agent' | 'consumer';
  /** The frame as on the wire. */
  readonly text: string;
  /** The parsed frame; undefined when it is no JSON. */
  readonly frame: Frame | undefined;
  /** The frame's `type`. */
  readonly type: string | undefined;
}

/** A frame of the wire, as parsed. */
export interface Frame {
  readonly kind?: string;
  readonly id?: string | number;
  readonly reqId?: string | number;
  readonly type?: string;
  readonly code?: number;
  readonly body?: unknown;
  readonly metadata?: unknown;
}

/** How long a wait of a test lasts at most, in milliseconds of real time. */
export const DEFAULT_WAIT_MS = 5_000;
const HISTORY = 1_000;
const CAPACITY = 10_000;

class Entry implements JournalEntry {
  readonly number: number;
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly client: string;
  readonly kind: 'agent' | 'consumer';
  readonly text: string;
  #frame: Frame | undefined | null = null;

  constructor(number: number, at: number, direction: 'in' | 'out', client: JournalClient, text: string) {
    this.number = number;
    this.at = at;
    this.direction = direction;
    this.client = client.id;
    this.kind = client.kind;
    this.text = text;
  }

  // Parsed when somebody looks: nearly all entries are never looked at.
  get frame(): Frame | undefined {
    if (this.#frame === null) this.#frame = parse(this.text);
    return this.#frame;
  }

  get type(): string | undefined {
    return this.frame?.type;
  }
}

interface JournalClient {
  readonly id: string;
  readonly kind: 'agent' | 'consumer';
}

/** Keeps the last 1,000 frames and hands them, and those that follow, to whoever reads. */
export class Journal {
  readonly #history: (Entry | undefined)[] = Array.from({ length: HISTORY });
  readonly #readers = new Set<Channel<JournalEntry>>();
  #count = 0;
  #closed = false;

  record(direction: 'in' | 'out', client: JournalClient, text: string, at: number): void {
    const entry = new Entry(++this.#count, at, direction, client, text);
    this.#history[entry.number % HISTORY] = entry;
    for (const reader of this.#readers) reader.push(entry);
  }

  /** The last frames, oldest first; at most 1,000. */
  get recent(): JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (let n = Math.max(1, this.#count - HISTORY + 1); n <= this.#count; n++) {
      const entry = this.#history[n % HISTORY];
      if (entry) entries.push(entry);
    }
    return entries;
  }

  /** What is kept when reading begins, then everything that follows; the oldest unread frames are dropped when 10,000 wait. */
  stream(): Stream<JournalEntry> {
    const channel = createChannel<JournalEntry>({
      capacity: CAPACITY,
      overflow: 'drop-oldest',
      onStart: () => {
        for (const entry of this.recent) channel.push(entry);
        if (this.#closed) channel.end();
        else this.#readers.add(channel);
      },
      onClose: () => void this.#readers.delete(channel),
    });
    return channel.stream;
  }

  /** The first request that fits: one already kept with a number above `after`, or one yet to come. */
  async waitForRequest(
    type: string,
    predicate: (entry: JournalEntry) => boolean,
    { after = 0, timeoutMs = DEFAULT_WAIT_MS }: WaitOptions,
  ): Promise<JournalEntry> {
    const stream = this.stream();
    const timer = systemClock.setTimer(() => stream.close(), timeoutMs);
    try {
      for await (const entry of stream) {
        if (entry.direction !== 'in' || entry.number <= after) continue;
        if (isRequestType(entry.type ?? '', type) && predicate(entry)) return entry;
      }
    } finally {
      timer.cancel();
    }
    throw new Error(`No request ${type} came within ${timeoutMs} ms; seen: ${this.#seen() || 'no request at all'}`);
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
  }

  #seen(): string {
    const counts = new Map<string, number>();
    for (const { direction, type = 'not JSON' } of this.recent) {
      if (direction === 'in') counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return [...counts].map(([type, count]) => `${type} × ${count}`).join(', ');
  }
}

export interface WaitOptions {
  /** Only entries with a number above this; 0 by default, so a request that has come already counts. */
  after?: number;
  /** Default 5,000. */
  timeoutMs?: number;
}

function parse(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
