import { describe, expect, it } from '@jest/globals';
import { type Check, runCheck } from '../src/gate.ts';

const task = { task: 'start', conversations: 1, historyLength: 1 } as const;
const ratio: Check = { title: 'work', task, figure: 'cpuUs', against: 'limit', most: 2 };

/** Measures that give each subject's figures in turn, the last again and again. */
function measured(figures: { readonly limit?: number[]; readonly sdk: (number | undefined)[] }) {
  const asked = { limit: 0, sdk: 0 };
  const measure: Parameters<typeof runCheck>[1] = (subject) => {
    const name = subject as 'limit' | 'sdk';
    const values = figures[name] ?? [];
    const cpuUs = values[Math.min(asked[name]++, values.length - 1)];
    return Promise.resolve(cpuUs === undefined ? {} : { cpuUs });
  };
  return { asked, measure };
}

describe('the gate', () => {
  it('passes what costs about what the limit costs, after two rounds', async () => {
    const { asked, measure } = measured({ limit: [10], sdk: [15] });
    expect(await runCheck(ratio, measure)).toMatchObject({ passed: true, value: 1.5 });
    expect(asked).toEqual({ limit: 2, sdk: 2 });
  });

  it('measures again what seems to fail, and forgives rounds that something else has disturbed', async () => {
    const { asked, measure } = measured({ limit: [10], sdk: [90, 40, 30, 15] });
    expect(await runCheck(ratio, measure)).toMatchObject({ passed: true, value: 1.5 });
    expect(asked.sdk).toBe(4);
  });

  it('fails what costs more in each round, however often it is measured', async () => {
    const { asked, measure } = measured({ limit: [10, 30, 10], sdk: [25] });
    expect(await runCheck(ratio, measure)).toMatchObject({ passed: false, value: 2.5 });
    expect(asked.sdk).toBe(4);
  });

  it('bounds a figure without a noise, as a count is, at once', async () => {
    const { asked, measure } = measured({ sdk: [3] });
    const count: Check = { title: 'count', task, figure: 'cpuUs', most: 2 };
    expect(await runCheck(count, measure)).toMatchObject({ passed: false, value: 3, against: undefined });
    expect(asked).toEqual({ limit: 0, sdk: 1 });
  });

  it('fails a figure that is missing', async () => {
    const { measure } = measured({ limit: [10], sdk: [undefined] });
    expect(await runCheck(ratio, measure)).toMatchObject({ passed: false });
  });
});
