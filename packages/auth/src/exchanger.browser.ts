import { ConfigError, type LpError, NotConnectedError, OutcomeUnknownError } from '@lp/core';
import type { Exchange, Exchanger, ExchangerOptions, FailedExchange, Received } from './exchanger-types.ts';
import { exchangeByFetch } from './fetch-exchanger.ts';

/** Headers that a page may not set: `fetch` would leave them out, or ask the server about them first. */
const FORBIDDEN = new Set(['cookie', 'user-agent']);

/** @throws ConfigError for what a page cannot have: the way to a host, and whom to trust, are the browser's. */
export function createExchanger({ dispatcher, proxy, ca }: ExchangerOptions): Exchanger {
  const impossible = Object.entries({ dispatcher, proxy, 'tls.ca': ca }).filter(([, value]) => value !== undefined);
  if (impossible.length > 0) {
    const names = impossible.map(([name]) => name).join(', ');
    throw new ConfigError(`${names} cannot be used in a page: the browser decides the way and whom to trust`);
  }
  return {
    exchange,
    errorOf: (error, failed) => Promise.resolve(errorOf(error, failed)),
    close: () => Promise.resolve(),
  };
}

/** A browser keeps cookies itself, and shows no `Set-Cookie` to a page. */
export const readCookie = (_line: string): Promise<null> => Promise.resolve(null);

function exchange({ headers, ...exchange }: Exchange): Promise<Received> {
  const allowed = Object.fromEntries(Object.entries(headers).filter(([name]) => !FORBIDDEN.has(name)));
  return exchangeByFetch(
    { ...exchange, headers: allowed },
    {
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      // The browser holds the cookies of a session that was begun in it, and shows them to nobody.
      credentials: 'cookie' in headers ? 'include' : 'omit',
    },
  );
}

/** A browser never tells a page why: what it says is the same for all. */
function errorOf(error: unknown, { host, service, repeatable }: FailedExchange): LpError {
  const options = { cause: new Error(error instanceof Error ? error.name : 'UNKNOWN'), context: { host, service } };
  const why = 'the browser does not say why; host, network and certificate, or CORS: the host must allow this page';
  return repeatable
    ? new NotConnectedError(`cannot reach ${host}: ${why}`, options)
    : new OutcomeUnknownError(`the exchange with ${host} broke off: ${why}`, options);
}
