/** One event of the modelled dialog. Typing has no number. */
export interface ModelEvent {
  readonly sequence: number | undefined;
  readonly kind: 'content' | 'status' | 'typing';
  /** Where this copy came from; copies of one event differ in nothing else. */
  readonly via: 'live' | 'hint' | 'history';
}

/** What the server does to an event besides storing and pushing it. */
export type Fate = 'whole' | 'not pushed' | 'not stored' | 'neither';

export interface ServerTraits {
  /** Which events the history shows, and which are pushed. */
  readonly stores: 'all' | 'content';
  readonly pushes: 'all' | 'content';
  readonly inclusive: boolean;
  /** Events per response; undefined is all of them. */
  readonly pageLimit: number | undefined;
  /** Whether a response says that nothing follows. */
  readonly tellsEnd: boolean;
}

export interface StoredEvent {
  readonly sequence: number;
  readonly kind: 'content' | 'status';
  readonly fate: Fate;
}

export interface ModelQuery {
  readonly after: number;
  /** How long the log was when the query was sent. */
  readonly issuedAt: number;
  /** Set when the connection it was sent on is gone. */
  orphaned: boolean;
  resolve(page: { events: ModelEvent[]; complete: boolean | undefined }): void;
  reject(error: unknown): void;
}

/** One dialog as the server keeps it: its log, its push queue for the connection, and the queries it has not answered. */
export class ServerModel {
  readonly traits: ServerTraits;
  readonly log: StoredEvent[] = [];
  queries: ModelQuery[] = [];
  pushQueue: ModelEvent[] = [];
  connected = true;

  constructor(traits: ServerTraits) {
    this.traits = traits;
  }

  publish(kind: 'content' | 'status', fate: Fate): void {
    const event = { sequence: this.log.length, kind, fate };
    this.log.push(event);
    if (this.connected && this.isPushed(event)) this.pushQueue.push({ sequence: event.sequence, kind, via: 'live' });
  }

  type(): void {
    if (this.connected) this.pushQueue.push({ sequence: undefined, kind: 'typing', via: 'live' });
  }

  isPushed(event: StoredEvent): boolean {
    return (
      (this.traits.pushes === 'all' || event.kind === 'content') &&
      (event.fate === 'whole' || event.fate === 'not stored')
    );
  }

  isStored(event: StoredEvent): boolean {
    return (
      (this.traits.stores === 'all' || event.kind === 'content') &&
      (event.fate === 'whole' || event.fate === 'not pushed')
    );
  }

  /** Whether a reader in luck would see events of this kind at all. */
  isShown(event: StoredEvent): boolean {
    return event.kind === 'content' || this.traits.stores === 'all' || this.traits.pushes === 'all';
  }

  query(after: number, signal: AbortSignal): Promise<{ events: ModelEvent[]; complete: boolean | undefined }> {
    return new Promise((resolve, reject) => {
      const query: ModelQuery = { after, issuedAt: this.log.length, orphaned: false, resolve, reject };
      this.queries.push(query);
      signal.addEventListener('abort', () => {
        this.queries = this.queries.filter((other) => other !== query);
        reject(signal.reason);
      });
    });
  }

  /** Answers the oldest query from the log as it was when `length` events were in it. */
  respond(length: number, options: { repeat: boolean; reverse: boolean }): ModelEvent[] {
    const query = this.queries.shift();
    if (!query) return [];
    const { inclusive, tellsEnd, pageLimit = Number.POSITIVE_INFINITY } = this.traits;
    const matching = this.log
      .slice(0, length)
      .filter((event) => this.isStored(event) && event.sequence > query.after - (inclusive ? 1 : 0));
    const page = matching.slice(0, pageLimit);
    const events = page.map(({ sequence, kind }): ModelEvent => ({ sequence, kind, via: 'history' }));
    if (options.repeat && events[0]) events.push(events[0]);
    if (options.reverse) events.reverse();
    query.resolve({ events, complete: tellsEnd ? page.length === matching.length : undefined });
    return events;
  }

  fail(error: unknown): void {
    this.queries.shift()?.reject(error);
  }

  dropConnection(): void {
    this.connected = false;
    this.pushQueue = [];
    for (const query of this.queries) query.orphaned = true;
  }
}
