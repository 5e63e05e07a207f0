import { Agent as HttpsAgent } from 'node:https';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  AuthError,
  ClosedError,
  ConfigError,
  createManualClock,
  InvalidCredentialsError,
  LpError,
  NotConnectedError,
  OutcomeUnknownError,
  RequestTimeoutError,
  SessionExpiredError,
} from '@lp/core';
import type { UrlAttempt } from '@lp/transport';
import { resolveOptions } from '../src/resolve-options.ts';
import { MessagingTransport } from '../src/transport.ts';
import { selfSigned } from './support/certificate.ts';
import { causeOf, harness, QUICK, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

describe('connecting', () => {
  it('resolves with a usable connection and tells its epoch and host', async () => {
    await using server = await startServer();
    const { transport, seen } = harness({ url: async () => server.url });
    const connecting = transport.connect();
    expect(transport.state).toBe('connecting');
    await connecting;
    expect(transport.state).toBe('connected');
    expect(transport.epoch).toBe(1);
    await transport.close();
    expect(seen.map(({ type }) => type)).toEqual(['connecting', 'connected', 'closed']);
    expect(seen[1]).toMatchObject({ epoch: 1, host: `127.0.0.1:${server.port}` });
  });

  it('dials once however often it is asked for', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await Promise.all([transport.connect(), transport.connect(), transport.reconnect(), transport.connect()]);
    await transport.connect();
    expect(server.upgrades).toBe(1);
    await transport.close();
  });

  it('asks for no compression, which small frames pay for many times', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    expect(client.socket.extensions).toBe('');
    await transport.close();
  });

  it('asks for the URL of each dial, with its number and reason', async () => {
    await using server = await startServer();
    server.script({ status: 503 }, { status: 401 });
    const asked: Omit<UrlAttempt, 'signal'>[] = [];
    const { transport } = harness({
      url: ({ number, reason, signal }) => {
        expect(signal.aborted).toBe(false);
        asked.push({ number, reason });
        return server.url;
      },
      reconnect: { ...QUICK, serverErrorDelaysMs: [1] },
    });
    await transport.connect();
    expect(asked).toEqual([
      { number: 1, reason: 'first' },
      { number: 2, reason: 'retry' },
      { number: 3, reason: 'reauth' },
    ]);
    await transport.close();
  });

  it('does not count as connected before prepare is through, and prepare can make requests', async () => {
    await using server = await startServer();
    const log: string[] = [];
    const { transport } = harness({
      url: () => server.url,
      prepare: async ({ request, epoch, reconnected }) => {
        log.push(`prepare ${epoch} ${String(reconnected)} ${transport.state}`);
        await request({ type: 'probe' });
        log.push('prepared');
      },
    });
    const connecting = transport.connect().then(() => log.push('connected'));
    const waiting = transport.request({ type: 'waiting' });
    const client = await server.clients.next();
    const probe = await client.requests.next();
    expect(probe.type).toBe('probe');
    expect(client.requests.size).toBe(0);
    client.respond(probe);
    client.respond(await client.requests.next(), 'at last');
    expect((await waiting).body).toBe('at last');
    await connecting;
    expect(log).toEqual(['prepare 1 false connecting', 'prepared', 'connected']);
    await transport.close();
  });
});

/** The platform responds in its own JSON. */
const OWN = {
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"message":"no","internalCode":7,"responseStatus":"FORBIDDEN"}}',
};

describe('a host', () => {
  // verifies: network:hosts
  it('whose name leads to an address that the agent of the socket refuses is not connected to', async () => {
    const refusal = Object.assign(new Error('private'), { code: 'PRIVATE_ADDRESS' });
    const agent = new HttpsAgent({ lookup: (_hostname, _options, callback) => callback(refusal, '') });
    const { transport } = harness({ url: () => 'wss://named.example:1/', agent, reconnect: false });
    expect(await rejection(transport.connect())).toMatchObject({
      message: expect.stringMatching(/named\.example.*private network.*set privateHosts/),
      context: { cause: 'PRIVATE_ADDRESS' },
    });
  });
});

