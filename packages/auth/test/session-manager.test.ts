import { describe, expect, it } from '@jest/globals';
import {
  type Credentials,
  createSessionManager,
  type ProviderContext,
  type Session,
  type SessionManager,
} from '@lp/auth';
import {
  AuthError,
  ClosedError,
  ConfigError,
  InvalidCredentialsError,
  type Logger,
  OutcomeUnknownError,
  SessionExpiredError,
} from '@lp/core';
import { startClient, type TestClient } from './support/client.ts';
import { rejection, thrown } from './support/errors.ts';
import { ACCOUNT, loginBody, type Platform, type RouteResponse } from './support/platform.ts';

const REFRESH_MS = 240_000;

/** Each login gives another bearer: bearer-1, bearer-2 … */
function numberLogins(platform: Platform): void {
  let count = 0;
  platform.on('/login', () => {
    count++;
    return {
      body: loginBody({ bearer: `bearer-${count}`, csrf: `csrf-${count}` }),
      headers: { 'set-cookie': `session_id=c${count}` },
    };
  });
}

/** Responds to a path with each of these in turn, the last one for ever. */
function inTurn(...responses: RouteResponse[]): () => RouteResponse {
  let next = 0;
  return () => responses[Math.min(next++, responses.length - 1)] as RouteResponse;
}

async function start(options: Parameters<typeof startClient>[0] = {}): Promise<TestClient> {
  const client = await startClient(options);
  numberLogins(client.platform);
  return client;
}

function warnings(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const nothing = () => undefined;
  const keep = (message: string) => void lines.push(message);
  return { lines, logger: { debug: nothing, info: nothing, warn: keep, error: keep } };
}

