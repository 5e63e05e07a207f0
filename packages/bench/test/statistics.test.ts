import { describe, expect, it } from '@jest/globals';
import { ratioOf, spreadOf } from '../src/statistics.ts';

describe('the spread of rounds', () => {
  it('is the middle one of an odd number, and its extremes', () => {
    expect(spreadOf([3, 1, 10])).toEqual({ median: 3, low: 1, high: 10 });
  });

  it('is half-way between the middle two of an even number', () => {
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1, high: 4 });
  });

  it('is no number when nothing was measured', () => {
    expect(spreadOf([])).toEqual({ median: Number.NaN, low: Number.NaN, high: Number.NaN });
  });

  it('compares round with round, so that a slow round of both changes nothing', () => {
    expect(ratioOf([2, 20, 4], [1, 10, 2])).toEqual({ median: 2, low: 2, high: 2 });
  });
});
