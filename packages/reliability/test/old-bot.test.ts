import { beforeAll, describe, expect, it } from '@jest/globals';
import { oldBotFaults } from '../src/old-bot/faults.ts';
import type { OldBotRow } from '../src/old-bot/run-fault.ts';
import { runCampaign } from './campaign.ts';

const rows = new Map<string, OldBotRow>();
const sizes = { scale: 0.2, packages: ['ours'], atOnce: 6 };

beforeAll(async () => {
  for (const row of await runCampaign('old-bot', sizes)) rows.set(row.id, row);
}, 180_000);

describe('a bot written for the old SDK, on the package that takes its place', () => {
  it.each(oldBotFaults.map(({ id, what }) => [what, id]))(
    'answers every message once, on one connection, without a storm of logins: %s',
    (_what, id) => {
      expect(rows.get(id)).toMatchObject({ outcome: 'recovered', failures: [] });
    },
  );
});

// The rest of the faults with these: `npm run faults:old-bot -- '{"packages":["ours"],"retries":["none"]}'`.
const retries = ['none', 'as the README says'];
const ids = ['close-1011', 'revoked', 'all-down', 'twice', 'pending'];

describe('the same bot with no retry of its own, and with that of the old README', () => {
  it('recovers as well', async () => {
    const outcomes = await runCampaign('old-bot', { ...sizes, ids, retries });
    expect(outcomes).toHaveLength(ids.length * retries.length);
    expect(outcomes.filter(({ outcome, failures }) => outcome !== 'recovered' || failures.length > 0)).toEqual([]);
  }, 180_000);
});
