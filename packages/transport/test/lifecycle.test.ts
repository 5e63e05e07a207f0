import { describe, expect, it } from '@jest/globals';
import { ClosedError, createManualClock, DrainingError, OutcomeUnknownError } from '@lp/core';
import { eventually, harness, rejection, turn, watchedSignal } from './support/harness.ts';
import { startServer } from './support/server.ts';

/** What of this process is still at work, of the kinds a transport uses. */
function handles(): string[] {
  const kinds = ['Timeout', 'TCPSocketWrap', 'TCPWRAP', 'TLSWrap', 'Immediate'];
  return process.getActiveResourcesInfo().filter((name) => kinds.includes(name));
}

describe('close()', () => {
  it('closes with 1000, resolves when the socket is gone, and does nothing the second time', async () => {
    await using server = await startServer();
    const { transport, seen } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    const closing = transport.close();
    expect(transport.state).toBe('closed');
    await Promise.all([closing, transport.close(), transport.drain()]);
    expect((await client.closed).code).toBe(1000);
    expect(await transport.closed).toBeUndefined();
    await transport.close();
    await transport[Symbol.asyncDispose]();
    expect(seen.filter(({ type }) => type === 'closed')).toHaveLength(1);
    expect(seen.some(({ type }) => type === 'disconnected')).toBe(false);
  });

  it('settles every request now, and none after that', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    let settled = 0;
    const requests = Array.from({ length: 50 }, () =>
      rejection(transport.request({ type: 't' })).finally(() => settled++),
    );
    const first = await client.requests.next();
    const closing = transport.close();
    client.respond(first);
    const errors = await Promise.all(requests);
    expect(settled).toBe(50);
    expect(errors.every((error) => OutcomeUnknownError.isInstance(error))).toBe(true);
    await closing;
    expect(transport.stats.inFlight).toBe(0);
  });

  for (const response of ['hang', 'accept'] as const) {
    it(`while a socket is being opened (${response}) ends that too, and the late error of ws does not surface`, async () => {
      await using server = await startServer();
      server.script(response);
      const { transport, until } = harness({ url: () => server.url });
      const connecting = rejection(transport.connect());
      if (response === 'hang') await eventually(() => server.upgrades === 1);
      else await until('connecting');
      await transport.close();
      expect(await connecting).toBeInstanceOf(ClosedError);
      await eventually(() => server.open === 0);
      await turn();
      expect(transport.state).toBe('closed');
    });
  }

  it('while the URL is asked for aborts that, and dials nothing', async () => {
    await using server = await startServer();
    let giveUrl: (url: string) => void = () => undefined;
    let given: AbortSignal | undefined;
    const { transport } = harness({
      url: ({ signal }) => {
        given = signal;
        return new Promise((resolve) => {
          giveUrl = resolve;
        });
      },
    });
    const connecting = rejection(transport.connect());
    await transport.close();
    expect(given?.aborted).toBe(true);
    expect(await connecting).toBeInstanceOf(ClosedError);
    giveUrl(server.url);
    await turn();
    expect(server.upgrades).toBe(0);
  });

  it('while waiting for the next dial ends the wait', async () => {
    await using server = await startServer();
    server.script({ status: 503 });
    const { transport, until } = harness({ url: () => server.url });
    const connecting = rejection(transport.connect());
    await until('reconnecting');
    await transport.close();
    expect(await connecting).toBeInstanceOf(ClosedError);
  });

  it('before connect() is enough', async () => {
    const { transport } = harness({ url: () => '' });
    await transport.close();
    expect(transport.state).toBe('closed');
    expect(await rejection(transport.connect())).toBeInstanceOf(ClosedError);
    for await (const _ of transport.status()) throw new Error('a stream of a closed transport has nothing');
  });

  it('drops a server that does not respond to the close frame', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url, closeTimeoutMs: 20 });
    await transport.connect();
    (await server.clients.next()).freeze();
    await transport.close();
    expect(await transport.closed).toBeUndefined();
  });
});

