import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  type Credentials,
  createHttpClient,
  login,
  logout,
  type ProviderContext,
  refreshSession,
  type Session,
} from '@lp/auth';
import {
  AuthError,
  ClosedError,
  ConfigError,
  createManualClock,
  DomainLookupError,
  FencedError,
  InvalidCredentialsError,
  type LpError,
  NotConnectedError,
  OutcomeUnknownError,
  ProtocolError,
  RequestRejectedError,
  RequestTimeoutError,
  SessionExpiredError,
} from '@lp/core';
import { PASSWORD, startClient, type TestClient } from './support/client.ts';
import { rejection } from './support/errors.ts';
import { ACCOUNT, loginBody, type RouteResponse } from './support/platform.ts';

const CLIENT = { username: 'bot', clientId: 'client', clientSecret: 'client-secret' };
const API_KEY = { username: 'bot', appKey: 'key', secret: 'sec', accessToken: 'tok', accessTokenSecret: 'toksec' };

function logIn(client: TestClient, credentials: Credentials = PASSWORD, signal?: AbortSignal): Promise<Session> {
  return login({
    accountId: ACCOUNT,
    credentials,
    domains: client.domains,
    http: client.http,
    clock: client.clock,
    signal,
  });
}

describe('login', () => {
  // verifies: login:password
  it.each<[string, Credentials, unknown]>([
    ['user and password', PASSWORD, PASSWORD],
    ['an API key', API_KEY, API_KEY],
    ['a SAML assertion', { assertion: 'PHNhbWw+' }, { jwt: 'dummy', assertion: 'PHNhbWw+' }],
    [
      'client credentials',
      CLIENT,
      {
        username: 'bot',
        appKey: 'client',
        secret: 'client-secret',
        accessToken: 'dummy',
        accessTokenSecret: 'dummy',
      },
    ],
  ])('sends %s', async (_name, credentials, body) => {
    await using client = await startClient();
    const session = await logIn(client, credentials);
    const request = client.platform.seen.at(-1);
    expect(request).toMatchObject({ method: 'POST', path: `/api/account/${ACCOUNT}/login` });
    expect(request?.query.get('v')).toBe('1.3');
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request?.body ?? '')).toEqual(body);
    expect(session.bearer).toBe('bearer-0001');
  });

  // verifies: login:password
  it('reads what a session needs, and the cookie', async () => {
    await using client = await startClient();
    const session = await logIn(client);
    expect(session).toMatchObject({
      bearer: 'bearer-0001',
      csrf: 'csrf-0001',
      cookies: 'Session_id=cookie-0001',
      userId: '4875090664',
      agentId: '3a7b8c9d-0000-4000-8000-000000000001',
      expiresAt: client.clock.now() + 28_800_000,
      loginName: 'bot',
    });
  });

  // verifies: login:session
  it('sends nothing with a session of your own, which can be refreshed with what it came with', async () => {
    await using client = await startClient();
    const given = { token: 'own-token', csrf: 'own-csrf', sessionId: 'own-cookie', userId: '123', userPid: 'pid' };
    const session = await logIn(client, given);
    expect(session).toMatchObject({ bearer: 'own-token', userId: '123', agentId: 'pid' });
    expect(client.platform.seen).toEqual([]);
    await refreshSession({ accountId: ACCOUNT, session, domains: client.domains, http: client.http });
    expect(client.platform.seen.at(-1)).toMatchObject({
      body: '{"csrf":"own-csrf"}',
      headers: { cookie: 'session_id=own-cookie' },
    });
    expect(client.platform.count('/login')).toBe(0);
    const { userId: _, userPid: __, ...nameless } = given;
    expect((await logIn(client, nameless)).userId).toBe('');
  });

  // verifies: login:bearer
  it('sends nothing with a bearer of your own, whose agent id is not known yet', async () => {
    await using client = await startClient();
    const session = await logIn(client, { token: 'own-token', userId: '123' });
    expect(session).toMatchObject({ bearer: 'own-token', userId: '123' });
    expect([session.agentId, session.csrf, session.cookies, session.expiresAt]).toEqual(Array(4).fill(undefined));
    expect(client.platform.seen).toEqual([]);
  });

  it.each([
    ['"12345678901234567890"', '12345678901234567890'],
    ['12345678901234567890', '12345678901234567890'],
    ['"007"', '007'],
    ['4875090664', '4875090664'],
  ])('keeps a user id of %s exact', async (written, userId) => {
    await using client = await startClient();
    const text = JSON.stringify(loginBody({ config: { userId: '@' } })).replace('"@"', written);
    client.platform.on('/login', () => ({ body: text }));
    expect((await logIn(client)).userId).toBe(userId);
  });

  it.each([
    ['no time to live', undefined],
    ['a time to live of nothing', '0'],
    ['a time to live that is no number', 'soon'],
  ])('does not know the end of a session with %s', async (_name, sessionTTl) => {
    await using client = await startClient();
    client.platform.on('/login', () => ({ body: loginBody({ sessionTTl }) }));
    expect(await logIn(client)).not.toHaveProperty('expiresAt');
  });

  it('makes the cookie from the session id when none is set', async () => {
    await using client = await startClient();
    client.platform.on('/login', () => ({ body: loginBody({ sessionId: 'abc' }) }));
    expect((await logIn(client)).cookies).toBe('session_id=abc');
  });

  it('prefers the cookie that is set, however its name is spelled', async () => {
    await using client = await startClient();
    client.platform.on('/login', () => ({
      body: loginBody({ sessionId: 'abc' }),
      headers: { 'set-cookie': ['SESSION_ID=xyz; HttpOnly', 'lb=node7; Path=/', 'gone=1; Max-Age=0', 'junk'] },
    }));
    expect((await logIn(client)).cookies).toBe('SESSION_ID=xyz; lb=node7');
  });

  it('takes fields it does not know, and a session without csrf', async () => {
    await using client = await startClient();
    const config = { userId: '1', userPid: null, loginName: null };
    const body = loginBody({
      csrf: null,
      sessionId: null,
      sessionTTl: null,
      config,
      wsuk: '17',
      accountData: { x: [1] },
    });
    client.platform.on('/login', () => ({ body }));
    const session = await logIn(client);
    expect(session.csrf).toBeUndefined();
    expect(Object.keys(session)).toEqual(['userId']);
  });
});

