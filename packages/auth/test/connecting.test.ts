import { once } from 'node:events';
import { type Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpClientOptions, type HttpRequest, socketAgent } from '@lp/auth';
import { ClosedError, createManualClock, NotConnectedError, RequestTimeoutError } from '@lp/core';
import { TunnelAgent } from '../src/tunnel.ts';
import { rejection } from './support/errors.ts';
import { type RawServer, startRawServer } from './support/raw-server.ts';

const CALL = { method: 'GET', origin: 'https://va.example', path: '/' } satisfies HttpRequest;

/** What takes the connection and then says nothing, and how it is called. */
const SILENT: [string, (server: RawServer) => { options: HttpClientOptions; call: HttpRequest }][] = [
  ['a proxy leaves CONNECT', ({ host }) => ({ options: { proxy: `http://${host}` }, call: CALL })],
  ['a host leaves TLS', ({ host }) => ({ options: {}, call: { ...CALL, origin: `https://${host}` } })],
];

describe.each(SILENT)('while %s without a response', (_what, way) => {
  it('an exchange ends by its time limit', async () => {
    await using server = await startRawServer();
    const clock = createManualClock();
    const { options, call } = way(server);
    await using http = createHttpClient({ ...options, clock, logger: false });
    const failure = rejection(http.request({ ...call, timeoutMs: 70 }));
    await server.asked();
    await clock.advance(70);
    expect(await failure).toBeInstanceOf(RequestTimeoutError);
  });

  it('an exchange ends when it is aborted, with the reason', async () => {
    await using server = await startRawServer();
    const { options, call } = way(server);
    await using http = createHttpClient({ ...options, logger: false });
    const [controller, reason] = [new AbortController(), new Error('enough')];
    const failure = rejection(http.request({ ...call, signal: controller.signal }));
    await server.asked();
    controller.abort(reason);
    expect(await failure).toBe(reason);
  });

  it('an exchange ends when the client is closed', async () => {
    await using server = await startRawServer();
    const { options, call } = way(server);
    const http = createHttpClient({ ...options, logger: false });
    const failure = rejection(http.request(call));
    await server.asked();
    await http.close();
    expect(await failure).toBeInstanceOf(ClosedError);
  });

  it('the next exchange does not wait for it, and has a connection of its own', async () => {
    await using server = await startRawServer();
    const { options, call } = way(server);
    await using http = createHttpClient({ ...options, logger: false });
    const first = new AbortController();
    const failure = rejection(http.request({ ...call, signal: first.signal }));
    await server.asked();
    first.abort();
    await failure;
    const next = rejection(http.request(call));
    await server.asked(2);
    await http.close();
    expect(await next).toBeInstanceOf(ClosedError);
  });
});

describe('a proxy that', () => {
  it('leaves CONNECT without a response is given up after the limit of a connection, and its connection ends', async () => {
    await using proxy = await startRawServer();
    await using http = createHttpClient({ proxy: `http://me:secret@${proxy.host}`, timeoutMs: 50, logger: false });
    const failure = rejection(http.request({ ...CALL, timeoutMs: 60_000 }));
    await proxy.asked();
    const ended = Promise.all([...proxy.open].map((socket) => once(socket, 'close')));
    const error = await failure;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toMatch(
      /^cannot reach va\.example through the proxy 127\.0\.0\.1:\d+: the proxy did not open the way to it in time$/,
    );
    expect(error.retryable).toBe(true);
    await ended;
  });

  it('leaves CONNECT without a response is told of before the time of the exchange itself is over', async () => {
    await using proxy = await startRawServer();
    await using http = createHttpClient({ proxy: `http://${proxy.host}`, timeoutMs: 2_000, logger: false });
    await http.ready();
    expect((await rejection(http.request(CALL))).message).toContain('the proxy did not open the way to it in time');
  });

  const page = 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 12\r\n\r\n<html></html';
  const faults: [string, (socket: Socket) => void, string[]][] = [
    ['ends the connection at CONNECT', (socket) => socket.end(), ['https:', 'http:']],
    ['cuts the connection at CONNECT', (socket) => socket.resetAndDestroy(), ['https:', 'http:']],
    ['says what is no HTTP', (socket) => socket.write('220 mail.example ESMTP\r\n'), ['https:', 'http:']],
    ['ends the connection once the way is open', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'), ['https:']],
    ['responds with a page of its own', (socket) => socket.end(page), ['http:']],
  ];
  const cases = faults.flatMap(([what, fault, schemes]) => schemes.map((scheme) => [what, scheme, fault] as const));

  it.each(cases)('%s to %s is named, and dialled once for each call', async (_what, scheme, fault) => {
    await using proxy = await startRawServer(fault);
    await using http = createHttpClient({ proxy: `http://me:secret@${proxy.host}`, logger: false });
    // Nothing of it was sent, so that a call that must not be repeated may be.
    for (const method of ['GET', 'POST'] as const) {
      const error = await rejection(http.request({ ...CALL, method, origin: `${scheme}//va.example` }));
      expect(error).toBeInstanceOf(NotConnectedError);
      expect(error.message).toMatch(
        /^cannot reach va\.example through the proxy 127\.0\.0\.1:\d+: the connection was closed before the way to it stood$/,
      );
      expect(JSON.stringify(error)).not.toContain('secret');
      expect(error.retryable).toBe(true);
    }
    expect(proxy.connections).toBe(2);
  });
});

describe('the way of a socket through a proxy', () => {
  async function dial(proxy: RawServer, given?: Agent) {
    const agent = given ?? ((await socketAgent(`http://me:secret@${proxy.host}`, 'wss://va.example')) as Agent);
    const dialled = request({ host: 'va.example', port: 80, agent });
    const failure = once(dialled, 'error').then(([error]) => error as NotConnectedError);
    dialled.end();
    return { dialled, failure };
  }

  it('that is closed at CONNECT says so', async () => {
    await using proxy = await startRawServer((socket) => socket.end());
    const error = await (await dial(proxy)).failure;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toMatch(
      /^through the proxy 127\.0\.0\.1:\d+: the connection was closed before the way to it stood$/,
    );
  });

  it('that is not opened in time says so, and leaves no connection behind', async () => {
    await using proxy = await startRawServer();
    const agent = new TunnelAgent(new URL(`http://${proxy.host}`), undefined, 50);
    const { failure } = await dial(proxy, agent);
    await proxy.asked();
    const ended = Promise.all([...proxy.open].map((socket) => once(socket, 'close')));
    expect((await failure).message).toMatch(
      /^through the proxy 127\.0\.0\.1:\d+: the proxy did not open the way to it in time$/,
    );
    await ended;
  });

  it('leaves no connection to the proxy behind when it is given up', async () => {
    await using proxy = await startRawServer();
    const { dialled, failure } = await dial(proxy);
    await proxy.asked();
    const ended = Promise.all([...proxy.open].map((socket) => once(socket, 'close')));
    // As a WebSocket does whose time is up.
    dialled.abort();
    expect(await failure).toBeInstanceOf(NotConnectedError);
    await ended;
    expect(proxy.open.size).toBe(0);
  });
});
