import { describe, expect, it } from '@jest/globals';
import type { Row } from '../src/plan.ts';
import { describeRuntimeRow, type RuntimeRow, runOnRuntimes } from '../src/runtimes.ts';

const row: Row = {
  id: 'a',
  title: 'some work',
  subjects: ['limit', 'sdk'],
  task: undefined,
  rounds: 3,
  shows: { cpuUs: 'µs', perSecond: 'per second' },
  targets: [{ figure: 'cpuUs', against: 'limit', most: 2 }],
};

/** Figures by runtime: what the limit costs, and what this SDK does. */
const figures = { old: { limit: 10, sdk: 12 }, new: { limit: 5, sdk: 9 } };

async function compared(given: Row): Promise<RuntimeRow[]> {
  const rows: RuntimeRow[] = [];
  await runOnRuntimes(
    (subject, _, { node }) => {
      const cpuUs = figures[node as 'old' | 'new'][subject as 'limit' | 'sdk'];
      return Promise.resolve({ cpuUs, perSecond: 1_000 / cpuUs });
    },
    [given],
    ['old', 'new'],
    (one) => rows.push(one),
  );
  return rows;
}

describe('the measurement on several runtimes', () => {
  it('compares each one’s ratio with that of the first', async () => {
    const [one] = await compared(row);
    expect(one?.ratios.map(({ median }) => median)).toEqual([1.2, 1.8]);
    expect(one?.apart[1]).toBeCloseTo(1.5);
    expect(describeRuntimeRow(one as RuntimeRow, ['20', '24'])).toBe(
      'some work, cpuUs / ws + JSON.parse: 20 1.2, 24 1.8 (1.5 of the first: MISSED)',
    );
  });

  it('takes a lower ratio for the worse one where more is better', async () => {
    const [one] = await compared({ ...row, targets: [{ figure: 'perSecond', against: 'limit', least: 0.9 }] });
    expect(one?.apart[1]).toBeCloseTo(1.5);
  });

  it('leaves out what has no ratio', async () => {
    expect(await compared({ ...row, targets: [{ figure: 'cpuUs', most: 2 }] })).toEqual([]);
  });
});
