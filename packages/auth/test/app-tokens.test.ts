import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type AppTokensOptions, createAppTokens, createRestClient } from '@lp/auth';
import { AuthError, ConfigError, InvalidCredentialsError, ProtocolError } from '@lp/core';
import { startClient, type TestClient } from './support/client.ts';
import { rejection, thrown } from './support/errors.ts';
import { ACCOUNT, type RouteResponse } from './support/platform.ts';

const PATH = '/app/token';
const HOUR = 3_600_000;

function jwt(claims: object): string {
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', 'k').update(text).digest('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** An authorization server of its own: each token is another one, made by `response`. */
async function start(
  options: Partial<AppTokensOptions> & { response?: (count: number, now: number) => RouteResponse } = {},
): Promise<{ client: TestClient; tokens: ReturnType<typeof createAppTokens> } & AsyncDisposable> {
  const client = await startClient();
  const { response = (count) => ({ body: { access_token: `app-${count}`, expires_in: 3600 } }), ...rest } = options;
  let count = 0;
  client.platform.on('/service/baseURI.json', () => ({
    body: {
      baseURIs: ['sentinel', 'msgHist'].map((service) => ({
        service,
        account: ACCOUNT,
        baseURI: client.platform.host,
      })),
    },
  }));
  client.platform.on(PATH, () => response(++count, client.clock.now()));
  const { http, domains, clock } = client;
  const tokens = createAppTokens({
    accountId: ACCOUNT,
    clientId: 'client & co',
    clientSecret: 'the+secret=',
    http,
    domains,
    clock,
    logger: false,
    ...rest,
  });
  return { client, tokens, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

describe('application tokens', () => {
  it('come from version 2 of the authorization server, by a form in the body', async () => {
    await using test = await start({ scope: 'msg.consumer' });
    expect((await test.tokens.token()).token).toBe('app-1');
    const request = test.client.platform.seen.at(-1);
    expect(request).toMatchObject({ method: 'POST', path: `/sentinel/api/v2/account/${ACCOUNT}/app/token` });
    expect(request?.query.size).toBe(0);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client & co',
      client_secret: 'the+secret=',
      scope: 'msg.consumer',
    });
  });

  it('come from version 1 for the Connector API, whose calls carry them alone', async () => {
    await using test = await start({ version: 1 });
    const { header } = await test.tokens.authorize({ method: 'GET', url: new URL('http://h/'), body: undefined }, {});
    expect(header).toBe('app-1');
    const request = test.client.platform.seen.at(-1);
    expect(request?.path).toBe(`/sentinel/api/account/${ACCOUNT}/app/token`);
    expect(request?.query.get('v')).toBe('1.0');
  });

  it('are asked for once by a hundred callers, and kept', async () => {
    await using test = await start();
    const all = await Promise.all(Array.from({ length: 100 }, () => test.tokens.token()));
    expect(new Set(all).size).toBe(1);
    expect(await test.tokens.token()).toBe(all[0]);
    expect(test.client.platform.count(PATH)).toBe(1);
  });

  it.each<[string, (now: number) => object]>([
    ['the response says so', () => ({ access_token: 'opaque', expires_in: 3600 })],
    ['the response says so as text', () => ({ access_token: 'opaque', expires_in: '3600' })],
    ['the token says so', (now) => ({ access_token: jwt({ exp: now / 1_000 + 3_600 }), expires_in: null })],
  ])('are renewed before their end when %s', async (_what, body) => {
    const response = (_count: number, now: number) => ({
      body: body(now),
      headers: { date: new Date(now).toUTCString() },
    });
    await using test = await start({ response });
    const first = await test.tokens.token();
    expect(Math.abs((first.expiresAt ?? 0) - (test.client.clock.now() + HOUR))).toBeLessThan(1_000);
    await test.client.clock.advance(HOUR - 32_000);
    expect(await test.tokens.token()).toBe(first);
    await test.client.clock.advance(3_000);
    expect(await test.tokens.token()).not.toBe(first);
    expect(test.client.platform.count(PATH)).toBe(2);
  });

  it('live as long as the server thinks, though this machine is an hour fast, and though it was given one before', async () => {
    const date = new Date('2026-11-25T12:00:00Z');
    const token = jwt({ iat: date.getTime() / 1_000 - 3_000, exp: date.getTime() / 1_000 + 600 });
    await using test = await start({
      response: () => ({ body: { access_token: token }, headers: { date: date.toUTCString() } }),
    });
    const { expiresAt } = await test.tokens.token();
    expect(expiresAt).toBe(test.client.clock.now() + 600_000);
  });

  it('are used until they are refused when nobody says how long they live', async () => {
    await using test = await start({ response: () => ({ body: { access_token: 'a.b.c' } }) });
    const first = await test.tokens.token();
    await test.client.clock.advance(100 * HOUR);
    expect(await test.tokens.token()).toBe(first);
    expect(first.expiresAt).toBeUndefined();
  });

  it('that live shorter than the margin are not asked for at every call', async () => {
    await using test = await start({ response: () => ({ body: { access_token: 'short', expires_in: 20 } }) });
    await test.tokens.token();
    await test.client.clock.advance(17_000);
    await test.tokens.token();
    expect(test.client.platform.count(PATH)).toBe(1);
  });

  it('are used to their end while the server is away', async () => {
    await using test = await start();
    const first = await test.tokens.token();
    test.client.platform.on(PATH, () => ({ status: 503 }));
    await test.client.clock.advance(HOUR - 10_000);
    expect(await test.tokens.token()).toBe(first);
    await test.client.clock.advance(11_000);
    expect(await rejection(test.tokens.token())).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
  });

  it('end for one caller only when that one aborts', async () => {
    await using test = await start();
    const controller = new AbortController();
    const gone = rejection(test.tokens.token({ signal: controller.signal }));
    const stays = test.tokens.token();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    expect((await stays).token).toBe('app-1');
  });

  it('show nothing of themselves', async () => {
    await using test = await start();
    const token = await test.tokens.token();
    expect(inspect(token, { depth: 9 }) + JSON.stringify({ ...token }) + JSON.stringify(token)).not.toContain('app-1');
    expect(inspect(test.tokens, { depth: 3 })).not.toContain('the+secret');
  });
});

describe('a refused client', () => {
  it.each<[string, RouteResponse, new (...args: never[]) => Error, boolean, RegExp]>([
    [
      '401',
      { status: 401 },
      InvalidCredentialsError,
      false,
      /check clientId and clientSecret, and that the application/,
    ],
    [
      'invalid_client',
      { status: 400, body: { error: 'invalid_client' } },
      InvalidCredentialsError,
      false,
      /check clientId/,
    ],
    [
      'unauthorized_client',
      { status: 400, body: { error: 'unauthorized_client', error_description: 'the+secret=' } },
      AuthError,
      false,
      /installed on account le12345678 with the grant client_credentials/,
    ],
    ['invalid_scope', { status: 400, body: { error: 'invalid_scope' } }, AuthError, false, /scope/],
    ['404', { status: 404, body: { error: 'no' } }, AuthError, false, /no authorization server for account/],
    ['451', { status: 451 }, AuthError, false, /blocked this account or user/],
    ['429', { status: 429 }, AuthError, true, /\(429\)/],
    ['500', { status: 500 }, AuthError, true, /\(500\)/],
    ['no token', { body: { token_type: 'Bearer' } }, ProtocolError, true, /access_token: expected string/],
    [
      'a token that cannot stand in a header',
      { body: { access_token: 'a\r\nb' } },
      ProtocolError,
      true,
      /access_token/,
    ],
  ])('is told in words: %s', async (_what, response, kind, retryable, message) => {
    await using test = await start({ response: () => response });
    const failure = await rejection(test.tokens.token());
    expect(failure).toBeInstanceOf(kind);
    expect(failure.retryable).toBe(retryable);
    expect(failure.message).toMatch(message);
    expect(inspect(failure, { depth: 9 })).not.toContain('the+secret=');
  });

  it('is not asked for again for a minute, and then it is, since an application may be installed meanwhile', async () => {
    await using test = await start({
      response: (count) => (count === 1 ? { status: 401 } : { body: { access_token: 'ok' } }),
    });
    const failure = await rejection(test.tokens.token());
    expect(await rejection(test.tokens.token())).toBe(failure);
    expect(test.client.platform.count(PATH)).toBe(1);
    await test.client.clock.advance(60_000);
    expect((await test.tokens.token()).token).toBe('ok');
  });

  it('is asked for again once the clock was set back, since nobody knows how long ago the refusal was', async () => {
    await using test = await start({
      response: (count) => (count === 1 ? { status: 401 } : { body: { access_token: 'ok' } }),
    });
    await rejection(test.tokens.token());
    test.client.clock.jump(-9 * HOUR);
    expect((await test.tokens.token()).token).toBe('ok');
  });

  it('waits five seconds after a 429, whatever calls meanwhile', async () => {
    await using test = await start({
      response: (count) => (count === 1 ? { status: 429 } : { body: { access_token: 'ok' } }),
    });
    await rejection(test.tokens.token());
    const later = test.tokens.token();
    await new Promise((resolve) => setImmediate(resolve));
    await test.client.clock.advance(4_999);
    expect(test.client.platform.count(PATH)).toBe(1);
    await test.client.clock.advance(1);
    expect((await later).token).toBe('ok');
  });

  it.each([
    [{ clientId: '' }, /clientId must be a text/],
    [{ clientSecret: undefined as unknown as string }, /clientSecret is missing/],
    [{ version: 3 as 2 }, /version must be 1 or 2/],
    [{ scheme: 'bearer' as 'raw' }, /scheme must be one of: Bearer, raw/],
    [{ clientsecret: 'x' } as object, /did you mean clientSecret/],
    [{ renewEarlyMs: -1 }, /renewEarlyMs must be/],
    [{ accountId: '../x' }, /accountId must be/],
  ])('is a ConfigError when it cannot be one: %j', async (wrong, message) => {
    await using client = await startClient();
    const { http, domains } = client;
    const options = { accountId: ACCOUNT, clientId: 'c', clientSecret: 's', http, domains, ...wrong };
    const failure = thrown(() => createAppTokens(options));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toMatch(message);
  });
});

describe('a REST client with application tokens', () => {
  // verifies: rest-auth:app
  it('carries the bearer, renews a refused token once for all, and repeats the calls', async () => {
    await using test = await start();
    const { http, domains, platform, clock } = test.client;
    platform.on('/thing', ({ headers }) =>
      headers.authorization === 'Bearer app-2' ? { body: { ok: true } } : { status: 401 },
    );
    const rest = createRestClient({ http, domains, accountId: ACCOUNT, authorizer: test.tokens, clock });
    const call = { service: 'msgHist', method: 'GET', path: '/thing' } as const;
    const responses = await Promise.all([rest.request(call), rest.request(call), rest.request(call)]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(platform.count(PATH)).toBe(2);
    expect(platform.count('/login')).toBe(0);
  });

  it('does not ask for token after token when a service takes none of them', async () => {
    await using test = await start();
    const { http, domains, platform, clock } = test.client;
    platform.on('/thing', () => ({ status: 401 }));
    const rest = createRestClient({ http, domains, accountId: ACCOUNT, authorizer: test.tokens, clock });
    const call = { service: 'msgHist', method: 'GET', path: '/thing' } as const;
    for (let i = 0; i < 5; i++) await rejection(rest.request(call));
    expect(platform.count(PATH)).toBe(2);
  });
});
