import { X509Certificate } from 'node:crypto';
import {
  type Clock,
  ClosedError,
  ConfigError,
  type Logger,
  type LoggerOption,
  LpError,
  ProtocolError,
  RequestTimeoutError,
  systemClock,
} from '@lp/core';
import { diagnosticsChannel, guardLogger, onAbort, optionsChecker } from '@lp/core/internal';
import { Agent, type Dispatcher } from 'undici';
import { encodeBody, isRepeatableBody } from './http-body.ts';
import { decodeContent } from './http-content.ts';
import { isDeadConnection, tlsHint, transportError } from './http-errors.ts';
import { createHttpResponse, type HttpResponse } from './http-response.ts';
import { type Authorities, type ProxyRoute, parseProxy, RoutingDispatcher } from './proxy.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Scheme, host and port: `https://host:port`. */
  origin: string;
  /** Starts with a slash, is encoded already, and holds no query. */
  path: string;
  /** Entries that are undefined are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON, unless it is a `RawBody`. */
  body?: unknown;
  /** For the whole exchange, the body of the answer included. The default is the client's. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** The default is the client's. */
  maxResponseBytes?: number | undefined;
  /** Whether doing it twice does no harm, so that a broken exchange may be repeated. Default: all but POST and PATCH. */
  idempotent?: boolean | undefined;
  /** The platform's name of the service, for errors. */
  service?: string | undefined;
}

/** One connection pool. Redirects are never followed, and HTTP statuses of all kinds are answers, not errors. */
export interface HttpClient extends AsyncDisposable {
  /**
   * @throws NotConnectedError when the host cannot be reached or trusted, or a repeatable exchange broke off.
   * @throws OutcomeUnknownError when an exchange that must not be repeated broke off.
   * @throws RequestTimeoutError when the answer was not complete in time.
   * @throws ProtocolError when the answer is larger than allowed.
   * @throws ClosedError after `close()`. An aborted call rejects with `signal.reason`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends every exchange under way with a ClosedError and closes the connections, those of an injected dispatcher excepted. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** Your own undici dispatcher (proxy, client certificates, mocks). It is used as it is and never closed here. */
  dispatcher?: Dispatcher | undefined;
  /** Authorities to trust instead of the well-known ones. Without effect on an injected dispatcher. */
  tls?: { ca?: Authorities | undefined } | undefined;
  /**
   * Sends everything through this HTTP proxy, by CONNECT: `http://user:password@host:port`, or `env` for what HTTPS_PROXY,
   * HTTP_PROXY, ALL_PROXY and NO_PROXY say. Default: no proxy. Not beside `dispatcher`.
   */
  proxy?: string | undefined;
  /** Default 10,000. */
  timeoutMs?: number | undefined;
  /** Default 10 MiB. */
  maxResponseBytes?: number | undefined;
  /** Default `lp-auth`. */
  userAgent?: string | undefined;
  logger?: LoggerOption;
  clock?: Clock | undefined;
}

const exchanges = diagnosticsChannel('lp:auth:http');
// Kept from the start: fake timers replace the global one.
const nextTurn = setImmediate;

