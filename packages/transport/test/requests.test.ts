import { describe, expect, it } from '@jest/globals';
import {
  ClosedError,
  DrainingError,
  NotConnectedError,
  OutboxFullError,
  OutcomeUnknownError,
  RequestRejectedError,
  RequestTimeoutError,
} from '@lp/core';
import { eventually, harness, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

describe('a request', () => {
  it('gets its response whatever the order, and matched by text where the server responds with a number', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    const responses = ['a', 'b', 'c'].map((type) => transport.request({ type, body: { type } }));
    const requests = [await client.requests.next(), await client.requests.next(), await client.requests.next()];
    expect(requests.map(({ type, kind }) => [type, kind])).toEqual([
      ['a', 'req'],
      ['b', 'req'],
      ['c', 'req'],
    ]);
    for (const { id, type } of requests.toReversed()) {
      client.send({ kind: 'resp', reqId: Number(id), type, code: 200, body: type });
    }
    expect((await Promise.all(responses)).map(({ body }) => body)).toEqual(['a', 'b', 'c']);
    await transport.close();
  });

  it('carries headers, metadata and encodedMetadata beside its body', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    const parts = { body: { a: 1 }, headers: [{ type: 'h' }], metadata: [{ type: 'm' }], encodedMetadata: 'bQ==' };
    const response = transport.request({ type: 't', ...parts });
    const request = await client.requests.next();
    expect(request).toEqual({ kind: 'req', id: request.id, type: 't', ...parts });
    client.respond(request);
    await response;
    await transport.close();
  });

  it('of a megabyte gets a megabyte in response', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, request.body) });
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const text = 'ü'.repeat(500_000);
    expect((await transport.request({ type: 't', body: { text } })).body).toEqual({ text });
    await transport.close();
  });

  it('that the server rejects says so, and the connection stays', async () => {
    await using server = await startServer({
      onRequest: (request, client) => client.respond(request, 'too many', request.type === 'no' ? 429 : 200),
    });
    const { transport } = harness({ url: () => server.url, describeRejection: ({ status }) => `status ${status}` });
    await transport.connect();
    const error = (await rejection(transport.request({ type: 'no' }))) as RequestRejectedError;
    expect(error).toBeInstanceOf(RequestRejectedError);
    expect(error).toMatchObject({ status: 429, type: 'no', body: 'too many', retryable: true });
    expect(error.message).toBe('the server rejected no with 429: status 429');
    expect((await transport.request({ type: 'yes' })).code).toBe(200);
    await transport.close();
  });

  it('without a response runs out of time, and its late response is counted and forgotten', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const client = await server.clients.next();
    const failed = rejection(transport.request({ type: 'slow' }, { timeoutMs: 20 }));
    const request = await client.requests.next();
    const error = (await failed) as RequestTimeoutError;
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error.context).toMatchObject({ type: 'slow', timeoutMs: 20, requestId: request.id });
    client.respond(request);
    client.send({ kind: 'resp', reqId: 'nobody', type: 'x', code: 200 });
    await eventually(() => transport.stats.unknownResponses === 1);
    expect(transport.stats).toMatchObject({ lateResponses: 1, inFlight: 0 });
    expect(transport.state).toBe('connected');
    await transport.close();
  });

  it('that is aborted rejects with the reason, not as a timeout', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const abort = new AbortController();
    const failed = rejection(transport.request({ type: 't' }, { signal: abort.signal }));
    const reason = new Error('the user left');
    abort.abort(reason);
    expect(await failed).toBe(reason);
    await transport.close();
  });
});

