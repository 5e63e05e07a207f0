import { describe, expect, it } from '@jest/globals';
import {
  createDomainResolver,
  createHttpClient,
  type DomainResolver,
  type DomainResolverOptions,
  type HttpClient,
} from '@lp/auth';
import { ClosedError, ConfigError, createManualClock, DomainLookupError, type LpError } from '@lp/core';
import { rejection, thrown } from './support/errors.ts';
import { ACCOUNT, type Platform, type RouteResponse, startPlatform } from './support/platform.ts';

const LIST = '/service/baseURI.json';

async function start(
  options: Partial<DomainResolverOptions> = {},
): Promise<AsyncDisposable & { platform: Platform; http: HttpClient; domains: DomainResolver }> {
  const platform = await startPlatform();
  const http = createHttpClient();
  const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http, ...options });
  return {
    platform,
    http,
    domains,
    async [Symbol.asyncDispose]() {
      await http.close();
      await platform.close();
    },
  };
}

const listOf = (...entries: [service: string, baseURI: string][]): RouteResponse => ({
  body: { baseURIs: entries.map(([service, baseURI]) => ({ service, account: ACCOUNT, baseURI })) },
});

describe('the domain look-up', () => {
  it('finds all services with one request, at the documented address', async () => {
    await using test = await start();
    test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:1'], ['facadeMsg', 'localhost:2']));
    expect(await test.domains.all()).toEqual({ agentVep: '127.0.0.1:1', facadeMsg: 'localhost:2' });
    expect(await test.domains.resolve('facadeMsg')).toBe('localhost:2');
    expect(await test.domains.origin('agentVep')).toBe('http://127.0.0.1:1');
    expect(test.platform.seen).toHaveLength(1);
    expect(test.platform.seen[0]).toMatchObject({
      method: 'GET',
      path: `/api/account/${ACCOUNT}/service/baseURI.json`,
    });
    expect(test.platform.seen[0]?.query.get('version')).toBe('1.0');
  });

  it('asks for a service by its name when the list lacks it, and keeps that response too', async () => {
    await using test = await start();
    const ending = '/service/mcs/baseURI.json';
    test.platform.on(ending, () => ({ body: { service: 'mcs', account: ACCOUNT, baseURI: '127.0.0.1:9' } }));
    expect(await Promise.all([test.domains.resolve('mcs'), test.domains.resolve('mcs')])).toEqual([
      '127.0.0.1:9',
      '127.0.0.1:9',
    ]);
    expect(await test.domains.origin('mcs')).toBe('http://127.0.0.1:9');
    expect(test.platform.count(ending)).toBe(1);
  });

  it('names the services there are when it is asked for another', async () => {
    await using test = await start();
    const error = await rejection(test.domains.resolve('facademsg'));
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toBe(`account ${ACCOUNT} has no service facademsg; it has: agentVep, facadeMsg, msgHist`);
    expect(error.retryable).toBe(false);
  });

  // verifies: threat:look-up
  it.each(['constructor', '__proto__', 'toString'])('does not take %s for a service', async (name) => {
    await using test = await start();
    expect(await rejection(test.domains.resolve(name))).toBeInstanceOf(DomainLookupError);
  });

  it.each(['', 'a/b', '../x', 'a b', 'a?b', undefined as unknown as string])('refuses %j as a name', async (name) => {
    await using test = await start();
    expect(await rejection(test.domains.resolve(name))).toBeInstanceOf(ConfigError);
    expect(test.platform.seen).toEqual([]);
  });
});

