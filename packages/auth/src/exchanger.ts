import { X509Certificate } from 'node:crypto';
import { Readable } from 'node:stream';
import { ConfigError, type LpError, ProtocolError } from '@lp/core';
import type { Dispatcher } from 'undici';
import { createDirectDispatcher } from './direct-dispatcher.ts';
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

/** Requests go through undici, which is loaded with the first of them: it takes long. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  return new UndiciExchanger(options);
}

/** Reads a `Set-Cookie` line. */
export const readCookie = (line: string): Promise<SetCookie | null> => Promise.resolve(parseSetCookie(line));

class UndiciExchanger implements Exchanger {
  readonly #options: ExchangerOptions;
  readonly #route: ProxyRoute | undefined;
  /** Origins that have responded: a connection to one may be an old one. */
  readonly #responsive = new Set<string>();
  #owned: Promise<Dispatcher> | undefined;

  constructor(options: ExchangerOptions) {
    if (options.ca !== undefined) checkAuthorities(options.ca);
    this.#options = options;
    this.#route = options.proxy === undefined ? undefined : parseProxy(options.proxy);
  }

  ready(): Promise<unknown> {
    return this.#dispatcher();
  }

  async exchange({ body, repeatable, limit, host, ...exchange }: Exchange): Promise<Received> {
    const request: Dispatcher.RequestOptions = {
      ...exchange,
      method: exchange.method as Dispatcher.HttpMethod,
      headers: { ...exchange.headers },
      body: body === null || typeof body === 'string' || body instanceof Uint8Array ? body : Readable.from(body),
      // The client's own timer bounds the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const response = await this.#ask(request, repeatable);
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
  async #ask(request: Dispatcher.RequestOptions, repeatable: boolean): Promise<Dispatcher.ResponseData> {
    const origin = String(request.origin);
    const dispatcher = await this.#dispatcher();
    for (let reused = repeatable && this.#responsive.has(origin); ; reused = false) {
      try {
        const response = await dispatcher.request(request);
        this.#responsive.add(origin);
        return response;
      } catch (error) {
        if (!reused || !isDeadConnection(error)) throw error;
      }
    }
  }

  async #dispatcher(): Promise<Dispatcher> {
    return this.#options.dispatcher ?? (await (this.#owned ??= this.#createDispatcher()));
  }

  async #createDispatcher(): Promise<Dispatcher> {
    const { ca, connectTimeoutMs, publicHostsOnly } = this.#options;
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    const connect = { timeout: connectTimeoutMs, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
    const direct = publicHostsOnly ? { ...connect, lookup: publicLookup(publicHostsOnly) } : connect;
    if (!this.#route) return await createDirectDispatcher(direct);
    const { RoutingDispatcher } = await import('./routing-dispatcher.ts');
    return new RoutingDispatcher(this.#route, connect, direct);
  }
}

/** Node takes any text for an authority, and then trusts nobody without saying why. @throws ConfigError for such a text. */
export function checkAuthorities(ca: Authorities): void {
  const certificates = [ca].flat();
  if (certificates.length === 0) {
    throw new ConfigError(
      'tls.ca is an empty list, which trusts nobody: leave it out, or give an authority in PEM form',
    );
  }
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    throw new ConfigError('tls.ca must hold certificates in PEM form');
  }
}

async function readBounded(body: Dispatcher.ResponseData['body'], limit: number, host: string): Promise<Uint8Array> {
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
  // undici gives a connection back one turn after its response ended; a call made sooner would open another.
  await new Promise((resolve) => nextTurn(resolve));
  return Buffer.concat(chunks, size);
}
