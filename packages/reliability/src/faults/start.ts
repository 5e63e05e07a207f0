import type { ProviderContext, Session } from '@lp/auth';
import type { LpErrorCode } from '@lp/core';
import { MARK } from '../lib/canary.ts';
import type { HttpResponse } from '../lib/wire-proxy.ts';
import { BOT, type World } from '../lib/world.ts';
import { type FaultScenario, wasNeverLost } from './scenario.ts';

const isLogin = (path: string): boolean => path.includes('/login');
const isLookup = (path: string): boolean => path.includes('baseURI');

function responding(
  fits: (path: string) => boolean,
  response: HttpResponse,
): Pick<FaultScenario, 'world' | 'strike' | 'lift'> {
  return {
    world: { proxy: true },
    strike: ({ proxy }) => {
      if (proxy) proxy.respond = (path) => (fits(path) ? response : undefined);
    },
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  };
}

const logins: readonly (readonly [number, LpErrorCode])[] = [
  [401, 'CREDENTIALS_INVALID'],
  [429, 'AUTH_FAILED'],
  [451, 'AUTH_FAILED'],
  [500, 'AUTH_FAILED'],
];
const lookups: readonly (readonly [number, LpErrorCode])[] = [
  [400, 'DOMAIN_LOOKUP_FAILED'],
  [401, 'DOMAIN_LOOKUP_FAILED'],
  [451, 'DOMAIN_LOOKUP_FAILED'],
  [503, 'DOMAIN_LOOKUP_FAILED'],
];
const upgrades: readonly (readonly [number, LpErrorCode])[] = [
  [403, 'AUTH_FAILED'],
  [409, 'NOT_CONNECTED'],
  [503, 'NOT_CONNECTED'],
];

// Nothing listens on this port. A number in it must not be taken for a status.
const NOBODY = '127.0.0.1:24018';

/** Logs in without the agent, and tells it the token and the user's id alone, as a program does that is given a token. */
async function giveToken({ accountId, domains }: ProviderContext): Promise<Session> {
  const host = await domains.resolve('agentVep');
  const response = await fetch(`http://${host}/api/account/${accountId}/login?v=1.3`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: BOT, password: `${MARK}-password` }),
  });
  const { bearer, config } = (await response.json()) as { bearer: string; config: { userId: string } };
  return { bearer, userId: config.userId };
}

const retried: readonly (readonly [string, string, (world: World) => void])[] = [
  ['look-up-503', 'look-up responds with 503', ({ simulator }) => simulator.faults.csdsDown(503)],
  ['login-500', 'the login responds with 500', ({ simulator }) => simulator.faults.failLogin(500)],
  ['login-429', 'the login responds with 429', ({ simulator }) => simulator.faults.failLogin(429)],
  ['upgrade-503', 'the upgrade gets 503', ({ simulator }) => simulator.faults.failUpgrade(503)],
  ['down', 'the platform is gone', ({ simulator }) => simulator.faults.down()],
];

