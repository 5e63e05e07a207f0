import { describe, expect, it } from '@jest/globals';
import { backoffDelay } from '@lp/core';
import { abortable, createDeferred, createLimiter, isLoopback, ladderDelay, nearestName } from '@lp/core/internal';
import * as fc from 'fast-check';

describe('a limiter', () => {
  it('never runs more tasks at once than it may, runs each once, and begins them in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (most, fails) => {
          const limiter = createLimiter(most);
          const ends = fails.map(() => createDeferred<void>());
          const begun: number[] = [];
          let mostActive = 0;
          const runs = fails.map((_, n) =>
            limiter
              .run(async () => {
                begun.push(n);
                mostActive = Math.max(mostActive, limiter.active);
                await ends[n]?.promise;
              })
              .catch(() => undefined),
          );
          expect(limiter.waiting).toBe(Math.max(0, fails.length - most));
          for (const [n, end] of ends.entries()) {
            if (fails[n]) end.reject(new Error('failed'));
            else end.resolve();
          }
          await Promise.all(runs);
          expect(begun).toEqual(fails.map((_, n) => n));
          expect(mostActive).toBeLessThanOrEqual(most);
          expect([limiter.active, limiter.waiting]).toEqual([0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lets go of a task that is aborted while it waits, and of none that runs', async () => {
    const limiter = createLimiter(1);
    const end = createDeferred<string>();
    const running = new AbortController();
    const waiting = new AbortController();
    const first = limiter.run(() => end.promise, running.signal);
    const second = limiter.run(async () => 'never', waiting.signal);
    const third = limiter.run(async () => 'third');
    waiting.abort(new Error('given up'));
    running.abort(new Error('too late'));
    await expect(second).rejects.toThrow('given up');
    end.resolve('first');
    expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  });

  it('takes nothing that was aborted before', async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(async () => 'x', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(limiter.active).toBe(0);
  });
});

describe('a promise that may be left', () => {
  it('is itself without a signal', () => {
    const promise = Promise.resolve(1);
    expect(abortable(promise, undefined)).toBe(promise);
  });

  it('ends as it would, when nobody leaves', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('own')), signal)).rejects.toThrow('own');
  });

  it('rejects with the reason when it is left, and its late failure is nobody’s', async () => {
    const controller = new AbortController();
    const late = createDeferred<never>();
    const left = abortable(late.promise, controller.signal);
    controller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    late.reject(new Error('late'));
    await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toThrow('left');
  });
});

describe('the wait before a try', () => {
  const policy = { initialMs: 100, factor: 2, maxMs: 5_000 };

  it('grows up to its bound, and is a whole number', () => {
    const waits = [0, 1, 2, 3, 7, 1_000].map((attempt) => backoffDelay({ ...policy, jitter: 'none' }, attempt));
    expect(waits).toEqual([100, 100, 200, 400, 5_000, 5_000]);
  });

  it('lies between nothing and the bound, whatever chance says', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (attempt, chance) => {
        const wait = backoffDelay({ ...policy, jitter: 'full' }, attempt, () => chance);
        const bound = backoffDelay({ ...policy, jitter: 'none' }, attempt);
        expect(Number.isInteger(wait) && wait >= 0 && wait <= bound).toBe(true);
      }),
    );
  });

  it('goes up a ladder whose last step repeats, with a fifth added at most', () => {
    const steps = [5, 10, 20];
    expect([1, 2, 3, 9].map((failures) => ladderDelay(steps, failures, () => 0))).toEqual([5, 10, 20, 20]);
    expect([1, 2, 3].map((failures) => ladderDelay(steps, failures, () => 0.999_999))).toEqual([6, 12, 24]);
    expect([ladderDelay(steps, 0), ladderDelay([], 3)]).toEqual([undefined, undefined]);
  });
});

describe('a host of this machine', () => {
  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1', '127.255.255.255:1', '[::1]', '[::1]:443'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '127.0.0.256',
    '127.0.0',
    '128.0.0.1',
    'localhost.example',
    '127.0.0.1.example',
    '::1',
    '[::2]',
    '',
    ' localhost',
  ])('is not %p', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('the name that was probably meant', () => {
  const known = ['timeoutMs', 'from', 'start', 'capacity', 'signal', 'dialogId', 'skillIds'];

  it.each([
    ['timeout', 'timeoutMs'],
    ['form', 'from'],
    ['strat', 'start'],
    ['CAPACITY', 'capacity'],
    ['capcity', 'capacity'],
    ['signall', 'signal'],
    ['skillId', 'skillIds'],
  ])('of %s is %s', (name, meant) => {
    expect(nearestName(name, known)).toBe(meant);
  });

  it.each(['x', 'retries', '', '__proto__', 'a'.repeat(10_000)])('of %p is none', (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });

  it('is each name itself, and one of the known or none for any text', () => {
    for (const name of known) expect(nearestName(name, known)).toBe(name);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([...known, undefined]).toContain(nearestName(text, known));
      }),
    );
  });
});
