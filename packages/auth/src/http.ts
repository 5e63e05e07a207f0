import {
  type Clock,
  ClosedError,
  ConfigError,
  type Logger,
  type LoggerOption,
  LpError,
  RequestTimeoutError,
  systemClock,
} from '@lp/core';
import {
  abortable,
  checkOptionNames,
  diagnosticsChannel,
  guardLogger,
  onAbort,
  optionsChecker,
} from '@lp/core/internal';
import type { Dispatcher } from 'undici';
import { createExchanger } from '#platform';
import type { Authorities, Exchanger } from './exchanger-types.ts';
import { encodeBody, isRepeatableBody } from './http-body.ts';
import { checkRequest, type HttpRequest } from './http-request.ts';
import { createHttpResponse, type HttpResponse } from './http-response.ts';
import { checkPublicHosts, type PublicHosts } from './public-hosts.ts';

/** One connection pool. Redirects are never followed, and HTTP statuses of all kinds are responses, not errors. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Sends a request and reads the whole response.
   *
   * @throws NotConnectedError when the host cannot be reached or trusted, or a repeatable exchange broke off.
   * @throws OutcomeUnknownError when an exchange that must not be repeated broke off.
   * @throws RequestTimeoutError when the response was not complete in time.
   * @throws ProtocolError when the response is larger than allowed.
   * @throws ClosedError after `close()`, or the reason that was given to it. An aborted call rejects with `signal.reason`.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Loads what the first request needs, so that no time limit of one counts that. Not needed for anything else. */
  ready(): Promise<void>;
  /**
   * Ends every exchange, under way or asked for later, with `reason` (default: a ClosedError), and closes the connections,
   * those of an injected dispatcher excepted.
   */
  close(options?: { reason?: unknown }): Promise<void>;
}

/** How the client connects, and its limits. */
export interface HttpClientOptions {
  /** Your own undici dispatcher (proxy, client certificates, mocks). It is used as it is and never closed here. Not in browsers. */
  dispatcher?: Dispatcher | undefined;
  /** Authorities to trust instead of the well-known ones. Without effect on an injected dispatcher. Not in browsers. */
  tls?: { ca?: Authorities | undefined } | undefined;
  /**
   * Sends everything through this HTTP proxy, by CONNECT: `http://user:password@host:port`, or `env` for what HTTPS_PROXY,
   * HTTP_PROXY, ALL_PROXY and NO_PROXY say. Default: no proxy. Not beside `dispatcher`, and not
   * in browsers, which have a setting of their own.
   */
  proxy?: string | undefined;
  /**
   * Refuses hosts whose names lead to a private address, see {@link publicHosts}. Without effect where a dispatcher, a
   * proxy or a browser finds the addresses. Default: every host is taken.
   */
  publicHostsOnly?: PublicHosts | undefined;
  /** How long one exchange may take, in milliseconds. Default 10,000. */
  timeoutMs?: number | undefined;
  /** The longest body of a response, in bytes. Default 10 MiB. */
  maxResponseBytes?: number | undefined;
  /** What the `User-Agent` header says. Default `lp-auth`. */
  userAgent?: string | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
}

const exchanges = diagnosticsChannel('lp:auth:http');

/** Makes an {@link HttpClient}. Nothing is loaded or connected until the first request, and idle connections do not keep the process alive. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new Client(options);
}

class Client implements HttpClient {
  readonly #exchanger: Exchanger;
  readonly #defaults: { timeoutMs: number; maxResponseBytes: number };
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #running = new Set<AbortController>();
  #closed: { readonly reason: unknown } | undefined;

  constructor(options: HttpClientOptions) {
    const check = optionsChecker(options, 'createHttpClient');
    check.objects(['dispatcher'], { methods: ['request'] });
    check.objects(['tls', 'publicHostsOnly']);
    check.clocks(['clock']);
    check.loggers(['logger']);
    check.durations(['timeoutMs']);
    check.counts(['maxResponseBytes']);
    check.texts(['userAgent', 'proxy']);
    check.nothingElse();
    const checkTls = optionsChecker(options.tls ?? {}, 'tls');
    checkTls.known(['ca']);
    checkTls.nothingElse();
    checkPublicHosts(options.publicHostsOnly ?? {});
    this.#defaults = {
      timeoutMs: options.timeoutMs ?? 10_000,
      maxResponseBytes: options.maxResponseBytes ?? 10 * 1024 * 1024,
    };
    this.#userAgent = options.userAgent ?? 'lp-auth';
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    if (options.proxy !== undefined && options.dispatcher) {
      throw new ConfigError(
        'createHttpClient takes proxy or dispatcher: a dispatcher of your own decides the way itself',
      );
    }
    this.#exchanger = createExchanger({
      dispatcher: options.dispatcher,
      proxy: options.proxy,
      ca: options.tls?.ca,
      connectTimeoutMs: this.#defaults.timeoutMs,
      publicHostsOnly: options.publicHostsOnly,
    });
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const check = checkRequest(request);
    check.texts(['origin'], { required: true });
    check.texts(['service']);
    check.nothingElse();
    const { signal, service, method } = request;
    const { host, path, origin } = target(request);
    const { timeoutMs = this.#defaults.timeoutMs, maxResponseBytes: limit = this.#defaults.maxResponseBytes } = request;
    const repeatable = request.idempotent ?? (method !== 'POST' && method !== 'PATCH');
    const body = encodeBody(request.body);
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed.reason;

    const controller = new AbortController();
    const stop = signal && onAbort(signal, () => controller.abort(signal.reason));
    const timer = this.#clock.setTimer(
      () =>
        controller.abort(
          new RequestTimeoutError(`${host} did not respond in ${timeoutMs} ms`, {
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
    const exchange = async () => {
      try {
        return await this.#exchanger.exchange({
          origin,
          path,
          method,
          headers: { 'user-agent': this.#userAgent, ...body.headers, ...lowerCaseKeys(request.headers) },
          body: body.content,
          signal: controller.signal,
          repeatable: repeatable && isRepeatableBody(request.body),
          limit,
          host,
        });
      } catch (error) {
        controller.signal.throwIfAborted();
        throw body.failure() ?? (await this.#errorOf(error, { origin, host, service, repeatable }));
      }
    };
    try {
      // Not the signal's work alone: as long as a connection is being made, nobody looks at it.
      const received = await abortable(exchange(), controller.signal);
      report({ status: received.status });
      return createHttpResponse(host, received.status, received.headers, received.body);
    } catch (error) {
      report({ code: LpError.isInstance(error) ? error.code : 'ABORTED' });
      throw error;
    } finally {
      timer.cancel();
      stop?.();
      this.#running.delete(controller);
    }
  }

  async #errorOf(error: unknown, exchange: Parameters<Exchanger['errorOf']>[1]): Promise<LpError> {
    return LpError.isInstance(error) ? error : await this.#exchanger.errorOf(error, exchange);
  }

  async ready(): Promise<void> {
    await this.#exchanger.ready?.();
  }

  async close(options: { reason?: unknown } = {}): Promise<void> {
    checkOptionNames('close', options, ['reason']);
    const { reason = closedError() } = options;
    this.#closed ??= { reason };
    for (const controller of this.#running) controller.abort(reason);
    await this.#exchanger.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function closedError(): ClosedError {
  return new ClosedError('the HTTP client was closed');
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
