import { doubt, isBelieved, timeLeft } from '@lp/core/internal';
import { delayAfter, earliest, pauseAfter } from './delays.ts';
import { type Failure, gaveUp } from './failures.ts';
import type { Dial, Effect, Environment, MachineEvent, MachineState, Phase, Step } from './machine-types.ts';
import type { DialReason } from './status.ts';

/** The next state, and what to do. Pure but for the policy's `random`. */
export function transition(state: MachineState, event: MachineEvent, environment: Environment): Step {
  const unchanged: Step = { state, effects: [] };
  if (state.phase.name === 'closed') return unchanged;
  if ('dialId' in event && event.dialId !== state.dialId) return unchanged;
  switch (event.type) {
    case 'connect':
      return state.phase.name === 'idle' ? dial(state, 'first', environment) : unchanged;
    case 'waited':
      return state.phase.name === 'waiting' ? dial(state, state.phase.reason, environment) : unchanged;
    case 'resolved':
      return advance(state, 'resolving', 'opening', { type: 'open' });
    case 'opened':
      return opened(state);
    case 'prepared':
      return prepared(state, environment);
    case 'stable':
      return state.phase.name === 'connected'
        ? { state: { ...state, retries: 0, serverErrors: 0, oversized: 0, everStable: true }, effects: [] }
        : unchanged;
    case 'failed':
      return failed(state, event.failure, environment);
    case 'reconnect':
      return reconnect(state, needsLogin(state, event.reauth, environment), environment);
    case 'close':
      return end(state, event.error, event.abrupt !== true);
  }
}

function dial(state: MachineState, reason: DialReason, { now }: Environment): Step {
  const next: Dial = { id: state.dialId + 1, number: Math.max(1, dialNumber(state)), reason };
  return {
    state: {
      ...state,
      phase: { name: 'resolving', dial: next },
      dialId: next.id,
      gap: state.gap && { ...state.gap, dials: state.gap.dials + 1 },
      troubledSince: state.troubledSince ?? now,
      lastDialAt: now,
      lastLoginAt: reason === 'retry' ? state.lastLoginAt : now,
      logins: reason === 'retry' ? state.logins : state.logins + 1,
    },
    effects: [{ type: 'resolve', dial: next }],
  };
}

// The very first dial is not the end of a wait; after a stable session every dial is.
function dialNumber(state: MachineState): number {
  return state.retries + (state.everStable ? 0 : 1);
}

function advance(
  state: MachineState,
  from: Phase['name'],
  to: 'opening' | 'preparing' | 'connected',
  effect: Effect,
): Step {
  const { phase } = state;
  if (phase.name !== from || !('dial' in phase)) return { state, effects: [] };
  return { state: { ...state, phase: { name: to, dial: phase.dial } }, effects: [effect] };
}

function opened(state: MachineState): Step {
  const epoch = state.epoch + 1;
  const step = advance(state, 'opening', 'preparing', {
    type: 'prepare',
    epoch,
    reconnected: state.gap !== undefined,
  });
  return step.state === state ? step : { state: { ...step.state, epoch }, effects: step.effects };
}

function prepared(state: MachineState, { now }: Environment): Step {
  const { gap } = state;
  const gapMs = gap && Math.max(0, now - gap.since);
  const usable = { ...state, spent: 0, troubledSince: undefined, unclear: undefined, logins: 0 };
  const step = advance(usable, 'preparing', 'connected', { type: 'ready', gapMs, attempts: gap?.dials ?? 1 });
  return step.state === usable ? { state, effects: [] } : step;
}

function failed(state: MachineState, failure: Failure, environment: Environment): Step {
  const { phase } = state;
  if (!('dial' in phase)) return { state, effects: [] };
  const { policy, reconnects } = environment;
  const wasConnected = phase.name === 'connected';
  // Before the first connection a fresh token that is refused will not get better. Later it may have been revoked in the
  // moment it was made, by a login elsewhere: the policy decides how often that is tried.
  const refusedAnew =
    failure.unauthorized === true && !wasConnected && phase.dial.reason === 'reauth' && state.gap === undefined;
  // A no without the platform's own words may come from something in the way.
  const unclear = failure.unclear === true ? doubt(state.unclear, environment.now) : undefined;
  const oversized = failure.oversized === true ? state.oversized + 1 : state.oversized;
  const isNo = failure.verdict === 'fatal' && (!unclear || isBelieved(unclear));
  const spent = state.spent >= policy.maxAttempts;
  const final = isNo || failure.verdict === 'normal' || refusedAnew || !reconnects || oversized > 1 || spent;
  const reason = nextReason(failure, phase.dial.reason, phase.name, environment);
  const lost: Effect[] = wasConnected ? [{ type: 'lost', failure, reason: final ? undefined : reason }] : [];
  const after: MachineState = {
    ...state,
    unclear,
    oversized,
    troubledSince: wasConnected ? environment.now : state.troubledSince,
    serverErrors: failure.serverError === true ? state.serverErrors + 1 : 0,
    gap: wasConnected ? { since: environment.now, dials: 0 } : state.gap,
  };
  if (final) {
    const onlySpent = spent && state.spent > 0 && reconnects && !isNo && !refusedAnew && oversized <= 1;
    const last = onlySpent
      ? gaveUp(failure, state.spent + 1, Math.max(0, environment.now - (state.troubledSince ?? environment.now)))
      : failure.error;
    const error = failure.verdict === 'normal' ? undefined : last;
    return failedForGood(after, error, lost);
  }
  const again: MachineState = {
    ...after,
    retries: after.retries + 1,
    spent: after.spent + 1,
    pause: pauseAfter(failure, environment),
  };
  const delayMs = delayAfter(failure, again, reason, environment);
  const waiting = wait(again, reason, delayMs, failure.error, environment);
  return { state: waiting.state, effects: [...lost, { type: 'abandon', graceful: false }, ...waiting.effects] };
}

