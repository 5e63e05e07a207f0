import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom } from '../src/lib/random.ts';
import type { Measured } from '../src/report/results.ts';
import { drawManners } from '../src/second/manners.ts';
import { runCampaign } from './campaign.ts';

let result: Measured['second'];

beforeAll(async () => {
  result = await runCampaign('second', { runs: 3, talks: 5, seconds: 60 });
}, 240_000);

describe('a platform that shares nothing with the simulator', () => {
  // verifies: readme:no-loss, answer:exactly-once
  it('under random faults gets every message answered, once, in order, by a bot that never ends', () => {
    const clean = { lost: 0, twice: 0, unordered: 0, ends: [], failures: [] };
    for (const run of result.runs) expect(run).toMatchObject(clean);
  });

  it('has had faults that struck: connections were lost and made anew', () => {
    expect(result.runs.reduce((sum, { reconnects }) => sum + reconnects, 0)).toBeGreaterThan(2);
    expect(result.runs.every(({ messages }) => messages > 60)).toBe(true);
  });

  it('is drawn anew for each seed', () => {
    const drawn = Array.from({ length: 40 }, (_, seed) => drawManners(createRandom(seed)));
    expect(new Set(drawn.map(({ pageSize }) => pageSize)).size).toBe(6);
    expect(new Set(drawn.map((manners) => JSON.stringify(manners))).size).toBeGreaterThan(35);
  });

  it('imports neither the simulator nor the schemas', () => {
    const folder = new URL('../src/second/', import.meta.url);
    const own = ['manners.ts', 'second-platform.ts', 'strikes.ts'];
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(own));
    const shell = new URL('../../agent/test/support/raw-server.ts', import.meta.url);
    for (const file of [...own.map((name) => new URL(name, folder)), shell]) {
      expect(readFileSync(file, 'utf8')).not.toMatch(/from '@lp\/(?!core')/);
    }
  });
});
