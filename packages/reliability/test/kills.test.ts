import { beforeAll, describe, expect, it } from '@jest/globals';
import type { KillsResult } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

let result: KillsResult;

beforeAll(async () => {
  result = await runCampaign('kills', {
    forms: 16,
    streams: 16,
    faults: 0,
    withoutIds: false,
    points: { form: 2, stream: 2 },
    conversations: 6,
    lanes: 2,
    handOffs: { conversations: 20, concurrency: 10, factor: 5 },
  });
}, 300_000);

describe('a bot that is killed in the middle of its work', () => {
  // verifies: ask:rerun, answer:exactly-once
  it('says and uses everything once, whatever it keeps its place in', () => {
    expect(result.rows.flatMap(({ wrong }) => wrong)).toEqual([]);
  });

  it('was killed, with conversations under way', () => {
    for (const { kills } of result.rows) expect(kills).toBeGreaterThan(0);
    expect(result.rows.reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(90);
  });
});

describe('a bot that hands conversations off while faults strike', () => {
  // verifies: handoff:silence
  it('lets nothing out afterwards', () => {
    expect(result.handOffs).toMatchObject({ late: 0, toldTwice: 0, failures: [] });
    expect(result.handOffs.conversations).toBeGreaterThanOrEqual(20);
    expect(result.handOffs.refused).toBeGreaterThan(0);
  });
});
