import type { Clock, LoggerOption } from '@lp/core';
import type { HttpClient } from './http.ts';

/** Finds the hosts of an account's services. */
export interface DomainResolver {
  /**
   * The bare host, with a port where it has one, of a service. A service that is missing in the account's list is asked
   * for by its name.
   * @throws DomainLookupError when the look-up failed, or names no such service; ConfigError for a malformed name.
   */
  resolve(service: string, options?: DomainLookupOptions): Promise<string>;
  /** The hosts of all services, by name. */
  all(options?: DomainLookupOptions): Promise<Readonly<Record<string, string>>>;
  /** As `resolve`, with the scheme in front: `https://`, or `http://` when insecure. */
  origin(service: string, options?: DomainLookupOptions): Promise<string>;
  /** The hosts that the last look-up of all services gave, however old, without asking; undefined before the first. */
  peek(): Readonly<Record<string, string>> | undefined;
}

/** How to make one look-up. */
export interface DomainLookupOptions {
  /** Gives up: the call rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** Asks again although the last response is fresh. Default false. */
  refresh?: boolean | undefined;
}

/** Which account's hosts, and what may be among them. */
export interface DomainResolverOptions {
  /** The account's id: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** Where hosts are looked up; see {@link parseCsdsDomain} for what may stand here. Default `adminlogin.liveperson.net`. */
  csdsDomain?: string | undefined;
  /** Hosts by service that are used instead of what the look-up says, always. */
  domains?: Readonly<Record<string, string>> | undefined;
  /** The only hosts, by suffix, that the look-up may name: `['liveperson.net']` lets no token go elsewhere. Default: any. */
  hostSuffixes?: readonly string[] | undefined;
  /**
   * Accepts private and link-local hosts from the look-up. Default: only when the look-up itself is at such a host, so
   * that nobody on the way can point a login or a token into the network of this machine.
   */
  privateHosts?: boolean | undefined;
  /** Plain http, for loopback hosts only. Default: true for a loopback `csdsDomain`. */
  insecure?: boolean | undefined;
  /** Makes the calls. */
  http: HttpClient;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
  /** How long a response is used. Default 60,000. Failures and empty responses are never kept. */
  cacheMs?: number | undefined;
}
