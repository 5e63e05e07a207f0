import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SequenceLedger } from '../../src/streams/sequence-ledger.ts';
import { type Run, runSchedule, type Sight } from './run-schedule.ts';
import { schedules } from './schedules.ts';

const RUNS = 3000;
// Always the same schedules, so that a failure is one of the code; another seed looks elsewhere.
const SEED = Number(process.env['LP_PROPERTY_SEED'] ?? 20_300_101);

describe('a durable stream under random schedules', () => {
  it('gives every event once, in order, within its bounds', async () => {
    const runs: Run[] = [];
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        runs.push(await runSchedule(schedule, (capacity) => new SequenceLedger(capacity)));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    const counts: Partial<Record<Sight, number>> = {};
    for (const { sights } of runs) for (const sight of sights) counts[sight] = (counts[sight] ?? 0) + 1;
    console.log(
      counts,
      runs.reduce((sum, r) => sum + r.delivered, 0),
      runs.reduce((sum, r) => sum + r.queries, 0),
    );
    expect(runs.length).toBeGreaterThanOrEqual(RUNS);
  }, 60_000);
});
