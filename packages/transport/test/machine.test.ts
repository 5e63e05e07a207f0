import { describe, expect, it } from '@jest/globals';
import { ConnectionLostError, NotConnectedError, SessionExpiredError } from '@lp/core';
import type { Failure } from '../src/failures.ts';
import { transition } from '../src/machine.ts';
import { type Effect, type Environment, INITIAL, type MachineEvent, type MachineState } from '../src/machine-types.ts';
import { resolveOptions } from '../src/resolve-options.ts';

const { policy } = resolveOptions({ url: () => '' });
const environment: Environment = {
  now: 1_000_000,
  policy: { ...policy, jitter: 'none', random: () => 0 },
  reconnects: true,
  blind: false,
};
const lost: Failure = { error: new ConnectionLostError('lost'), verdict: 'retry', closeCode: 1006 };
const refused: Failure = { error: new NotConnectedError('refused'), verdict: 'retry' };
const unauthorized: Failure = { error: new SessionExpiredError('401'), verdict: 'reauth', unauthorized: true };

/** Runs events through the machine; `dialId` 'now' stands for the current one. */
function run(events: readonly unknown[], start = INITIAL, changes: Partial<Environment> = {}) {
  let state = start;
  let effects: readonly Effect[] = [];
  for (const event of events) {
    const current = event as MachineEvent & { dialId?: number };
    const filled = 'dialId' in current ? current : { ...current, dialId: state.dialId };
    ({ state, effects } = transition(state, filled as MachineEvent, { ...environment, ...changes }));
  }
  return { state, effects, names: effects.map((effect) => effect.type) };
}

const connect = { type: 'connect' };
const [waited, resolved, opened, prepared, stable] = ['waited', 'resolved', 'opened', 'prepared', 'stable'].map(
  (type) => ({ type }),
);
const fail = (failure: Failure) => ({ type: 'failed', failure });
const up = [connect, resolved, opened, prepared];

const states: Record<string, MachineState> = {
  idle: INITIAL,
  resolving: run([connect]).state,
  opening: run([connect, resolved]).state,
  preparing: run([connect, resolved, opened]).state,
  connected: run(up).state,
  waiting: run([...up, fail(lost)]).state,
  closed: run([{ type: 'close', error: undefined }]).state,
};

const events: Record<string, object> = {
  connect,
  waited: { type: 'waited' },
  resolved: { type: 'resolved' },
  opened: { type: 'opened' },
  prepared: { type: 'prepared' },
  stable: { type: 'stable' },
  failed: fail(lost),
  reconnect: { type: 'reconnect', reauth: false },
  reauth: { type: 'reconnect', reauth: true },
  close: { type: 'close', error: undefined },
};

// Every state × every event; `–` is ignored: the same state, nothing to do.
const table: Record<string, Record<string, string>> = {
  idle: { connect: 'resolving: resolve', reconnect: 'resolving: resolve', reauth: 'resolving: resolve' },
  resolving: { resolved: 'opening: open', failed: 'waiting: abandon wait' },
  opening: { opened: 'preparing: prepare', failed: 'waiting: abandon wait' },
  preparing: { prepared: 'connected: ready', failed: 'waiting: abandon wait' },
  connected: {
    stable: 'connected:',
    failed: 'waiting: lost abandon wait',
    reconnect: 'waiting: lost abandon wait',
    reauth: 'waiting: lost abandon wait',
  },
  waiting: { waited: 'resolving: resolve', reconnect: 'waiting: abandon wait', reauth: 'waiting: abandon wait' },
  closed: { close: '–' },
};

describe('every state and every event', () => {
  for (const [stateName, state] of Object.entries(states)) {
    for (const [eventName, event] of Object.entries(events)) {
      const expected = table[stateName]?.[eventName] ?? (eventName === 'close' ? 'closed: end abandon' : '–');
      it(`${stateName} × ${eventName} → ${expected}`, () => {
        const step = run([event], state);
        const found = step.state === state ? '–' : `${step.state.phase.name}: ${step.names.join(' ')}`.trim();
        expect(found).toBe(expected);
      });
    }
  }

  it('ignores every event of a dial that is not the current one', () => {
    for (const state of Object.values(states)) {
      for (const event of Object.values(events)) {
        if (['connect', 'reconnect', 'close'].includes((event as MachineEvent).type)) continue;
        const stale = { ...event, dialId: state.dialId - 1 };
        expect(transition(state, stale as MachineEvent, environment).state).toBe(state);
      }
    }
  });
});

