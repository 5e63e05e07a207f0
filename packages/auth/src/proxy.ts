import type { IncomingMessage } from 'node:http';
import { ConfigError, NotConnectedError } from '@lp/core';
import { codeOf, whyUnreached, whyUntrusted } from '@lp/core/internal';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { Agent, Dispatcher, ProxyAgent } from 'undici';

/** Certificate authorities as Node takes them. */
export type Authorities = string | Buffer | (string | Buffer)[];

/** The way to a host: through which proxy, if any. */
export interface ProxyRoute {
  /** The proxy's address with its credentials, for a URL that is to be reached; undefined: directly. */
  proxyFor(url: string): URL | undefined;
}

/**
 * Reads a `proxy` option: the URL of an HTTP proxy, `http://user:password@host:port`, for everything, or `env` for what
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say about each host.
 *
 * @throws ConfigError that never quotes the URL.
 */
export function parseProxy(proxy: string): ProxyRoute {
  if (proxy === 'env') {
    // The socket's URL counts as one of https, as its host is reached in the same way.
    return { proxyFor: (url) => readAddress(getProxyForUrl(url.replace(/^ws/i, 'http')), 'the proxy variable') };
  }
  const address = readAddress(proxy, 'proxy');
  if (!address) throw new ConfigError("proxy must be http://user:password@host:port, or 'env'");
  return { proxyFor: () => address };
}

function readAddress(text: unknown, name: string): URL | undefined {
  if (text === '') return undefined;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname.length > 1 || url.search !== '' || url.hash !== '') {
    throw new ConfigError(
      `${name} must be http://host:port, with user:password@ in front of the host where it is needed`,
    );
  }
  return url;
}

/** The words for a refusal of the proxy. */
export function proxyRefusal(status: number): string {
  return status === 407
    ? 'the proxy wants credentials (407): give them in the proxy option, http://user:password@host:port'
    : `the proxy refused the way to it (${status})`;
}

/** Sends each exchange through the proxy that its host needs. */
export class RoutingDispatcher extends Dispatcher {
  readonly #route: ProxyRoute;
  readonly #connect: object;
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(route: ProxyRoute, connect: object) {
    super();
    this.#route = route;
    this.#connect = connect;
    this.#direct = new Agent({ connect });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const address = this.#route.proxyFor(String(options.origin));
    return (address ? this.#through(address) : this.#direct).dispatch(options, handler);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
  }

  #through(address: URL): ProxyAgent {
    const known = this.#proxies.get(address.href);
    if (known) return known;
    const [requestTls, proxyTls] = [this.#connect, this.#connect];
    const agent = new ProxyAgent({ uri: address.href, requestTls, proxyTls, proxyTunnel: true });
    this.#proxies.set(address.href, agent);
    return agent;
  }
}

/** An `http.Agent` that leads a socket's upgrade through CONNECT of a proxy, and says when the proxy is what refuses. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #proxyHost: string;

  constructor(address: URL, ca: Authorities | undefined) {
    super(address.href, { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } as object);
    this.#proxyHost = address.host;
  }

  override async connect(...parameters: Parameters<HttpsProxyAgent<string>['connect']>) {
    const [request] = parameters;
    let status = 0;
    request.once('proxyConnect', (response: Pick<IncomingMessage, 'statusCode'>) => {
      status = response.statusCode ?? 0;
    });
    try {
      const socket = await super.connect(...parameters);
      if (status === 200) return socket;
      socket.destroy();
    } catch (cause) {
      const code = codeOf(cause);
      const why = whyUntrusted(code) ?? whyUnreached(code) ?? `the connection broke off (${code})`;
      throw tunnelError(`through the proxy ${this.#proxyHost}: ${why}`, { code });
    }
    throw tunnelError(proxyRefusal(status), { code: 'PROXY_REFUSED', httpStatus: status });
  }
}

// Without the error of the library as its cause: some hold the request, and with it the token.
function tunnelError(message: string, context: { code: string; httpStatus?: number }): NotConnectedError {
  return new NotConnectedError(message, { context });
}

/** The `http.Agent` for sockets to `url`; undefined where no proxy is needed. */
export function socketAgent(proxy: string, url: string, ca?: Authorities): object | undefined {
  const address = parseProxy(proxy).proxyFor(url);
  return address && new TunnelAgent(address, ca);
}
