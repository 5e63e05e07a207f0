import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import type { NotificationFrame } from '@lp/transport';
import { eventually, harness } from './support/harness.ts';
import { startServer } from './support/server.ts';

async function connected(options: Partial<Parameters<typeof harness>[0]> = {}) {
  const server = await startServer();
  const all = harness({ url: () => server.url, ...options });
  await all.transport.connect();
  const client = await server.clients.next();
  return {
    ...all,
    client,
    async [Symbol.asyncDispose]() {
      await all.transport.close();
      await server.close();
    },
  };
}

describe('a notification', () => {
  it('reaches every listener as it was sent, in order, until it unsubscribes', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const one: NotificationFrame[] = [];
    const two: string[] = [];
    const stop = transport.onNotification((frame) => one.push(frame));
    transport.onNotification(({ type }) => two.push(type));
    client.send({ kind: 'notification', type: 'a', body: { x: [1] }, unknown: { field: true } });
    await eventually(() => two.length === 1);
    stop();
    stop();
    client.notify('b');
    client.notify('c');
    await eventually(() => two.length === 3);
    expect(one).toEqual([{ kind: 'notification', type: 'a', body: { x: [1] }, unknown: { field: true } }]);
    expect(two).toEqual(['a', 'b', 'c']);
  });

  it('reaches a listener that was added twice, twice, and each is removed by itself', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    let calls = 0;
    const listener = () => void calls++;
    const stop = transport.onNotification(listener);
    transport.onNotification(listener);
    client.notify('a');
    await eventually(() => calls === 2);
    stop();
    client.notify('b');
    await eventually(() => calls >= 3);
    expect(calls).toBe(3);
  });

  it('does not reach a listener that another one has just removed', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const calls: string[] = [];
    transport.onNotification(({ type }) => {
      calls.push(type);
      stop();
    });
    const stop = transport.onNotification(() => calls.push('removed'));
    client.notify('a');
    client.notify('b');
    await eventually(() => calls.includes('b'));
    expect(calls).toEqual(['a', 'b']);
  });

  // verifies: shown:own-errors, status:listener-error, counter:listeners
  it('reaches the other listeners when one throws, which is reported', async () => {
    await using pair = await connected();
    const { transport, client, until } = pair;
    const calls: string[] = [];
    const broken = new TypeError('a bug of the application');
    transport.onNotification(() => {
      throw broken;
    });
    transport.onNotification(({ type }) => calls.push(type));
    client.notify('a');
    expect(await until('listenerError')).toMatchObject({ notificationType: 'a', error: broken });
    client.notify('b');
    await eventually(() => calls.length === 2);
    expect(transport.stats.listenerErrors).toBe(2);
    expect(transport.state).toBe('connected');
  });

  it('reaches a listener that is an async function, whose failure is reported and ends nothing', async () => {
    await using pair = await connected();
    const { transport, client, until } = pair;
    const broken = new TypeError('a bug of the application');
    transport.onNotification((async () => {
      await Promise.resolve();
      throw broken;
    }) as never);
    client.notify('a');
    expect(await until('listenerError')).toMatchObject({ notificationType: 'a', error: broken });
    expect(transport.stats.listenerErrors).toBe(1);
  });

  it('may carry the name of anything without meaning it', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const types: string[] = [];
    transport.onNotification(({ type }) => types.push(type));
    for (const type of ['error', 'closed', '__proto__', 'constructor', '']) client.notify(type);
    await eventually(() => types.length === 5);
    expect(types).toEqual(['error', 'closed', '__proto__', 'constructor', '']);
    expect(transport.state).toBe('connected');
  });

  it('may close the transport, and nothing is heard after that', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const types: string[] = [];
    transport.onNotification(({ type }) => {
      types.push(type);
      void transport.close();
    });
    for (const type of ['a', 'b', 'c']) client.notify(type);
    await transport.closed;
    expect(types).toEqual(['a']);
  });

  it('needs a listener that is a function', async () => {
    const { transport } = harness({ url: () => '' });
    expect(() => transport.onNotification(undefined as never)).toThrow(ConfigError);
    await transport.close();
  });
});