describe('the cache', () => {
  it('holds a response for sixty seconds', async () => {
    const clock = createManualClock();
    await using test = await start({ clock });
    await test.domains.all();
    await clock.advance(59_999);
    await test.domains.all();
    expect(test.platform.seen).toHaveLength(1);
    await clock.advance(1);
    await test.domains.all();
    expect(test.platform.seen).toHaveLength(2);
  });

  it('is passed over when a fresh response is asked for', async () => {
    await using test = await start();
    await test.domains.resolve('agentVep');
    test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:7']));
    expect(await test.domains.resolve('agentVep')).not.toBe('127.0.0.1:7');
    expect(await test.domains.resolve('agentVep', { refresh: true })).toBe('127.0.0.1:7');
    expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:7');
  });

  it('does not outlive a clock that is set back or forward', async () => {
    const clock = createManualClock();
    await using test = await start({ clock });
    await test.domains.all();
    clock.jump(-3_600_000);
    await test.domains.all();
    expect(test.platform.seen).toHaveLength(2);
    clock.jump(7_200_000);
    await test.domains.all();
    expect(test.platform.seen).toHaveLength(3);
  });

  it('shares one request among all who ask at once', async () => {
    await using test = await start();
    const hosts = await Promise.all(Array.from({ length: 200 }, () => test.domains.resolve('agentVep')));
    expect(new Set(hosts)).toEqual(new Set([test.platform.host]));
    expect(test.platform.seen).toHaveLength(1);
  });

  it.each<[string, RouteResponse]>([
    ['a failure', { status: 500 }],
    ['an empty list', listOf()],
    ['an error body with status 200', { body: { error: { message: 'no', internalCode: 7 } } }],
    ['a body without a list', { body: { other: 1 } }],
    ['a body that is not JSON', { body: '<html>' }],
  ])('never holds %s', async (_name, response) => {
    await using test = await start();
    test.platform.on(LIST, () => response);
    expect(await rejection(test.domains.all())).toBeInstanceOf(DomainLookupError);
    test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:1']));
    expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:1');
  });

  it('is not that of another resolver', async () => {
    await using test = await start();
    const other = createDomainResolver({ accountId: 'other', csdsDomain: test.platform.host, http: test.http });
    await Promise.all([test.domains.all(), other.all()]);
    expect(test.platform.seen.map((request) => request.path).toSorted()).toEqual([
      `/api/account/${ACCOUNT}/service/baseURI.json`,
      '/api/account/other/service/baseURI.json',
    ]);
  });
});

describe('hosts of your own', () => {
  it('stand above the look-up, first and every later time', async () => {
    const clock = createManualClock();
    await using test = await start({ clock, domains: { facadeMsg: '127.0.0.1:5' } });
    for (let i = 0; i < 3; i++) {
      expect(await test.domains.all()).toEqual({
        agentVep: test.platform.host,
        msgHist: test.platform.host,
        facadeMsg: '127.0.0.1:5',
      });
      await clock.advance(61_000);
    }
  });

  it('need no look-up', async () => {
    await using test = await start({ domains: { agentVep: '127.0.0.1:5' } });
    expect(await test.domains.origin('agentVep')).toBe('http://127.0.0.1:5');
    expect(test.platform.seen).toEqual([]);
  });

  it.each([
    ['https://a.example', false],
    ['a.example/path', false],
    ['', false],
    ['a.example', true],
  ])('are refused when they are %j with insecure %j', async (host, insecure) => {
    await using http = createHttpClient();
    const options = { accountId: ACCOUNT, domains: { facadeMsg: host }, http, csdsDomain: '127.0.0.1:1', insecure };
    const error = thrown(() => createDomainResolver(options));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('domains.facadeMsg');
  });
});