describe('the current session', () => {
  it('is made at the first call, once for two hundred callers', async () => {
    await using client = await start();
    expect(client.manager.current).toBeUndefined();
    expect(client.manager.status().state).toBe('idle');
    const sessions = await Promise.all(Array.from({ length: 200 }, () => client.manager.session()));
    expect(new Set(sessions).size).toBe(1);
    expect(client.platform.count('/login')).toBe(1);
    expect(client.manager.current).toBe(sessions[0]);
    expect(await client.manager.session()).toBe(sessions[0]);
    expect(client.events).toEqual([]);
  });

  it('is that of a provider, which is told how often it was asked', async () => {
    const contexts: Pick<ProviderContext, 'reason' | 'attempt'>[] = [];
    const provider = ({ reason, attempt }: ProviderContext) => {
      contexts.push({ reason, attempt });
      return contexts.length < 3
        ? Promise.reject(new Error('not yet'))
        : Promise.resolve({ bearer: `b${attempt}`, userId: '1' });
    };
    await using client = await start({ credentials: { provider }, renewSpacingMs: 0 });
    await rejection(client.manager.session());
    await rejection(client.manager.session());
    await client.manager.session();
    await client.manager.renew('test');
    expect(contexts).toEqual([
      { reason: 'first', attempt: 1 },
      { reason: 'first', attempt: 2 },
      { reason: 'first', attempt: 3 },
      { reason: 'renewal', attempt: 1 },
    ]);
  });

  it('is waited for while a renewal is under way', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    const first = await client.manager.session();
    const renewal = client.manager.renew('the socket was refused');
    expect(client.manager.status().state).toBe('renewing');
    const second = await client.manager.session();
    expect(second).not.toBe(first);
    expect(await renewal).toBe(second);
  });

  it('is left to the other callers when one of them aborts', async () => {
    await using client = await start();
    const controller = new AbortController();
    const gone = rejection(client.manager.session({ signal: controller.signal }));
    const stays = client.manager.session();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    expect((await stays).bearer).toBe('bearer-1');
  });

  it.each(['/service/baseURI.json', '/login'])('is given up when every caller aborts during %s', async (ending) => {
    await using client = await start();
    const hungUp = new Promise<void>((resolve) => {
      client.platform.on(ending, () => (response) => response.on('close', resolve));
    });
    const controller = new AbortController();
    const gone = rejection(client.manager.session({ signal: controller.signal }));
    await client.platform.arrived(ending);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    await hungUp;
    expect(client.manager.status()).toMatchObject({ state: 'idle', failures: 0 });
    expect(client.events).toEqual([]);
  });

  it('is not touched by a response that comes after everybody has gone', async () => {
    let give: (session: Session) => void = () => undefined;
    const provider = () => new Promise<Session>((resolve) => (give = resolve));
    await using client = await start({ credentials: { provider } });
    const controller = new AbortController();
    const gone = rejection(client.manager.session({ signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await gone;
    give({ bearer: 'late', userId: '1' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.manager.current).toBeUndefined();
  });
});

describe('renewal', () => {
  // verifies: status:session-renewed
  it('swaps the token, tells it, and is what the next call gets', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    const first = await client.manager.session();
    const second = await client.manager.renew('close code 4401');
    expect([first.bearer, second.bearer]).toEqual(['bearer-1', 'bearer-2']);
    expect(await client.manager.session()).toBe(second);
    expect(client.events).toEqual([{ type: 'sessionRenewed', at: client.clock.now(), reason: 'close code 4401' }]);
    expect(client.manager.status()).toMatchObject({ state: 'active', logins: 2 });
  });

  // verifies: session:renew
  it('happens once for all who notice, early or late', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    const bad = await client.manager.session();
    const early = await Promise.all(Array.from({ length: 50 }, () => client.manager.renew('401', { unless: bad })));
    const late = await client.manager.renew('401', { unless: bad });
    expect(new Set([...early, late]).size).toBe(1);
    expect(client.platform.count('/login')).toBe(2);
  });

  it('is the first login when there is no session yet', async () => {
    await using client = await start();
    expect((await client.manager.renew('reauth')).bearer).toBe('bearer-1');
    expect(client.events).toEqual([]);
  });

  // verifies: threat:second-login
  it('keeps five seconds between logins, whatever is asked', async () => {
    await using client = await start();
    await client.manager.session();
    await client.clock.advance(1_000);
    const renewal = client.manager.renew('one');
    await client.clock.advance(3_999);
    expect(waitsForLogin(client)).toBe(true);
    expect(client.manager.status().nextLoginAt).toBe(client.clock.now() + 1);
    await client.clock.advance(1);
    expect(waitsForLogin(client)).toBe(false);
    expect((await renewal).bearer).toBe('bearer-2');
  });

  it('keeps that distance after failures, too', async () => {
    await using client = await start();
    client.platform.on('/login', () => ({ status: 500 }));
    await rejection(client.manager.session());
    const again = rejection(client.manager.session());
    await client.clock.advance(4_999);
    expect(waitsForLogin(client)).toBe(true);
    await client.clock.advance(1);
    await again;
    expect(client.platform.count('/login')).toBe(2);
  });

  it('can be aborted while it waits for its turn', async () => {
    await using client = await start();
    const first = await client.manager.session();
    const controller = new AbortController();
    const reason = new Error('enough');
    const renewal = rejection(client.manager.renew('one', { signal: controller.signal }));
    await client.clock.advance(1_000);
    controller.abort(reason);
    expect(await renewal).toBe(reason);
    expect(await client.manager.session()).toBe(first);
    expect(client.platform.count('/login')).toBe(1);
  });

  it('waits no longer than five seconds though the clock is set back by an hour', async () => {
    await using client = await start();
    await client.manager.session();
    client.clock.jump(-3_600_000);
    const renewal = client.manager.renew('one');
    await client.clock.advance(5_000);
    expect((await renewal).bearer).toBe('bearer-2');
  });

  it('honours what the platform asks for', async () => {
    await using client = await start();
    client.platform.on('/login', inTurn({ status: 429, headers: { 'retry-after': '60' } }, { body: loginBody() }));
    expect(await rejection(client.manager.session())).toMatchObject({
      retryable: true,
      context: { retryAfterMs: 60_000 },
    });
    const again = client.manager.session();
    await client.clock.advance(59_999);
    expect(waitsForLogin(client)).toBe(true);
    await client.clock.advance(1);
    expect((await again).bearer).toBe('bearer-0001');
  });

  // verifies: session:hurry
  it('does not wait for what the platform asks for when it is hurried, but for the spacing', async () => {
    await using client = await start();
    client.platform.on('/login', inTurn({ status: 429, headers: { 'retry-after': '3600' } }, { body: loginBody() }));
    await rejection(client.manager.session());
    const again = client.manager.session();
    await client.clock.advance(1_000);
    expect(waitsForLogin(client)).toBe(true);
    client.manager.hurry();
    await client.settled();
    await client.clock.advance(3_999);
    expect(waitsForLogin(client)).toBe(true);
    await client.clock.advance(1);
    expect((await again).bearer).toBe('bearer-0001');
    expect(client.manager.status().nextLoginAt).toBe(client.clock.now() + 5_000);
  });

  it('never comes sooner than five seconds because the platform asks for less', async () => {
    await using client = await start();
    client.platform.on('/login', inTurn({ status: 429, headers: { 'retry-after': '1' } }, { body: loginBody() }));
    await rejection(client.manager.session());
    const again = client.manager.session();
    await client.clock.advance(4_999);
    expect(waitsForLogin(client)).toBe(true);
    await client.clock.advance(1);
    expect((await again).bearer).toBe('bearer-0001');
  });

  // verifies: session:login-retry
  it('that fails for the moment leaves the old session in place', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    const first = await client.manager.session();
    client.platform.on('/login', () => ({ status: 503 }));
    const failure = await rejection(client.manager.renew('test'));
    expect(failure).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
    expect(client.manager.current).toBe(first);
    expect(client.events).toEqual([{ type: 'sessionFailed', at: client.clock.now(), reason: 'test', error: failure }]);
    expect(client.manager.status()).toMatchObject({
      state: 'active',
      failures: 1,
      lastError: { code: 'AUTH_FAILED', retryable: true, message: failure.message },
    });
    numberLogins(client.platform);
    await client.manager.renew('test');
    expect(client.manager.status().failures).toBe(0);
  });
});

