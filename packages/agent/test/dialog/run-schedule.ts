import { createManualClock, NotConnectedError, type Stream } from '@lp/core';
import { createLimiter, toError } from '@lp/core/internal';
import { DialogStream } from '../../src/dialog/dialog-stream.ts';
import type { DialogSink, Gap } from '../../src/dialog/dialog-types.ts';
import type { SequenceLedger } from '../../src/dialog/sequence-ledger.ts';
import type { Schedule, Step } from './schedules.ts';
import { type Fate, type ModelEvent, ServerModel, type StoredEvent } from './server-model.ts';

/** What happened in a run, to see that the random schedules reach what they are meant to. */
export type Sight =
  | 'disconnect during a query'
  | 'response from before a disconnect after it'
  | 'stale response'
  | 'failed query'
  | 'several pages'
  | 'live event during a query'
  | 'duplicate'
  | 'reorder'
  | 'jump'
  | 'hint first'
  | 'overflow'
  | 'gap'
  | 'reconnect told late'
  | 'lost in the history'
  | 'typing'
  | 'ended';

export interface Run {
  readonly sights: ReadonlySet<Sight>;
  readonly delivered: number;
  readonly queries: number;
  readonly mostKept: number;
}

type Item = ModelEvent | Gap;

// One turn of the event loop: everything that hangs on promises alone has settled.
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function violation(text: string): never {
  throw new Error(text);
}

/** Plays a schedule against a stream on the given ledger and throws at the first broken promise. */
export async function runSchedule(
  schedule: Schedule,
  makeLedger: (capacity: number) => SequenceLedger<ModelEvent>,
): Promise<Run> {
  const run = new ScheduleRun(schedule, makeLedger(schedule.capacity));
  try {
    await run.play();
  } finally {
    await run.release();
  }
  return run;
}

class ScheduleRun implements Run {
  readonly sights = new Set<Sight>();
  queries = 0;
  mostKept = 0;
  readonly #schedule: Schedule;
  readonly #ledger: SequenceLedger<ModelEvent>;
  readonly #server: ServerModel;
  readonly #clock = createManualClock();
  readonly #items: Item[] = [];
  readonly #stream: Stream<Item>;
  readonly #iterator: AsyncIterator<Item, undefined>;
  readonly #after: number;
  readonly #handed: number[] = [];
  /** Numbers handed to the stream before it had passed them. */
  readonly #inTime = new Set<number>();
  /** The last number that came first by a push, while the connection holds. */
  #lastPushed: number | undefined;
  /** What pushes on one connection have jumped over before the stream had passed it. */
  readonly #jumps: { after: number; before: number }[] = [];
  #sink: DialogSink<ModelEvent> | undefined;
  #told = true;
  #epoch = 1;
  #reading = false;
  #done = false;
  #failure: Error | undefined;
  #highestKnown = -1;
  #lastLagged = false;
  #needsClosingEvent = false;
  /** For a live start: the log's length when the stream knew where it begins, and what was handed to it before. */
  #liveFrom: number | undefined;
  readonly #handedBeforeStart = new Set<number>();

