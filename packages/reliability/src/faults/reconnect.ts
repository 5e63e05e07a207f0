import type { World } from '../lib/world.ts';
import type { FaultScenario } from './scenario.ts';

const PAST_THE_CACHE_MS = 61_000;

const drop = ({ simulator }: World): void => simulator.faults.dropAll();
const expire = ({ simulator }: World): void => simulator.faults.expireToken();
const isLogin = (path: string): boolean => path.includes('/login');

/** Something is down while the agent reconnects. */
export const reconnect: readonly FaultScenario[] = [
  {
    id: 'reconnect-look-up-503',
    group: 'reconnect',
    what: 'look-up responds with 503 for 10 s',
    beforeMs: PAST_THE_CACHE_MS,
    strike: (world) => {
      world.simulator.faults.csdsDown(503);
      drop(world);
    },
    lastsMs: 10_000,
  },
  {
    id: 'reconnect-look-up-never',
    group: 'reconnect',
    what: 'look-up never responds for 25 s',
    world: { proxy: true, agent: { domains: {} } },
    beforeMs: PAST_THE_CACHE_MS,
    strike: (world) => {
      if (world.proxy) world.proxy.respond = () => 'never';
      drop(world);
    },
    lastsMs: 25_000,
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  },
  {
    id: 'reconnect-moved',
    group: 'reconnect',
    what: 'the account has moved to another socket host',
    world: { proxy: true, agent: { domains: {} } },
    beforeMs: PAST_THE_CACHE_MS,
    strike: (world) => {
      const { proxy, simulator } = world;
      if (!proxy) return;
      // The look-up now names another host for the socket; the agent must follow it.
      proxy.rewrite = (path, body) =>
        path.includes('baseURI.json') ? body.replaceAll(simulator.csdsDomain, proxy.host) : body;
      drop(world);
    },
    check: ({ proxy }) => (proxy?.links === 1 ? undefined : 'the agent is not connected to the new host'),
  },
  ...[429, 500, 503].map(
    (status): FaultScenario => ({
      id: `reconnect-login-${status}`,
      group: 'reconnect',
      what: `the token has expired, and the login responds with ${status} for 20 s`,
      strike: (world) => {
        world.simulator.faults.failLogin(status);
        expire(world);
      },
      lastsMs: 20_000,
    }),
  ),
  {
    id: 'reconnect-login-401',
    group: 'reconnect',
    what: 'the token has expired, and the login responds with 401: the password was changed',
    strike: (world) => {
      world.simulator.faults.failLogin(401);
      expire(world);
    },
    error: 'CREDENTIALS_INVALID',
  },
  {
    id: 'reconnect-login-451',
    group: 'reconnect',
    what: 'the token has expired, and the login responds with 451: the account is blocked',
    strike: (world) => {
      world.simulator.faults.failLogin(451);
      expire(world);
    },
    error: 'AUTH_FAILED',
  },
  {
    id: 'reconnect-login-never',
    group: 'reconnect',
    what: 'the token has expired, and the login never responds for 25 s',
    world: { proxy: true },
    strike: (world) => {
      if (world.proxy) world.proxy.respond = (path) => (isLogin(path) ? 'never' : undefined);
      expire(world);
    },
    lastsMs: 25_000,
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  },
  {
    id: 'reconnect-login-garbage',
    group: 'reconnect',
    what: 'the token has expired, and the login responds with 200 with something that is not JSON for 20 s',
    world: { proxy: true },
    strike: (world) => {
      if (world.proxy) {
        world.proxy.respond = (path) => (isLogin(path) ? { status: 200, body: '<html>CANARY</html>' } : undefined);
      }
      expire(world);
    },
    lastsMs: 20_000,
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  },
  {
    id: 'reconnect-login-gone',
    group: 'reconnect',
    what: 'the token has expired, and the login host ends every connection for 5 s',
    world: { proxy: true },
    strike: (world) => {
      if (world.proxy) world.proxy.respond = (path) => (isLogin(path) ? 'cut' : undefined);
      expire(world);
    },
    lastsMs: 5_000,
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  },
  {
    id: 'reconnect-ring',
    group: 'reconnect',
    what: 'somebody rings while the connection is lost',
    strike: (world) => {
      drop(world);
      const [id] = world.simulator.openConversations(1);
      if (id !== undefined) world.say(id);
    },
  },
  ...[429, 502, 503].map(
    (status): FaultScenario => ({
      id: `reconnect-upgrade-${status}`,
      group: 'reconnect',
      what: `the upgrade gets ${status} for 10 s`,
      strike: (world) => {
        world.simulator.faults.failUpgrade(status);
        drop(world);
      },
      lastsMs: 10_000,
    }),
  ),
  {
    id: 'reconnect-upgrade-401',
    group: 'reconnect',
    what: 'the upgrade gets 401 once',
    strike: (world) => {
      world.simulator.faults.failUpgrade(401, { times: 1 });
      drop(world);
    },
  },
  {
    id: 'reconnect-upgrade-403',
    group: 'reconnect',
    what: 'the upgrade gets 403: not allowed any more',
    strike: (world) => {
      world.simulator.faults.failUpgrade(403);
      drop(world);
    },
    error: 'AUTH_FAILED',
  },
  {
    id: 'reconnect-upgrade-never',
    group: 'reconnect',
    what: 'the upgrade gets no response for 25 s',
    strike: (world) => {
      world.simulator.faults.hangUpgrade();
      drop(world);
    },
    lastsMs: 25_000,
  },
  {
    id: 'reconnect-silent-socket',
    group: 'reconnect',
    what: 'the new socket opens, and its first request gets no response',
    strike: (world) => {
      world.simulator.faults.dropAnswers('GetClock', { times: 1 });
      drop(world);
    },
  },
  {
    id: 'reconnect-accepted-then-4401',
    group: 'reconnect',
    what: 'the new socket opens, and is closed with 4401 at once',
    strike: async (world) => {
      drop(world);
      await world.time.until(
        () => world.simulator.recentFrames.length > 0 && world.agent?.state === 'connected',
        'back',
      );
      world.simulator.faults.closeWith(4401);
    },
  },
  ...[429, 500].map(
    (status): FaultScenario => ({
      id: `reconnect-subscribe-${status}`,
      group: 'reconnect',
      what: `the subscriptions are refused with ${status}, twice`,
      strike: (world) => {
        world.simulator.faults.failRequests('SubscribeExConversations', status, { times: 2 });
        drop(world);
      },
    }),
  ),
  {
    id: 'reconnect-history-500',
    group: 'reconnect',
    what: 'the history is refused with 500 for 20 s',
    strike: (world) => {
      world.simulator.faults.failRequests('QueryMessages', 500);
      drop(world);
    },
    lastsMs: 20_000,
  },
  {
    id: 'reconnect-history-never',
    group: 'reconnect',
    what: 'the history gets no response, three times',
    strike: (world) => {
      world.simulator.faults.dropAnswers('QueryMessages', { times: 3 });
      drop(world);
    },
  },
  {
    id: 'reconnect-dropped-in-backfill',
    group: 'reconnect',
    what: 'the connection is lost again while the history is read',
    strike: async (world) => {
      world.simulator.faults.dropAnswers('QueryMessages');
      drop(world);
      await world.time.until(() => (world.statuses.get('reconnected') ?? 0) > 0, 'reconnected');
      await world.time.run(100);
      drop(world);
    },
    lastsMs: 1_000,
  },
];
