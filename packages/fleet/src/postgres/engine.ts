import { Socket } from 'node:net';
import { ConfigError, LpError, systemClock } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import type { DialogRecord } from '../engine/dialog-record.ts';
import type {
  Change,
  ChangeOutcome,
  Claim,
  EngineSetting,
  FleetEngine,
  FleetRecord,
  LimitRequest,
  LoginLoad,
  Order,
  Pulse,
  Release,
  WorkerEntry,
} from '../engine/engine.ts';
import { addressError, Connections, openingError } from './connections.ts';
import { Listener } from './listener.ts';
import { migrate } from './migrations.ts';
import type { PgClient, PgPool } from './pg-types.ts';
import { readCursorRow, readFleetRow, readPulseRow, stateOf } from './rows.ts';
import * as sql from './statements.ts';

const LONGEST_WAIT_MS = 60_000;
// A table that another worker migrates keeps this one waiting for longer than a beat may.
const OPEN_TIMEOUT_MS = 10_000;
const OWN_POOL_SIZE = 4;
// The driver would take everything for an address, and look for a host that nobody meant.
const ADDRESS = /^(postgres(ql)?:|socket:|\/)/i;
// The driver would take it for a % that is meant, and then most other escapes too.
const NO_ESCAPE = /^[^/].*%(?![\da-f]{2})/i;
// How long a server has to answer a goodbye, before its connections are cut.
const GOODBYE_MS = 500;

export interface PostgresEngineOptions {
  /** Listens for changes, so that others act at once and not at their next look. Default true; false for a pooler in transaction mode, which cannot pass them on. */
  listen?: boolean | undefined;
}

/**
 * The engine on PostgreSQL 12 or newer, in the schema `lp_fleet`, which it creates and migrates. Give the database's
 * address (then it makes a pool of at most four connections, one of them to listen) or a `Pool` of your own, which stays
 * yours to end. The package `pg` has to be installed beside this one.
 *
 * No password, token or message text is written.
 */
export function postgresEngine(database: string | PgPool, options: PostgresEngineOptions = {}): FleetEngine {
  if (typeof database !== 'string' && typeof (database as Partial<PgPool> | undefined)?.connect !== 'function') {
    throw new ConfigError('postgresEngine: give the address of the database, or a Pool of the package pg');
  }
  if (database === '') throw new ConfigError('postgresEngine: the address of the database is empty');
  const check = optionsChecker(options, 'postgresEngine');
  check.booleans(['listen']);
  check.nothingElse();
  if (typeof database === 'string' && !ADDRESS.test(database))
    throw new ConfigError('postgresEngine: the address must begin with postgresql://, or with / for a socket');
  if (typeof database === 'string' && NO_ESCAPE.test(database))
    throw new ConfigError('postgresEngine: the address has a % that begins no escape: write it as %25');
  const { listen = true } = options;
  if (listen && typeof database !== 'string' && database.options?.max === 1) {
    throw new ConfigError(
      'postgresEngine: the pool has one connection, which listening would take for itself: give it two, or { listen: false }',
    );
  }
  return new PostgresEngine(database, listen);
}

class PostgresEngine implements FleetEngine {
  readonly kind = 'postgres';
  readonly #database: string | PgPool;
  readonly #listen: boolean;
  readonly #listeners = new Set<() => void>();
  #inUse = false;
  #own: PgPool | undefined;
  /** Those of the own pool: it cannot end one while it connects. */
  readonly #sockets = new Set<Socket>();
  #pool: PgPool | undefined;
  #opened: Connections | undefined;
  #listener: Listener | undefined;

  constructor(database: string | PgPool, listen: boolean) {
    this.#database = database;
    this.#listen = listen;
  }

