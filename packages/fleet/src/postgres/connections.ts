import { ConfigError, NotConnectedError, systemClock } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { PgClient, PgPool, PgResult } from './pg-types.ts';

/** Takes connections from a pool, for calls that never outlast their bound. */
export class Connections {
  readonly #pool: PgPool;
  readonly #timeoutMs: number;

  constructor(pool: PgPool, timeoutMs: number) {
    this.#pool = pool;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws NotConnectedError when the call may succeed later, ConfigError when it never will. Neither quotes a value. */
  async query(text: string, values: unknown[] = []): Promise<PgResult> {
    try {
      return await this.with((client) => askPrimary(client, text, values), this.#timeoutMs);
    } catch (error) {
      throw callError(error);
    }
  }

  /**
   * Hands a connection to `use`. When that takes longer than `timeoutMs`, taking the connection included, the call rejects
   * and the connection is closed: nobody knows what it is still busy with.
   */
  async with<T>(use: (client: PgClient) => Promise<T>, timeoutMs: number): Promise<T> {
    let giveBack: ((reason?: boolean) => void) | undefined;
    let over = false;
    const work = async (): Promise<T> => {
      const client = await this.#pool.connect();
      // A connection that breaks tells so beside the query that fails; with nobody to hear it, the process would end.
      client.on('error', ignore);
      giveBack = (reason = false) => {
        giveBack = undefined;
        client.removeListener('error', ignore);
        client.release(reason);
      };
      if (over) {
        giveBack();
        throw new Error('nobody waits any more');
      }
      try {
        const result = await use(client);
        giveBack?.();
        return result;
      } catch (error) {
        giveBack?.(!isStillGood(error));
        throw error;
      }
    };
    return await new Promise<T>((resolve, reject) => {
      const timer = systemClock.setTimer(() => {
        over = true;
        giveBack?.(true);
        reject(new NotConnectedError(`the database has not responded for ${Math.round(timeoutMs)} ms`));
      }, timeoutMs);
      work()
        .then(resolve, (error: unknown) => reject(error instanceof Error ? error : toError(error)))
        .finally(() => timer.cancel());
    });
  }
}

const ignore = (): void => undefined;

/** A connection may outlive that its server was made a replica: what is read there is old. */
async function askPrimary(client: PgClient, text: string, values: unknown[]): Promise<PgResult> {
  const result = await askAgain(client, text, values, COLLISIONS);
  const [row] = result.rows as readonly { standby?: boolean }[];
  if (row?.standby === true) throw new NotConnectedError('the database of the fleet has become a read-only replica');
  return result;
}

// A statement that has met another one, as many do where transactions are serializable. Nothing of it was kept.
const COLLISION = /^40(001|P01)$/;
const COLLISIONS = 5;

async function askAgain(client: PgClient, text: string, values: unknown[], times: number): Promise<PgResult> {
  try {
    return await client.query(text, values);
  } catch (error) {
    if (times === 0 || !COLLISION.test(sqlState(error) ?? '')) throw error;
    return await askAgain(client, text, values, times - 1);
  }
}

// Of connections that break, of servers that shut down, and of those that have become replicas.
const ENDING = /^(08|57P|25006)/;

/** A statement that was refused leaves its connection usable, unless it is the server that has changed. */
function isStillGood(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !ENDING.test(state);
}

// Not those of the system, as EPERM.
const SQLSTATE = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

/** The server's error code. */
export function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && SQLSTATE.test(code) ? code : undefined;
}

const FOREIGN =
  'the schema lp_fleet of the database holds tables that are not of a fleet: give the fleet a database of its own, or drop that schema';

const SENTENCES: Readonly<Record<string, string>> = {
  '42P01': FOREIGN,
  '42P07': FOREIGN,
  '42703': FOREIGN,
  '28P01': 'the database refuses the password: check the user and the password in its address',
  '28000':
    'the database refuses this user: check the user in its address and the rules of its host file, which may ask for encryption (?sslmode=verify-full)',
  '3D000': 'the database in the address does not exist: create it, or name another one',
  '42501':
    'the database user may not create the tables of the fleet: grant it "create" on the database, or ownership of a schema lp_fleet',
  '25006': 'the database is read-only: give the address of the primary',
  '53300': 'the database has no connection left: raise max_connections, or use fewer or smaller pools',
};

const UNTRUSTED =
  'nobody vouches for its certificate: name its authority (sslrootcert in the address, or ssl.ca of a Pool)';

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host is unknown',
  EAI_AGAIN: 'its host cannot be looked up now',
  ETIMEDOUT: 'it does not respond',
  EHOSTUNREACH: 'its host cannot be reached',
  ECONNRESET: 'it has cut the connection',
  EPERM: 'this machine does not allow the connection',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** What stays so until somebody changes the address or the server. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
};

/** The same, which the driver itself says without a code. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, 'it speaks no TLS, which its address asks for (sslmode)'],
  [/client password must be a (non-empty )?string/, 'it asks for a password, and its address has none'],
];

// Of connections, of resources, and of servers that start or shut down.
const PASSING = /^(08|53|57P)/;

// Errors of data, of constraints and of limits; all others (of connections, resources, locks, failovers) may pass.
const FINAL = /^(22|23|54)/;

/** What a call has failed with. The server's own text is left out: it quotes rows. */
function callError(error: unknown): Error {
  if (NotConnectedError.isInstance(error)) return error;
  const state = sqlState(error);
  if (state === undefined) return new NotConnectedError('the database of the fleet cannot be reached');
  const options = { context: { sqlState: state } };
  if (FINAL.test(state)) return new ConfigError(`the database refuses what it was given (SQLSTATE ${state})`, options);
  return new NotConnectedError(`the database of the fleet cannot serve now (SQLSTATE ${state})`, options);
}

/** One sentence about why the engine could not be opened. It quotes nothing of the address: that has a password in it. */
export function openingError(error: unknown): Error {
  if (ConfigError.isInstance(error)) return error;
  const state = sqlState(error);
  if (state !== undefined) {
    const sentence = SENTENCES[state] ?? `the database refuses to be used as the engine of a fleet (SQLSTATE ${state})`;
    const options = { context: { sqlState: state } };
    return PASSING.test(state) ? new NotConnectedError(sentence, options) : new ConfigError(sentence, options);
  }
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  const lasting = typeof code === 'string' ? CERTIFICATES[code] : WORDS.find(([words]) => words.test(message))?.[1];
  const passing = typeof code === 'string' ? NETWORK[code] : undefined;
  const unknown = NotConnectedError.isInstance(error) ? 'it does not respond' : 'the connection was not made';
  const why = lasting ?? passing ?? unknown;
  const sentence = `the database of the fleet cannot be used: ${why}. Check its address and that it runs`;
  const options = { context: { reason: typeof code === 'string' ? code : 'unknown' } };
  return lasting === undefined ? new NotConnectedError(sentence, options) : new ConfigError(sentence, options);
}

/** An address that the driver cannot read. It quotes nothing of it either. */
export function addressError(error: unknown): ConfigError {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  const what =
    typeof syscall === 'string'
      ? `names a file that cannot be read (${String(code)}): check sslrootcert, sslcert and sslkey`
      : 'cannot be read: postgresql://user:password@host:port/name';
  return new ConfigError(`postgresEngine: the address of the database ${what}`);
}
