// Over 300 lines: one state machine; what can be told apart from it (ledger, retries, start) is in files of its own.
import { RequestRejectedError, RequestTimeoutError, type Stream } from '@lp/core';
import { type Channel, type ChannelOptions, createChannel, diagnosticsChannel, InnerAbort } from '@lp/core/internal';
import type { Ending } from '../inbound/lifecycle.ts';
import type { ResyncCause } from '../inbound/status.ts';
import { mayPass } from '../link/patiently.ts';
import type {
  DialogPort,
  DialogSink,
  DialogStreamOptions,
  DialogView,
  Gap,
  HistoryPage,
  SequencedEvent,
  StreamStart,
} from './dialog-types.ts';
import { QueryRetry } from './query-retry.ts';
import { DEFAULT_CAPACITY, type Hole, SequenceLedger, type Step } from './sequence-ledger.ts';

const gaps = diagnosticsChannel('lp:stream:gap');
const resyncs = diagnosticsChannel('lp:stream:resync');

// The word of what has ended or left comes some seconds after the connection is back, where it has to be asked for.
const MOST_REFUSALS = 4;

/** A time of reading the history, from when it is needed until it no longer is. */
interface Backfill {
  readonly from: number;
  readonly skipped: number;
  queries: number;
}

/**
 * A stream of a dialog's events: ordered by sequence, each once, none left out, in bounded memory (at most twice
 * `capacity` events). Live events, replays and hints merge; what was missed while the connection was down, or while the
 * consumer was slow, is read from the history; a hole that is certain and cannot be filled becomes an item.
 *
 * Nothing happens before the first `next()`. A failure of the history that is final ends the stream with its error,
 * after what is buffered; of a dialog that has ended since it was read, a refusal is its end. However it ends, the stream is detached at once, its query is aborted and no timer is left.
 *
 * It moves events from the port through the ledger into the consumer's buffer, and is its channel's options too: as an
 * object of closures, they would be a tenth of what an idle stream takes.
 */
export class DialogStream<E extends SequencedEvent, I> implements DialogSink<E>, ChannelOptions<I> {
  readonly #port: DialogPort<E>;
  readonly #options: DialogStreamOptions<E>;
  readonly #view: DialogView<E, I>;
  readonly #ledger: SequenceLedger<E>;
  readonly #channel: Channel<I>;
  // Made when something fails: an idle stream is to cost little.
  #retry: QueryRetry | undefined;
  #detach: (() => void) | undefined;
  #abort: InnerAbort | undefined;
  #epoch: number | undefined;
  #connected = true;
  #outages = 0;
  #full = false;
  #busy = false;
  /** Whether the response to the last query did not come in time. */
  #late = false;
  #opened = false;
  #started = false;
  /** Whether the connection was lost since the history was read. */
  #missed = false;
  #cause: ResyncCause | undefined = 'start';
  #backfill: Backfill | undefined;

  constructor(
    port: DialogPort<E>,
    options: DialogStreamOptions<E>,
    view: DialogView<E, I>,
    ledger: SequenceLedger<E> = new SequenceLedger(options.capacity ?? DEFAULT_CAPACITY),
  ) {
    this.#port = port;
    this.#options = options;
    this.#view = view;
    this.#ledger = ledger;
    this.#channel = createChannel<I>(this);
  }

  get capacity(): number {
    return this.#options.capacity ?? DEFAULT_CAPACITY;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  get dialogId(): string {
    return this.#options.dialogId;
  }

  /** Whether the buffer is full, and what comes waits elsewhere. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether the history may still give something that comes before what is pushed. */
  get catchingUp(): boolean {
    return !this.#full && (!this.#started || this.#ledger.needsHistory);
  }

