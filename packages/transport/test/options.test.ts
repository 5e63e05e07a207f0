import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { createTransport, type Transport, type TransportOptions } from '@lp/transport';

const url = () => 'wss://example.com/';

function refusal(options: unknown): string {
  try {
    createTransport(options as TransportOptions);
  } catch (error) {
    if (ConfigError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

describe('options', () => {
  it('are accepted when only url is given, and nothing happens yet', () => {
    const transport = createTransport({ url });
    expect(transport.state).toBe('idle');
    expect(transport.epoch).toBe(0);
  });

  it('may be undefined one by one, for the defaults', () => {
    const reconnect = { initialMs: undefined, factor: undefined } as unknown as object;
    expect(createTransport({ url, reconnect }).state).toBe('idle');
  });

  for (const [options, message] of [
    [undefined, 'createTransport must be an object'],
    [{}, 'createTransport.url is missing; it must be a function'],
    [{ url: 'wss://x' }, 'createTransport.url must be a function'],
    [{ url, requestTimeoutMs: 0 }, 'createTransport.requestTimeoutMs must be a number of milliseconds above 0'],
    [
      { url, connectTimeoutMs: Number.NaN },
      'createTransport.connectTimeoutMs must be a number of milliseconds above 0',
    ],
    [{ url, maxInFlight: 1.5 }, 'createTransport.maxInFlight must be a whole number of at least 1'],
    [{ url, outboxBytes: -1 }, 'createTransport.outboxBytes must be a whole number of at least 1'],
    [{ url, reconnect: true }, 'createTransport.reconnect must be an object or false'],
    [{ url, reconnect: { factor: 0.5 } }, 'reconnect.factor must be a number of at least 1'],
    [
      { url, reconnect: { maxAttempts: -1 } },
      'reconnect.maxAttempts must be a whole number of at least 0, or Infinity',
    ],
    [{ url, reconnect: { jitter: 'some' } }, 'reconnect.jitter must be one of: full, none'],
    [
      { url, reconnect: { serverErrorDelaysMs: [] } },
      'reconnect.serverErrorDelaysMs must be a list of one or more numbers of milliseconds',
    ],
    [{ url, keepAlive: { idleMs: '25' } }, 'keepAlive.idleMs must be a number of milliseconds above 0'],
    [{ url, keepAlive: { probe: 'pong' } }, 'keepAlive.probe must be one of: ping, request'],
    [{ url, keepAlive: { probeRequest: {} } }, 'keepAlive.probeRequest must be a request with a type'],
    [{ url, tls: { ca: 7 } }, 'tls.ca must be PEM text or bytes, or a list of one or more of them'],
    [{ url, tls: { ca: [] } }, 'tls.ca must be PEM text or bytes, or a list of one or more of them'],
    [
      { url, logger: 'console' },
      'createTransport.logger must be an object with the methods debug, info, warn and error, or false',
    ],
    [{ url, clock: {} }, 'createTransport.clock must be an object with the methods now and setTimer'],
    [{ url, signal: {} }, 'createTransport.signal must be an AbortSignal'],
  ] as const) {
    it(`are refused: ${message}`, () => {
      expect(refusal(options)).toBe(message);
    });
  }

  it('are refused when their name is unknown, with the names that are known', () => {
    expect(refusal({ url, timeout: 5 })).toMatch(/^createTransport\.timeout is not an option; known are: url, /);
    expect(refusal({ url, reconnect: { retries: 5 } })).toMatch(/^reconnect\.retries is not an option; known are: /);
    expect(refusal({ url, tls: { rejectUnauthorized: false } })).toMatch(/^tls\.rejectUnauthorized is not an option/);
  });

  it('are never quoted', () => {
    expect(refusal({ url: 'wss://host/secret-token' })).not.toContain('secret');
  });
});

describe('a misspelt option', () => {
  const calls: [name: string, call: (options: never, transport: Transport) => unknown, wrong: string, meant: string][] =
    [
      ['createTransport', (o: object) => createTransport({ url, ...o }), 'requestTimeout', 'requestTimeoutMs'],
      ['request', (o, transport) => transport.request({ type: 'x' }, o), 'timeout', 'timeoutMs'],
      ['drain', (o, transport) => transport.drain(o), 'timeoutMS', 'timeoutMs'],
      ['reconnect', (o, transport) => transport.reconnect(o), 'reAuth', 'reauth'],
      ['notifications', (o, transport) => transport.notifications(o), 'capcity', 'capacity'],
      ['status', (o, transport) => transport.status(o), 'signl', 'signal'],
    ];

  it.each(calls)('of %s is refused, and the one that was meant is named', async (name, call, wrong, meant) => {
    // It dials for ever, and reaches nobody.
    const transport = createTransport({ url: () => new Promise(() => undefined) });
    void transport.connect().catch(() => undefined);
    const refused = await Promise.resolve()
      .then(() => call({ [wrong]: 1 } as never, transport))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect((refused as Error).message).toBe(`${name}.${wrong} is not an option; did you mean ${meant}?`);
    transport.terminate();
  });

  it('in the frame of a request is refused, and the one that was meant is named', async () => {
    const transport = createTransport({ url: () => new Promise(() => undefined) });
    void transport.connect().catch(() => undefined);
    await expect(transport.request({ type: 'x', metaData: [] } as never)).rejects.toThrow(
      'request.metaData is not an option; did you mean metadata?',
    );
    transport.terminate();
  });

  it.each([Number.NaN, -1, '5', Number.POSITIVE_INFINITY])(
    'such as %p for the time of drain is refused',
    async (timeoutMs) => {
      await expect(createTransport({ url }).drain({ timeoutMs } as never)).rejects.toThrow(
        'drain.timeoutMs must be a number of milliseconds of at least 0',
      );
    },
  );
});

describe('what a request is told', () => {
  it.each([
    null,
    'quickly',
    { timeoutMs: null },
    { timeoutMs: '5' },
    { signal: null },
    { signal: {} },
    { idempotent: 'yes' },
    { read: 'body' },
    { onResponse: 5 },
    { id: 5 },
  ])('is refused when it is %j, by a rejection', async (options) => {
    const transport = createTransport({ url: () => new Promise(() => undefined) });
    void transport.connect().catch(() => undefined);
    await expect(transport.request({ type: 'x' }, options as never)).rejects.toBeInstanceOf(ConfigError);
    expect(transport.stats.inFlight).toBe(0);
    transport.terminate();
  });
});