describe('what the next dial is for', () => {
  const waitOf = (step: { effects: readonly Effect[] }) =>
    step.effects.find((effect) => effect.type === 'wait') as Extract<Effect, { type: 'wait' }>;

  it('keeps the token after a lost connection and asks for a new one after a refused one', () => {
    expect(waitOf(run([...up, fail(lost)])).reason).toBe('retry');
    expect(waitOf(run([...up, fail({ ...lost, verdict: 'reauth' })])).reason).toBe('reauth');
    expect(waitOf(run([connect, resolved, fail(unauthorized)])).reason).toBe('reauth');
  });

  it('ends with the refusal when a new token is refused as well', () => {
    const step = run([connect, resolved, fail(unauthorized), waited, resolved, fail(unauthorized)]);
    expect(step.names).toEqual(['abandon', 'end']);
    expect(step.state.phase).toEqual({ name: 'closed', error: unauthorized.error });
  });

  it('renews again when the token of a connection that was usable is refused later', () => {
    const step = run([
      connect,
      resolved,
      fail(unauthorized),
      waited,
      resolved,
      opened,
      prepared,
      fail({ ...lost, verdict: 'reauth' }),
    ]);
    expect(waitOf(step).reason).toBe('reauth');
  });

  it('still needs the new token when asking for it has failed, and no longer once it was used', () => {
    const needsToken = [connect, resolved, fail(unauthorized), waited];
    expect(waitOf(run([...needsToken, fail(refused)])).reason).toBe('reauth');
    expect(waitOf(run([...needsToken, resolved, fail(refused)])).reason).toBe('retry');
  });

  it('guesses at a stale token, every second time, where refusals cannot be seen', () => {
    const blind = { blind: true };
    const once = run([connect, resolved, fail(refused)], INITIAL, blind);
    expect(waitOf(once).reason).toBe('reauth');
    expect(waitOf(run([waited, resolved, fail(refused)], once.state, blind)).reason).toBe('retry');
  });

  it('joins the dial under way on reconnect, unless that one has the old token', () => {
    expect(run([{ type: 'reconnect', reauth: false }], states['opening']).names).toEqual([]);
    expect(run([{ type: 'reconnect', reauth: true }], states['opening']).names).toEqual([]);
    const retrying = run([waited, resolved], states['waiting']).state;
    const step = run([{ type: 'reconnect', reauth: true }], retrying);
    expect(step.names).toEqual(['abandon', 'wait']);
    expect(waitOf(step).reason).toBe('reauth');
  });
});

describe('the attempt budget', () => {
  function failUntilEnd(start: MachineState, changes: Partial<Environment> = {}): number {
    let state = start;
    for (let dials = 1; ; dials++) {
      ({ state } = run([resolved, fail(refused)], state, changes));
      if (state.phase.name === 'closed') return dials;
      ({ state } = run([waited], state, changes));
    }
  }

  it('allows the first dial and 35 more', () => {
    expect(failUntilEnd(run([connect]).state)).toBe(36);
  });

  it('allows 35 dials after a session, stable or not: whoever was connected begins anew', () => {
    const afterStable = run([...up, stable, fail(lost), waited]).state;
    expect(failUntilEnd(afterStable)).toBe(35);
    const flapping = run([...up, fail(lost), waited]).state;
    expect(failUntilEnd(flapping)).toBe(35);
    const twice = run([...up, fail(lost), waited, resolved, opened, prepared, fail(lost), waited]).state;
    expect(failUntilEnd(twice)).toBe(35);
  });

  it('is not touched by any number of sessions that were short', () => {
    let { state } = run([connect]);
    for (let n = 0; n < 100; n++) {
      ({ state } = run([resolved, opened, prepared, fail(lost), waited], state));
      expect(state.phase.name).toBe('resolving');
    }
    expect(failUntilEnd(state)).toBe(35);
  });

  it('says when it is used up after how many tries, how long, and what the last came to', () => {
    let { state } = run([connect]);
    const later = { now: environment.now + 7_200_000 };
    let end: Effect | undefined;
    while (state.phase.name !== 'closed') {
      const step = run([resolved, fail(refused)], state, later);
      end = step.effects.at(-1);
      ({ state } = step.state.phase.name === 'closed' ? step : run([waited], step.state, later));
    }
    const { error } = end as { error: NotConnectedError };
    expect(error.message).toBe('gave up after 36 tries in 120 min; the last one: refused');
    expect(error).toMatchObject({ cause: refused.error, context: { tries: 36, ms: 7_200_000 } });
  });

  it('ends at the first failure when reconnecting is off', () => {
    expect(failUntilEnd(run([connect]).state, { reconnects: false })).toBe(1);
    const step = run([...up, fail(lost)], INITIAL, { reconnects: false });
    expect(step.names).toEqual(['lost', 'abandon', 'end']);
  });

  it('is not used up by asking for a reconnect', () => {
    let state = run([...up, stable]).state;
    for (let round = 0; round < 100; round++) {
      ({ state } = run([{ type: 'reconnect', reauth: false }, waited, resolved, opened, prepared], state));
    }
    expect(state.phase.name).toBe('connected');
    expect(state.retries).toBe(0);
  });

  it('ends without an error where the close code means a normal end', () => {
    const step = run([...up, fail({ ...lost, verdict: 'normal' })]);
    expect(step.effects.at(-1)).toEqual({ type: 'end', error: undefined });
  });
});