describe('a look-up that fails', () => {
  // verifies: error:look-up, auth-error:look-up
  it.each([400, 401, 404])('says that the account is not known: status %d', async (status) => {
    await using test = await start();
    test.platform.on(LIST, () => ({ status, body: { error: { message: 'bad site' } } }));
    const error = await rejection(test.domains.resolve('agentVep'));
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toBe(
      `account ${ACCOUNT} is not known at ${test.platform.host}: check LP_ACCOUNT (the accountId option) and the look-up host`,
    );
    expect(error).toMatchObject({
      retryable: false,
      context: { status, accountId: ACCOUNT, host: test.platform.host },
    });
  });

  // verifies: auth-error:look-up
  it('says the same when the list is empty', async () => {
    await using test = await start();
    test.platform.on(LIST, () => listOf());
    const error = await rejection(test.domains.all());
    expect(error.message).toContain('is not known at');
    expect(error.retryable).toBe(false);
  });

  it.each<[RouteResponse, boolean, string, LpError['context']]>([
    [{ status: 500 }, true, 'refused the domain look-up (500)', { status: 500 }],
    [{ status: 503, headers: { 'retry-after': '7' } }, true, '(503)', { retryAfterMs: 7_000 }],
    [{ status: 429, headers: { 'retry-after': '30' } }, true, '(429)', { retryAfterMs: 30_000 }],
    [{ status: 403, body: { error: 'no' } }, false, '(403)', {}],
    [{ status: 403 }, true, 'something is in the way', { status: 403 }],
    [{ status: 401 }, true, 'something is in the way', { status: 401 }],
    [{ status: 401, body: { message: 'Unauthorized' } }, true, 'something is in the way', { status: 401 }],
    [{ status: 202, body: { baseURIs: [] } }, true, "something that is not the platform's (202)", { status: 202 }],
    [{ status: 204 }, true, "something that is not the platform's (204)", { status: 204 }],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, true, 'a redirect (302)', {}],
    [{ status: 407 }, true, 'a proxy that wants credentials (407)', {}],
    [{ status: 451 }, false, 'has blocked this account or user (451)', {}],
    [{ body: { error: { message: 'x', internalCode: 12 } } }, true, '(500)', { internalCode: 12 }],
    [{ body: { error: 'text' } }, true, '(500)', {}],
    [{ body: { error: { responseStatus: 'UNAUTHORIZED' } } }, false, 'is not known at', {}],
    [{ body: '<html>' }, true, 'an HTML page (200), not the platform', {}],
    [{ body: 'hello' }, true, 'something that is not JSON', {}],
    [{ body: [] }, true, 'without a list of services', {}],
    [{ body: { baseURIs: [{ service: 1 }] } }, true, 'without a list of services', {}],
  ])('reads %j rightly', async (response, retryable, text, context) => {
    await using test = await start();
    test.platform.on(LIST, () => response);
    const error = await rejection(test.domains.all());
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toContain(text);
    expect(error.retryable).toBe(retryable);
    expect(error.context).toMatchObject(context);
  });

  it('says that nothing responds when the connection is refused', async () => {
    await using test = await start();
    await test.platform.close();
    const error = await rejection(test.domains.resolve('agentVep'));
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toBe(
      `the domain look-up failed: cannot reach ${test.platform.host}: nothing responds there (the connection was refused)`,
    );
    expect(error).toMatchObject({
      retryable: true,
      context: { code: 'ECONNREFUSED' },
      cause: { code: 'NOT_CONNECTED' },
    });
  });

  it('may be tried again when it took too long', async () => {
    const clock = createManualClock();
    await using http = createHttpClient({ clock });
    await using platform = await startPlatform();
    platform.on(LIST, () => () => undefined);
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http });
    const failed = rejection(domains.all());
    await platform.arrived(LIST);
    await clock.advance(10_000);
    expect(await failed).toMatchObject({
      code: 'DOMAIN_LOOKUP_FAILED',
      retryable: true,
      cause: { code: 'REQUEST_TIMEOUT' },
    });
  });

  it('is a ClosedError when the client was closed', async () => {
    await using test = await start();
    await test.http.close();
    expect(await rejection(test.domains.all())).toBeInstanceOf(ClosedError);
  });

  // verifies: network:hosts, threat:look-up
  it('passes over an entry without a usable host, and says so', async () => {
    const warnings: unknown[] = [];
    const logger = { ...console, debug: () => undefined, warn: (...line: unknown[]) => void warnings.push(line) };
    await using test = await start({ logger });
    test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:1'], ['bad', 'evil.example/path@']));
    expect(await test.domains.all()).toEqual({ agentVep: '127.0.0.1:1' });
    expect(warnings).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['no address', { service: 'x', account: ACCOUNT }],
    ['null for an address', { service: 'x', account: ACCOUNT, baseURI: null }],
    ['an empty address', { service: 'x', account: ACCOUNT, baseURI: '' }],
    ['null for a name', { service: null, account: ACCOUNT, baseURI: '127.0.0.1:2' }],
    ['nothing in it', null],
    ['a text in its place', 'x'],
  ])('passes over an entry with %s, tells of it, and gives the others', async (_what, odd) => {
    const warnings: unknown[] = [];
    const logger = { ...console, debug: () => undefined, warn: (...line: unknown[]) => void warnings.push(line) };
    await using test = await start({ logger });
    const entry = { service: 'agentVep', account: ACCOUNT, baseURI: '127.0.0.1:1' };
    test.platform.on(LIST, () => ({ body: { baseURIs: [odd, entry] } }));
    expect(await test.domains.all()).toEqual({ agentVep: '127.0.0.1:1' });
    expect(warnings).toHaveLength(1);
  });

  it.each([null, 4711, undefined])('needs no account in an entry: %p', async (account) => {
    await using test = await start();
    test.platform.on(LIST, () => ({ body: { baseURIs: [{ service: 'agentVep', account, baseURI: '127.0.0.1:1' }] } }));
    expect(await test.domains.all()).toEqual({ agentVep: '127.0.0.1:1' });
  });

  describe('with an odd entry for a service that is needed', () => {
    const half = (): RouteResponse => ({
      body: {
        baseURIs: [
          { service: 'agentVep', baseURI: null },
          { service: 'msgHist', baseURI: '127.0.0.1:2' },
        ],
      },
    });

    it('says so, and that trying again may help', async () => {
      await using test = await start({ logger: false });
      test.platform.on(LIST, half);
      const error = await rejection(test.domains.resolve('agentVep'));
      expect(error).toBeInstanceOf(DomainLookupError);
      expect(error.message).toBe(`the look-up at ${test.platform.host} names no usable host for agentVep`);
      expect(error).toMatchObject({ retryable: true, context: { service: 'agentVep' } });
    });

    it('asks for it by its name', async () => {
      await using test = await start({ logger: false });
      test.platform.on(LIST, half);
      const one = { service: 'agentVep', account: null, baseURI: '127.0.0.1:9' };
      test.platform.on('/service/agentVep/baseURI.json', () => ({ body: one }));
      expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:9');
    });

    it('goes on with the host that it knew before', async () => {
      await using test = await start({ logger: false });
      test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:7']));
      await test.domains.all();
      test.platform.on(LIST, half);
      expect(await test.domains.all({ refresh: true })).toEqual({ agentVep: '127.0.0.1:7', msgHist: '127.0.0.1:2' });
    });
  });
});

