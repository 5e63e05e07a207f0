import { type Clock, ConfigError, systemClock } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { OAuth1Signer } from '#platform';
import type { Parameters } from './oauth1-signer.ts';

/** An API key of an account, with the token that belongs to it. */
export interface OAuth1Keys {
  /** The key's first part. */
  appKey: string;
  /** The key's secret. */
  secret: string;
  /** The access token of the key. */
  accessToken: string;
  /** The access token's secret. */
  accessTokenSecret: string;
}

/** What is signed. */
export interface OAuth1Request {
  /** The HTTP method. */
  method: string;
  /** The whole URL, with its query as it will be sent. */
  url: string | URL;
  /** Signed when it is a form: `URLSearchParams`, or text with a form's `contentType`. Anything else is not signed. */
  body?: unknown;
  /** Says what a text body is. */
  contentType?: string | undefined;
}

/**
 * The `Authorization` header that signs a REST call by OAuth 1.0a with HMAC-SHA1. Each header holds a nonce of its own:
 * sign again for every attempt. `clock`: where the time of the signature comes from (default: the
 * machine's clock).
 *
 * @throws ConfigError when a key is empty, a name of request or options is unknown, the URL is no http URL, or query or form are not properly encoded.
 */
export function signOAuth1(
  request: OAuth1Request,
  keys: OAuth1Keys,
  options: { clock?: Clock | undefined } = {},
): { Authorization: string } {
  checkKeys('signOAuth1', keys);
  checkSigning('signOAuth1', options);
  const signer = new OAuth1Signer(keys, options.clock ?? systemClock);
  const authorization = signer.authorize(signedParts(request), {
    key: keys.accessToken,
    secret: keys.accessTokenSecret,
  });
  return signer.toHeader(authorization);
}

/** Keys may hold more than this: credentials that have them have a username too. @throws ConfigError */
export function checkKeys(maker: string, keys: OAuth1Keys): void {
  optionsChecker(keys, `${maker}: keys`).texts(['appKey', 'secret', 'accessToken', 'accessTokenSecret'], {
    required: true,
  });
}

/** Checks what is given beside the keys. @throws ConfigError */
export function checkSigning(maker: string, options: { clock?: Clock | undefined }): void {
  const check = optionsChecker(options, maker);
  check.clocks(['clock']);
  check.nothingElse();
}

/** What of a request is signed: its method, its URL without query, and the parameters of query and form. */
export function signedParts(request: OAuth1Request): { method: string; url: string; data: Parameters } {
  const check = optionsChecker(request, 'request');
  check.texts(['method', 'contentType']);
  check.known(['url', 'body']);
  check.nothingElse();
  if (!/^[A-Za-z]+$/.test(request.method)) throw new ConfigError('method must be the name of an HTTP method');
  const text = String(request.url);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new ConfigError('url must be a whole http or https URL');
  const data = [...decodeForm('the query of url', url.search), ...decodeForm('body', formText(request))];
  if (data.some(([name]) => name.startsWith('oauth_'))) {
    throw new ConfigError('query and body must not hold parameters of OAuth itself: they go into the header');
  }
  return { method: request.method, url: `${url.origin}${url.pathname}`, data };
}

function formText({ body, contentType }: OAuth1Request): string {
  if (body instanceof URLSearchParams) return body.toString();
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? '');
  if (!isForm) return '';
  if (typeof body === 'string') return body;
  throw new ConfigError('body must be a text or URLSearchParams when contentType says that it is a form');
}

function decodeForm(what: string, text: string): Parameters {
  try {
    // URLSearchParams would replace what is not UTF-8, and the signature would be of something else than is sent.
    decodeURIComponent(text);
    return [...new URLSearchParams(text)];
  } catch {
    throw new ConfigError(`${what} is not properly percent-encoded`);
  }
}
