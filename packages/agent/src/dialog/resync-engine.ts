import { type Stream, systemClock } from '@lp/core';
import { type Channel, type ChannelOptions, createChannel, diagnosticsChannel, toError } from '@lp/core/internal';
import type { ResyncCause } from '../inbound/status.ts';
import { isRetryableQuery, QueryRetry } from './query-retry.ts';
import type { Gap, ResyncSink, ResyncStreamOptions, SequencedEvent, StreamStart } from './resync-types.ts';
import { DEFAULT_CAPACITY, type Hole, type SequenceLedger, type Step } from './sequence-ledger.ts';

const gaps = diagnosticsChannel('lp:stream:gap');
const resyncs = diagnosticsChannel('lp:stream:resync');

/** A time of reading the history, from when it is needed until it no longer is. */
interface Refill {
  readonly from: number;
  readonly skipped: number;
  queries: number;
}

/** The stream of {@link ResyncEngine}, whose numbers the given ledger keeps. */
export function startResyncEngine<E extends SequencedEvent>(
  options: EngineOptions<E>,
  ledger: SequenceLedger<E>,
): Stream<unknown> {
  return new ResyncEngine(options, ledger).stream;
}

/** With what is handed out for an event and for a gap, when that is not the event or the gap; undefined leaves a gap out. */
export interface EngineOptions<E> extends ResyncStreamOptions<E> {
  toItem?: (event: E) => unknown;
  gapItem?: (gap: Gap) => unknown;
}

/**
 * Moves events from the router and the history through the ledger into the consumer's buffer. It is its channel's options
 * too: as an object of closures, they would be a tenth of what an idle stream takes.
 */
class ResyncEngine<E extends SequencedEvent> implements ResyncSink<E>, ChannelOptions<unknown> {
  readonly capacity: number;
  readonly lowWater: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onTake: ((item: unknown) => void) | undefined;
  readonly onReadOut: (() => void) | undefined;
  readonly #options: EngineOptions<E>;
  readonly #ledger: SequenceLedger<E>;
  readonly #channel: Channel<unknown>;
  readonly #retry: QueryRetry;
  readonly #sequenceOf: (event: E) => number | undefined;
  #detach: (() => void) | undefined;
  #abort: AbortController | undefined;
  #epoch: number | undefined;
  #connected = true;
  #outages = 0;
  #full = false;
  #busy = false;
  #started = false;
  #cause: ResyncCause | undefined = 'start';
  #refill: Refill | undefined;

  constructor(options: EngineOptions<E>, ledger: SequenceLedger<E>) {
    this.#options = options;
    this.#ledger = ledger;
    this.capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#retry = new QueryRetry(options.clock ?? systemClock, options.backoff, options.random);
    this.#sequenceOf = options.sequenceOf ?? ((event) => event.sequence);
    ledger.everyNumberPushed = options.everyNumberPushed === true;
    this.lowWater = options.lowWater;
    this.signal = options.signal;
    this.onTake = options.onTake as ((item: unknown) => void) | undefined;
    this.onReadOut = options.onReadOut;
    this.#channel = createChannel<unknown>(this);
  }

  get stream(): Stream<unknown> {
    return this.#channel.stream;
  }

  onStart(): void {
    this.#attach();
  }

  onPressure(): void {
    this.#full = true;
    this.#options.onPressure?.();
  }