describe('a look-up that leaves a known service out', () => {
  const both = listOf(['agentVep', '127.0.0.1:7'], ['msgHist', '127.0.0.1:8']);
  const one = listOf(['msgHist', '127.0.0.1:8']);

  it('is believed when the next does so too', async () => {
    const warnings: unknown[] = [];
    const logger = { ...console, debug: () => undefined, warn: (...line: unknown[]) => void warnings.push(line) };
    await using test = await start({ logger, cacheMs: 0 });
    test.platform.on(LIST, () => both);
    await test.domains.all();
    test.platform.on(LIST, () => one);
    expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:7');
    expect(warnings).toHaveLength(1);
    expect(test.platform.seen).toHaveLength(2);
    const failure = await rejection(test.domains.resolve('agentVep'));
    expect(failure).toMatchObject({ code: 'DOMAIN_LOOKUP_FAILED', retryable: false });
    expect(failure.message).toContain('has no service agentVep');
  });

  it('is forgotten when the next names it again', async () => {
    await using test = await start({ logger: false, cacheMs: 0 });
    for (const list of [both, one, both, one, both, one]) {
      test.platform.on(LIST, () => list);
      expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:7');
    }
  });

  it('is not kept when there was nothing to go on with', async () => {
    await using test = await start({ logger: false });
    test.platform.on(LIST, () => one);
    await rejection(test.domains.resolve('agentVep'));
    test.platform.on(LIST, () => both);
    expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:7');
  });
});

