import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ExitRow } from '../src/exit/run-exit.ts';
import { exitScenarios } from '../src/exit/run-exit.ts';
import { runCampaign } from './campaign.ts';

// 100 ms are promised; a machine that does other things at the same time is given more.
const PATIENT_MS = 2_000;
let rows: readonly ExitRow[];

beforeAll(async () => {
  rows = await runCampaign('exit', { limitMs: PATIENT_MS });
}, 120_000);

describe('a process ends by itself soon after', () => {
  it.each(exitScenarios.map(({ what }) => what))('%s', (what) => {
    const row = rows.find((one) => one.what === what);
    expect(row?.exitCode).toBe(0);
    expect(row?.exitAfterMs).toBeLessThan(PATIENT_MS);
  });
});
