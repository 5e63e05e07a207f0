import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDomainResolver, createHttpClient } from '@lp/auth';
import { createManualClock, DomainLookupError, NotConnectedError, OutcomeUnknownError, ProtocolError } from '@lp/core';
import { CookieJar } from '../src/cookies.ts';
import { isPrivateHost } from '../src/hosts.ts';
import { makeCertificate } from './support/certificates.ts';
import { rejection } from './support/errors.ts';
import { ACCOUNT, startPlatform } from './support/platform.ts';

const LIST = '/service/baseURI.json';
const verification = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

afterEach(() => {
  if (verification === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = verification;
});

describe('a pooled connection that turns out dead', () => {
  /** A server that cuts a connection when it is used for the second time. */
  async function startCutter() {
    const used = new WeakSet<object>();
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      if (used.has(request.socket)) request.socket.resetAndDestroy();
      else response.end('{}');
      used.add(request.socket);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests: () => requests,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('costs a call that may be repeated nothing: it is made once more on a new one', async () => {
    await using server = await startCutter();
    await using http = createHttpClient({ logger: false });
    const ask = () => http.request({ method: 'GET', origin: server.origin, path: '/' });
    for (let n = 0; n < 4; n++) expect((await ask()).status).toBe(200);
    expect(server.requests()).toBe(7);
  });

  it('leaves the outcome of a call open that must not be repeated', async () => {
    await using server = await startCutter();
    await using http = createHttpClient({ logger: false });
    const ask = () => http.request({ method: 'POST', origin: server.origin, path: '/', body: {} });
    await ask();
    expect(await rejection(ask())).toBeInstanceOf(OutcomeUnknownError);
    expect(server.requests()).toBe(2);
  });
});

describe('compression that nobody asked for', () => {
  for (const [encoding, encode] of [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`is undone: ${encoding}`, async () => {
      await using platform = await startPlatform();
      platform.on('/x', () => (response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(encode('{"a":1}'));
      });
      await using http = createHttpClient({ logger: false });
      expect((await http.request({ method: 'GET', origin: platform.origin, path: '/x' })).json()).toEqual({ a: 1 });
    });
  }

  for (const [encoding, content, message] of [
    ['constructor', 'x', /compressed its response with constructor, which was not asked for/],
    ['zstd', 'x', /compressed its response with zstd, which was not asked for/],
    ['gzip', '{"a":1}', /says that its response is compressed with gzip, but it is not/],
    ['gzip', gzipSync('{"a":1}').subarray(0, 20), /or is cut short/],
    ['gzip', gzipSync('x'.repeat(100_000)), /larger than 5000 bytes once decompressed/],
  ] as const) {
    it(`is named when it cannot be: ${String(message)}`, async () => {
      await using platform = await startPlatform();
      platform.on('/x', () => (response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(content);
      });
      await using http = createHttpClient({ logger: false, maxResponseBytes: 5_000 });
      const error = await rejection(http.request({ method: 'GET', origin: platform.origin, path: '/x' }));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error.message).toMatch(message);
    });
  }
});

describe('cookies', () => {
  // verifies: network:cookies
  it('that were deleted or have run out are not sent; Max-Age comes before Expires', async () => {
    let now = Date.UTC(2030, 0, 1);
    const jar = new CookieJar(() => now);
    const at = (ms: number) => new Date(now + ms).toUTCString();
    await jar.take({
      'set-cookie': [
        'a=1; Path=/; HttpOnly',
        'b=2; Max-Age=10',
        `c=3; Expires=${at(20_000)}`,
        `d=4; Expires=${at(-1_000)}`,
        `e=5; Max-Age=60; Expires=${at(-1_000)}`,
        'f=x; Max-Age=0',
        '=nameless',
        'A=9; Secure',
      ],
    });
    expect(jar.header()).toBe('A=9; b=2; c=3; e=5');
    now += 15_000;
    expect(jar.header()).toBe('A=9; c=3; e=5');
    await jar.take({ 'set-cookie': ['a=; Path=/', `c=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT`] });
    expect(jar.header()).toBe('e=5');
    now += 60_000;
    expect(jar.header()).toBeUndefined();
  });

  it.each([6, -6])('last as long as their server said, though this machine is %d hours ahead of it', async (hours) => {
    let now = Date.UTC(2030, 0, 1);
    const server = (ms: number) => new Date(now - hours * 3_600_000 + ms).toUTCString();
    const jar = new CookieJar(() => now);
    await jar.take({
      date: server(0),
      'set-cookie': [`a=1; Expires=${server(10_000)}`, `b=2; Expires=${server(-10)}`],
    });
    expect(jar.header()).toBe('a=1');
    now += 11_000;
    expect(jar.header()).toBeUndefined();
  });
});

describe('trust', () => {
  it('does not depend on NODE_TLS_REJECT_UNAUTHORIZED, whenever it is set', async () => {
    await using platform = await startPlatform({ tls: await makeCertificate() });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    await using http = createHttpClient({ logger: false });
    const error = await rejection(http.request({ method: 'POST', origin: platform.origin, path: '/login', body: {} }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toMatch(/^cannot trust /);
    expect(platform.seen).toEqual([]);
  });

  it('says what to do when TLS is spoken to a port of this machine that speaks plain HTTP', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    const origin = platform.origin.replace('http:', 'https:');
    const error = await rejection(http.request({ origin, path: '/', method: 'GET' }));
    expect(error).toMatchObject({ code: 'NOT_CONNECTED', retryable: false });
    expect(error.message).toMatch(/plain HTTP perhaps.*--tls.*write http:\/\/ before it in csdsDomain/);
  });

  it('is not given up by guess: plain HTTP to a port of this machine that speaks TLS says what to write', async () => {
    await using platform = await startPlatform({ tls: await makeCertificate() });
    await using http = createHttpClient({ logger: false });
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http, logger: false });
    const error = await rejection(domains.all());
    expect(error.message).toMatch(/speaks TLS.*write https:\/\/ before it in csdsDomain.*NODE_EXTRA_CA_CERTS/);
    expect(platform.seen).toEqual([]);
  });
});

