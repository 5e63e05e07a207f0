import { ConfigError } from '@lp/core';
import type { PgClient } from './pg-types.ts';

/** The oldest server that the statements work on. */
const OLDEST_SERVER = 120_000;
// Any number that other programs are unlikely to lock.
const MIGRATION_LOCK = 5_108_702_118;

/**
 * One entry a version, never changed once released. Workers of the versions before go on working while and after a newer
 * one migrates, and are started again on its tables when a deployment is taken back, so a migration adds and never takes
 * away. One that has to would set `oldest` to its own version: older ones then refuse the database.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table lp_fleet.workers (
    incarnation uuid primary key,
    name text not null,
    beat bigint not null default 0,
    draining boolean not null default false,
    info jsonb not null default '{}',
    joined timestamptz not null default clock_timestamp()
  );
  create table lp_fleet.logins (
    login text primary key,
    owner uuid references lp_fleet.workers (incarnation) on delete set null,
    epoch bigint not null default 0,
    since timestamptz not null default clock_timestamp(),
    clean boolean not null default true,
    aside text,
    move boolean not null default false,
    avoid uuid
  );
  create index logins_owner on lp_fleet.logins (owner);
  create table lp_fleet.cursors (
    login text not null,
    dialog text not null,
    seq bigint not null,
    revision bigint not null,
    epoch bigint not null,
    state json not null,
    at timestamptz not null default clock_timestamp(),
    primary key (login, dialog)
  ) with (fillfactor = 80);
  create table lp_fleet.limits (
    key text primary key,
    next_at timestamptz not null default '-infinity',
    held_until timestamptz not null default '-infinity'
  );
  create view lp_fleet.overview as
    select l.login, w.name as worker, l.owner as incarnation, l.epoch, l.since, l.aside, l.move,
      w.draining,
      coalesce((w.info -> l.login ->> 'open')::int, 0) as open,
      coalesce((w.info -> l.login ->> 'unhandled')::int, 0) as unhandled,
      coalesce((w.info -> l.login ->> 'oldestUnhandledMs')::bigint, 0) as oldest_unhandled_ms
    from lp_fleet.logins l left join lp_fleet.workers w on w.incarnation = l.owner;
  `,
  // Workers that know nothing of it are counted as having the default.
  'alter table lp_fleet.workers add column ttl_ms integer not null default 15000',
  `
  alter table lp_fleet.workers add column room integer, add column list text;
  alter table lp_fleet.version add column oldest integer not null default 1;
  `,
];

const SERVER = `
  select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby, current_database() as name,
    current_setting('server_encoding') as encoding, current_setting('transaction_read_only') = 'on' as readonly`;

// The first versions had no column `oldest`.
const VERSION = `
  select version, account, coalesce((to_json(v) ->> 'oldest')::int, 1) as oldest from lp_fleet.version v`;

// Tables that somebody else has made may be there to be read only.
const MISSING_RIGHTS = `
  select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'lp_fleet' and c.relname in ('workers', 'logins', 'cursors', 'limits') and not (
    has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
    and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))`;

/** Brings the tables to this version. Workers that start at once do it one after the other, in a transaction each. */
export async function migrate(client: PgClient, accountId: string | undefined): Promise<void> {
  await checkServer(client);
  if (accountId === undefined && !(await isThere(client, 'lp_fleet.version')))
    throw new ConfigError('the database holds no fleet: a worker has to join one first');
  // Whoever has waited for the lock has to see what was made meanwhile, whatever the database's own isolation is.
  await client.query('begin isolation level read committed');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await prepareSchema(client);
    const { rows } = await client.query(VERSION);
    const [row] = rows as { version: number; account: string; oldest: number }[];
    if (row && accountId !== undefined && row.account !== accountId) {
      throw new ConfigError(
        `the database holds the fleet of account ${row.account}, not of ${accountId}: give each account a database of its own`,
      );
    }
    const version = row?.version ?? 0;
    if (row && row.oldest > MIGRATIONS.length) {
      throw new ConfigError(
        `the database was migrated by a newer @lp/fleet (version ${version} of its tables, this one knows ${MIGRATIONS.length}): update this program`,
      );
    }
    for (const statements of MIGRATIONS.slice(version)) await client.query(statements);
    if (!row)
      await client.query('insert into lp_fleet.version (version, account) values ($1, $2)', [
        MIGRATIONS.length,
        accountId,
      ]);
    else if (version < MIGRATIONS.length)
      await client.query('update lp_fleet.version set version = $1', [MIGRATIONS.length]);
    if (accountId !== undefined) await checkRights(client);
    await client.query('commit');
  } catch (error) {
    // What has ended the connection has ended the transaction too.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function checkRights(client: PgClient): Promise<void> {
  const { rows } = await client.query(MISSING_RIGHTS);
  if (rows.length > 0) {
    throw new ConfigError(
      'the database user may not write the tables of the fleet: grant it select, insert, update and delete on all tables of the schema lp_fleet',
    );
  }
}

async function checkServer(client: PgClient): Promise<void> {
  const { rows } = await client.query(SERVER);
  const [server] = rows as { version: number; standby: boolean; name: string; encoding: string; readonly: boolean }[];
  if (!server || server.version < OLDEST_SERVER) {
    throw new ConfigError(
      `the database server is PostgreSQL ${Math.floor((server?.version ?? 0) / 10_000)}, and 12 or newer is needed`,
    );
  }
  if (server.standby) {
    throw new ConfigError(`the database ${server.name} is a read-only replica: give the address of the primary`);
  }
  if (server.readonly)
    throw new ConfigError(
      `the database ${server.name} is read-only for this user (default_transaction_read_only): give one that it may write`,
    );
  // One without an encoding keeps what it is given.
  if (!['UTF8', 'SQL_ASCII'].includes(server.encoding)) {
    throw new ConfigError(
      `the database ${server.name} cannot keep every text (its encoding is ${server.encoding}): give the fleet one in UTF8`,
    );
  }
}

/** A user without the right to create schemas can be given one that is there. */
async function prepareSchema(client: PgClient): Promise<void> {
  if (await isThere(client, 'lp_fleet.version')) return;
  const schema = await client.query(`select 1 from pg_namespace where nspname = 'lp_fleet'`);
  if (schema.rows.length === 0) await client.query('create schema lp_fleet');
  await client.query('create table lp_fleet.version (version int not null, account text not null)');
}

async function isThere(client: PgClient, table: string): Promise<boolean> {
  const { rows } = await client.query('select to_regclass($1) is not null as there', [table]);
  return (rows as { there: boolean }[])[0]?.there === true;
}
