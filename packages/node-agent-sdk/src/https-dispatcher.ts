import https, { Agent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { type createHttpClient, socketAgent } from '@lp/auth';
import type { AgentConfigBase } from './config.ts';
import { proxyFor } from './env-proxy.ts';

type Authorities = AgentConfigBase['ca'];
type Dispatcher = NonNullable<NonNullable<Parameters<typeof createHttpClient>[0]>['dispatcher']>;

interface Exchange {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
}

/** A way to hosts for an HTTP client, and its end. */
export interface HttpsDispatcher {
  readonly dispatcher: Dispatcher;
  destroy(): void;
}

/**
 * Sends exchanges by Node's own client, through the proxy that the environment names: a bot of the old form makes a few
 * requests in an hour, for which a client with pools and pipelines would be a third of its memory.
 */
export function createHttpsDispatcher(ca: Authorities): HttpsDispatcher {
  // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
  const tls = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const direct = new Agent({ ...tls, keepAlive: true });
  const exchange = async ({ origin, path, method, headers, body, signal }: Exchange) => {
    const proxy = proxyFor(origin);
    const proxied = proxy === undefined ? undefined : await socketAgent(proxy, origin, { ca });
    return new Promise((resolve, reject) => {
      // One object, and found on the module: packages that old bots load, as agent-base 4, put a function of their own in
      // its place, which knows no other form.
      const sent = https.request({
        ...urlToHttpOptions(new URL(`${origin}${path}`)),
        ...tls,
        method,
        headers: body === null ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        signal,
        agent: (proxied as Agent | undefined) ?? direct,
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        resolve({ statusCode: response.statusCode, headers: response.headers, body: response });
      });
      sent.end(body ?? undefined);
    });
  };
  return {
    // Of a dispatcher, a client uses `request` alone.
    dispatcher: { request: exchange } as unknown as Dispatcher,
    destroy: () => direct.destroy(),
  };
}
