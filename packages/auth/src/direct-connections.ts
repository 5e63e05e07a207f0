import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import type { Authorities, Exchange } from './exchanger-types.ts';

/** How connections are made. */
interface ConnectOptions {
  readonly timeoutMs: number;
  readonly ca?: Authorities | undefined;
  readonly lookup?: LookupFunction | undefined;
}

/** A response whose body is still to be read. */
export interface UnreadResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<unknown>;
}

// Servers close a connection that nobody uses after five seconds or more: not at the moment when it is used again.
const IDLE_MS = 4_000;
// What is said of a connection is said here.
const OURS = ['transfer-encoding', 'keep-alive', 'upgrade', 'expect'];
// Kept from the start: fake timers replace the global ones.
const { clearTimeout: stopTimer, setTimeout: startTimer } = globalThis;

/**
 * Connections straight to the hosts, kept for the next request. Node's own, which the socket loads anyway: undici and the
 * parser in it, to be compiled first, would be half of the time in which an agent connects.
 */
export class DirectConnections {
  readonly #connectTimeoutMs: number;
  readonly #plain: HttpAgent;
  readonly #secure: HttpsAgent;

  constructor({ timeoutMs, ca, lookup }: ConnectOptions) {
    this.#connectTimeoutMs = timeoutMs;
    const kept = { keepAlive: true, timeout: IDLE_MS, ...(lookup && { lookup }) };
    this.#plain = new HttpAgent(kept);
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    this.#secure = new HttpsAgent({ ...kept, rejectUnauthorized: true, ...(ca !== undefined && { ca }) });
  }

  /** Resolves with the head of the response. Rejects with Node's own error. */
  request({ origin, path, method, headers: given, body, signal }: Exchange): Promise<UnreadResponse> {
    const { hostname, port, protocol } = new URL(origin);
    const isSecure = protocol === 'https:';
    return new Promise((resolve, reject) => {
      const { 'content-length': declared, ...headers } = given;
      if (OURS.some((name) => name in headers)) throw failure('ERR_INVALID_HTTP_TOKEN');
      const options = {
        // That of an IPv6 address stands in brackets.
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        path,
        method,
        headers: { ...headers, ...framing(body, declared) },
        signal,
      };
      const request = isSecure
        ? httpsRequest({ ...options, agent: this.#secure })
        : httpRequest({ ...options, agent: this.#plain });
      // Also of what comes after the response: nobody else listens.
      request.on('error', reject);
      request.once('response', (response: IncomingMessage) => {
        resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      request.once('socket', (socket) => this.#boundConnecting(request, socket, isSecure));
      if (isWhole(body)) request.end(body ?? undefined);
      else {
        const bytes = Readable.from(chunksOf(body, declared));
        // Why they end says more than what becomes of the request then.
        bytes.once('error', reject);
        pipeline(bytes, request, () => undefined);
      }
    });
  }

  destroy(): Promise<void> {
    this.#plain.destroy();
    this.#secure.destroy();
    return Promise.resolve();
  }

  #boundConnecting(request: ClientRequest, socket: Socket, isSecure: boolean): void {
    if (!socket.connecting) return;
    const timer = startTimer(() => request.destroy(failure('ETIMEDOUT')), this.#connectTimeoutMs);
    const stop = () => stopTimer(timer);
    socket.once(isSecure ? 'secureConnect' : 'connect', stop);
    request.once('close', stop);
  }
}

function isWhole(body: Exchange['body']): body is string | Uint8Array | null {
  return body === null || typeof body === 'string' || body instanceof Uint8Array;
}

/** How the server knows where the body ends, whatever the method. */
function framing(body: Exchange['body'], declared: string | undefined): Readonly<Record<string, string>> {
  if (body === null) return {};
  if (isWhole(body)) return { 'content-length': String(Buffer.byteLength(body)) };
  return declared === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': declared };
}

/** A stream's bytes: as many as were declared, since what is more would be read as the next request. */
async function* chunksOf(body: AsyncIterable<Uint8Array>, declared: string | undefined): AsyncGenerator<Uint8Array> {
  const length = declared === undefined ? undefined : Number(declared);
  let sent = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw failure('ERR_INVALID_ARG_TYPE');
    sent += chunk.byteLength;
    if (length !== undefined && sent > length) break;
    yield chunk;
  }
  if (length !== undefined && sent !== length) throw failure('ERR_HTTP_CONTENT_LENGTH_MISMATCH');
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