describe('a refusal for good', () => {
  it.each<[string, number, new (...args: never[]) => Error]>([
    ['wrong credentials', 401, InvalidCredentialsError],
    ['a blocked account', 451, AuthError],
    ['any other 4xx', 403, AuthError],
  ])('is sent for once and remembered: %s', async (_name, status, kind) => {
    await using client = await start();
    client.platform.on('/login', () => ({ status, body: { error: 'no' } }));
    const failure = await rejection(client.manager.session());
    expect(failure).toBeInstanceOf(kind);
    expect(failure.retryable).toBe(false);
    for (const call of [client.manager.session(), client.manager.renew('again'), client.manager.refresh()]) {
      expect(await rejection(call)).toBe(failure);
    }
    expect(client.clock.pendingTimers).toBe(0);
    expect(client.platform.count('/login')).toBe(1);
    expect(client.manager.status()).toMatchObject({ state: 'failed', failures: 1, nextUpkeepAt: undefined });
    expect(client.events).toHaveLength(1);
  });

  // verifies: session:login-unclear
  it('is a 4xx without the platform’s own words only once it has gone on for ten minutes', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    client.platform.on('/login', () => ({ status: 403 }));
    for (let tries = 0; tries < 5; tries++) {
      const failure = await rejection(client.manager.session());
      expect(failure).toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
      await client.clock.advance(120_000);
    }
    const failure = await rejection(client.manager.session());
    expect(failure).toMatchObject({ code: 'AUTH_FAILED', retryable: false, context: { status: 403 } });
    expect(failure.message).toMatch(/6 times in 10 min and is taken for the platform's/);
    expect(await rejection(client.manager.session())).toBe(failure);
    expect(client.platform.count('/login')).toBe(6);
  });

  it('is none of those 4xx when something else was seen in between', async () => {
    await using client = await start({ renewSpacingMs: 0 });
    client.platform.on('/login', inTurn({ status: 404 }, { status: 503 }, { status: 404 }, { status: 404 }));
    for (let tries = 0; tries < 5; tries++) {
      expect(await rejection(client.manager.session())).toMatchObject({ retryable: true });
      await client.clock.advance(240_000);
    }
  });

  // verifies: session:login-refused
  it('stops the upkeep of a session that still lives', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 451 }));
    const failed = client.next('sessionFailed');
    await client.clock.advance(REFRESH_MS);
    expect((await failed).error?.context['status']).toBe(451);
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.clock.pendingTimers).toBe(0);
    expect(await rejection(client.manager.session())).toMatchObject({ code: 'AUTH_FAILED', retryable: false });
  });

  // verifies: session:blocked
  it('is a look-up that says the account is blocked', async () => {
    await using client = await start();
    client.platform.on('/service/baseURI.json', () => ({ status: 451 }));
    const failure = await rejection(client.manager.session());
    expect(failure).toMatchObject({ code: 'DOMAIN_LOOKUP_FAILED', context: { status: 451 } });
    expect(await rejection(client.manager.session())).toBe(failure);
  });

  it('is not what a failing look-up is: the account may come back', async () => {
    await using client = await start({ renewSpacingMs: 0, domainCacheMs: 0 });
    const list = () => ({ body: { baseURIs: [{ service: 'agentVep', baseURI: client.platform.host }] } });
    client.platform.on('/service/baseURI.json', inTurn({ status: 404, body: { error: 'no' } }, list()));
    expect(await rejection(client.manager.session())).toMatchObject({ code: 'DOMAIN_LOOKUP_FAILED', retryable: false });
    expect((await client.manager.session()).bearer).toBe('bearer-1');
  });
});

