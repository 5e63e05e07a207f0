import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { scenarios } from '../src/faults/all.ts';
import { readResults } from '../src/report/campaign.ts';
import { renderReport } from '../src/report/render.ts';
import { summaryOf, summaryText } from '../src/report/summary.ts';

const results = readResults(fileURLToPath(new URL('../results', import.meta.url)));

describe('the document of what was measured', () => {
  it('is what the kept results say', () => {
    const path = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
    expect(readFileSync(path, 'utf8')).toBe(renderReport(results));
  });

  it('has a row for every fault there is', () => {
    expect(results.faults?.map(({ id }) => id)).toEqual(scenarios.map(({ id }) => id));
  });

  it('is of runs in which everything held', () => {
    const { faults = [], fuzz, chaos, soak } = results;
    expect(faults.flatMap(({ failures = [] }) => failures)).toEqual([]);
    expect([fuzz?.decode, fuzz?.live, fuzz?.http].map((part) => part?.failures)).toEqual([[], [], []]);
    expect([chaos?.virtual, chaos?.killed].map((part) => part?.failures)).toEqual([[], []]);
    expect([soak?.unread, soak?.fast, soak?.many, soak?.weeks].map((part) => part?.failures)).toEqual([[], [], [], []]);
  });

  it('is of a fleet that was struck two hundred times and more, and of defences that are all needed', () => {
    const { chaos, defences = [] } = results.fleet ?? {};
    const strikes = Object.values(chaos?.strikes ?? {}).reduce((sum, times) => sum + times, 0);
    expect(strikes).toBeGreaterThanOrEqual(200);
    expect(chaos).toMatchObject({ lost: 0, twice: 0, unordered: 0, crashes: 0 });
    expect(defences.map(({ defence }) => defence)).toEqual(['gate', 'lookUp', 'fence', 'burial', 'limiter']);
    for (const { most, with: withIt, without } of defences) {
      expect(withIt).toBeLessThanOrEqual(most);
      expect(without).toBeGreaterThan(most);
    }
  });

  it('is of bots that were killed 1,000 times in the middle of forms and 200 times of answers, with nothing wrong, and of 1,000 hand-offs', () => {
    const { rows = [], handOffs } = results.kills ?? {};
    const atRandom = (kind: string) =>
      rows
        .filter((row) => row.kind === kind && (row.how === 'random' || row.how === 'faults'))
        .reduce((sum, { kills }) => sum + kills, 0);
    expect(rows.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(atRandom('form')).toBeGreaterThanOrEqual(1_000);
    expect(atRandom('stream')).toBeGreaterThanOrEqual(200);
    for (const kind of ['form', 'stream'])
      expect(rows.filter((row) => row.kind === kind && row.how === 'points' && row.kills > 0)).not.toEqual([]);
    expect(handOffs).toMatchObject({ late: 0, untold: 0, toldTwice: 0, failures: [] });
    expect(handOffs?.conversations).toBeGreaterThanOrEqual(1_000);
  });

  it('is of runs as long as they should be', () => {
    const { fuzz, chaos, soak } = results;
    expect(fuzz?.decode.inputs).toBeGreaterThanOrEqual(1_000_000);
    expect(fuzz?.live.inputs).toBeGreaterThanOrEqual(100_000);
    expect(chaos?.virtual).toMatchObject({ conversations: 500, virtualSeconds: 10_000, faults: 10_000 });
    expect(soak?.unread.notifications).toBe(1_000_000);
    expect(soak?.many.conversations).toBe(100_000);
  });

  it('is kept as a summary: small enough to be read in a review', () => {
    const folder = new URL('../results/', import.meta.url);
    const sizes = readdirSync(folder).map((name) => [name, statSync(new URL(name, folder)).size]);
    expect(sizes.filter(([, size]) => Number(size) > 25_000)).toEqual([]);
  });
});

describe('the summary of a fault', () => {
  const row = {
    id: 'a',
    group: 'connection',
    what: 'b',
    outcome: 'recovered',
    afterMs: 5,
    lost: 0,
    twice: 0,
    unordered: 0,
    unhandled: 0,
    leaks: [],
    remains: '',
    failures: [],
    exitAfterMs: 1.6,
  } as const;

  it('leaves out what is as it should be', () => {
    const summary = { id: 'a', outcome: 'recovered', afterMs: 5, lost: 0, twice: 0, unhandled: 0, exitAfterMs: 2 };
    expect(summaryOf([row])).toEqual([summary]);
    expect(summaryText([summary, summary]).split('\n')).toHaveLength(5);
  });

  it('keeps what is not', () => {
    expect(summaryOf([{ ...row, remains: '1 timer', failures: ['one lost'], exitAfterMs: undefined }])).toEqual([
      expect.objectContaining({ remains: '1 timer', failures: ['one lost'] }),
    ]);
  });
});
