const UNREACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing responds there (the connection was refused)',
  ECONNRESET: 'the connection was cut while it was made',
  ENOTFOUND: 'its name cannot be resolved (check the host and the network)',
  EAI_AGAIN: 'its name cannot be resolved now (the name server does not respond)',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'nothing responds there (the connection timed out)',
  EMFILE: 'this process has no file descriptors left (EMFILE)',
  PRIVATE_ADDRESS:
    'its name leads to an address of a private network, and nothing is sent there: set privateHosts when that is meant',
  UND_ERR_CONNECT_TIMEOUT: 'nothing responds there (the connection timed out)',
};

const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|CRL_)/;
const NO_TLS = /^(?:ERR_SSL_|EPROTO$|ERR_TLS_)/;

/** Why a connection could not be made, in words; undefined when the code tells of something else. */
export function whyUnreached(code: string): string | undefined {
  if (Object.hasOwn(UNREACHED, code)) return UNREACHED[code];
  return NO_TLS.test(code) ? 'it does not speak TLS as expected' : undefined;
}

/** Why a certificate is not trusted, in words, with what to do; undefined when the code tells of something else. */
export function whyUntrusted(code: string): string | undefined {
  if (!UNTRUSTED.test(code)) return undefined;
  if (/ALTNAME|HOSTNAME/.test(code)) {
    return 'its certificate is for another name; check the host, and what responds there: something in the way may, with a certificate of its own';
  }
  return `its certificate was not accepted (${code}); give its authority in tls.ca, or in NODE_EXTRA_CA_CERTS, when it is your own`;
}

/** The code of a system error, or `UNKNOWN`: never its message, which may quote what was sent. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'UNKNOWN';
}
