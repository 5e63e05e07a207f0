import { createHmac } from 'node:crypto';
import { type Caller, partyOf } from '../handlers/call.ts';
import type { AgentRecord } from '../platform/agents.ts';
import type { InstalledApp } from '../platform/apps.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { bearerOf, type Exchange } from './exchange.ts';

/** The agent a REST request comes from: by the bearer of a login, or by a request signed with the agent's API key. */
export function authorize(exchange: Exchange, platform: Platform): AgentRecord | undefined {
  const authorization = exchange.request.headers.authorization ?? '';
  if (/^oauth\s/i.test(authorization)) return bySignature(exchange, platform, authorization.slice(6));
  return platform.sessions.find(bearerOf(exchange))?.agent;
}

/** The application of a token, which comes as a bearer or as it is. */
export function appOf(exchange: Exchange, platform: Platform): InstalledApp | undefined {
  return platform.apps.verifyToken(bearerOf(exchange) || (exchange.request.headers.authorization ?? ''));
}

/** @throws Refusal with 401 for who is neither an agent nor an application of the account. */
export function requireBrand(exchange: Exchange, platform: Platform): void {
  if (!authorize(exchange, platform) && !appOf(exchange, platform)) throw new Refusal(401, 'The token is not valid');
}

/** An agent by a login's bearer, a consumer by the own token or by the token of an app that acts for the consumer. */
export function callerOf(exchange: Exchange, platform: Platform): Caller | undefined {
  const agent = authorize(exchange, platform);
  if (agent) return { kind: 'agent', agent };
  const onBehalf = exchange.request.headers['lp-on-behalf'];
  const token = typeof onBehalf === 'string' && appOf(exchange, platform) ? onBehalf : bearerOf(exchange);
  const consumer = platform.consumers.verifyToken(token);
  return typeof consumer === 'string' ? undefined : { kind: 'consumer', consumer };
}

/** Whom a request counts for: nobody where it does not say, or not truly, who it comes from. */
export function partyAt(exchange: Exchange, platform: Platform): string | undefined {
  try {
    const caller = callerOf(exchange, platform);
    return caller ? partyOf(caller) : appOf(exchange, platform)?.clientId;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** OAuth 1.0a with HMAC-SHA1; the body is not signed. @throws Refusal with 401 that says what is wrong, as the platform does. */
function bySignature({ request, url }: Exchange, platform: Platform, header: string): AgentRecord {
  const given = parametersOf(header);
  const agent = platform.agents.all.find(({ account }) => account.appKey === given?.get('oauth_consumer_key'));
  const isRefused = platform.quirks.oauth1 === 'refused';
  if (!given || !agent || isRefused || given.get('oauth_token') !== agent.account.accessToken) {
    throw new Refusal(401, 'oauth_problem=token_rejected');
  }
  const parameters = [...given, ...url.searchParams]
    .filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const base = [request.method ?? '', `${url.origin}${url.pathname}`, parameters.join('&')].map(encode).join('&');
  const key = `${encode(agent.account.secret)}&${encode(agent.account.accessTokenSecret)}`;
  const expected = createHmac('sha1', key).update(base).digest('base64');
  if (given.get('oauth_signature') === expected) return agent;
  throw new Refusal(401, 'oauth_problem=signature_invalid');
}

/** What an OAuth header holds; undefined when it is not in percent encoding. */
function parametersOf(header: string): Map<string, string> | undefined {
  try {
    return new Map(
      header.split(',').map((pair) => {
        const [name = '', value = ''] = pair.trim().split('=', 2);
        return [decodeURIComponent(name), decodeURIComponent(value.replace(/^"|"$/g, ''))];
      }),
    );
  } catch {
    return undefined;
  }
}

/** Percent encoding as OAuth asks for it. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
