import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Results } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

let result: NonNullable<Results['chaos']>;

beforeAll(async () => {
  result = await runCampaign('chaos', {
    conversations: 40,
    seconds: 300,
    killed: { conversations: 10, seconds: 100, factor: 20, longestLife: 40 },
  });
}, 120_000);

describe('random faults, one each second', () => {
  // verifies: readme:no-loss, threat:logs
  it('lose no message, repeat no answer, change no order, leak nothing and leave no memory behind', () => {
    expect(result.virtual).toMatchObject({ faults: 300, lost: 0, twice: 0, unordered: 0, failures: [] });
  });

  it('have struck: connections were lost, and the bot was busy', () => {
    expect(result.virtual.reconnects).toBeGreaterThan(20);
    expect(result.virtual.messages).toBeGreaterThan(600);
  });
});

describe('random faults, and a bot that is killed again and again', () => {
  // verifies: readme:no-loss, restart:cursors, answer:exactly-once
  it('lose no message, repeat no answer and change no order', () => {
    expect(result.killed).toMatchObject({ lost: 0, twice: 0, unordered: 0, failures: [] });
  });

  it('have struck: it was killed', () => {
    expect(result.killed.kills).toBeGreaterThan(0);
  });
});
