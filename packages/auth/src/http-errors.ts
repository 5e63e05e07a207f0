import { ConfigError, type LpError, NotConnectedError, OutcomeUnknownError } from '@lp/core';

/** What a failed exchange was about. */
export interface Exchange {
  host: string;
  service: string | undefined;
  /** Whether doing it twice does no harm. */
  repeatable: boolean;
}

const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there (the connection was refused)',
  ENOTFOUND: 'its name cannot be resolved (check the host and the network)',
  EAI_AGAIN: 'its name cannot be resolved now (the name server does not answer)',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'nothing answers there (the connection timed out)',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there (the connection timed out)',
};

const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|CRL_)/;
const NO_TLS = /^(?:ERR_SSL_|EPROTO$|ERR_TLS_)/;

/**
 * A failed exchange as one of our errors. Never the client's own error as the cause: some of those hold what the
 * server sent.
 */
export function transportError(error: unknown, exchange: Exchange): LpError {
  const code = codeOf(error);
  const { host, service, repeatable } = exchange;
  const options = { cause: Object.assign(new Error(code), { code }), context: { host, service, code } };
  if (code === 'UND_ERR_INVALID_ARG') {
    return new ConfigError(
      'the request cannot be sent as it is: check its headers for line ends and the like',
      options,
    );
  }
  if (UNTRUSTED.test(code)) {
    return new NotConnectedError(
      `cannot trust ${host}: ${code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'its certificate is for another name' : `its certificate was not accepted (${code})`}; give its authority in tls.ca when it is your own`,
      { ...options, retryable: false },
    );
  }
  const reason = whyUnreached(error, code);
  if (reason) return new NotConnectedError(`cannot reach ${host}: ${reason}`, options);
  const message = `the exchange with ${host} broke off (${code})`;
  return repeatable ? new NotConnectedError(message, options) : new OutcomeUnknownError(message, options);
}

function whyUnreached(error: unknown, code: string): string | undefined {
  const { syscall, message } = Object(error) as { syscall?: unknown; message?: unknown };
  // The same codes mean a lost connection when they come from reading or writing.
  if (syscall === 'read' || syscall === 'write') return undefined;
  const [, proxyStatus] = /^Proxy response \((\d{3})\)/.exec(String(message)) ?? [];
  if (proxyStatus) return `the proxy refused the way to it (${proxyStatus})`;
  return UNREACHED[code] ?? (NO_TLS.test(code) ? 'it does not speak TLS as expected' : undefined);
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'UNKNOWN';
}
