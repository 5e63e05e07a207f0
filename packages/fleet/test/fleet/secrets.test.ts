import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFleet, type FleetOptions } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import { type Simulator, startSimulator } from '@lp/simulator';
import pg from 'pg';
import { createLog } from '../support.ts';
import { echo, until } from './support.ts';

const MARK = 'canary-9e1f';
let server: LocalPostgres;
let simulator: Simulator;

beforeAll(async () => {
  server = await startPostgres();
  simulator = await startSimulator({
    agents: [
      { username: 'good@example.com', password: `${MARK}-password` },
      { username: 'refused@example.com', password: `${MARK}-other` },
    ],
  });
}, 60_000);

afterAll(async () => {
  await simulator.close();
  await server.close();
});

/** Everything in the schema of the fleet, as text. */
async function dump(): Promise<string> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'lp_fleet' order by 1`,
    );
    const tables = rows.map(({ name }) => name);
    const contents: unknown[] = [];
    for (const name of tables)
      contents.push((await client.query(`select row_to_json(t)::text as row from lp_fleet.${name} t`)).rows);
    return JSON.stringify([tables, contents]);
  } finally {
    await client.end();
  }
}

describe('passwords, tokens and what is said', () => {
  it('are in no table, log line, event, view or error of a fleet', async () => {
    const { lines, logger } = createLog();
    const published: unknown[] = [];
    const listen = (event: unknown) => void published.push(event);
    subscribe('lp:fleet:status', listen);
    const options: FleetOptions = {
      accountId: simulator.accountId,
      csdsDomain: simulator.csdsDomain,
      logins: [
        { credentials: { username: 'good@example.com', password: `${MARK}-password` } },
        { credentials: { username: 'refused@example.com', password: `${MARK}-wrong` } },
      ],
      ttlMs: 1_500,
      limits: { loginsPerSecond: 1_000 },
      logger,
    };
    const fleet = await createFleet({ ...options, engine: postgresEngine(server.url), name: 'w' });
    const events: unknown[] = [];
    const reading = (async () => {
      for await (const event of fleet.status()) events.push(event);
    })();
    const served = fleet.serve(echo);
    await until('one is aside', async () => (await fleet.view()).logins.some(({ aside }) => aside !== undefined));
    const chat = await simulator.consumer().startConversation({ message: `${MARK}-text` });
    expect((await chat.next({ timeoutMs: 10_000 })).text).toBe(`echo: ${MARK}-text`);
    await until('its position is kept', async () => (await dump()).includes('"dialog'));
    const seen = [await dump(), inspect(await fleet.view(), { depth: 9 }), inspect(fleet, { depth: 9 })];
    await fleet.drain();
    await Promise.all([served, reading]);
    unsubscribe('lp:fleet:status', listen);
    seen.push(await dump(), inspect([lines, events, published], { depth: 12 }));
    expect(events.length).toBeGreaterThan(3);
    expect(published.length).toBe(events.length);
    for (const text of seen) expect(text).not.toContain(MARK);
    expect(seen[0]).toContain('good@example.com');
  });

  it('are in no file of a fleet without an engine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lp-fleet-test-'));
    const fleet = await createFleet({
      accountId: simulator.accountId,
      csdsDomain: simulator.csdsDomain,
      logins: [{ credentials: { username: 'good@example.com', password: `${MARK}-password` } }],
      folder,
      logger: false,
    });
    const served = fleet.serve(echo);
    await until('it serves', async () => (await fleet.view()).logins.some(({ owner }) => owner !== undefined));
    const chat = await simulator.consumer().startConversation({ message: `${MARK}-again` });
    await chat.next({ timeoutMs: 10_000 });
    await fleet.drain();
    await served;
    const files = readdirSync(folder);
    expect(files).toEqual(['good%40example.com.log']);
    expect(readFileSync(join(folder, files[0] ?? ''), 'utf8')).not.toContain(MARK);
    rmSync(folder, { recursive: true });
  });
});
