import { ConfigError } from '@lp/core';
import { checkObject } from '@lp/core/internal';
import { type Credentials, parseCredentials } from './credentials.ts';
import { WAYS, type Way, waysMeant } from './credentials-words.ts';
import { checkAccountId } from './hosts.ts';

/** The variable that fills each field of the credentials. */
const VARIABLES: Readonly<Record<string, string>> = {
  username: 'LP_USER',
  clientId: 'LP_CLIENT_ID',
  clientSecret: 'LP_CLIENT_SECRET',
  password: 'LP_PASS',
  appKey: 'LP_APP_KEY',
  secret: 'LP_SECRET',
  accessToken: 'LP_ACCESS_TOKEN',
  accessTokenSecret: 'LP_ACCESS_TOKEN_SECRET',
  token: 'LP_TOKEN',
  csrf: 'LP_CSRF',
  sessionId: 'LP_SESSION_ID',
  userId: 'LP_USER_ID',
  userPid: 'LP_USER_PID',
  assertion: 'LP_ASSERTION',
};

const variablesOf = (fields: readonly string[]) => fields.map((field) => VARIABLES[field] as string);
const FROM_ENV = WAYS.filter(({ fields }) => fields.every((field) => field in VARIABLES));

/**
 * Reads the account, the credentials and the look-up host from environment variables: `LP_ACCOUNT`, one set of
 * `LP_USER`, `LP_CLIENT_ID` and `LP_CLIENT_SECRET`, or `LP_USER` and `LP_PASS`, or `LP_TOKEN`, `LP_CSRF` and
 * `LP_SESSION_ID`, or `LP_TOKEN` and `LP_USER_ID`, or `LP_ASSERTION`, or the former API key's `LP_USER`, `LP_APP_KEY`,
 * `LP_SECRET`, `LP_ACCESS_TOKEN` and `LP_ACCESS_TOKEN_SECRET`; and `LP_CSDS` where it is set. A token may come with
 * `LP_USER_ID` and `LP_USER_PID`. Empty variables count as not set.
 *
 * @example
 * const agent = await connectAgent(credentialsFromEnv());
 *
 * @throws ConfigError that says which variables are missing, or which of them contradict each other; never a value.
 */
export function credentialsFromEnv(env: Readonly<Record<string, string | undefined>> = environment()): {
  accountId: string;
  credentials: Credentials;
  csdsDomain?: string;
} {
  checkObject('credentialsFromEnv', env);
  const accountId = env['LP_ACCOUNT'];
  const { fields, optional = [] } = chooseWay(env);
  if (!accountId) throw new ConfigError('LP_ACCOUNT is not set: it holds the account id');
  checkAccountId(accountId);
  const given = [...fields, ...optional].map((field) => [field, env[VARIABLES[field] ?? ''] || undefined] as const);
  return {
    accountId,
    credentials: parseCredentials(Object.fromEntries(given.filter(([, value]) => value !== undefined))),
    ...(env['LP_CSDS'] ? { csdsDomain: env['LP_CSDS'] } : {}),
  };
}

function environment(): Readonly<Record<string, string | undefined>> {
  if (typeof process !== 'undefined') return process.env;
  throw new ConfigError('a page has no environment variables: give accountId and credentials');
}

function chooseWay(env: Readonly<Record<string, string | undefined>>): Way {
  const isSet = (variable: string) => Boolean(env[variable]);
  const given = Object.keys(VARIABLES).filter((field) => isSet(VARIABLES[field] ?? ''));
  const ways = waysMeant(given);
  const [way] = ways;
  if (!way) throw new ConfigError(nothingComplete(given, isSet('LP_ACCOUNT')));
  if (ways.length > 1) {
    const sets = ways.map(({ name, fields }) => `${name} (${variablesOf(fields).filter(isSet).join(', ')})`);
    throw new ConfigError(`the environment holds several sets of credentials, keep one: ${sets.join('; ')}`);
  }
  const missing = variablesOf(way.fields).filter((variable) => !isSet(variable));
  if (missing.length > 0) throw new ConfigError(`for ${way.name} the environment lacks ${missing.join(', ')}`);
  return way;
}

/** What is missing: of the ways that begin with what is set, or else of all. */
function nothingComplete(given: readonly string[], hasAccount: boolean): string {
  const near = FROM_ENV.filter(({ fields }) => given.some((field) => fields.includes(field)));
  if (near.length === 0) {
    const sets = FROM_ENV.map(({ fields }) => variablesOf(fields).join(' + '));
    const account = hasAccount ? '' : 'LP_ACCOUNT, and ';
    return `no complete set of credentials is in the environment: set ${account}${sets.join(', or ')}`;
  }
  const lacking = near.map(({ name, fields }) => {
    const missing = variablesOf(fields.filter((field) => !given.includes(field)));
    return `${missing.join(' + ')} (${name})`;
  });
  return `${variablesOf(given).join(' and ')} alone is no login: set also ${lacking.join(', or ')}`;
}
