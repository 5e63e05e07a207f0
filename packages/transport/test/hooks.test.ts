import { describe, expect, it } from '@jest/globals';
import {
  ClosedError,
  ConfigError,
  createManualClock,
  NotConnectedError,
  OutcomeUnknownError,
  RequestRejectedError,
} from '@lp/core';
import type { WriteGate } from '@lp/transport';
import { eventually, harness, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

/** A gate that the test opens and closes. */
function createGate(isOpen: boolean): WriteGate & { set(open: boolean): void; readonly listeners: number } {
  const listeners = new Set<() => void>();
  return {
    mayWrite: () => isOpen,
    onOpen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(open) {
      isOpen = open;
      if (open) for (const listener of listeners) listener();
    },
    get listeners() {
      return listeners.size;
    },
  };
}

describe('taps', () => {
  it('tell of a connection and of its loss before anything that is received afterwards', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    const told: string[] = [];
    transport.onConnection(({ type }) => told.push(type));
    transport.onNotification(({ type }) => told.push(type));
    await transport.connect();
    const first = await server.clients.next();
    first.notify('one');
    first.drop();
    await until('reconnected');
    (await server.clients.next()).notify('two');
    await eventually(() => told.includes('two'));
    expect(told).toEqual(['connected', 'one', 'disconnected', 'reconnected', 'two']);
    await transport.close();
  });

  it('give each status event while it happens, the last one too', async () => {
    await using server = await startServer();
    const { transport, seen } = harness({ url: () => server.url });
    const told: unknown[] = [];
    transport.onStatus((event) => told.push(event));
    await transport.connect();
    expect(told).toMatchObject([{ type: 'connecting' }, { type: 'connected' }]);
    transport.terminate();
    expect(told.at(-1)).toMatchObject({ type: 'closed' });
    await transport.closed;
    await eventually(() => seen.length === told.length);
    expect(seen).toEqual(told);
  });

  it('are called whatever the others throw, and not after they were taken away', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    const told: string[] = [];
    transport.onStatus(() => {
      throw new Error('mine');
    });
    const stop = transport.onStatus(() => told.push('stopped'));
    transport.onStatus(({ type }) => told.push(type));
    stop();
    await transport.connect();
    expect(told).toEqual(['connecting', 'connected']);
    expect(transport.stats.listenerErrors).toBe(2);
    expect(() => transport.onConnection(7 as never)).toThrow(ConfigError);
    await transport.close();
  });
});