describe('a login that is refused', () => {
  const error = (message: string, more: object = {}) => ({ error: { time: 'now', message, ...more } });
  it.each<[string, RouteResponse, new (...args: never[]) => LpError, boolean, RegExp]>([
    [
      'a wrong password',
      { status: 401, body: error('bad', { internalCode: 5 }) },
      InvalidCredentialsError,
      false,
      /^the platform refused the login: check the account id, username and password$/,
    ],
    ['a wrong password without a body', { status: 401 }, InvalidCredentialsError, false, /username and password/],
    [
      'an unauthorized error body with status 200',
      { body: error('bad', { responseStatus: 'UNAUTHORIZED' }) },
      InvalidCredentialsError,
      false,
      /username and password/,
    ],
    [
      'a rejected token',
      { status: 401, body: error('oauth token_rejected') },
      InvalidCredentialsError,
      false,
      /^the platform refused the login \(token_rejected\): check the account id, username and password$/,
    ],
    [
      'a rejected token as bare text',
      { status: 401, body: 'oauth_problem=token_rejected' },
      InvalidCredentialsError,
      false,
      /^the platform refused the login \(token_rejected\)/,
    ],
    [
      'a wrong signature',
      { status: 401, body: error('signature_invalid') },
      InvalidCredentialsError,
      false,
      /^the platform refused the login \(signature_invalid\)/,
    ],
    ['a malformed request', { status: 400, body: error('bad') }, AuthError, false, /malformed \(400\)/],
    ['a user without permission', { status: 403, body: error('x') }, AuthError, false, /permissions/],
    ['no such place', { status: 404, body: error('x') }, AuthError, false, /no login service for this account at 127/],
    [
      'a redirect',
      { status: 307, headers: { location: 'https://evil.example/' } },
      NotConnectedError,
      true,
      /with a redirect \(307\), which is never followed: something is in the way/,
    ],
    ['a blocked account', { status: 451 }, AuthError, false, /blocked this account or user \(451\)/],
    ['some other 4xx', { status: 418, body: error('x') }, AuthError, false, /refused the login \(418\)/],
    ['too many logins', { status: 429 }, AuthError, true, /slow down \(429\)/],
    ['a server error', { status: 500, body: error('x') }, AuthError, true, /failed \(500\)/],
    ['a server that is away', { status: 503 }, AuthError, true, /failed \(503\)/],
    ['an error body with status 200', { body: error('x', { internalCode: 9 }) }, AuthError, true, /failed \(500\)/],
    [
      'an error body of another shape with status 200',
      { body: { error: { message: 7, internalCode: {} } } },
      AuthError,
      true,
      /failed \(500\)/,
    ],
    [
      'the app server error',
      { status: 500, body: { error: 'LeLogin1 failed - invalid url received from app server' } },
      AuthError,
      true,
      /"invalid url received from app server"\): check that the account id is right/,
    ],
  ])('is typed and says what to check: %s', async (_name, response, kind, retryable, message) => {
    await using client = await startClient();
    client.platform.on('/login', () => response);
    const failure = await rejection(logIn(client));
    expect(failure).toBeInstanceOf(kind);
    expect(InvalidCredentialsError.isInstance(failure)).toBe((kind as unknown) === InvalidCredentialsError);
    expect(failure.retryable).toBe(retryable);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('\n');
    expect(client.platform.count('/login')).toBe(1);
  });

  it.each<[string, Credentials, RegExp]>([
    [
      'an API key',
      API_KEY,
      /^the platform refused the API key: LivePerson ended the login with API keys on 30 April 2026, use OAuth 2.0 client credentials.* check the account id, username, appKey, secret, accessToken and accessTokenSecret/,
    ],
    [
      'client credentials',
      CLIENT,
      /^the platform refused the login: check the account id, username, clientId and clientSecret, that their application is installed/,
    ],
    [
      'the placeholders of client credentials written by hand',
      { ...API_KEY, accessToken: 'dummy', accessTokenSecret: 'dummy' },
      /^the platform refused the login: check the account id, username, clientId and clientSecret/,
    ],
    ['a SAML assertion', { assertion: 'x' }, /check that the SAML assertion is meant for this account/],
  ])('names the fields to check with %s', async (_name, credentials, message) => {
    await using client = await startClient();
    client.platform.on('/login', () => ({ status: 401 }));
    expect((await rejection(logIn(client, credentials))).message).toMatch(message);
  });

  it.each([
    [
      'token_rejected',
      /^the platform refused the API key: LivePerson ended .* check that accessToken belongs to appKey/,
    ],
    ['signature_invalid', /^the platform refused the API key: LivePerson ended .* check secret and accessTokenSecret/],
  ])('says first that the vendor has ended API keys when one is refused with %s', async (problem, message) => {
    await using client = await startClient();
    client.platform.on('/login', () => ({ status: 401, body: `oauth_problem=${problem}` }));
    const failure = await rejection(logIn(client, API_KEY));
    expect(failure).toBeInstanceOf(InvalidCredentialsError);
    expect(failure.message).toMatch(message);
  });

  it('shows nothing of the client secret', async () => {
    await using client = await startClient();
    client.platform.on('/login', (request) => ({ status: 401, body: error(request.body) }));
    const failure = await rejection(logIn(client, CLIENT));
    expect(inspect(failure, { depth: 9 }) + JSON.stringify(failure)).not.toContain('client-secret');
  });

  // verifies: error:auth, auth-error:auth
  it('carries the codes of the platform, and how long to wait', async () => {
    await using client = await startClient();
    client.platform.on('/login', () => ({
      status: 429,
      headers: { 'retry-after': '12' },
      body: error('busy', { internalCode: 42, responseStatus: 'TOO_MANY' }),
    }));
    const failure = await rejection(logIn(client));
    expect(failure.context).toEqual({
      host: client.platform.host,
      status: 429,
      retryAfterMs: 12_000,
      internalCode: 42,
      responseStatus: 'TOO_MANY',
    });
  });

  it('is a fault of the server when its name for it is one that every object has', async () => {
    await using client = await startClient();
    client.platform.on('/login', () => ({ body: error('bad', { responseStatus: 'constructor' }) }));
    const failure = await rejection(logIn(client));
    expect(failure.context).toMatchObject({ status: 500 });
    expect(failure.retryable).toBe(true);
  });

  it.each([
    [(now: number) => new Date(now + 30_000).toUTCString(), 30_000],
    [() => '0.5', 500],
    [() => '-5', undefined],
    [() => 'later', undefined],
    [() => '86400000', 3_600_000],
    [(now: number) => new Date(now - 30_000).toUTCString(), 0],
  ])('reads how long to wait from a date or a number', async (header, expected) => {
    await using client = await startClient();
    const now = client.clock.now();
    const headers = { 'retry-after': header(now), date: new Date(now).toUTCString() };
    client.platform.on('/login', () => ({ status: 503, headers }));
    expect((await rejection(logIn(client))).context['retryAfterMs']).toBe(expected);
  });
});

