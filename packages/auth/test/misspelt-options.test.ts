import { describe, expect, it } from '@jest/globals';
import {
  createAppTokens,
  createDomainResolver,
  createHttpClient,
  createRestClient,
  createSessionManager,
  login,
  logout,
  oauth1Authorizer,
  parseCsdsDomain,
  publicHosts,
  refreshSession,
  type Session,
  signOAuth1,
} from '@lp/auth';
import { ConfigError } from '@lp/core';

const http = createHttpClient();
const domains = createDomainResolver({ accountId: 'le1', http });
const sessions = createSessionManager({ accountId: 'le1', credentials: { token: 't', userId: '1' }, domains, http });
const tokens = createAppTokens({ accountId: 'le1', clientId: 'c', clientSecret: 's', domains, http });
const rest = createRestClient({ accountId: 'le1', domains, http, sessions });
const call = { method: 'GET', origin: 'https://x.example', path: '/' } as const;
const keys = { appKey: 'a', secret: 's', accessToken: 't', accessTokenSecret: 'ts' };

const base = { accountId: 'le1', domains, http };
const session: Session = { bearer: 'b', csrf: 'c', userId: '1', agentId: undefined, expiresAt: undefined };

type Call = (options: never) => unknown;
const calls: [name: string, call: Call, wrong: string, meant: string][] = [
  ['createHttpClient', (o) => createHttpClient(o), 'timeoutMS', 'timeoutMs'],
  ['createDomainResolver', (o: object) => createDomainResolver({ accountId: 'le1', http, ...o }), 'cacheMS', 'cacheMs'],
  [
    'createSessionManager',
    (o: object) =>
      createSessionManager({ accountId: 'le1', credentials: { token: 't', userId: '1' }, domains, http, ...o }),
    'refreshIntervallMs',
    'refreshIntervalMs',
  ],
  [
    'createAppTokens',
    (o: object) => createAppTokens({ accountId: 'le1', clientId: 'c', clientSecret: 's', domains, http, ...o }),
    'renewEarly',
    'renewEarlyMs',
  ],
  [
    'createRestClient',
    (o: object) => createRestClient({ accountId: 'le1', domains, http, sessions, ...o }),
    'clok',
    'clock',
  ],
  ['parseCsdsDomain', (o) => parseCsdsDomain('x.example', o), 'insecur', 'insecure'],
  ['oauth1Authorizer', (o) => oauth1Authorizer(keys, o), 'clok', 'clock'],
  ['publicHosts', (o: object) => publicHosts({ csdsHost: 'x.example', ...o }), 'privateHost', 'privateHosts'],
  ['publicHostsOnly', (o) => createHttpClient({ publicHostsOnly: o }), 'excep', 'except'],
  [
    'request',
    (o: object) => signOAuth1({ method: 'GET', url: 'https://x.example', ...o }, keys),
    'contentTpe',
    'contentType',
  ],
  ['signOAuth1', (o) => signOAuth1({ method: 'GET', url: 'https://x.example' }, keys, o), 'clok', 'clock'],
  [
    'login',
    (o: object) => login({ ...base, credentials: { token: 't', userId: '1' }, ...o }),
    'timeoutMS',
    'timeoutMs',
  ],
  ['refreshSession', (o: object) => refreshSession({ ...base, session, ...o }), 'signl', 'signal'],
  ['logout', (o: object) => logout({ ...base, session, ...o }), 'timeout', 'timeoutMs'],
  ['refresh', (o) => sessions.refresh(o), 'signl', 'signal'],
  ['all', (o) => domains.all(o), 'fresh', 'refresh'],
  ['resolve', (o) => domains.resolve('agentVep', o), 'signl', 'signal'],
  ['resolve', (o) => domains.origin('agentVep', o), 'signl', 'signal'],
  ['session', (o) => sessions.session(o), 'signl', 'signal'],
  ['renew', (o) => sessions.renew('x', o), 'unles', 'unless'],
  ['close', (o) => sessions.close(o), 'logOut', 'logout'],
  ['token', (o) => tokens.token(o), 'signl', 'signal'],
  ['renew', (o) => tokens.renew(o), 'unles', 'unless'],
  ['request', (o: object) => http.request({ ...call, ...o }), 'timeout', 'timeoutMs'],
  ['request', (o: object) => rest.request({ method: 'GET', service: 'x', path: '/', ...o }), 'sucess', 'success'],
];

describe('a misspelt option', () => {
  it.each(calls)('of %s is refused, and the one that was meant is named', async (name, run, wrong, meant) => {
    const refusal = await Promise.resolve()
      .then(() => run({ [wrong]: 1 } as never))
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as Error).message).toBe(`${name}.${wrong} is not an option; did you mean ${meant}?`);
  });
});
