import { createHmac } from 'node:crypto';
import type { Caller } from '../handlers/call.ts';
import type { AgentRecord } from '../platform/agents.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { bearerOf, type Exchange } from './exchange.ts';

/** The agent a REST request comes from: by the bearer of a login, or by a request signed with the agent's API key. */
export function authorize(exchange: Exchange, platform: Platform): AgentRecord | undefined {
  const authorization = exchange.request.headers.authorization ?? '';
  if (/^oauth\s/i.test(authorization)) return bySignature(exchange, platform, authorization.slice(6));
  return platform.sessions.find(bearerOf(exchange))?.agent;
}

/** @throws Refusal with 401 when {@link authorize} finds nobody. */
export function requireAgent(exchange: Exchange, platform: Platform): AgentRecord {
  const agent = authorize(exchange, platform);
  if (!agent) throw new Refusal(401, 'The token is not valid');
  return agent;
}

/** An agent by a login's bearer, a consumer by the own token or by the token of an app that acts for the consumer. */
export function callerOf(exchange: Exchange, platform: Platform): Caller | undefined {
  const agent = authorize(exchange, platform);
  if (agent) return { kind: 'agent', agent };
  const bearer = bearerOf(exchange);
  const byApp = platform.apps.verifyToken(bearer) !== undefined;
  const onBehalf = exchange.request.headers['lp-on-behalf'];
  const token = byApp && typeof onBehalf === 'string' ? onBehalf : bearer;
  const consumer = platform.consumers.verifyToken(token);
  return typeof consumer === 'string' ? undefined : { kind: 'consumer', consumer };
}

/** OAuth 1.0a with HMAC-SHA1; the body is not signed. */
function bySignature({ request, url }: Exchange, platform: Platform, header: string): AgentRecord | undefined {
  const given = parametersOf(header);
  if (!given) return undefined;
  const agent = platform.agents.all.find(({ account }) => account.appKey === given.get('oauth_consumer_key'));
  if (!agent || given.get('oauth_token') !== agent.account.accessToken) return undefined;
  const parameters = [...given, ...url.searchParams]
    .filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const base = [request.method ?? '', `${url.origin}${url.pathname}`, parameters.join('&')].map(encode).join('&');
  const key = `${encode(agent.account.secret)}&${encode(agent.account.accessTokenSecret)}`;
  const expected = createHmac('sha1', key).update(base).digest('base64');
  return given.get('oauth_signature') === expected ? agent : undefined;
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
