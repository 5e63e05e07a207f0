import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import pg from 'pg';
import { postgresEngine } from '../../src/postgres/index.ts';
import { engineContract } from '../../src/testing/index.ts';

const setting = { accountId: 'le12345678', callTimeoutMs: 5_000 };
let server: LocalPostgres;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterAll(async () => {
  await server.close();
});

/** The message with which an engine refuses to be opened. */
async function refusal(database: Parameters<typeof postgresEngine>[0], accountId = setting.accountId): Promise<string> {
  const engine = postgresEngine(database);
  const error: unknown = await engine.open({ ...setting, accountId }).then(
    () => new Error('it was opened'),
    (reason: unknown) => reason,
  );
  await engine.close();
  return (error as Error).message;
}

async function run(statement: string, url = server.url): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

describe('the engine on PostgreSQL', () => {
  it.each(engineContract({ createEngine: () => postgresEngine(server.url) }))('$name', async (demand) => {
    await expect(demand.run()).resolves.toBeUndefined();
  });
});

describe("the engine on a user's pool of one connection", () => {
  let pool: pg.Pool;

  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server.url, max: 1 });
  });

  afterAll(async () => {
    await pool.end();
  });

  it.each(engineContract({ createEngine: () => postgresEngine(pool, { listen: false }) }))('$name', async (demand) => {
    await expect(demand.run()).resolves.toBeUndefined();
  });

  it('is refused when it would listen: nothing would be left for calls', () => {
    expect(() => postgresEngine(pool)).toThrow(/the pool has one connection.*give it two, or \{ listen: false \}/);
  });
});

describe.each(['serializable', 'repeatable read'])(
  'the engine on a database whose transactions are %s',
  (isolation) => {
    const name = isolation.replace(' ', '_');
    const url = () => server.url.replace(/postgres$/, name);

    beforeAll(async () => {
      await run(`create database ${name}`);
      await run(`alter database ${name} set default_transaction_isolation = '${isolation}'`);
      // None is told of tables that are not a fleet's, since it does not see what was made while it waited.
      const engines = Array.from({ length: 8 }, () => postgresEngine(url()));
      await Promise.all(engines.map((engine) => engine.open(setting)));
      await Promise.all(engines.map((engine) => engine.close()));
    });

    it.each(engineContract({ createEngine: () => postgresEngine(url()) }))('$name', async (demand) => {
      await expect(demand.run()).resolves.toBeUndefined();
    });
  },
);

