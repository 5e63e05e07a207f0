import { backoffDelay } from '@lp/core';
import { ladderDelay, timeLeft } from '@lp/core/internal';
import type { Failure } from './failures.ts';
import type { Environment, MachineState } from './machine-types.ts';
import type { DialReason } from './status.ts';

/** The pause the server asked for, if any. */
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
  const usual =
    ladderDelay(policy.serverErrorDelaysMs, state.serverErrors, policy.random) ??
    backoffDelay(policy, state.retries, policy.random);
  // The usual wait comes on top of the pause, or a fleet that was told the same time would return as one.
  const pauseMs = state.pause?.ms ?? 0;
  const withPause = pauseMs > 0 ? Math.min(pauseMs + usual, Math.max(LONGEST_PAUSE_MS, usual)) : usual;
  return Math.max(withPause, earliest(state, reason, environment));
}

const LONGEST_PAUSE_MS = 60 * 60_000;

// In a long outage a login every 2 minutes is enough (with the spacing of 5 s that the platform asks for).
const QUICK_LOGINS = 3;
const OUTAGE_FACTOR = 24;

function loginSpacing({ logins }: MachineState, spacingMs: number): number {
  return logins > QUICK_LOGINS ? spacingMs * OUTAGE_FACTOR : spacingMs;
}

/** How long a dial is forbidden yet. */
export function earliest(state: MachineState, reason: DialReason, { now, policy }: Environment): number {
  return Math.max(
    timeLeft(state.pause?.since, state.pause?.ms ?? 0, now),
    timeLeft(state.lastDialAt, policy.dialSpacingMs, now),
    reason === 'retry' ? 0 : timeLeft(state.lastLoginAt, loginSpacing(state, policy.loginSpacingMs), now),
  );
}
