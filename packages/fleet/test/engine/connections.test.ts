import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, NotConnectedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import pg from 'pg';
import { Connections, openingError } from '../../src/postgres/connections.ts';
import { type PgClient, type PgPool, postgresEngine } from '../../src/postgres/index.ts';

const SECRET = 'canary-77aa';

interface Answers {
  /** What a query gives, by a part of its text. */
  readonly [part: string]: readonly unknown[] | Error;
}

/** A pool whose server answers as a test says. */
function createPool(answers: Answers) {
  const seen = { texts: [] as string[], kept: 0, closed: 0 };
  const query = async (text: string) => {
    seen.texts.push(text);
    const part = Object.keys(answers).find((name) => text.includes(name));
    const answer = part === undefined ? [] : answers[part];
    if (answer instanceof Error) throw answer;
    return { rows: answer ?? [], rowCount: answer?.length ?? 0 };
  };
  const client: PgClient = {
    query,
    release: (reason) => void (reason === true ? seen.closed++ : seen.kept++),
    on: () => undefined,
    removeListener: () => undefined,
  };
  const pool: PgPool = {
    connect: async () => client,
    end: async () => undefined,
    on: () => undefined,
    removeListener: () => undefined,
  };
  return { pool, seen };
}

const serverError = (code: string) => Object.assign(new Error(`${SECRET} in the server's own words`), { code });
const setting = { accountId: 'le1', callTimeoutMs: 1_000 };
const good = { version: 180_000, standby: false, name: 'app', encoding: 'UTF8', readonly: false };

async function refusal(answers: Answers, accountId: string | undefined = 'le1'): Promise<Error> {
  const engine = postgresEngine(createPool(answers).pool, { listen: false });
  return await engine.open({ ...setting, accountId }).then(
    () => new Error('it was opened'),
    (error: Error) => error,
  );
}

describe('opening the engine says in one sentence', () => {
  it.each<[string, Answers, RegExp]>([
    [
      'that the server is too old',
      { server_version_num: [{ ...good, version: 110_022 }] },
      /PostgreSQL 11, and 12 or newer is needed/,
    ],
    ['that it is no server at all', { server_version_num: [] }, /12 or newer is needed/],
    [
      'that it is a replica',
      { server_version_num: [{ ...good, standby: true }] },
      /database app is a read-only replica: give the address of the primary/,
    ],
    ['that the password is wrong', { server_version_num: serverError('28P01') }, /refuses the password/],
    ['that the user is wrong', { server_version_num: serverError('28000') }, /refuses this user/],
    ['that the database does not exist', { server_version_num: serverError('3D000') }, /does not exist/],
    [
      'that nothing may be created',
      { server_version_num: [good], 'create schema': serverError('42501') },
      /may not create the tables/,
    ],
    ['that it is read-only', { server_version_num: [good], 'create schema': serverError('25006') }, /read-only/],
    ['that no connection is left', { server_version_num: serverError('53300') }, /no connection left/],
    ['that something else is wrong, by its code', { server_version_num: serverError('0A000') }, /SQLSTATE 0A000/],
    ['that nothing listens there', { server_version_num: serverError('ECONNREFUSED') }, /nothing listens there/],
    ['that the host is unknown', { server_version_num: serverError('ENOTFOUND') }, /its host is unknown/],
    ['that it does not respond', { server_version_num: serverError('ETIMEDOUT') }, /it does not respond/],
    ['that this machine does not allow it', { server_version_num: serverError('EPERM') }, /does not allow the connect/],
    [
      'that nobody vouches for its certificate',
      { server_version_num: serverError('DEPTH_ZERO_SELF_SIGNED_CERT') },
      /nobody vouches for its certificate: name its authority/,
    ],
    [
      'that it speaks no TLS',
      { server_version_num: new Error('The server does not support SSL connections') },
      /speaks no TLS/,
    ],
    [
      'that its address has no password',
      { server_version_num: new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string') },
      /asks for a password, and its address has none/,
    ],
    [
      'that it went away while it was migrated',
      { server_version_num: [good], 'create schema': serverError('57P01'), rollback: new Error('gone') },
      /SQLSTATE 57P01/,
    ],
    ['that there was no connection', { server_version_num: new Error(SECRET) }, /the connection was not made/],
  ])('%s', async (_what, answers, message) => {
    const error = await refusal(answers);
    expect(error.message).toMatch(message);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(SECRET);
    expect(error.message).not.toContain('\n');
  });

  it('as a ConfigError what will not pass, and as one of the connection what may', () => {
    expect(openingError(serverError('28P01'))).toBeInstanceOf(ConfigError);
    expect(openingError(serverError('ECONNREFUSED'))).toBeInstanceOf(NotConnectedError);
    expect(openingError(serverError('ECONNREFUSED'))).toMatchObject({ retryable: true });
    for (const code of ['57P03', '53300', '08006'])
      expect(openingError(serverError(code))).toMatchObject({ retryable: true });
    for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])
      expect(openingError(serverError(code))).toBeInstanceOf(ConfigError);
    expect(openingError(new Error('The server does not support SSL connections'))).toBeInstanceOf(ConfigError);
    const own = new ConfigError('own words');
    expect(openingError(own)).toBe(own);
  });

  it('that there is no fleet, when it is only looked at', async () => {
    const { pool, seen } = createPool({ server_version_num: [good], to_regclass: [{ there: false }] });
    const engine = postgresEngine(pool, { listen: false });
    await expect(engine.open({ accountId: undefined, callTimeoutMs: 1_000 })).rejects.toThrow(/holds no fleet/);
    expect(seen.texts.some((text) => text.includes('create'))).toBe(false);
  });
});

