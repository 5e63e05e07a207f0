import { isObject } from '../handlers/call.ts';
import { readJson } from '../json.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { appOf } from './authorization.ts';
import { type Exchange, jsonBody, sendJson, sendScript } from './exchange.ts';

/** A token for a consumer nobody has heard of; the older form of the response calls it `jwt`. */
export function signUp({ response }: Exchange, platform: Platform): void {
  requireUnauthenticated(platform);
  return sendJson(response, 200, { jwt: newToken(platform) });
}

/** The form of signing up for script tags. */
export function signUpScript({ response, url }: Exchange, platform: Platform): void {
  requireUnauthenticated(platform);
  return sendScript(response, url, { jwt: newToken(platform) }, platform.quirks.signupCallback);
}

export function authorizeAnonymously({ response }: Exchange, platform: Platform): void {
  requireUnauthenticated(platform);
  return sendJson(response, 200, { token: newToken(platform) });
}

/**
 * A token for a consumer the brand knows: the brand's own code or token names them. The same code gives the same
 * consumer, as with a real identity provider. With `lp_jwt`, a consumer without a name becomes one with a name.
 */
export function authenticate(exchange: Exchange, platform: Platform): void {
  const { response } = exchange;
  const body = jsonBody(exchange) ?? {};
  const before = body['lp_jwt'];
  const former = isText(before) ? platform.consumers.verifyToken(before) : undefined;
  if (before !== undefined && typeof former !== 'object') throw new Refusal(401, 'The token is not valid');
  const code = [body['authCode'], body['code'], body['id_token']].find(isText);
  if (!isText(code)) throw new Refusal(400, 'The request names no consumer');
  const { consumerId, token } = tokenFor(exchange, platform, code);
  if (typeof former === 'object' && former.id !== consumerId) {
    const { formerIds } = platform.consumers.get(consumerId);
    if (!formerIds.includes(former.id)) formerIds.push(former.id);
  }
  return sendJson(response, 200, 'authCode' in body ? { jwt: token } : { token });
}

/** A token for the consumer of a connector, whom it knows by an id of its own. */
export function identify(exchange: Exchange, platform: Platform): void {
  const { response } = exchange;
  if (!appOf(exchange, platform)) throw new Refusal(401, 'The AppJWT is not valid');
  const { ext_consumer_id: id } = (jsonBody(exchange) ?? {}) as { ext_consumer_id?: unknown };
  if (!isText(id)) throw new Refusal(400, 'ext_consumer_id is missing');
  return sendJson(response, 201, { token: tokenFor(exchange, platform, id, true).token });
}

/** A brand's own token names the consumer by its subject, whatever else it says, and may tell more about them. */
function tokenFor(
  { url }: Exchange,
  platform: Platform,
  code: string,
  forConnector = false,
): { consumerId: string; token: string } {
  const { sub = code, iss = url.origin, lp_sdes: sdes } = claimsOf(code);
  const consumerId = platform.consumers.idOf(sub);
  if (sdes !== undefined) {
    const consumer = platform.consumers.get(consumerId);
    consumer.profile = { ...consumer.profile, claims: { iss, lp_sdes: sdes } };
  }
  return { consumerId, token: platform.consumers.issueToken({ consumerId, authenticatedBy: iss, forConnector }) };
}

interface Claims {
  sub?: string;
  iss?: string;
  lp_sdes?: unknown[];
}

/** What a token says; nothing where a code is no token. */
function claimsOf(code: string): Claims {
  const claims = readJson(Buffer.from(code.split('.')[1] ?? '', 'base64url').toString());
  const { sub, iss, lp_sdes } = (isObject(claims) ? claims : {}) as { [K in keyof Claims]: unknown };
  return {
    ...(isText(sub) ? { sub } : {}),
    ...(isText(iss) ? { iss } : {}),
    ...(Array.isArray(lp_sdes) ? { lp_sdes } : {}),
  };
}

/** @throws Refusal where consumers have to say who they are. */
function requireUnauthenticated({ quirks }: Platform): void {
  if (!quirks.unauthenticatedMessaging) throw new Refusal(428, 'Unauthenticated messaging is off');
}

const newToken = (platform: Platform): string => platform.consumers.issueToken({ consumerId: platform.random.uuid() });
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
