import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  bearerAuthorizer,
  createAppTokens,
  createDomainResolver,
  createHttpClient,
  createRestClient,
  createSessionManager,
  credentialsFromEnv,
  type DomainResolver,
  login,
  logout,
  oauth1Authorizer,
  parseCsdsDomain,
  publicHosts,
  type RestClient,
  refreshSession,
  type Session,
  type SessionManager,
  signOAuth1,
} from '@lp/auth';
import { ConfigError } from '@lp/core';

const server = createServer((request, response) => {
  asked.push(request.url);
  response.end('{}');
});
const asked: unknown[] = [];
const http = createHttpClient({ logger: false });
const session: Session = { bearer: 'b', csrf: 'c', userId: '1', agentId: undefined, expiresAt: undefined };
const keys = { appKey: 'a', secret: 's', accessToken: 't', accessTokenSecret: 'ts' };
const signed = { method: 'GET', url: 'https://x.example' };
let host: string;
let domains: DomainResolver;
let sessions: SessionManager;
let rest: RestClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  domains = createDomainResolver({ accountId: 'le1', csdsDomain: host, http, logger: false });
  sessions = createSessionManager({ ...base(), credentials: { token: 't', userId: '1' }, logger: false });
  rest = createRestClient({ ...base(), sessions });
});

afterAll(async () => {
  await sessions.close();
  await http.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const base = () => ({ accountId: 'le1', domains, http });
const app = () => ({ ...base(), clientId: 'c', clientSecret: 's' });
const clocks = [5, null, {}, { now: Date.now }];
const loggers = ['console', null, {}, { warn() {} }];
const signals = [5, null, {}];
const callValues = {
  accountId: [5, null],
  domains: [5, null, {}],
  http: [5, null, {}],
  signal: signals,
  timeoutMs: ['5', null, 0],
  clock: clocks,
  logger: loggers,
};

type Call = (options: never) => unknown;

/** What takes options, with values that each of them does not take. */
const calls: [name: string, call: Call, wrong: Record<string, readonly unknown[]>][] = [
  [
    'login',
    (o: object) => login({ ...base(), credentials: { token: 't', userId: '1' }, ...o }),
    { ...callValues, credentials: [5, null, {}], reason: ['again', 5], attempt: ['1', 0] },
  ],
  [
    'refreshSession',
    (o: object) => refreshSession({ ...base(), session, ...o }),
    { ...callValues, session: [5, null] },
  ],
  ['logout', (o: object) => logout({ ...base(), session, ...o }), { ...callValues, session: [5, null] }],
  [
    'createHttpClient',
    (o) => createHttpClient(o),
    { dispatcher: [5, null, {}], publicHostsOnly: [5, null], clock: clocks, logger: loggers, timeoutMs: ['5'] },
  ],
  [
    'createDomainResolver',
    (o: object) => createDomainResolver({ accountId: 'le1', http, ...o }),
    { domains: [5, null, 'x'], http: [5, null, {}], clock: clocks, logger: loggers },
  ],
  [
    'createSessionManager',
    (o: object) => createSessionManager({ ...base(), credentials: { token: 't', userId: '1' }, ...o }),
    { domains: [5, null, {}], http: [5, null, {}], clock: clocks, logger: loggers },
  ],
  [
    'createAppTokens',
    (o: object) => createAppTokens({ ...app(), ...o }),
    { domains: [5, null, {}], http: [5, null, {}], clock: clocks, logger: loggers },
  ],
  [
    'createRestClient',
    (o: object) => createRestClient({ ...base(), sessions, ...o }),
    { domains: [5, null, {}], http: [5, null, {}], sessions: [5, null, {}], clock: clocks },
  ],
  [
    'createRestClient',
    (o: { authorizer: never }) => createRestClient({ ...base(), ...o }),
    { authorizer: [5, null, {}] },
  ],
  ['parseCsdsDomain', (o) => parseCsdsDomain('x.example', o), { insecure: ['no'] }],
  [
    'publicHosts',
    (o: object) => publicHosts({ csdsHost: 'x.example', ...o }),
    { csdsHost: [5, null], domains: [5, null], privateHosts: ['no'] },
  ],
  ['signOAuth1', (o) => signOAuth1(signed, keys, o), { clock: clocks }],
  ['signOAuth1', (o: object) => signOAuth1({ ...signed, ...o }, keys), { method: [5, null], contentType: [5, null] }],
  ['all', (o) => domains.all(o), { signal: signals, refresh: ['yes'] }],
  ['resolve', (o) => domains.resolve('agentVep', o), { signal: signals, refresh: ['yes'] }],
  ['session', (o) => sessions.session(o), { signal: signals }],
  ['refresh', (o) => sessions.refresh(o), { signal: signals }],
  ['renew', (o) => sessions.renew('x', o), { signal: signals, unless: [5, null], revoked: ['yes'] }],
  ['close', (o) => sessions.close(o), { logout: ['yes', null] }],
  ['token', (o) => createAppTokens(app()).token(o), { signal: signals }],
  ['renew', (o) => createAppTokens(app()).renew(o), { signal: signals, unless: [5, null] }],
  [
    'request',
    (o: object) => http.request({ method: 'GET', origin: `http://${host}`, path: '/', ...o }),
    {
      origin: [5, null],
      path: [5, null],
      query: [5, null],
      headers: [5, null],
      timeoutMs: ['5', null, 0, Infinity],
      maxResponseBytes: ['5', null],
      signal: signals,
      idempotent: ['yes'],
      service: [5],
    },
  ],
  [
    'request',
    (o: object) => rest.request({ method: 'GET', service: 'msgHist', path: '/', ...o }),
    {
      method: ['get', 5, null],
      service: [5, null, ''],
      path: [5, null],
      query: [5, null],
      headers: [5, null],
      timeoutMs: ['5', null, 0, Infinity],
      success: [200, ['200'], null],
      signal: signals,
      idempotent: ['yes'],
    },
  ],
];

const cases = calls.flatMap(([name, call, wrong]) =>
  Object.entries(wrong).flatMap(([option, values]) =>
    values.map((value): [string, string, Call, object] => [
      `${name}: ${option}: ${JSON.stringify(value) ?? typeof value}`,
      option,
      call,
      { [option]: value },
    ]),
  ),
);

/** What a call is refused with, thrown or rejected. */
const refusalOf = (call: () => unknown) =>
  Promise.resolve()
    .then(call)
    .then(
      (accepted) => ({ accepted }),
      (error: unknown) => error,
    );

describe('a value that an option does not take', () => {
  it.each(cases)('is refused, and nothing is sent: %s', async (_what, option, call, options) => {
    const refusal = await refusalOf(() => call(options as never));
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as Error).message).toContain(option);
    expect(asked).toEqual([]);
  });
});

