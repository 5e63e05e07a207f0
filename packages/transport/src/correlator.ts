// Over 300 lines: one table of requests under way, with all the ways in which one may end.
import {
  type Clock,
  ConfigError,
  type Logger,
  OutboxFullError,
  type RejectionDetails,
  RequestRejectedError,
} from '@lp/core';
import { createDeferred, type Deferred, toError, withoutJsonForm } from '@lp/core/internal';
import { checkRequest } from './check-request.ts';
import { encodeRequest, statusOf, utf8Length } from './codec.ts';
import { type DeadlineGroup, Deadlines } from './deadlines.ts';
import type { RequestFrame, ResponseFrame } from './frames.ts';
import { Outbox } from './outbox.ts';
import { Pending, type PendingOwner, type Wire } from './pending.ts';
import { PendingRequests } from './pending-requests.ts';
import { RequestDiagnostics } from './request-diagnostics.ts';
import { notSent, outcomeUnknown, timedOut } from './request-errors.ts';
import { RequestIds } from './request-ids.ts';
import type { RequestOptions } from './transport-types.ts';
import { guardGate, type WriteGate } from './write-gate.ts';

// What the platform documents, and what means the same to any server; of anything else nothing is known to have been done.
const SUCCESS: ReadonlySet<number> = new Set([200, 201, 202]);

export interface CorrelatorOptions {
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
  readonly outboxBytes: number;
  readonly describeRejection: ((details: RejectionDetails) => string | undefined) | undefined;
  readonly gate: WriteGate | undefined;
  readonly logger: Logger;
}

/** Gives each request its response, once: by id, by time, by abort, or by the end of its connection. */
export class Correlator implements PendingOwner {
  readonly counts = { lateResponses: 0, duplicateResponses: 0, unknownResponses: 0, framesSent: 0 };
  readonly #options: CorrelatorOptions;
  readonly #diagnostics: RequestDiagnostics;
  readonly #deadlines: Deadlines;
  readonly #outbox: Outbox<Pending>;
  readonly #pending = new PendingRequests();
  readonly #ids = new RequestIds();
  readonly #mayWrite: () => boolean;
  /** Frames written so far, and the last of them that the server is known to have read: it has responded to it. */
  #written = 0;
  #read = 0;
  /** Requests of a preparing connection that a closed gate holds up. */
  readonly #atGate = new Set<Pending>();
  #empty: Deferred<void> | undefined;

