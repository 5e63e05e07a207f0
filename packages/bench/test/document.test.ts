import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Figures } from '../src/client/tasks.ts';
import { withMeasured, withMemory } from '../src/document.ts';
import { planOf, type Row } from '../src/plan.ts';
import { targetTable } from '../src/report.ts';
import { conclude, type Results } from '../src/results.ts';
import { summaryText } from '../src/summary.ts';

const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const kept = readFileSync(new URL('../results/latest.json', import.meta.url), 'utf8');
const documents = { measured: read('performance.md'), memory: read('deploying.md') };

/** A run in which each subject has the same figures. */
function runOf(plan: readonly Row[], value = 2): Results {
  const rows = plan.map((row) => {
    const figures: Figures = Object.fromEntries(Object.keys(row.shows).map((name) => [name, value]));
    return conclude(row, Object.fromEntries(row.subjects.map((subject) => [subject, [figures]])));
  });
  const machine = {
    node: 'v20.1.2',
    cpu: 'a processor',
    cores: 2,
    memoryGb: 8,
    system: 'an OS',
    versions: { ws: '8.0.0' },
  };
  return { at: '2030-01-02T03:04:05.000Z', ...machine, rows };
}

/** The bounds of a table of targets: what of it is the plan's and not the run's. */
const boundsIn = (text: string): string[] =>
  [...text.matchAll(/^\| (.+?) \| (.+?) \| ([≤≥] [\d.,]+) \|/gm)].map(
    ([, work, figure, bound]) => `${work}: ${figure} ${bound}`,
  );

describe('the documents of what was measured', () => {
  it('name every row and every target of the plan, and the machine with its versions', () => {
    const plan = planOf('full');
    expect(boundsIn(documents.measured)).toEqual(boundsIn(targetTable(runOf(plan).rows)));
    for (const { title } of plan) expect(documents.measured).toContain(`| ${title} |`);
    expect(documents.measured).toMatch(
      /Run of \d{4}-\d\d-\d\d on \d+ cores \(.+\), \d+ GB, .+, Node\.js \d+\.\d+\.\d+; node-agent-sdk \d/,
    );
  });

  it('are written by the run between their marks, and the rest is left as it is', () => {
    const written = withMeasured(
      '# Title\n<!-- measured by `npm run bench`: do not edit -->\nold\n<!-- end of what was measured -->\nrest',
      runOf(planOf('full')),
    );
    expect(written).toMatch(/^# Title\n[\s\S]*\nrest$/);
    expect(written).not.toContain('\nold\n');
    expect(written).toContain('Run of 2030-01-02 on 2 cores (a processor), 8 GB, an OS, Node.js 20.1.2; ws 8.0.0.');
    expect(written).toContain('| import, connect, and answer one conversation that waits | 2 ms import,');
  });

  it('say how many targets were met', () => {
    const targets = [
      { figure: 'cpuUs', most: 1 },
      { figure: 'cpuUs', most: 3 },
    ];
    const row: Row = {
      id: 'echo-1',
      title: 'work',
      subjects: ['sdk'],
      task: undefined,
      rounds: 1,
      shows: { cpuUs: 'µs' },
      targets,
    };
    expect(withMeasured(documents.measured, runOf([row]))).toContain('1 of 2 were met, 1 missed.');
    expect(withMeasured(documents.measured, runOf([row], 0.5))).toContain('All 2 were met.');
  });

  it('tell in the guide for small containers what each work took', () => {
    const guide = withMemory(documents.memory, runOf(planOf('full'), 123));
    expect(guide).toContain('| start with 10,000 open conversations, heap limit 128 MB | 123 MB |');
    expect(documents.memory).toMatch(/\| start with 10,000 open conversations, heap limit 128 MB \| (\d+|–) MB \|/);
  });

  it('are what the kept summary says: six digits of each figure, a row a line', () => {
    const results = JSON.parse(kept) as Results;
    expect(withMeasured(documents.measured, results)).toBe(documents.measured);
    expect(withMemory(documents.memory, results)).toBe(documents.memory);
    expect(summaryText(results)).toBe(kept);
    const figures = { sdk: { cpuUs: { median: 1.23456789, low: 1, high: 480_720.643 } } };
    const [row] = results.rows;
    expect(summaryText({ ...results, rows: [{ ...row, figures }] } as Results)).toContain(
      '{"median":1.23457,"low":1,"high":480721}',
    );
  });

  it('are refused without their marks', () => {
    expect(() => withMeasured('# Performance', runOf([]))).toThrow('lacks');
  });
});
