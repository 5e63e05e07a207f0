import { describe, expect, it, jest } from '@jest/globals';
import { type BackoffPolicy, backoffDelay, createManualClock, systemClock } from '@lp/core';
import { sleep } from '@lp/core/internal';
import fc from 'fast-check';

describe('backoffDelay', () => {
  const policy: BackoffPolicy = { initialMs: 5_000, factor: 1.25, maxMs: 60_000, jitter: 'none' };

  it('grows from the first bound by the factor up to the longest', () => {
    expect([1, 2, 3, 100].map((attempt) => backoffDelay(policy, attempt))).toEqual([5_000, 6_250, 7_813, 60_000]);
  });

  it('with full jitter is anywhere between nothing and the bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, r) => {
        const delay = backoffDelay({ ...policy, jitter: 'full' }, attempt, () => r);
        expect(delay).toBe(Math.round(r * Math.min(60_000, 5_000 * 1.25 ** (attempt - 1))));
      }),
    );
  });
});

describe('the manual clock', () => {
  it('fires timers in the order they are due, each at its own time', async () => {
    const clock = createManualClock(1_000);
    const fired: string[] = [];
    clock.setTimer(() => fired.push(`b ${clock.now()}`), 20);
    clock.setTimer(() => fired.push(`a ${clock.now()}`), 10);
    clock.setTimer(() => fired.push(`c ${clock.now()}`), 20);
    clock.setTimer(() => fired.push('never'), 10).cancel();
    await clock.advance(19);
    expect(fired).toEqual(['a 1010']);
    await clock.advance(1);
    expect(fired).toEqual(['a 1010', 'b 1020', 'c 1020']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets what one timer starts set the next one within the same advance', async () => {
    const clock = createManualClock();
    let done = false;
    const twice = async () => {
      await sleep(clock, 10);
      await sleep(clock, 10);
      done = true;
    };
    void twice();
    await clock.advance(20);
    expect(done).toBe(true);
  });

  it('jumps without firing', async () => {
    const clock = createManualClock(0);
    let fired = false;
    clock.setTimer(() => {
      fired = true;
    }, 10);
    clock.jump(3_600_000);
    expect(clock.now()).toBe(3_600_000);
    await clock.advance(9);
    expect(fired).toBe(false);
    await clock.advance(1);
    expect(fired).toBe(true);
  });
});

describe('the system clock', () => {
  it('does not fire at once when the delay does not fit into 31 bits', () => {
    jest.useFakeTimers();
    const callback = jest.fn();
    systemClock.setTimer(callback, 2 ** 33);
    jest.advanceTimersByTime(1_000);
    expect(callback).not.toHaveBeenCalled();
    jest.useRealTimers();
  });

  it('lets the process end while only background timers wait', async () => {
    const { execFile } = await import('node:child_process');
    const code = `
      import('@lp/core').then(({ systemClock }) => systemClock.setTimer(() => process.exit(3), 60_000, { background: true }));`;
    const exit = await new Promise((resolve) => {
      execFile(process.execPath, ['-e', code], { cwd: import.meta.dirname, timeout: 10_000 }, (error) =>
        resolve(error ? (error.code ?? error.message) : 0),
      );
    });
    expect(exit).toBe(0);
  });
});

describe('sleep', () => {
  it('rejects with the reason when aborted, and leaves no timer', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 1_000, { signal: controller.signal });
    controller.abort('woken');
    await expect(sleeping).rejects.toBe('woken');
    expect(clock.pendingTimers).toBe(0);
    await expect(sleep(clock, 1, { signal: controller.signal })).rejects.toBe('woken');
    expect(clock.pendingTimers).toBe(0);
  });
});
