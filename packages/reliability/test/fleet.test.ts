import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

let result: NonNullable<Results['fleet']>;

beforeAll(async () => {
  result = await runCampaign('fleet', {
    takeover: { ttlMs: 1_500, workers: 2, logins: 4, kills: 1 },
    chaos: { ttlMs: 1_500, workers: 2, logins: 4, conversationsPerLogin: 3, strikes: 4, messagesPerSecond: 40 },
    broken: { ttlMs: 1_500, logins: 2, conversationsPerLogin: 6 },
    rolling: null,
    cost: null,
    rest: null,
  });
}, 240_000);

describe('a fleet whose workers are killed, frozen and cut off', () => {
  it('loses no message, answers none twice and keeps their order', () => {
    expect(result.chaos).toMatchObject({ lost: 0, twice: 0, unordered: 0 });
    expect(result.takeover).toMatchObject({ lost: 0, twice: 0, kills: 1 });
  });

  it('was struck, and had something to do', () => {
    expect(Object.keys(result.chaos.strikes)).toHaveLength(4);
    expect(result.chaos.messages).toBeGreaterThan(100);
  });

  it('needs its gate: without it, a worker that was frozen answers what its successor answers too', () => {
    expect(result.broken.withGate).toBe(0);
    expect(result.broken.withoutGate).toBeGreaterThan(0);
  });
});
