import { Agent, Dispatcher, ProxyAgent } from 'undici';
import type { ProxyRoute } from './proxy.ts';

/** Sends each exchange through the proxy that its host needs, or directly; `direct` is how the latter are connected. */
export class RoutingDispatcher extends Dispatcher {
  readonly #route: ProxyRoute;
  readonly #connect: object;
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(route: ProxyRoute, connect: object, direct: object) {
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
    const agent = new ProxyAgent({ uri: address.href, requestTls, proxyTls, proxyTunnel: true });
    this.#proxies.set(address.href, agent);
    return agent;
  }
}
