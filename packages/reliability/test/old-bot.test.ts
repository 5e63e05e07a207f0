import { beforeAll, describe, expect, it } from '@jest/globals';
import { oldBotFaults } from '../src/old-bot/faults.ts';
import type { OldBotRow } from '../src/old-bot/run-fault.ts';
import { runCampaign } from './campaign.ts';

const rows = new Map<string, OldBotRow>();

beforeAll(async () => {
  const sizes = { scale: 0.2, packages: ['ours'], atOnce: 6 };
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