  // Reading goes on: what fails next is no repeated failure.
  get #onPage(): () => void {
    return () => this.#retry?.succeeded();
  }

  get #retrying(): QueryRetry {
    this.#retry ??= new QueryRetry(this.#port.clock, this.#port.random);
    return this.#retry;
  }

  get stream(): Stream<I> {
    return this.#channel.stream;
  }

  onStart(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#guard(() => {
      this.#view.onStart?.();
      this.#attach();
    });
  }

  skips(item: I): boolean {
    return this.#view.skips?.(item) === true;
  }

  beforeNext(): Promise<void> | undefined {
    return this.#view.beforeNext?.();
  }

  onDeliver(item: I): void {
    this.#view.onDeliver?.(item);
  }

  onDrained(complete: boolean): void {
    this.#view.onDrained?.(complete);
  }

  onHighWater(): void {
    this.#full = true;
    this.#view.onFull?.();
    this.#port.report.highWater(this.dialogId);
  }

  onLowWater(): void {
    this.#full = false;
    this.#guard(() => this.#move());
  }

  onClose(): void {
    this.#retry?.cancel();
    this.#abort?.abort();
    this.#ledger.clear();
    this.#detach?.();
    this.#view.onClose?.();
  }

  live(event: E, epoch: number): void {
    this.#receive(event, epoch, true);
  }

  hint(event: E, epoch: number): void {
    this.#receive(event, epoch, false);
  }

  connectionLost(): void {
    if (!this.#channel.open) return;
    this.#connected = false;
    this.#outages++;
    this.#ledger.breakOff();
    this.#retry?.cancel();
  }

  connectionRestored(epoch: number): void {
    if (!this.#channel.open) return;
    this.#connected = true;
    this.#epoch = epoch;
    this.#retry?.succeeded();
    this.#retry?.cancel();
    this.#doubtContinuity();
    this.#wake();
  }

  ended(lastSequence?: number): void {
    if (!this.#channel.open) return;
    this.#ledger.end(lastSequence);
    if (this.#ledger.needsHistory) this.#cause ??= 'end';
    this.#guard(() => this.#move());
  }

  stop({ error, drop }: Ending): Promise<void> {
    if (error !== undefined) this.#channel.fail(error);
    else if (drop) void this.stream[Symbol.asyncDispose]();
    else this.#channel.end();
    return this.#channel.drained;
  }

  #attach(): void {
    const detach = this.#port.attach(this.#options, this);
    if (!this.#channel.open) return detach();
    this.#detach = detach;
    this.#ledger.demand();
    const { start } = this.#options;
    if (typeof start !== 'function') this.#begin(start);
    this.#move();
  }

  #begin(start: StreamStart<E>): void {
    this.#started = true;
    if (start.kind === 'after') this.#ledger.begin(start.sequence);
    this.#backfill = { from: this.#ledger.tail, skipped: 0, queries: 0 };
  }

  #receive(event: E, epoch: number, live: boolean): void {
    if (!this.#channel.open) return;
    try {
      if (epoch !== this.#epoch) this.#enterEpoch(epoch);
      const sequence = this.#port.sequenceOf(event);
      if (sequence === undefined) this.#passEphemeral(event);
      else this.#place(sequence, event, live);
    } catch (error) {
      this.#channel.fail(error);
    }
  }

  #place(sequence: number, event: E, live: boolean): void {
    const ledger = this.#ledger;
    ledger.observe(sequence, live);
    if (live && !ledger.everyNumberPushed) ledger.everyNumberPushed = this.#port.provesEveryNumber(event);
    // A hint may be older than the stream: it cannot tell where one begins.
    if (!live && !ledger.begun) return;
    if (ledger.isNext(sequence) && this.#offer(event, false)) ledger.pass(sequence);
    else ledger.buffer(sequence, event);
    if (ledger.buffered > 0 || ledger.needsHistory) this.#move();
    else if (ledger.finished) this.#channel.end();
  }

  // An event of a connection whose return was not told: what was pushed before it may be missing.
  #enterEpoch(epoch: number): void {
    if (this.#epoch !== undefined && epoch < this.#epoch) return;
    const first = this.#epoch === undefined;
    this.#epoch = epoch;
    if (first) return;
    this.#doubtContinuity();
    this.#wake();
  }

  #doubtContinuity(): void {
    this.#ledger.breakOff();
    this.#ledger.demand();
    this.#missed = true;
    this.#cause ??= 'reconnect';
  }

  #passEphemeral(event: E): void {
    if (!this.#accepts(event)) return;
    // Between high-water and low-water every free place is for events that count.
    const hasRoom = !this.#full && this.#channel.size < this.capacity;
    if (this.#ledger.begun && hasRoom) this.#channel.push(this.#view.toItem(event, false));
    else this.#channel.countDropped(1);
  }

  #accepts(event: E): boolean {
    return this.#view.accept?.(event) ?? true;
  }

  // Whether the event is dealt with; one that found no room is not.
  #offer(event: E, recovered: boolean): boolean {
    return !this.#accepts(event) || this.#channel.push(this.#view.toItem(event, recovered));
  }

  #guard(action: () => void): void {
    if (!this.#channel.open) return;
    try {
      action();
    } catch (error) {
      this.#channel.fail(error);
    }
  }

  #move(): void {
    while (!this.#full && this.#channel.open) {
      const step = this.#ledger.next();
      if (!step || !this.#deliver(step)) break;
    }
    if (this.#ledger.finished) this.#channel.end();
    else this.#wake();
  }

  #deliver(step: Step<E>): boolean {
    if ('gap' in step) return this.#tellGap(step.gap);
    if (!this.#offer(step.event, step.recovered)) return false;
    this.#ledger.pass(step.sequence);
    return true;
  }

  #tellGap({ after, before }: Hole): boolean {
    const gap: Gap = { kind: 'gap', dialogId: this.dialogId, after, before };
    const item = this.#view.gapItem(gap);
    if (item !== undefined && !this.#channel.push(item)) return false;
    this.#ledger.pass(before - 1);
    if (gaps.hasSubscribers) gaps.publish(gap);
    this.#port.report.gap(gap);
    return true;
  }

  #mayWork(): boolean {
    return this.#channel.open && this.#connected && !this.#full && (!this.#started || this.#ledger.needsHistory);
  }

  // One piece of work at a time. Whatever happens meanwhile stays noted in the ledger, so no wake-up is lost.
  #wake(): void {
    if (this.#busy || this.#retry?.waiting === true || !this.#mayWork()) return;
    this.#busy = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    const abort = new InnerAbort();
    this.#abort = abort;
    const outages = this.#outages;
    const read = () => (this.#started ? this.#query(abort) : this.#findStart(abort));
    try {
      await (this.#late ? this.#port.late.run(read, abort) : read());
      this.#late = false;
    } catch (error) {
      this.#guard(() => this.#failed(error, outages));
    }
    this.#abort = undefined;
    this.#busy = false;
    this.#guard(() => {
      this.#move();
      if (!this.#started || this.#ledger.needsHistory) return;
      if (this.#backfill) this.#report(this.#backfill);
      this.#view.onCaughtUp?.();
    });
  }

  async #findStart(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    if (typeof options.start !== 'function') return;
    // A page read on the way can only speak for what was known before.
    const issue = this.#ledger.issue();
    const found = await options.start(signal, this.#onPage);
    if (!this.#channel.open) return;
    this.#begin(found);
    this.#retry?.succeeded();
    if (found.kind === 'after' && found.page) {
      this.#ledger.settle({ ...issue, after: found.sequence }, found.page, (event) => this.#port.sequenceOf(event));
    }
  }

  async #query(signal: AbortSignal): Promise<void> {
    const asked = await this.#port.limiter.run(async () => {
      // The turn may come late: what is known is taken when the query is really sent.
      if (!this.#mayWork()) return undefined;
      this.#cause ??= this.#ledger.overflowed ? 'overflow' : 'jump';
      this.#backfill ??= { from: this.#ledger.tail, skipped: this.#ledger.skipped, queries: 0 };
      this.#backfill.queries++;
      const issue = this.#ledger.issue();
      return { issue, page: await this.#read(issue.after, signal) };
    }, signal);
    if (!asked || !this.#channel.open) return;
    if (this.#ledger.settle(asked.issue, asked.page, (event) => this.#port.sequenceOf(event)) === 'doubtful') {
      this.#pause(this.#retrying.doubted());
    } else {
      this.#missed = false;
      this.#retry?.succeeded();
    }
  }

  async #read(after: number, signal: AbortSignal): Promise<HistoryPage<E>> {
    try {
      const missed = this.#missed ? this.#options.missed?.(after, signal, this.#onPage) : undefined;
      return await (missed ?? this.#port.query(this.dialogId, { after, signal }));
    } catch (error) {
      if (!isRefusal(error) || !this.#ledger.ending || this.#cause === 'start') throw error;
      // It had been read to its end while it was open, and nothing more will come: that is no failure of who reads it.
      this.#port.report.refused(this.dialogId);
      return { events: [], complete: true };
    }
  }

  #report({ from, queries, skipped }: Backfill): void {
    const { dialogId } = this;
    const cause = this.#cause ?? 'jump';
    this.#cause = undefined;
    this.#backfill = undefined;
    if (cause !== 'start') this.#channel.countResync();
    const { tail: to } = this.#ledger;
    const report = { dialogId, cause, from, to, queries, skipped: this.#ledger.skipped - skipped };
    if (resyncs.hasSubscribers) resyncs.publish(report);
    this.#port.report.resynced(report);
  }

  #failed(error: unknown, outages: number): void {
    // Of a dialog that has ended or left while the connection was lost, that may be told after its history was refused.
    const mayBeOver = this.#missed && isRefusal(error) && this.#retrying.failures < MOST_REFUSALS;
    if (!mayPass(error) && !mayBeOver) {
      this.#channel.fail(error);
      return;
    }
    // What failed with a connection that is back since need not wait.
    if (this.#outages > outages) return;
    this.#late = RequestTimeoutError.isInstance(error);
    const { attempt, delayMs } = this.#retrying.failed(isRateLimit(error));
    this.#port.report.retrying({ dialogId: this.dialogId, error, attempt, delayMs });
    this.#pause(delayMs);
  }

  // While the connection is down its return is what is waited for.
  #pause(delayMs: number): void {
    if (this.#connected) this.#retrying.wait(delayMs, () => this.#wake());
  }
}

function isRateLimit(error: unknown): boolean {
  return RequestRejectedError.isInstance(error) && error.status === 429;
}

function isRefusal(error: unknown): boolean {
  return RequestRejectedError.isInstance(error) && !mayPass(error);
}