describe('hosts that the look-up names', () => {
  async function resolverOf(baseURI: string, options: object) {
    const platform = await startPlatform();
    platform.on(LIST, () => ({ body: { baseURIs: [{ service: 'agentVep', baseURI }] } }));
    const http = createHttpClient({ logger: false });
    const domains = createDomainResolver({
      accountId: ACCOUNT,
      csdsDomain: `http://${platform.host}`,
      http,
      logger: false,
      ...options,
    });
    return {
      domains,
      async [Symbol.asyncDispose]() {
        await http.close();
        await platform.close();
      },
    };
  }

  // verifies: network:hosts
  it('outside the suffixes that were given get nothing', async () => {
    await using test = await resolverOf('127.0.0.1:1', { hostSuffixes: ['liveperson.net'] });
    const error = await rejection(test.domains.all());
    expect(error).toBeInstanceOf(DomainLookupError);
    expect(error.message).toMatch(/names 127\.0\.0\.1:1 for agentVep, which is outside hostSuffixes/);
  });

  it('of a private network are refused unless they are asked for', async () => {
    await using test = await resolverOf('127.0.0.1:1', { privateHosts: false });
    expect((await rejection(test.domains.all())).message).toContain('set privateHosts when that is meant');
  });

  it('are known for private by all their spellings', () => {
    for (const host of [
      'localhost',
      '10.0.0.1:443',
      '172.16.9.9',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0x7f.1',
      '2130706433',
      '[::1]',
      '[fe80::1]',
      '[fd00::1]:8443',
      '[::ffff:10.0.0.1]',
      'metadata.google.internal',
      'printer.local',
    ]) {
      expect([host, isPrivateHost(host)]).toEqual([host, true]);
    }
    for (const host of [
      'va.agentvep.liveperson.net',
      '8.8.8.8',
      '172.32.0.1',
      '100.128.0.1',
      '[2001:db8::1]',
      'local.example',
    ]) {
      expect([host, isPrivateHost(host)]).toEqual([host, false]);
    }
  });

  it('are used on when the look-up fails later; only the platform’s own no, repeated, ends that', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient({ logger: false });
    const clock = createManualClock();
    const csdsDomain = `http://${platform.host}`;
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain, http, clock, logger: false });
    expect(domains.peek()).toBeUndefined();
    const hosts = await domains.all();
    expect(domains.peek()).toEqual(hosts);
    const again = async () => {
      await clock.advance(60_001);
      return domains.all();
    };
    for (const response of [
      { status: 503 },
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { body: '<html>sign in</html>' },
      { status: 403, body: '<html>blocked</html>' },
      { status: 404 },
      { status: 404, body: { error: { message: 'once' } } },
      { status: 407 },
    ]) {
      platform.on(LIST, () => response);
      expect([response, await again()]).toEqual([response, hosts]);
    }
    platform.on(LIST, () => ({ status: 404, body: { error: { message: 'no such account' } } }));
    expect(await again()).toEqual(hosts);
    expect(await rejection(again())).toMatchObject({ code: 'DOMAIN_LOOKUP_FAILED', retryable: false });
    expect(domains.peek()).toEqual(hosts);
  });
});
