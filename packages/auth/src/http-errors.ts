import { connect } from 'node:tls';
import { ConfigError, type LpError, NotConnectedError, OutcomeUnknownError } from '@lp/core';
import { codeOf, isLoopback, whyUnreached, whyUntrusted } from '@lp/core/internal';
import type { FailedExchange } from './exchanger-types.ts';
import { proxyRefusal, WAY_CLOSED, WAY_LATE } from './proxy.ts';

/** A failed exchange, and the proxy's host where there is one. */
type Failed = Omit<FailedExchange, 'origin'> & { readonly proxy?: string | undefined };

/**
 * A failed exchange as one of our errors. Never the client's own error as the cause: some of those hold what the
 * server sent.
 */
export function transportError(error: unknown, exchange: Failed): LpError {
  const code = codeOf(error);
  const { host, service, repeatable, proxy } = exchange;
  const context = { host, service, code, ...(proxy === undefined ? {} : { proxy }) };
  const options = { cause: Object.assign(new Error(code), { code }), context };
  if (code === 'UND_ERR_INVALID_ARG') {
    return new ConfigError(
      'the request cannot be sent as it is: check its headers for line ends and the like',
      options,
    );
  }
  const untrusted = whyUntrusted(code);
  if (untrusted) return new NotConnectedError(`cannot trust ${host}: ${untrusted}`, options);
  if (code === 'PROXY_UNTRUSTED') {
    const why = whyUntrusted(String((error as { reason?: unknown }).reason));
    return new NotConnectedError(`cannot trust the proxy ${proxy}, the way to ${host}: ${why}`, options);
  }
  if (
    /^(?:EPROTO$|ERR_SSL_(?:WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST))/.test(code) &&
    proxy === undefined &&
    isLoopback(host)
  ) {
    // A real server would not be at such a host, and a simulator is not going to change by itself.
    const message = `cannot reach ${host}: it does not speak TLS as expected, but plain HTTP perhaps, as a simulator does: start it with tls (lp-simulator --tls), which the form of node-agent-sdk needs, or write http:// before it in csdsDomain (LP_CSDS)`;
    return new NotConnectedError(message, { ...options, retryable: false });
  }
  const reason = whyNotReached(error, code);
  const way = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  if (reason) return new NotConnectedError(`cannot reach ${way}: ${reason}`, options);
  const message = `the exchange with ${way} broke off (${code})`;
  return repeatable ? new NotConnectedError(message, options) : new OutcomeUnknownError(message, options);
}

function whyNotReached(error: unknown, code: string): string | undefined {
  const { syscall, message } = Object(error) as { syscall?: unknown; message?: unknown };
  const [, proxyStatus] = /^Proxy response \((\d{3})\)/.exec(String(message)) ?? [];
  if (proxyStatus) return proxyRefusal(Number(proxyStatus));
  if (code === 'PROXY_CLOSED') return WAY_CLOSED;
  // Set for CONNECT alone: exchanges have the limit of the client.
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return WAY_LATE;
  // The same codes mean a lost connection when they come from reading or writing.
  if (syscall === 'read' || syscall === 'write' || code === 'ECONNRESET') return undefined;
  return whyUnreached(code);
}

/** Whether a failure of an exchange shows a connection that was dead before anything was received on it. */
export function isDeadConnection(error: unknown): boolean {
  return /^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/.test(codeOf(error));
}

const PROBE_MS = 1_000;

/**
 * Why plain HTTP to a host of this machine failed, when its port turns out to speak TLS. Nothing is sent to it but the
 * beginning of a handshake, and no certificate is accepted that would not be otherwise.
 */
export async function tlsHint(error: LpError, origin: string): Promise<LpError> {
  const { hostname, port, protocol, host } = new URL(origin);
  if (protocol !== 'http:' || !isLoopback(host) || error.context['code'] === 'ECONNREFUSED') return error;
  if (!(await speaksTls(hostname.replace(/^\[|\]$/g, ''), Number(port || 80)))) return error;
  const message = `${host} speaks TLS, and was asked in plain HTTP: write https:// before it in csdsDomain (LP_CSDS), and give its authority in tls.ca or NODE_EXTRA_CA_CERTS`;
  return new NotConnectedError(message, { cause: error, context: error.context, retryable: false });
}

function speaksTls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: true, timeout: PROBE_MS });
    const end = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('error', (error) => end(whyUntrusted(codeOf(error)) !== undefined));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}
