import { describe, expect, it } from '@jest/globals';
import { ConnectionLostError, RequestRejectedError } from '@lp/core';
import { pauseAfter } from '../../src/link/busy.ts';

const USUAL = { initialMs: 100, factor: 2, maxMs: 1_000, jitter: 'none' } as const;
const rejected = (status: number, context = {}) => new RequestRejectedError({ status, type: 'T' }, { context });
const pauses = (error: unknown, random: number) =>
  [1, 2, 3, 4, 5].map((failures) => pauseAfter(error, failures, USUAL, () => random));

describe('the pause after a failure', () => {
  it('of the platform is 5, 10 and 15 s, then two minutes, and up to a fifth more', () => {
    expect(pauses(rejected(503), 0)).toEqual([5_000, 10_000, 15_000, 120_000, 120_000]);
    expect(pauses(rejected(500), 1)).toEqual([6_000, 12_000, 18_000, 144_000, 144_000]);
  });

  it('of too many requests is a second at least, and spread over more and more', () => {
    expect(pauses(rejected(429), 0)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(pauses(rejected(429), 1)).toEqual([3_000, 5_000, 9_000, 17_000, 33_000]);
  });

  it('is as long as the response says, where that is longer', () => {
    expect(pauseAfter(rejected(429, { retryAfterMs: 30_000 }), 1, USUAL)).toBe(30_000);
    expect(pauseAfter(rejected(503, { retryAfterMs: 1 }), 1, USUAL, () => 0)).toBe(5_000);
  });

  it('of anything else is the usual one', () => {
    for (const error of [rejected(400), new ConnectionLostError('lost'), new Error('bug')]) {
      expect(pauses(error, 0)).toEqual([100, 200, 400, 800, 1_000]);
    }
  });
});
