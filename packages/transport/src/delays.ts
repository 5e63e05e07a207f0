import { backoffDelay } from '@lp/core';
import type { Failure } from './failures.ts';
import type { Environment, MachineState } from './machine-types.ts';
import type { DialReason } from './status.ts';

/** The peace the server asked for, if any. */
export function pauseAfter(failure: Failure, { now, policy }: Environment): MachineState['pause'] {
  const ms = Math.max(failure.rateLimited === true ? policy.rateLimitMs : 0, failure.retryAfterMs ?? 0);
  return ms > 0 ? { since: now, ms } : undefined;
}

/** How long to wait after a failure; `state.retries` counts this wait already. */
export function delayAfter(
  failure: Failure,
  state: MachineState,
  reason: DialReason,
  environment: Environment,
): number {
  const { policy } = environment;
  const ladder = policy.serverErrorDelaysMs;
  const step = ladder[Math.min(state.serverErrors, ladder.length) - 1];
  const usual =
    step === undefined
      ? backoffDelay(policy, state.retries, policy.random)
      : Math.round(step * (1 + policy.random() / 5));
  // The usual wait comes on top of the pause, or a fleet that was told the same time would return as one.
  return Math.max((state.pause?.ms ?? 0) + usual, earliest(state, reason, environment));
}

/** How long a dial is forbidden yet. */
export function earliest(state: MachineState, reason: DialReason, { now, policy }: Environment): number {
  return Math.max(
    timeLeft(state.pause?.since, state.pause?.ms ?? 0, now),
    timeLeft(state.lastDialAt, policy.dialSpacingMs, now),
    reason === 'retry' ? 0 : timeLeft(state.lastLoginAt, policy.loginSpacingMs, now),
  );
}

/** What is left of a time that began at `since`: never more than all of it, whatever the time of day does. */
export function timeLeft(since: number | undefined, ms: number, now: number): number {
  return since === undefined ? 0 : Math.min(ms, Math.max(0, since + ms - now));
}
