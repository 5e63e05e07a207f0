import { describe, expect, it } from '@jest/globals';
import { OutcomeUnknownError, ProtocolError, RequestRejectedError } from '@lp/core';
import { harness, rejection } from './support/harness.ts';
import { startServer } from './support/server.ts';

describe('a frame that is too large for the server', () => {
  for (const idempotent of [false, true]) {
    // verifies: refusal:413
    it(`is refused by its close with 1009, once and for good, ${idempotent ? 'also ' : ''}when it ${idempotent ? 'may' : 'may not'} be repeated`, async () => {
      const seen: string[] = [];
      await using server = await startServer({
        onRequest(request, client) {
          seen.push(request.type);
          if (request.type === 'large') client.socket.close(1009, 'too big');
          else if (request.type === 'small') client.respond(request);
        },
      });
      const { transport, until } = harness({ url: () => server.url });
      await transport.connect();
      const other = rejection(transport.request({ type: 'other' }, { idempotent: true }));
      const written = rejection(transport.request({ type: 'written' }));
      const large = (await rejection(
        transport.request({ type: 'large', body: 'x'.repeat(5_000) }, { idempotent }),
      )) as RequestRejectedError;
      expect(large).toBeInstanceOf(RequestRejectedError);
      expect(large).toMatchObject({ status: 413, type: 'large', retryable: false, context: { closeCode: 1009 } });
      expect(large.message).toMatch(/1009.*50\d\d bytes: send less at a time/);
      await until('reconnected');
      await transport.request({ type: 'small' });
      expect(seen.filter((type) => type === 'large')).toHaveLength(1);
      expect(seen.filter((type) => type === 'other')).toHaveLength(2);
      expect(await written).toBeInstanceOf(OutcomeUnknownError);
      await transport.close();
      await other;
    });
  }

  it('is none of those that the server has read before, however large they are', async () => {
    await using server = await startServer({
      onRequest(request, client) {
        if (request.type === 'read') client.respond(request);
        else if (request.type === 'refused') client.socket.close(1009);
      },
    });
    const { transport, until } = harness({ url: () => server.url });
    await transport.connect();
    const older = rejection(transport.request({ type: 'slow', body: 'x'.repeat(50_000) }));
    await transport.request({ type: 'read' });
    const refused = rejection(transport.request({ type: 'refused', body: 'é'.repeat(4_000) }));
    const wider = rejection(transport.request({ type: 'written', body: 'x'.repeat(5_000) }));
    expect(await refused).toMatchObject({ status: 413, type: 'refused', context: { size: expect.any(Number) } });
    expect(await older).toBeInstanceOf(OutcomeUnknownError);
    expect(await wider).toBeInstanceOf(OutcomeUnknownError);
    await until('reconnected');
    await transport.close();
  });

  it('is nobody when no request waits: the connection is lost and comes back', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url });
    await transport.connect();
    (await server.clients.next()).socket.close(1009);
    expect(await until('reconnected')).toMatchObject({ epoch: 2 });
    await transport.close();
  });
});

describe('a frame that is too large for this side', () => {
  it('costs the connection once; a second in a row ends it with an error that names the option', async () => {
    await using server = await startServer();
    const { transport, until } = harness({ url: () => server.url, maxPayloadBytes: 1_000 });
    await transport.connect();
    (await server.clients.next()).notify('n', 'x'.repeat(2_000));
    await until('reconnected');
    (await server.clients.next()).notify('n', 'x'.repeat(2_000));
    const error = await transport.closed;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error?.message).toMatch(/maxPayloadBytes \(1000\): raise that option/);
    expect(server.upgrades).toBe(2);
  });
});