describe('a write gate', () => {
  it('makes requests wait while it is closed, and writes them in order when it opens', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, request.type) });
    const gate = createGate(true);
    const { transport } = harness({ url: () => server.url, gate });
    await transport.connect();
    gate.set(false);
    const responses = ['a', 'b', 'c'].map((type) => transport.request({ type }));
    expect(transport.stats).toMatchObject({ framesSent: 0, inFlight: 3 });
    gate.set(true);
    expect((await Promise.all(responses)).map(({ body }) => body)).toEqual(['a', 'b', 'c']);
    expect(transport.stats.framesSent).toBe(3);
    await transport.close();
    expect(gate.listeners).toBe(0);
  });

  it('that has opened without saying so lets nothing overtake what waits', async () => {
    await using server = await startServer();
    let open = true;
    const gate: WriteGate = { mayWrite: () => open, onOpen: () => () => undefined };
    const { transport } = harness({ url: () => server.url, gate });
    await transport.connect();
    const client = await server.clients.next();
    open = false;
    const first = transport.request({ type: 'first' });
    open = true;
    const second = transport.request({ type: 'second' });
    for (const type of ['first', 'second']) {
      const request = await client.requests.next();
      expect(request.type).toBe(type);
      client.respond(request);
    }
    await Promise.all([first, second]);
    await transport.close();
  });

  it('holds up the requests of prepare as well, and what it opens for goes out', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, {}) });
    const gate = createGate(false);
    const { transport } = harness({
      url: () => server.url,
      gate,
      prepare: async ({ request }) => void (await request({ type: 'prepare' })),
    });
    const connected = transport.connect();
    await server.clients.next();
    await eventually(() => transport.stats.inFlight === 1);
    expect(transport.stats.framesSent).toBe(0);
    gate.set(true);
    await connected;
    expect(transport.stats.framesSent).toBe(1);
    await transport.close();
  });

  it('lets nothing through that was given up before it opened', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, {}) });
    const gate = createGate(false);
    const { transport } = harness({
      url: () => server.url,
      gate,
      prepare: async ({ request }) => {
        const abort = new AbortController();
        const givenUp = rejection(request({ type: 'givenUp' }, { signal: abort.signal }));
        abort.abort();
        await givenUp;
        await request({ type: 'prepare' });
      },
    });
    const connected = transport.connect();
    await eventually(() => transport.stats.inFlight === 1);
    gate.set(true);
    await connected;
    expect(transport.stats.framesSent).toBe(1);
    await transport.close();
  });

  it('is asked for what the outbox holds after a reconnect, too', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, {}) });
    const gate = createGate(true);
    const { transport, until } = harness({ url: () => server.url, gate });
    await transport.connect();
    (await server.clients.next()).drop();
    await until('disconnected');
    gate.set(false);
    const response = transport.request({ type: 'later' });
    await until('reconnected');
    expect(transport.stats.framesSent).toBe(0);
    gate.set(true);
    await response;
    await transport.close();
  });

  it('does not stop time: a request that waits too long rejects as not sent', async () => {
    await using server = await startServer();
    const clock = createManualClock();
    const { transport } = harness({ url: () => server.url, gate: createGate(false), clock });
    await transport.connect();
    const outcome = rejection(transport.request({ type: 't' }, { timeoutMs: 500 }));
    await clock.advance(500);
    expect(await outcome).toBeInstanceOf(NotConnectedError);
    await transport.close();
  });

  it('that throws counts as closed', async () => {
    await using server = await startServer();
    const mayWrite = () => {
      throw new Error('lease store is away');
    };
    const { transport } = harness({ url: () => server.url, gate: { mayWrite, onOpen: () => () => undefined } });
    await transport.connect();
    const outcome = rejection(transport.request({ type: 't' }));
    expect(transport.stats.framesSent).toBe(0);
    await transport.close();
    expect(await outcome).toBeInstanceOf(ClosedError);
  });

  it('must have both of its methods', () => {
    expect(() => harness({ url: () => 'wss://host/', gate: { mayWrite: () => true } as never })).toThrow(
      'createTransport.gate must be an object with the methods mayWrite and onOpen',
    );
  });
});

describe("a request's own id", () => {
  it('stands in the frame, and each response is shown before the promise settles, refusals too', async () => {
    await using server = await startServer({
      onRequest: (request, client) => client.respond(request, { of: request.id }, request.type === 'no' ? 404 : 200),
    });
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const order: unknown[] = [];
    const onResponse = (frame: { reqId: string; code: unknown }) => order.push([frame.reqId, frame.code]);
    const good = transport.request({ type: 'yes' }, { id: 'mine-1', onResponse }).then(() => order.push('resolved'));
    await good;
    const bad = rejection(transport.request({ type: 'no' }, { id: 'mine-2', onResponse }));
    await bad.then((error) => order.push((error as Error).name));
    expect(await bad).toBeInstanceOf(RequestRejectedError);
    expect(order).toEqual([['mine-1', 200], 'resolved', ['mine-2', 404], 'RequestRejectedError']);
    await transport.close();
  });

  it('is refused when it was used on this connection, and may be used on the next', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request) });
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    await transport.request({ type: 't' });
    await transport.request({ type: 't' }, { id: 'x' });
    for (const id of ['x', '1', '', 7 as never]) {
      expect(await rejection(transport.request({ type: 't' }, { id }))).toBeInstanceOf(ConfigError);
    }
    await transport.reconnect();
    await transport.request({ type: 't' }, { id: 'x' });
    await transport.close();
  });

  it('never meets the number that the transport would have given next', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, request.id) });
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const responses = await Promise.all([
      transport.request({ type: 't' }, { id: '1' }),
      transport.request({ type: 't' }),
      transport.request({ type: 't' }),
    ]);
    expect(responses.map(({ body }) => body)).toEqual(['1', '2', '3']);
    await transport.close();
  });

  it('with an onResponse that throws settles all the same', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, 'fine') });
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const onResponse = () => {
      throw new Error('mine');
    };
    expect((await transport.request({ type: 't' }, { onResponse })).body).toBe('fine');
    expect(await rejection(transport.request({ type: 't' }, { onResponse: 1 as never }))).toBeInstanceOf(ConfigError);
    await transport.close();
  });
});

