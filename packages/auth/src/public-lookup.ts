import { type LookupAddress, lookup as lookupName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPrivateHost } from './hosts.ts';
import type { PublicHosts } from './public-hosts.ts';

/**
 * A `lookup` for sockets as Node's own, but for names that lead to an address of this machine, of a private network or of
 * this link: a name in the public DNS is no reason to send a login or a token there. All addresses of a name are judged at
 * the moment of each connection, so that none can be swapped in later.
 */
export function publicLookup({ except = [], resolve = lookupName }: PublicHosts): LookupFunction {
  const excepted = new Set(except.map((host) => host.replace(/:\d+$/, '').toLowerCase()));
  return (hostname, options, callback) => {
    if (excepted.has(hostname.toLowerCase())) return resolve(hostname, options, callback);
    resolve(hostname, options, (error, address, family) => {
      const found: readonly LookupAddress[] = error
        ? []
        : typeof address === 'string'
          ? [{ address, family: family ?? 4 }]
          : address;
      if (!found.some(isPrivate)) return callback(error, address, family);
      const refusal = new Error('the name leads to a private address');
      callback(Object.assign(refusal, { code: 'PRIVATE_ADDRESS' }), address, family);
    });
  };
}

function isPrivate({ address, family }: LookupAddress): boolean {
  return isPrivateHost(family === 6 || address.includes(':') ? `[${address.replace(/%.*$/, '')}]` : address);
}
