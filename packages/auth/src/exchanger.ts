import { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import { ConfigError, type LpError, ProtocolError } from '@lp/core';
import type { Dispatcher } from 'undici';
import { DirectConnections, type UnreadResponse } from './direct-connections.ts';
import type {
  Authorities,
  Exchange,
  Exchanger,
  ExchangerOptions,
  FailedExchange,
  Received,
} from './exchanger-types.ts';
import { decodeContent } from './http-content.ts';
import { isDeadConnection, tlsHint, transportError } from './http-errors.ts';
import { type ProxyRoute, parseProxy } from './proxy.ts';
import { publicLookup } from './public-lookup.ts';
import { parseSetCookie, type SetCookie } from './set-cookie.ts';

// Kept from the start: fake timers replace the global one.
const nextTurn = setImmediate;

/** What sends requests: connections of Node's own, or a dispatcher of undici. */
interface Sender {
  request(exchange: Exchange): Promise<UnreadResponse>;
  destroy(): Promise<void>;
}

/** Requests go straight to their hosts, or the way that a dispatcher of undici knows: the caller's, or one for proxies. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  return new NodeExchanger(options);
}

/** Reads a `Set-Cookie` line. */
export const readCookie = (line: string): Promise<SetCookie | null> => Promise.resolve(parseSetCookie(line));

class NodeExchanger implements Exchanger {
  readonly #options: ExchangerOptions;
  readonly #route: ProxyRoute | undefined;
  /** Origins that have responded: a connection to one may be an old one. */
  readonly #responsive = new Set<string>();
  #owned: Promise<Sender> | undefined;

  constructor(options: ExchangerOptions) {
    if (options.ca !== undefined) checkAuthorities(options.ca);
    this.#options = options;
    this.#route = options.proxy === undefined ? undefined : parseProxy(options.proxy);
  }

  ready(): Promise<unknown> {
    return this.#sender();
  }

  async exchange(exchange: Exchange): Promise<Received> {
    const { limit, host } = exchange;
    const response = await this.#ask(exchange);
    const headers = response.headers as Record<string, string | string[]>;
    const content = await readBounded(response.body, limit, host);
    return {
      status: response.statusCode,
      headers,
      body: await decodeContent(content, headers['content-encoding'], { host, limit }),
    };
  }

  async errorOf(error: unknown, exchange: FailedExchange): Promise<LpError> {
    const proxy = this.#route?.proxyFor(exchange.origin)?.host;
    const failure = transportError(error, { ...exchange, proxy });
    return proxy === undefined ? await tlsHint(failure, exchange.origin) : failure;
  }

  async close(): Promise<void> {
    const owned = await this.#owned;
    await owned?.destroy();
  }

  /** Once more when the exchange may be repeated and its connection, an older one, turned out dead before any response. */
  async #ask(exchange: Exchange): Promise<UnreadResponse> {
    const { origin, repeatable, signal } = exchange;
    const sender = await this.#sender();
    const known = this.#responsive.has(origin);
    // The connection may have been closed meanwhile, without this process having looked: it looks between two turns.
    for (let turns = known ? 2 : 0; turns > 0; turns--) await new Promise((resolve) => nextTurn(resolve));
    signal.throwIfAborted();
    for (let reused = repeatable && known; ; reused = false) {
      try {
        const response = await sender.request(exchange);
        this.#responsive.add(origin);
        return response;
      } catch (error) {
        if (!reused || !isDeadConnection(error)) throw error;
      }
    }
  }

  async #sender(): Promise<Sender> {
    const { dispatcher } = this.#options;
    return await (this.#owned ??= dispatcher ? Promise.resolve(sendBy(dispatcher)) : this.#createSender());
  }

  async #createSender(): Promise<Sender> {
    const { ca, connectTimeoutMs: timeoutMs, publicHostsOnly } = this.#options;
    const lookup = publicHostsOnly && publicLookup(publicHostsOnly);
    if (!this.#route) return new DirectConnections({ timeoutMs, ca, lookup });
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    const connect = { timeout: timeoutMs, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
    const { RoutingDispatcher } = await import('./routing-dispatcher.ts');
    const dispatcher = new RoutingDispatcher(this.#route, connect, lookup ? { ...connect, lookup } : connect);
    return { ...sendBy(dispatcher), destroy: () => dispatcher.destroy() };
  }
}

/** By a dispatcher of undici, which is whoever made it to close. */
function sendBy(dispatcher: Dispatcher): Sender {
  return {
    request: ({ origin, path, method, headers, body, signal }) =>
      dispatcher.request({
        origin,
        path,
        method: method as Dispatcher.HttpMethod,
        headers: { ...headers },
        body: body === null || typeof body === 'string' || body instanceof Uint8Array ? body : Readable.from(body),
        signal,
        // The client's own timer bounds the whole exchange.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
    destroy: () => Promise.resolve(),
  };
}

/** Node takes any text for an authority, and then trusts nobody without saying why. @throws ConfigError for such a text. */
export function checkAuthorities(ca: Authorities): void {
  try {
    for (const certificate of [ca].flat()) new X509Certificate(certificate);
  } catch {
    throw new ConfigError('tls.ca must hold certificates in PEM form');
  }
}

async function readBounded(body: UnreadResponse['body'], limit: number, host: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > limit) {
      throw new ProtocolError(`the response of ${host} is larger than ${limit} bytes`, { context: { host, limit } });
    }
  }
  // A connection is given back one turn after its response ended; a call made sooner would open another.
  await new Promise((resolve) => nextTurn(resolve));
  return Buffer.concat(chunks, size);
}
