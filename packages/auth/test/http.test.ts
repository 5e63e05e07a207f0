import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpRequest } from '@lp/auth';
import {
  ClosedError,
  ConfigError,
  createManualClock,
  NotConnectedError,
  OutcomeUnknownError,
  ProtocolError,
  RequestTimeoutError,
} from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { Agent, MockAgent, ProxyAgent } from 'undici';
import { isPending, rejection, thrown } from './support/errors.ts';
import { startPlatform } from './support/platform.ts';

/** A server that responds to each connection with given raw bytes, or nothing, and can count and end its sockets. */
async function startRawServer(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of this machine where nothing listens. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an HTTP exchange', () => {
  it('sends JSON with query and headers, and reads the response in full', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient({ userAgent: 'my-bot/1.0' });
    platform.on('/thing', () => ({ status: 201, body: { fine: true }, headers: { 'X-Rev': '7' } }));
    const response = await http.request({
      method: 'POST',
      origin: platform.origin,
      path: '/a/thing',
      query: { v: 1, on: true, off: undefined, text: 'a b&c' },
      headers: { 'X-One': 'one' },
      body: { hello: 'wörld' },
    });
    expect(response.status).toBe(201);
    expect(response.headers['x-rev']).toBe('7');
    expect(response.json()).toEqual({ fine: true });
    expect(Buffer.from(response.bytes()).toString()).toBe('{"fine":true}');
    const [seen] = platform.seen;
    expect(seen).toMatchObject({ method: 'POST', path: '/a/thing', body: '{"hello":"wörld"}' });
    expect([...(seen?.query ?? [])]).toEqual([
      ['v', '1'],
      ['on', 'true'],
      ['text', 'a b&c'],
    ]);
    expect(seen?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-one': 'one',
      'user-agent': 'my-bot/1.0',
    });
  });

  it('sends bytes and streams as they are', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    platform.on('/file', () => ({}));
    async function* chunks() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    const bodies = [Buffer.from('bytes'), chunks(), new Blob(['blob']).stream()];
    for (const raw of bodies) {
      await http.request({
        method: 'PUT',
        origin: platform.origin,
        path: '/file',
        body: { raw, contentType: 'image/png' },
      });
    }
    expect(platform.seen.map((request) => request.body)).toEqual(['bytes', 'one two', 'blob']);
    expect(platform.seen.map((request) => request.headers['content-type'])).toEqual(Array(3).fill('image/png'));
  });

  it('rejects with the error of a body stream that fails', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    const failure = new Error('the disk is gone');
    async function* chunks() {
      yield Buffer.from('one');
      throw failure;
    }
    const request = {
      method: 'PUT',
      origin: platform.origin,
      path: '/file',
      body: { raw: chunks(), contentType: 'a/b' },
    } as const;
    expect(await rejection(http.request(request))).toBe(failure);
  });

  it('reuses its connection', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    platform.on('/x', () => ({ body: {} }));
    for (let i = 0; i < 5; i++) await http.request({ method: 'GET', origin: platform.origin, path: '/x' });
    expect(platform.connections()).toBe(1);
  });

  // verifies: network:bounds
  it('takes every status as a response, and follows no redirect', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    platform.on('/moved', () => ({ status: 302, headers: { location: '/login' } }));
    const headers = { authorization: 'Bearer x' };
    const response = await http.request({ method: 'GET', origin: platform.origin, path: '/moved', headers });
    expect(response.status).toBe(302);
    expect(platform.count('/login')).toBe(0);
    expect((await http.request({ method: 'GET', origin: platform.origin, path: '/nowhere' })).status).toBe(404);
  });

  it('uses the dispatcher that is given, and leaves it open', async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    mock.get('https://va.example').intercept({ path: '/x?v=1' }).reply(200, { mocked: true }).times(2);
    for (let i = 0; i < 2; i++) {
      const http = createHttpClient({ dispatcher: mock });
      const response = await http.request({ method: 'GET', origin: 'https://va.example', path: '/x', query: { v: 1 } });
      expect(response.json()).toEqual({ mocked: true });
      await http.close();
    }
    await mock.close();
  });

  it('says what the proxy said when it refuses the tunnel', async () => {
    const proxy = createServer();
    proxy.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await using http = createHttpClient({ dispatcher });
    const error = await rejection(http.request({ method: 'GET', origin: 'https://va.example', path: '/' }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain('cannot reach va.example: the proxy wants credentials (407)');
    await dispatcher.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
});

describe('a response', () => {
  async function responseWith(body: string) {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    platform.on('/x', () => ({ body, headers: { 'set-cookie': ['session_id=marker', 'b=2'] } }));
    return await http.request({ method: 'GET', origin: platform.origin, path: '/x' });
  }

  it('keeps whole numbers exact that a double would round', async () => {
    const text =
      '{"rev":1234567890123456789,"n":-9007199254740993,"s":"x 1234567890123456789 \\" 12345678901234567","f":0.1234567890123456789,"e":12345678901234567890e2,"i":9007199254740991,"l":[12345678901234567890]}';
    expect((await responseWith(text)).json()).toEqual({
      rev: '1234567890123456789',
      n: '-9007199254740993',
      s: 'x 1234567890123456789 " 12345678901234567',
      f: Number('0.1234567890123456789'),
      e: Number('12345678901234567890e2'),
      i: 9007199254740991,
      l: ['12345678901234567890'],
    });
  });

  it('is undefined as JSON when it is empty', async () => {
    expect((await responseWith(' \n')).json()).toBeUndefined();
  });

  // verifies: auth-error:protocol
  it('that is not JSON is an error without its content', async () => {
    const response = await responseWith('<html>marker-of-content</html>');
    const error = thrown(() => response.json());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('marker-of-content');
    expect(response.text()).toBe('<html>marker-of-content</html>');
  });

  it('prints neither its headers nor its body', async () => {
    const response = await responseWith('{"bearer":"marker"}');
    const printed = inspect(response, { depth: 9, showHidden: true, getters: true });
    expect(`${printed} ${JSON.stringify(response)}`).not.toContain('marker');
    expect(JSON.stringify(response)).toBe('{"status":200,"bytes":19}');
    expect(response.headers['set-cookie']).toEqual(['session_id=marker', 'b=2']);
  });
});

describe('an exchange that fails', () => {
  // verifies: auth-error:connection
  it('says that nothing responds when the connection is refused', async () => {
    await using http = createHttpClient();
    const host = `127.0.0.1:${await freePort()}`;
    const error = await rejection(
      http.request({ method: 'POST', origin: `http://${host}`, path: '/', service: 'agentVep' }),
    );
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toBe(`cannot reach ${host}: nothing responds there (the connection was refused)`);
    expect(error).toMatchObject({ retryable: true, context: { host, service: 'agentVep', code: 'ECONNREFUSED' } });
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  // verifies: auth-error:connection
  it('says that the name cannot be resolved when it cannot', async () => {
    const dispatcher = new Agent({
      connect: {
        lookup: (_host, _options, done) =>
          done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), ''),
      },
    });
    await using http = createHttpClient({ dispatcher });
    const error = await rejection(http.request({ method: 'GET', origin: 'http://no.such.example', path: '/' }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain('cannot reach no.such.example: its name cannot be resolved');
    expect(error).toMatchObject({ retryable: true, context: { code: 'ENOTFOUND' } });
    await dispatcher.destroy();
  });

  it.each([undefined, 'get', 'FETCH'])(
    'refuses a method that does not exist (%s), and says which there are',
    async (method) => {
      await using http = createHttpClient();
      const request = { origin: 'https://localhost:1', path: '/', method: method as never };
      expect(await rejection(http.request(request))).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/^request\.method .*must be one of: GET, POST/),
      });
    },
  );

  const truncated = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"bearer":"mark';
  it.each([
    ['is cut off in the body', (socket: Socket) => socket.once('data', () => socket.end(truncated))],
    ['is cut off in the header', (socket: Socket) => socket.once('data', () => socket.end('HTTP/1.1 200 O'))],
    ['never begins, since the other side hangs up', (socket: Socket) => socket.once('data', () => socket.end())],
    [
      'never begins, since the other side resets',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['is no HTTP', (socket: Socket) => socket.once('data', () => socket.end('SSH-2.0-marker\r\n'))],
  ])('tells a broken exchange from one that never happened: the response %s', async (_name, onSocket) => {
    await using server = await startRawServer(onSocket);
    await using http = createHttpClient();
    const request = { origin: server.origin, path: '/', method: 'POST' } as const;
    const unknown = await rejection(http.request(request));
    expect(unknown).toBeInstanceOf(OutcomeUnknownError);
    expect(unknown).toMatchObject({ retryable: false });
    const again = await rejection(http.request({ ...request, idempotent: true }));
    expect(again).toBeInstanceOf(NotConnectedError);
    expect(again).toMatchObject({ retryable: true });
    expect(again.message).toMatch(/^the exchange with 127\.0\.0\.1:\d+ broke off \(\w+\)$/);
    expect(inspect([unknown, again], { depth: 9, showHidden: true })).not.toContain('mark');
  });

  // verifies: auth-error:timeout
  it('ends after its time, wherever it hangs', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
    for (const onData of [() => '', () => 'HTTP/1.1 20', () => head]) {
      const received = createDeferred<void>();
      await using server = await startRawServer((socket) =>
        socket.once('data', () => {
          socket.write(onData());
          received.resolve();
        }),
      );
      const clock = createManualClock();
      await using http = createHttpClient({ clock, timeoutMs: 7_000 });
      const failed = rejection(http.request({ method: 'GET', origin: server.origin, path: '/' }));
      await received.promise;
      await clock.advance(6_999);
      expect(await isPending(failed)).toBe(true);
      await clock.advance(1);
      const error = await failed;
      expect(error).toBeInstanceOf(RequestTimeoutError);
      expect(error).toMatchObject({ retryable: true, context: { timeoutMs: 7_000 } });
      expect(clock.pendingTimers).toBe(0);
    }
  });

  // verifies: auth-error:unknown
  it('is not repeatable after its time when it may have had an effect', async () => {
    await using server = await startRawServer(() => undefined);
    await using http = createHttpClient();
    const error = await rejection(http.request({ method: 'POST', origin: server.origin, path: '/', timeoutMs: 20 }));
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error.retryable).toBe(false);
  });

  // verifies: network:bounds, auth-error:protocol
  it('refuses a response that is larger than allowed, and gives up its connection', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient({ maxResponseBytes: 1_000 });
    platform.on('/big', () => ({ body: 'x'.repeat(1_001) }));
    platform.on('/fits', () => ({ body: 'x'.repeat(1_000) }));
    const error = await rejection(http.request({ method: 'GET', origin: platform.origin, path: '/big' }));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('larger than 1000 bytes');
    expect((await http.request({ method: 'GET', origin: platform.origin, path: '/fits' })).bytes().length).toBe(1_000);
    const small = await http.request({ method: 'GET', origin: platform.origin, path: '/big', maxResponseBytes: 2_000 });
    expect(small.bytes().length).toBe(1_001);
  });
});

