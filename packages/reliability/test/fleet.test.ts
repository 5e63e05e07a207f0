import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

let result: NonNullable<Results['fleet']>;

// Places in the list of strikes: kill -9, frozen between gate and system call, commits hang, the engine is killed, a replica is promoted.
const KINDS = [0, 4, 17, 18, 21];

beforeAll(async () => {
  result = await runCampaign('fleet', {
    chaos: {
      ttlMs: 1_500,
      workers: 2,
      logins: 4,
      conversationsPerLogin: 3,
      strikes: KINDS.length,
      kinds: KINDS,
      messagesPerSecond: 40,
    },
    defences: { ttlMs: 1_500, logins: 2, conversationsPerLogin: 6, only: ['gate', 'lookUp'] },
    figures: {
      takeover: null,
      rolling: null,
      brand: null,
      cost: null,
      rest: null,
      commits: { perMinute: 20_000, seconds: 1, logins: 5, dialogsPerLogin: 4 },
    },
  });
}, 900_000);

describe('a fleet whose workers are killed and frozen, and whose database fails over', () => {
  it('loses no message, answers none twice and keeps their order', () => {
    expect(result.chaos).toMatchObject({ lost: 0, twice: 0, unordered: 0, crashes: 0 });
  });

  it('was struck, and had something to do', () => {
    expect(Object.keys(result.chaos.strikes)).toHaveLength(KINDS.length);
    expect(result.chaos.messages).toBeGreaterThan(100);
  });

  it('needs its gate: without it, a worker that was frozen answers what its successor answers too', () => {
    expect(result.defences.find(({ defence }) => defence === 'gate')).toMatchObject({ with: 0, without: 12 });
  });

  it('needs its look-up: without it, what a killed worker had said is said again', () => {
    expect(result.defences.find(({ defence }) => defence === 'lookUp')).toMatchObject({ with: 0, without: 12 });
  });

  it('keeps up with commits', () => {
    expect(result.figures.commits?.commits).toBeGreaterThan(300);
  });
});
