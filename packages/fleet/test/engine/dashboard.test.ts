import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import pg from 'pg';
import { postgresEngine } from '../../src/postgres/index.ts';

const incarnation = '6c1b1d9e-32a5-4d0b-b7f5-0c1d64a4f0aa';
const path = new URL('../../grafana/fleet.json', import.meta.url);
let server: LocalPostgres;
let client: pg.Client;
let engine: ReturnType<typeof postgresEngine>;

beforeAll(async () => {
  server = await startPostgres();
  engine = postgresEngine(server.url, { listen: false });
  await engine.open({ accountId: 'le1', callTimeoutMs: 5_000 });
  await engine.join({ incarnation, name: 'web-1', ttlMs: 3_000 });
  await engine.claim(incarnation, ['a', 'b', 'c', 'd']);
  await engine.beat(incarnation, { a: { open: 5, unhandled: 2, oldestUnhandledMs: 70_000 } });
  await engine.release(incarnation, { login: 'c', epoch: 1 });
  await engine.release(incarnation, { login: 'd', epoch: 1, aside: 'CREDENTIALS_INVALID' });
  client = new pg.Client(server.url);
  await client.connect();
}, 60_000);

afterAll(async () => {
  await client.end();
  await engine.close();
  await server.close();
});

describe('the view lp_fleet.overview', () => {
  it('has a row for each login, with what its owner told', async () => {
    const { rows } = await client.query('select * from lp_fleet.overview order by login');
    expect(rows).toMatchObject([
      {
        login: 'a',
        worker: 'web-1',
        incarnation,
        epoch: '1',
        aside: null,
        open: 5,
        unhandled: 2,
        oldest_unhandled_ms: '70000',
      },
      { login: 'b', worker: 'web-1', open: 0, unhandled: 0, oldest_unhandled_ms: '0' },
      { login: 'c', worker: null, incarnation: null, draining: null },
      { login: 'd', worker: null, aside: 'CREDENTIALS_INVALID' },
    ]);
  });

  const guide = readFileSync(new URL('../../../../docs/fleet.md', import.meta.url), 'utf8');
  const alerts = [...guide.matchAll(/^\| (.+) \| `(.+)` in the view/gm)].map(([, what, condition]) => [
    what,
    condition,
  ]);

  it.each([
    ['a login that nobody has held for two TTLs', ['c']],
    ['a login that was set aside', ['d']],
    ['consumers who wait', ['a']],
  ])('answers the alert that the guide names: %s', async (what, logins) => {
    expect(alerts).toHaveLength(3);
    await client.query(`update lp_fleet.logins set since = now() - interval '1 min' where login = 'c'`);
    const condition = alerts.find(([name]) => name === what)?.[1] ?? 'false';
    const { rows } = await client.query<{ login: string }>(`select login from lp_fleet.overview where ${condition}`);
    expect(rows.map(({ login }) => login)).toEqual(logins);
  });
});

describe('the dashboard', () => {
  interface Panel {
    readonly title: string;
    readonly targets?: readonly { readonly rawSql: string }[];
  }
  const dashboard = JSON.parse(readFileSync(path, 'utf8')) as { readonly panels: readonly Panel[] };
  const queries = dashboard.panels.flatMap(({ targets = [], title }) => targets.map(({ rawSql }) => [title, rawSql]));

  it.each(queries)('can ask what it shows: %s', async (_title, sql = '') => {
    const { rows } = await client.query(sql);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('shows something in each panel', () => {
    expect(queries.length).toBeGreaterThanOrEqual(5);
  });
});