describe('an aborted exchange', () => {
  it.each(['before it starts', 'while connecting', 'while waiting for the response', 'in the middle of the response'])(
    'rejects with the reason: %s',
    async (phase) => {
      const reason = new Error('enough');
      const controller = new AbortController();
      await using server = await startRawServer((socket) => {
        if (phase === 'while connecting') return;
        socket.once('data', () => {
          if (phase === 'in the middle of the response')
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
          setImmediate(() => controller.abort(reason));
        });
      });
      await using http = createHttpClient();
      if (phase === 'before it starts') controller.abort(reason);
      const failed = rejection(
        http.request({ method: 'GET', origin: server.origin, path: '/', signal: controller.signal }),
      );
      if (phase === 'while connecting') controller.abort(reason);
      expect(await failed).toBe(reason);
      expect(server.sockets.size).toBeLessThanOrEqual(phase === 'before it starts' ? 0 : 1);
    },
  );

  it('leaves no listener on the signal', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    platform.on('/x', () => ({}));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    }) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    }) as typeof remove;
    for (let i = 0; i < 3; i++) await http.request({ method: 'GET', origin: platform.origin, path: '/x', signal });
    expect(listeners).toBe(0);
  });
});

describe('closing the client', () => {
  // verifies: auth-error:closed
  it('ends what is under way and refuses what comes after', async () => {
    await using server = await startRawServer(() => undefined);
    const http = createHttpClient();
    const failed = rejection(http.request({ method: 'GET', origin: server.origin, path: '/' }));
    await http.close();
    expect(await failed).toBeInstanceOf(ClosedError);
    expect(await rejection(http.request({ method: 'GET', origin: server.origin, path: '/' }))).toBeInstanceOf(
      ClosedError,
    );
    await http.close();
  });

  it.each([new Error('bye'), 'text', 0, null])(
    'ends what is under way with the reason it is given: %p',
    async (reason) => {
      await using server = await startRawServer(() => undefined);
      const http = createHttpClient();
      const failed = rejection(http.request({ method: 'GET', origin: server.origin, path: '/' }));
      await http.close({ reason });
      expect(await failed).toBe(reason);
    },
  );

  it('ends what is under way over an injected dispatcher too', async () => {
    await using server = await startRawServer(() => undefined);
    const dispatcher = new Agent();
    const http = createHttpClient({ dispatcher });
    const failed = rejection(http.request({ method: 'GET', origin: server.origin, path: '/' }));
    await http.close();
    expect(await failed).toBeInstanceOf(ClosedError);
    expect(dispatcher.closed).toBe(false);
    await dispatcher.destroy();
  });
});

