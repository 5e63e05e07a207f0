import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createTransport } from '@lp/transport';
import { startServer } from './support/server.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('under the fake timers of a test runner', () => {
  it('a transport connects, gets a response and closes without time being moved', async () => {
    await using server = await startServer({ onRequest: (request, client) => client.respond(request, 'fine') });
    jest.useFakeTimers();
    const transport = createTransport({ url: () => server.url, logger: false });
    await transport.connect();
    expect((await transport.request({ type: 't' })).body).toBe('fine');
    await transport.close();
    expect(transport.state).toBe('closed');
  });

  it('a request runs out when the fake time says so', async () => {
    await using server = await startServer();
    jest.useFakeTimers();
    const transport = createTransport({ url: () => server.url, logger: false });
    await transport.connect();
    const outcome = transport.request({ type: 't' }, { timeoutMs: 5_000 }).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await outcome).toMatchObject({ code: 'REQUEST_TIMEOUT' });
    await transport.close();
  });
});
