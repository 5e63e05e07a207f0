import { ConfigError, type LpError, NotConnectedError, OutcomeUnknownError, ProtocolError } from '@lp/core';
import type { Exchange, Exchanger, ExchangerOptions, FailedExchange, Received } from './exchanger-types.ts';

/** Headers that a page may not set: `fetch` would leave them out, or ask the server about them first. */
const FORBIDDEN = new Set(['cookie', 'user-agent']);

/** @throws ConfigError for what a page cannot have: the way to a host, and whom to trust, are the browser's. */
export function createExchanger({ dispatcher, proxy, ca }: ExchangerOptions): Exchanger {
  const impossible = Object.entries({ dispatcher, proxy, 'tls.ca': ca }).filter(([, value]) => value !== undefined);
  if (impossible.length > 0) {
    const names = impossible.map(([name]) => name).join(', ');
    throw new ConfigError(`${names} cannot be had in a page: the browser decides the way and whom to trust`);
  }
  return {
    exchange,
    errorOf: (error, failed) => Promise.resolve(errorOf(error, failed)),
    close: () => Promise.resolve(),
  };
}

/** A browser keeps cookies itself, and shows no `Set-Cookie` to a page. */
export const readCookie = (_line: string): Promise<null> => Promise.resolve(null);

async function exchange({ origin, path, method, headers, body, signal, limit, host }: Exchange): Promise<Received> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: Object.entries(headers).filter(([name]) => !FORBIDDEN.has(name)),
    body: body === null || typeof body === 'string' || body instanceof Uint8Array ? body : await collect(body),
    signal,
    redirect: 'manual',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    // The browser holds the cookies of a session that was begun in it, and shows them to nobody.
    credentials: 'cookie' in headers ? 'include' : 'omit',
  });
  if (response.type === 'opaqueredirect') {
    throw new ProtocolError(`${host} answered with a redirect, which is not followed`, {
      retryable: true,
      context: { host },
    });
  }
  const tooLarge = () =>
    new ProtocolError(`the response of ${host} is larger than ${limit} bytes`, { context: { host, limit } });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await collect(response.body ?? [], limit, tooLarge),
  };
}

/** The whole of a stream, at most `limit` bytes of it. */
async function collect(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit = Infinity,
  tooLarge?: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of 'getReader' in stream ? chunksOf(stream) : stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limit && tooLarge) throw tooLarge();
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

// Streams of some browsers cannot be iterated yet.
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A browser never tells a page why: what it says is the same for all. */
function errorOf(error: unknown, { host, service, repeatable }: FailedExchange): LpError {
  const options = { cause: new Error(error instanceof Error ? error.name : 'UNKNOWN'), context: { host, service } };
  const why = 'the browser does not say why; host, network and certificate, or CORS: the host must allow this page';
  return repeatable
    ? new NotConnectedError(`cannot reach ${host}: ${why}`, options)
    : new OutcomeUnknownError(`the exchange with ${host} broke off: ${why}`, options);
}