describe('bad input', () => {
  const good: HttpRequest = { method: 'GET', origin: 'http://127.0.0.1:1', path: '/' };
  const cycle: Record<string, unknown> = { secret: 'marker' };
  cycle['self'] = cycle;
  it.each<[string, Partial<HttpRequest>]>([
    ['an origin without scheme', { origin: '127.0.0.1' }],
    ['an origin with a path', { origin: 'http://127.0.0.1/x' }],
    ['an origin with a user', { origin: 'http://user:marker@127.0.0.1' }],
    ['an origin of another protocol', { origin: 'ftp://127.0.0.1' }],
    ['a path without slash', { path: 'x' }],
    ['a path with a query', { path: '/x?token=marker' }],
    ['a path with a fragment', { path: '/x#marker' }],
    ['a path with a line end', { path: '/x\r\nHost: marker' }],
    ['a time that is not one', { timeoutMs: Number.NaN }],
    ['no room for the response', { maxResponseBytes: 0 }],
    ['a header with a line end', { headers: { 'x-a': 'marker\r\nx-b: marker' } }],
    ['a body with a cycle', { method: 'POST', body: cycle }],
    ['a body that is a function', { method: 'POST', body: () => 'marker' }],
  ])('is a ConfigError that does not quote it: %s', async (_name, change) => {
    await using http = createHttpClient();
    const error = await rejection(http.request({ ...good, ...change }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(inspect(error, { depth: 9 })).not.toContain('marker');
  });

  it('is refused when the client is made, too', () => {
    expect(() => createHttpClient({ timeoutMs: -1 })).toThrow(ConfigError);
    expect(() => createHttpClient({ tls: { ca: '/etc/ssl/my-ca.pem' } })).toThrow(/tls\.ca must hold certificates/);
    expect(() => createHttpClient({ maxResponseBytes: Number.POSITIVE_INFINITY })).toThrow(ConfigError);
  });
});