describe('upkeep', () => {
  // verifies: session:refresh, status:session-refreshed
  it('refreshes every four minutes with csrf and cookie, through three lives of a session, and logs in once', async () => {
    await using client = await start();
    const session = await client.manager.session();
    const day = 24 * 15;
    for (let i = 1; i <= day; i++) {
      const refreshed = client.next('sessionRefreshed');
      await client.clock.advance(REFRESH_MS);
      await refreshed;
    }
    expect(client.platform.count('/refresh')).toBe(day);
    expect(client.platform.count('/login')).toBe(1);
    expect(await client.manager.session()).toBe(session);
    expect(client.platform.seen.at(-1)).toMatchObject({
      body: '{"csrf":"csrf-1"}',
      headers: { cookie: 'session_id=c1' },
    });
    expect(client.manager.status()).toMatchObject({
      refreshes: day,
      tokenAgeMs: day * REFRESH_MS,
      lastRefreshAt: client.clock.now(),
      nextUpkeepAt: client.clock.now() + REFRESH_MS,
      expiresAt: client.clock.now() + 28_800_000,
    });
  });

  it('takes the interval it is given', async () => {
    await using client = await start({ refreshIntervalMs: 1_000 });
    await client.manager.session();
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + 1_000);
    await client.clock.advance(1_000);
    await client.platform.arrived('/refresh');
  });

  it('never refreshes when told so', async () => {
    await using client = await start({ refreshIntervalMs: false });
    client.platform.on('/login', () => ({ body: loginBody({ sessionTTl: undefined }) }));
    await client.manager.session();
    expect(client.clock.pendingTimers).toBe(0);
    await client.manager.refresh();
    expect(client.platform.count('/refresh')).toBe(1);
    expect(client.clock.pendingTimers).toBe(0);
  });

  // verifies: session:refresh-401
  it('renews a session that the platform no longer knows, and goes on', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', inTurn({ status: 401 }, {}));
    const renewed = client.next('sessionRenewed');
    await client.clock.advance(REFRESH_MS);
    expect(await renewed).toMatchObject({ reason: 'refresh responded with 401' });
    expect((await client.manager.session()).bearer).toBe('bearer-2');
    const refreshed = client.next('sessionRefreshed');
    await client.clock.advance(REFRESH_MS);
    await refreshed;
    expect(client.platform.seen.at(-1)?.body).toBe('{"csrf":"csrf-2"}');
    expect(client.events.map((event) => event.type)).toEqual(['sessionRenewed', 'sessionRefreshed']);
  });

  // verifies: session:refresh-retry
  it('tries again after 5, 10 and 15 seconds, then after 2, 4 and 8 minutes, when a refresh fails', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 500 }));
    let failed = client.next('sessionFailed');
    await client.clock.advance(REFRESH_MS);
    await failed;
    for (const delayMs of [5_000, 10_000, 15_000, 120_000, 240_000, 480_000, 480_000]) {
      await settled(client.manager);
      expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + delayMs);
      failed = client.next('sessionFailed');
      await client.clock.advance(delayMs);
      await failed;
    }
    await settled(client.manager);
    client.platform.on('/refresh', () => ({}));
    const refreshed = client.next('sessionRefreshed');
    await client.clock.advance(480_000);
    await refreshed;
    expect(client.manager.status()).toMatchObject({ failures: 0, nextUpkeepAt: client.clock.now() + REFRESH_MS });
    expect(client.platform.count('/login')).toBe(1);
  });

  it('waits as long as the platform asks when a refresh comes too often', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', inTurn({ status: 429, headers: { 'retry-after': '90' } }, {}));
    const failed = client.next('sessionFailed');
    await client.clock.advance(REFRESH_MS);
    await failed;
    await settled(client.manager);
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + 90_000);
  });

  // verifies: session:refresh-refused
  it('does not hurry a refresh that is refused for good, and keeps the session', async () => {
    await using client = await start();
    const session = await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 403, body: { error: 'no' } }));
    const failed = client.next('sessionFailed');
    await client.clock.advance(REFRESH_MS);
    await failed;
    await settled(client.manager);
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + REFRESH_MS);
    expect(await client.manager.session()).toBe(session);
  });

  it('gets through a platform that is away, without anyone asking', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', inTurn({ status: 401 }));
    client.platform.on('/login', () => ({ status: 503 }));
    for (const delayMs of [REFRESH_MS, 5_000, 10_000]) {
      const failed = client.next('sessionFailed');
      await client.clock.advance(delayMs);
      await failed;
      await settled(client.manager);
    }
    numberLogins(client.platform);
    const renewed = client.next('sessionRenewed');
    await client.clock.advance(15_000);
    await renewed;
    expect((await client.manager.session()).bearer).toBe('bearer-1');
    expect(client.manager.status()).toMatchObject({ failures: 0 });
  });

  it('spreads its tries out', async () => {
    await using client = await start({ random: () => 0.5 });
    await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 500 }));
    const failed = client.next('sessionFailed');
    await client.clock.advance(REFRESH_MS);
    await failed;
    await settled(client.manager);
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + 5_500);
  });

  it('goes on when a page with the status of a block was in the way once', async () => {
    await using client = await start();
    const page = { status: 451, body: '<html>unavailable for legal reasons</html>' };
    client.platform.on('/login', inTurn(page, { body: loginBody() }));
    expect(await rejection(client.manager.session())).toMatchObject({ code: 'NOT_CONNECTED', retryable: true });
    const again = client.manager.session();
    await client.clock.advance(180_000);
    expect((await again).bearer).toBeTruthy();
  });

  it.each([200, 401, 403, 500])(
    'ignores a response of %d to a refresh of a session that was replaced meanwhile',
    async (status) => {
      await using client = await start({ renewSpacingMs: 0 });
      await client.manager.session();
      let refuse: (given: RouteResponse) => void = () => undefined;
      client.platform.on('/refresh', () => new Promise((resolve) => (refuse = resolve)));
      const refresh = client.manager.refresh();
      await client.platform.arrived('/refresh');
      const renewed = await client.manager.renew('meanwhile');
      refuse({ status });
      await refresh;
      expect(await client.manager.session()).toBe(renewed);
      expect(client.platform.count('/login')).toBe(2);
      expect(client.events.map((event) => event.type)).toEqual(['sessionRenewed']);
    },
  );

  // verifies: session:run-out
  it('is due at once after a long sleep, and a session that ran out in it is not given to anyone', async () => {
    await using client = await start();
    await client.manager.session();
    client.clock.jump(9 * 3_600_000);
    expect((await client.manager.session()).bearer).toBe('bearer-2');
    expect(client.events).toMatchObject([{ type: 'sessionRenewed', reason: 'expired' }]);
  });

  it('lets a clock that is set back by hours change nothing', async () => {
    await using client = await start();
    const session = await client.manager.session();
    client.clock.jump(-5 * 3_600_000);
    expect(await client.manager.session()).toBe(session);
    const refreshed = client.next('sessionRefreshed');
    await client.clock.advance(REFRESH_MS);
    await refreshed;
    expect(client.platform.count('/login')).toBe(1);
  });
});