describe('no object in the place of options', () => {
  it.each<[string, Call]>([
    ['login', login],
    ['refreshSession', refreshSession],
    ['logout', logout],
    ['createHttpClient', createHttpClient],
    ['createDomainResolver', createDomainResolver],
    ['createSessionManager', createSessionManager],
    ['createAppTokens', createAppTokens],
    ['createRestClient', createRestClient],
    ['credentialsFromEnv', credentialsFromEnv],
    ['publicHosts', publicHosts],
    ['bearerAuthorizer', bearerAuthorizer],
    ['oauth1Authorizer', (o) => oauth1Authorizer(o)],
    ['oauth1Authorizer', (o) => oauth1Authorizer(keys, o)],
    ['signOAuth1', (o) => signOAuth1(o, keys)],
    ['signOAuth1', (o) => signOAuth1(signed, o)],
    ['signOAuth1', (o) => signOAuth1(signed, keys, o)],
    ['refresh', (o) => sessions.refresh(o)],
    ['onChange', (o) => sessions.onChange(o)],
    ['a REST request', (o) => rest.request(o)],
    ['a request', (o) => http.request(o)],
  ])('is refused by %s', async (_name, call) => {
    expect(await refusalOf(() => call(null as never))).toBeInstanceOf(ConfigError);
    expect(await refusalOf(() => call('x' as never))).toBeInstanceOf(ConfigError);
    expect(asked).toEqual([]);
  });
});
