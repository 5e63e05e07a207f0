import type { World } from '../lib/world.ts';
import { type FaultScenario, wasNeverLost } from './scenario.ts';

const REFRESH_MS = 610_000;
const isRefresh = (path: string): boolean => path.includes('/refresh');

const renewedInPlace = (world: World): string | undefined =>
  world.statuses.has('sessionRenewed') ? wasNeverLost(world) : 'the session was not renewed';

const refreshing = (status: number | 'never', what: string): FaultScenario => ({
  id: `session-refresh-${status}`,
  group: 'session',
  what,
  world: { proxy: true },
  strike: async ({ proxy, time }) => {
    if (!proxy) return;
    proxy.respond = (path) => {
      if (!isRefresh(path)) return undefined;
      return status === 'never' ? 'never' : { status, body: '{"error":{"message":"CANARY"}}' };
    };
    await time.run(REFRESH_MS);
    proxy.respond = () => undefined;
  },
  check: status === 401 ? renewedInPlace : wasNeverLost,
});

/** In the life of a session, on a connection that lives. */
export const session: readonly FaultScenario[] = [
  {
    id: 'session-revoked',
    group: 'session',
    what: 'the token is revoked, the socket is left open, and the session is refreshed',
    strike: async ({ simulator, time }) => {
      simulator.faults.expireToken({ sockets: 'keep' });
      await time.run(REFRESH_MS);
    },
    check: renewedInPlace,
  },
  {
    id: 'session-revoked-dropped',
    group: 'session',
    what: 'the token is revoked, and the connection is dropped',
    strike: ({ simulator }) => simulator.faults.expireToken({ sockets: 'drop' }),
  },
  {
    id: 'session-revoked-closed',
    group: 'session',
    what: 'the token is revoked in mid-flight, and the connection is closed with 4401',
    strike: ({ simulator }) => simulator.faults.expireToken(),
  },
  refreshing(401, 'the refresh responds with 401'),
  refreshing(429, 'the refresh responds with 429'),
  refreshing(500, 'the refresh responds with 500'),
  refreshing('never', 'the refresh never responds'),
  {
    id: 'session-refresh-451',
    group: 'session',
    what: 'the refresh responds with 451: the account is blocked; then the connection is lost',
    world: { proxy: true },
    strike: async ({ proxy, simulator, time }) => {
      if (proxy) proxy.respond = (path) => (isRefresh(path) ? { status: 451, body: '' } : undefined);
      await time.run(REFRESH_MS);
      simulator.faults.dropAll();
    },
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
    error: 'AUTH_FAILED',
  },
  {
    id: 'session-reconnect-called',
    group: 'session',
    what: '`reconnect()` is called on a connection that is well, ten times at once',
    strike: async ({ agent, time }) => {
      const calls = Array.from({ length: 10 }, () => Promise.resolve(agent?.reconnect()));
      await time.while(Promise.all(calls), 'reconnect()');
    },
  },
  {
    id: 'session-renew-called',
    group: 'session',
    what: '`reconnect({ renewToken: true })` is called on a connection that is well',
    strike: async ({ agent, time }) => {
      await time.while(Promise.resolve(agent?.reconnect({ renewToken: true })), 'reconnect()');
    },
  },
  {
    id: 'session-idle',
    group: 'session',
    what: 'nothing happens for an hour',
    strike: ({ time }) => time.run(3_600_000),
    check: wasNeverLost,
  },
];