describe('a session that cannot be refreshed', () => {
  function provided(lifetimeMs: number): Credentials {
    let count = 0;
    return {
      provider: () => {
        count++;
        return Promise.resolve({ bearer: `b${count}`, userId: '1', expiresAt: now() + lifetimeMs });
      },
    };
  }
  let now: () => number = () => 0;

  // verifies: session:no-csrf
  it('is renewed a minute before it ends, over and over', async () => {
    await using client = await start({ credentials: provided(3_600_000) });
    now = () => client.clock.now();
    await client.manager.session();
    for (let hour = 1; hour <= 48; hour++) {
      const renewed = client.next('sessionRenewed');
      await client.clock.advance(3_600_000 - 60_000);
      expect(await renewed).toMatchObject({ reason: 'about to expire' });
    }
    expect(client.manager.current?.bearer).toBe('b49');
    expect(client.platform.seen).toEqual([]);
  });

  // verifies: session:no-csrf
  it('that lives for seconds is renewed in its last tenth', async () => {
    await using client = await start({ credentials: provided(100_000) });
    now = () => client.clock.now();
    await client.manager.session();
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + 90_000);
  });

  it('that outlives the longest timer is not renewed early', async () => {
    const months = 90 * 24 * 3_600_000;
    await using client = await start({ credentials: provided(months) });
    now = () => client.clock.now();
    const session = await client.manager.session();
    client.clock.jump(-10 * 24 * 3_600_000);
    await client.clock.advance(months - 60_000);
    expect(client.manager.current).toBe(session);
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + 10 * 24 * 3_600_000);
  });

  it('is not renewed in a hurry by a provider that has nothing to give', async () => {
    let failing = false;
    const good = provided(3_600_000) as { provider: () => Promise<Session> };
    const provider = () => (failing ? Promise.reject(new ConfigError('no such bot')) : good.provider());
    await using client = await start({ credentials: { provider } });
    now = () => client.clock.now();
    await client.manager.session();
    failing = true;
    await client.clock.advance(3_540_000);
    for (const delayMs of [5_000, 10_000, 15_000]) {
      await settled(client.manager);
      expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + delayMs);
      await client.clock.advance(delayMs);
    }
    failing = false;
    await settled(client.manager);
    await client.clock.advance(120_000);
    expect((await client.manager.session()).bearer).toBe('b2');
  });

  it('is renewed when a refresh is asked for', async () => {
    await using client = await start({ credentials: provided(3_600_000), renewSpacingMs: 0 });
    now = () => client.clock.now();
    await client.manager.session();
    await client.manager.refresh();
    expect(client.manager.current?.bearer).toBe('b2');
  });

  // verifies: error:session, auth-error:session
  it('with a bearer of your own says so, and keeps giving it', async () => {
    await using client = await start({ credentials: { token: 'own', userId: '1' } });
    const session = await client.manager.session();
    expect(client.clock.pendingTimers).toBe(0);
    const refusal = await rejection(client.manager.refresh());
    expect(refusal).toBeInstanceOf(AuthError);
    expect(refusal.message).toContain('a bearer of your own cannot be refreshed');
    const failure = await rejection(client.manager.renew('close code 4401'));
    expect(failure).toBeInstanceOf(SessionExpiredError);
    expect(failure.message).toBe('the platform no longer accepts the given token: connect again with a new one');
    expect(failure.retryable).toBe(false);
    expect(await client.manager.session()).toBe(session);
    expect(client.platform.seen).toEqual([]);
  });
});

