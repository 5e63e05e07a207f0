import { describe, expect, it } from '@jest/globals';
import { judge } from '../src/gate.ts';

const rounds = (...values: [number, number, number][]) => values.map((figures) => figures.map((cpuUs) => ({ cpuUs })));

const limit = rounds([7, 12, 8], [7, 12, 8], [9, 13, 9]);

describe('the gate', () => {
  it('passes what costs about what the limit costs', () => {
    expect(judge(rounds([9, 17, 14], [9, 17, 14], [9, 17, 14]), limit).map(({ passed }) => passed)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('fails what costs several times as much, and only that', () => {
    expect(judge(rounds([9, 80, 14], [9, 80, 14], [9, 80, 14]), limit).map(({ passed }) => passed)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('forgives rounds that something else has disturbed', () => {
    expect(judge(rounds([90, 170, 140], [9, 17, 14], [40, 60, 70]), limit).every(({ passed }) => passed)).toBe(true);
  });

  it('fails a figure that is missing', () => {
    expect(judge([[{}, {}, {}]], limit).some(({ passed }) => passed)).toBe(false);
  });
});