describe('a refused upgrade', () => {
  for (const status of [400, 404, 409, 410, 451] as const) {
    // verifies: reconnect:final
    it(`with ${status} in the platform's own words is final`, async () => {
      await using server = await startServer();
      server.script({ status, ...OWN });
      const { transport } = harness({ url: () => server.url });
      const error = (await rejection(transport.connect())) as NotConnectedError;
      expect(error).toBeInstanceOf(NotConnectedError);
      expect(error.retryable).toBe(false);
      expect(error.context).toMatchObject({ host: `127.0.0.1:${server.port}`, httpStatus: status, attempt: 1 });
      expect(transport.state).toBe('closed');
      expect(await transport.closed).toBe(error);
      expect(server.upgrades).toBe(1);
    });
  }

  it('with 403 is final and says that it is about the user', async () => {
    await using server = await startServer();
    server.script({ status: 403, ...OWN });
    const { transport } = harness({ url: () => server.url });
    const error = (await rejection(transport.connect())) as AuthError;
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ retryable: false, context: { httpStatus: 403 } });
  });

  it.each([
    [404, '{"message":"no Route matched with those values"}'],
    [403, '{"message":"Forbidden"}'],
    [403, '{"error":"Forbidden"}'],
    [400, '{"title":"Bad","status":400}'],
    [408, '{"error":{"message":"too slow"}}'],
    [421, '{"error":{"message":"misdirected"}}'],
    [425, '{}'],
  ] as const)('with %i and the JSON of a gateway is survived: %s', async (status, body) => {
    await using server = await startServer();
    server.script({ status, headers: { 'content-type': 'application/json' }, body }, 'accept');
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    expect(server.upgrades).toBe(2);
    await transport.close();
  });

  it('whose body never ends is survived, soon', async () => {
    await using server = await startServer();
    const endless = { 'content-type': 'application/json', 'content-length': '100000' };
    server.script({ status: 403, headers: endless, body: '{"error":'.padEnd(20_000) }, 'accept');
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    expect(server.upgrades).toBe(2);
    await transport.close();
  });

  for (const status of [400, 403, 404, 417, 426] as const) {
    it(`with ${status} and no word of the platform is final only when it goes on for ten minutes`, async () => {
      const clock = createManualClock();
      await using server = await startServer();
      server.script(...Array.from({ length: 20 }, () => ({ status })));
      const everyTwoMinutes = { ...QUICK, initialMs: 120_000, maxMs: 120_000 };
      const { transport, until } = harness({ url: () => server.url, clock, reconnect: everyTwoMinutes });
      const refused = rejection(transport.connect());
      for (let waits = 0; waits < 5; waits++) {
        await until('reconnecting');
        await clock.advance(120_000);
      }
      expect(await refused).toMatchObject({ retryable: false, context: { httpStatus: status } });
      expect(server.upgrades).toBe(6);
    });

    it(`with ${status} and no word of the platform is survived when it passes, however often it came`, async () => {
      await using server = await startServer();
      server.script(...Array.from({ length: 7 }, () => ({ status })), 'accept');
      const { transport } = harness({ url: () => server.url });
      await transport.connect();
      expect(server.upgrades).toBe(8);
      await transport.close();
    });
  }

  for (const [status, headers, seen] of [
    [401, { 'content-type': 'text/html' }, 'an HTML page (401), not the platform'],
    [403, { 'content-type': 'text/html; charset=utf-8' }, 'an HTML page (403), not the platform'],
    [404, { 'content-type': 'text/html' }, 'an HTML page (404), not the platform'],
    [200, { 'content-type': 'text/html' }, 'an HTML page (200), not the platform'],
    [302, { location: 'https://login.example/' }, 'a redirect (302), which is never followed'],
    [304, {}, 'a redirect (304), which is never followed'],
    [407, { 'proxy-authenticate': 'Basic' }, 'a proxy that wants credentials (407)'],
    [511, {}, 'a network that wants a sign-in first (511)'],
  ] as const) {
    it(`with ${status} of something in the way is never final, and named: ${seen}`, async () => {
      await using server = await startServer();
      server.script(...Array.from({ length: 5 }, () => ({ status, headers })));
      const { transport, seen: events } = harness({ url: () => server.url });
      await transport.connect();
      const told = events.flatMap((event) => (event.type === 'reconnecting' ? [event.error?.message] : []));
      expect(told).toHaveLength(5);
      expect(new Set(told)).toEqual(
        new Set([
          `127.0.0.1:${server.port} responded to the upgrade with ${seen}: something is in the way to the platform`,
        ]),
      );
      await transport.close();
    });
  }

  // verifies: reconnect:reauth, error:session, threat:second-login
  it('with 401 asks for a new token once, and a second time is final', async () => {
    await using server = await startServer();
    server.script({ status: 401 }, { status: 401 });
    const reasons: string[] = [];
    const { transport } = harness({
      url: ({ reason }) => {
        reasons.push(reason);
        return server.url;
      },
    });
    const error = await rejection(transport.connect());
    expect(error).toBeInstanceOf(SessionExpiredError);
    expect((error as SessionExpiredError).context).toMatchObject({ httpStatus: 401, attempt: 2 });
    expect(reasons).toEqual(['first', 'reauth']);
  });

  for (const status of [429, 500, 502, 503, 200, 302]) {
    it(`with ${status} is tried again`, async () => {
      await using server = await startServer();
      server.script({ status, headers: { location: 'http://127.0.0.1:1/elsewhere' } });
      const { transport, until } = harness({
        url: () => server.url,
        reconnect: { ...QUICK, serverErrorDelaysMs: [1], rateLimitMs: 1 },
      });
      const connecting = transport.connect();
      const { error } = await until('reconnecting');
      expect(error).toBeInstanceOf(NotConnectedError);
      expect((error as LpError).context['httpStatus']).toBe(status);
      await connecting;
      expect(server.upgrades).toBe(2);
      await transport.close();
    });
  }

  // verifies: reconnect:429
  it('with 429 waits a second, or as long as Retry-After says in seconds or as a date', async () => {
    await using server = await startServer();
    for (const [header, atLeastMs] of [
      [undefined, 1_000],
      ['7', 7_000],
      [new Date(Date.now() + 61_000).toUTCString(), 59_000],
      ['soon', 1_000],
    ] as const) {
      server.script({ status: 429, headers: header === undefined ? {} : { 'Retry-After': header } });
      const { transport, until } = harness({ url: () => server.url });
      const connecting = rejection(transport.connect());
      const { delayMs } = await until('reconnecting');
      expect(delayMs).toBeGreaterThanOrEqual(atLeastMs);
      expect(delayMs).toBeLessThan(atLeastMs + 2_500);
      await transport.close();
      expect(await connecting).toBeInstanceOf(ClosedError);
    }
  });

  it('is final when reconnecting is off', async () => {
    await using server = await startServer();
    server.script({ status: 503 });
    const { transport } = harness({ url: () => server.url, reconnect: false });
    expect(await rejection(transport.connect())).toMatchObject({ code: 'NOT_CONNECTED', context: { httpStatus: 503 } });
    expect(transport.state).toBe('closed');
  });
});

