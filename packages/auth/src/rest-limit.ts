import { type Clock, RequestTimeoutError } from '@lp/core';
import { abortable, onAbort } from '@lp/core/internal';
import type { RestRequest } from './rest.ts';

/** How long what comes before an exchange may take, each time, in a call without a time of its own: as long as the URL of a dial. */
const BEFORE_SENDING_MS = 60_000;

/** One REST call under its time limit. */
export interface LimitedCall {
  /** Ends with the call's own signal, and when its time is over. */
  readonly signal: AbortSignal | undefined;
  /** The host that a request is under way to; undefined while nothing is. */
  host: string | undefined;
}

/**
 * Runs a call within its `timeoutMs`: that bounds all it waits for, its authorization and a repetition too. Without one, each
 * exchange has the limit of the HTTP client, and what comes before it that of {@link beforeSending}.
 * @throws RequestTimeoutError, which may be tried again unless a request that must not be repeated is under way.
 */
export async function inTime<T>(
  { method, service, signal, timeoutMs, idempotent = method !== 'POST' && method !== 'PATCH' }: RestRequest,
  clock: Clock,
  run: (call: LimitedCall) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return run({ signal, host: undefined });
  const end = new AbortController();
  const call: LimitedCall = { signal: end.signal, host: undefined };
  const late = () =>
    call.host === undefined
      ? new RequestTimeoutError(`nothing was sent to ${service} in ${timeoutMs} ms: its authorization takes longer`, {
          retryable: true,
          context: { service, timeoutMs },
        })
      : new RequestTimeoutError(`${call.host} did not respond in ${timeoutMs} ms`, {
          retryable: idempotent,
          context: { host: call.host, service, timeoutMs },
        });
  const stop = signal && onAbort(signal, () => end.abort(signal.reason));
  const timer = clock.setTimer(() => end.abort(late()), timeoutMs);
  try {
    signal?.throwIfAborted();
    return await abortable(run(call), end.signal);
  } finally {
    timer.cancel();
    stop?.();
  }
}

/** Runs what comes before an exchange within a minute: nobody waits for ever for a login, or an authorizer, that hangs. */
export function beforeSending<T>(
  { timeoutMs = BEFORE_SENDING_MS, ...request }: RestRequest,
  { signal }: LimitedCall,
  clock: Clock,
  run: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  return inTime({ ...request, timeoutMs, signal }, clock, (limited) => run(limited.signal));
}