describe('how long the next dial waits', () => {
  const free = { dialSpacingMs: 0, loginSpacingMs: 0 };
  function waits(failures: readonly Failure[], changes: Partial<typeof policy> = {}): number[] {
    const rules = { policy: { ...environment.policy, ...free, ...changes } };
    let state = run([connect, resolved], INITIAL, rules).state;
    return failures.map((failure) => {
      const step = run([fail(failure)], state, rules);
      ({ state } = run([waited, resolved], step.state, rules));
      const wait = step.effects.find((effect) => effect.type === 'wait');
      return wait?.type === 'wait' ? wait.delayMs : Number.NaN;
    });
  }
  const serverError: Failure = { ...refused, serverError: true };
  const rateLimited: Failure = { ...refused, rateLimited: true };

  it('grows from 5 s by a quarter each time, up to 2 minutes', () => {
    expect(waits(Array<Failure>(4).fill(refused))).toEqual([5_000, 6_250, 7_813, 9_766]);
    expect(waits(Array<Failure>(30).fill(refused)).at(-1)).toBe(120_000);
  });

  it('is a random part of that by default', () => {
    expect(waits([refused, refused], { jitter: 'full', random: () => 0.5 })).toEqual([2_500, 3_125]);
  });

  // verifies: reconnect:5xx
  it('climbs 5, 10, 15 s, then 2 minutes while the upgrade gets 5xx, and never less', () => {
    expect(waits(Array<Failure>(6).fill(serverError))).toEqual([5_000, 10_000, 15_000, 120_000, 120_000, 120_000]);
    expect(waits([serverError], { random: () => 0.999 })[0]).toBeGreaterThan(5_900);
    expect(waits([serverError, refused, serverError])[2]).toBe(5_000);
  });

  it('is at least a second after 429, and what Retry-After says when that is more', () => {
    const none = { jitter: 'full', random: () => 0 } as const;
    expect(waits([rateLimited], none)).toEqual([1_000]);
    expect(waits([{ ...rateLimited, retryAfterMs: 7_000 }], none)).toEqual([7_000]);
    expect(waits([{ ...rateLimited, retryAfterMs: 7_000 }])).toEqual([12_000]);
  });

  it('keeps 5 s between logins and 1 s between dials, whoever asks', () => {
    const now = { policy: { ...environment.policy, jitter: 'full' as const } };
    const delays = (reauth: boolean, later: number) => {
      const connected = run(up, INITIAL, now).state;
      const step = run([{ type: 'reconnect', reauth }], connected, { ...now, now: environment.now + later });
      return step.effects.flatMap((effect) => (effect.type === 'wait' ? [effect.delayMs] : []));
    };
    expect(delays(false, 0)).toEqual([1_000]);
    expect(delays(false, 400)).toEqual([600]);
    expect(delays(false, 5_000)).toEqual([0]);
    expect(delays(true, 400)).toEqual([4_600]);
    expect(delays(true, 60_000)).toEqual([0]);
  });

  it('never exceeds the spacing when the time of day is set back', () => {
    const connected = run(up).state;
    const step = run([{ type: 'reconnect', reauth: true }], connected, { now: environment.now - 3_600_000 });
    expect(step.effects.at(-1)).toMatchObject({ type: 'wait', delayMs: 5_000 });
  });

  it('is cut once by asking for a reconnect, and not begun again by asking again', () => {
    const waiting = run([connect, resolved, fail(refused)]).state;
    const cut = run([{ type: 'reconnect', reauth: false }], waiting);
    expect(cut.effects.at(-1)).toMatchObject({ type: 'wait', delayMs: 1_000 });
    for (const later of [0, 300, 1_000]) {
      const again = run([{ type: 'reconnect', reauth: false }], cut.state, { now: environment.now + later });
      expect(again.state).toBe(cut.state);
    }
  });

  it('is cut by a reconnect by hand, whatever the server asked for', () => {
    const limited = run([connect, resolved, fail({ ...rateLimited, retryAfterMs: 30_000 })]).state;
    const step = run([{ type: 'reconnect', reauth: false }], limited, { now: environment.now + 10_000 });
    expect(step.effects.at(-1)).toMatchObject({ type: 'wait', delayMs: 0 });
  });

  it('lets no more than one login happen every two minutes in a long outage', () => {
    const stale: Failure = { error: new NotConnectedError('401'), verdict: 'reauth', unauthorized: true };
    let { state } = run([...up, stable, fail(lost), waited]);
    let now = environment.now;
    const logins: number[] = [];
    for (let dials = 0; dials < 20; dials++) {
      const step = run([resolved, fail(stale)], state, { now });
      const wait = step.effects.find((effect) => effect.type === 'wait');
      now += wait?.delayMs ?? 0;
      logins.push(now);
      ({ state } = run([waited], step.state, { now }));
    }
    const gaps = logins.slice(1).map((at, index) => at - (logins[index] ?? 0));
    expect(Math.min(...gaps.slice(4))).toBeGreaterThanOrEqual(120_000);
  });
});

describe('what is told about a gap', () => {
  it('counts its time and its dials', () => {
    const down = run([...up, stable, fail(lost)]).state;
    const again = run([waited, resolved, fail(refused), waited, resolved, opened], down).state;
    const step = run([prepared], again, { now: environment.now + 12_345 });
    expect(step.effects).toEqual([{ type: 'ready', gapMs: 12_345, attempts: 2 }]);
  });
});