describe('while there is no connection', () => {
  it('a request is refused before connect() was called', async () => {
    const { transport } = harness({ url: () => 'ws://127.0.0.1:1/' });
    expect(await rejection(transport.request({ type: 't' }))).toBeInstanceOf(NotConnectedError);
    await transport.close();
  });

  // verifies: request:unwritten
  it('requests wait while connecting and while reconnecting, and go out in order', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    const connecting = transport.connect();
    const responses = ['a', 'b'].map((type) => transport.request({ type }));
    expect(transport.stats.queuedBytes).toBeGreaterThan(0);
    await connecting;
    const first = await server.clients.next();
    for (const type of ['a', 'b']) {
      const request = await first.requests.next();
      expect(request.type).toBe(type);
      first.respond(request);
    }
    await Promise.all(responses);
    first.drop();
    await until('disconnected');
    const again = ['c', 'd'].map((type) => transport.request({ type }));
    const second = await server.clients.next();
    for (const type of ['c', 'd']) {
      const request = await second.requests.next();
      expect(request.type).toBe(type);
      second.respond(request);
    }
    await Promise.all(again);
    expect(transport.stats.queuedBytes).toBe(0);
    await transport.close();
  });

  it('a request that does not fit into the outbox is refused, and the others are sent', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request) });
    const { transport } = harness({ url: () => server.url, outboxBytes: 100 });
    const connecting = transport.connect();
    const small = transport.request({ type: 'small' });
    expect(await rejection(transport.request({ type: 'big', body: 'x'.repeat(100) }))).toBeInstanceOf(OutboxFullError);
    await connecting;
    await small;
    await transport.close();
  });

  // verifies: request:unwritten, error:not-connected
  it('a request that waits past its time was not sent', async () => {
    await using server = await startServer();
    server.script('hang');
    const { transport } = harness({ url: () => server.url });
    const connecting = rejection(transport.connect());
    const error = await rejection(transport.request({ type: 't' }, { timeoutMs: 20 }));
    expect(error).toBeInstanceOf(NotConnectedError);
    await transport.close();
    await connecting;
  });

  // verifies: request:given-up, error:connection-lost
  it('requests that wait are handed back when the transport gives up', async () => {
    await using server = await startServer();
    server.script({ status: 451 });
    const { transport } = harness({ url: () => server.url });
    const connecting = rejection(transport.connect());
    const waiting = rejection(transport.request({ type: 't' }));
    const cause = await connecting;
    expect(await waiting).toMatchObject({ code: 'CONNECTION_LOST', sent: false, retryable: true, cause });
  });
});

describe('when the connection is lost', () => {
  // verifies: request:unknown
  it('a request that was written has an unknown outcome, and is never sent again', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    await transport.connect();
    const first = await server.clients.next();
    const failed = rejection(transport.request({ type: 'publish' }));
    await first.requests.next();
    first.drop();
    const error = await failed;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ sent: true, retryable: false, context: { type: 'publish' } });
    await until('reconnected');
    const second = await server.clients.next();
    const marker = transport.request({ type: 'marker' });
    const request = await second.requests.next();
    expect(request.type).toBe('marker');
    second.respond(request);
    await marker;
    await transport.close();
  });

  // verifies: request:idempotent
  it('an idempotent request is sent again, once per connection, and gets its response', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const response = transport.request({ type: 'query', body: { n: 1 } }, { idempotent: true });
    for (let drops = 0; drops < 3; drops++) {
      const client = await server.clients.next();
      expect(await client.requests.next()).toMatchObject({ type: 'query', body: { n: 1 } });
      expect(client.requests.size).toBe(0);
      client.drop();
    }
    const last = await server.clients.next();
    last.respond(await last.requests.next(), 'done');
    expect((await response).body).toBe('done');
    await transport.close();
  });

  it('what was sent again goes before what was asked for since', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    await transport.connect();
    const first = await server.clients.next();
    const query = transport.request({ type: 'query' }, { idempotent: true });
    await first.requests.next();
    first.drop();
    await until('disconnected');
    const later = transport.request({ type: 'later' });
    const second = await server.clients.next();
    for (const type of ['query', 'later']) {
      const request = await second.requests.next();
      expect(request.type).toBe(type);
      second.respond(request);
    }
    await Promise.all([query, later]);
    await transport.close();
  });

  it('a request made after the close frame and before the end of the socket is not lost', async () => {
    await using server = await startServer();
    const { transport } = harness({ url: () => server.url });
    await transport.connect();
    const first = await server.clients.next();
    const closing = new Promise<{ response: Promise<unknown> }>((resolve) => {
      transport.onNotification(() => {
        // The server's close frame stands right behind this notification.
        setImmediate(() => resolve({ response: transport.request({ type: 'late' }) }));
      });
    });
    first.notify('bye');
    first.socket.close(1001);
    const { response } = await closing;
    const second = await server.clients.next();
    const request = await second.requests.next();
    expect(request.type).toBe('late');
    second.respond(request, 'kept');
    expect(await response).toMatchObject({ body: 'kept' });
    await transport.close();
  });
});

// verifies: error:closed
it('a request is refused while draining and after closing', async () => {
  await using server = await startServer();
  const { transport } = harness({ url: () => server.url });
  await transport.connect();
  const client = await server.clients.next();
  const open = transport.request({ type: 'open' });
  const drained = transport.drain();
  expect(transport.state).toBe('draining');
  expect(await rejection(transport.request({ type: 't' }))).toBeInstanceOf(DrainingError);
  client.respond(await client.requests.next());
  await open;
  await drained;
  expect(await rejection(transport.request({ type: 't' }))).toBeInstanceOf(ClosedError);
});
