import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import pg from 'pg';
import { postgresEngine } from '../../src/postgres/index.ts';
import { engineContract } from '../../src/testing/index.ts';
import { findPgbouncer, startPgbouncer } from './pgbouncer.ts';
import { startTransactionPooler, type TransactionPooler } from './transaction-pooler.ts';

const setting = { accountId: 'le12345678', callTimeoutMs: 5_000 };
const pgbouncer = findPgbouncer();
let server: LocalPostgres;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterAll(async () => {
  await server.close();
});

const poolers: [string, () => Promise<TransactionPooler>][] = [
  ['a pooler in transaction mode', () => startTransactionPooler(server.port)],
];
if (pgbouncer !== undefined)
  poolers.push(['pgbouncer in transaction mode', () => startPgbouncer(pgbouncer, server.port)]);

describe.each(poolers)('the engine behind %s', (_name, start) => {
  let pooler: TransactionPooler;
  const url = () => `postgresql://lp@127.0.0.1:${pooler.port}/postgres`;

  beforeAll(async () => {
    pooler = await start();
  });

  afterAll(async () => {
    await pooler.close();
  });

  it('has no session: what one statement sets, a later one does not find', async () => {
    const client = new pg.Client(url());
    await client.connect();
    // Another transaction at the same time keeps a pooler from giving the same connection out again.
    const other = new pg.Client(url());
    await other.connect();
    const pids: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      pids.push(rows[0]?.pid);
      await other.query('begin');
      await other.query('select 1');
      const { rows: again } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      pids.push(again[0]?.pid);
      await other.query('rollback');
    }
    expect(new Set(pids).size).toBeGreaterThan(1);
    await Promise.all([client.end(), other.end()]);
  });

  it.each(engineContract({ createEngine: () => postgresEngine(url(), { listen: false }) }))(
    '$name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
  );

  it('is migrated once by many who start at the same time, and works with LISTEN that brings nothing', async () => {
    const engines = Array.from({ length: 6 }, () => postgresEngine(url()));
    await Promise.all(engines.map((engine) => engine.open(setting)));
    const [one, other] = engines as [ReturnType<typeof postgresEngine>, ReturnType<typeof postgresEngine>];
    const incarnation = '0b0e5c1e-8c6c-4d0b-9a62-0a9b5f0f6c11';
    await one.join({ incarnation, name: 'pooled', ttlMs: 3_000 });
    await expect(other.pulse()).resolves.toHaveProperty('size');
    expect((await other.pulse()).has(incarnation)).toBe(true);
    await one.remove(incarnation);
    await Promise.all(engines.map((engine) => engine.close()));
  });
});