describe('a server that is not there', () => {
  // verifies: status:reconnecting
  it('uses up the attempt budget, which status shows, and rejects with the last failure', async () => {
    const server = await startServer();
    await server.close();
    const { transport, seen } = harness({ url: () => server.url, reconnect: { ...QUICK, maxAttempts: 3 } });
    const error = (await rejection(transport.connect())) as NotConnectedError;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.context).toMatchObject({ attempt: 4, cause: 'ECONNREFUSED', tries: 4 });
    expect(error.message).toMatch(
      /^gave up after 4 tries in \d+ s; the last one: the socket to 127\.0\.0\.1:\d+ could not be opened: nothing responds there/,
    );
    expect(error.cause).toMatchObject({ code: 'NOT_CONNECTED', context: { cause: 'ECONNREFUSED' } });
    await transport.closed;
    const left = seen.flatMap((event) => (event.type === 'reconnecting' ? [[event.attempt, event.attemptsLeft]] : []));
    expect(left).toEqual([
      [2, 2],
      [3, 1],
      [4, 0],
    ]);
  });

  it('resets the connection and is tried again', async () => {
    await using server = await startServer();
    server.script('reset', 'reset');
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    expect(server.upgrades).toBe(3);
    await transport.close();
  });

  it('never responds to the handshake and is given up in time', async () => {
    await using server = await startServer();
    server.script('hang');
    const { transport, until } = harness({ url: () => server.url, connectTimeoutMs: 40 });
    const connecting = transport.connect();
    const { error } = await until('reconnecting');
    expect(error?.message).toBe('Opening the socket took longer than 40 ms');
    await connecting;
    await transport.close();
  });
});

