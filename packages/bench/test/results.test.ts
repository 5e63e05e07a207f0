import { describe, expect, it } from '@jest/globals';
import { planOf, type Row } from '../src/plan.ts';
import { describeRow, round, targetTable } from '../src/report.ts';
import { conclude } from '../src/results.ts';

const row: Row = {
  id: 'a',
  title: 'some work',
  subjects: ['limit', 'old', 'sdk'],
  task: undefined,
  rounds: 3,
  shows: { cpuUs: 'µs' },
  targets: [
    { figure: 'cpuUs', against: 'limit', most: 1.2 },
    { figure: 'cpuUs', against: 'old', most: 1 },
    { figure: 'cpuUs', least: 100 },
  ],
};
const figures = (...values: number[]) => values.map((cpuUs) => ({ cpuUs }));
const rounds = { limit: figures(10, 11, 30), old: figures(20, 20, 60), sdk: figures(13, 14, 36) };

describe('a row’s result', () => {
  const result = conclude(row, rounds);

  it('holds each subject’s spread', () => {
    expect(result.figures.limit).toEqual({ cpuUs: { median: 11, low: 10, high: 30 } });
  });

  it('misses a target whose median ratio is above it', () => {
    expect(result.targets[0]).toMatchObject({ met: false });
    expect(result.targets[0]?.value.median).toBeCloseTo(1.27);
  });

  it('meets a target whose median ratio is below it, and misses a figure that is too small', () => {
    expect(result.targets.map(({ met }) => met)).toEqual([false, true, false]);
  });

  it('says in words what was met and what was missed', () => {
    const text = describeRow(row, result);
    expect(text).toContain('MISSED cpuUs / ws + JSON.parse 1.27');
    expect(text).toContain('met    cpuUs / node-agent-sdk 0.65');
    expect(targetTable([result])).toContain('| some work | cpuUs / ws + JSON.parse | ≤ 1.2 | 1.27 |');
  });

  it('counts a figure that is missing as a target that is missed', () => {
    expect(conclude(row, { ...rounds, sdk: [{}, {}, {}] }).targets.some(({ met }) => met)).toBe(false);
  });
});

describe('figures', () => {
  it.each([
    [0.123456, '0.123'],
    [12.3456, '12.3'],
    [123_456, '123,456'],
    [Number.NaN, '–'],
  ])('%d reads as %s', (value, text) => {
    expect(round(value)).toBe(text);
  });
});

describe('the plan', () => {
  it.each(['full', 'quick'] as const)('has a row of its own for each work, with this SDK last: %s', (scale) => {
    const plan = planOf(scale);
    expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
    for (const { subjects, targets, shows } of plan) {
      expect(['sdk', 'virtual']).toContain(subjects.at(-1));
      for (const { against, figure } of targets) {
        expect(Object.keys(shows)).toContain(figure);
        expect(subjects).toContain(against ?? subjects.at(-1));
      }
    }
  });
});
