import { describe, expect, it } from '@jest/globals';
import { type ClosedError, ConnectionLostError, type LpError, NotConnectedError } from '@lp/core';
import type { DialReason } from '@lp/transport';
import { eventually, harness, QUICK, rejection, turn } from './support/harness.ts';
import { startServer, type TestServer } from './support/server.ts';

/** A transport whose dials are recorded by reason. */
function recorded(server: TestServer, options: Partial<Parameters<typeof harness>[0]> = {}) {
  const reasons: DialReason[] = [];
  const all = harness({
    url: ({ reason }) => {
      reasons.push(reason);
      return server.url;
    },
    ...options,
  });
  return { ...all, reasons };
}

describe('a lost connection is replaced', () => {
  for (const [code, reason] of [
    [1000, 'retry'],
    [1001, 'retry'],
    [1011, 'reauth'],
    [1012, 'retry'],
    [4401, 'reauth'],
    [4406, 'retry'],
    [4407, 'reauth'],
  ] as const) {
    // verifies: reconnect:reauth
    it(`after close ${code}, as ${reason}`, async () => {
      await using server = await startServer();
      const { transport, reasons, until } = recorded(server);
      await transport.connect();
      (await server.clients.next()).socket.close(code, 'why');
      expect(await until('disconnected')).toMatchObject({
        closeCode: code,
        classification: reason,
        willReconnect: true,
      });
      expect(await until('reconnected')).toMatchObject({ epoch: 2, attempts: 1 });
      expect(transport.state).toBe('connected');
      expect(reasons).toEqual(['first', reason]);
      await transport.close();
    });
  }

  // verifies: reconnect:retry
  it('after the TCP connection is cut, without a close frame', async () => {
    await using server = await startServer();
    const { transport, reasons, until } = recorded(server);
    await transport.connect();
    (await server.clients.next()).drop();
    const { closeCode, error } = await until('disconnected');
    expect(closeCode).toBe(1006);
    expect(error).toBeInstanceOf(ConnectionLostError);
    await until('reconnected');
    expect(reasons).toEqual(['first', 'retry']);
    await transport.close();
  });

  it('after a close without a code', async () => {
    await using server = await startServer();
    const { transport, until } = recorded(server);
    await transport.connect();
    (await server.clients.next()).socket.close();
    expect((await until('disconnected')).closeCode).toBe(1005);
    await until('reconnected');
    await transport.close();
  });

  // verifies: reconnect:reauth
  it('with one new token when the refusal shows at the next upgrade', async () => {
    await using server = await startServer();
    const { transport, reasons, until } = recorded(server);
    await transport.connect();
    server.script({ status: 401 });
    (await server.clients.next()).drop();
    await until('reconnected');
    expect(reasons).toEqual(['first', 'retry', 'reauth']);
    await transport.close();
  });

  it('with another new token when the first one was revoked in the moment it was made', async () => {
    await using server = await startServer();
    const { transport, reasons, until } = recorded(server);
    await transport.connect();
    server.script({ status: 401 }, { status: 401 });
    (await server.clients.next()).drop();
    await until('reconnected');
    expect(reasons).toEqual(['first', 'retry', 'reauth', 'reauth']);
    await transport.close();
  });

  it('with one new token when both the close code and the upgrade refuse the old one', async () => {
    await using server = await startServer();
    const { transport, reasons, until } = recorded(server);
    await transport.connect();
    (await server.clients.next()).socket.close(4401);
    await until('reconnected');
    expect(reasons).toEqual(['first', 'reauth']);
    expect(server.upgrades).toBe(2);
    await transport.close();
  });

  it('when the server drops it while it is prepared', async () => {
    await using server = await startServer();
    const { transport, reasons } = recorded(server, {
      prepare: async ({ request }) => {
        await request({ type: 'probe' });
      },
    });
    const connecting = transport.connect();
    (await server.clients.next()).socket.close(4401);
    const second = await server.clients.next();
    second.respond(await second.requests.next());
    await connecting;
    expect(reasons).toEqual(['first', 'reauth']);
    await transport.close();
  });

  it('through an outage, with growing waits and one dial at a time', async () => {
    await using server = await startServer();
    const { transport, seen, until } = recorded(server, { reconnect: { ...QUICK, serverErrorDelaysMs: [1, 2, 3] } });
    await transport.connect();
    server.script({ status: 503 }, { status: 502 }, 'reset', { status: 503 });
    (await server.clients.next()).drop();
    const { attempts, gapMs } = await until('reconnected');
    expect(attempts).toBe(5);
    expect(gapMs).toBeGreaterThanOrEqual(5);
    expect(server.upgrades).toBe(6);
    expect(server.open).toBe(1);
    expect(seen.filter(({ type }) => type === 'disconnected')).toHaveLength(1);
    await transport.close();
  });

  it('and is prepared again, which knows that there was one before', async () => {
    await using server = await startServer();
    const prepared: [number, boolean][] = [];
    const { transport, until } = recorded(server, {
      prepare: async ({ epoch, reconnected }) => void prepared.push([epoch, reconnected]),
    });
    await transport.connect();
    (await server.clients.next()).drop();
    await until('reconnected');
    expect(prepared).toEqual([
      [1, false],
      [2, true],
    ]);
    await transport.close();
  });
});