describe('drain()', () => {
  it('waits for the responses that are due, those of waiting requests too, then closes with 1000', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    await transport.connect();
    const first = await server.clients.next();
    first.drop();
    await until('disconnected');
    const waiting = transport.request({ type: 'waiting' });
    const draining = transport.drain();
    expect(transport.state).toBe('draining');
    expect(await rejection(transport.connect())).toBeInstanceOf(DrainingError);
    expect(await rejection(transport.reconnect())).toBeInstanceOf(DrainingError);
    const second = await server.clients.next();
    second.respond(await second.requests.next(), 'served');
    expect((await waiting).body).toBe('served');
    await Promise.all([draining, transport.drain()]);
    expect((await second.closed).code).toBe(1000);
    expect(transport.state).toBe('closed');
  });

  it('does not wait longer than it may', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const failed = rejection(transport.request({ type: 'never served' }));
    await transport.drain({ timeoutMs: 20 });
    expect(await failed).toBeInstanceOf(OutcomeUnknownError);
  });

  it('does not wait for a consumer that reads nothing', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const stuck = transport.notifications();
    (await server.clients.next()).notify('unread');
    await eventually(() => stuck.stats.buffered === 1);
    await transport.drain();
    expect(stuck.stats.buffered).toBe(1);
  });

  it('is what disposal does', async () => {
    await using server = await startServer();
    let received: unknown;
    const { transport } = harness({ url: () => server.url });
    {
      await using scoped = transport;
      await scoped.connect();
      const client = await server.clients.next();
      void scoped.request({ type: 't' }).then(({ body }) => {
        received = body;
      });
      client.respond(await client.requests.next(), 'in time');
    }
    expect(received).toBe('in time');
    expect(transport.state).toBe('closed');
  });

  it('ends when close() is called meanwhile', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const failed = rejection(transport.request({ type: 'never served' }));
    const draining = transport.drain();
    await transport.close();
    await draining;
    expect(await failed).toBeInstanceOf(OutcomeUnknownError);
  });
});

describe('the signal of the options', () => {
  it('ends everything with its reason, in every state', async () => {
    await using server = await startServer();
    for (const state of ['idle', 'connecting', 'connected', 'reconnecting', 'draining'] as const) {
      const abort = new AbortController();
      const { transport, until } = harness({ url: () => server.url, signal: abort.signal });
      const outcomes: Promise<unknown>[] = [];
      if (state === 'connecting') {
        const { upgrades } = server;
        server.script('hang');
        outcomes.push(rejection(transport.connect()), rejection(transport.request({ type: 't' })));
        await eventually(() => server.upgrades > upgrades);
      } else if (state !== 'idle') {
        await transport.connect();
        const client = await server.clients.next();
        if (state === 'reconnecting') {
          const { upgrades } = server;
          server.script('hang');
          client.drop();
          await until('disconnected');
          await eventually(() => server.upgrades > upgrades);
        }
        outcomes.push(rejection(transport.request({ type: 't' }, { idempotent: true })));
        outcomes.push(rejection(transport.request({ type: 't' })));
        if (state === 'draining') void transport.drain();
      }
      expect(transport.state).toBe(state);
      const stream = transport.notifications();
      const reason = new Error(`stop in ${state}`);
      abort.abort(reason);
      expect(await transport.closed).toBe(reason);
      expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => reason));
      // Draining has ended the streams before.
      expect(await stream.closed).toBe(state === 'draining' ? undefined : reason);
      expect(transport.state).toBe('closed');
    }
  });

  it.each([new Error('too late'), 'too late', 0, null])(
    'aborted beforehand leaves nothing to connect, and that is what every call is told: %p',
    async (reason) => {
      const { transport } = harness({ url: () => '', signal: AbortSignal.abort(reason) });
      expect(transport.state).toBe('closed');
      expect(await rejection(transport.connect())).toBe(reason);
      expect(await rejection(transport.request({ type: 't' }))).toBe(reason);
      expect(await rejection(transport.reconnect())).toBe(reason);
    },
  );

  it.each(['text', 0, null])('ends all that waits with its reason, be it an Error or not: %p', async (reason) => {
    await using server = await startServer();
    const abort = new AbortController();
    server.script('hang');
    const { transport } = harness({ url: () => server.url, signal: abort.signal });
    const waiting = [
      transport.connect(),
      transport.request({ type: 't' }),
      transport.notifications()[Symbol.asyncIterator]().next(),
    ].map((call: Promise<unknown>) => rejection(call));
    await eventually(() => server.upgrades === 1);
    abort.abort(reason);
    expect(await Promise.all(waiting)).toEqual([reason, reason, reason]);
    expect(await transport.closed).toBeInstanceOf(Error);
  });

  it('changes nothing for a transport that was closed before', async () => {
    const abort = new AbortController();
    const { transport } = harness({ url: () => '', signal: abort.signal });
    await transport.close();
    abort.abort();
    expect(await rejection(transport.request({ type: 't' }))).toMatchObject({ code: 'CLOSED' });
    expect(await rejection(transport.connect())).toMatchObject({ code: 'CLOSED' });
  });

  it('is no longer listened to after the end', async () => {
    const { signal, listeners } = watchedSignal();
    const { transport } = harness({ url: () => '', signal });
    expect(listeners.size).toBe(1);
    await transport.close();
    expect(listeners.size).toBe(0);
  });
});

