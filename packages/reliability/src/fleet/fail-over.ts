import type { LocalReplica } from '@lp/local-postgres';
import pg from 'pg';
import { type Lab, pause } from './lab.ts';
import { TcpProxy } from './tcp-proxy.ts';

export interface FailOverOptions {
  readonly isSynchronous: boolean;
  /** How long before its end the server's commits reach an asynchronous replica no more. */
  readonly lossMs: number;
}

/** Makes a streaming replica of the lab's database, kills the server, and promotes the replica in its place. */
export async function failOver(lab: Lab, { isSynchronous, lossMs }: FailOverOptions): Promise<void> {
  const link = await TcpProxy.start(lab.database.port);
  const admin = new pg.Client(lab.database.url);
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    const replica = await startReplica(lab, admin, link.port);
    await until(admin, `select 1 from pg_stat_replication where state = 'streaming'`);
    if (isSynchronous) {
      await admin.query(`alter system set synchronous_standby_names = 'replica'`);
      await admin.query('select pg_reload_conf()');
      await until(admin, `select 1 from pg_stat_replication where sync_state = 'sync'`);
    } else link.stall();
    await pause(lossMs);
    await lab.database.kill();
    await replica.promote();
    await lab.adopt(replica);
  } finally {
    await admin.end().catch(() => undefined);
    await link.close();
  }
}

function startReplica(lab: Lab, admin: pg.Client, port: number): Promise<LocalReplica> {
  return lab.database.replica(async (copy) => {
    await admin.query(`select pg_backup_start('fleet', true)`);
    await copy();
    const { rows } = await admin.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    return rows[0]?.labelfile ?? '';
  }, port);
}

async function until(admin: pg.Client, query: string): Promise<void> {
  const end = Date.now() + 20_000;
  while ((await admin.query(query)).rows.length === 0) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${query}`);
    await pause(20);
  }
}