describe('a stream of notifications', () => {
  it('gives those since it was asked for, each to every stream', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const streams = [transport.notifications(), transport.notifications()];
    client.notify('a');
    client.notify('b');
    for (const stream of streams) {
      const types: string[] = [];
      for await (const { type } of stream) {
        types.push(type);
        if (type === 'b') break;
      }
      expect(types).toEqual(['a', 'b']);
    }
  });

  // verifies: status:slow-notifications
  it('drops its oldest when it is not read, tells once, and keeps to its capacity', async () => {
    await using pair = await connected();
    const { transport, client, seen, until } = pair;
    const stream = transport.notifications({ capacity: 3 });
    let received = 0;
    transport.onNotification(() => void received++);
    for (let number = 0; number < 10; number++) client.notify(String(number));
    expect(await until('slowConsumer')).toMatchObject({ stream: 'notifications', capacity: 3 });
    await eventually(() => received === 10);
    expect(stream.stats).toMatchObject({ buffered: 3, dropped: 7 });
    expect(seen.filter(({ type }) => type === 'slowConsumer')).toHaveLength(1);
    const rest: string[] = [];
    stream.close();
    for await (const { type } of stream) rest.push(type);
    expect(rest).toEqual(['7', '8', '9']);
  });

  it('ends on drain and on close after what it holds, and with an error when the transport failed', async () => {
    for (const end of ['drain', 'close'] as const) {
      await using pair = await connected();
      const { transport, client } = pair;
      const stream = transport.notifications();
      client.notify('last');
      await eventually(() => stream.stats.buffered === 1);
      await transport[end]();
      const types: string[] = [];
      for await (const { type } of stream) types.push(type);
      expect(types).toEqual(['last']);
    }
    await using pair = await connected({ reconnect: false });
    const { transport, client } = pair;
    const stream = transport.notifications();
    client.drop();
    await transport.closed;
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a frame that is not one', () => {
  const secret = 'text that must not show';
  for (const [frame, reason, bytes] of [
    [secret, 'notJson', secret.length],
    [`{"kind":"notification","type":"${secret}`, 'notJson', 54],
    ['null', 'notObject', 4],
    [`["${secret}"]`, 'notObject', 27],
    [{ kind: secret }, 'unknownKind', 34],
    [{ kind: 'resp', body: secret }, 'responseWithoutId', 48],
    [{ kind: 'notification', body: secret }, 'notificationWithoutType', 56],
    [Buffer.from(secret), 'binary', secret.length],
  ] as const) {
    it(`(${reason}: ${typeof frame === 'string' ? frame.slice(0, 12) : typeof frame}) is counted, told without its content, and costs nothing else`, async () => {
      const lines: string[] = [];
      const log = (message: string, fields?: unknown) => lines.push(`${message} ${JSON.stringify(fields)}`);
      const logger = { debug: log, info: log, warn: log, error: log };
      await using pair = await connected({ logger });
      const { transport, client, until } = pair;
      const heard: string[] = [];
      transport.onNotification(({ type }) => heard.push(type));
      client.send(frame);
      const event = await until('invalidFrame');
      expect(event).toMatchObject({ reason, count: 1 });
      expect(event.bytes).toBe(bytes);
      expect(JSON.stringify(event) + lines.join()).not.toContain(secret);
      client.notify('next');
      await eventually(() => heard.length === 1);
      expect(heard).toEqual(['next']);
      expect(transport.stats.invalidFrames).toBe(1);
      expect(transport.epoch).toBe(1);
    });
  }

  // verifies: status:invalid-frame, counter:invalid, log:warn
  it('is told in the log less and less often', async () => {
    const lines: string[] = [];
    const nothing = () => undefined;
    const logger = { debug: nothing, info: nothing, warn: (line: string) => void lines.push(line), error: nothing };
    await using pair = await connected({ logger });
    const { transport, client } = pair;
    for (let count = 0; count < 100; count++) client.send('{');
    await eventually(() => transport.stats.invalidFrames === 100);
    expect(lines).toHaveLength(7);
  });

  // verifies: network:bounds, threat:flood
  it('that is longer than the bound costs the connection, which is replaced', async () => {
    await using pair = await connected({ maxPayloadBytes: 1_000 });
    const { transport, client, until } = pair;
    client.notify('x'.repeat(2_000));
    expect(await until('invalidFrame')).toMatchObject({ reason: 'tooLarge', bytes: 1_000 });
    expect(await until('disconnected')).toMatchObject({ classification: 'retry' });
    await until('reconnected');
    expect(transport.state).toBe('connected');
  });

  it('of a megabyte and valid is delivered', async () => {
    await using pair = await connected();
    const { transport, client } = pair;
    const bodies: unknown[] = [];
    transport.onNotification(({ body }) => bodies.push(body));
    const body = { text: 'x'.repeat(1_000_000) };
    client.notify('big', body);
    await eventually(() => bodies.length === 1);
    expect(bodies).toEqual([body]);
  });
});
