import type { Exchange } from './exchange.ts';

/** What responds to one method on one path. The account is the part named `accountId`, or else the Brand-ID header. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (exchange: Exchange) => void;
  /** Responds without an account. */
  readonly forAll: boolean;
}

/**
 * A route on a path in which `:name` stands for one part. Parts in braces may be missing, as in `/a{/b/:name}/c`, and a
 * slash may end the path.
 */
export function route(method: string, path: string, handle: Route['handle'], forAll = false): Route {
  const pattern = path
    .replaceAll('.', '\\.')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replaceAll('{', '(?:')
    .replaceAll('}', ')?');
  return { method, path: new RegExp(`^${pattern}/?$`), handle, forAll };
}
