import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { type Duplex, pipeline, Readable } from 'node:stream';
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
const OURS = ['transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'trailer'];
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
    const kept = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: Infinity, ...(lookup && { lookup }) };
    this.#plain = dropSpoilt(new HttpAgent(kept));
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    const secure = { rejectUnauthorized: true, ALPNProtocols: ['http/1.1'], ...(ca !== undefined && { ca }) };
    this.#secure = dropSpoilt(new HttpsAgent({ ...kept, ...secure }));
  }

  /** Resolves with the head of the response. Rejects with Node's own error. */
  request({ origin, path, method, headers: given, body, signal }: Exchange): Promise<UnreadResponse> {
    const { hostname, port, protocol } = new URL(origin);
    const isSecure = protocol === 'https:';
    return new Promise((resolve, reject) => {
      const { 'content-length': declared, ...headers } = definedOf(given);
      if (OURS.some((name) => name in headers)) throw failure('ERR_INVALID_HTTP_TOKEN');
      if (declared !== undefined && !/^\d+$/.test(declared)) throw failure('ERR_HTTP_INVALID_HEADER_VALUE');
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
      // One that is destroyed for a change of protocols which nobody asked for ends without an error.
      request.once('close', () => reject(failure('ECONNRESET')));
      request.once('response', (response: IncomingMessage) => {
        // What has been responded to early is not sent to its end: a server that reads no more would never let it end.
        response.once('end', () => {
          if (!request.writableFinished) request.destroy();
        });
        resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      request.once('socket', (socket) => this.#boundConnecting(request, socket, isSecure));
      // Bytes, since Node would write the headers in UTF-8 too with a text.
      if (isWhole(body)) request.end(typeof body === 'string' ? Buffer.from(body) : (body ?? undefined));
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

/** Drops a kept connection that its server ends, or on which it says what would be taken for the response to the next request. */
function dropSpoilt<A extends HttpAgent>(agent: A): A {
  const keep = agent.keepSocketAlive.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);
  return Object.assign(agent, {
    keepSocketAlive(socket: Duplex) {
      socket.on('data', drop).on('end', drop);
      return keep(socket);
    },
    reuseSocket(socket: Duplex, request: ClientRequest) {
      socket.off('data', drop).off('end', drop);
      reuse(socket, request);
    },
  });
}

function drop(this: Duplex): void {
  this.destroy();
}

function definedOf(headers: Exchange['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
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

/** A stream's bytes, of texts too: as many as were declared, since what is more would be read as the next request. */
async function* chunksOf(body: AsyncIterable<Uint8Array>, declared: string | undefined): AsyncGenerator<Uint8Array> {
  const length = declared === undefined ? undefined : Number(declared);
  let sent = 0;
  for await (const given of body as AsyncIterable<unknown>) {
    const chunk = typeof given === 'string' ? Buffer.from(given) : given;
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
