import {
  AuthError,
  ConfigError,
  ConnectionLostError,
  LpError,
  NotConnectedError,
  OutcomeUnknownError,
  ProtocolError,
  RequestTimeoutError,
  type SafeContext,
  SessionExpiredError,
} from '@lp/core';
import {
  codeOf,
  isLoopback,
  isPlatformError,
  judgeResponse,
  parseRetryAfter,
  retryAfterOf,
  whyUnreached,
  whyUntrusted,
  wordsOf,
} from '@lp/core/internal';
import type { CloseClass } from './close-codes.ts';
import type { SocketLoss } from './socket-types.ts';

/** Why a dial came to nothing or a connection was lost, and what follows from it. */
export interface Failure {
  readonly error: Error;
  readonly verdict: CloseClass;
  /** The token was refused outright; twice in a row, with a new one in between, is final. */
  readonly unauthorized?: boolean;
  /** A no that may not be the platform's: final only when it goes on. */
  readonly unclear?: boolean;
  /** The server sent a frame above the limit; a second one in a row is final. */
  readonly oversized?: boolean;
  /** The upgrade got 5xx. */
  readonly serverError?: boolean;
  /** The upgrade got 429. */
  readonly rateLimited?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly closeCode?: number;
}

/** `url` rejected. What it rejects with is the application's own and is kept as the cause. */
export function urlFailure(cause: unknown, context: SafeContext): Failure {
  if (LpError.isInstance(cause) && !cause.retryable && !hadNoResponse(cause)) return { error: cause, verdict: 'fatal' };
  return {
    error: new NotConnectedError(
      `the URL to connect to is not known: ${LpError.isInstance(cause) ? cause.message : 'the url option rejected'}`,
      { cause, context },
    ),
    verdict: 'retry',
    retryAfterMs: retryAfterOf(cause),
  };
}

/** `prepare` rejected. */
export function prepareFailure(cause: unknown, context: SafeContext): Failure {
  if (SessionExpiredError.isInstance(cause)) return { error: cause, verdict: 'reauth', unauthorized: true };
  if (LpError.isInstance(cause) && !cause.retryable && !hadNoResponse(cause)) return { error: cause, verdict: 'fatal' };
  return {
    error: new NotConnectedError('the connection was opened but could not be prepared', { cause, context }),
    verdict: 'retry',
    retryAfterMs: retryAfterOf(cause),
  };
}

// A request of `url` or `prepare` that got no response says nothing about the next connection.
function hadNoResponse(cause: LpError): boolean {
  return RequestTimeoutError.isInstance(cause) || OutcomeUnknownError.isInstance(cause);
}

/** The socket ended before it opened. */
export function handshakeFailure(loss: SocketLoss, context: SafeContext, now: number): Failure {
  const { contentType, httpStatus, text = '' } = loss;
  if (httpStatus === undefined) return { error: unopened(loss, context), verdict: 'retry' };
  const facts = { ...context, httpStatus };
  const seen = { status: httpStatus, contentType, text, isPlatforms: isPlatformError(httpStatus, text) };
  const rejected = `${hostIn(context)} responded to the upgrade with ${httpStatus}`;
  const judgement = judgeResponse(seen);
  const message = `${hostIn(context)} responded to the upgrade with ${wordsOf(seen)}: something is in the way to the platform`;
  // A login is harmless, and a deaf agent is not: a new token is fetched at every 401, whoever says it. A page's is never
  // the platform's no.
  if (httpStatus === 401 && judgement === 'inTheWay')
    return { error: new NotConnectedError(message, { context: facts }), verdict: 'reauth' };
  if (httpStatus === 401) {
    const error = new SessionExpiredError(`${rejected}: the session token is not, or no longer, valid`, {
      context: facts,
    });
    return { error, verdict: 'reauth', unauthorized: true };
  }
  if (judgement === 'inTheWay' || judgement === 'success') {
    return { error: new NotConnectedError(message, { context: facts }), verdict: 'retry' };
  }
  if (judgement === 'busy') {
    return {
      error: new NotConnectedError(rejected, { context: facts }),
      verdict: 'retry',
      serverError: httpStatus >= 500,
      rateLimited: httpStatus === 429,
      retryAfterMs: parseRetryAfter(loss.retryAfter, now, loss.date),
    };
  }
  const isUnclear = judgement === 'unclear' && httpStatus !== 451;
  const error =
    httpStatus === 403
      ? new AuthError(`${rejected}: this user may not use the messaging connection`, { context: facts })
      : new NotConnectedError(
          `${rejected}: ${httpStatus === 451 ? 'the account is blocked' : isUnclear ? "without the platform's own words: something may be in the way" : 'repeating it cannot help'}`,
          { context: facts, retryable: false },
        );
  return { error, verdict: 'fatal', unclear: isUnclear };
}

function unopened({ code, error }: SocketLoss, context: SafeContext): NotConnectedError {
  const name = codeOf(error);
  const known = LpError.isInstance(error) ? error.message : undefined;
  const untrusted = whyUntrusted(name);
  const why = known ?? untrusted ?? whyUnreached(name) ?? `the handshake was not finished (${error ? name : code})`;
  const facts = error?.code === undefined ? context : { ...context, cause: error.code };
  return new NotConnectedError(`the socket to ${hostIn(context)} could not be opened: ${why}`, {
    context: facts,
    ...(error ? { cause: error } : {}),
  });
}

const hostIn = ({ host }: SafeContext): string => (typeof host === 'string' ? host : 'the host');

/** The policy allows no more dials: how many there were, for how long, and what the last came to. */
export function gaveUp({ error }: Failure, tries: number, ms: number): Error {
  const seconds = Math.round(ms / 1_000);
  const span = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return new NotConnectedError(`gave up after ${tries} tries in ${span}; the last one: ${error.message}`, {
    cause: error,
    context: { ...(LpError.isInstance(error) ? error.context : {}), tries, ms },
  });
}

/** An open socket ended. */
export function lossFailure(loss: SocketLoss, verdict: CloseClass, context: SafeContext): Failure {
  const facts = { ...context, closeCode: loss.code };
  const options = { context: facts, ...(loss.error ? { cause: loss.error } : {}) };
  return {
    error:
      verdict === 'fatal'
        ? new NotConnectedError(`the connection was closed with ${loss.code}, which is final`, {
            ...options,
            retryable: false,
          })
        : new ConnectionLostError(`the connection was closed with ${loss.code}`, options),
    verdict,
    closeCode: loss.code,
  };
}

/** The server sent a frame above the limit. */
export function oversizedFailure(maxPayloadBytes: number, context: SafeContext): Failure {
  const message = `${hostIn(context)} sent a frame of more than maxPayloadBytes (${maxPayloadBytes}): raise that option, or ask for less at a time`;
  return {
    error: new ProtocolError(message, { context: { ...context, maxPayloadBytes } }),
    verdict: 'retry',
    oversized: true,
    closeCode: 1006,
  };
}

/** The keep-alive had no response. */
export function silenceFailure(context: SafeContext): Failure {
  return { error: new ConnectionLostError('the server gave no sign of life', { context }), verdict: 'retry' };
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
