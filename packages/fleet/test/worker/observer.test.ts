import { describe, expect, it } from '@jest/globals';
import { createElapsed } from '../../src/worker/elapsed.ts';
import { Observer } from '../../src/worker/observer.ts';

function createObserver(ttlMs = 900) {
  const at = { now: 0, wall: 0 };
  const elapsed = createElapsed({ monotonic: () => at.now, wall: () => at.wall, uptime: () => at.now });
  const observer = new Observer(elapsed, ttlMs);
  /** A read of `tookMs`, `afterMs` later. */
  const see = (afterMs: number, beats: Record<string, number>, tookMs = 0) => {
    at.now += afterMs;
    const askedAt = elapsed.mark();
    at.now += tookMs;
    return observer.see(new Map(Object.entries(beats)), askedAt).map(({ incarnation }) => incarnation);
  };
  return { at, observer, see };
}

describe('the observer of beats', () => {
  it('buries who has shown the same beat for a whole TTL, and not before', () => {
    const { see } = createObserver();
    see(0, { a: 1 });
    for (let i = 0; i < 4; i++) expect(see(200, { a: 1 })).toEqual([]);
    expect(see(99, { a: 1 })).toEqual([]);
    expect(see(1, { a: 1 })).toEqual(['a']);
  });

  it('begins anew with each beat', () => {
    const { see } = createObserver();
    see(0, { a: 1 });
    for (let beat = 2; beat < 20; beat++) expect(see(250, { a: beat })).toEqual([]);
  });

  it('counts from the answer of the first read to the question of the last', () => {
    const { see } = createObserver();
    see(0, { a: 1 }, 100);
    for (let i = 0; i < 4; i++) see(200, { a: 1 });
    expect(see(99, { a: 1 }, 200)).toEqual([]);
    expect(see(0, { a: 1 })).toEqual(['a']);
  });

  it('proves nothing by time in which it could not read', () => {
    const { observer, see } = createObserver();
    see(0, { a: 1 });
    see(250, { a: 1 });
    observer.interrupt();
    expect(see(700, { a: 1 })).toEqual([]);
    for (let i = 0; i < 3; i++) expect(see(250, { a: 1 })).toEqual([]);
    expect(see(150, { a: 1 })).toEqual(['a']);
  });

  it('proves nothing by time in which this process stood still', () => {
    const { see } = createObserver();
    see(0, { a: 1 });
    expect(see(5_000, { a: 1 })).toEqual([]);
    expect(see(200, { a: 1 })).toEqual([]);
  });

  it('does not look at the wall clock: one that is set forward must bury nobody', () => {
    const { at, see } = createObserver();
    see(0, { a: 1 });
    at.wall += 3_600_000;
    expect(see(200, { a: 1 })).toEqual([]);
  });

  it('forgets who has left, and takes who comes back for new', () => {
    const { see } = createObserver();
    see(0, { a: 1 });
    for (let i = 0; i < 3; i++) see(200, { a: 1 });
    see(200, {});
    expect(see(200, { a: 1 })).toEqual([]);
  });

  it('says when the next TTL would be over, and how old a beat is', () => {
    const { at, observer, see } = createObserver();
    expect(observer.nextDeathMs).toBe(Number.POSITIVE_INFINITY);
    see(0, { a: 1, b: 1 });
    see(200, { a: 2, b: 1 });
    at.now += 50;
    expect([observer.nextDeathMs, observer.ageMs('a'), observer.ageMs('b'), observer.ageMs('c')]).toEqual([
      650, 50, 250, 0,
    ]);
  });
});