function nextReason(failure: Failure, last: DialReason, phase: Phase['name'], { blind }: Environment): DialReason {
  if (failure.verdict === 'reauth') return 'reauth';
  // A dial that failed before its URL was there has not shown that a new token works.
  if (last === 'reauth' && phase === 'resolving') return 'reauth';
  return blind && phase === 'opening' && last !== 'reauth' ? 'reauth' : 'retry';
}

function wait(
  state: MachineState,
  reason: DialReason,
  delayMs: number,
  error: Error | undefined,
  { now, policy }: Environment,
): Step {
  const dialId = state.dialId + 1;
  return {
    state: { ...state, phase: { name: 'waiting', reason, since: now, delayMs }, dialId },
    effects: [
      {
        type: 'wait',
        dialId,
        delayMs,
        attempt: Math.max(1, dialNumber(state)),
        attemptsLeft: Math.max(0, policy.maxAttempts - state.spent),
        reason,
        error,
      },
    ],
  };
}

// Who was told of a bad token a moment ago has been helped by the login that was made meanwhile.
const YOUNG_TOKEN_MS = 5_000;

function needsLogin({ lastLoginAt }: MachineState, reauth: boolean | 'ifOld', { now }: Environment): boolean {
  return reauth === 'ifOld' ? timeLeft(lastLoginAt, YOUNG_TOKEN_MS, now) === 0 : reauth;
}

function reconnect(before: MachineState, reauth: boolean, environment: Environment): Step {
  // Who asks by hand knows more than who asked for a pause.
  const state: MachineState = { ...before, pause: undefined, logins: 0 };
  const { phase } = state;
  const again = (reason: DialReason, before: Effect[], from = state): Step => {
    const waiting = wait(from, reason, earliest(from, reason, environment), undefined, environment);
    return { state: waiting.state, effects: [...before, ...waiting.effects] };
  };
  switch (phase.name) {
    case 'idle':
      return dial(state, 'first', environment);
    case 'waiting': {
      const reason = reauth && phase.reason === 'retry' ? 'reauth' : phase.reason;
      const left = timeLeft(phase.since, phase.delayMs, environment.now);
      // A wait that cannot be cut is not begun again either, or asking at every status event would go round for ever.
      const asItIs = reason === phase.reason && earliest(state, reason, environment) >= left;
      return asItIs ? { state: before, effects: [] } : again(reason, [{ type: 'abandon', graceful: false }]);
    }
    case 'resolving':
    case 'opening':
    case 'preparing':
      // A dial under way is as good as a new one, unless its token is the old one.
      return reauth && phase.dial.reason === 'retry'
        ? again('reauth', [{ type: 'abandon', graceful: phase.name === 'preparing' }])
        : { state: before, effects: [] };
    case 'connected': {
      const reason = reauth ? 'reauth' : 'retry';
      return again(
        reason,
        [
          { type: 'lost', failure: undefined, reason },
          { type: 'abandon', graceful: true },
        ],
        { ...state, gap: { since: environment.now, dials: 0 } },
      );
    }
    case 'closed':
      return { state: before, effects: [] };
  }
}

function end(state: MachineState, error: unknown, graceful: boolean): Step {
  return {
    state: { ...state, phase: { name: 'closed', error }, dialId: state.dialId + 1 },
    effects: [
      { type: 'end', error },
      { type: 'abandon', graceful },
    ],
  };
}

function failedForGood(state: MachineState, error: unknown, before: readonly Effect[]): Step {
  const { state: closed } = end(state, error, false);
  return { state: closed, effects: [...before, { type: 'abandon', graceful: false }, { type: 'end', error }] };
}
