import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDomainResolver, createHttpClient, createRestClient, createSessionManager } from '@lp/auth';
import type { RestPort } from '../../src/rest/index.ts';

export const ACCOUNT = 'acme4711';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface ServiceResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is. */
  readonly body?: unknown;
}

/** A service on this machine, and the platform's own REST calls to it. */
export interface RestService extends AsyncDisposable {
  readonly rest: RestPort;
  readonly host: string;
  readonly requests: ReceivedRequest[];
}

/** Starts a service that responds as told; its bearers are `bearer-1`, `bearer-2` and so on. */
export async function startRestService(response: (request: ReceivedRequest) => ServiceResponse): Promise<RestService> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://localhost');
      const text = Buffer.concat(chunks).toString();
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      requests.push(request);
      const { status = 200, headers = {}, body } = response(request);
      outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
      outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = createHttpClient();
  const domains = createDomainResolver({
    accountId: ACCOUNT,
    csdsDomain: host,
    insecure: true,
    domains: { runtimeFormLogic: host, msgHist: host },
    http,
  });
  let logins = 0;
  const sessions = createSessionManager({
    accountId: ACCOUNT,
    credentials: { provider: () => Promise.resolve({ bearer: `bearer-${++logins}`, userId: '1' }) },
    domains,
    http,
    refreshIntervalMs: false,
    renewSpacingMs: 0,
  });
  return {
    host,
    rest: createRestClient({ http, domains, sessions, accountId: ACCOUNT }),
    requests,
    async [Symbol.asyncDispose]() {
      await sessions.close();
      await http.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
