import { AuthError, type Clock } from '@lp/core';
import { abortable, onAbort } from '@lp/core/internal';

const LIMIT_MS = 60_000;

/**
 * Runs a hook of a login with a signal of its own, which ends with `signal` and after a minute. All who want a session wait
 * for the same login: one that never settles would keep them from it for ever.
 * @throws AuthError, which may be tried again, when the hook took longer; `what` names it. Rejects with `signal.reason`
 * when aborted, and else as the hook does.
 */
export async function limited<T>(
  what: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  hook: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const stop = onAbort(signal, () => end.abort(signal.reason));
  const late = () =>
    new AuthError(`${what} took longer than ${LIMIT_MS / 1_000} s: that login was given up`, { retryable: true });
  const timer = clock.setTimer(() => end.abort(late()), LIMIT_MS, { background: true });
  try {
    return await abortable(Promise.resolve(hook(end.signal)), end.signal);
  } finally {
    timer.cancel();
    stop();
  }
}
