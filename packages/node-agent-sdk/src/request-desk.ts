import { OutcomeUnknownError, RequestTimeoutError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { RequestFrame, ResponseFrame, Transport } from '@lp/transport';
import { ResponseError, SDKError, TransformError } from './errors.ts';
import type { Callback, SentFrame } from './events.ts';
import { callProgram } from './telling.ts';

/** A request in the making: what goes on the wire, and whom it is for. */
export interface PlannedRequest {
  readonly frame: RequestFrame;
  /** As the program gave it. */
  readonly givenBody?: unknown;
  readonly callback?: Callback | undefined;
  /** Told of the outcome before the callback is. */
  readonly onOutcome?: ((body: unknown, refused: boolean) => void) | undefined;
}

/** What the desk tells. None of these may throw. */
export interface DeskPort {
  sent(frame: SentFrame): void;
  /** Whether anybody wants to know of `sent`. */
  readonly wantsSent: boolean;
  /** Makes of a good response what programs know, in place. Throws for one that cannot be read. */
  read(frame: ResponseFrame, request: PlannedRequest): void;
  responded(frame: ResponseFrame): void;
  unreadable(error: TransformError): void;
  warn(message: string): void;
}

/** Sends requests and gives each callback its outcome, once, in the order in which the frames came. */
export class RequestDesk {
  readonly #port: DeskPort;
  readonly #waiting = new Map<string, PlannedRequest>();
  #lastId = 0;

  constructor(port: DeskPort) {
    this.#port = port;
  }

  /** Sends on an open connection; without one the callback is told at once. */
  send(request: PlannedRequest, transport: Transport | undefined): void {
    const { frame, callback } = request;
    if (!transport) {
      if (callback) this.#settle(request, new SDKError('socket not connected', null, 'messaging'));
      else this.#port.warn(`socket not connected: ${frame.type} was not sent`);
      return;
    }
    // A prefix of its own, so that it is never an id that the transport gives itself.
    const id = `sdk-${++this.#lastId}`;
    this.#waiting.set(id, request);
    transport
      .request(frame, { id, onResponse: this.#respond })
      .catch((error: unknown) => this.#fail(id, toError(error)));
    if (!this.#port.wantsSent) return;
    const { type, body, headers, metadata, encodedMetadata } = frame;
    this.#port.sent({ kind: 'req', id, type, body, headers, metadata, encodedMetadata });
  }

  /** The connection is gone: whoever waits is told. */
  lost(): void {
    for (const [id, request] of this.#waiting) {
      this.#waiting.delete(id);
      const message = `socket closed before the response to ${request.frame.type}: it may have taken effect`;
      this.#settle(request, new SDKError(message, null, 'messaging', new OutcomeUnknownError(message)));
    }
  }

  readonly #respond = (frame: ResponseFrame): void => {
    const request = this.#waiting.get(frame.reqId);
    if (!request) return;
    this.#waiting.delete(frame.reqId);
    if (isRefusal(frame.code)) {
      this.#port.responded(frame);
      this.#settle(request, new ResponseError(request.frame.type, frame), frame.body);
      return;
    }
    try {
      this.#port.read(frame, request);
    } catch (error) {
      const unreadable = new TransformError(toError(error), frame);
      this.#port.unreadable(unreadable);
      this.#settle(request, unreadable);
      return;
    }
    this.#port.responded(frame);
    this.#settle(request, null, frame.body);
  };

  #fail(id: string, error: Error): void {
    const request = this.#waiting.get(id);
    if (!request) return;
    this.#waiting.delete(id);
    const message = RequestTimeoutError.isInstance(error) ? 'Request has timed out' : error.message;
    this.#settle(request, new SDKError(message, null, 'messaging', error));
    if (!request.callback) this.#port.warn(`${request.frame.type}: ${message}`);
  }

  #settle(request: PlannedRequest, error: Parameters<Callback>[0], body?: unknown): void {
    request.onOutcome?.(body, error !== null);
    const { callback } = request;
    if (callback) callProgram(() => callback(error, body));
  }
}

/** True for 400 and above, also as text, and for a text that is neither a number nor `OK`. */
function isRefusal(code: unknown): boolean {
  if (typeof code === 'string' && code !== 'OK') return !(Number(code) < 400);
  return typeof code === 'number' && code > 399;
}

/** The places of a request function: what precedes the first function fills them, and that is the callback. */
export function readArguments(given: readonly unknown[]): {
  parts: readonly unknown[];
  callback: Callback | undefined;
} {
  const at = given.findIndex((argument) => typeof argument === 'function');
  if (at < 0) return { parts: given, callback: undefined };
  return { parts: given.slice(0, at), callback: given[at] as Callback };
}
