import { Agent } from 'node:https';
import { ConfigError } from '@lp/core';
import { envProxyFor } from './env-proxy.ts';
import type { Authorities } from './exchanger-types.ts';
import type { PublicHosts } from './public-hosts.ts';
import { publicLookup } from './public-lookup.ts';

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
    return { proxyFor: (url) => readAddress(envProxyFor(url.replace(/^ws/i, 'http')), 'the proxy variable') };
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
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    throw new ConfigError(`${name} has a % in its user or password that stands for no other sign: write it as %25`);
  }
  return url;
}

/** The value of `Proxy-Authorization` for the user and password of an address, one of which may be empty. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** The words for a connection that ended while the way through the proxy was made. */
export const WAY_CLOSED = 'the connection was closed before the way to it stood';

/** The words for a CONNECT that gets no response. */
export const WAY_LATE = 'the proxy did not open the way to it in time';

/** The words for a refusal of the proxy. */
export function proxyRefusal(status: number): string {
  return status === 407
    ? 'the proxy wants credentials (407): give them in the proxy option, http://user:password@host:port'
    : `the proxy refused the way to it (${status})`;
}

/**
 * The `http.Agent` for sockets to `url`: through the proxy, or one that takes public hosts only; undefined: the usual one.
 * `ca`: authorities to trust behind the proxy (default: the well-known ones). `publicHostsOnly`: refuses hosts whose names
 * lead to a private address.
 */
export async function socketAgent(
  proxy: string | undefined,
  url: string,
  { ca, publicHostsOnly }: { ca?: Authorities | undefined; publicHostsOnly?: PublicHosts | undefined } = {},
): Promise<object | undefined> {
  const address = proxy === undefined ? undefined : parseProxy(proxy).proxyFor(url);
  if (!address) return publicHostsOnly && new Agent({ lookup: publicLookup(publicHostsOnly) });
  const { TunnelAgent } = await import('./tunnel.ts');
  return new TunnelAgent(address, ca);
}
