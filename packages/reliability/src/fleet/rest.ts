import { createFleet, type Fleet } from '@lp/fleet';
import { postgresEngine } from '@lp/fleet/postgres';
import { startPostgres } from '@lp/local-postgres';
import { startSimulator } from '@lp/simulator';
import pg from 'pg';
import { pause } from './lab.ts';

export interface RestOptions {
  readonly workers: number;
  readonly logins: number;
  readonly ttlMs: number;
  readonly seconds: number;
}

/** What a fleet that has nothing to do asks of its database. */
export interface RestResult {
  readonly workers: number;
  readonly logins: number;
  readonly ttlMs: number;
  readonly transactionsPerSecond: number;
  readonly viewMs: number;
}

/** Counts the transactions of a fleet at rest: all its workers, in one process, each with its own connections. */
export async function runRest({ logins, seconds, ttlMs, workers }: RestOptions): Promise<RestResult> {
  await using database = await startPostgres({ settings: { max_connections: 300 } });
  const agents = Array.from({ length: logins }, (_, i) => ({ username: `bot-${i}@example.com` }));
  await using simulator = await startSimulator({ agents });
  const { accountId, csdsDomain } = simulator;
  const list = simulator.agents.map(({ username, password }) => ({ credentials: { username, password } }));
  const client = new pg.Client(database.url);
  client.on('error', () => undefined);
  await client.connect();
  const fleets: Fleet[] = [];
  try {
    for (let i = 0; i < workers; i++) {
      const engine = postgresEngine(database.url);
      const limits = { loginsPerSecond: 10_000 };
      fleets.push(
        await createFleet({
          accountId,
          csdsDomain,
          logins: list,
          engine,
          name: `worker-${i}`,
          ttlMs,
          limits,
          logger: false,
        }),
      );
    }
    const served = fleets.map((fleet) => fleet.serve(async () => undefined));
    const [first] = fleets as [Fleet, ...Fleet[]];
    const isEven = async () => {
      // On a busy machine a view may not come in time; it is asked for again.
      const { logins: rows } = (await first.view().catch(() => undefined)) ?? { logins: [] };
      const counts = new Map<string, number>();
      for (const { owner = '' } of rows) counts.set(owner, (counts.get(owner) ?? 0) + 1);
      return rows.length === logins && !counts.has('') && Math.max(...counts.values()) <= Math.ceil(logins / workers);
    };
    while (!(await isEven())) await pause(500);
    const transactions = async () => {
      const { rows } = await client.query('select sum(xact_commit + xact_rollback)::bigint as n from pg_stat_database');
      return Number((rows as { n: string }[])[0]?.n);
    };
    // The server tells its counters with a delay of a second.
    await pause(3_000);
    const before = await transactions();
    await pause(seconds * 1_000);
    const transactionsPerSecond = Math.round(((await transactions()) - before) / seconds);
    const startedAt = performance.now();
    await first.view();
    const viewMs = Math.round(performance.now() - startedAt);
    await Promise.all(fleets.map((fleet) => fleet.drain()));
    await Promise.all(served);
    return { workers, logins, ttlMs, transactionsPerSecond, viewMs };
  } finally {
    await Promise.all(fleets.map((fleet) => fleet.drain()));
    await client.end();
  }
}