/** Something is wrong at the start. */
export const start: readonly FaultScenario[] = [
  ...logins.map(
    ([status, error]): FaultScenario => ({
      id: `start-login-${status}`,
      group: 'start',
      what: `the login responds with ${status}`,
      strike: ({ simulator }) => simulator.faults.failLogin(status),
      error,
    }),
  ),
  {
    id: 'start-login-garbage',
    group: 'start',
    what: 'the login responds with 200 with something that is not JSON',
    ...responding(isLogin, { status: 200, body: '<html>CANARY</html>' }),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'start-login-empty',
    group: 'start',
    what: 'the login responds with 200 without the fields of a session',
    ...responding(isLogin, { status: 200, body: '{"bearer":"CANARY","config":null}' }),
    error: 'PROTOCOL_VIOLATION',
  },
  {
    id: 'start-login-large',
    group: 'start',
    what: 'the login responds with 11 MB',
    ...responding(isLogin, { status: 200, body: Buffer.alloc(11 * 1024 * 1024, 0x20) }),
    error: 'PROTOCOL_VIOLATION',
  },
  {
    id: 'start-login-redirect',
    group: 'start',
    what: 'the login responds with a redirect to another host',
    ...responding(isLogin, { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/CANARY' } }),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'start-login-never',
    group: 'start',
    what: 'the login never responds',
    ...responding(isLogin, 'never'),
    error: 'REQUEST_TIMEOUT',
  },
  ...lookups.map(
    ([status, error]): FaultScenario => ({
      id: `start-look-up-${status}`,
      group: 'start',
      what: `look-up responds with ${status}`,
      strike: ({ simulator }) => simulator.faults.csdsDown(status),
      error,
    }),
  ),
  {
    id: 'start-look-up-garbage',
    group: 'start',
    what: 'look-up responds with 200 with something that is not JSON',
    ...responding(isLookup, { status: 200, body: '<html>' }),
    world: { proxy: true, agent: { domains: {} } },
    error: 'DOMAIN_LOOKUP_FAILED',
  },
  {
    id: 'start-look-up-evil-host',
    group: 'start',
    what: 'look-up names a host with a path and a line break in it',
    ...responding(isLookup, {
      status: 200,
      body: JSON.stringify({
        baseURIs: ['agentVep', 'facadeMsg'].map((service) => ({
          service,
          account: 'le12345678',
          baseURI: 'evil.example/x\r\nX: y',
        })),
      }),
    }),
    world: { proxy: true, agent: { domains: {} } },
    error: 'DOMAIN_LOOKUP_FAILED',
  },
  {
    id: 'start-look-up-never',
    group: 'start',
    what: 'look-up never responds',
    ...responding(isLookup, 'never'),
    world: { proxy: true, agent: { domains: {} } },
    error: 'DOMAIN_LOOKUP_FAILED',
  },
  {
    id: 'start-login-refused',
    group: 'start',
    what: 'the login host takes no connection',
    world: { agent: { domains: { agentVep: NOBODY } } },
    strike: () => undefined,
    lift: (world) => world.setDomains({}),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'start-upgrade-refused',
    group: 'start',
    what: 'the socket host takes no connection, and its port has 401 in it',
    world: { agent: { domains: { facadeMsg: NOBODY } } },
    strike: () => undefined,
    lift: (world) => world.setDomains({}),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'start-token',
    group: 'start',
    what: 'the agent is given a token, and nobody tells it its own agent id',
    world: { agent: { credentials: { provider: giveToken } } },
    strike: () => undefined,
    check: wasNeverLost,
  },
  ...upgrades.map(
    ([status, error]): FaultScenario => ({
      id: `start-upgrade-${status}`,
      group: 'start',
      what: `the upgrade gets ${status}`,
      strike: ({ simulator }) => simulator.faults.failUpgrade(status),
      error,
    }),
  ),
  {
    id: 'start-upgrade-401',
    group: 'start',
    what: 'the upgrade gets 401',
    strike: ({ simulator }) => simulator.faults.failUpgrade(401),
    error: 'SESSION_EXPIRED',
  },
  {
    id: 'start-upgrade-never',
    group: 'start',
    what: 'the upgrade gets no response',
    strike: ({ simulator }) => simulator.faults.hangUpgrade(),
    error: 'NOT_CONNECTED',
  },
  {
    id: 'start-silent-socket',
    group: 'start',
    what: 'the socket opens, and nothing comes on it',
    strike: ({ simulator }) => simulator.faults.dropAnswers('GetClock'),
    error: 'REQUEST_TIMEOUT',
  },
  {
    id: 'start-gone',
    group: 'start',
    what: 'the platform is gone',
    strike: ({ simulator }) => simulator.faults.down(),
    error: 'DOMAIN_LOOKUP_FAILED',
  },
  ...retried.map(
    ([id, what, strike]): FaultScenario => ({
      id: `start-retried-${id}`,
      group: 'start',
      what: `${what} for 20 s, with \`firstConnect: 'retry'\``,
      world: { agent: { firstConnect: 'retry' } },
      strike,
      lastsMs: 20_000,
    }),
  ),
];
