import { ProtocolError } from '@lp/core';
import { joinBytes } from '@lp/core/internal';
import type { Exchange, Received } from './exchanger-types.ts';

/** One exchange by `fetch`, read whole and within its limit. `extra` is what the platform's own `fetch` takes besides. */
export async function exchangeByFetch(
  { origin, path, method, headers, body, signal, limit, host }: Exchange,
  extra: RequestInit,
): Promise<Received> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers,
    body: body === null || typeof body === 'string' || body instanceof Uint8Array ? body : await collect(body),
    signal,
    redirect: 'manual',
    ...extra,
  });
  if (response.type === 'opaqueredirect') {
    throw new ProtocolError(`${host} responded with a redirect, which is not followed`, {
      retryable: true,
      context: { host },
    });
  }
  const tooLarge = () =>
    new ProtocolError(`the response of ${host} is larger than ${limit} bytes`, { context: { host, limit } });
  const cookies = response.headers.getSetCookie();
  return {
    status: response.status,
    headers: { ...Object.fromEntries(response.headers), ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
    body: await collect(response.body ?? [], limit, tooLarge),
  };
}

/** The whole of a stream, at most `limit` bytes of it. */
async function collect(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit = Infinity,
  tooLarge?: () => Error,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of 'getReader' in stream ? chunksOf(stream) : stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limit && tooLarge) throw tooLarge();
  }
  return joinBytes(chunks);
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
