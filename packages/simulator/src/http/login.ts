import type { AgentAccount, AgentRecord } from '../platform/agents.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { type AgentSession, SESSION_TTL_MS } from '../platform/sessions.ts';
import { baseUris } from './domains.ts';
import { CodedRefusal, type Exchange, jsonBody, send, sendJson } from './exchange.ts';

const COOKIE = 'Session_id';
const KEY_PARTS = ['appKey', 'secret', 'accessToken', 'accessTokenSecret'] as const;

/** Logs an agent in with a password, an application's credentials, an API key or a SAML assertion. */
export function logIn(exchange: Exchange, platform: Platform, host: string): void {
  const { response } = exchange;
  const body = jsonBody(exchange);
  if (!body) throw new Refusal(400, 'The request is not JSON');
  const agent = identify(body, platform);
  if (agent === 'incomplete') throw new Refusal(400, 'The request names no complete credentials');
  if (!agent) throw new CodedRefusal(401, 10, 'Invalid user name or password');
  const session = platform.sessions.open(agent);
  return sendJson(response, 200, loginResponse(session, platform, host), {
    'set-cookie': `${COOKIE}=${session.cookie}; Path=/; HttpOnly`,
  });
}

function identify(body: Record<string, unknown>, platform: Platform): AgentRecord | 'incomplete' | undefined {
  const { username, password, assertion } = body;
  if (typeof assertion === 'string') return platform.agents.all.find((a) => a.account.assertion === assertion);
  const byKey = KEY_PARTS.every((part) => typeof body[part] === 'string' && body[part] !== '');
  if (typeof username !== 'string' || !(byKey || typeof password === 'string')) return 'incomplete';
  const agent = platform.agents.byUsername(username);
  if (!agent) return undefined;
  const holds = (part: keyof AgentAccount) => body[part] === agent.account[part];
  if (!byKey) return holds('password') ? agent : undefined;
  // An application's own credentials come in the place of the key; the two tokens are placeholders then.
  const app = platform.apps.find(String(body['appKey']), String(body['secret']));
  if (app) return app.users === undefined || app.users.includes(username) ? agent : undefined;
  return platform.quirks.oauth1 === 'accepted' && KEY_PARTS.every(holds) ? agent : undefined;
}

function loginResponse({ bearer, csrf, cookie, agent }: AgentSession, platform: Platform, host: string): object {
  const { username, userId } = agent.account;
  return {
    csrf,
    wsuk: userId,
    sessionId: cookie,
    config: {
      loginName: username,
      userId,
      userPid: agent.pid,
      userPrivileges: [100, 101, 1730, 1731, 1732, 1733, 1734, 1735],
      serverCurrentTime: platform.clock.now(),
      timeDiff: 0,
      serverTimeZoneName: 'UTC',
      serverTimeGMTDiff: 0,
      isLPA: false,
      isAdmin: false,
      accountTimeZoneId: 'UTC',
    },
    csdsCollectionResponse: { baseURIs: baseUris(platform.accountId, host) },
    accountData: { agentGroupsData: { items: [{ id: -1, deleted: false, name: 'Main group' }], revision: 1 } },
    sessionTTl: String(SESSION_TTL_MS),
    bearer,
  };
}

/** Keeps a session alive: the response has no body. */
export function refresh(exchange: Exchange, platform: Platform): void {
  const session = sessionOf(exchange, platform);
  platform.sessions.refresh(session);
  return send(exchange.response, 200);
}

export function logOut(exchange: Exchange, platform: Platform): void {
  const session = sessionOf(exchange, platform);
  platform.sessions.revoke(session.agent);
  return send(exchange.response, 200);
}

/** The session of the request's cookie, whose name is read in any case, and csrf token. @throws Refusal without one. */
function sessionOf(exchange: Exchange, platform: Platform): AgentSession {
  const pairs = (exchange.request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  const cookies = pairs.flatMap(([name, value]) => (name?.toLowerCase() === COOKIE.toLowerCase() ? (value ?? '') : []));
  const sessions = platform.sessions.findByCookie(cookies);
  if (sessions.length === 0) throw new CodedRefusal(401, 10, 'The session does not exist');
  const csrf = jsonBody(exchange)?.['csrf'];
  return sessions.find((session) => session.csrf === csrf) ?? refuseCsrf();
}

function refuseCsrf(): never {
  const text = 'CSRF token invalid! The CSRF token on request does not match the CSRF token on the session';
  throw new CodedRefusal(401, 10, text);
}