describe('a service that is asked for by its name', () => {
  it('keeps its host until the platform has refused it twice in a row', async () => {
    await using test = await start({ logger: false, cacheMs: 0 });
    const ending = '/service/mcs/baseURI.json';
    const known = { body: { service: 'mcs', account: ACCOUNT, baseURI: '127.0.0.1:9' } };
    const unknown = { status: 404, body: { error: { message: 'no such service' } } };
    for (const response of [known, unknown, known, unknown]) {
      test.platform.on(ending, () => response);
      expect(await test.domains.resolve('mcs')).toBe('127.0.0.1:9');
    }
    expect(await rejection(test.domains.resolve('mcs'))).toMatchObject({ retryable: false });
  });
});

describe('an insecure look-up', () => {
  // verifies: network:tls
  it('refuses to be led away from this machine', async () => {
    await using test = await start();
    test.platform.on(LIST, () => listOf(['agentVep', 'evil.example']));
    const error = await rejection(test.domains.resolve('agentVep'));
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toContain('names evil.example for agentVep, which is no loopback host');
    expect(error.retryable).toBe(false);
  });

  it('is refused for a host that is not this machine', async () => {
    await using http = createHttpClient();
    const options = { accountId: ACCOUNT, csdsDomain: 'a.example', insecure: true, http };
    expect(thrown(() => createDomainResolver(options))).toBeInstanceOf(ConfigError);
  });
});

describe('an aborted look-up', () => {
  it('rejects with the reason, and leaves the others their response', async () => {
    await using test = await start();
    let open: (response: RouteResponse) => void = () => undefined;
    test.platform.on(LIST, () => new Promise((resolve) => (open = resolve)));
    const controller = new AbortController();
    const aborted = rejection(test.domains.all({ signal: controller.signal }));
    const other = test.domains.resolve('agentVep');
    await test.platform.arrived(LIST);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    open(listOf(['agentVep', '127.0.0.1:3']));
    expect(await other).toBe('127.0.0.1:3');
    expect(test.platform.seen).toHaveLength(1);
  });

  it('ends the request when nobody waits for it any more', async () => {
    await using test = await start();
    const hungUp = new Promise<void>((resolve) => {
      test.platform.on(LIST, () => (response) => response.on('close', resolve));
    });
    const controller = new AbortController();
    const both = [0, 1].map(() => rejection(test.domains.all({ signal: controller.signal })));
    await test.platform.arrived(LIST);
    controller.abort(new Error('enough'));
    await Promise.all(both);
    await hungUp;
    test.platform.on(LIST, () => listOf(['agentVep', '127.0.0.1:3']));
    expect(await test.domains.resolve('agentVep')).toBe('127.0.0.1:3');
  });

  it('sends nothing when it was aborted before', async () => {
    await using test = await start();
    const reason = new Error('enough');
    expect(await rejection(test.domains.all({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(test.platform.seen).toEqual([]);
  });
});

it.each(['', 'a/b', 'a'.repeat(21), 'le-1', '..', undefined as unknown as string])(
  'refuses %j as an account, which would go into a path',
  async (accountId) => {
    await using http = createHttpClient();
    expect(thrown(() => createDomainResolver({ accountId, http }))).toBeInstanceOf(ConfigError);
  },
);