it('a WebSocket that cannot be made is a failed dial, and what it throws, which quotes the URL, is not passed on', async () => {
  const settings = resolveOptions({ url: () => 'wss://example.com/secret', reconnect: false });
  const transport = new MessagingTransport(settings, {
    isBrowser: true,
    openSocket: (url) => {
      throw new Error(`insecure: ${url}`);
    },
  });
  const error = (await rejection(transport.connect())) as NotConnectedError;
  expect(error).toBeInstanceOf(NotConnectedError);
  expect(error.context).toMatchObject({ host: 'example.com', attempt: 1 });
  expect(inspect(error)).not.toContain('secret');
});

describe('the url function', () => {
  for (const [name, fail] of [
    ['rejects', () => Promise.reject(new Error('look-up failed'))],
    [
      'throws',
      () => {
        throw new Error('look-up failed');
      },
    ],
  ] as const) {
    it(`that ${name} is a failed dial with that cause`, async () => {
      await using server = await startServer();
      let calls = 0;
      const { transport, until } = harness({ url: () => (++calls === 1 ? fail() : server.url) });
      const connecting = transport.connect();
      const { error } = await until('reconnecting');
      expect(error).toBeInstanceOf(NotConnectedError);
      expect(causeOf(error)).toBe('look-up failed');
      await connecting;
      await transport.close();
    });
  }

  it('ends the transport with its own error when that is final', async () => {
    const refused = new InvalidCredentialsError('no such user');
    const { transport } = harness({ url: () => Promise.reject(refused) });
    expect(await rejection(transport.connect())).toBe(refused);
    expect(await transport.closed).toBe(refused);
    expect(await rejection(transport.connect())).toBeInstanceOf(ClosedError);
  });

  for (const lost of [
    new OutcomeUnknownError('the exchange broke off'),
    new RequestTimeoutError('no response in time'),
  ]) {
    it(`is asked again when a request of its own got no response: ${lost.name}`, async () => {
      await using server = await startServer();
      const { transport } = harness({ url: ({ number }) => (number > 1 ? server.url : Promise.reject(lost)) });
      await transport.connect();
      expect(transport.state).toBe('connected');
      await transport.close();
    });
  }

  it('is asked again no sooner than its error says', async () => {
    const error = new NotConnectedError('busy', { context: { retryAfterMs: 90_000 } });
    const { transport, until } = harness({ url: () => Promise.reject(error) });
    const connecting = rejection(transport.connect());
    expect((await until('reconnecting')).delayMs).toBeGreaterThanOrEqual(90_000);
    await transport.close();
    await connecting;
  });

  it('that never responds is given up in time, and told so by its signal', async () => {
    await using server = await startServer();
    let given: AbortSignal | undefined;
    const { transport } = harness({
      urlTimeoutMs: 20,
      url: ({ number, signal }) => {
        if (number > 1) return server.url;
        given = signal;
        return new Promise<string>(() => undefined);
      },
    });
    await transport.connect();
    expect(given?.aborted).toBe(true);
    await transport.close();
  });

  for (const [url, message] of [
    ['', 'url must give an absolute wss: URL'],
    [undefined, 'url must give an absolute wss: URL'],
    ['/ws/secret', 'url must give an absolute wss: URL'],
    ['wss://host/path/secret#part', 'url must give a URL without a fragment'],
    ['https://host/secret', 'url must give a wss: URL; ws: is accepted to loopback hosts only'],
    ['ws://example.com/secret', 'url must give a wss: URL; ws: is accepted to loopback hosts only'],
    ['ws://127.0.0.1.example.com/secret', 'url must give a wss: URL; ws: is accepted to loopback hosts only'],
    ['ws://localhost.example.com/secret', 'url must give a wss: URL; ws: is accepted to loopback hosts only'],
  ]) {
    // verifies: threat:eavesdropper
    it(`must give a URL that can be used, unlike ${String(url)}`, async () => {
      const { transport } = harness({ url: () => url as string });
      const error = (await rejection(transport.connect())) as ConfigError;
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toBe(message);
      expect(JSON.stringify(error)).not.toContain('secret');
    });
  }

  it('may give a plain URL to this machine by its name', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => `ws://localhost:${server.port}/` });
    await transport.connect();
    expect(server.upgrades).toBe(1);
    await transport.close();
  });
});