  constructor(options: CorrelatorOptions) {
    this.#options = options;
    this.#diagnostics = new RequestDiagnostics(options.clock);
    this.#deadlines = new Deadlines(options.clock, (group) => this.#expire(group));
    this.#outbox = new Outbox(options.outboxBytes);
    this.#mayWrite = guardGate(options.gate, options.logger);
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  get queuedBytes(): number {
    return this.#outbox.bytes;
  }

  /** Resolves when no request is without a response. */
  whenEmpty(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    this.#empty ??= createDeferred<void>();
    return this.#empty.promise;
  }

  /**
   * Sends a request on `wire`; without one it waits. With `only`, it lives and dies with that wire. `ungated`: it changes
   * nothing and says nothing, so the gate is not asked.
   */
  request<T = ResponseFrame>(
    frame: RequestFrame,
    options: RequestOptions<T>,
    wire: Wire | undefined,
    only?: Wire,
    ungated = false,
  ): Promise<T> {
    try {
      checkRequest(frame, options);
    } catch (error) {
      return Promise.reject(error);
    }
    const { timeoutMs = this.#options.requestTimeoutMs, signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    // A connection's own requests are never turned away, or a full outbox would keep it from being prepared.
    if (!only && this.#pending.size >= this.#options.maxInFlight) {
      return Promise.reject(this.#full(frame.type, 'too many requests are without a response'));
    }
    let id: string;
    let text: string;
    try {
      id = this.#ids.next(options.id, this.#pending);
      text = encodeRequest(id, frame);
    } catch (cause) {
      if (ConfigError.isInstance(cause)) return Promise.reject(cause);
      return Promise.reject(withoutJsonForm(`the body of ${frame.type}`, cause));
    }
    if (wire && wire.bufferedAmount > this.#options.outboxBytes) {
      return Promise.reject(this.#full(frame.type, 'the connection takes requests too slowly'));
    }
    return new Promise((resolve, reject) => {
      const idempotent = options.idempotent === true;
      const end = resolve as (result: unknown) => void;
      const pending = new Pending(this, id, frame.type, text, timeoutMs, idempotent, signal, only, end, reject);
      pending.read = options.read;
      pending.onResponse = options.onResponse;
      this.#pending.add(pending);
      if (timeoutMs !== Infinity) pending.deadline = this.#deadlines.join(timeoutMs);
      this.#diagnostics.started(pending);
      if (wire && !this.#mustQueue(pending, ungated) && this.#write(pending, wire)) return;
      if (!only) this.#enqueue(pending);
      else if (wire?.writable === true) this.#atGate.add(pending);
      else this.#fail(pending, notSent(pending));
      // What waited at a gate that has opened meanwhile goes first.
      if (wire && !only) this.flush(wire);
    });
  }

  /** Gives a response to the request it names. Never throws. */
  settle(frame: ResponseFrame): void {
    const pending = this.#pending.get(frame.reqId);
    if (!pending) {
      this.counts[this.#ids.kindOf(frame.reqId)]++;
      return;
    }
    this.#read = Math.max(this.#read, pending.order);
    if (pending.onResponse) this.#tellResponse(pending.onResponse, frame);
    const status = statusOf(frame.code);
    if (SUCCESS.has(status)) {
      this.#remove(pending);
      this.#diagnostics.ended(pending, status);
      this.#resolve(pending, frame);
    } else {
      this.#fail(pending, this.#rejection(pending, status, frame.body));
    }
  }

  /** The gate has opened: sends what it held up, first that of the connection that is being prepared. */
  opened(wire: Wire | undefined): void {
    for (const pending of this.#atGate) {
      if (!this.#mayWrite()) return;
      this.#atGate.delete(pending);
      if (!pending.only || !this.#write(pending, pending.only)) this.#fail(pending, notSent(pending));
    }
    if (wire) this.flush(wire);
  }

  /** Sends what waits, in order, for as long as `wire` and the gate take it. */
  flush(wire: Wire): void {
    for (let pending = this.#outbox.first(); pending; pending = this.#outbox.first()) {
      if (!this.#mayWrite() || !this.#write(pending, wire)) return;
      this.#outbox.remove(pending);
    }
  }

  /** A connection is gone: what was written to it is sent again on the next one, or has an unknown outcome. */
  lose(wire: Wire): void {
    const again: Pending[] = [];
    this.#ids.forgetOwn();
    for (const pending of this.#pending.list()) {
      if (pending.only === wire && !pending.sent) this.#fail(pending, notSent(pending));
      if (pending.wire !== wire) continue;
      if (pending.idempotent && !pending.only) again.push(pending);
      else this.#fail(pending, outcomeUnknown(pending));
    }
    for (const pending of again) {
      pending.wire = undefined;
      pending.bytes = utf8Length(pending.text);
    }
    this.#outbox.restore(again);
  }

  /**
   * The server closed the connection because of a frame that was too large for it: that is the response to one of those
   * it had not read before. Which one is not said: the largest of them is too large in any case. To write it again would
   * cost the next connection as well. What was written before a frame that has been responded to was read, and is not meant.
   */
  refuseLargest(wire: Wire): void {
    let largest: Pending | undefined;
    for (const pending of this.#pending.list()) {
      const isUnread = pending.wire === wire && pending.order > this.#read;
      if (isUnread && pending.size > (largest?.size ?? 0)) largest = pending;
    }
    if (!largest) return;
    const { id, type, size } = largest;
    const hint = `the server closed the connection (1009) over a frame of ${size} bytes: send less at a time`;
    const context = { requestId: id, closeCode: 1009, size };
    this.#fail(largest, new RequestRejectedError({ status: 413, type, body: undefined, hint }, { context }));
  }

  /** The transport ends, and every request with it. */
  end(reasonOf: (pending: Pending) => unknown): void {
    for (const pending of this.#pending.list()) this.#fail(pending, reasonOf(pending));
    this.#deadlines.stop();
  }

  aborted(pending: Pending): void {
    this.#giveUp(pending, pending.signal?.reason);
  }

  /** Whether something stands before a request: the gate, or those that wait already. */
  #mustQueue(pending: Pending, ungated: boolean): boolean {
    return !ungated && ((!pending.only && this.#outbox.size > 0) || !this.#mayWrite());
  }

  #tellResponse(onResponse: (frame: ResponseFrame) => void, frame: ResponseFrame): void {
    try {
      onResponse(frame);
    } catch (thrown) {
      this.#options.logger.error('a listener threw', { listener: 'onResponse', error: toError(thrown).name });
    }
  }

  #write(pending: Pending, wire: Wire): boolean {
    // Set first: a response may come before `send` returns.
    pending.wire = wire;
    if (!wire.send(pending.text)) {
      pending.wire = undefined;
      return false;
    }
    pending.sent = true;
    pending.size = sizeOf(pending.text);
    pending.order = ++this.#written;
    this.counts.framesSent++;
    if (!pending.idempotent) pending.text = '';
    return true;
  }

  #enqueue(pending: Pending): void {
    pending.bytes = utf8Length(pending.text);
    if (this.#outbox.fits(pending.bytes)) this.#outbox.add(pending);
    else this.#fail(pending, this.#full(pending.type, 'too many requests wait for a connection'));
  }

  #full(type: string, why: string): OutboxFullError {
    const { maxInFlight, outboxBytes } = this.#options;
    return new OutboxFullError(`${why}; ${type} was not sent`, {
      context: { type, inFlight: this.#pending.size, maxInFlight, queuedBytes: this.#outbox.bytes, outboxBytes },
    });
  }

  #resolve({ read, reject, resolve }: Pending, frame: ResponseFrame): void {
    try {
      resolve(read ? read(frame) : frame);
    } catch (error) {
      reject(error);
    }
  }

  #rejection(pending: Pending, status: number, body: unknown): RequestRejectedError {
    const details = { status, type: pending.type, body };
    let hint: string | undefined;
    try {
      hint = this.#options.describeRejection?.(details);
    } catch {
      // A hint that cannot be made must not cost the response.
    }
    return new RequestRejectedError(hint === undefined ? details : { ...details, hint }, {
      context: { requestId: pending.id },
    });
  }

  #expire(group: DeadlineGroup): void {
    for (const pending of this.#pending.list()) {
      if (pending.deadline === group) this.#giveUp(pending, timedOut(pending));
    }
  }

  #giveUp(pending: Pending, reason: unknown): void {
    if (pending.sent) this.#ids.giveUp(pending.id);
    this.#fail(pending, reason);
  }

  #fail(pending: Pending, reason: unknown): void {
    this.#remove(pending);
    this.#diagnostics.failed(pending, reason);
    pending.reject(reason);
  }

  /** The one way out of the map. */
  #remove(pending: Pending): void {
    this.#pending.delete(pending);
    if (pending.wire === undefined) {
      this.#outbox.remove(pending);
      this.#atGate.delete(pending);
    }
    pending.stopListening?.();
    if (pending.deadline) this.#deadlines.leave(pending.deadline);
    if (this.#pending.size === 0) {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}

// A limit is far above this: the bytes of what is small need not be counted.
const SMALL = 1_024;

function sizeOf(text: string): number {
  return text.length > SMALL ? utf8Length(text) : text.length;
}