describe('nothing is left behind', () => {
  it('by a life of requests, losses, timeouts and a close', async () => {
    const before = handles().length;
    {
      await using server = await startServer({
        onRequest: (request, client) => {
          if (request.type === 'served') client.respond(request);
        },
      });
      const { transport, until } = harness({ url: () => server.url });
      await transport.connect();
      for (let round = 0; round < 3; round++) {
        const client = await server.clients.next();
        const failed = rejection(transport.request({ type: 'never' }, { timeoutMs: 5 }));
        await Promise.all(Array.from({ length: 20 }, () => transport.request({ type: 'served' })));
        await failed;
        client.drop();
        await until('reconnected');
      }
      await transport.close();
    }
    await eventually(() => handles().length <= before);
    expect(handles().length).toBeLessThanOrEqual(before);
  });

  it('of timers, in any state in which it is closed', async () => {
    await using server = await startServer();
    for (const response of ['accept', 'hang', { status: 503 }, { status: 451 }] as const) {
      const clock = createManualClock();
      server.script(response);
      const { transport, until } = harness({ url: () => server.url, clock });
      const connecting = transport.connect().catch((error: unknown) => error);
      if (response === 'accept') {
        await connecting;
        void rejection(transport.request({ type: 'never' }));
        await turn();
      } else if (response === 'hang') {
        const upgrades = server.upgrades;
        await eventually(() => server.upgrades > upgrades);
      } else {
        await until(response.status === 503 ? 'reconnecting' : 'closed');
      }
      await transport.close();
      await turn();
      expect(clock.pendingTimers).toBe(0);
      await connecting;
    }
  });

  // verifies: counter:frames
  it('of twenty thousand requests, one after the other', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request) });
    const clock = createManualClock();
    const { transport } = harness({ url: () => server.url, clock });
    await transport.connect();
    const idle = clock.pendingTimers;
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(Array.from({ length: 200 }, () => transport.request({ type: 't' })));
    }
    // That of the last request, which the next one might have shared.
    expect(clock.pendingTimers).toBeLessThanOrEqual(idle + 1);
    expect(transport.stats).toMatchObject({ inFlight: 0, queuedBytes: 0, framesSent: 20_000, framesReceived: 20_000 });
    await transport.close();
  });
});