/** Makes an {@link HttpClient}. Nothing is connected until the first request, and idle connections do not keep the process alive. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new UndiciClient(options);
}

class UndiciClient implements HttpClient {
  readonly #dispatcher: Dispatcher;
  readonly #owned: Dispatcher | undefined;
  readonly #route: ProxyRoute | undefined;
  /** Origins that have answered: a connection to one may be an old one. */
  readonly #answered = new Set<string>();
  readonly #defaults: { timeoutMs: number; maxResponseBytes: number };
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Set<AbortController>();
  #closed = false;

  constructor(options: HttpClientOptions) {
    const check = optionsChecker(options, 'createHttpClient');
    check.objects(['dispatcher', 'tls', 'clock']);
    check.objects(['logger'], { orFalse: true });
    check.durations(['timeoutMs']);
    check.counts(['maxResponseBytes']);
    check.texts(['userAgent', 'proxy']);
    check.nothingElse();
    const checkTls = optionsChecker(options.tls ?? {}, 'tls');
    checkTls.known(['ca']);
    checkTls.nothingElse();
    this.#defaults = {
      timeoutMs: options.timeoutMs ?? 10_000,
      maxResponseBytes: options.maxResponseBytes ?? 10 * 1024 * 1024,
    };
    this.#userAgent = options.userAgent ?? 'lp-auth';
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    const ca = options.tls?.ca;
    if (ca !== undefined) checkAuthorities(ca);
    if (options.proxy !== undefined && options.dispatcher) {
      throw new ConfigError(
        'createHttpClient takes proxy or dispatcher: a dispatcher of your own decides the way itself',
      );
    }
    this.#route = options.proxy === undefined ? undefined : parseProxy(options.proxy);
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    const connect = {
      timeout: this.#defaults.timeoutMs,
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
    };
    this.#owned = options.dispatcher
      ? undefined
      : this.#route
        ? new RoutingDispatcher(this.#route, connect)
        : new Agent({ connect });
    this.#dispatcher = options.dispatcher ?? (this.#owned as Dispatcher);
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { signal, service, method } = request;
    const { host, path, origin } = target(request);
    const timeoutMs = positive('timeoutMs', request.timeoutMs ?? this.#defaults.timeoutMs);
    const limit = positive('maxResponseBytes', request.maxResponseBytes ?? this.#defaults.maxResponseBytes);
    const repeatable = request.idempotent ?? (method !== 'POST' && method !== 'PATCH');
    const body = encodeBody(request.body);
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();

    const controller = new AbortController();
    const stop = signal && onAbort(signal, () => controller.abort(signal.reason));
    const timer = this.#clock.setTimer(
      () =>
        controller.abort(
          new RequestTimeoutError(`${host} did not answer in ${timeoutMs} ms`, {
            retryable: repeatable,
            context: { host, service, timeoutMs },
          }),
        ),
      timeoutMs,
    );
    this.#running.add(controller);
    const startedAt = this.#clock.now();
    const report = (facts: { status: number } | { code: string }) => {
      const exchange = { method, host, service, durationMs: this.#clock.now() - startedAt, ...facts };
      this.#logger.debug('HTTP exchange', exchange);
      if (exchanges.hasSubscribers) exchanges.publish(exchange);
    };
    try {
      const exchange: Dispatcher.RequestOptions = {
        origin,
        path,
        method,
        headers: { 'user-agent': this.#userAgent, ...body.headers, ...lowerCaseKeys(request.headers) },
        body: body.content,
        signal: controller.signal,
        // The timer above bounds the whole exchange.
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      const answer = await this.#ask(exchange, repeatable && isRepeatableBody(request.body));
      const headers = answer.headers as Record<string, string | string[]>;
      const received = await readBounded(answer.body, limit, host);
      const content = await decodeContent(received, headers['content-encoding'], { host, limit });
      report({ status: answer.statusCode });
      return createHttpResponse(host, answer.statusCode, headers, content);
    } catch (error) {
      const failure = controller.signal.aborted
        ? controller.signal.reason
        : (body.failure() ?? (await this.#errorOf(error, origin, { host, service, repeatable })));
      report({ code: LpError.isInstance(failure) ? failure.code : 'ABORTED' });
      throw failure;
    } finally {
      timer.cancel();
      stop?.();
      this.#running.delete(controller);
    }
  }

  /** Once more when the exchange may be repeated and its connection, an older one, turned out dead before any response. */
  async #ask(exchange: Dispatcher.RequestOptions, repeatable: boolean): Promise<Dispatcher.ResponseData> {
    const origin = String(exchange.origin);
    for (let reused = repeatable && this.#answered.has(origin); ; reused = false) {
      try {
        const answer = await this.#dispatcher.request(exchange);
        this.#answered.add(origin);
        return answer;
      } catch (error) {
        if (!reused || !isDeadConnection(error)) throw error;
      }
    }
  }

  async #errorOf(
    error: unknown,
    origin: string,
    exchange: { host: string; service: string | undefined; repeatable: boolean },
  ): Promise<LpError> {
    if (LpError.isInstance(error)) return error;
    const proxy = this.#route?.proxyFor(origin)?.host;
    const failure = transportError(error, { ...exchange, proxy });
    return proxy === undefined ? await tlsHint(failure, origin) : failure;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const controller of this.#running) controller.abort(closedError());
    await this.#owned?.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// Node takes any text for an authority, and then trusts nobody without saying why.
function checkAuthorities(ca: string | Buffer | (string | Buffer)[]): void {
  try {
    for (const certificate of [ca].flat()) new X509Certificate(certificate);
  } catch {
    throw new ConfigError('tls.ca must hold certificates in PEM form');
  }
}

function closedError(): ClosedError {
  return new ClosedError('the HTTP client was closed');
}

function positive(name: string, value: number): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw new ConfigError(`${name} must be a number above 0`);
}

function lowerCaseKeys(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function target({ origin, path, query = {} }: HttpRequest): { origin: string; host: string; path: string } {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new ConfigError('origin must be http:// or https:// with a host, and nothing behind it');
  }
  if (!/^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/.test(path)) {
    throw new ConfigError('path must start with a slash and be encoded, without a query', {
      context: { host: url.host },
    });
  }
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return { origin: url.origin, host: url.host, path: parameters.size > 0 ? `${path}?${parameters.toString()}` : path };
}

async function readBounded(body: Dispatcher.ResponseData['body'], limit: number, host: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > limit) {
      throw new ProtocolError(`the answer of ${host} is larger than ${limit} bytes`, { context: { host, limit } });
    }
  }
  // undici gives a connection back one turn after its answer ended; a call made sooner would open another.
  await new Promise((resolve) => nextTurn(resolve));
  return Buffer.concat(chunks, size);
}
