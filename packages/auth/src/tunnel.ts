import type { IncomingMessage } from 'node:http';
import { NotConnectedError } from '@lp/core';
import { codeOf, whyUnreached, whyUntrusted } from '@lp/core/internal';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Authorities } from './exchanger-types.ts';
import { proxyRefusal, WAY_CLOSED, WAY_LATE } from './proxy.ts';

// Less than the ten seconds that opening a socket may take, so that the proxy is named and not the host behind it.
const CONNECT_MS = 8_000;

/** An `http.Agent` that leads a socket's upgrade through CONNECT of a proxy, and says when the proxy is what refuses. */
export class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #proxyHost: string;
  readonly #timeoutMs: number;

  constructor(address: URL, ca: Authorities | undefined, timeoutMs = CONNECT_MS) {
    super(address.href, { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } as object);
    this.#proxyHost = address.host;
    this.#timeoutMs = timeoutMs;
  }

  override async connect(...parameters: Parameters<HttpsProxyAgent<string>['connect']>) {
    const [request] = parameters;
    let status = 0;
    request.once('proxyConnect', (response: Pick<IncomingMessage, 'statusCode'>) => {
      status = response.statusCode ?? 0;
    });
    // A request that is given up while it has no socket leaves the one to the proxy alone.
    const givenUp = new AbortController();
    const giveUp = () => givenUp.abort();
    request.once('abort', giveUp);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      giveUp();
    }, this.#timeoutMs);
    Object.assign(this.connectOpts, { signal: givenUp.signal });
    try {
      const socket = await super.connect(...parameters);
      if (status === 200) return socket;
      socket.destroy();
    } catch (cause) {
      const code = codeOf(cause);
      // What the library itself says of an end has no code.
      const broken = code === 'UNKNOWN' ? WAY_CLOSED : `the connection broke off (${code})`;
      const why = isLate ? WAY_LATE : (whyUntrusted(code) ?? whyUnreached(code) ?? broken);
      throw tunnelError(`through the proxy ${this.#proxyHost}: ${why}`, { code });
    } finally {
      clearTimeout(timer);
      request.off('abort', giveUp);
    }
    throw tunnelError(proxyRefusal(status), { code: 'PROXY_REFUSED', httpStatus: status });
  }
}

// Without the error of the library as its cause: some hold the request, and with it the token.
function tunnelError(message: string, context: { code: string; httpStatus?: number }): NotConnectedError {
  return new NotConnectedError(message, { context });
}
