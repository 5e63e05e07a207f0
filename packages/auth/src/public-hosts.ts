import type { LookupFunction } from 'node:net';
import { optionsChecker } from '@lp/core/internal';
import { isPrivateHost } from './hosts.ts';

/** Hosts that are taken wherever their names lead to, beside all that are public. */
export interface PublicHosts {
  /** Those that the program has named itself, with or without a port. */
  readonly except?: readonly string[] | undefined;
  /** What is asked for the addresses of a name. Default: Node's `dns.lookup`. */
  readonly resolve?: LookupFunction | undefined;
}

/** @throws ConfigError that names what is wrong or unknown. */
export function checkPublicHosts(hosts: PublicHosts): void {
  const check = optionsChecker(hosts, 'publicHostsOnly');
  check.lists(['except']);
  check.functions(['resolve']);
  check.nothingElse();
}

/**
 * Which hosts the responses of a look-up may name: those in a private network only where that was asked for, or where the
 * look-up itself is at such a host. Undefined: any.
 */
export function publicHosts(options: {
  /** The host of the look-up, with or without a port. */
  readonly csdsHost: string;
  /** Hosts by service that the program has named itself. */
  readonly domains?: Readonly<Record<string, string>> | undefined;
  /** Whether private hosts may be named. Default: only when the look-up is at such a host itself. */
  readonly privateHosts?: boolean | undefined;
}): PublicHosts | undefined {
  const check = optionsChecker(options, 'publicHosts');
  check.texts(['csdsHost'], { required: true });
  check.objects(['domains']);
  check.booleans(['privateHosts']);
  check.nothingElse();
  const { csdsHost, domains = {}, privateHosts = isPrivateHost(csdsHost) } = options;
  return privateHosts ? undefined : { except: [csdsHost, ...Object.values(domains)] };
}
