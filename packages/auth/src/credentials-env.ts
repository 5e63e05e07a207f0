import { ConfigError } from '@lp/core';
import { type Credentials, parseCredentials } from './credentials.ts';
import { checkAccountId } from './hosts.ts';

/** The variables of each way to log in, by the field they fill. */
const SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'user and password': { username: 'LP_USER', password: 'LP_PASS' },
  'API key': {
    username: 'LP_USER',
    appKey: 'LP_APP_KEY',
    secret: 'LP_SECRET',
    accessToken: 'LP_ACCESS_TOKEN',
    accessTokenSecret: 'LP_ACCESS_TOKEN_SECRET',
  },
  'own bearer': { token: 'LP_TOKEN', userId: 'LP_USER_ID' },
  'SAML assertion': { assertion: 'LP_ASSERTION' },
};

/**
 * Reads the account, the credentials and the look-up host from environment variables: `LP_ACCOUNT`, one set of
 * `LP_USER` and `LP_PASS`, or `LP_USER`, `LP_APP_KEY`, `LP_SECRET`, `LP_ACCESS_TOKEN` and `LP_ACCESS_TOKEN_SECRET`, or
 * `LP_TOKEN` and `LP_USER_ID`, or `LP_ASSERTION`; and `LP_CSDS` where it is set. Empty variables count as not set.
 *
 * @throws ConfigError that says which variables are missing, or which of them contradict each other; never a value.
 */
export function credentialsFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): {
  accountId: string;
  credentials: Credentials;
  csdsDomain?: string;
} {
  const accountId = env['LP_ACCOUNT'];
  const set = chooseSet(env);
  if (!accountId) throw new ConfigError('LP_ACCOUNT is not set: it holds the account id');
  checkAccountId(accountId);
  const fields = Object.entries(set).map(([field, variable]) => [field, env[variable]]);
  return {
    accountId,
    credentials: parseCredentials(Object.fromEntries(fields)),
    ...(env['LP_CSDS'] ? { csdsDomain: env['LP_CSDS'] } : {}),
  };
}

function chooseSet(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  // LP_USER belongs to two sets, so it does not tell which is meant.
  const begun = Object.entries(SETS).filter(([, set]) =>
    Object.values(set).some((variable) => variable !== 'LP_USER' && env[variable]),
  );
  const [first, second] = begun;
  if (!first) {
    const sets = Object.values(SETS).map((set) => Object.values(set).join(' + '));
    throw new ConfigError(`no complete set of credentials is in the environment: set ${sets.join(', or ')}`);
  }
  if (second) {
    const sets = begun.map(
      ([way, set]) =>
        `${way} (${Object.values(set)
          .filter((variable) => env[variable])
          .join(', ')})`,
    );
    throw new ConfigError(`the environment holds several sets of credentials, keep one: ${sets.join('; ')}`);
  }
  const [way, set] = first;
  const missing = Object.values(set).filter((variable) => !env[variable]);
  if (missing.length > 0)
    throw new ConfigError(`the ${way} in the environment is incomplete: set ${missing.join(', ')}`);
  return set;
}
