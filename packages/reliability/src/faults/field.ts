import { type CursorStore, createMemoryCursorStore } from '@lp/agent';
import type { HttpResponse } from '../lib/wire-proxy.ts';
import type { World } from '../lib/world.ts';
import type { FaultScenario } from './scenario.ts';

const PAST_THE_CACHE_MS = 61_000;
const LOOK_UP = '/baseURI';
const PAGE = { 'content-type': 'text/html' };
const HTML = '<html>CANARY Please sign in</html>';
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Something that responds in the platform's place, and for how long. */
function inFront(
  id: string,
  what: string,
  { part, response, lastsMs = 20_000 }: { part: string; response: HttpResponse; lastsMs?: number },
): FaultScenario {
  let struck = 0;
  const strikes = (path: string): boolean => path.includes(part) && ++struck > 0;
  return {
    id: `field-${id}`,
    group: 'field',
    what,
    // With hosts of its own the agent asks for none.
    world: { proxy: true, ...(part === LOOK_UP && { agent: { domains: {} } }) },
    beforeMs: PAST_THE_CACHE_MS,
    check: () => (struck > 0 ? undefined : 'nothing was asked for'),
    strike: (world) => {
      if (world.proxy) world.proxy.respond = (path) => (strikes(path) ? response : undefined);
      world.simulator.faults.expireToken();
    },
    lastsMs,
    lift: ({ proxy }) => {
      if (proxy) proxy.respond = () => undefined;
    },
  };
}

/** The upgrade is refused by something in front, for so long. */
function atUpgrade(
  id: string,
  what: string,
  response: { status: number; headers?: object; body?: string },
  lastsMs = 20_000,
): FaultScenario {
  return {
    id: `field-upgrade-${id}`,
    group: 'field',
    what,
    world: { proxy: true },
    strike: (world) => {
      if (world.proxy) world.proxy.refuseUpgrade = () => ({ body: '', headers: {}, ...response });
      world.simulator.faults.dropAll();
    },
    lastsMs,
    lift: ({ proxy }) => {
      if (proxy) proxy.refuseUpgrade = () => undefined;
    },
  };
}

/** A store that does what it is told to instead of writing. */
class MoodyStore implements CursorStore {
  mood: 'well' | 'fails' | 'hangs' = 'well';
  readonly #store = createMemoryCursorStore();

  async get(dialogId: string): Promise<number | undefined> {
    return await this.#store.get(dialogId);
  }

  async set(dialogId: string, sequence: number): Promise<void> {
    if (this.mood === 'fails') throw new Error('no space left on the disk');
    if (this.mood === 'hangs') await new Promise(() => undefined);
    await this.#store.set(dialogId, sequence);
  }

  async delete(dialogId: string): Promise<void> {
    await this.#store.delete?.(dialogId);
  }
}

function withStore(mood: 'fails' | 'hangs'): FaultScenario {
  const store = new MoodyStore();
  return {
    id: `field-store-${mood}`,
    group: 'field',
    what: `the cursor store ${mood} for 20 s`,
    world: { agent: { cursors: store } },
    strike: () => {
      store.mood = mood;
    },
    lastsMs: 20_000,
    lift: () => {
      store.mood = 'well';
    },
  };
}

const ring = (id: string, what: string, strike: (world: World) => void): FaultScenario => ({
  id: `field-ring-${id}`,
  group: 'field',
  what,
  strike: (world) => {
    strike(world);
    const [conversationId] = world.simulator.openConversations(1);
    if (conversationId !== undefined) world.say(conversationId);
  },
});