describe('refresh by hand', () => {
  it('logs in when there is no session', async () => {
    await using client = await start();
    await client.manager.refresh();
    expect(client.platform.count('/login')).toBe(1);
    expect(client.platform.count('/refresh')).toBe(0);
  });

  it('is shared by all who ask at once, and puts the next one off', async () => {
    await using client = await start();
    await client.manager.session();
    await client.clock.advance(REFRESH_MS - 1);
    await Promise.all([client.manager.refresh(), client.manager.refresh(), client.manager.refresh()]);
    expect(client.platform.count('/refresh')).toBe(1);
    expect(client.manager.status().nextUpkeepAt).toBe(client.clock.now() + REFRESH_MS);
    expect(client.clock.pendingTimers).toBe(1);
  });

  it('rejects when the refresh fails', async () => {
    await using client = await start();
    await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 500 }));
    expect(await rejection(client.manager.refresh())).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
    expect(client.events).toMatchObject([{ type: 'sessionFailed', reason: 'refresh' }]);
  });
});

describe('closing', () => {
  it('ends upkeep and refuses what comes after', async () => {
    await using client = await start();
    await client.manager.session();
    await client.manager.close();
    expect(client.clock.pendingTimers).toBe(0);
    for (const call of [client.manager.session(), client.manager.renew('x'), client.manager.refresh()]) {
      expect(await rejection(call)).toBeInstanceOf(ClosedError);
    }
    expect(client.manager.current).toBeUndefined();
    expect(client.manager.status().state).toBe('closed');
    await client.manager.close();
    expect(client.platform.count('/logout')).toBe(0);
  });

  it.each(['/service/baseURI.json', '/login', '/refresh'])('ends a call that hangs in %s', async (ending) => {
    await using client = await start();
    if (ending === '/refresh') await client.manager.session();
    client.platform.on(ending, () => () => undefined);
    const call = rejection(ending === '/refresh' ? client.manager.refresh() : client.manager.session());
    await client.platform.arrived(ending);
    await client.manager.close();
    expect(await call).toBeInstanceOf(ClosedError);
    expect(client.clock.pendingTimers).toBe(0);
    expect(client.events).toEqual([]);
  });

  it.each([new Error('bye'), 'text', 0, null])(
    'ends a call under way with the reason it is given: %p',
    async (reason) => {
      await using client = await start();
      await client.manager.session();
      client.platform.on('/refresh', () => () => undefined);
      const call = rejection(client.manager.refresh());
      await client.platform.arrived('/refresh');
      await client.manager.close({ reason });
      expect(await call).toBe(reason);
    },
  );

  it('ends a renewal that waits for its turn', async () => {
    await using client = await start();
    await client.manager.session();
    const renewal = rejection(client.manager.renew('test'));
    await client.clock.advance(1);
    await client.manager.close();
    expect(await renewal).toBeInstanceOf(ClosedError);
    expect(client.clock.pendingTimers).toBe(0);
    expect(client.platform.count('/login')).toBe(1);
  });

  it.each([
    ['by the option', true, undefined],
    ['by the call', false, true],
  ])('logs out when asked %s', async (_name, logoutOnClose, asked) => {
    await using client = await start({ logoutOnClose });
    await client.manager.session();
    await client.manager.close(asked === undefined ? {} : { logout: asked });
    expect(client.platform.seen.at(-1)).toMatchObject({
      path: `/api/account/${ACCOUNT}/logout`,
      body: '{"csrf":"csrf-1"}',
      headers: { cookie: 'session_id=c1' },
    });
  });

  it('does not log out when the call says otherwise, or nobody is logged in', async () => {
    await using client = await start({ logoutOnClose: true });
    await client.manager.session();
    await client.manager.close({ logout: false });
    await using other = await start({ logoutOnClose: true });
    await other.manager.close();
    expect(client.platform.count('/logout') + other.platform.count('/logout')).toBe(0);
  });

  it('is not kept by a logout that fails or hangs', async () => {
    const { logger, lines } = warnings();
    await using client = await start({ logoutOnClose: true, logger });
    await client.manager.session();
    client.platform.on('/logout', () => () => undefined);
    const closed = client.manager.close();
    await client.platform.arrived('/logout');
    await client.clock.advance(3_000);
    await closed;
    expect(lines).toEqual(['the logout failed; the session runs out by itself']);
    expect(client.clock.pendingTimers).toBe(0);
  });

  it.each(Array.from({ length: 12 }, (_, depth) => depth))(
    'keeps no session that arrives as it happens, %d microtasks apart',
    async (depth) => {
      const holder: { manager?: SessionManager } = {};
      const closeAfter = (left: number): void => {
        if (left > 0) queueMicrotask(() => closeAfter(left - 1));
        else void holder.manager?.close();
      };
      const provider = () => {
        closeAfter(depth);
        return Promise.resolve({ bearer: 'b', userId: '1', expiresAt: Number.MAX_SAFE_INTEGER });
      };
      await using client = await start({ credentials: { provider } });
      holder.manager = client.manager;
      await client.manager.session().catch(() => undefined);
      await client.manager.close();
      expect(client.manager.current).toBeUndefined();
      expect(client.clock.pendingTimers).toBe(0);
    },
  );

  it('happens at the end of its scope', async () => {
    await using client = await start();
    await client.manager.session();
    await client.manager[Symbol.asyncDispose]();
    expect(client.manager.status().state).toBe('closed');
  });
});

