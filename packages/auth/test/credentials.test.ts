import { describe, expect, it } from '@jest/globals';
import { type Credentials, CredentialsSchema, credentialsFromEnv } from '@lp/auth';
import { ConfigError } from '@lp/core';
import { isRenewable, parseCredentials } from '../src/credentials.ts';
import { thrown } from './support/errors.ts';

const API_KEY = { username: 'u', appKey: 'k', secret: 's', accessToken: 't', accessTokenSecret: 'ts' };
const CLIENT = { username: 'u', clientId: 'c', clientSecret: 'cs' };
const SESSION = { token: 'abc', csrf: 'def', sessionId: 'ghi' };
const message = (input: unknown) => CredentialsSchema.safeParse(input).error?.issues[0]?.message;

describe('CredentialsSchema', () => {
  it.each<[string, Credentials]>([
    ['client credentials', CLIENT],
    ['user and password', { username: 'u', password: 'p' }],
    ['an API key', API_KEY],
    ['a bearer of your own', { token: 'abc', userId: '1' }],
    ['a bearer of your own whose PID is known', { token: 'abc', userId: '1', userPid: 'pid' }],
    ['an existing session', SESSION],
    ['an existing session whose ids are known', { ...SESSION, userId: '1', userPid: 'pid' }],
    ['a SAML assertion', { assertion: 'PHNhbWw+' }],
    ['a provider', { provider: () => Promise.reject(new Error('unused')) }],
  ])('takes %s', (_name, credentials) => {
    expect(CredentialsSchema.parse(credentials)).toEqual(credentials);
  });

  it('takes what is undefined for not given, and whether a login can be renewed is told without it', () => {
    const credentials = parseCredentials({ username: 'u', password: 'p', token: undefined, assertion: undefined });
    expect(Object.keys(credentials)).toEqual(['username', 'password']);
    expect(isRenewable(credentials)).toBe(true);
  });

  it.each([
    [
      { username: 'marker' },
      'credentials hold a username and nothing to prove it with: give one of: client credentials',
    ],
    [{ username: 'marker', clientId: 'marker' }, 'credentials for client credentials lack clientSecret'],
    [{ username: 'marker', clientSecret: 'marker' }, 'credentials for client credentials lack clientId'],
    [{ clientId: 'marker', clientSecret: 'marker' }, 'credentials for client credentials lack username'],
    [{ ...CLIENT, clientSecret: '' }, 'empty or malformed field among username, clientId, clientSecret'],
    [{ ...CLIENT, clientSecret: 'marker\n' }, 'empty or malformed field among username, clientId, clientSecret'],
    [{ ...CLIENT, clientId: ' marker' }, 'empty or malformed field among username, clientId, clientSecret'],
    [{ ...CLIENT, password: 'marker' }, 'credentials mix client credentials and user and password'],
    [{ token: 'marker', csrf: 'marker', userId: '1' }, 'credentials for existing session lack sessionId'],
    [{ sessionId: 'marker' }, 'credentials for existing session lack token, csrf'],
    [{ ...SESSION, sessionId: 'marker; a=b' }, 'empty or malformed field among token, csrf, sessionId'],
    [{ password: 'marker' }, 'credentials for user and password lack username'],
    [
      { username: 'marker', password: undefined, appKey: 'marker' },
      'credentials for API key lack secret, accessToken, accessTokenSecret',
    ],
    [{ ...API_KEY, secret: undefined }, 'credentials for API key lack secret'],
    [{ token: 'marker' }, 'credentials for own bearer lack userId'],
    [{ userId: '1' }, 'credentials for own bearer lack token'],
    [
      { username: 'marker', password: 'marker', token: 'marker' },
      'credentials mix user and password and own bearer: give one way only',
    ],
    [
      { username: 'marker', password: 'marker', pasword: 'marker' },
      'credentials for user and password hold pasword, which is not known there',
    ],
    [
      { username: '', password: 'marker' },
      'credentials for user and password hold an empty or malformed field among username, password',
    ],
    [
      { token: 'marker marker', userId: '1' },
      'credentials for own bearer hold an empty or malformed field among token, userId',
    ],
    [{ provider: 'marker' }, 'credentials for custom provider hold an empty or malformed field among provider'],
    [{}, 'credentials must be one of: client credentials (username, clientId, clientSecret); user and password'],
    [undefined, 'credentials must be one of'],
    ['marker', 'credentials must be one of'],
    [null, 'credentials must be one of'],
  ])('says what is wrong with %j', (input, expected) => {
    expect(message(input)).toContain(expected);
    expect(JSON.stringify(CredentialsSchema.safeParse(input).error)).not.toContain('marker');
  });
});

describe('a misspelt name in credentials', () => {
  it.each([
    [
      { username: 'marker', clientID: 'marker', clientSecret: 'marker' },
      'lack clientId; clientID is not known there, did you mean clientId?',
    ],
    [
      { username: 'marker', client_id: 'marker', client_secret: 'marker' },
      'client_id is not known there, did you mean clientId?; client_secret is not known there, did you mean clientSecret?',
    ],
    [{ user: 'marker', password: 'marker' }, 'lack username; user is not known there, did you mean username?'],
    [{ ...CLIENT, pasword: 'marker' }, 'credentials for client credentials hold pasword'],
    [{ ...API_KEY, accessTokenSecret: undefined, accesTokenSecret: 'marker' }, 'did you mean accessTokenSecret?'],
    [
      { ...SESSION, userPID: 'marker' },
      'hold userPID, which is not known there; userPID is not known there, did you mean userPid?',
    ],
  ])('is met with the name that was probably meant: %j', (input, expected) => {
    expect(message(input)).toContain(expected);
    expect(message(input)).not.toContain('marker');
  });

  it('is not repeated when it may be a value', () => {
    const text = String(message({ ...CLIENT, 'se cret/marker': 1 }));
    expect(text).toContain('a field that is not known there');
    expect(text).not.toContain('marker');
  });
});