  onRelief(): void {
    this.#full = false;
    this.#guard(() => {
      this.#options.onRelief?.();
      this.#move();
    });
  }

  onClose(): void {
    this.#retry.cancel();
    this.#abort?.abort();
    this.#ledger.clear();
    this.#detach?.();
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
    this.#retry.cancel();
  }

  connectionRestored(epoch: number): void {
    if (!this.#channel.open) return;
    this.#connected = true;
    this.#epoch = epoch;
    this.#retry.succeeded();
    this.#retry.cancel();
    this.#doubtContinuity();
    this.#wake();
  }

  ended(lastSequence?: number): void {
    if (!this.#channel.open) return;
    this.#ledger.end(lastSequence);
    if (this.#ledger.needsHistory) this.#cause ??= 'end';
    this.#guard(() => this.#move());
  }

  failed(error: Error): void {
    this.#channel.fail(error);
  }

  #attach(): void {
    this.#guard(() => {
      const detach = this.#options.onAttach(this);
      if (!this.#channel.open) return detach();
      this.#detach = detach;
      this.#ledger.demand();
      const { start } = this.#options;
      if (typeof start !== 'function') this.#begin(start);
      this.#move();
    });
  }

  #begin(start: StreamStart<E>): void {
    this.#started = true;
    if (start.kind === 'after') this.#ledger.begin(start.sequence);
    this.#refill = { from: this.#ledger.tail, skipped: 0, queries: 0 };
  }

  #receive(event: E, epoch: number, live: boolean): void {
    if (!this.#channel.open) return;
    try {
      if (epoch !== this.#epoch) this.#enterEpoch(epoch);
      const sequence = this.#sequenceOf(event);
      if (sequence === undefined) this.#passEphemeral(event);
      else this.#place(sequence, event, live);
    } catch (error) {
      this.#channel.fail(toError(error));
    }
  }

  #place(sequence: number, event: E, live: boolean): void {
    const ledger = this.#ledger;
    ledger.observe(sequence, live);
    if (live && !ledger.everyNumberPushed) ledger.everyNumberPushed = this.#provesEveryNumber(event);
    // A hint may be older than the stream: it cannot tell where one begins.
    if (!live && !ledger.begun) return;
    if (ledger.isNext(sequence) && this.#offer(event)) ledger.pass(sequence);
    else ledger.hold(sequence, event);
    if (ledger.held > 0 || ledger.needsHistory) this.#move();
    else if (ledger.finished) this.#channel.end();
  }

  #provesEveryNumber(event: E): boolean {
    const { everyNumberPushed } = this.#options;
    return typeof everyNumberPushed === 'function' && everyNumberPushed(event);
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
    this.#cause ??= 'reconnect';
  }

  #passEphemeral(event: E): void {
    if (!this.#accepts(event)) return;
    // Between a full buffer and relief every free place is for events that count.
    const hasRoom = !this.#full && this.#channel.size < this.capacity;
    if (this.#ledger.begun && hasRoom) this.#channel.push(this.#itemOf(event));
    else this.#channel.countDropped(1);
  }

  #accepts(event: E): boolean {
    return this.#options.accept?.(event) ?? true;
  }

  // Whether the event is dealt with; one that found no room is not.
  #offer(event: E): boolean {
    return !this.#accepts(event) || this.#channel.push(this.#itemOf(event));
  }

  #itemOf(event: E): unknown {
    return this.#options.toItem ? this.#options.toItem(event) : event;
  }

  #guard(action: () => void): void {
    if (!this.#channel.open) return;
    try {
      action();
    } catch (error) {
      this.#channel.fail(toError(error));
    }
  }

  #move(): void {
    while (!this.#full && this.#channel.open) {
      const step = this.#ledger.next();
      if (!step || !this.#take(step)) break;
    }
    if (this.#ledger.finished) this.#channel.end();
    else this.#wake();
  }

  #take(step: Step<E>): boolean {
    if ('gap' in step) return this.#tellGap(step.gap);
    if (!this.#offer(step.event)) return false;
    this.#ledger.pass(step.sequence);
    return true;
  }

  #tellGap({ after, before }: Hole): boolean {
    const { dialogId } = this.#options;
    const gap: Gap = { kind: 'gap', ...(dialogId === undefined ? {} : { dialogId }), after, before };
    const item = this.#options.gapItem ? this.#options.gapItem(gap) : gap;
    if (item !== undefined && !this.#channel.push(item)) return false;
    this.#ledger.pass(before - 1);
    if (gaps.hasSubscribers) gaps.publish(gap);
    this.#options.onGap?.(gap);
    return true;
  }

  #mayWork(): boolean {
    return this.#channel.open && this.#connected && !this.#full && (!this.#started || this.#ledger.needsHistory);
  }

  // One piece of work at a time. Whatever happens meanwhile stays noted in the ledger, so no wake-up is lost.
  #wake(): void {
    if (this.#busy || this.#retry.waiting || !this.#mayWork()) return;
    this.#busy = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    this.#abort = new AbortController();
    const outages = this.#outages;
    try {
      if (this.#started) await this.#query(this.#abort.signal);
      else await this.#findStart(this.#abort.signal);
    } catch (error) {
      this.#guard(() => this.#failed(error, outages));
    }
    this.#abort = undefined;
    this.#busy = false;
    this.#guard(() => {
      this.#move();
      if (this.#refill && this.#started && !this.#ledger.needsHistory) this.#report(this.#refill);
    });
  }

  async #findStart(signal: AbortSignal): Promise<void> {
    const { start } = this.#options;
    if (typeof start !== 'function') return;
    // A page read on the way can only speak for what was known before.
    const issue = this.#ledger.issue();
    const found = await start(signal);
    if (!this.#channel.open) return;
    this.#begin(found);
    this.#retry.succeeded();
    if (found.kind === 'after' && found.page) {
      this.#ledger.settle({ ...issue, after: found.sequence }, found.page, this.#sequenceOf);
    }
  }

  async #query(signal: AbortSignal): Promise<void> {
    const { limiter, source } = this.#options;
    const answer = await limiter.run(async () => {
      // The turn may come late: what is known is taken when the query is really sent.
      if (!this.#mayWork()) return undefined;
      this.#cause ??= this.#ledger.overflowed ? 'overflow' : 'jump';
      this.#refill ??= { from: this.#ledger.tail, skipped: this.#ledger.skipped, queries: 0 };
      this.#refill.queries++;
      const issue = this.#ledger.issue();
      return { issue, page: await source.query({ after: issue.after, signal }) };
    }, signal);
    if (!answer || !this.#channel.open) return;
    if (this.#ledger.settle(answer.issue, answer.page, this.#sequenceOf) === 'doubtful') {
      this.#pause(this.#retry.doubted());
    } else {
      this.#retry.succeeded();
    }
  }

  #report({ from, queries, skipped }: Refill): void {
    const { dialogId } = this.#options;
    const cause = this.#cause ?? 'jump';
    this.#cause = undefined;
    this.#refill = undefined;
    if (cause !== 'start') this.#channel.countResync();
    const { tail: to } = this.#ledger;
    const report = { dialogId, cause, from, to, queries, skipped: this.#ledger.skipped - skipped };
    if (resyncs.hasSubscribers) resyncs.publish(report);
    this.#options.onResync?.(report);
  }

  #failed(error: unknown, outages: number): void {
    const { dialogId, isRetryable = isRetryableQuery } = this.#options;
    if (!isRetryable(error)) {
      this.#channel.fail(toError(error));
      return;
    }
    // What failed with a connection that is back since need not wait.
    if (this.#outages > outages) return;
    const { attempt, delayMs } = this.#retry.failed();
    this.#options.onRetry?.({ dialogId, error, attempt, delayMs });
    this.#pause(delayMs);
  }

  // While the connection is down its return is what is waited for.
  #pause(delayMs: number): void {
    if (this.#connected) this.#retry.wait(delayMs, () => this.#wake());
  }
}