describe('opening the engine on PostgreSQL', () => {
  it('migrates an empty database once, however many workers start at the same time', async () => {
    await run('create database fresh');
    const url = server.url.replace(/postgres$/, 'fresh');
    const engines = Array.from({ length: 8 }, () => postgresEngine(url));
    await Promise.all(engines.map((engine) => engine.open(setting)));
    expect(await run('select version, account from lp_fleet.version', url)).toEqual([
      { version: 3, account: 'le12345678' },
    ]);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('brings the tables of an older version up to date, by two workers at once, while a worker of that version goes on', async () => {
    await run('create database older');
    const url = server.url.replace(/postgres$/, 'older');
    const first = postgresEngine(url);
    await first.open(setting);
    await first.close();
    await run('alter table lp_fleet.workers drop column ttl_ms, drop column room, drop column list', url);
    await run('alter table lp_fleet.version drop column oldest', url);
    await run('update lp_fleet.version set version = 1', url);
    const enter = (id: number) =>
      run(
        `insert into lp_fleet.workers (incarnation, name) values ('00000000-0000-4000-8000-00000000000${id}', 'old ${id}')`,
        url,
      );
    await enter(1);
    const engines = [postgresEngine(url), postgresEngine(url)];
    await Promise.all(engines.map((engine) => engine.open(setting)));
    await enter(2);
    expect(await run('select version from lp_fleet.version', url)).toEqual([{ version: 3 }]);
    const pulses = await engines[0]?.pulse();
    expect([...(pulses?.values() ?? [])]).toEqual([
      { beat: 0, ttlMs: 15_000 },
      { beat: 0, ttlMs: 15_000 },
    ]);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('undoes a migration that fails half way', async () => {
    await run('create database half');
    const url = server.url.replace(/postgres$/, 'half');
    await run('create schema lp_fleet', url);
    await run('create table lp_fleet.cursors (anything int)', url);
    expect(await refusal(url)).toMatch(/holds tables that are not of a fleet/);
    expect(
      await run("select to_regclass('lp_fleet.workers') as workers, to_regclass('lp_fleet.version') as version", url),
    ).toEqual([{ workers: null, version: null }]);
  });

  it('says that the schema is of another program', async () => {
    await run('create database foreign_schema');
    const url = server.url.replace(/postgres$/, 'foreign_schema');
    await run('create schema lp_fleet', url);
    await run('create table lp_fleet.version (number int)', url);
    expect(await refusal(url)).toMatch(/not of a fleet: give the fleet a database of its own, or drop that schema/);
  });

  it('uses a pool of the user and leaves it open', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 2 });
    const engine = postgresEngine(pool);
    await engine.open(setting);
    await engine.pulse();
    await engine.close();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('says in one sentence that nothing listens there, and shows no password', async () => {
    const message = await refusal('postgresql://lp:very-secret@127.0.0.1:1/postgres');
    expect(message).toMatch(/^the database of the fleet cannot be used: nothing listens there/);
    expect(message).not.toContain('secret');
  });

  it('says that the server speaks no TLS, which the address asks for', async () => {
    expect(await refusal(`${server.url}?sslmode=verify-full`)).toMatch(/speaks no TLS/);
  });

  it('says of what is not a database in one sentence that it cannot be used', async () => {
    const web = createServer((_request, response) => response.end('a web server'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    expect(await refusal(`postgresql://lp:very-secret@127.0.0.1:${port}/postgres`)).toMatch(
      /^the database of the fleet cannot be used: .+\. Check its address and that it runs$/,
    );
    await new Promise((resolve) => web.close(resolve));
  });

  it('says that the database does not exist', async () => {
    expect(await refusal(server.url.replace(/postgres$/, 'nowhere'))).toMatch(/does not exist/);
  });

  it('says that the address cannot be read', async () => {
    expect(await refusal('postgresql://lp:very-secret@[/postgres')).toMatch(/address/);
  });

  it('says that a user may not create tables', async () => {
    await run('create database foreign_land');
    await run('create role guest login');
    expect(await refusal(`postgresql://guest@127.0.0.1:${server.port}/foreign_land`)).toMatch(/may not create/);
  });

  it("refuses another account's fleet, and tables of a newer version", async () => {
    await run('create database other');
    const url = server.url.replace(/postgres$/, 'other');
    const engine = postgresEngine(url);
    await engine.open(setting);
    await engine.close();
    expect(await refusal(url, 'le99')).toMatch(/fleet of account le12345678, not of le99/);
    await run('update lp_fleet.version set version = 999, oldest = 998', url);
    expect(await refusal(url)).toMatch(/newer @lp\/fleet/);
  });

  it('opens on tables of a newer version that only has more of them: a deployment may be taken back', async () => {
    await run('create database newer');
    const url = server.url.replace(/postgres$/, 'newer');
    const engine = postgresEngine(url);
    await engine.open(setting);
    await engine.close();
    await run('alter table lp_fleet.workers add column more text', url);
    await run('update lp_fleet.version set version = 999', url);
    await engine.open(setting);
    expect(await engine.read()).toEqual({ workers: [], logins: [] });
    await engine.close();
    expect(await run('select version from lp_fleet.version', url)).toEqual([{ version: 999 }]);
  });

  it('says that the user may not write tables that another has made', async () => {
    await run('create database lent');
    await run('create role reader login');
    const url = server.url.replace(/postgres$/, 'lent');
    const engine = postgresEngine(url);
    await engine.open(setting);
    await engine.close();
    const asReader = `postgresql://reader@127.0.0.1:${server.port}/lent`;
    await run('grant usage on schema lp_fleet to reader', url);
    await run('grant select on all tables in schema lp_fleet to reader', url);
    expect(await refusal(asReader)).toMatch(/may not write the tables of the fleet: grant it select, insert/);
    await run('grant insert, update, delete on all tables in schema lp_fleet to reader', url);
    const lent = postgresEngine(asReader);
    await lent.open(setting);
    await lent.close();
  });

  it('says that it may write nothing, though the tables are there already', async () => {
    await run('create database still');
    const url = server.url.replace(/postgres$/, 'still');
    const engine = postgresEngine(url);
    await engine.open(setting);
    await engine.close();
    expect(await refusal(`${url}?options=-c%20default_transaction_read_only%3Don`)).toMatch(/read-only for this user/);
  });

  it('says that the database cannot keep every text', async () => {
    await run(`create database latin encoding 'LATIN1' locale 'C' template template0`);
    expect(await refusal(server.url.replace(/postgres$/, 'latin'))).toMatch(/encoding is LATIN1.*UTF8/);
  });

  it('says that it is in use by another fleet, which goes on', async () => {
    const engine = postgresEngine(server.url);
    await engine.open(setting);
    await expect(engine.open(setting)).rejects.toThrow(
      /in use by another fleet: give each a postgresEngine of its own/,
    );
    await expect(engine.pulse()).resolves.toBeInstanceOf(Map);
    await engine.close();
    await engine.open(setting);
    await engine.close();
  });

  it('says that the database is read-only', async () => {
    await run('create database settled');
    const url = server.url.replace(/postgres$/, 'settled');
    expect(await refusal(`${url}?options=-c%20default_transaction_read_only%3Don`)).toMatch(/read-only/);
  });

  it('refuses wrong arguments by name', () => {
    expect(() => postgresEngine('')).toThrow(/empty/);
    expect(() => postgresEngine({} as never)).toThrow(/Pool/);
    for (const address of ['fleet', 'mysql://root:very-secret@db/fleet', 'db.example.com:5432/fleet'])
      expect(() => postgresEngine(address)).toThrow(
        /^postgresEngine: the address must begin with postgresql:\/\/, or with \/ for a/,
      );
    expect(() => postgresEngine('x', { lisen: true } as never)).toThrow(/lisen/);
  });

  it('refuses a % that begins no escape, as psql does, and says nothing of the address', () => {
    for (const address of ['postgresql://lp:very-secret%zz@db/fleet', 'socket:/run/very-secret%?db=fleet'])
      expect(() => postgresEngine(address)).toThrow(
        expect.objectContaining({
          code: 'CONFIG_INVALID',
          message: 'postgresEngine: the address has a % that begins no escape: write it as %25',
        }),
      );
    // The driver takes a path as it is.
    postgresEngine('/run/100%');
    postgresEngine('postgresql://lp:100%25@db/fleet');
  });
});

describe('a call to the engine on PostgreSQL', () => {
  it('rejects within its bound when the database is busy, and works again afterwards', async () => {
    const engine = postgresEngine(server.url, { listen: false });
    await engine.open({ ...setting, callTimeoutMs: 100 });
    const blocker = new pg.Client(server.url);
    await blocker.connect();
    await blocker.query('begin; lock table lp_fleet.workers in access exclusive mode');
    await expect(engine.pulse()).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
    await blocker.query('rollback');
    await blocker.end();
    await expect(engine.pulse()).resolves.toBeInstanceOf(Map);
    await engine.close();
  });

  it('reads the same whatever parsers a program has set for its driver', async () => {
    const [JSON_TEXT, JSON_BINARY, BIGINT] = [114, 3_802, 20];
    const getTypeParser = (oid: number) => {
      if (oid === JSON_TEXT || oid === JSON_BINARY) return (text: string) => text;
      return oid === BIGINT ? BigInt : (pg.types.getTypeParser(oid) as (text: string) => unknown);
    };
    const pool = new pg.Pool({ connectionString: server.url, types: { getTypeParser } });
    const engine = postgresEngine(pool, { listen: false });
    await engine.open(setting);
    const incarnation = 'a2f6f2b4-6d1e-4f5b-8a51-9d4d1c0b7e11';
    await engine.join({ incarnation, name: 'plain', ttlMs: 3_000 });
    await engine.claim(incarnation, ['plain@example.com']);
    const record = { revision: 1, sequence: 4, ahead: [6], said: 5, attempts: 0, data: {} };
    await engine.commit(incarnation, [{ login: 'plain@example.com', epoch: 1, dialogId: 'd', record }]);
    expect((await engine.load('plain@example.com')).get('d')).toEqual(record);
    expect((await engine.pulse()).get(incarnation)).toEqual({ beat: 0, ttlMs: 3_000 });
    const { logins, workers } = await engine.read();
    expect(workers.find(({ name }) => name === 'plain')).toMatchObject({ beat: 0, draining: false, ttlMs: 3_000 });
    expect(logins.find(({ owner }) => owner === incarnation)).toMatchObject({ epoch: 1, clean: false });
    await engine.remove(incarnation);
    await engine.close();
    await pool.end();
  });

  it('forgets what nobody has touched for longer than a conversation can be open', async () => {
    const engine = postgresEngine(server.url, { listen: false });
    await engine.open(setting);
    const [incarnation, login] = ['c1de9d7e-3b60-4a0c-9c1c-4c5a0d0f3e11', 'patient@example.com'];
    await engine.join({ incarnation, name: 'patient', ttlMs: 3_000 });
    await engine.claim(incarnation, [login]);
    const record = { revision: 1, sequence: 4, ahead: [], said: -1, attempts: 0, data: {} };
    const changes = ['old', 'new'].map((dialogId) => ({ login, epoch: 1, dialogId, record }));
    await engine.commit(incarnation, changes);
    const age = (dialog: string, days: number) =>
      run(`update lp_fleet.cursors set at = now() - interval '${days} days' where dialog = '${dialog}'`);
    await Promise.all([age('old', 121), age('new', 119)]);
    expect([...(await engine.load(login)).keys()]).toEqual(['new']);
    expect(await run(`select dialog from lp_fleet.cursors where login = '${login}'`)).toEqual([{ dialog: 'new' }]);
    await engine.remove(incarnation);
    await engine.close();
  });

  it('goes on after the server was killed and started again', async () => {
    const engine = postgresEngine(server.url);
    await engine.open({ ...setting, callTimeoutMs: 2_000 });
    await server.kill();
    await expect(engine.pulse()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    await server.start();
    await expect(engine.pulse()).resolves.toBeInstanceOf(Map);
    await engine.close();
  });

  it("outlives that the server ends the connections of a user's pool that nobody listens to", async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 3, application_name: 'quiet' });
    const engine = postgresEngine(pool);
    await engine.open({ ...setting, callTimeoutMs: 2_000 });
    await Promise.all([engine.pulse(), engine.pulse()]);
    await run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'quiet'");
    // Each of the pool's connections may fail one call, until the pool has seen that it is gone.
    const pulse = (tries: number): Promise<unknown> =>
      engine.pulse().catch((error) => (tries > 0 ? pulse(tries - 1) : Promise.reject(error)));
    await expect(pulse(3)).resolves.toBeInstanceOf(Map);
    await engine.close();
    await pool.end();
  });

  it('listens again when its connection was ended', async () => {
    const engine = postgresEngine(server.url);
    const woken: string[] = [];
    await engine.open(setting);
    const first = new Promise<void>((resolve) => engine.onWake(resolve));
    await first;
    engine.onWake(() => woken.push('again'));
    await run("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen lp_fleet'");
    while (woken.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const listeners = await run("select 1 from pg_stat_activity where query in ('listen lp_fleet', 'select 1')");
    expect(listeners.length).toBeGreaterThan(0);
    await engine.close();
  });

  it('wakes others when a login becomes free', async () => {
    const [one, other] = [postgresEngine(server.url), postgresEngine(server.url)];
    await Promise.all([one.open(setting), other.open(setting)]);
    const incarnation = '8be1a57c-3b8b-4a5e-9d3c-6a2c6a1d7f11';
    await one.join({ incarnation, name: 'sleeper', ttlMs: 3_000 });
    await one.claim(incarnation, ['waker@example.com']);
    const woken = new Promise<string>((resolve) => other.onWake(() => resolve('woken')));
    await one.release(incarnation, { login: 'waker@example.com', epoch: 1 });
    expect(await woken).toBe('woken');
    await one.remove(incarnation);
    await Promise.all([one.close(), other.close()]);
  });
});