  async open({ accountId, callTimeoutMs }: EngineSetting): Promise<void> {
    if (this.#inUse)
      throw new ConfigError('the engine is in use by another fleet: give each a postgresEngine of its own');
    this.#inUse = true;
    let pool: PgPool;
    let connections: Connections;
    try {
      pool = typeof this.#database === 'string' ? await this.#makePool(this.#database) : this.#database;
      // An idle connection that breaks is replaced by the pool, and calls say themselves when they fail; but a pool that
      // nobody listens to would end the process.
      pool.on('error', ignore);
      pool.on('connect', expectErrors);
      this.#pool = pool;
      connections = new Connections(pool, callTimeoutMs);
      await connections.with((client) => migrate(client, accountId), OPEN_TIMEOUT_MS);
    } catch (error) {
      await this.close();
      throw openingError(error);
    }
    this.#opened = connections;
    if (!this.#listen) return;
    this.#listener = new Listener(pool, () => {
      for (const listener of this.#listeners) listener();
    });
    void this.#listener.start();
  }

  async join({ incarnation, list, name, room, ttlMs }: WorkerEntry): Promise<void> {
    await this.#query(sql.JOIN, [incarnation, name, Math.round(ttlMs), room ?? null, list ?? null]);
  }

  async beat(incarnation: string, loads: Readonly<Record<string, LoginLoad>>, list?: string): Promise<boolean> {
    const { rowCount } = await this.#query(sql.BEAT, [incarnation, JSON.stringify(loads), list ?? null]);
    return rowCount === 1;
  }

  async pulse(): Promise<ReadonlyMap<string, Pulse>> {
    const { rows } = await this.#query(sql.PULSE);
    return new Map(rows.map(readPulseRow));
  }

  async read(): Promise<FleetRecord> {
    const { rows } = await this.#query(sql.READ);
    return readFleetRow(rows[0]);
  }

  async remove(incarnation: string, beat?: number): Promise<boolean> {
    const { rows } = await this.#query(sql.REMOVE, [incarnation, beat ?? null]);
    return rows.length === 1;
  }

  async claim(incarnation: string, logins: readonly string[]): Promise<readonly Claim[]> {
    if (logins.length === 0) return [];
    await this.#query(sql.REGISTER, [logins]);
    const { rows } = await this.#query(sql.CLAIM, [incarnation, logins]);
    return (rows as { login: string; epoch: string; clean: boolean }[]).map(({ login, epoch, clean }) => ({
      login,
      epoch: Number(epoch),
      clean,
    }));
  }

  async release(incarnation: string, { login, epoch, aside, avoidMe = false }: Release): Promise<boolean> {
    const { rows } = await this.#query(sql.RELEASE, [incarnation, login, epoch, aside ?? null, avoidMe]);
    return rows.length === 1;
  }

  async readmit(login: string): Promise<void> {
    await this.#query(sql.READMIT, [login]);
  }

  async load(login: string): Promise<ReadonlyMap<string, DialogRecord>> {
    const { rows } = await this.#query(sql.LOAD, [login]);
    return new Map(rows.map(readCursorRow));
  }

  async commit(incarnation: string, changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    if (changes.length === 0) return [];
    const { rows } = await this.#query(sql.COMMIT, [
      incarnation,
      changes.map(({ login }) => login),
      changes.map(({ epoch }) => epoch),
      changes.map(({ dialogId }) => dialogId),
      changes.map(({ record }) => record?.sequence ?? null),
      changes.map(({ record }) => record?.revision ?? null),
      changes.map(({ record }) => (record ? stateOf(record) : null)),
    ]);
    const kept = new Set((rows as { n: string }[]).map(({ n }) => Number(n)));
    return changes.map((_, i) => (kept.has(i + 1) ? 'kept' : 'stale'));
  }

  async limit(key: string, request: LimitRequest): Promise<number> {
    const { rows } =
      'ask' in request
        ? await this.#query(sql.HELD, [key])
        : 'holdMs' in request
          ? await this.#query(sql.HOLD, [key, request.holdMs])
          : await this.#query(sql.TURN, [key, request.turnEveryMs]);
    const [row] = rows as { wait: string }[];
    return Math.min(LONGEST_WAIT_MS, Math.max(0, Number(row?.wait ?? 0)));
  }

  async order(order: Order): Promise<boolean> {
    const { rows } = await ('drain' in order
      ? this.#query(sql.DRAIN, [order.drain])
      : this.#query(sql.MOVE, [order.move]));
    return rows.length > 0;
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#inUse = false;
    this.#opened = undefined;
    this.#listener?.close();
    this.#listeners.clear();
    // A pool of its own may still complain while it ends.
    if (!this.#own) this.#pool?.removeListener('error', ignore);
    this.#pool?.removeListener('connect', expectErrors);
    this.#pool = undefined;
    const own = this.#own;
    this.#own = undefined;
    const late = systemClock.setTimer(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GOODBYE_MS);
    await own?.end();
    late.cancel();
  }

  #query(text: string, values: unknown[] = []) {
    if (!this.#opened) return Promise.reject(new ConfigError('the engine is not open'));
    return this.#opened.query(text, values);
  }

  #createSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket));
  }

  async #makePool(address: string): Promise<PgPool> {
    const { Client, Pool } = await loadPg();
    try {
      // The pool would read the address at the first connection, and that again and again.
      new Client({ connectionString: address });
      // An idle connection would keep a process alive that has nothing else to do.
      this.#own = new Pool({
        connectionString: address,
        max: OWN_POOL_SIZE,
        keepAlive: true,
        connectionTimeoutMillis: OPEN_TIMEOUT_MS,
        application_name: 'lp-fleet',
        stream: () => this.#createSocket(),
        allowExitOnIdle: true,
      });
    } catch (error) {
      throw addressError(error);
    }
    return this.#own;
  }
}

const ignore = (): void => undefined;

/**
 * A server that ends may say so in the same packet with which it completes a connection: before whoever waits for that
 * connection can listen to it. With nobody to hear it, the process would end.
 */
const expectErrors = (client: PgClient): void => void client.on('error', ignore);

interface Pg {
  readonly Client: new (options: object) => unknown;
  readonly Pool: new (options: object) => PgPool;
}

async function loadPg(): Promise<Pg> {
  try {
    const { default: pg } = (await import('pg')) as unknown as { default: Pg };
    return pg;
  } catch (error) {
    if (LpError.isInstance(error)) throw error;
    throw new ConfigError('postgresEngine needs the package pg: npm install pg', { cause: error });
  }
}
