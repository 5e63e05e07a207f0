// Over 300 lines: one state machine: every way in which a stream is filled, read, left, ended and failed.
import { capacityOf, tooSlow } from './capacity.ts';
import type { Channel, ChannelOptions } from './channel-types.ts';
import { checkSignal } from './clock.ts';
import { createDeferred, type Deferred } from './deferred.ts';
import { ConfigError, toError } from './errors.ts';
import { LatestIndex } from './latest-index.ts';
import { onAbort } from './on-abort.ts';
import { Ring } from './ring.ts';
import type { Stream, StreamStats } from './stream.ts';

const SKIPPED: unique symbol = Symbol('skipped');

/** Makes a bounded channel for one consumer. The iterator is written by hand: a generator's `return()` would wait behind a pending `next()`. */
export function createChannel<T>(options: ChannelOptions<T> = {}): Channel<T> {
  return new BoundedChannel(options);
}

/** As `drained` of the stream's channel; at once for a stream that is none of these. */
export function drainedOf(stream: Stream<unknown>): Promise<void> {
  return stream instanceof BoundedChannel ? stream.drained : Promise.resolve();
}

/** Whether a stream is open still; one that is none of these counts as open. */
export function isOpen(stream: Stream<unknown>): boolean {
  return !(stream instanceof BoundedChannel) || stream.open;
}

type Resolve<T> = (result: IteratorResult<T, undefined> | PromiseLike<IteratorResult<T, undefined>>) => void;

