import { type AgentOptions, connectAgent } from '@lp/agent';
import { type Credentials, CredentialsSchema } from '@lp/auth';
import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';

/** Options of `connectAgent` that the fleet sets itself, for each login. */
type OwnOptions =
  | 'accountId'
  | 'credentials'
  | 'gate'
  | 'beforeLogin'
  | 'cursors'
  | 'store'
  | 'lookUp'
  | 'firstConnect'
  | 'signal'
  | 'clock'
  | 'logger';

/** Options of `connectAgent` for all logins of a fleet, or for one. */
export type SharedAgentOptions = Omit<AgentOptions, OwnOptions>;

/** A bot user. */
export interface FleetLogin extends SharedAgentOptions {
  /** How this bot user logs in, as `connectAgent` takes it. */
  credentials: Credentials;
  /** Its key in the fleet; default the username of the credentials. Needed for credentials that have none. */
  login?: string | undefined;
}

/** Refused by name. */
export const SET_BY_FLEET: readonly OwnOptions[] = [
  'gate',
  'beforeLogin',
  'cursors',
  'store',
  'firstConnect',
  'signal',
];

// Listed, and by the type complete: what `connectAgent` takes cannot be read from it.
const SHARED_NAMES: Readonly<Record<keyof SharedAgentOptions, true>> = {
  apiVersion: true,
  contestedWaitMs: true,
  csdsDomain: true,
  dispatcher: true,
  domains: true,
  hostSuffixes: true,
  insecure: true,
  interceptors: true,
  keepAlive: true,
  logoutOnClose: true,
  maxDataBytes: true,
  maxInFlight: true,
  maxPayloadBytes: true,
  outboxBytes: true,
  privateHosts: true,
  proxy: true,
  reconnect: true,
  refillConcurrency: true,
  refreshSessionIntervalMs: true,
  requestTimeoutMs: true,
  tls: true,
  wsAgent: true,
  wsDomainType: true,
};
/** The names of options of `connectAgent` that the fleet passes on. */
export const SHARED = Object.keys(SHARED_NAMES) as (keyof SharedAgentOptions)[];

/** Whether every engine can keep it: a database refuses NUL, and what is no Unicode does not come back the same. */
export function isKeepable(text: unknown): text is string {
  return typeof text === 'string' && !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);
}

/** The logins by key. @throws ConfigError for two of one name, and for one without credentials or a name. */
export function indexLogins(list: readonly FleetLogin[]): ReadonlyMap<string, FleetLogin> {
  if (!Array.isArray(list)) throw new ConfigError('createFleet.logins must give a list');
  const logins = new Map<string, FleetLogin>();
  const users = new Map<string | undefined, string>();
  for (const [i, entry] of list.entries()) {
    const given = (entry ?? {}) as Partial<FleetLogin>;
    const parsed = CredentialsSchema.safeParse(given.credentials);
    const key = given.login ?? (given.credentials as { username?: unknown } | undefined)?.username;
    const name = typeof key === 'string' && key !== '' ? key : undefined;
    const place = `createFleet.logins: ${name === undefined ? `entry ${i + 1}` : `the login ${name}`}`;
    if (!parsed.success) {
      throw new ConfigError(`${place} has no usable credentials: ${parsed.error.issues[0]?.message ?? 'give them'}`);
    }
    if (!isKeepable(name)) throw new ConfigError(`${place} has no name: give it the field login`);
    const { token, username = token } = given.credentials as { username?: string; token?: string };
    const other = users.get(username);
    if (username !== undefined && other !== undefined && other !== name)
      throw new ConfigError(`${place} has the user of the login ${other}: the platform allows one session for each`);
    users.set(username, name);
    if (logins.has(name)) throw new ConfigError(`${place} is there twice: the platform allows one session for each`);
    logins.set(name, entry);
  }
  return logins;
}

/** Options of a login alone. @throws ConfigError that names the login and the option. */
export async function checkOwnOptions(login: string, accountId: string, own: SharedAgentOptions): Promise<void> {
  if (Object.keys(own).length === 0) return;
  const path = `createFleet.logins: the login ${login}`;
  const check = optionsChecker(own, path);
  check.known(SHARED);
  check.nothingElse();
  await checkAgentOptions(path, accountId, own);
}

/** What `connectAgent` would refuse later, for each login and again and again. It is stopped before it connects. */
export async function checkAgentOptions(path: string, accountId: string, options: SharedAgentOptions): Promise<void> {
  const credentials = { username: 'any', password: 'any' };
  try {
    const agent = await connectAgent({
      ...options,
      accountId,
      credentials,
      logger: false,
      signal: AbortSignal.abort(),
    });
    agent.terminate();
  } catch (error) {
    if (ConfigError.isInstance(error)) throw new ConfigError(error.message.replace(/^connectAgent/, path));
  }
}