describe('a login whose response cannot be used', () => {
  it.each<[string, RouteResponse, RegExp]>([
    ['no JSON', { body: 'sorry' }, /something that is not JSON/],
    ['nothing', {}, /expected object/],
    ['no bearer', { body: loginBody({ bearer: undefined }) }, /bearer: expected string/],
    ['a bearer that cannot stand in a URL', { body: loginBody({ bearer: 'a b\r\nc' }) }, /bearer: not as expected/],
    ['no user id', { body: loginBody({ config: { userPid: 'x' } }) }, /config\.userId: /],
    ['no config', { body: loginBody({ config: undefined }) }, /config: expected object/],
  ])('is a ProtocolError that may be tried again: %s', async (_name, response, message) => {
    await using client = await startClient();
    client.platform.on('/login', () => response);
    const failure = await rejection(logIn(client));
    expect(failure).toBeInstanceOf(ProtocolError);
    expect(failure.message).toMatch(message);
    expect(failure.retryable).toBe(true);
  });

  // verifies: session:login-retry
  it('may be tried again when it was cut off, came too late or the other side hung up', async () => {
    const httpClock = createManualClock();
    await using client = await startClient({ httpClock });
    client.platform.on('/login', () => (response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"bearer":"b');
      setImmediate(() => response.destroy());
    });
    expect(await rejection(logIn(client))).toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
    client.platform.on('/login', () => (response) => response.socket?.end());
    expect(await rejection(logIn(client))).toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
    client.platform.on('/login', () => () => undefined);
    const late = rejection(logIn(client));
    await client.platform.arrived('/login', 3);
    await httpClock.advance(10_000);
    expect(await late).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable: true, context: { service: 'agentVep' } });
  });
});

