import type { LpError } from '@lp/core';

/** The error a promise rejects with; fails when it does not reject. */
export async function rejection<E = LpError>(promise: Promise<unknown>): Promise<E> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in settled) return settled.error as E;
  throw new Error('expected a rejection, but the promise resolved');
}

/** The error a function throws; fails when it does not throw. */
export function thrown<E = LpError>(run: () => unknown): E {
  try {
    run();
  } catch (error) {
    return error as E;
  }
  throw new Error('expected an error, but nothing was thrown');
}

/** True while a promise has not settled. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}