describe('prepare', () => {
  it('that rejects makes a failed dial', async () => {
    await using server = await startServer();
    const { transport, until } = harness({
      url: () => server.url,
      prepare: ({ epoch }) => (epoch === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve()),
    });
    const connecting = transport.connect();
    const { error } = await until('reconnecting');
    expect(causeOf(error)).toBe('not yet');
    await connecting;
    expect(transport.epoch).toBe(2);
    const dropped = await server.clients.next();
    await dropped.closed;
    await transport.close();
  });

  it('ends the transport with an error that is final', async () => {
    await using server = await startServer();
    const refused = new ConfigError('no such skill');
    const { transport } = harness({ url: () => server.url, prepare: () => Promise.reject(refused) });
    expect(await rejection(transport.connect())).toBe(refused);
    expect(await transport.closed).toBe(refused);
  });

  it('asks for a new token when the session has expired, and gives up when the new one has as well', async () => {
    await using server = await startServer();
    const reasons: string[] = [];
    const expired = new SessionExpiredError('expired');
    const { transport } = harness({
      url: ({ reason }) => {
        reasons.push(reason);
        return server.url;
      },
      prepare: () => Promise.reject(expired),
    });
    expect(await rejection(transport.connect())).toBe(expired);
    expect(reasons).toEqual(['first', 'reauth']);
  });

  it('whose request has no response is tried again on the next connection', async () => {
    await using server = await startServer();
    const { transport } = harness({
      url: () => server.url,
      prepare: async ({ epoch, request }) => {
        if (epoch === 1) await request({ type: 'probe' }, { timeoutMs: 20 });
      },
    });
    await transport.connect();
    expect(transport.epoch).toBe(2);
    await transport.close();
  });

  it('that never ends is given up in time', async () => {
    await using server = await startServer();
    const { transport, until } = harness({
      url: () => server.url,
      prepareTimeoutMs: 20,
      prepare: ({ epoch }) => (epoch === 1 ? new Promise<void>(() => undefined) : Promise.resolve()),
    });
    const connecting = transport.connect();
    expect(causeOf((await until('reconnecting')).error)).toMatch(/^Preparing the connection took/);
    await connecting;
    await transport.close();
  });

  it('is told by its signal, and by its requests, that its connection is gone', async () => {
    await using server = await startServer();
    const ends: unknown[] = [];
    const { transport } = harness({
      url: () => server.url,
      prepare: async ({ epoch, request, signal }) => {
        if (epoch > 1) return;
        signal.addEventListener('abort', () => ends.push('aborted'));
        ends.push(await rejection(request({ type: 'probe' }, { idempotent: true })));
        throw new ConfigError('said after the end, so nobody listens');
      },
    });
    const connecting = transport.connect();
    const client = await server.clients.next();
    await client.requests.next();
    client.drop();
    await connecting;
    expect(ends[0]).toBe('aborted');
    expect((ends[1] as LpError).code).toBe('OUTCOME_UNKNOWN');
    await transport.close();
  });
});

describe('TLS', () => {
  // verifies: network:tls, threat:eavesdropper
  it('is verified: an unknown certificate is refused', async () => {
    const certificate = await selfSigned();
    await using server = await startServer({ tls: certificate });
    const { transport } = harness({ url: () => server.url, reconnect: false });
    const error = (await rejection(transport.connect())) as LpError;
    expect(error.context['cause']).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('accepts a certificate authority of your own', async () => {
    const certificate = await selfSigned();
    await using server = await startServer({ tls: certificate });
    const { transport } = harness({ url: () => server.url, tls: { ca: certificate.cert }, reconnect: false });
    await transport.connect();
    expect(transport.state).toBe('connected');
    await transport.close();
  });
});