describe('listeners', () => {
  it('are called at once, in order, until they are taken off, and one that throws disturbs nobody', async () => {
    const { logger, lines } = warnings();
    await using client = await start({ renewSpacingMs: 0, logger });
    const calls: string[] = [];
    client.manager.onChange(() => {
      calls.push('first');
      throw new TypeError('broken');
    });
    const stop = client.manager.onChange(() => void calls.push('second'));
    await client.manager.session();
    await client.manager.renew('one');
    stop();
    await client.manager.renew('two');
    expect(calls).toEqual(['first', 'second', 'first']);
    expect(lines).toEqual(Array(2).fill('a listener of the session threw'));
  });
});

describe('two managers of one login', () => {
  const SHARED =
    'another session manager of this process uses the same login: each login makes the token of the other invalid';

  async function second(client: TestClient, credentials: Credentials): Promise<string[]> {
    const { logger, lines } = warnings();
    const { domains, http } = client;
    await createSessionManager({ accountId: ACCOUNT, credentials, domains, http, logger }).close();
    return lines;
  }

  // verifies: threat:second-login
  it('are warned of', async () => {
    await using client = await start({ credentials: { username: 'twin', password: 'x' } });
    expect(await second(client, { username: 'twin', password: 'x' })).toEqual([SHARED]);
  });

  it('are fine one after the other, for different users, and without a user name', async () => {
    await using client = await start({ credentials: { username: 'lone', password: 'x' } });
    expect(await second(client, { username: 'other', password: 'x' })).toEqual([]);
    expect(await second(client, { token: 'lone', userId: '1' })).toEqual([]);
    await client.manager.close();
    expect(await second(client, { username: 'lone', password: 'x' })).toEqual([]);
  });
});

it.each([
  [{ refreshIntervalMs: 0 }],
  [{ refreshIntervalMs: Number.NaN }],
  [{ renewSpacingMs: -1 }],
  [{ accountId: 'a/b' }],
  [{ credentials: { username: 'x' } as Credentials }],
])('refuses %j', async (change) => {
  await using client = await start();
  const { domains, http } = client;
  const options = { accountId: ACCOUNT, credentials: { token: 't', userId: '1' }, domains, http, ...change };
  expect(thrown(() => createSessionManager(options))).toBeInstanceOf(ConfigError);
});

/** Resolves when what follows a failed step, the setting of the next one, is done. */
async function settled(manager: SessionManager): Promise<void> {
  while (manager.status().nextUpkeepAt === undefined) await new Promise((resolve) => setImmediate(resolve));
}

/** True while a login waits for its turn: besides the upkeep of a session, that is the only timer there is. */
function waitsForLogin({ clock, manager }: TestClient): boolean {
  return clock.pendingTimers > (manager.status().nextUpkeepAt === undefined ? 0 : 1);
}

