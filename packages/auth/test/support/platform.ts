import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';

/** One request as the platform saw it. */
export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a route gives: a status with a JSON or text body, or full control over the response. */
export type RouteResponse =
  | { status?: number; body?: unknown; headers?: Record<string, string | string[]> }
  | ((response: ServerResponse, request: SeenRequest) => void);
export type Route = (request: SeenRequest) => RouteResponse | Promise<RouteResponse>;

/** The look-up, the login service and whatever else a test puts there, on one loopback port. */
export interface Platform extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly origin: string;
  readonly seen: SeenRequest[];
  /** Requests whose path ends so. */
  count(ending: string): number;
  /** Replaces the responses of paths that end so. */
  on(ending: string, route: Route): void;
  /** Resolves when `total` requests with this ending have arrived since the start. */
  arrived(ending: string, total?: number): Promise<void>;
  connections(): number;
  close(): Promise<void>;
}

export const ACCOUNT = 'le12345678';

/** A login response with everything that a session needs. */
export function loginBody(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    bearer: 'bearer-0001',
    csrf: 'csrf-0001',
    sessionTTl: '28800000',
    config: { loginName: 'bot', userId: '4875090664', userPid: '3a7b8c9d-0000-4000-8000-000000000001' },
    ...overrides,
  };
}

/** Starts a {@link Platform}; with `tls`, over HTTPS. */
export async function startPlatform(options: { tls?: TlsOptions } = {}): Promise<Platform> {
  const seen: SeenRequest[] = [];
  const routes = new Map<string, Route>();
  const watchers = new Set<() => void>();
  let connections = 0;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://platform');
    const record: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(record);
    for (const watch of watchers) watch();
    const [, route] = [...routes].findLast(([ending]) => url.pathname.endsWith(ending)) ?? [];
    const result = route ? await route(record) : { status: 404 };
    if (typeof result === 'function') {
      result(response, record);
      return;
    }
    const { status = 200, body = '', headers = {} } = result;
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  const listener: RequestListener = (request, response) => {
    respond(request, response).catch(() => response.destroy());
  };
  const server: Server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on(options.tls ? 'secureConnection' : 'connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const platform: Platform = {
    host,
    origin: `${options.tls ? 'https' : 'http'}://${host}`,
    seen,
    count: (ending) => seen.filter((request) => request.path.endsWith(ending)).length,
    on(ending, route) {
      routes.delete(ending);
      routes.set(ending, route);
    },
    arrived: (ending, total = 1) =>
      new Promise((resolve) => {
        const watch = () => {
          if (platform.count(ending) < total) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    [Symbol.asyncDispose]: () => platform.close(),
  };
  platform.on('/service/baseURI.json', () => ({
    body: {
      baseURIs: ['agentVep', 'facadeMsg', 'msgHist'].map((service) => ({ service, account: ACCOUNT, baseURI: host })),
    },
  }));
  platform.on('/login', () => ({
    body: loginBody(),
    headers: { 'set-cookie': 'Session_id=cookie-0001; Path=/; Secure' },
  }));
  platform.on('/refresh', () => ({}));
  platform.on('/logout', () => ({}));
  return platform;
}
