import type { LookupFunction } from 'node:net';
import { isPrivateHost } from './hosts.ts';

/** Hosts that are taken wherever their names lead to, beside all that are public. */
export interface PublicHosts {
  /** Those that the program has named itself, with or without a port. */
  readonly except?: readonly string[] | undefined;
  /** What is asked for the addresses of a name. Default: Node's `dns.lookup`. */
  readonly resolve?: LookupFunction | undefined;
}

/**
 * Which hosts the responses of a look-up may name: those in a private network only where that was asked for, or where the
 * look-up itself is at such a host. Undefined: any.
 */
export function publicHosts(options: {
  readonly csdsHost: string;
  readonly domains?: Readonly<Record<string, string>> | undefined;
  readonly privateHosts?: boolean | undefined;
}): PublicHosts | undefined {
  const { csdsHost, domains = {}, privateHosts = isPrivateHost(csdsHost) } = options;
  return privateHosts ? undefined : { except: [csdsHost, ...Object.values(domains)] };
}
