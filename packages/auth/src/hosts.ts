import { ConfigError } from '@lp/core';
import { isLoopback, optionsChecker } from '@lp/core/internal';

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::\d{1,5})?$/i;
const ACCOUNT = /^[a-zA-Z0-9_]{1,20}$/;

/** True for a bare host with an optional port: no scheme, no path, no user. */
export function isHost(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 255 && HOST.test(text) && URL.canParse(`https://${text}`);
}

// Private, link-local, shared and unspecified addresses (RFC 1918, 3927, 6598, 4193, 4291), by what they begin with.
const PRIVATE =
  /^(?:0\.|10\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|\[(?:f[cd]|fe[89ab]|::\]|::ffff:))/i;
const LOCAL_NAME = /(?:^|\.)(?:local|localhost|internal|lan|home\.arpa)(?::\d+)?$/i;

/** True for a host of this machine, of a private network or of this link: by its address or name, not by look-up. */
export function isPrivateHost(host: string): boolean {
  // The URL's own reading: 0x7f.1 and 2130706433 are 127.0.0.1 too.
  const read = URL.canParse(`https://${host}`) ? new URL(`https://${host}`).host : host;
  return isLoopback(read) || PRIVATE.test(read) || LOCAL_NAME.test(read);
}

/** True for a host that is one of the suffixes, or below it: `liveperson.net` fits `a.liveperson.net`, not `xliveperson.net`. */
export function hasSuffix(host: string, suffixes: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return suffixes.some((suffix) => {
    const bare = suffix.toLowerCase().replace(/^\./, '');
    return name === bare || name.endsWith(`.${bare}`);
  });
}

/** Refuses an account id that could not stand in a path. */
export function checkAccountId(accountId: string): void {
  if (typeof accountId !== 'string' || !ACCOUNT.test(accountId)) {
    throw new ConfigError('accountId must be 1 to 20 letters, digits or underscores');
  }
}

/** Where the look-up of domains is, and whether plain http is used for it and for what it leads to. */
export interface CsdsAddress {
  /** Bare host with an optional port. */
  host: string;
  /** Plain http, for the look-up and for what it leads to. */
  insecure: boolean;
}

/**
 * Reads the address of the look-up, which may carry a scheme: `http://` means insecure, `https://` means not. Without
 * one, `insecure` holds as given, and when that is left out, a loopback host without a `ca` of its own is insecure, so
 * that a simulator's bare `host:port` is enough.
 *
 * @throws ConfigError for anything but a host, and for plain http to a host that is not this machine.
 */
export function parseCsdsDomain(
  csdsDomain: string,
  options: {
    /** Plain http. Default: true for a loopback host without a `ca`. */
    insecure?: boolean | undefined;
    /** Whether there is an authority of one's own: only that it is there counts. */
    ca?: unknown;
  } = {},
): CsdsAddress {
  const check = optionsChecker(options, 'parseCsdsDomain');
  check.booleans(['insecure']);
  check.known(['ca']);
  check.nothingElse();
  const [, scheme, host] = /^(?:(https?):\/\/)?(.*?)$/is.exec(typeof csdsDomain === 'string' ? csdsDomain : '') ?? [];
  if (!isHost(host)) {
    throw new ConfigError('csdsDomain must be a host with an optional port, such as adminlogin.liveperson.net');
  }
  const insecure = scheme
    ? scheme.toLowerCase() === 'http'
    : (options.insecure ?? (isLoopback(host) && options.ca === undefined));
  if (scheme && options.insecure !== undefined && options.insecure !== insecure) {
    throw new ConfigError(`csdsDomain says ${scheme}:// but insecure says otherwise: leave one of them out`);
  }
  if (insecure && !isLoopback(host)) {
    throw new ConfigError('insecure (plain http) is for loopback hosts only: 127.0.0.1, [::1] or localhost', {
      context: { host },
    });
  }
  return { host, insecure };
}
