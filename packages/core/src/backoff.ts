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
