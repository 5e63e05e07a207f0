import { describe, expect, it } from '@jest/globals';
import type { Session } from '@lp/auth';
import { ladderDelay } from '@lp/core/internal';
import { nextUpkeep, UPKEEP_DELAYS_MS, validUntil } from '../src/upkeep.ts';

const HOUR = 3_600_000;
const refreshable: Session = { bearer: 'b', userId: '1', csrf: 'c', expiresAt: 8 * HOUR };
const fixed: Session = { bearer: 'b', userId: '1', expiresAt: 8 * HOUR };
const rules = { refreshIntervalMs: 600_000, renewable: true } as const;
const born = (session: Session) => ({ session, obtainedAt: 0, lastGoodAt: 0 });

describe('the ladder', () => {
  it('is three quick tries, then 2, 4 and 8 minutes', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => ladderDelay(UPKEEP_DELAYS_MS, failures, () => 0));
    expect(delays).toEqual([5_000, 10_000, 15_000, 120_000, 240_000, 480_000, 480_000, 480_000]);
  });

  it('adds a fifth at most, and says nothing while nothing has failed', () => {
    expect(ladderDelay(UPKEEP_DELAYS_MS, 1, () => 0.999_999)).toBe(6_000);
    expect(ladderDelay(UPKEEP_DELAYS_MS, 0, () => 0)).toBeUndefined();
  });
});

describe('the end of a session', () => {
  it('is as the login said, and put off by each refresh', () => {
    expect(validUntil(born(refreshable))).toBe(8 * HOUR);
    expect(validUntil({ session: refreshable, obtainedAt: HOUR, lastGoodAt: 3 * HOUR })).toBe(10 * HOUR);
  });

  it('never comes when nobody knows it', () => {
    expect(validUntil(born({ bearer: 'b', userId: '1' }))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the next step of upkeep', () => {
  it('is a refresh where that is possible', () => {
    expect(nextUpkeep(born(refreshable), rules, 5)).toEqual({ action: 'refresh', delayMs: 600_000 });
  });

  it('is a renewal a minute before the end where it is not', () => {
    const step = { action: 'renew', delayMs: 8 * HOUR - 60_000 };
    expect(nextUpkeep(born(fixed), rules, 0)).toEqual(step);
    expect(nextUpkeep(born(refreshable), { ...rules, refreshIntervalMs: false }, 0)).toEqual(step);
  });

  it('counts from when the session was made, and is due at once after its time', () => {
    expect(nextUpkeep(born(fixed), rules, HOUR)?.delayMs).toBe(7 * HOUR - 60_000);
    expect(nextUpkeep(born(fixed), rules, 9 * HOUR)?.delayMs).toBe(0);
  });

  it('is never further off than the session lives, though the clock was set back', () => {
    expect(nextUpkeep(born(fixed), rules, -100 * HOUR)?.delayMs).toBe(8 * HOUR - 60_000);
  });

  it('is none for a session that nothing can be done for', () => {
    expect(nextUpkeep(born(fixed), { ...rules, renewable: false }, 0)).toBeUndefined();
    expect(nextUpkeep(born({ bearer: 'b', userId: '1' }), rules, 0)).toBeUndefined();
  });
});
