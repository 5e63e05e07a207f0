import {
  ClosedError,
  ConnectionLostError,
  DrainingError,
  type LpError,
  NotConnectedError,
  OutcomeUnknownError,
  RequestTimeoutError,
  type SafeContext,
} from '@lp/core';
import { toError } from '@lp/core/internal';
import type { Phase } from './machine-types.ts';
import type { Pending } from './pending.ts';

const contextOf = (pending: Pending): SafeContext => ({ type: pending.type, requestId: pending.id });

/** It has not reached the server. */
export function notSent(pending: Pending, cause?: Error): ConnectionLostError {
  return new ConnectionLostError(`the connection was lost before ${pending.type} was sent`, {
    context: contextOf(pending),
    ...(cause ? { cause } : {}),
  });
}

/** It may have reached the server. */
export function outcomeUnknown(pending: Pending): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `the connection was lost after ${pending.type} was sent and before its response: it may have taken effect`,
    { context: contextOf(pending) },
  );
}

function endedByClose(pending: Pending): LpError {
  if (pending.sent && !pending.idempotent) return outcomeUnknown(pending);
  return new ClosedError(`the client was closed before the response to ${pending.type} came`, {
    context: contextOf(pending),
  });
}

/** Its time is up. */
export function timedOut(pending: Pending): LpError {
  const { type, timeoutMs } = pending;
  const context = { ...contextOf(pending), timeoutMs };
  return pending.sent
    ? new RequestTimeoutError(`${type} got no response within ${timeoutMs} ms`, { context })
    : new NotConnectedError(`there was no connection within the ${timeoutMs} ms of ${type}; it was not sent`, {
        context,
      });
}

/** What a request rejects with when the transport ends: by abort, by `close()` (no error), or because it gave up. */
export function endReason(pending: Pending, aborted: boolean, error: unknown): unknown {
  if (aborted) return error;
  if (error === undefined) return endedByClose(pending);
  return pending.sent ? outcomeUnknown(pending) : notSent(pending, toError(error));
}

/** Why a transport in this phase takes no request; undefined when it does. */
export function refusalOf(phase: Phase, draining: boolean): LpError | undefined {
  if (phase.name === 'closed') {
    const cause = phase.error === undefined ? {} : { cause: phase.error };
    return new ClosedError('the client is closed; make a new one', cause);
  }
  if (draining) return new DrainingError('the client is draining and takes no new work');
  if (phase.name === 'idle') return new NotConnectedError('not connected; call connect() first');
  return undefined;
}
