import { ConfigError } from '@lp/core';

/** A body that is sent as it is. A `Uint8Array` can be sent again after a renewal of the session; a stream cannot. */
export interface RawBody {
  /** The bytes, at once or as a stream. */
  raw: Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** The header `content-type`. */
  contentType: string;
}

/** A request's body as it goes to the wire. */
export interface EncodedBody {
  content: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  headers: Record<string, string>;
  /** The error the caller's own stream ended with, if it did. */
  failure(): unknown;
}

/** True for a body that is sent as it is instead of as JSON. */
export function isRawBody(body: unknown): body is RawBody {
  if (typeof body !== 'object' || body === null || !('raw' in body) || !('contentType' in body)) return false;
  return typeof body.contentType === 'string' && (body.raw instanceof Uint8Array || isAsyncIterable(body.raw));
}

/** False for a stream, which is used up by the first attempt. */
export function isRepeatableBody(body: unknown): boolean {
  return !isRawBody(body) || body.raw instanceof Uint8Array;
}

/** @throws ConfigError for a body that JSON cannot hold. */
export function encodeBody(body: unknown): EncodedBody {
  if (body === undefined) return { content: null, headers: {}, failure: () => undefined };
  if (!isRawBody(body)) {
    return { content: toJson(body), headers: { 'content-type': 'application/json' }, failure: () => undefined };
  }
  const { raw, contentType } = body;
  const headers = { 'content-type': contentType };
  if (raw instanceof Uint8Array) return { content: raw, headers, failure: () => undefined };
  let failure: unknown;
  async function* read(source: AsyncIterable<Uint8Array>) {
    try {
      yield* source;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { content: read(raw), headers, failure: () => failure };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function toJson(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    // Cycles and big integers: the reason may quote the body, so it is left out.
  }
  if (text === undefined) throw new ConfigError('body cannot be written as JSON');
  return text;
}
