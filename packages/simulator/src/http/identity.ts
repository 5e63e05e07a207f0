import type { Platform } from '../platform/platform.ts';
import { type Exchange, jsonBody, sendError, sendJson } from './exchange.ts';

/** A token for a consumer nobody has heard of; the older form of the answer calls it `jwt`. */
export function signUp({ response }: Exchange, platform: Platform): void {
  sendJson(response, 200, { jwt: newToken(platform) });
}

export function authorizeAnonymously({ response }: Exchange, platform: Platform): void {
  sendJson(response, 200, { token: newToken(platform) });
}

/**
 * A token for a consumer the brand knows: the brand's own code or token names them. The same code gives the same
 * consumer, as with a real identity provider.
 */
export function authenticate(exchange: Exchange, platform: Platform): void {
  const { response, url } = exchange;
  const body = jsonBody(exchange) ?? {};
  const code = [body['authCode'], body['code'], body['id_token'], body['ext_consumer_id']].find(
    (value) => typeof value === 'string' && value !== '',
  );
  if (typeof code !== 'string') return sendError(response, 400, 'The request names no consumer');
  const token = platform.consumers.issueToken({
    consumerId: platform.consumers.idOf(code),
    authenticatedBy: url.origin,
  });
  return sendJson(response, 200, 'authCode' in body ? { jwt: token } : { token });
}

const newToken = (platform: Platform): string => platform.consumers.issueToken({ consumerId: platform.random.uuid() });