describe('credentialsFromEnv', () => {
  it.each([
    [{ LP_USER: 'u', LP_CLIENT_ID: 'c', LP_CLIENT_SECRET: 'cs' }, CLIENT],
    [{ LP_TOKEN: 'abc', LP_CSRF: 'def', LP_SESSION_ID: 'ghi' }, SESSION],
    [
      { LP_TOKEN: 'abc', LP_CSRF: 'def', LP_SESSION_ID: 'ghi', LP_USER_ID: '1', LP_USER_PID: 'pid' },
      { ...SESSION, userId: '1', userPid: 'pid' },
    ],
    [
      { LP_USER: 'u', LP_PASS: 'p' },
      { username: 'u', password: 'p' },
    ],
    [{ LP_USER: 'u', LP_APP_KEY: 'k', LP_SECRET: 's', LP_ACCESS_TOKEN: 't', LP_ACCESS_TOKEN_SECRET: 'ts' }, API_KEY],
    [
      { LP_TOKEN: 'abc', LP_USER_ID: '1' },
      { token: 'abc', userId: '1' },
    ],
    [{ LP_ASSERTION: 'PHNhbWw+' }, { assertion: 'PHNhbWw+' }],
    [{ LP_ASSERTION: 'PHNhbWw+', LP_USER: 'u', LP_PASS: '' }, { assertion: 'PHNhbWw+' }],
  ])('reads %j', (env, credentials) => {
    expect(credentialsFromEnv({ LP_ACCOUNT: 'le1', ...env })).toEqual({ accountId: 'le1', credentials });
  });

  it('reads the look-up host where it is set', () => {
    const env = { LP_ACCOUNT: 'le1', LP_USER: 'u', LP_PASS: 'p' };
    expect(credentialsFromEnv({ ...env, LP_CSDS: '127.0.0.1:80' })).toMatchObject({ csdsDomain: '127.0.0.1:80' });
    expect(credentialsFromEnv({ ...env, LP_CSDS: '' })).not.toHaveProperty('csdsDomain');
  });

  it('reads the environment of the process by default', () => {
    const before = { ...process.env };
    Object.assign(process.env, { LP_ACCOUNT: 'le1', LP_TOKEN: 'abc', LP_USER_ID: '1' });
    try {
      expect(credentialsFromEnv()).toMatchObject({ accountId: 'le1', credentials: { token: 'abc' } });
    } finally {
      for (const name of ['LP_ACCOUNT', 'LP_TOKEN', 'LP_USER_ID']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  it.each([
    [{ LP_USER: 'marker', LP_PASS: 'marker' }, 'LP_ACCOUNT is not set'],
    [
      { LP_ACCOUNT: 'le1' },
      'set LP_USER + LP_CLIENT_ID + LP_CLIENT_SECRET, or LP_USER + LP_PASS, or LP_USER + LP_APP_KEY + LP_SECRET + LP_ACCESS_TOKEN + LP_ACCESS_TOKEN_SECRET, or LP_TOKEN + LP_CSRF + LP_SESSION_ID, or LP_TOKEN + LP_USER_ID, or LP_ASSERTION',
    ],
    [{}, 'set LP_ACCOUNT, and LP_USER + LP_CLIENT_ID + LP_CLIENT_SECRET, or'],
    [
      { LP_ACCOUNT: 'le1', LP_USER: 'marker' },
      'LP_USER alone is no login: set also LP_CLIENT_ID + LP_CLIENT_SECRET (client credentials), or LP_PASS (user and password), or LP_APP_KEY + LP_SECRET + LP_ACCESS_TOKEN + LP_ACCESS_TOKEN_SECRET (API key)',
    ],
    [
      { LP_ACCOUNT: 'le1', LP_USER: 'marker', LP_CLIENT_ID: 'marker' },
      'for client credentials the environment lacks LP_CLIENT_SECRET',
    ],
    [
      { LP_ACCOUNT: 'le1', LP_CLIENT_SECRET: 'marker' },
      'for client credentials the environment lacks LP_USER, LP_CLIENT_ID',
    ],
    [
      { LP_ACCOUNT: 'le1', LP_TOKEN: 'marker', LP_CSRF: 'marker' },
      'for existing session the environment lacks LP_SESSION_ID',
    ],
    [{ LP_ACCOUNT: 'le1', LP_PASS: 'marker' }, 'for user and password the environment lacks LP_USER'],
    [
      { LP_ACCOUNT: 'le1', LP_USER: 'marker', LP_APP_KEY: 'marker' },
      'for API key the environment lacks LP_SECRET, LP_ACCESS_TOKEN, LP_ACCESS_TOKEN_SECRET',
    ],
    [{ LP_ACCOUNT: 'le1', LP_TOKEN: 'marker' }, 'for own bearer the environment lacks LP_USER_ID'],
    [
      { LP_ACCOUNT: 'le1', LP_USER: 'marker', LP_PASS: 'marker', LP_TOKEN: 'marker' },
      'several sets of credentials, keep one: user and password (LP_USER, LP_PASS); own bearer (LP_TOKEN)',
    ],
    [{ LP_ACCOUNT: 'marker/..', LP_USER: 'marker', LP_PASS: 'marker' }, 'accountId must be 1 to 20 letters'],
  ])('says what is missing in %j', (env, expected) => {
    const error = thrown(() => credentialsFromEnv(env));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(expected);
    expect(error.message).not.toContain('marker');
  });
});
