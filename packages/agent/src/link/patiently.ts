import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  LpError,
  OutcomeUnknownError,
  ProtocolError,
  RequestRejectedError,
  RequestTimeoutError,
} from '@lp/core';
import { firstAbort, sleep, toError } from '@lp/core/internal';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Reporter } from '../inbound/reporter.ts';

const RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 60_000, jitter: 'full' };

interface PatientParts {
  readonly clock: Clock;
  readonly report: Reporter;
  readonly lifetime: Pick<Lifetime, 'closed'>;
}

/** Whether a request that may be done twice may be sent again: a lost or late response is no reason not to. */
export function mayPass(error: unknown): boolean {
  return (
    LpError.isInstance(error) &&
    (error.retryable || OutcomeUnknownError.isInstance(error) || RequestTimeoutError.isInstance(error))
  );
}

/** Whether a response could not be read, which refuses nothing that is known; the next one may be as it should be. */
function wasUnreadable(error: unknown): boolean {
  return ProtocolError.isInstance(error) || (RequestRejectedError.isInstance(error) && error.status === 0);
}

/** Whether sending it again may help with what need not be done in any case. */
export function isWorthAgain(error: unknown): boolean {
  return mayPass(error) || wasUnreadable(error);
}

/** Whether a request that failed may have been done all the same. */
export function mayBeDone(error: unknown): boolean {
  const isLost = OutcomeUnknownError.isInstance(error) || RequestTimeoutError.isInstance(error);
  return isLost || wasUnreadable(error) || (RequestRejectedError.isInstance(error) && error.status >= 500);
}

/**
 * Does a request that may be done twice again and again, slower and slower, while its failure may pass: who serves does
 * not end over a hiccup. Rejects with a failure that will not pass, and with the last one once `signal` or the agent's
 * lifetime is over.
 */
export async function patiently<T>(
  { clock, report, lifetime }: PatientParts,
  what: string,
  request: () => Promise<T>,
  given?: AbortSignal,
): Promise<T> {
  const { signal, stop } = firstAbort(lifetime.closed, given);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        if (!isWorthAgain(error) || signal.aborted) throw error;
        report.logger.warn('a request failed and is sent again', { what, attempt, error: toError(error).name });
        await sleep(clock, backoffDelay(RETRY, attempt), { signal }).catch(() => {
          throw error;
        });
      }
    }
  } finally {
    stop();
  }
}
