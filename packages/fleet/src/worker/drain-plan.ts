import type { Clock } from '@lp/core';
import { sleep } from '@lp/core/internal';

/** How long the parts of a drain may take, in milliseconds, whatever hangs: no more than one and a half times `drainTimeoutMs` in all. */
export interface DrainPlan {
  /** To hand logins over few at a time, from the beginning on. Where nobody can take them, the process has to end all the same. */
  readonly patientMs: number;
  /** To give all of them back, from the beginning on: the last ones to go have all of `drainTimeoutMs` for their handlers. */
  readonly giveBackMs: number;
  /** Of each last call of the engine. */
  readonly lastCallMs: number;
}

// A login is given back by a call of the engine, even where handlers have next to no time.
const SHORTEST_PATIENCE_MS = 1_000;
const SHORTEST_CALL_MS = 250;

export function planDrain(drainTimeoutMs: number): DrainPlan {
  const patientMs = drainTimeoutMs / 3;
  return {
    patientMs,
    giveBackMs: drainTimeoutMs + Math.max(patientMs, SHORTEST_PATIENCE_MS),
    lastCallMs: Math.max(drainTimeoutMs / 16, SHORTEST_CALL_MS),
  };
}

/** Resolves with what `work` gives, or with undefined when that fails or takes longer than `ms`. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  const nothing = (): undefined => undefined;
  const late = sleep(clock, ms, { signal: end.signal }).catch(nothing);
  const result = await Promise.race([work.catch(nothing), late.then(nothing)]);
  end.abort();
  return result;
}
