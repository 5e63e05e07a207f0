import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SoakResult } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

let result: SoakResult;

beforeAll(async () => {
  result = await runCampaign('soak', {
    unread: { count: 30_000, said: 3_000 },
    fast: { messages: 3_000, conversations: 2 },
    weeks: { days: 2 },
    many: { count: 1_500, sample: 500 },
  });
}, 120_000);

describe('a flood that nobody reads', () => {
  // verifies: slow:latest, threat:flood, kept:messages, status:slow-stream
  it('stays within the capacity of each stream and is told of', () => {
    expect(result.unread.failures).toEqual([]);
    expect(result.unread.streams['notifications']).toMatchObject({ buffered: 1_024 });
    expect(result.unread.streams['notifications']?.dropped).toBeGreaterThan(20_000);
  });

  // verifies: receive:slow, slow:durable
  it('takes nothing from the dialog that is read later', () => {
    expect(result.unread.durable).toEqual({ said: 3_000, read: 3_000 });
  });
});

describe('a platform that is faster than the bot', () => {
  // verifies: threat:flood
  it('is answered in full, once and in order', () => {
    expect(result.fast).toMatchObject({ lost: 0, twice: 0, unordered: 0, failures: [] });
    expect(result.fast.slowConsumers).toBeGreaterThan(0);
  });
});

describe('more conversations than one notification holds', () => {
  it('are all served', () => {
    expect(result.many).toMatchObject({ answered: 1_500, lost: 0, twice: 0, failures: [] });
  });
});

describe('days of quiet work', () => {
  // verifies: status:session-refreshed
  it('lose nothing and pile up nothing', () => {
    expect(result.weeks).toMatchObject({ lost: 0, twice: 0, unordered: 0, failures: [] });
  });
});
