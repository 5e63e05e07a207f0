// Bun puts a sketch of its own in the place of undici and of ws: HTTP goes through its `fetch`, which takes authorities.
import { ConfigError, type LpError } from '@lp/core';
import { codeOf } from '@lp/core/internal';
import type { Cookie } from 'undici';
import { checkAuthorities } from './exchanger.ts';
import type { Authorities, Exchanger, ExchangerOptions, FailedExchange } from './exchanger-types.ts';
import { exchangeByFetch } from './fetch-exchanger.ts';
import { transportError } from './http-errors.ts';

export { OAuth1Signer } from './oauth1-signer.ts';
/** True in a page, whose user can read all that the program knows. */
export const isBrowser: boolean = false;
/** Its `fetch` finds the addresses itself, and shows them to no program. */
export const publicHosts = (): undefined => undefined;

interface BunCookie {
  readonly name: string;
  readonly value: string;
  readonly expires?: Date | undefined;
  readonly maxAge?: number | undefined;
}
declare const Bun: { readonly Cookie: { parse(line: string): BunCookie } };

/** Its names for what Node says by the system's codes. */
const CODES: Readonly<Record<string, string>> = {
  ConnectionRefused: 'ECONNREFUSED',
  FailedToOpenSocket: 'ECONNREFUSED',
  ConnectionClosed: 'ECONNRESET',
};

/** @throws ConfigError for a dispatcher or a proxy: nothing of Bun's would take them, least of all the socket. */
export function createExchanger({ dispatcher, proxy, ca }: ExchangerOptions): Exchanger {
  if (dispatcher !== undefined) throw new ConfigError('dispatcher cannot be used under Bun, which has no undici');
  if (proxy !== undefined) parseProxy(proxy);
  if (ca !== undefined) checkAuthorities(ca);
  const tls: { rejectUnauthorized: true; ca?: Authorities } = {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  };
  return {
    exchange: (exchange) => exchangeByFetch(exchange, { tls } as RequestInit),
    errorOf: (error, failed) => Promise.resolve(errorOf(error, failed)),
    close: () => Promise.resolve(),
  };
}

/** Reads a `Set-Cookie` line. */
export async function readCookie(line: string): Promise<Cookie | null> {
  await Promise.resolve();
  try {
    const { name, value, expires, maxAge } = Bun.Cookie.parse(line);
    return { name, value, ...(expires ? { expires } : {}), ...(maxAge === undefined ? {} : { maxAge }) };
  } catch {
    return null;
  }
}

/** @throws ConfigError always. */
export function parseProxy(_proxy: string): never {
  throw new ConfigError(
    'proxy cannot be used under Bun, whose sockets would go around it: run the program with Node.js',
  );
}

/** Rejects with a ConfigError always, as {@link parseProxy}. */
export async function socketAgent(proxy: string): Promise<undefined> {
  await Promise.resolve();
  return parseProxy(proxy);
}

function errorOf(error: unknown, exchange: FailedExchange): LpError {
  const code = codeOf(error);
  return transportError({ code: CODES[code] ?? code }, exchange);
}