class BoundedChannel<T> implements Channel<T>, Stream<T>, AsyncIterator<T, undefined> {
  readonly #options: ChannelOptions<T>;
  readonly #capacity: number;
  readonly #lowWater: number;
  readonly #buffer = new Ring<T>();
  // Made when they are asked for: most streams of most programs are never asked, and there may be many thousands.
  #closed: Deferred<Error | undefined> | undefined;
  #drained: Deferred<void> | undefined;
  #isDrained = false;
  #endError: Error | undefined;
  #delivered = 0;
  #resyncs = 0;
  #dropped = 0;
  // One reader waits nearly always; more only when `next()` is called again before it has settled.
  #waiter: Resolve<T> | undefined;
  #laterWaiters: Resolve<T>[] | undefined;
  #open = true;
  #failure: { reason: unknown } | undefined;
  #taken = false;
  #started = false;
  #aboveHighWater = false;
  // The pause of a `next()` before it gets an item; ended when nobody reads any more.
  #pausing: Deferred<void> | undefined;
  #gone = false;
  /** Of `latest`, from high-water to low-water. */
  #latest: LatestIndex<T> | undefined;
  #cleanup: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: ChannelOptions<T>) {
    this.#options = options;
    this.#capacity = capacityOf(options);
    this.#lowWater = options.lowWater ?? Math.floor(this.#capacity / 4);
    const { signal } = options;
    if (signal !== undefined) {
      checkSignal(signal);
      if (signal.aborted) this.#abort(signal.reason);
      else this.#stopListening = onAbort(signal, () => this.#abort(signal.reason));
    }
  }

  get stream(): Stream<T> {
    return this;
  }

  get open(): boolean {
    return this.#open;
  }

  get size(): number {
    return this.#buffer.size;
  }

  get drained(): Promise<void> {
    this.#drained ??= createDeferred();
    if (this.#isDrained) this.#drained.resolve();
    return this.#drained.promise;
  }

  get closed(): Promise<Error | undefined> {
    this.#closed ??= createDeferred();
    if (!this.#open) this.#closed.resolve(this.#endError);
    return this.#closed.promise;
  }

  get stats(): StreamStats {
    return {
      buffered: this.#buffer.size,
      delivered: this.#delivered,
      resyncs: this.#resyncs,
      dropped: this.#dropped,
    };
  }

  push(item: T): boolean {
    if (!this.#open) return false;
    const waiter = this.#waiter;
    if (waiter) {
      this.#waiter = this.#laterWaiters?.shift();
      this.#deliver(item);
      waiter({ done: false, value: item });
      return true;
    }
    if (this.#buffer.size >= this.#capacity) return this.#overflow(item);
    const position = this.#buffer.push(item);
    this.#latest?.added(item, position);
    return true;
  }

  countResync(): void {
    this.#resyncs++;
  }

  countDropped(count: number): void {
    this.#dropped += count;
  }

  close(): void {
    this.end();
  }

  end(): void {
    if (!this.#open) return;
    this.#finish(undefined);
    this.#settleWaiters();
  }

  fail(error: unknown): void {
    if (!this.#open) return;
    this.#failure = { reason: error };
    this.#finish(toError(error));
    this.#settleWaiters();
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#taken) throw new ConfigError('this stream already has a consumer; ask for a second stream instead');
    this.#taken = true;
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#started) {
      this.#started = true;
      if (this.#open) this.#options.onStart?.();
    }
    const ready = this.#pausing ? this.#pausing.promise.then(() => this.#beforeNext()) : this.#beforeNext();
    return ready === undefined ? this.#deliverNext() : this.#deliverAfter(ready);
  }

  #beforeNext(): Promise<void> | undefined {
    return this.#gone ? undefined : this.#options.beforeNext?.();
  }

  #deliverNext(): Promise<IteratorResult<T, undefined>> {
    while (this.#buffer.size > 0) {
      const value = this.#take();
      if (value !== SKIPPED) return Promise.resolve({ done: false, value });
    }
    if (!this.#open) return this.#endResult();
    return new Promise((resolve) => {
      if (this.#waiter) (this.#laterWaiters ??= []).push(resolve);
      else this.#waiter = resolve;
    });
  }

  async #deliverAfter(ready: Promise<void>): Promise<IteratorResult<T, undefined>> {
    const pause = createDeferred<void>();
    this.#pausing = pause;
    ready.then(pause.resolve, (error: unknown) => {
      if (!this.#gone) this.#abort(error);
      pause.resolve();
    });
    await pause.promise;
    if (this.#pausing === pause) this.#pausing = undefined;
    return await this.#deliverNext();
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.#leave(undefined);
    return Promise.reject(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave(undefined);
    await this.#cleanup;
  }

  #markDrained(complete: boolean): void {
    if (this.#isDrained) return;
    this.#isDrained = true;
    this.#drained?.resolve();
    this.#options.onDrained?.(complete);
  }

  #deliver(item: T): void {
    this.#delivered++;
    this.#options.onDeliver?.(item);
  }

  #take(): T | typeof SKIPPED {
    const position = this.#buffer.head;
    const item = this.#buffer.shift();
    const skipped = this.#options.skips?.(item) === true;
    if (!skipped) this.#deliver(item);
    this.#latest?.removed(item, position);
    if (this.#aboveHighWater && this.#buffer.size <= this.#lowWater) {
      this.#aboveHighWater = false;
      this.#latest = undefined;
      this.#options.onLowWater?.();
    }
    return skipped ? SKIPPED : item;
  }

  #overflow(item: T): boolean {
    const overflow = this.#options.overflow ?? 'refuse';
    if (!this.#aboveHighWater) {
      this.#aboveHighWater = true;
      this.#options.onHighWater?.();
    }
    switch (overflow) {
      case 'refuse':
        return false;
      case 'drop-newest':
        this.#dropped++;
        return false;
      case 'drop-oldest':
        this.#buffer.shift();
        this.#buffer.push(item);
        this.#dropped++;
        return true;
      case 'fail':
        this.fail(tooSlow(this.#capacity));
        return false;
      default:
        this.#latest ??= new LatestIndex(this.#buffer, overflow.latest);
        if (this.#latest.put(this.#buffer, item)) this.#dropped++;
        return true;
    }
  }

  #abort(reason: unknown): void {
    if (!this.#open && this.#buffer.size === 0 && !this.#pausing) return;
    this.#leave({ reason });
  }

  /** Nobody reads any more. */
  #leave(failure: { reason: unknown } | undefined): void {
    this.#gone = true;
    this.#buffer.clear();
    this.#failure = failure;
    if (!failure) this.#markDrained(false);
    this.#finish(failure && toError(failure.reason));
    this.#settleWaiters();
    this.#pausing?.resolve();
  }

  #finish(error: Error | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopListening?.();
    this.#endError = error;
    this.#closed?.resolve(error);
    if (!this.#taken) this.#markDrained(false);
    this.#cleanup = this.#runCleanup();
  }

  async #runCleanup(): Promise<void> {
    try {
      await this.#options.onClose?.();
    } catch {
      // Clean-up reports its own failures; the consumer has already left.
    }
  }

  #settleWaiters(): void {
    const [first, later = []] = [this.#waiter, this.#laterWaiters];
    this.#waiter = this.#laterWaiters = undefined;
    if (!first) return;
    for (const waiter of [first, ...later]) waiter(this.#endResult());
  }

  #endResult(): Promise<IteratorResult<T, undefined>> {
    this.#markDrained(this.#endError === undefined && this.#failure === undefined);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ? Promise.reject(failure.reason) : Promise.resolve({ done: true, value: undefined });
  }
}
