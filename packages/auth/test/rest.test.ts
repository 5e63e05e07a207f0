import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Authorizer, createRestClient, oauth1Authorizer, type RestClient, type RestRequest } from '@lp/auth';
import { ConfigError, createManualClock, RequestRejectedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { startClient, type TestClient } from './support/client.ts';
import { rejection, thrown } from './support/errors.ts';
import { ACCOUNT, loginBody, type Route } from './support/platform.ts';

interface RestTest extends AsyncDisposable {
  client: TestClient;
  rest: RestClient;
}

/** A client whose platform takes only the bearers in `valid` at `/thing`. */
async function start(options: Parameters<typeof startClient>[0] & { valid?: string[] } = {}): Promise<RestTest> {
  const { valid, ...rest } = options;
  const client = await startClient({ renewSpacingMs: 0, ...rest });
  let logins = 0;
  client.platform.on('/login', () => ({ body: loginBody({ bearer: `bearer-${++logins}` }) }));
  const thing: Route = (request) => {
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    return valid && !valid.includes(bearer) ? { status: 401, body: { error: 'who?' } } : { body: { ok: bearer } };
  };
  client.platform.on('/thing', thing);
  const { http, domains, manager, clock } = client;
  return {
    client,
    rest: createRestClient({ http, domains, sessions: manager, accountId: ACCOUNT, clock }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const THING: RestRequest = { service: 'msgHist', method: 'GET', path: '/thing' };

describe('a REST call', () => {
  it('goes to the host of its service with the bearer', async () => {
    await using test = await start();
    const response = await test.rest.request({
      ...THING,
      method: 'POST',
      query: { v: 2 },
      headers: { 'x-a': 'b' },
      body: { a: 1 },
    });
    expect(response.json()).toEqual({ ok: 'bearer-1' });
    const seen = test.client.platform.seen.at(-1);
    expect(seen).toMatchObject({ method: 'POST', path: '/thing', body: '{"a":1}' });
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer bearer-1', 'x-a': 'b' });
    expect(seen?.query.get('v')).toBe('2');
  });

  // verifies: session:rest-401
  it('that gets 401 renews the session once and is repeated once', async () => {
    await using test = await start({ valid: ['bearer-2'] });
    const response = await test.rest.request({
      ...THING,
      method: 'PUT',
      body: { raw: Buffer.from('bytes'), contentType: 'a/b' },
    });
    expect(response.json()).toEqual({ ok: 'bearer-2' });
    expect(
      test.client.platform.seen.filter((request) => request.path === '/thing').map((request) => request.body),
    ).toEqual(['bytes', 'bytes']);
    expect(test.client.events).toMatchObject([{ type: 'sessionRenewed', reason: 'msgHist responded with 401' }]);
  });

  it('shares that renewal with all others', async () => {
    await using test = await start({ valid: ['bearer-2'] });
    const responses = await Promise.all(Array.from({ length: 100 }, () => test.rest.request(THING)));
    expect(responses.map((response) => response.json())).toEqual(Array(100).fill({ ok: 'bearer-2' }));
    expect(test.client.platform.count('/login')).toBe(2);
  });

  // verifies: refusal:401
  it('is rejected when the fresh session is refused too, and does not log in for that again and again', async () => {
    await using test = await start({ valid: [] });
    const failure = await rejection(test.rest.request(THING));
    expect(failure).toMatchObject({
      code: 'REQUEST_REJECTED',
      status: 401,
      type: 'GET msgHist',
      body: { error: 'who?' },
      retryable: false,
    });
    for (let i = 0; i < 3; i++) await rejection(test.rest.request(THING));
    expect(test.client.platform.count('/login')).toBe(2);
    await rejection(test.rest.request({ ...THING, service: 'facadeMsg' }));
    expect(test.client.platform.count('/login')).toBe(3);
  });

  // verifies: session:rest-401
  it('of two services that refuse the fresh session each renews once, however often both are called', async () => {
    await using test = await start({ valid: [] });
    for (let i = 0; i < 4; i++) {
      for (const service of ['msgHist', 'facadeMsg']) {
        expect(await rejection(test.rest.request({ ...THING, service }))).toMatchObject({ status: 401 });
      }
    }
    expect(test.client.platform.count('/login')).toBe(3);
  });

  it('that is refused with a fresh session where others of its service are not does not renew again either', async () => {
    await using test = await start();
    test.client.platform.on('/forbidden', () => ({ status: 401, body: { error: 'not you' } }));
    for (let i = 0; i < 4; i++) {
      expect((await test.rest.request(THING)).status).toBe(200);
      await rejection(test.rest.request({ ...THING, path: '/forbidden' }));
    }
    expect(test.client.platform.count('/login')).toBe(2);
  });

  it('renews again as soon as its service has taken it meanwhile', async () => {
    const valid: string[] = [];
    await using test = await start({ valid });
    await rejection(test.rest.request(THING));
    valid.push('bearer-2');
    expect((await test.rest.request(THING)).json()).toEqual({ ok: 'bearer-2' });
    valid[0] = 'bearer-3';
    expect((await test.rest.request(THING)).json()).toEqual({ ok: 'bearer-3' });
  });

  // verifies: session:rest-401
  it('that gets 401 as a page renews nothing, as something in the way has said it', async () => {
    await using test = await start();
    const headers = { 'content-type': 'text/html' };
    test.client.platform.on('/thing', () => ({ status: 401, headers, body: '<html>Sign in to the gateway</html>' }));
    const failure = await rejection<RequestRejectedError>(test.rest.request(THING));
    expect(failure).toBeInstanceOf(RequestRejectedError);
    expect(failure).toMatchObject({ status: 401, retryable: true });
    expect(failure.hint).toBe('an HTML page (401), not the platform: something is in the way to it');
    expect(test.client.platform.count('/thing')).toBe(1);
    expect(test.client.platform.count('/login')).toBe(1);
    // The platform's own words in a page are its own.
    test.client.platform.on('/thing', () => ({ status: 401, headers, body: '<html>token_rejected</html>' }));
    await rejection(test.rest.request(THING));
    expect(test.client.platform.count('/login')).toBe(2);
  });

  it('may renew again for such a service ten minutes later', async () => {
    await using test = await start({ valid: [], refreshIntervalMs: false });
    await rejection(test.rest.request(THING));
    await test.client.clock.advance(600_001);
    await rejection(test.rest.request(THING));
    expect(test.client.platform.count('/login')).toBe(3);
  });

  it('has its time for all of it, its authorization too', async () => {
    await using test = await start();
    const { http, domains, platform } = test.client;
    const clock = createManualClock();
    let release: (authorization: Awaited<ReturnType<Authorizer['authorize']>>) => void = () => undefined;
    const authorizer: Authorizer = { authorize: () => new Promise((resolve) => (release = resolve)) };
    const rest = createRestClient({ http, domains, authorizer, accountId: ACCOUNT, clock });
    await domains.all();
    const hangs = rejection(rest.request({ ...THING, method: 'POST', timeoutMs: 1_000 }));
    await clock.advance(1_000);
    expect(await hangs).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable: true });
    expect((await hangs).message).toContain('its authorization takes longer');
    release({ header: 'late', source: {} });
    await test.client.settled();
    expect(platform.count('/thing')).toBe(0);
  });

  it.each(['authorize', 'renew'] as const)(
    'without a time of its own waits for a minute to %s, no longer',
    async (hung) => {
      await using test = await start();
      const { http, domains, platform } = test.client;
      const clock = createManualClock();
      const hangs = createDeferred<void>();
      const forEver = () => {
        hangs.resolve();
        return new Promise<never>(() => undefined);
      };
      const authorizer: Authorizer = {
        authorize: () =>
          hung === 'authorize' ? forEver() : Promise.resolve({ header: 'x', source: {}, renew: forEver }),
      };
      platform.on('/thing', () => ({ status: 401, body: { error: 'who?' } }));
      const rest = createRestClient({ http, domains, authorizer, accountId: ACCOUNT, clock });
      const call = rejection(rest.request({ ...THING, method: 'POST' }));
      await hangs.promise;
      await clock.advance(60_000);
      expect(await call).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable: true });
      expect((await call).message).toContain('in 60000 ms: its authorization takes longer');
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it.each<[RestRequest['method'], boolean]>([
    ['GET', true],
    ['POST', false],
  ])('that is late after it was sent says so, and whether it may be repeated: %s', async (method, retryable) => {
    await using test = await start();
    const { http, domains, platform } = test.client;
    const clock = createManualClock();
    const authorizer = { authorize: () => Promise.resolve({ header: 'x', source: {} }) };
    const rest = createRestClient({ http, domains, authorizer, accountId: ACCOUNT, clock });
    platform.on('/thing', () => () => undefined);
    const late = rejection(rest.request({ ...THING, method, timeoutMs: 1_000 }));
    await platform.arrived('/thing');
    await clock.advance(1_000);
    expect(await late).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable, context: { host: platform.host } });
  });

  it.each([0, -1, Number.NaN, Infinity, '5'])('takes %p for no time limit', async (timeoutMs) => {
    await using test = await start();
    const call = { ...THING, timeoutMs } as RestRequest;
    expect(await rejection(test.rest.request(call))).toBeInstanceOf(ConfigError);
  });

  it('may renew again for such a service once the clock was set back', async () => {
    await using test = await start({ valid: [], refreshIntervalMs: false });
    await rejection(test.rest.request(THING));
    test.client.clock.jump(-9 * 3_600_000);
    await rejection(test.rest.request(THING));
    expect(test.client.platform.count('/login')).toBe(3);
  });

  // verifies: session:rest-401
  it('with a streamed body is not repeated, but can be', async () => {
    await using test = await start({ valid: ['bearer-2'] });
    const request = (): RestRequest => ({
      ...THING,
      method: 'PUT',
      body: { raw: new Blob(['stream']).stream(), contentType: 'a/b' },
    });
    const failure = await rejection<RequestRejectedError>(test.rest.request(request()));
    expect(failure).toBeInstanceOf(RequestRejectedError);
    expect(failure).toMatchObject({ status: 401, retryable: true });
    expect(failure.message).toContain('a streamed body cannot be sent twice');
    expect((await test.rest.request(request())).json()).toEqual({ ok: 'bearer-2' });
  });

  it('with a streamed body, to a service that refuses the fresh session too, does not renew for each', async () => {
    await using test = await start({ valid: [] });
    const body = () => ({ raw: new Blob(['stream']).stream(), contentType: 'a/b' });
    for (let i = 0; i < 3; i++) await rejection(test.rest.request({ ...THING, method: 'PUT', body: body() }));
    expect(test.client.platform.count('/login')).toBe(2);
  });

  it('rejects with the error of a renewal that fails', async () => {
    await using test = await start({ valid: [], credentials: { token: 'own', userId: '1' } });
    expect(await rejection(test.rest.request(THING))).toMatchObject({ code: 'SESSION_EXPIRED', retryable: false });
  });

  it.each([
    [400, false],
    [404, false],
    [409, false],
    [429, true],
    [500, true],
    [503, true],
  ])('rejects a response of %d', async (status, retryable) => {
    await using test = await start();
    test.client.platform.on('/thing', () => ({ status, headers: { 'retry-after': '3' }, body: { why: 'marker' } }));
    const failure = await rejection<RequestRejectedError>(test.rest.request(THING));
    expect(failure).toBeInstanceOf(RequestRejectedError);
    expect(failure).toMatchObject({ status, retryable, context: { service: 'msgHist', retryAfterMs: 3_000 } });
    expect(failure.body).toEqual({ why: 'marker' });
    expect(JSON.stringify(failure)).not.toContain('marker');
    expect(test.client.platform.count('/thing')).toBe(1);
  });

  // verifies: auth-error:rejected
  it('gives the body of a rejection as text when it is not JSON', async () => {
    await using test = await start();
    test.client.platform.on('/thing', () => ({ status: 500, body: 'sorry' }));
    expect((await rejection<RequestRejectedError>(test.rest.request(THING))).body).toBe('sorry');
  });

  it('refuses an Authorization header, which would be lost', async () => {
    await using test = await start();
    const request = { ...THING, headers: { AUTHORIZATION: 'marker' } };
    const failure = await rejection(test.rest.request(request));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).not.toContain('marker');
  });

  it.each(['/service/baseURI.json', '/login', '/thing'])(
    'rejects with the reason when aborted during %s',
    async (ending) => {
      await using test = await start();
      const controller = new AbortController();
      const reason = new Error('enough');
      test.client.platform.on(ending, () => {
        controller.abort(reason);
        return () => undefined;
      });
      expect(await rejection(test.rest.request({ ...THING, signal: controller.signal }))).toBe(reason);
    },
  );
});