describe('terminate', () => {
  it('ends everything within the call: no close frame, nothing queued leaves, requests reject', async () => {
    await using server = await startServer();
    const gate = createGate(true);
    const { transport } = harness({ url: () => server.url, gate });
    await transport.connect();
    const client = await server.clients.next();
    const sent = rejection(transport.request({ type: 'sent' }));
    expect((await client.requests.next()).type).toBe('sent');
    gate.set(false);
    const queued = rejection(transport.request({ type: 'queued' }));
    transport.terminate();
    gate.set(true);
    expect(transport.state).toBe('closed');
    expect(await sent).toBeInstanceOf(OutcomeUnknownError);
    expect(await queued).toBeInstanceOf(ClosedError);
    expect(await transport.closed).toBeUndefined();
    expect((await client.closed).code).toBe(1006);
    expect(client.requests.size).toBe(0);
    transport.terminate();
  });

  it('cuts short a close that waits for a server which does not respond', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url, closeTimeoutMs: 600_000 });
    await transport.connect();
    (await server.clients.next()).freeze();
    const closed = transport.close();
    transport.terminate();
    await closed;
    expect(transport.state).toBe('closed');
  });

  it('may be called from a tap, and before the first connection', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    transport.onConnection(() => transport.terminate());
    await transport.connect();
    expect(transport.state).toBe('closed');
    await transport.closed;
    const idle = harness({ url: () => server.url }).transport;
    idle.terminate();
    expect(idle.state).toBe('closed');
  });
});

describe("a reconnect with reauth 'ifOld'", () => {
  it('asks for a new token only when the last is older than five seconds', async () => {
    await using server = await startServer();
    const clock = createManualClock();
    const reasons: string[] = [];
    const { transport } = harness({
      clock,
      url: ({ reason }) => {
        reasons.push(reason);
        return server.url;
      },
    });
    await transport.connect();
    const reconnect = async () => {
      const done = transport.reconnect({ reauth: 'ifOld' });
      await clock.advance(0);
      await eventually(() => server.open > 0 && transport.state === 'connected');
      await done;
    };
    await reconnect();
    await clock.advance(4_999);
    await reconnect();
    await clock.advance(1);
    await reconnect();
    expect(reasons).toEqual(['first', 'retry', 'retry', 'reauth']);
    expect(await rejection(transport.reconnect({ reauth: 'old' as never }))).toBeInstanceOf(ConfigError);
    await transport.close();
  });
});

describe('skipFrame', () => {
  it('sees each text first: what it knows is counted, keeps the connection alive, and goes to nobody', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url, skipFrame: (text) => text.includes('"known"') });
    const told: string[] = [];
    transport.onNotification(({ type }) => told.push(type));
    await transport.connect();
    const client = await server.clients.next();
    const { framesReceived } = transport.stats;
    client.notify('known');
    client.notify('news');
    await eventually(() => told.length > 0);
    expect(told).toEqual(['news']);
    expect(transport.stats.framesReceived).toBe(framesReceived + 2);
    await transport.close();
  });

  it('costs nothing when it throws: the frame is read, and the log says so', async () => {
    await using server = await startServer();
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const { transport } = harness({
      url: () => server.url,
      logger: { debug: note, info: note, warn: note, error: note },
      skipFrame: () => {
        throw new RangeError('mine');
      },
    });
    const told: string[] = [];
    transport.onNotification(({ type }) => told.push(type));
    await transport.connect();
    (await server.clients.next()).notify('news');
    await eventually(() => told.length > 0);
    expect(told).toEqual(['news']);
    expect(lines).toContain('skipFrame failed; the frame was read');
    await transport.close();
  });
});
