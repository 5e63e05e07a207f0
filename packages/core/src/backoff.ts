/** How waiting times grow from try to try. */
export interface BackoffPolicy {
  /** Upper bound of the first wait, in milliseconds. */
  initialMs: number;
  /** What the bound is multiplied with from try to try. */
  factor: number;
  /** The bound never grows past this, in milliseconds. */
  maxMs: number;
  /** `full`: a random part of the bound, so that a fleet does not return in step. `none`: the bound itself. */
  jitter: 'full' | 'none';
}

/** The wait before try `attempt` (1 is the first retry), in whole milliseconds. Pure but for `random`, which is in [0, 1). */
export function backoffDelay(policy: BackoffPolicy, attempt: number, random: () => number = Math.random): number {
  const bound = Math.min(policy.maxMs, policy.initialMs * policy.factor ** Math.max(0, attempt - 1));
  return Math.round(policy.jitter === 'full' ? random() * bound : bound);
}

/**
 * The wait after `failures` failures in a row by a ladder of waits, whose last step repeats. Up to a fifth is added, so
 * that a fleet spreads out. Undefined while nothing has failed.
 */
export function ladderDelay(
  steps: readonly number[],
  failures: number,
  random: () => number = Math.random,
): number | undefined {
  const step = steps[Math.min(failures, steps.length) - 1];
  return step === undefined ? undefined : Math.round(step * (1 + random() / 5));
}
