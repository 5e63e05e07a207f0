import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isLoopback } from '@lp/core/internal';

type Request = Pick<IncomingMessage, 'headers' | 'method'>;

const PLAIN_HOST = /^[\w.:[\]-]+$/;
/** Where a browser may say that a request comes from: a page of this server, or the person at the address bar. */
const OWN_SITES = ['same-origin', 'none'];

/**
 * Keeps pages of other sites away from everything: a page that is open in the browser of whoever runs a simulator could
 * otherwise talk to the bot under development. Programs, which name no origin, pass.
 */
export class Guard {
  readonly scheme: 'http' | 'https';
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  /** `allowedOrigins` are let in with all they ask, and may be the name that the simulator is called by. */
  constructor(scheme: 'http' | 'https', allowedOrigins: readonly string[]) {
    this.scheme = scheme;
    this.#origins = new Set(allowedOrigins);
    this.#hosts = new Set(allowedOrigins.map((origin) => new URL(origin).host));
  }

  /** Why a request gets nothing; undefined for one that may go on. Anybody may follow a link to the page for people. */
  refusal(request: Request, forPage = false): string | undefined {
    if (!this.#isOwnHost(request)) return 'The Host is not this machine';
    if (forPage && isNavigation(request)) return undefined;
    const origin = originOf(request);
    if (origin !== undefined && this.#origins.has(origin)) return undefined;
    const site = request.headers['sec-fetch-site'];
    const isForeign = origin !== undefined && !this.isOwnOrigin(request, origin);
    if (!isForeign && (site === undefined || OWN_SITES.includes(String(site)))) return undefined;
    return 'Pages of other origins get nothing: name yours in the option allowedOrigins';
  }

  /** Whether a page of this very server sent the request. Who does not say where it comes from did not. */
  isOwnOrigin({ headers }: Request, origin = headers.origin): boolean {
    return origin === `${this.scheme}://${headers.host ?? ''}`;
  }

  /**
   * Whether the response may be a script, which a page of any site can run. A browser too old to say which site asks gets
   * none; programs do.
   */
  takesScripts({ headers }: Request): boolean {
    return headers['sec-fetch-site'] !== undefined || !/^mozilla\//i.test(headers['user-agent'] ?? '');
  }

  /** What lets a page of an allowed origin read the response, and no other page use it. */
  headers(request: Request): Record<string, string> {
    const origin = originOf(request);
    const common = { vary: 'origin', 'x-content-type-options': 'nosniff' };
    if (origin === undefined || !this.#origins.has(origin)) {
      return { ...common, 'cross-origin-resource-policy': 'same-origin' };
    }
    return {
      ...common,
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag, x-lp-state-rev, retry-after',
    };
  }

  /** What a browser asks before it sends more than a form could. */
  preflightHeaders(request: Request): Record<string, string> {
    const { 'access-control-request-headers': wanted } = request.headers;
    return {
      ...this.headers(request),
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      ...(typeof wanted === 'string' ? { 'access-control-allow-headers': wanted } : {}),
      'access-control-allow-private-network': 'true',
    };
  }

  /** A page elsewhere can make its own name lead here, but not change the name that is asked for. */
  #isOwnHost({ headers: { host = '' } }: Request): boolean {
    if (this.#hosts.has(host)) return true;
    return PLAIN_HOST.test(host) && URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname);
  }
}

/** The page that holds the link sees nothing of what comes. */
function isNavigation({ method, headers }: Request): boolean {
  const isDocument = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return method === 'GET' && isDocument && headers.origin === undefined;
}

/** The origin that a request names; by the page it comes from where it names none, as script tags do not. */
function originOf({ headers: { origin, referer } }: Request): string | undefined {
  if (origin !== undefined || referer === undefined) return origin;
  return URL.canParse(referer) ? new URL(referer).origin : 'null';
}

/** Ends an upgrade with an HTTP response. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
