import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NotConnectedError } from '@lp/core';
import type { StatusEvent } from '@lp/transport';
import { eventually, harness, QUICK, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

const subscriptions: [string, (message: unknown) => void][] = [];

/** Everything published on a channel from now to the end of the test. */
function published<T>(name: string): T[] {
  const messages: T[] = [];
  const listener = (message: unknown) => void messages.push(message as T);
  subscribe(name, listener);
  subscriptions.push([name, listener]);
  return messages;
}

afterEach(() => {
  for (const [name, listener] of subscriptions.splice(0)) unsubscribe(name, listener);
});

function recordingLogger() {
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${inspect(fields, { depth: 10 })}`);
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

describe('status', () => {
  // verifies: status:connecting, status:connected, status:closed
  it('tells a whole life, each event with its time', async () => {
    await using server = await startServer();
    const { transport, seen, until } = harness({ url: () => server.url, reconnect: { ...QUICK, maxAttempts: 7 } });
    const begun = Date.now();
    await transport.connect();
    (await server.clients.next()).socket.close(1012);
    await until('reconnected');
    await transport.close();
    const host = `127.0.0.1:${server.port}`;
    const at = expect.any(Number);
    const error = expect.objectContaining({ code: 'CONNECTION_LOST' });
    expect(seen).toEqual([
      { type: 'connecting', at, attempt: 1, reason: 'first' },
      { type: 'connected', at, epoch: 1, host },
      { type: 'disconnected', at, closeCode: 1012, classification: 'retry', willReconnect: true, error },
      { type: 'reconnecting', at, attempt: 2, attemptsLeft: 6, delayMs: 1, reason: 'retry', error },
      { type: 'connecting', at, attempt: 2, reason: 'retry' },
      { type: 'reconnected', at, epoch: 2, host, gapMs: expect.any(Number), attempts: 1 },
      { type: 'closed', at },
    ]);
    expect(seen.every((event) => event.at >= begun && event.at <= Date.now())).toBe(true);
  });

  // verifies: ways:status
  it('reaches every stream from when it was asked for, and ends them', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const late = transport.status();
    await transport.close();
    const types: string[] = [];
    for await (const { type } of late) types.push(type);
    expect(types).toEqual(['closed']);
  });
});

describe('the diagnostics channels', () => {
  // verifies: ways:channels, channel:status, channel:start, channel:end, channel:error
  it('publish status, and requests with type, id, outcome and duration', async () => {
    await using server = await startServer({
      onRequest: (request, client) => client.respond(request, {}, request.type === 'bad' ? 400 : 200),
    });
    const status = published<StatusEvent>('lp:transport:status');
    const starts = published('lp:request:start');
    const ends = published('lp:request:end');
    const errors = published('lp:request:error');
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    await transport.request({ type: 'good', body: { text: 'hidden' } });
    await rejection(transport.request({ type: 'bad' }));
    const abort = new AbortController();
    const aborted = rejection(transport.request({ type: 'aborted' }, { signal: abort.signal }));
    abort.abort();
    await aborted;
    await transport.close();
    expect(starts).toEqual([
      { id: '1', type: 'good' },
      { id: '2', type: 'bad' },
      { id: '3', type: 'aborted' },
    ]);
    const durationMs = expect.any(Number);
    expect(ends).toEqual([{ id: '1', type: 'good', status: 200, durationMs }]);
    expect(errors).toEqual([
      { id: '2', type: 'bad', code: 'REQUEST_REJECTED', durationMs },
      { id: '3', type: 'aborted', code: 'ABORTED', durationMs },
    ]);
    expect(status.map(({ type }) => type)).toEqual(['connecting', 'connected', 'closed']);
  });

  // verifies: channel:end
  it('have no duration for a request that began before anyone listened', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    const request = transport.request({ type: 't' });
    const ends = published('lp:request:end');
    client.respond(await client.requests.next());
    await request;
    expect(ends).toEqual([{ id: '1', type: 't', status: 200, durationMs: undefined }]);
    await transport.close();
  });
});

describe('the log', () => {
  // verifies: ways:logger, log:debug, log:info, log:warn, log:error
  it('tells what the status tells, by level', async () => {
    await using server = await startServer();
    const { lines, logger } = recordingLogger();
    const { transport, until } = harness({ url: () => server.url, logger });
    transport.onNotification(() => {
      throw new Error('a bug');
    });
    await transport.connect();
    const client = await server.clients.next();
    client.notify('x');
    await until('listenerError');
    client.drop();
    await until('reconnected');
    await transport.close();
    expect(lines.map((line) => line.split(' {')[0])).toEqual([
      'debug connecting',
      'info connected',
      'error a notification listener threw',
      'warn disconnected',
      'info connecting again after a wait',
      'debug connecting',
      'info connected again',
      'info closed undefined',
    ]);
  });

  // verifies: ways:logger
  it('that throws disturbs nothing', async () => {
    await using server = await startServer();
    const broken = () => {
      throw new Error('disk full');
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    const { transport } = harness({ url: () => server.url, logger });
    await transport.connect();
    expect(transport.state).toBe('connected');
    await transport.close();
    expect(await transport.closed).toBeUndefined();
  });
});

// verifies: readme:secrets, error-field:context
it('no token, body or message text shows anywhere, whatever goes wrong', async () => {
  const canary = 'canary-5f2c';
  await using server = await startServer();
  const { lines, logger } = recordingLogger();
  const told: unknown[] = [
    published('lp:transport:status'),
    published('lp:request:start'),
    published('lp:request:end'),
    published('lp:request:error'),
  ];
  const url = () => `${server.url}/${canary}?token=${canary}`;
  const closedPort = 'wss://127.0.0.1:1';
  const attempts: { url: () => string; script?: Parameters<typeof server.script>[0]; status?: number }[] = [
    { url, script: { status: 401, headers: { 'x-note': canary } } },
    { url, script: { status: 404 } },
    { url, script: { status: 302, headers: { location: `https://elsewhere/${canary}` } } },
    { url, script: 'reset' },
    { url: () => `${closedPort}/${canary}` },
    { url: () => `ws://example.com/${canary}` },
    { url: () => `not a url ${canary}` },
    { url: () => `wss://user:${canary}@127.0.0.1:1/` },
    { url, script: 'hang' },
  ];
  for (const { url: attempted, script } of attempts) {
    if (script) server.script(script);
    const connectTimeoutMs = script === 'hang' ? 30 : 10_000;
    const { transport, seen } = harness({ url: attempted, logger, reconnect: false, connectTimeoutMs });
    told.push(await rejection(transport.connect()), seen, await transport.closed);
  }

  await eventually(() => server.upgrades === 5);

  const { transport, seen, until } = harness({ url, logger });
  await transport.connect();
  const client = await server.clients.next();
  expect(client.path).toContain(canary);
  const failures = [
    rejection(transport.request({ type: 'rejected', body: { text: canary } })),
    rejection(transport.request({ type: 'timed out', body: { text: canary } }, { timeoutMs: 10 })),
  ];
  client.respond(await client.requests.next(), canary, 400);
  await client.requests.next();
  client.send(`{"kind":"notification","text":"${canary}`);
  client.notify('known', { text: canary });
  await until('invalidFrame');
  failures.push(rejection(transport.request({ type: 'lost', body: { text: canary } })));
  await client.requests.next();
  client.drop();
  await until('reconnected');
  await transport.close();
  failures.push(rejection(transport.request({ type: 'closed', body: { text: canary } })));
  told.push(...(await Promise.all(failures)), seen);

  const everything = inspect(told, { depth: 20, maxArrayLength: 10_000, maxStringLength: 100_000 });
  expect(everything).toContain('REQUEST_REJECTED');
  expect(everything + JSON.stringify(told) + lines.join('\n')).not.toContain(canary);
});

it("an application's own error is kept as the cause, for the application to read", async () => {
  const cause = new Error('mine');
  const { transport, until } = harness({ url: () => Promise.reject(cause) });
  const connecting = rejection(transport.connect());
  const { error } = await until('reconnecting');
  expect(error).toBeInstanceOf(NotConnectedError);
  expect(error?.cause).toBe(cause);
  await transport.close();
  await connecting;
  await eventually(() => transport.state === 'closed');
});
