import { describe, expect, it } from '@jest/globals';
import { createElapsed } from '../../src/worker/elapsed.ts';
import { Observer } from '../../src/worker/observer.ts';

function createObserver(ttlMs = 900, ttls: Record<string, number> = {}) {
  const at = { now: 0, wall: 0 };
  const elapsed = createElapsed({ monotonic: () => at.now, wall: () => at.wall, uptime: () => at.now });
  const observer = new Observer(elapsed, ttlMs / 3);
  /** A read of `tookMs`, `afterMs` later. */
  const see = (afterMs: number, beats: Record<string, number>, tookMs = 0) => {
    at.now += afterMs;
    const askedAt = elapsed.mark();
    at.now += tookMs;
    const pulses = Object.entries(beats).map(([name, beat]) => [name, { beat, ttlMs: ttls[name] ?? ttlMs }] as const);
    return observer.see(new Map(pulses), askedAt).map(({ incarnation }) => incarnation);
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

  it('goes by the TTL of each worker: one that is slower than this one must not be buried while it may still write', () => {
    const { see } = createObserver(900, { slow: 2_000, quick: 600 });
    see(0, { slow: 1, quick: 1, usual: 1 });
    const buried: [number, string[]][] = [];
    for (let ms = 200; ms <= 2_000; ms += 200) {
      const found = see(200, { slow: 1, quick: ms < 700 ? 1 : ms, usual: ms });
      if (found.length > 0) buried.push([ms, found]);
    }
    expect(buried).toEqual([
      [600, ['quick']],
      [2_000, ['slow']],
    ]);
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