describe('a connection that is not replaced', () => {
  // verifies: reconnect:final
  it('was closed with a code that is final', async () => {
    await using server = await startServer();
    const { transport, until } = recorded(server);
    await transport.connect();
    (await server.clients.next()).socket.close(1003);
    expect(await until('disconnected')).toMatchObject({ classification: 'fatal', willReconnect: false });
    const error = (await transport.closed) as LpError;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error).toMatchObject({ retryable: false, context: { closeCode: 1003 } });
  });

  it('was closed with a code that your own table calls a normal end', async () => {
    await using server = await startServer();
    const { transport } = recorded(server, { classifyClose: (code) => (code === 4000 ? 'normal' : 'retry') });
    await transport.connect();
    (await server.clients.next()).socket.close(4000);
    expect(await transport.closed).toBeUndefined();
  });

  it('was lost while reconnecting is off', async () => {
    await using server = await startServer();
    const { transport } = recorded(server, { reconnect: false });
    await transport.connect();
    (await server.clients.next()).drop();
    expect(await transport.closed).toBeInstanceOf(ConnectionLostError);
    expect(server.upgrades).toBe(1);
  });

  it('could not be replaced within the budget, and the end says why', async () => {
    await using server = await startServer();
    const { transport } = recorded(server, { reconnect: { ...QUICK, maxAttempts: 2, serverErrorDelaysMs: [0] } });
    await transport.connect();
    server.script({ status: 503 }, { status: 503 });
    (await server.clients.next()).drop();
    expect(await transport.closed).toMatchObject({ code: 'NOT_CONNECTED', context: { httpStatus: 503 } });
    expect(server.upgrades).toBe(3);
  });
});

describe("a table of one's own", () => {
  for (const [name, classifyClose] of [
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['responds with something else', () => 'perhaps' as 'retry'],
  ] as const) {
    it(`that ${name} gives way to the default`, async () => {
      await using server = await startServer();
      const { transport, until } = recorded(server, { classifyClose });
      await transport.connect();
      (await server.clients.next()).socket.close(4401);
      expect((await until('disconnected')).classification).toBe('reauth');
      await transport.close();
    });
  }
});

describe('reconnect()', () => {
  it('replaces the connection, closes the old one in order, and never has two', async () => {
    await using server = await startServer();
    const { transport, reasons } = recorded(server);
    await transport.connect();
    const first = await server.clients.next();
    let most = 0;
    first.socket.on('close', () => {
      most = Math.max(most, server.open);
    });
    await transport.reconnect();
    expect((await first.closed).code).toBe(1000);
    expect(most).toBeLessThanOrEqual(1);
    expect(server.open).toBe(1);
    await transport.reconnect({ reauth: true });
    expect(reasons).toEqual(['first', 'retry', 'reauth']);
    expect(transport.epoch).toBe(3);
    await transport.close();
  });

  it('connects when there was no connection yet', async () => {
    await using server = await startServer();
    const { transport, reasons } = recorded(server);
    await transport.reconnect();
    expect(reasons).toEqual(['first']);
    await transport.close();
  });

  it('cuts a wait short', async () => {
    await using server = await startServer();
    server.script('reset');
    const { transport, until } = recorded(server, { reconnect: { ...QUICK, initialMs: 60_000 } });
    const connecting = transport.connect();
    await until('reconnecting');
    await transport.reconnect();
    await connecting;
    expect(server.upgrades).toBe(2);
    await transport.close();
  });

  it('called at every disconnect does not make a storm, nor a second connection', async () => {
    await using server = await startServer();
    const { transport, seen } = recorded(server, { reconnect: { ...QUICK, dialSpacingMs: 30, loginSpacingMs: 30 } });
    const begun = Date.now();
    server.script({ status: 503 }, { status: 503 });
    const impatient = transport.status();
    const calls: Promise<unknown>[] = [];
    const calling = (async () => {
      for await (const { type } of impatient) {
        if (type === 'disconnected' || type === 'reconnecting') {
          if (calls.length < 200) calls.push(transport.reconnect({ reauth: true }));
        }
      }
    })();
    await transport.connect();
    (await server.clients.next()).drop();
    await server.clients.next();
    await eventually(() => transport.state === 'connected');
    const dials = seen.filter(({ type }) => type === 'connecting').length;
    // A timer may fire a little before its time.
    expect(dials).toBeLessThanOrEqual((Date.now() - begun) / 25 + 1);
    expect(calls.length).toBeGreaterThan(0);
    expect(server.open).toBe(1);
    await transport.close();
    await calling;
    await Promise.allSettled(calls);
  });

  it('rejects when the transport ends first', async () => {
    await using server = await startServer();
    const { transport } = recorded(server);
    await transport.connect();
    const reconnecting = rejection(transport.reconnect());
    await transport.close();
    expect((await reconnecting) as ClosedError).toMatchObject({ code: 'CLOSED' });
    expect(await rejection(transport.reconnect())).toMatchObject({ code: 'CLOSED' });
  });
});

