import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SequenceLedger } from '../../src/dialog/sequence-ledger.ts';
import { brokenLedgers } from './broken-ledgers.ts';
import { type Run, runSchedule, type Sight } from './run-schedule.ts';
import { type Schedule, schedules } from './schedules.ts';

const RUNS = 3000;
// Always the same schedules, so that a failure is one of the code; another seed looks elsewhere.
const SEED = Number(process.env['LP_PROPERTY_SEED'] ?? 20_300_101);

// In how many of the runs each case must be met, at least. About half of what is seen with any seed.
const LEAST: Record<Sight, number> = {
  'disconnect during a query': 1200,
  'response from before a disconnect after it': 700,
  'stale response': 1200,
  'failed query': 600,
  'several pages': 1200,
  'live event during a query': 1200,
  duplicate: 700,
  reorder: 350,
  jump: 1000,
  'hint first': 1000,
  overflow: 300,
  gap: 200,
  'reconnect told late': 300,
  'lost in the history': 350,
  typing: 500,
  ended: 1000,
};

describe('a durable stream under random schedules', () => {
  const runs: { schedule: Schedule; run: Run }[] = [];

  // verifies: receive:order
  it('gives every event once, in order, and never keeps more than twice its capacity', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        const run = await runSchedule(schedule, (capacity) => new SequenceLedger(capacity));
        runs.push({ schedule, run });
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(runs).toHaveLength(RUNS);
    for (const { schedule, run } of runs) expect(run.mostKept).toBeLessThanOrEqual(2 * schedule.capacity);
  }, 300_000);

  it('met every case that the schedules are meant for, often', () => {
    const count = (test: (entry: (typeof runs)[number]) => boolean) => runs.filter(test).length;
    const rare = Object.entries(LEAST)
      .map(([sight, least]) => ({ sight, least, seen: count(({ run }) => run.sights.has(sight as Sight)) }))
      .filter(({ seen, least }) => seen < least);
    expect(rare).toEqual([]);
    const delivered = runs.reduce((sum, { run }) => sum + run.delivered, 0);
    expect(delivered / RUNS).toBeGreaterThan(25);
  });

  it('drew every capacity and every kind of server about equally often', () => {
    const share = (test: (schedule: Schedule) => boolean) =>
      runs.filter(({ schedule }) => test(schedule)).length / RUNS;
    for (let capacity = 1; capacity <= 16; capacity++) {
      expect(share((schedule) => schedule.capacity === capacity)).toBeGreaterThan(0.03);
    }
    expect(share(({ traits }) => traits.inclusive)).toBeGreaterThan(0.4);
    expect(share(({ traits }) => !traits.inclusive)).toBeGreaterThan(0.4);
    expect(share(({ traits }) => traits.pageLimit !== undefined)).toBeGreaterThan(0.4);
    expect(share(({ traits }) => traits.tellsEnd)).toBeGreaterThan(0.4);
    expect(share(({ traits }) => traits.stores === 'content')).toBeGreaterThan(0.25);
    expect(share(({ traits }) => traits.pushes === 'content')).toBeGreaterThan(0.25);
    for (const start of ['beginning', 'middle', 'live', 'looked up']) {
      expect(share((schedule) => schedule.start === start)).toBeGreaterThan(0.2);
    }
  });

  it.each(Object.entries(brokenLedgers))(
    'finds out a ledger that %s',
    async (_mistake, makeLedger) => {
      const property = fc.asyncProperty(schedules, async (schedule) => {
        await runSchedule(schedule, makeLedger);
      });
      const { failed } = await fc.check(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
      expect(failed).toBe(true);
    },
    300_000,
  );
});
