import {
  AuthError,
  ConfigError,
  ConnectionLostError,
  LpError,
  NotConnectedError,
  OutcomeUnknownError,
  RequestTimeoutError,
  type SafeContext,
  SessionExpiredError,
} from '@lp/core';
import { isLoopback, parseRetryAfter } from '@lp/core/internal';
import type { CloseClass } from './close-codes.ts';
import type { SocketLoss } from './socket-types.ts';

/** Why a dial came to nothing or a connection was lost, and what follows from it. */
export interface Failure {
  readonly error: Error;
  readonly verdict: CloseClass;
  /** The token was refused outright; twice in a row, with a new one in between, is final. */
  readonly unauthorized?: boolean;
  /** The upgrade was answered with 5xx. */
  readonly serverError?: boolean;
  /** The upgrade was answered with 429. */
  readonly rateLimited?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly closeCode?: number;
}

/** `url` rejected. What it rejects with is the application's own and is kept as the cause. */
export function urlFailure(cause: unknown, context: SafeContext): Failure {
  if (LpError.isInstance(cause) && !cause.retryable) return { error: cause, verdict: 'fatal' };
  return {
    error: new NotConnectedError('The URL to connect to could not be had', { cause, context }),
    verdict: 'retry',
    retryAfterMs: retryAfterOf(cause),
  };
}

/** `prepare` rejected. A request of its own that got no answer says nothing about the next connection. */
export function prepareFailure(cause: unknown, context: SafeContext): Failure {
  if (SessionExpiredError.isInstance(cause)) return { error: cause, verdict: 'reauth', unauthorized: true };
  const unanswered = RequestTimeoutError.isInstance(cause) || OutcomeUnknownError.isInstance(cause);
  if (LpError.isInstance(cause) && !cause.retryable && !unanswered) return { error: cause, verdict: 'fatal' };
  return {
    error: new NotConnectedError('The connection was opened but could not be prepared', { cause, context }),
    verdict: 'retry',
    retryAfterMs: retryAfterOf(cause),
  };
}

/** The socket ended before it opened. */
export function handshakeFailure(loss: SocketLoss, context: SafeContext, now: number): Failure {
  const { httpStatus } = loss;
  if (httpStatus === undefined) {
    const facts = loss.error?.code === undefined ? context : { ...context, cause: loss.error.code };
    const options = { context: facts, ...(loss.error ? { cause: loss.error } : {}) };
    return { error: new NotConnectedError('The socket could not be opened', options), verdict: 'retry' };
  }
  const facts = { ...context, httpStatus };
  const answered = `The upgrade was answered with ${httpStatus}`;
  const final = (why: string): Failure => ({
    error: new NotConnectedError(`${answered}: ${why}`, { context: facts, retryable: false }),
    verdict: 'fatal',
  });
  if (httpStatus === 401) {
    const error = new SessionExpiredError(`${answered}: the session token is not, or no longer, valid`, {
      context: facts,
    });
    return { error, verdict: 'reauth', unauthorized: true };
  }
  if (httpStatus === 403) {
    const error = new AuthError(`${answered}: this user may not use the messaging connection`, { context: facts });
    return { error, verdict: 'fatal' };
  }
  if (httpStatus === 451) return final('the account is blocked');
  if (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429) return final('repeating it cannot help');
  return {
    error: new NotConnectedError(answered, { context: facts }),
    verdict: 'retry',
    serverError: httpStatus >= 500,
    rateLimited: httpStatus === 429,
    retryAfterMs: parseRetryAfter(loss.retryAfter, now, loss.date),
  };
}

/** An open socket ended. */
export function lossFailure(loss: SocketLoss, verdict: CloseClass, context: SafeContext): Failure {
  const facts = { ...context, closeCode: loss.code };
  const options = { context: facts, ...(loss.error ? { cause: loss.error } : {}) };
  return {
    error:
      verdict === 'fatal'
        ? new NotConnectedError(`The connection was closed with ${loss.code}, which is final`, {
            ...options,
            retryable: false,
          })
        : new ConnectionLostError(`The connection was closed with ${loss.code}`, options),
    verdict,
    closeCode: loss.code,
  };
}

/** The keep-alive had no answer. */
export function silenceFailure(context: SafeContext): Failure {
  return { error: new ConnectionLostError('The server gave no sign of life', { context }), verdict: 'retry' };
}

/** A step of the dial took too long. */
export function timeoutError(step: string, timeoutMs: number, context: SafeContext): NotConnectedError {
  return new NotConnectedError(`${step} took longer than ${timeoutMs} ms`, { context: { ...context, timeoutMs } });
}

/** The URL to dial, or a ConfigError that holds nothing of it. */
export function checkUrl(text: unknown): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new ConfigError('url must give an absolute wss: URL');
  if (url.hash !== '') throw new ConfigError('url must give a URL without a fragment');
  if (url.protocol === 'wss:' || (url.protocol === 'ws:' && isLoopback(url.hostname))) return url;
  throw new ConfigError('url must give a wss: URL; ws: is accepted to loopback hosts only', {
    context: { host: url.host },
  });
}

// A caller's own error may name any time.
const LONGEST_PAUSE_MS = 60 * 60_000;

function retryAfterOf(cause: unknown): number | undefined {
  const value = LpError.isInstance(cause) ? cause.context['retryAfterMs'] : undefined;
  return typeof value === 'number' && value >= 0 ? Math.min(value, LONGEST_PAUSE_MS) : undefined;
}