describe('a session of your own', () => {
  const OWN = { token: 'own', csrf: 'own-csrf', sessionId: 'own-cookie' };

  it('is extended every four minutes with what it came with', async () => {
    await using client = await start({ credentials: OWN });
    await client.manager.session();
    for (let i = 0; i < 3; i++) {
      const refreshed = client.next('sessionRefreshed');
      await client.clock.advance(REFRESH_MS);
      await refreshed;
    }
    expect(client.platform.seen.at(-1)).toMatchObject({
      body: '{"csrf":"own-csrf"}',
      headers: { cookie: 'session_id=own-cookie' },
    });
    expect(client.platform.count('/login')).toBe(0);
  });

  it('cannot be renewed when the platform no longer knows it', async () => {
    await using client = await start({ credentials: OWN });
    await client.manager.session();
    client.platform.on('/refresh', () => ({ status: 401 }));
    const failure = await rejection(client.manager.refresh());
    expect(failure).toBeInstanceOf(SessionExpiredError);
    expect(failure.message).toContain('connect again with a new one');
    expect(client.platform.count('/login')).toBe(0);
  });

  it('is ended at the platform when asked', async () => {
    await using client = await start({ credentials: OWN });
    await client.manager.session();
    await client.manager.close({ logout: true });
    expect(client.platform.seen.at(-1)).toMatchObject({ path: `/api/account/${ACCOUNT}/logout` });
  });
});

// verifies: session:hung
it('asks a provider anew that did not settle within a minute, also when only upkeep waits for it', async () => {
  const signals: AbortSignal[] = [];
  let now = () => 0;
  const provider = ({ signal }: ProviderContext) => {
    signals.push(signal);
    if (signals.length === 2) return new Promise<Session>(() => undefined);
    return Promise.resolve({ bearer: `b${signals.length}`, userId: '1', expiresAt: now() + 600_000 });
  };
  await using client = await startClient({ credentials: { provider }, renewSpacingMs: 0 });
  now = () => client.clock.now();
  await client.manager.session();
  await client.clock.advance(540_000);
  expect(client.manager.status().state).toBe('renewing');
  await client.clock.advance(60_000);
  expect(signals[1]?.aborted).toBe(true);
  expect(client.manager.status().lastError?.message).toContain('the credentials provider took longer than 60 s');
  expect((await client.manager.session()).bearer).toBe('b3');
});

it('is not ended by a provider that gives junk, or whose own request is lost, once', async () => {
  const results: (() => unknown)[] = [
    () => ({ bearer: 'b1', userId: '1' }),
    () => undefined,
    () => {
      throw new OutcomeUnknownError('the exchange broke off', { context: { host: 'vault' } });
    },
    () => ({ bearer: 'b2', userId: '1' }),
  ];
  const provider = async () => results.shift()?.() as Session;
  await using client = await startClient({ credentials: { provider }, renewSpacingMs: 0 });
  await client.manager.session();
  for (let i = 0; i < 2; i++) expect(await rejection(client.manager.renew('test'))).toMatchObject({ retryable: true });
  expect((await client.manager.renew('test')).bearer).toBe('b2');
});

it('puts logins off for an hour at most when a provider names any other time', async () => {
  const refusals = [Date.now(), 'soon', -1].map(
    (retryAfterMs) => new AuthError('busy', { retryable: true, context: { retryAfterMs } }),
  );
  const provider = () => Promise.reject(refusals.shift() as Error);
  await using client = await startClient({ credentials: { provider }, renewSpacingMs: 0 });
  await rejection(client.manager.session());
  expect(client.manager.status().nextLoginAt).toBe(client.clock.now() + 3_600_000);
  for (let i = 0; i < 2; i++) {
    client.manager.hurry();
    await rejection(client.manager.session());
    expect(client.manager.status().nextLoginAt).toBeUndefined();
  }
});

it('keeps logins five seconds away from the response of a 429, also when its Retry-After is shorter', async () => {
  await using client = await start();
  client.platform.on('/login', inTurn({ status: 429, headers: { 'retry-after': '1' } }, { body: loginBody() }));
  await rejection(client.manager.session());
  const later = client.manager.session();
  await client.settled();
  await client.clock.advance(4_999);
  expect(client.platform.count('/login')).toBe(1);
  await client.clock.advance(1);
  await later;
});

it('renews client credentials as it logged in with them', async () => {
  const credentials = { username: 'bot', clientId: 'c', clientSecret: 's' };
  await using client = await start({ credentials, renewSpacingMs: 0 });
  await client.manager.session();
  await client.manager.renew('test');
  const bodies = client.platform.seen.filter(({ path }) => path.endsWith('/login')).map(({ body }) => body);
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toBe(bodies[0]);
});