describe('a login that does not get there', () => {
  it('says which host does not respond', async () => {
    await using client = await startClient();
    client.platform.on('/service/baseURI.json', () => ({
      body: { baseURIs: [{ service: 'agentVep', baseURI: '127.0.0.1:1' }] },
    }));
    const failure = await rejection(logIn(client));
    expect(failure).toBeInstanceOf(NotConnectedError);
    expect(failure).toMatchObject({ retryable: true, context: { host: '127.0.0.1:1', service: 'agentVep' } });
  });

  it('says so when the account is not known', async () => {
    await using client = await startClient();
    client.platform.on('/service/baseURI.json', () => ({ status: 400, body: { error: 'bad site' } }));
    const failure = await rejection(logIn(client));
    expect(failure).toBeInstanceOf(DomainLookupError);
    expect(failure.message).toContain(`account ${ACCOUNT} is not known at`);
  });

  it.each(['before the start', 'in the look-up', 'in the login'])(
    'rejects with the reason when aborted %s',
    async (phase) => {
      await using client = await startClient();
      const controller = new AbortController();
      const reason = new Error('enough');
      const ending = phase === 'in the look-up' ? '/service/baseURI.json' : '/login';
      client.platform.on(ending, () => {
        controller.abort(reason);
        return () => undefined;
      });
      if (phase === 'before the start') controller.abort(reason);
      expect(await rejection(logIn(client, PASSWORD, controller.signal))).toBe(reason);
    },
  );

  // verifies: auth-error:config
  it('refuses what is not a credential before anything is sent', async () => {
    await using client = await startClient();
    const failure = await rejection(logIn(client, { username: 'u' } as Credentials));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(client.platform.seen).toEqual([]);
  });
});

