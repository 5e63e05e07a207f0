import { createDeferred, createLimiter } from '@lp/core/internal';

// Of the process, not of an agent: it is the process that ends.
const turns = createLimiter(1);

/**
 * Waits until this process has none other in hand of the messages that are given a last chance: so each that ends the
 * process ends it alone. Gives how to let the next one begin. Rejects with `signal.reason` when that is aborted before.
 */
export async function takeLoneTurn(signal: AbortSignal): Promise<() => void> {
  const begun = createDeferred<void>();
  const over = createDeferred<void>();
  const turn = turns.run(() => {
    begun.resolve();
    return over.promise;
  }, signal);
  await Promise.race([begun.promise, turn]);
  return () => over.resolve();
}