describe('a REST call that is signed by an API key', () => {
  const KEYS = { appKey: 'key', secret: 'sec', accessToken: 'tok', accessTokenSecret: 'toksec' };

  /** The signature of a request, by the standard's own words and Node's crypto. */
  function signatureOf(method: string, url: string, parameters: [string, string][]): string {
    const encode = (text: string) =>
      encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    const pairs = parameters.map(([name, value]) => [encode(name), encode(value)] as const);
    const sorted = pairs.toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
    const base = [method, encode(url), encode(sorted.map((pair) => pair.join('=')).join('&'))].join('&');
    return createHmac('sha1', 'sec&toksec').update(base).digest('base64');
  }

  it.each<[string, Partial<RestRequest>, [string, string][]]>([
    [
      'with a query',
      { query: { v: 1, text: 'a b&c=d', gone: undefined } },
      [
        ['v', '1'],
        ['text', 'a b&c=d'],
      ],
    ],
    ['with a JSON body, which is not signed', { method: 'POST', body: { a: 1 } }, []],
    [
      'with a form',
      {
        method: 'POST',
        query: { v: 2 },
        body: { raw: Buffer.from('x=1&y=a+b'), contentType: 'application/x-www-form-urlencoded' },
      },
      [
        ['v', '2'],
        ['x', '1'],
        ['y', 'a b'],
      ],
    ],
  ])('is signed for the URL that is called: %s', async (_what, call, parameters) => {
    await using client = await startClient();
    const { http, domains, platform } = client;
    platform.on('/thing', () => ({ body: {} }));
    const rest = createRestClient({ http, domains, accountId: ACCOUNT, authorizer: oauth1Authorizer(KEYS) });
    await rest.request({ ...THING, ...call });
    const seen = platform.seen.at(-1);
    const oauth = [...(seen?.headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, decodeURIComponent(value)] as [string, string],
    );
    const signed = [...parameters, ...oauth.filter(([name]) => name !== 'oauth_signature')];
    const expected = signatureOf(seen?.method ?? '', `${platform.origin}/thing`, signed);
    expect(Object.fromEntries(oauth)).toMatchObject({ oauth_consumer_key: 'key', oauth_signature: expected });
    expect(platform.count('/login')).toBe(0);
  });

  // verifies: rest-auth:oauth1
  it('is not repeated after a 401, which says that the vendor has ended API keys', async () => {
    await using client = await startClient();
    const { http, domains, platform } = client;
    platform.on('/thing', () => ({ status: 401, body: 'oauth_problem=token_rejected&oauth_problem_advice=none' }));
    const rest = createRestClient({ http, domains, accountId: ACCOUNT, authorizer: oauth1Authorizer(KEYS) });
    const failure = await rejection(rest.request(THING));
    expect(failure).toBeInstanceOf(RequestRejectedError);
    expect(failure.message).toMatch(/token_rejected; LivePerson ended REST calls with API keys on 31 May 2026/);
    expect(platform.count('/thing')).toBe(1);
  });

  it('needs to know by what calls are authorized, and only one of it', async () => {
    await using client = await startClient();
    const { http, domains, manager } = client;
    const options = { http, domains, accountId: ACCOUNT };
    const none = thrown(() => createRestClient(options as Parameters<typeof createRestClient>[0]));
    expect(none).toBeInstanceOf(ConfigError);
    const both = { ...options, sessions: manager, authorizer: oauth1Authorizer(KEYS) };
    expect(thrown(() => createRestClient(both as never)).message).toContain('one of sessions and authorizer');
  });
});

// verifies: rest-auth:own
it('takes an authorizer of the program, whose renewal is asked for once after a 401', async () => {
  await using client = await startClient();
  const { http, domains, platform } = client;
  platform.on('/thing', ({ headers }) => ({ status: headers.authorization === 'Mine 2' ? 200 : 401 }));
  let number = 1;
  const told: unknown[] = [];
  const authorizer: Authorizer = {
    authorize: ({ method, url }) =>
      Promise.resolve({
        header: `Mine ${number}`,
        source: { number },
        renew: async (reason, { revoked }) => {
          told.push({ method, path: url.pathname, reason, revoked });
          number++;
        },
      }),
  };
  const rest = createRestClient({ http, domains, accountId: ACCOUNT, authorizer });
  expect((await rest.request(THING)).status).toBe(200);
  expect(told).toEqual([{ method: 'GET', path: '/thing', reason: 'msgHist responded with 401', revoked: false }]);
});
