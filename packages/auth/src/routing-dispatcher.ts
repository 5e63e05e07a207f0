import type { Socket } from 'node:net';
import { codeOf, whyUntrusted } from '@lp/core/internal';
import { Agent, type buildConnector, Dispatcher, Pool, ProxyAgent } from 'undici';
import { type ProxyRoute, proxyAuthorization } from './proxy.ts';

/** Sends each exchange through the proxy that its host needs, or directly; `direct` is how the latter are connected. */
export class RoutingDispatcher extends Dispatcher {
  readonly #route: ProxyRoute;
  readonly #connect: { readonly timeout: number };
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(route: ProxyRoute, connect: { readonly timeout: number }, direct: object) {
    super();
    this.#route = route;
    this.#connect = connect;
    this.#direct = new Agent({ connect: direct });
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
    const token = proxyAuthorization(address);
    const agent = new ProxyAgent({
      uri: address.origin,
      ...(token === undefined ? {} : { token }),
      requestTls,
      proxyTls,
      proxyTunnel: true,
      // What goes to the proxy itself is CONNECT alone, which has no time limit of its own.
      clientFactory: (origin, options: Pool.Options) =>
        new Pool(origin, {
          ...options,
          connect: namingProxy(options.connect as buildConnector.connector),
          headersTimeout: connectLimit(this.#connect.timeout),
        }),
      factory: (origin, options: Pool.Options) =>
        new Pool(origin, { ...options, connect: onceOnly(options.connect as buildConnector.connector) }),
    });
    this.#proxies.set(address.href, agent);
    return agent;
  }
}

/** How long CONNECT may take of the time of an exchange: what is late here is told as the proxy's before the exchange is. */
function connectLimit(timeoutMs: number): number {
  return timeoutMs - Math.min(3_000, timeoutMs / 2);
}

/** A connector to the proxy itself, whose certificate is told apart from that of what lies behind it. */
function namingProxy(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (!error) return callback(null, socket as Socket);
      const reason = codeOf(error);
      if (whyUntrusted(reason) === undefined) return callback(error, null);
      callback(Object.assign(new Error(reason), { code: 'PROXY_UNTRUSTED', reason }), null);
    });
}

/** Ends of a connection, one of them as later releases of undici call it, and what is no HTTP, of which some has no code. */
const BROKEN = /^(?:UND_ERR_(?:SOCKET|INFO|PRX_CONN)|ECONNRESET|EPIPE|HPE_\w+|UNKNOWN)$/;

/**
 * A connector whose failures fail what waits for the connection. By themselves, those that undici takes for the end of a
 * connection that stood make it dial again at once, for as long as they last, and tell nobody.
 */
function onceOnly(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      // A host of HTTP does not speak first: a proxy does that responds with a page instead of a way.
      const isUsable = socket && !socket.destroyed && socket.readableLength === 0;
      if (isUsable) return callback(null, socket);
      socket?.destroy();
      if (error && !BROKEN.test(codeOf(error))) return callback(error, null);
      callback(Object.assign(new Error('the way was closed'), { code: 'PROXY_CLOSED' }), null);
    });
}