describe('a provider of your own', () => {
  // verifies: login:provider
  it('is told what it needs, and its session is used', async () => {
    await using client = await startClient();
    const contexts: ProviderContext[] = [];
    const provider = (context: ProviderContext) => {
      contexts.push(context);
      return Promise.resolve({ bearer: 'given', userId: '7', agentId: 'pid', cookies: 'a=1; b=2', csrf: 'c' });
    };
    const session = await logIn(client, { provider });
    expect(session).toMatchObject({ bearer: 'given', userId: '7', agentId: 'pid', cookies: 'a=1; b=2', csrf: 'c' });
    expect(contexts).toEqual([
      { accountId: ACCOUNT, reason: 'first', attempt: 1, domains: client.domains, signal: expect.anything() },
    ]);
    expect(await contexts[0]?.domains.resolve('agentVep')).toBe(client.platform.host);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /no usable session/],
    [{ userId: '1' }, /bearer/],
    [{ bearer: 'a b', userId: '1' }, /bearer: not as expected/],
    [{ bearer: 'ab', userId: 1.5 }, /userId/],
    [{ bearer: 'ab', userId: null }, /userId/],
    [{ bearer: 'ab', userId: '1', expiresAt: '2030-01-01' }, /expiresAt: expected number/],
    [{ bearer: 'ab', userId: '1', cookies: 'a\r\nb' }, /cookies/],
  ])('gives a clear error, after which it may be asked again, when it returns %j', async (result, message) => {
    await using client = await startClient();
    const failure = await rejection(logIn(client, { provider: () => Promise.resolve(result as Session) }));
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).toMatch(message);
    expect(failure.retryable).toBe(true);
  });

  it('may give null for what it does not know, and numbers for ids', async () => {
    await using client = await startClient();
    const given = { bearer: 'ab', userId: 7, agentId: 8, csrf: null, cookies: null, expiresAt: null, loginName: null };
    const session = await logIn(client, { provider: () => Promise.resolve(given as unknown as Session) });
    expect({ ...session }).toEqual({ userId: '7', agentId: '8' });
    expect(session).toMatchObject({ bearer: 'ab', csrf: undefined });
    const none = { bearer: 'ab', userId: '7', agentId: null } as unknown as Session;
    expect((await logIn(client, { provider: () => Promise.resolve(none) })).agentId).toBeUndefined();
  });

  // verifies: login:provider
  it('may be asked again when it gives a session that has expired, or fails by itself', async () => {
    await using client = await startClient();
    const old = { bearer: 'ab', userId: '1', expiresAt: client.clock.now() };
    const expired = await rejection(logIn(client, { provider: () => Promise.resolve(old) }));
    expect(expired).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
    const cause = new Error('vault is sealed');
    const failed = await rejection(logIn(client, { provider: () => Promise.reject(cause) }));
    expect(failed).toMatchObject({ code: 'AUTH_FAILED', retryable: true, cause });
  });

  it('has a failure that throws at once caught like any other', async () => {
    await using client = await startClient();
    const provider = () => {
      throw new Error('at once');
    };
    expect(await rejection(logIn(client, { provider }))).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
  });

  it('decides itself with an error of these packages', async () => {
    await using client = await startClient();
    for (const own of [
      new InvalidCredentialsError('the vault holds no such bot'),
      new AuthError('the user is locked'),
      new ConfigError('no path is set'),
      new FencedError('another process has the login'),
      new NotConnectedError('the vault is away'),
    ]) {
      expect(await rejection(logIn(client, { provider: () => Promise.reject(own) }))).toBe(own);
    }
  });

  it.each<[string, LpError]>([
    [
      'OutcomeUnknownError',
      new OutcomeUnknownError('the exchange with vault broke off', { context: { host: 'vault' } }),
    ],
    ['RequestTimeoutError', new RequestTimeoutError('vault did not respond in 5 ms', { context: { host: 'vault' } })],
    [
      'ProtocolError',
      new ProtocolError('the response of vault is larger than 5 bytes', { context: { host: 'vault' } }),
    ],
    [
      'RequestRejectedError',
      new RequestRejectedError({ status: 404, type: 'GET vault' }, { context: { host: 'vault' } }),
    ],
    ['ClosedError', new ClosedError('the HTTP client was closed', { context: { host: 'vault' } })],
  ])('may be asked again after the failure of a request of its own: %s', async (_name, own) => {
    await using client = await startClient();
    const failure = await rejection(logIn(client, { provider: () => Promise.reject(own) }));
    expect(failure).toMatchObject({ code: 'AUTH_FAILED', retryable: true, cause: own, context: { host: 'vault' } });
    expect(failure.message).toBe(`the credentials provider failed: ${own.message}`);
  });

  it('is not waited for after an abort, though it may not listen', async () => {
    await using client = await startClient();
    const controller = new AbortController();
    const reason = new Error('enough');
    const provider = () => {
      setImmediate(() => controller.abort(reason));
      return new Promise<Session>(() => undefined);
    };
    expect(await rejection(logIn(client, { provider }, controller.signal))).toBe(reason);
  });
});