describe('an old connection', () => {
  it('is never heard again: its late frames and its late close change nothing', async () => {
    await using server = await startServer();
    const { transport, seen } = recorded(server);
    const types: string[] = [];
    transport.onNotification(({ type }) => types.push(type));
    await transport.connect();
    const first = await server.clients.next();
    // The server is slow to respond to the close frame, and says more before it does.
    first.socket.pause();
    const replaced = transport.reconnect();
    first.notify('late');
    await turn();
    first.socket.resume();
    await replaced;
    const second = await server.clients.next();
    second.notify('current');
    await eventually(() => types.length > 0);
    await first.closed;
    expect(types).toEqual(['current']);
    expect(transport.state).toBe('connected');
    expect(seen.filter(({ type }) => type === 'disconnected')).toHaveLength(1);
    await transport.close();
  });

  it('that does not respond to the close frame is dropped after a time', async () => {
    await using server = await startServer();
    const { transport } = recorded(server, { closeTimeoutMs: 20 });
    await transport.connect();
    const first = await server.clients.next();
    first.freeze();
    await transport.reconnect();
    expect(server.upgrades).toBe(2);
    await transport.close();
  });
});

describe('a half-open link', () => {
  // verifies: reconnect:retry
  it('is noticed by a ping without a response, and replaced', async () => {
    await using server = await startServer();
    const { transport, until } = recorded(server, { keepAlive: { idleMs: 40, timeoutMs: 40 } });
    await transport.connect();
    (await server.clients.next()).freeze();
    const { error, closeCode } = await until('disconnected');
    expect(error?.message).toBe('the server gave no sign of life');
    expect(closeCode).toBeUndefined();
    await until('reconnected');
    await transport.close();
  });

  it('is noticed by a request without a response', async () => {
    await using server = await startServer();
    const { transport, until } = recorded(server, {
      keepAlive: { idleMs: 40, timeoutMs: 40, probe: 'request', probeRequest: { type: 'KeepAlive' } },
    });
    await transport.connect();
    const first = await server.clients.next();
    expect((await first.requests.next()).type).toBe('KeepAlive');
    await until('disconnected');
    await until('reconnected');
    await transport.close();
  });

  it('is not mistaken for a quiet one, whose pongs or responses count', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, {}, 400) });
    for (const probe of ['ping', 'request'] as const) {
      const { transport, seen } = recorded(server, { keepAlive: { idleMs: 20, timeoutMs: 200, probe } });
      await transport.connect();
      const client = await server.clients.next();
      let probes = 0;
      client.socket.on(probe === 'ping' ? 'ping' : 'message', () => probes++);
      await eventually(() => probes >= 4);
      expect(seen.map(({ type }) => type)).toEqual(['connecting', 'connected']);
      await transport.close();
    }
  });
});

it('two transports to one server do not touch each other', async () => {
  await using server = await startServer();
  const one = recorded(server);
  await one.transport.connect();
  const first = await server.clients.next();
  const two = recorded(server);
  await two.transport.connect();
  const second = await server.clients.next();
  first.drop();
  await one.until('reconnected');
  expect(two.transport.epoch).toBe(1);
  const request = two.transport.request({ type: 'x' });
  second.respond(await second.requests.next());
  await request;
  await Promise.all([one.transport.close(), two.transport.close()]);
});