/** What was seen in the field, or reported of clients of the same kind. */
export const field: readonly FaultScenario[] = [
  inFront('login-page', 'the token has expired, and the login responds with an HTML page and 403 for 20 s', {
    part: '/login',
    response: { status: 403, headers: PAGE, body: HTML },
  }),
  inFront('login-portal', "the token has expired, and the login responds with a portal's HTML page and 200 for 20 s", {
    part: '/login',
    response: { status: 200, headers: PAGE, body: HTML },
  }),
  inFront('login-redirect', 'the token has expired, and the login responds with a redirect for 20 s', {
    part: '/login',
    response: { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
  }),
  ...[400, 404, 407, 408, 413, 426, 511].map((status) =>
    inFront(
      `login-${status}`,
      `the token has expired, and the login responds with ${status} without a body for 5 minutes`,
      {
        part: '/login',
        response: { status, headers: { 'content-type': 'text/plain' }, body: '' },
        lastsMs: 300_000,
      },
    ),
  ),
  inFront('login-retry-after', 'the token has expired, and the login asks once to wait for 3,000 years', {
    part: '/login',
    response: { status: 503, headers: { 'retry-after': '99999999999' }, body: '' },
    lastsMs: 8_000,
  }),
  inFront('look-up-page', 'the token has expired, and the look-up responds with an HTML page for 20 s', {
    part: LOOK_UP,
    response: { status: 200, headers: PAGE, body: HTML },
  }),
  inFront('refresh-cut', 'the token has expired, and the login cuts each connection that was kept, for 5 s', {
    part: '/login',
    response: 'cut',
    lastsMs: 5_000,
  }),
  atUpgrade('page', 'the upgrade gets an HTML page and 403 for 20 s', {
    status: 403,
    headers: PAGE,
    body: HTML,
  }),
  atUpgrade('redirect', 'the upgrade gets a redirect for 20 s', {
    status: 307,
    headers: { location: '/' },
  }),
  ...[400, 403, 404, 408, 426].map((status) =>
    atUpgrade(`${status}`, `the upgrade gets ${status} without a body for 5 minutes`, { status }, 300_000),
  ),
  atUpgrade(
    'retry-after',
    'the upgrade asks once to wait for 3,000 years',
    {
      status: 503,
      headers: { 'retry-after': '99999999999' },
    },
    5_000,
  ),
  ring('500', 'somebody rings, and accepting gets 500 three times', ({ simulator }) =>
    simulator.faults.failRequests('UpdateRingState', 500, { times: 3 }),
  ),
  ring('silent', 'somebody rings, and accepting gets no response', ({ simulator }) =>
    simulator.faults.dropAnswers('UpdateRingState', { times: 1 }),
  ),
  ring('400', 'somebody rings, and accepting gets 400 once', ({ simulator }) =>
    simulator.faults.failRequests('UpdateRingState', 400, { times: 1 }),
  ),
  withStore('fails'),
  withStore('hangs'),
  {
    id: 'field-1009',
    group: 'field',
    what: 'the platform closes with 1009 although nothing was large',
    strike: ({ simulator }) => simulator.faults.closeWith(1009),
  },
  {
    id: 'field-short-sessions',
    group: 'field',
    what: 'forty connections in a row live for two seconds',
    strike: async ({ simulator, time, agent }) => {
      for (let n = 0; n < 40; n++) {
        simulator.faults.dropAll();
        await time.until(() => agent?.state === 'connected', 'connected again');
        await time.run(2_000);
      }
    },
  },
  {
    id: 'field-outage',
    group: 'field',
    what: 'the whole platform is gone for 12 hours',
    world: { stepMs: 1_000 },
    strike: ({ simulator }) => simulator.faults.down(),
    lastsMs: 12 * HOUR_MS,
    check: ({ statuses }) => ((statuses.get('sessionRenewed') ?? 0) > 12 * 30 ? 'logged in too often' : undefined),
  },
  ...[
    ['day-ahead', 'a day ahead', DAY_MS],
    ['day-back', 'a day back', -DAY_MS],
    ['hour-ahead', 'an hour ahead, as after a sleep', HOUR_MS],
  ].map(
    ([id, words, ms]): FaultScenario => ({
      id: `field-clock-${id}`,
      group: 'field',
      what: `the time of day jumps ${words}, and the connection is lost`,
      jumpMs: Number(ms),
      strike: ({ simulator, time }) => {
        time.clock.jump(Number(ms));
        simulator.faults.dropAll();
      },
    }),
  ),
];