describe.each([
  ['refresh', refreshSession],
  ['logout', logout],
] as const)('%s', (call, run) => {
  async function start() {
    const client = await startClient();
    const session = await logIn(client);
    const options = { accountId: ACCOUNT, session, domains: client.domains, http: client.http, clock: client.clock };
    return { client, options, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
  }

  it('sends the csrf and the cookie', async () => {
    await using test = await start();
    await run(test.options);
    const request = test.client.platform.seen.at(-1);
    expect(request).toMatchObject({
      method: 'POST',
      path: `/api/account/${ACCOUNT}/${call}`,
      body: '{"csrf":"csrf-0001"}',
    });
    // The platform's pages show these calls without a version.
    expect(request?.query.size).toBe(0);
    expect(request?.headers.cookie).toBe('Session_id=cookie-0001');
    expect(request?.headers.authorization).toBeUndefined();
  });

  it('keeps a cookie that the response replaces', async () => {
    await using test = await start();
    test.client.platform.on(`/${call}`, () => ({ headers: { 'set-cookie': 'session_id=cookie-0002; Path=/' } }));
    await run(test.options);
    expect(test.options.session.cookies).toBe('session_id=cookie-0002');
  });

  it.each<[RouteResponse, string, boolean]>([
    [{ status: 401, body: { error: { internalCode: 10, responseStatus: 'UNAUTHORIZED' } } }, 'SESSION_EXPIRED', false],
    [{ body: { error: { responseStatus: 'UNAUTHORIZED' } } }, 'SESSION_EXPIRED', false],
    [{ status: 500 }, 'AUTH_FAILED', true],
    [{ status: 429 }, 'AUTH_FAILED', true],
    [{ status: 403, body: { error: 'no' } }, 'AUTH_FAILED', false],
    [{ status: 403, body: '<html>blocked</html>' }, 'NOT_CONNECTED', true],
    [{ status: 451, body: '<html>blocked</html>' }, 'NOT_CONNECTED', true],
    [{ status: 200, body: '<!doctype html><p>sign in' }, 'NOT_CONNECTED', true],
    [{ status: 302 }, 'NOT_CONNECTED', true],
    [{ status: 202 }, 'NOT_CONNECTED', true],
    [{ status: 204 }, 'NOT_CONNECTED', true],
    [{ status: 451 }, 'AUTH_FAILED', false],
  ])('types a refusal: %j', async (response, code, retryable) => {
    await using test = await start();
    test.client.platform.on(`/${call}`, () => response);
    const failure = await rejection(run(test.options));
    expect(failure).toMatchObject({ code, retryable });
    expect(SessionExpiredError.isInstance(failure)).toBe(code === 'SESSION_EXPIRED');
  });

  it('needs a csrf', async () => {
    await using test = await start();
    const failure = await rejection(run({ ...test.options, session: { bearer: 'x', userId: '1' } }));
    expect(failure).toBeInstanceOf(AuthError);
    expect(failure.message).toContain('needs a session with a csrf');
    expect(test.client.platform.count(`/${call}`)).toBe(0);
  });
});

it.each([201, 202, 203])('takes no login for made that gets %d: it may be tried again', async (status) => {
  await using client = await startClient();
  await using http = createHttpClient({ logger: false });
  client.platform.on('/login', () => ({ status, body: loginBody() }));
  const failure = await rejection(
    login({ accountId: ACCOUNT, credentials: PASSWORD, domains: client.domains, http, logger: false }),
  );
  expect(failure).toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
});

it('logs in to a host that hangs up on idle connections, time after time', async () => {
  await using client = await startClient();
  await using http = createHttpClient();
  for (let i = 0; i < 5; i++) {
    client.platform.on('/login', () => ({ body: loginBody(), headers: { connection: 'close' } }));
    const session = await login({ accountId: ACCOUNT, credentials: PASSWORD, domains: client.domains, http });
    expect(session.userId).toBe('4875090664');
  }
});
