import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { withMeasured } from '../src/document.ts';
import { planOf } from '../src/plan.ts';
import type { Results } from '../src/results.ts';
import { summaryText } from '../src/summary.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const results = JSON.parse(read('../results/latest.json')) as Results;
const document = read('../../../docs/performance.md');

describe('the document of what was measured', () => {
  it('is what the kept results say', () => {
    expect(withMeasured(document, results)).toBe(document);
    expect(document).toContain('| 200,000 messages in 1 conversation |');
  });

  it('has every row and every target of the plan', () => {
    expect(results.rows.map(({ id, targets }) => [id, targets.length])).toEqual(
      planOf('full').map(({ id, targets }) => [id, targets.length]),
    );
  });

  it('is refused without its marks', () => {
    expect(() => withMeasured('# Performance', results)).toThrow('lacks');
  });

  it('keeps a summary: six digits of each figure, a row a line', () => {
    const kept = read('../results/latest.json');
    expect(summaryText(results)).toBe(kept);
    expect(kept.length).toBeLessThan(30_000);
    const row = { ...results.rows[0], figures: { sdk: { cpuUs: { median: 1.23456789, low: 1, high: 480_720.643 } } } };
    expect(summaryText({ ...results, rows: [row] } as Results)).toContain('{"median":1.23457,"low":1,"high":480721}');
  });
});
