import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { createTransport, Transport } from '@lp/transport';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { eventually, QUICK, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

let bundle = '';
let inputs: string[] = [];

beforeAll(async () => {
  const result = await build({
    stdin: {
      contents: `export { createTransport } from '@lp/transport';`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'lp',
    conditions: ['@lp/source'],
  });
  bundle = result.outputFiles[0]?.text ?? '';
  inputs = Object.keys(result.metafile.inputs);
});

/** The bundle, run where there is nothing but what a page has. */
function page(): { createTransport: typeof createTransport } {
  const sockets: WebSocket[] = [];
  // The standard interface alone: no pings, no options, no `terminate`.
  class PageWebSocket {
    static readonly OPEN = 1;
    constructor(url: string) {
      const socket = new WebSocket(url);
      sockets.push(socket);
      const standard = [
        'send',
        'close',
        'readyState',
        'bufferedAmount',
        'binaryType',
        'onopen',
        'onclose',
        'onmessage',
      ];
      socket.on('error', () => undefined);
      return new Proxy(this, {
        get(_, name) {
          const value: unknown = Reflect.get(socket, name, socket);
          if (!standard.includes(String(name))) return undefined;
          return typeof value === 'function' ? (value.bind(socket) as unknown) : value;
        },
        set: (_, name, value) => Reflect.set(socket, name, value, socket),
      });
    }
  }
  const globals = { setTimeout, clearTimeout, queueMicrotask, performance, AbortController, URL, Error };
  const context = createContext({ WebSocket: PageWebSocket, ...globals });
  runInContext(bundle, context);
  return runInContext('lp', context) as { createTransport: typeof createTransport };
}

describe('the browser bundle', () => {
  it('holds no built-in module of Node and no ws', () => {
    expect(bundle.length).toBeGreaterThan(10_000);
    expect(inputs.some((path) => /node_modules\/ws\//.test(path))).toBe(false);
    expect(inputs.some((path) => path.endsWith('isomorphic-ws/browser.js'))).toBe(true);
    expect(inputs.some((path) => path.endsWith('src/socket.browser.ts'))).toBe(true);
    expect(bundle).not.toMatch(/require\(|from ['"]node:/);
    for (const name of builtinModules) expect(bundle).not.toContain(`"node:${name}"`);
  });

  it('connects, asks, gets its response, hears and closes with the WebSocket of the page', async () => {
    await using server = await startServer();
    const transport: Transport = page().createTransport({ url: () => server.url, reconnect: QUICK });
    await transport.connect();
    const client = await server.clients.next();
    const types: string[] = [];
    transport.onNotification(({ type }) => types.push(type));
    const response = transport.request({ type: 't' });
    client.respond(await client.requests.next(), 'here');
    expect((await response).body).toBe('here');
    client.notify('x');
    client.send(Buffer.from('binary'));
    await eventually(() => types.length === 1 && transport.stats.invalidFrames === 1);
    await transport.close();
    expect((await client.closed).code).toBe(1000);
  });

  it('checks a silent connection with a request, and replaces a half-open one', async () => {
    await using server = await startServer();
    const transport = page().createTransport({
      url: () => server.url,
      reconnect: QUICK,
      keepAlive: { idleMs: 20, timeoutMs: 60 },
    });
    await transport.connect();
    const first = await server.clients.next();
    const probe = await first.requests.next();
    expect(probe).toMatchObject({ kind: 'req', type: '.GetClock', body: {} });
    const second = await server.clients.next();
    expect(second).not.toBe(first);
    first.drop();
    await eventually(() => transport.state === 'connected');
    await transport.close();
  });

  it('asks for a new token when an upgrade fails, since the response cannot be seen', async () => {
    await using server = await startServer();
    server.script({ status: 401 });
    const reasons: string[] = [];
    const transport = page().createTransport({
      reconnect: QUICK,
      url: ({ reason }) => {
        reasons.push(reason);
        return server.url;
      },
    });
    await transport.connect();
    expect(reasons).toEqual(['first', 'reauth']);
    await transport.close();
  });

  it('refuses the options that a browser cannot keep to', async () => {
    const { createTransport: create } = page();
    const url = () => 'wss://example.com';
    expect(() => create({ url, tls: { ca: 'x' } })).toThrow('createTransport: tls and agent do not exist in browsers');
    expect(() => create({ url, keepAlive: { probe: 'ping' } })).toThrow('keepAlive.probe must be one of: request');
    const never = create({ url: () => 'https://example.com' });
    expect(await rejection(never.connect())).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
