import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type LookupFunction, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpRequest } from '@lp/auth';
import { ConfigError, NotConnectedError, OutcomeUnknownError } from '@lp/core';
import { makeCertificate } from './support/certificates.ts';
import { rejection } from './support/errors.ts';

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that notes what it is asked, and on how many connections. */
async function startServer({ host = '127.0.0.1', respond }: { host?: string; respond?: RequestListener } = {}) {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body });
      if (respond) respond(request, response);
      else response.end('{}');
    });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    seen,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const contentType = 'image/png';

/** A server of bytes: what it writes for each request is up to `respond`, told which one it is on its connection. */
async function startRawServer(respond: (socket: Socket, count: number) => void) {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const server = createTcpServer((socket) => {
    let count = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      if (!bytes.includes(' HTTP/1.1\r\n')) return;
      heads.push(bytes.toString('latin1'));
      respond(socket, ++count);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    heads,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// More than the buffers of a connection hold.
const BODY_BYTES = 64 * 1024 * 1024;
const FINE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

async function* streamOf(...chunks: unknown[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const chunk of chunks) yield chunk as Uint8Array;
}

describe('a request straight to its host', () => {
  it.each<[HttpRequest['method'], unknown, Record<string, string | undefined>]>([
    ['GET', undefined, {}],
    ['POST', undefined, { 'content-length': '0' }],
    ['POST', { a: 'ä' }, { 'content-length': '10' }],
    ['DELETE', { a: 1 }, { 'content-length': '7' }],
    ['PUT', { raw: Buffer.from('bytes'), contentType }, { 'content-length': '5' }],
    ['PUT', { raw: streamOf(Buffer.from('by'), Buffer.from('tes')), contentType }, { 'transfer-encoding': 'chunked' }],
    ['DELETE', { raw: streamOf(Buffer.from('bytes')), contentType }, { 'transfer-encoding': 'chunked' }],
  ])('says where its body ends: %s %j', async (method, body, framing) => {
    await using server = await startServer();
    await using http = createHttpClient();
    await http.request({ method, origin: server.origin, path: '/', body });
    const { 'content-length': length, 'transfer-encoding': encoding } = server.seen[0]?.headers ?? {};
    expect({ 'content-length': length, 'transfer-encoding': encoding }).toEqual({
      'content-length': undefined,
      'transfer-encoding': undefined,
      ...framing,
    });
  });

  it('has the length of its bytes, whatever its headers say', async () => {
    await using server = await startServer();
    await using http = createHttpClient();
    const request = { method: 'POST', origin: server.origin, path: '/', headers: { 'Content-Length': '3' } } as const;
    await http.request({ ...request, body: { a: 1 } });
    await http.request(request);
    expect(server.seen.map(({ headers }) => headers['content-length'])).toEqual(['7', '0']);
  });

  it('streams as many bytes as its headers declare, on the connection that was kept', async () => {
    await using server = await startServer();
    await using http = createHttpClient();
    for (let count = 0; count < 2; count++) {
      const body = { raw: streamOf(Buffer.from('by'), Buffer.from('tes')), contentType };
      await http.request({ method: 'PUT', origin: server.origin, path: '/', headers: { 'content-length': '5' }, body });
    }
    expect(server.seen.map(({ body }) => body)).toEqual(['bytes', 'bytes']);
    expect(server.sockets.size).toBe(1);
  });

  it.each([
    ['more', [Buffer.from('bytes'), Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['fewer', [Buffer.from('byte')]],
  ])('breaks off when its stream has %s bytes than its headers declare', async (_, chunks) => {
    await using server = await startServer({ respond: () => undefined });
    await using http = createHttpClient();
    const body = { raw: streamOf(...chunks), contentType };
    const headers = { 'content-length': '5' };
    const error = await rejection(http.request({ method: 'POST', origin: server.origin, path: '/', headers, body }));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ context: { code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' } });
  });

  it('is given up when its stream holds anything but bytes', async () => {
    await using server = await startServer();
    await using http = createHttpClient();
    const body = { raw: streamOf(Buffer.from('one'), { not: 'bytes' }), contentType };
    const error = await rejection(http.request({ method: 'PUT', origin: server.origin, path: '/', body }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(server.seen).toEqual([]);
  });

  it.each(['Transfer-Encoding', 'Keep-Alive', 'Upgrade', 'Expect', 'Trailer'])(
    'takes no header that is about the connection: %s',
    async (name) => {
      await using server = await startServer();
      await using http = createHttpClient();
      const headers = { [name]: 'marker' };
      const error = await rejection(http.request({ method: 'GET', origin: server.origin, path: '/', headers }));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toContain('check its headers');
      expect(server.seen).toEqual([]);
    },
  );

  it('reaches an IPv6 address', async () => {
    await using server = await startServer({ host: '::1' });
    await using http = createHttpClient();
    expect((await http.request({ method: 'GET', origin: server.origin, path: '/' })).status).toBe(200);
    expect(`http://${server.seen[0]?.headers.host}`).toBe(server.origin);
  });

  it('waits for the connection no longer than the client allows, however long the exchange may take', async () => {
    // What listens there never says a word of TLS.
    const sockets = new Set<Socket>();
    const silent = createTcpServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    await using http = createHttpClient({ timeoutMs: 30 });
    const origin = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const error = await rejection(http.request({ method: 'GET', origin, path: '/', timeoutMs: 600_000 }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain('the connection timed out');
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('may take its time once it is connected', async () => {
    await using server = await startServer({ respond: (_, response) => void setTimeout(() => response.end('{}'), 50) });
    await using http = createHttpClient({ timeoutMs: 20 });
    const request = { method: 'GET', origin: server.origin, path: '/', timeoutMs: 600_000 } as const;
    expect((await http.request(request)).status).toBe(200);
  });

  it('does not fail the process when the connection is lost while its body is on the way', async () => {
    await using server = await startServer();
    const cutting = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => {
      cutting.listen(0, '127.0.0.1', resolve);
    });
    await using http = createHttpClient();
    const origin = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
    const body = { raw: Buffer.alloc(4 * 1024 * 1024), contentType };
    expect(await rejection(http.request({ method: 'POST', origin, path: '/', body }))).toBeInstanceOf(
      OutcomeUnknownError,
    );
    expect((await http.request({ method: 'GET', origin: server.origin, path: '/' })).status).toBe(200);
    await new Promise((resolve) => cutting.close(resolve));
  });

  it('fails when its server changes to another protocol unasked', async () => {
    await using server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n');
    });
    await using http = createHttpClient();
    const error = await rejection(http.request({ method: 'POST', origin: server.origin, path: '/' }));
    expect(error).toBeInstanceOf(OutcomeUnknownError);
  });

  it.each([
    ['a stream', () => ({ raw: endless(), contentType })],
    ['bytes', () => ({ raw: Buffer.alloc(BODY_BYTES), contentType })],
  ])('sends no more of %s once its response has been read', async (_, bodyOf) => {
    await using server = await startRawServer((socket) => {
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}');
    });
    await using http = createHttpClient();
    const request = { method: 'POST', origin: server.origin, path: '/', body: bodyOf() } as const;
    expect((await http.request(request)).status).toBe(413);
    const [socket] = server.sockets;
    const closed = new Promise((resolve) => socket?.once('close', resolve));
    socket?.resume();
    await closed;
    expect(socket?.bytesRead).toBeLessThan(BODY_BYTES);
  });

  it('goes over a connection of its own when its server has ended the one that was kept, right after responding', async () => {
    await using server = await startRawServer((socket) => socket.end(FINE));
    await using http = createHttpClient();
    for (let count = 0; count < 20; count++) {
      const response = await http.request({ method: 'POST', origin: server.origin, path: '/', body: {} });
      expect(response.text()).toBe('{}');
    }
    expect(server.sockets.size).toBe(20);
  });

  it('is not responded to by what its server said on the kept connection before', async () => {
    await using server = await startRawServer((socket, count) => {
      socket.write(FINE);
      if (count === 1) setImmediate(() => socket.write(FINE.replace('{}', '[]')));
    });
    await using http = createHttpClient();
    const ask = () => http.request({ method: 'POST', origin: server.origin, path: '/', body: {} });
    await ask();
    const [first] = server.sockets;
    const askedAt = performance.now();
    await new Promise((resolve) => first?.once('close', resolve));
    // At once, not when nobody has used it for long.
    expect(performance.now() - askedAt).toBeLessThan(3_000);
    expect((await ask()).text()).toBe('{}');
    expect(server.sockets.size).toBe(2);
  });

  it('may be a stream of texts', async () => {
    await using server = await startServer();
    await using http = createHttpClient();
    const body = { raw: streamOf('a', 'ä'), contentType: 'text/plain' };
    await http.request({ method: 'PUT', origin: server.origin, path: '/', body, headers: { 'content-length': '3' } });
    expect(server.seen.map((seen) => seen.body)).toEqual(['aä']);
  });

  it.each(['abc', '-1', '0x5', '5.0', ''])('declares a length in digits only: "%s"', async (length) => {
    await using server = await startServer();
    await using http = createHttpClient();
    const request = { method: 'PUT', origin: server.origin, path: '/', headers: { 'content-length': length } } as const;
    const error = await rejection(
      http.request({ ...request, body: { raw: streamOf(Buffer.from('bytes')), contentType } }),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(server.seen).toEqual([]);
  });

  it('writes its headers in Latin-1 beside a text too, and leaves out those that are undefined', async () => {
    await using server = await startRawServer((socket) => socket.write(FINE));
    await using http = createHttpClient();
    const headers = { 'x-name': 'Müller', 'x-none': undefined } as unknown as Record<string, string>;
    await http.request({ method: 'POST', origin: server.origin, path: '/', body: { a: 'ä' }, headers });
    expect(server.heads[0]).toContain('x-name: Müller\r\n');
    expect(server.heads[0]).not.toContain('x-none');
  });

  it('was not sent when its host does not speak TLS', async () => {
    const plain = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => {
      plain.listen(0, '127.0.0.1', resolve);
    });
    const resolve: LookupFunction = (_, { all }, callback) => {
      const address = '127.0.0.1';
      if (all) callback(null, [{ address, family: 4 }]);
      else callback(null, address, 4);
    };
    await using http = createHttpClient({ publicHostsOnly: { except: ['host.example'], resolve } });
    const origin = `https://host.example:${(plain.address() as AddressInfo).port}`;
    const error = await rejection(http.request({ method: 'POST', origin, path: '/', body: {} }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain('it does not speak TLS as expected');
    await new Promise((done) => plain.close(done));
  });

  it('says that it speaks HTTP 1.1, and trusts whom it was told to', async () => {
    const { ca, ...certificate } = await makeCertificate();
    const protocols: unknown[] = [];
    const server = createSecureServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (_, response) => {
      response.end('{}');
    });
    server.on('secureConnection', ({ alpnProtocol }: TLSSocket) => protocols.push(alpnProtocol));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    await using http = createHttpClient({ tls: { ca } });
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await http.request({ method: 'GET', origin, path: '/' })).status).toBe(200);
    expect(protocols).toEqual(['http/1.1']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) {
    await Promise.resolve();
    yield Buffer.alloc(64 * 1024);
  }
}
