import { beforeAll, describe, expect, it } from '@jest/globals';
import { scenarios } from '../src/faults/all.ts';
import { GROUPS } from '../src/faults/scenario.ts';
import type { MeasuredFaultRow } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

const rows = new Map<string, MeasuredFaultRow>();

beforeAll(async () => {
  for (const row of await runCampaign('faults', { inOneProcess: true })) rows.set(row.id, row);
}, 600_000);

describe.each(Object.entries(GROUPS))('faults: %s (%s)', (group) => {
  // verifies: readme:alive, error:not-connected, error:auth, refusal:429, refusal:5xx, network:hosts, threat:look-up
  // verifies: session:refresh-401, session:blocked, login:bearer
  it.each(scenarios.filter((scenario) => scenario.group === group).map(({ id, what }) => [what, id]))(
    'loses nothing, repeats nothing, leaks nothing, leaves nothing behind: %s',
    (_what, id) => {
      expect(rows.get(id)).toMatchObject({ lost: 0, unordered: 0, unhandled: 0, leaks: [], remains: '', failures: [] });
    },
  );
});

describe('the table of faults', () => {
  it('has a row of its own for each', () => {
    expect(rows.size).toBe(scenarios.length);
    expect(new Set(scenarios.map(({ what, group }) => `${group} ${what}`)).size).toBe(scenarios.length);
  });

  it('was run against a bot that answers: each fault takes time, and most are over by themselves', () => {
    const recovered = [...rows.values()].filter(({ outcome }) => outcome === 'recovered');
    expect(recovered.length).toBeGreaterThan(100);
    const connections = recovered.filter(({ group }) => group === 'connection');
    expect(connections.filter(({ afterMs }) => afterMs < 50)).toEqual([]);
  });
});