describe('an address that can never work', () => {
  it.each([
    ['whose port is no number', `postgresql://lp:${SECRET}@127.0.0.1:port/x`, /cannot be read: postgresql:/],
    ['whose host is half an address', `postgresql://lp:${SECRET}@[::1/x`, /cannot be read: postgresql:/],
    ['with a # in its password', `postgresql://lp:${SECRET}#x@127.0.0.1:1/x`, /cannot be read: postgresql:/],
    [
      'whose authority is no file',
      `postgresql://lp:x@127.0.0.1:1/x?sslrootcert=/nowhere/${SECRET}`,
      /names a file that cannot be read \(ENOENT\): check sslrootcert/,
    ],
  ])('%s is refused as such, in one sentence', async (_what, address, message) => {
    const engine = postgresEngine(address);
    const error = await engine.open(setting).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });
});

/** A server that completes each connection and ends it in the same packet, as one that is being shut down may. */
async function startDyingServer() {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const fatal = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0');
  const last = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I')), message('E', fatal)]);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(last));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `postgresql://lp@127.0.0.1:${port}/postgres`, close: () => new Promise((done) => server.close(done)) };
}

describe('a server that ends in the same packet with which it completes a connection', () => {
  it('does not end this process', async () => {
    const server = await startDyingServer();
    const engine = postgresEngine(server.url);
    await expect(engine.open(setting)).rejects.toThrow(/the database of the fleet cannot be used|SQLSTATE 57P01/);
    const pool = new pg.Pool({ connectionString: server.url });
    const other = postgresEngine(pool);
    await expect(other.open(setting)).rejects.toThrow(/the database of the fleet cannot be used|SQLSTATE 57P01/);
    await pool.end();
    await server.close();
  });
});

describe('a call', () => {
  it('says whether it may succeed later, and nothing of what the server quoted', async () => {
    const { pool } = createPool({
      passing: serverError('57P01'),
      locked: serverError('40P01'),
      broken: new Error(SECRET),
      wrong: serverError('22P05'),
      double: serverError('23505'),
    });
    const connections = new Connections(pool, 1_000);
    for (const text of ['passing', 'locked', 'broken']) {
      const error = await connections.query(text).catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(NotConnectedError);
      expect((error as Error).message).not.toContain(SECRET);
    }
    for (const text of ['wrong', 'double']) {
      const error = await connections.query(text).catch((reason: Error) => reason);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', retryable: false });
      expect((error as Error).message).not.toContain(SECRET);
    }
  });

  it('keeps a connection whose statement was refused, and closes one that broke', async () => {
    const { pool, seen } = createPool({ refused: serverError('22P05'), broken: new Error('reset') });
    const connections = new Connections(pool, 1_000);
    await connections.query('select 1');
    await connections.query('refused').catch(() => undefined);
    expect(seen).toMatchObject({ kept: 2, closed: 0 });
    await connections.query('broken').catch(() => undefined);
    expect(seen).toMatchObject({ kept: 2, closed: 1 });
  });

  it.each<[string, readonly unknown[] | Error]>([
    ['refuses to write', serverError('25006')],
    ['is shut down', serverError('57P01')],
    ['tells that it is a replica now', [{ incarnation: 'x', beat: '1', ttl_ms: 1, standby: true }]],
  ])(
    'closes the connection to a server that %s, so that the next call finds the new primary',
    async (_what, answer) => {
      const { pool, seen } = createPool({ asked: answer });
      const error = await new Connections(pool, 1_000).query('asked').catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(NotConnectedError);
      expect(seen).toMatchObject({ kept: 0, closed: 1 });
    },
  );

  it('gives a connection back that comes when nobody waits for it any more', async () => {
    const { pool, seen } = createPool({});
    let give: () => void = () => undefined;
    const late: PgPool = { ...pool, connect: () => new Promise((resolve) => (give = () => resolve(pool.connect()))) };
    await expect(new Connections(late, 20).query('select 1')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    give();
    while (seen.kept === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.texts).toEqual([]);
  });
});

describe('a server that accepts connections and says nothing', () => {
  it('keeps nobody waiting who closes the engine, nor the process alive', async () => {
    const accepted = createDeferred<Socket>();
    const server = createServer((socket) => accepted.resolve(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const engine = postgresEngine(`postgresql://lp@127.0.0.1:${port}/postgres`);
    const opened = engine.open(setting).catch((error: Error) => error);
    const hungUp = once((await accepted.promise).resume(), 'close');
    const startedAt = performance.now();
    await engine.close();
    await hungUp;
    expect(await opened).toBeInstanceOf(NotConnectedError);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await new Promise((done) => server.close(done));
  });
});