  constructor(schedule: Schedule, ledger: SequenceLedger<ModelEvent>) {
    this.#schedule = schedule;
    this.#ledger = ledger;
    this.#server = new ServerModel(schedule.traits);
    for (const kind of schedule.history) this.#server.publish(kind, 'whole');
    this.#server.pushQueue = [];
    const { length } = schedule.history;
    this.#after = schedule.start === 'beginning' || schedule.start === 'live' ? -1 : Math.floor(length / 2) - 1;
    const start = { kind: 'after' as const, sequence: this.#after };
    const nobody = () => undefined;
    const told = schedule.told === 'every number pushed' && schedule.traits.pushes === 'all';
    ledger.everyNumberPushed = told;
    this.#stream = new DialogStream<ModelEvent, Item>(
      {
        query: (_, { after, signal }) => this.#query(after, signal),
        limiter: createLimiter(1),
        late: createLimiter(1),
        clock: this.#clock,
        random: () => 0.5,
        report: { gap: nobody, resynced: nobody, retrying: nobody, refused: nobody, highWater: nobody },
        sequenceOf: ({ sequence }) => sequence,
        provesEveryNumber: (event) => schedule.told === 'by evidence' && event.kind === 'status',
        attach: (_, sink) => {
          this.#sink = sink;
          return () => {
            this.#sink = undefined;
          };
        },
      },
      {
        dialogId: 'dialog',
        state: () => ({ conversationId: 'conversation', details: undefined, ended: false, gone: false }),
        start:
          schedule.start === 'live'
            ? { kind: 'live' }
            : schedule.start === 'looked up'
              ? async () => ({ ...start, page: await this.#query(this.#after, new AbortController().signal) })
              : start,
        capacity: schedule.capacity,
      },
      {
        accept: (event) => schedule.accepts === 'all' || event.kind !== 'status',
        toItem: (event) => event,
        gapItem: (gap) => gap,
      },
      ledger,
    ).stream;
    this.#iterator = this.#stream[Symbol.asyncIterator]();
  }

  get delivered(): number {
    return this.#items.length;
  }

  async play(): Promise<void> {
    this.#read();
    await turn();
    for (const step of this.#schedule.steps) {
      await this.#perform(step);
      this.#check();
    }
    await this.#settle();
    await this.#end();
  }

  async release(): Promise<void> {
    await this.#stream[Symbol.asyncDispose]();
    if (this.#sink) violation('the stream was left and is still attached');
    await turn();
    if (this.#clock.pendingTimers > 0) violation('the stream was left and a timer is still set');
    if (this.#schedule.start !== 'looked up' && this.#server.queries.length > 0) violation('a query was not cancelled');
  }

  #query(after: number, signal: AbortSignal): ReturnType<ServerModel['query']> {
    if (!this.#told) violation('a query was sent while the connection was known to be down');
    this.queries++;
    return this.#server.query(after, signal);
  }

  async #perform(step: Step): Promise<void> {
    const server = this.#server;
    switch (step.do) {
      case 'publish':
        for (const kind of step.kinds) this.#publish(kind, { fate: this.#schedule.lossy ? step.fate : 'whole' });
        break;
      case 'type':
        server.type();
        break;
      case 'push':
        for (let count = 0; count < step.count; count++) this.#push(server.pushQueue.shift());
        break;
      case 'swap pushes':
        this.#swapPushes();
        break;
      case 'repeat push':
        this.#repeat(this.#handed.at(-1 - step.back));
        break;
      case 'hint':
        this.#hint(step.back);
        break;
      case 'respond':
        this.#respond(step);
        break;
      case 'fail query':
        if (server.queries.length > 0) this.sights.add('failed query');
        server.fail(new NotConnectedError('not now'));
        break;
      case 'lose connection':
        this.#disconnect();
        break;
      case 'restore connection':
        this.#reconnect(step.announced);
        break;
      case 'outage':
        await this.#outage(step);
        break;
      case 'read':
        for (let count = 0; count < step.count; count++) {
          this.#read();
          if (this.#reading) await turn();
        }
        break;
      case 'pass time':
        await this.#clock.advance(step.ms);
        break;
    }
    await turn();
  }

  #publish(kind: 'content' | 'status', { fate }: { fate: Fate }): void {
    // Before a live stream knows where it begins, a loss cannot be told from what was there before.
    const early = this.#schedule.start === 'live' && !this.#ledger.begun;
    const actual = early ? 'whole' : fate;
    this.#server.publish(kind, actual);
    const published = this.#server.log.at(-1);
    if (published && this.#server.isStored(published) && !this.#server.isPushed(published))
      this.#needsClosingEvent = true;
    if (actual === 'not stored' || actual === 'neither') this.sights.add('lost in the history');
  }

  #push(event: ModelEvent | undefined, epoch = this.#epoch): void {
    if (!event || !this.#sink) return;
    if (event.sequence === undefined) this.sights.add('typing');
    else this.#noteHanded(event.sequence, true);
    if (this.#server.queries.length > 0) this.sights.add('live event during a query');
    this.#sink.live(event, epoch);
  }

  #noteHanded(sequence: number, live: boolean): void {
    if (this.#ledger.begun ? sequence > this.#ledger.tail : live) this.#inTime.add(sequence);
    if (!this.#ledger.begun && live) this.#handedBeforeStart.add(sequence);
    if (live) {
      this.#handed.push(sequence);
      if (sequence > this.#highestKnown + 1 && this.#ledger.begun) this.sights.add('jump');
      if (sequence > this.#highestKnown) {
        const after = Math.max(this.#lastPushed ?? sequence, this.#ledger.tail);
        this.#jumps.push({ after, before: sequence });
        this.#lastPushed = sequence;
      }
    }
    this.#highestKnown = Math.max(this.#highestKnown, sequence);
  }

  #swapPushes(): void {
    const [first, second, ...rest] = this.#server.pushQueue;
    if (!first || !second || !this.#ledger.begun) return;
    this.#server.pushQueue = [second, first, ...rest];
    this.sights.add('reorder');
  }

  #repeat(sequence: number | undefined): void {
    const event = sequence === undefined ? undefined : this.#server.log[sequence];
    if (!event || !this.#told) return;
    this.sights.add('duplicate');
    this.#push({ sequence, kind: event.kind, via: 'live' });
  }

  #hint(back: number): void {
    const contents = this.#server.log.filter(({ kind, fate }) => kind === 'content' && fate !== 'neither');
    const event = contents.at(-1 - back);
    if (!event || !this.#sink) return;
    if (event.sequence > this.#highestKnown) this.sights.add('hint first');
    this.#noteHanded(event.sequence, false);
    this.#sink.hint({ sequence: event.sequence, kind: event.kind, via: 'hint' }, this.#epoch);
  }

  #respond({ as, repeat, reverse }: Extract<Step, { do: 'respond' }>): void {
    const server = this.#server;
    const query = server.queries[0];
    if (!query) return;
    const now = server.log.length;
    const lengths = {
      issued: query.issuedAt,
      between: Math.floor((query.issuedAt + now) / 2),
      now,
      lagging: this.#mayLag() ? Math.max(0, query.issuedAt - 2) : query.issuedAt,
    };
    const length = lengths[as];
    this.#lastLagged = length < query.issuedAt;
    if (this.#lastLagged) this.#needsClosingEvent = true;
    if (length < now) this.sights.add('stale response');
    if (query.orphaned && this.#told) this.sights.add('response from before a disconnect after it');
    this.#reply(length, { repeat, reverse });
  }

  #reply(length: number, how: { repeat: boolean; reverse: boolean }): void {
    const query = this.#server.queries[0];
    if (!query) return;
    const { pageLimit = Number.POSITIVE_INFINITY } = this.#schedule.traits;
    if (length - query.after > pageLimit + 1) this.sights.add('several pages');
    if (!this.#ledger.begun) this.#liveFrom = this.#server.log.length;
    for (const { sequence = -1 } of this.#server.respond(length, how)) {
      this.#highestKnown = Math.max(this.#highestKnown, sequence);
    }
  }

  // A replica that lags is told from the truth by what it lacks: where the history lacks things anyway, it cannot be.
  #mayLag(): boolean {
    const { stores, pushes } = this.#schedule.traits;
    const selective = stores === 'content' && pushes === 'all';
    return (
      this.#schedule.lossy &&
      !this.#lastLagged &&
      !selective &&
      !this.sights.has('lost in the history') &&
      this.#ledger.begun
    );
  }

  #disconnect(): void {
    if (!this.#server.connected) return;
    if (this.#server.queries.length > 0) this.sights.add('disconnect during a query');
    this.#server.dropConnection();
    this.#lastPushed = undefined;
    this.#told = false;
    this.#sink?.connectionLost();
  }

  #reconnect(announced: 'before pushes' | 'after a push'): void {
    if (this.#server.connected) return;
    this.#server.connected = true;
    this.#epoch++;
    if (announced === 'after a push') {
      this.sights.add('reconnect told late');
      this.#publish('content', { fate: 'whole' });
      this.#push(this.#server.pushQueue.shift());
      this.#lastPushed = undefined;
    }
    this.#told = true;
    this.#sink?.connectionRestored(this.#epoch);
  }

  async #outage({ kinds, response }: Extract<Step, { do: 'outage' }>): Promise<void> {
    const asBefore: Step = { do: 'respond', as: 'issued', repeat: false, reverse: false };
    this.#disconnect();
    for (const kind of kinds) this.#publish(kind, { fate: 'whole' });
    if (response === 'during') await this.#perform(asBefore);
    this.#reconnect('before pushes');
    if (response === 'after') await this.#perform(asBefore);
  }

  #read(): void {
    if (this.#reading || this.#done) return;
    this.#reading = true;
    this.#iterator.next().then(
      (result) => {
        this.#reading = false;
        if (result.done === true) this.#done = true;
        else this.#items.push(result.value);
      },
      (error: unknown) => {
        this.#done = true;
        this.#failure = toError(error);
      },
    );
  }

  /** Everything works again: the server responds, the consumer reads, until nothing moves any more. */
  async #settle(): Promise<void> {
    this.#reconnect('before pushes');
    // What was never pushed shows with the next event that is.
    if (this.#needsClosingEvent) this.#publish('content', { fate: 'whole' });
    await this.#quiesce();
    this.#checkOutcome();
    if (this.#done) violation('the stream ended although the dialog had not');
  }

  async #end(): Promise<void> {
    const { end } = this.#schedule;
    if (end === 'stays open') return;
    this.sights.add('ended');
    // The last event is never pushed: it is found because the dialog's end was told.
    this.#publish('content', { fate: 'not pushed' });
    if (end === 'ended with number') this.#sink?.ended(this.#server.log.length - 1);
    else this.#sink?.ended();
    await this.#quiesce();
    this.#checkOutcome();
    if (!this.#done) violation('the dialog has ended and the stream has not');
  }

  async #quiesce(): Promise<void> {
    for (let idle = 0, rounds = 0; idle < 3; rounds++) {
      if (rounds > 200) violation('the stream never comes to rest');
      const before = this.#items.length + this.queries;
      while (this.#server.pushQueue.length > 0) this.#push(this.#server.pushQueue.shift());
      for (let count = 0; count < 40; count++) {
        this.#read();
        this.#reply(this.#server.log.length, { repeat: false, reverse: false });
        await turn();
      }
      this.#check();
      if (this.#clock.pendingTimers > 0) await this.#clock.advance(30_000);
      idle = this.#items.length + this.queries === before && this.#server.queries.length === 0 ? idle + 1 : 0;
    }
    if (this.#clock.pendingTimers > 0) violation('all is quiet and a timer is still set');
  }

  #check(): void {
    const { capacity } = this.#schedule;
    const { buffered } = this.#stream.stats;
    this.mostKept = Math.max(this.mostKept, buffered + this.#ledger.buffered);
    if (buffered > capacity) violation(`${buffered} events are buffered, ${capacity} are allowed`);
    if (this.#ledger.buffered > capacity)
      violation(`${this.#ledger.buffered} events are buffered, ${capacity} are allowed`);
    if (buffered === capacity && this.#ledger.buffered === capacity) this.sights.add('overflow');
    if (this.#failure !== undefined) violation(`the stream failed: ${this.#failure.message}`);
  }

  #checkOutcome(): void {
    let position = -1;
    const delivered = new Set<number>();
    const gaps: Gap[] = [];
    for (const item of this.#items) {
      if ('after' in item) {
        this.sights.add('gap');
        gaps.push(item);
        if (item.after < position || item.before <= item.after + 1) violation('a gap is out of order');
        position = item.before - 1;
      } else if (item.sequence !== undefined) {
        if (item.sequence <= position) violation(`event ${item.sequence} came twice or out of order`);
        if (this.#server.log[item.sequence]?.kind !== item.kind) violation(`event ${item.sequence} is not what it was`);
        position = item.sequence;
        delivered.add(item.sequence);
      }
    }
    this.#checkNothingMissing(delivered, gaps);
    this.#checkGaps(gaps);
  }

  #checkNothingMissing(delivered: ReadonlySet<number>, gaps: readonly Gap[]): void {
    for (const event of this.#server.log) {
      const { sequence } = event;
      if (this.#schedule.accepts === 'content' && event.kind === 'status') {
        if (delivered.has(sequence)) violation(`event ${sequence} was refused and came`);
      } else if (!this.#isInRange(sequence)) {
        if (delivered.has(sequence) && this.#schedule.start !== 'live') violation(`event ${sequence} is too old`);
      } else if (this.#server.isStored(event)) {
        if (!delivered.has(sequence)) violation(`event ${sequence} is in the history and did not come`);
      } else if (this.#inTime.has(sequence) && !delivered.has(sequence) && !isInGap(sequence, gaps)) {
        violation(`event ${sequence} was handed over, did not come, and no gap tells so`);
      }
    }
  }

  #isInRange(sequence: number): boolean {
    if (this.#schedule.start !== 'live') return sequence > this.#after;
    return sequence >= (this.#liveFrom ?? 0) || this.#handedBeforeStart.has(sequence);
  }

  // Seen or jumped over while the connection held, and not in the history: only then is a loss certain.
  #isLoss(event: StoredEvent): boolean {
    if (!this.#server.isShown(event) || this.#server.isStored(event)) return false;
    return this.#inTime.has(event.sequence) || isInGap(event.sequence, this.#jumps);
  }

  #checkGaps(gaps: readonly Gap[]): void {
    for (const { after, before } of gaps) {
      const lost = this.#server.log.slice(after + 1, before);
      if (lost.length !== before - after - 1) violation('a gap tells of events that never were');
      if (!lost.some((event) => this.#isLoss(event))) violation(`a gap after ${after} is a false alarm`);
    }
    if (this.#schedule.told !== 'every number pushed' || this.#schedule.traits.pushes !== 'all') return;
    for (const { after, before } of this.#jumps) {
      for (const { sequence, fate } of this.#server.log.slice(after + 1, before)) {
        const lost = fate === 'neither' && this.#isInRange(sequence) && !this.#inTime.has(sequence);
        if (lost && !isInGap(sequence, gaps)) violation(`the loss of ${sequence} was not told`);
      }
    }
  }
}

function isInGap(sequence: number, gaps: readonly { after: number; before: number }[]): boolean {
  return gaps.some(({ after, before }) => after < sequence && sequence < before);
}
