import { LpError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { ResponseFrame } from '@lp/transport';

/** The part of the platform that an {@link SDKError} is about. */
export type Service = 'domainNames' | 'authentication.login' | 'authentication.refreshSession' | 'messaging';

/** What went wrong outside of a response: a look-up, a login, the socket, or a request without a response. */
export class SDKError extends Error {
  /** The HTTP status, where there was one. */
  code: number | null;
  service: Service;
  /** What led to it. */
  error: Error | null;

  constructor(message: string, code: number | null, service: Service, error: Error | null = null) {
    super(message);
    this.code = code;
    this.service = service;
    this.error = error;
  }
}

/** A notification, or a part of one, that could not be read. `payload` is the frame. */
export class TransformError extends Error {
  payload: unknown;

  constructor(error: Error, payload: unknown) {
    super(String(error));
    if (error.stack !== undefined) this.stack = error.stack;
    this.payload = payload;
  }
}

/** A response of 400 and above: an error with the enumerable fields of the frame. */
export class ResponseError extends Error {
  declare readonly kind: 'resp';
  declare readonly reqId: string;
  declare readonly code: number | string;
  declare readonly type: string;
  declare readonly body: unknown;

  constructor(requestType: string, frame: ResponseFrame) {
    super(`${requestType} was refused with ${frame.code}`);
    const { code } = frame;
    // By definition, not by assignment: a field named `message` or `stack` must be seen as one of the frame.
    for (const [key, value] of Object.entries({ ...frame, code })) {
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }
}

/** Where a failure arose; each has the beginning of its message and its service, as they have always been. */
const PLACES = {
  csds: ['Error on CSDS request', 'domainNames'],
  login: ['Error on AgentVEP login', 'authentication.login'],
  refresh: ['Error on AgentVEP RefreshSession', 'authentication.refreshSession'],
  socket: ['Error on WS connection', 'messaging'],
} as const;

export type Place = keyof typeof PLACES;

/** A failure of the engine in the form that programs know. */
export function toSdkError(thrown: unknown, place: Place): SDKError {
  if (thrown instanceof SDKError) return thrown;
  const error = toError(thrown);
  const [prefix, service] = PLACES[place];
  return new SDKError(`${prefix}: ${error.message}`, statusOf(error), service, error);
}

/** The HTTP status behind an error, in it or in what caused it. */
function statusOf(error: unknown): number | null {
  for (let at = error; LpError.isInstance(at); at = at.cause) {
    const status = at.context['status'] ?? at.context['httpStatus'];
    if (typeof status === 'number') return status;
  }
  return null;
}
