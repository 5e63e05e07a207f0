import { createDeferred, type Deferred } from './deferred.ts';
import { onAbort } from './on-abort.ts';

/** Runs at most a given number of tasks at once; the others wait in order. */
export interface Limiter {
  /** How many tasks run now. */
  readonly active: number;
  /** How many wait. */
  readonly waiting: number;
  /** Runs `task` when there is room. Rejects with `signal.reason` when aborted while waiting; a running task is its own. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Makes a {@link Limiter} for `concurrency` tasks at once. */
export function createLimiter(concurrency: number): Limiter {
  const queue = new Set<Deferred<void>>();
  let active = 0;

  function release(): void {
    const [next] = queue;
    if (next) {
      queue.delete(next);
      next.resolve();
    } else {
      active--;
    }
  }

  async function acquire(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (active < concurrency) {
      active++;
      return;
    }
    const turn = createDeferred<void>();
    queue.add(turn);
    const stop =
      signal &&
      onAbort(signal, () => {
        if (queue.delete(turn)) turn.reject(signal.reason);
      });
    try {
      await turn.promise;
    } finally {
      stop?.();
    }
  }

  return {
    get active() {
      return active;
    },
    get waiting() {
      return queue.size;
    },
    async run(task, signal) {
      await acquire(signal);
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}
