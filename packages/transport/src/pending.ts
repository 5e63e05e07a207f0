import { onAbort } from '@lp/core/internal';
import type { DeadlineGroup } from './deadlines.ts';
import type { ResponseFrame } from './frames.ts';

/** Where requests are written. */
export interface Wire {
  readonly bufferedAmount: number;
  /** True while frames can be written. */
  readonly writable: boolean;
  /** False when nothing can be written any more; then nothing was. */
  send(text: string): boolean;
}

/** What the correlator is to a request. */
export interface PendingOwner {
  aborted(pending: Pending): void;
}

/** A request without a response. Without a signal it holds no closure but the two ends of its promise. */
export class Pending {
  /** Where it waits for its response; undefined while it waits for a connection. */
  wire: Wire | undefined;
  /** True once it has been written, on whatever connection. */
  sent = false;
  deadline: DeadlineGroup | undefined;
  /** Ends listening to `signal`. */
  stopListening: (() => void) | undefined;
  /** How many bytes were written, about. */
  size = 0;
  /** Its place among all frames that were written. */
  order = 0;
  /** Its place among all requests that were made. */
  place = 0;
  /** Its size while it waits in the outbox. */
  bytes = 0;
  read: ((frame: ResponseFrame) => unknown) | undefined;
  onResponse: ((frame: ResponseFrame) => void) | undefined;
  /** When it was made, if anyone wants to know. */
  startedAt = 0;
  readonly id: string;
  readonly type: string;
  /** What is sent; dropped when it can no longer be needed. */
  text: string;
  readonly timeoutMs: number;
  readonly idempotent: boolean;
  readonly signal: AbortSignal | undefined;
  /** The only connection it may be sent on, for requests of `prepare`. */
  readonly only: Wire | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly #owner: PendingOwner;

  // Positional, because one is made for every request.
  constructor(
    owner: PendingOwner,
    id: string,
    type: string,
    text: string,
    timeoutMs: number,
    idempotent: boolean,
    signal: AbortSignal | undefined,
    only: Wire | undefined,
    resolve: (result: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#owner = owner;
    this.id = id;
    this.type = type;
    this.text = text;
    this.timeoutMs = timeoutMs;
    this.idempotent = idempotent;
    this.signal = signal;
    this.only = only;
    this.resolve = resolve;
    this.reject = reject;
    if (signal) this.stopListening = onAbort(signal, () => this.#owner.aborted(this));
  }
}
