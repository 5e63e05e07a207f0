import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import * as fc from 'fast-check';
import { type DeadlineGroup, Deadlines } from '../src/deadlines.ts';

function setUp() {
  const clock = createManualClock();
  const expired: DeadlineGroup[] = [];
  const time = { passed: 0 };
  const deadlines = new Deadlines(
    clock,
    (group) => expired.push(group),
    () => time.passed,
  );
  return { clock, deadlines, expired, time };
}

describe('the time limits of requests', () => {
  it('cost one timer for each limit and millisecond', () => {
    const { clock, deadlines, time } = setUp();
    const first = deadlines.join(1_000);
    time.passed = 0.9;
    expect([deadlines.join(1_000), deadlines.join(500) === first]).toEqual([first, false]);
    expect([first.open, clock.pendingTimers]).toEqual([2, 2]);
  });

  it('keep the timer of a millisecond that others may still belong to, and only that', () => {
    const { clock, deadlines, time } = setUp();
    const first = deadlines.join(1_000);
    deadlines.leave(first);
    expect([deadlines.join(1_000), clock.pendingTimers]).toEqual([first, 1]);
    deadlines.leave(first);
    time.passed = 1;
    const second = deadlines.join(1_000);
    expect([second === first, clock.pendingTimers]).toEqual([false, 1]);
    time.passed = 2;
    deadlines.join(1_000);
    deadlines.leave(second);
    expect(clock.pendingTimers).toBe(1);
  });

  it('give a process that was suspended the time to read what has come meanwhile', async () => {
    const { clock, deadlines, expired, time } = setUp();
    const group = deadlines.join(1_000);
    time.passed = 12_000;
    await clock.advance(1_000);
    expect(expired).toEqual([]);
    await clock.advance(50);
    expect(expired).toEqual([group]);
  });

  it('leave no timer behind when they are stopped, but those that somebody waits for', () => {
    const { clock, deadlines } = setUp();
    deadlines.leave(deadlines.join(500));
    const open = deadlines.join(1_000);
    deadlines.stop();
    expect([deadlines.join(1_000) === open, clock.pendingTimers]).toEqual([false, 2]);
  });

  it.each([
    { stands: 'the time of day', moves: { clock: 0, time: 1 } },
    { stands: 'the measured time', moves: { clock: 1, time: 0 } },
  ])('are not shared with who comes later while $stands stands still', async ({ moves }) => {
    const { clock, deadlines, time } = setUp();
    const first = deadlines.join(1_000);
    time.passed += moves.time;
    await clock.advance(moves.clock);
    expect(deadlines.join(1_000)).not.toBe(first);
  });

  it('are not shared with who comes after they have run out, in the same millisecond', async () => {
    const { clock, deadlines, expired } = setUp();
    const first = deadlines.join(0.5);
    clock.jump(-0.5);
    await clock.advance(0.5);
    expect(expired).toEqual([first]);
    expect(deadlines.join(0.5)).not.toBe(first);
  });

  it('run out exactly, whatever comes and goes meanwhile', async () => {
    const step = fc.oneof(
      fc.record({ join: fc.constantFrom(1, 5, 20) }),
      fc.record({ leave: fc.nat(20) }),
      fc.record({ pass: fc.constantFrom(0.4, 1, 3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = createManualClock();
        const due: { at: number; group: DeadlineGroup }[] = [];
        const wrong: string[] = [];
        const deadlines = new Deadlines(
          clock,
          (group) => {
            const ended = due.filter((one) => one.group === group);
            for (const one of ended) {
              due.splice(due.indexOf(one), 1);
              deadlines.leave(group);
              if (Math.abs(one.at - clock.now()) > 1e-3) wrong.push(`due at ${one.at}, ended at ${clock.now()}`);
            }
          },
          () => clock.now(),
        );
        for (const one of steps) {
          if ('join' in one) due.push({ at: clock.now() + one.join, group: deadlines.join(one.join) });
          else if ('leave' in one) for (const { group } of due.splice(one.leave, 1)) deadlines.leave(group);
          else await clock.advance(one.pass);
        }
        await clock.advance(20);
        deadlines.stop();
        expect({ wrong, due, timers: clock.pendingTimers }).toEqual({ wrong: [], due: [], timers: 0 });
      }),
      { numRuns: 200 },
    );
  });
});
