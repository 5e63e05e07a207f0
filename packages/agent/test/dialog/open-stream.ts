import { createManualClock, type ManualClock, type Stream } from '@lp/core';
import { createDeferred, createLimiter, type Deferred } from '@lp/core/internal';
import { DialogStream } from '../../src/dialog/dialog-stream.ts';
import type {
  DialogPort,
  DialogReport,
  DialogSink,
  DialogStreamOptions,
  DialogView,
  Gap,
  HistoryPage,
} from '../../src/dialog/dialog-types.ts';
import { DEFAULT_CAPACITY, SequenceLedger } from '../../src/dialog/sequence-ledger.ts';

export interface TestEvent {
  readonly sequence?: number | undefined;
  readonly text: string;
}

export type Item = TestEvent | Gap;

export interface OpenQuery {
  readonly after: number;
  readonly signal: AbortSignal;
  readonly response: Deferred<HistoryPage<TestEvent>>;
}

interface ReportOptions {
  onGap: DialogReport['gap'];
  onResync: DialogReport['resynced'];
  onRetry: DialogReport['retrying'];
  onRefused: DialogReport['refused'];
  onHighWater: DialogReport['highWater'];
  /** Whether the server pushes an event for every number: told at once, or proved by an event. */
  everyNumberPushed: boolean | ((event: TestEvent) => boolean);
}

/** What a test may put in the place of what an open stream has. */
export type OpenStreamOptions = Partial<
  DialogStreamOptions<TestEvent> & DialogPort<TestEvent> & DialogView<TestEvent, Item> & ReportOptions
>;

/** An event with a text that names its number. */
export const event = (sequence: number): TestEvent => ({ sequence, text: `event ${sequence}` });
export const events = (...sequences: number[]): TestEvent[] => sequences.map(event);

// One turn of the event loop: everything that hangs on promises alone has settled.
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const NO_STATE = () => ({ conversationId: 'conversation', details: undefined, ended: false, gone: false });

/** A stream whose router, history and consumer are in the test's hands. */
export class OpenStream {
  readonly clock: ManualClock = createManualClock();
  readonly queries: OpenQuery[] = [];
  readonly read: Item[] = [];
  readonly stream: Stream<Item>;
  readonly iterator: AsyncIterator<Item, undefined>;
  /** Set while the stream is attached. */
  sink: DialogSink<TestEvent> | undefined;
  attached = 0;
  detached = 0;
  done = false;
  failure: unknown;
  #reading = false;

  constructor({
    onGap,
    onResync,
    onRetry,
    onRefused,
    onHighWater,
    accept,
    everyNumberPushed,
    ...options
  }: OpenStreamOptions = {}) {
    const nobody = () => undefined;
    const port: DialogPort<TestEvent> = {
      query: (_, { after, signal }) => {
        const response = createDeferred<HistoryPage<TestEvent>>();
        this.queries.push({ after, signal, response });
        signal.addEventListener('abort', () => response.reject(signal.reason));
        return response.promise;
      },
      attach: (_, sink) => {
        this.sink = sink;
        this.attached++;
        return () => {
          this.sink = undefined;
          this.detached++;
        };
      },
      limiter: createLimiter(8),
      late: createLimiter(8),
      clock: this.clock,
      report: {
        gap: onGap ?? nobody,
        resynced: onResync ?? nobody,
        retrying: onRetry ?? nobody,
        refused: onRefused ?? nobody,
        highWater: onHighWater ?? nobody,
      },
      sequenceOf: ({ sequence }) => sequence,
      provesEveryNumber: typeof everyNumberPushed === 'function' ? everyNumberPushed : () => false,
      random: () => 1,
      ...options,
    };
    const place = { dialogId: 'dialog', start: { kind: 'after', sequence: -1 } as const, state: NO_STATE };
    const view = {
      toItem: (event: TestEvent): Item => event,
      gapItem: (gap: Gap): Item | undefined => gap,
      ...options,
      ...(accept && { accept }),
    };
    const ledger = new SequenceLedger<TestEvent>(options.capacity ?? DEFAULT_CAPACITY);
    ledger.everyNumberPushed = everyNumberPushed === true;
    this.stream = new DialogStream(port, { ...place, ...options }, view, ledger).stream;
    this.iterator = this.stream[Symbol.asyncIterator]();
  }

  /** Asks for one item, without waiting for it. */
  next(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.iterator.next().then(
      ({ done, value }) => {
        this.#reading = false;
        if (done === true) this.done = true;
        else this.read.push(value);
      },
      (error: unknown) => {
        this.failure = error;
        this.done = true;
      },
    );
  }

  /** Reads until there is nothing to read. */
  async drain(): Promise<Item[]> {
    for (let count = -1; count !== this.read.length; ) {
      count = this.read.length;
      if (!this.done) this.next();
      await turn();
    }
    return this.read;
  }

  /** Begins to read and responds to the first query. */
  async begin(...history: number[]): Promise<this> {
    await this.drain();
    await this.respond(...history);
    return this;
  }

  /** Answers the oldest open query with a complete page. */
  async respond(...sequences: number[]): Promise<void> {
    await this.reply({ events: events(...sequences), complete: true });
  }

  async reply(page: HistoryPage<TestEvent>): Promise<void> {
    this.takeQuery().response.resolve(page);
    await this.drain();
  }

  async fail(error: unknown): Promise<void> {
    this.takeQuery().response.reject(error);
    await turn();
  }

  takeQuery(): OpenQuery {
    const query = this.queries.shift();
    if (!query) throw new Error('the stream has sent no query');
    return query;
  }

  push(...sequences: number[]): void {
    for (const sequence of sequences) this.sink?.live(event(sequence), 1);
  }

  /** The numbers read so far; a gap shows as the numbers around it. */
  get numbers(): unknown[] {
    return this.read.map((item) => ('kind' in item ? { after: item.after, before: item.before } : item.sequence));
  }
}
