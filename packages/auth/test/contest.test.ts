import { describe, expect, it } from '@jest/globals';
import { createRestClient, createSessionManager, type Session, type SessionEvent, type SessionManager } from '@lp/auth';
import { createManualClock, type Logger, SessionExpiredError } from '@lp/core';
import { Contest } from '../src/contest.ts';
import { startClient, type TestClient } from './support/client.ts';
import { rejection } from './support/errors.ts';
import { ACCOUNT, loginBody } from './support/platform.ts';

const CREDENTIALS = { username: 'bot', clientId: 'c', clientSecret: 's' };

/** A platform with one session a user: each login makes the bearer, csrf and cookie of the one before invalid. */
async function startStrict(): Promise<TestClient> {
  const client = await startClient({ credentials: CREDENTIALS });
  let valid = 0;
  client.platform.on('/login', () => {
    valid++;
    return {
      body: loginBody({ bearer: `bearer-${valid}`, csrf: `csrf-${valid}` }),
      headers: { 'set-cookie': `session_id=cookie-${valid}` },
    };
  });
  client.platform.on('/refresh', ({ body }) => ({ status: body.includes(`"csrf-${valid}"`) ? 200 : 401 }));
  client.platform.on('/thing', ({ headers }) => ({
    status: headers.authorization === `Bearer bearer-${valid}` ? 200 : 401,
  }));
  return client;
}

/** Another program with the same user, by the same clock. */
function another(
  client: TestClient,
  logger?: Logger,
): { manager: SessionManager; events: SessionEvent[] } & Disposable {
  const { domains, http, clock } = client;
  const options = { accountId: ACCOUNT, credentials: CREDENTIALS, domains, http, clock, random: () => 0, logger };
  const manager = createSessionManager(options);
  const events: SessionEvent[] = [];
  manager.onChange((event) => events.push(event));
  return { manager, events, [Symbol.dispose]: () => void manager.close() };
}

/** Lets the clock run, and everything that follows from each step. */
async function run(client: TestClient, forMs: number, stepMs = 1_000): Promise<void> {
  for (let elapsed = 0; elapsed < forMs; elapsed += stepMs) {
    await client.clock.advance(stepMs);
    await client.settled();
  }
}

/** What a client does that notices at once that its session is gone, such as one with a socket. */
function notices(manager: SessionManager): void {
  const session = manager.current;
  void manager.renew('the socket was refused', { unless: session, revoked: true }).catch(() => undefined);
}

describe('two programs with one user', () => {
  // verifies: session:contested
  it('do not go on logging each other out: the duel is told with what to do, and slows down', async () => {
    await using client = await startStrict();
    const lines: string[] = [];
    const nothing = () => undefined;
    const logger: Logger = { debug: nothing, info: nothing, error: nothing, warn: (line) => void lines.push(line) };
    using other = another(client, logger);
    const rivals = [client.manager, other.manager];
    for (const rival of rivals) await rival.session();
    // A hundred times in an hour and a half each looks whether its session is still the newest, and wants another if not.
    for (let i = 0; i < 1_080; i++) {
      const newest = `bearer-${client.platform.count('/login')}`;
      for (const rival of rivals) if (rival.current?.bearer !== newest) notices(rival);
      await run(client, 5_000, 5_000);
    }
    // A login at every refusal makes more than a thousand of them.
    expect(client.platform.count('/login')).toBeLessThan(60);
    const contested = [...client.events, ...other.events].filter(({ type }) => type === 'sessionContested');
    expect(contested.length).toBeGreaterThan(2);
    expect(contested[0]).toMatchObject({
      losses: 2,
      waitMs: 15_000,
      error: { code: 'SESSION_EXPIRED', retryable: true },
    });
    expect(Math.max(...contested.map(({ waitMs = 0 }) => waitMs))).toBe(300_000);
    expect(lines.find((line) => line.includes('another program uses this user'))).toContain('Stop the other program');
    expect(client.manager.status().contested || other.manager.status().contested).toBe(true);
  }, 60_000);

  it('are found out by refreshes alone, four minutes apart', async () => {
    await using client = await startStrict();
    using other = another(client);
    await client.manager.session();
    await other.manager.session();
    await run(client, 60 * 60_000, 30_000);
    const contested = [...client.events, ...other.events].filter(({ type }) => type === 'sessionContested');
    expect(contested.length).toBeGreaterThan(1);
    expect(client.platform.count('/login')).toBeLessThan(20);
  }, 60_000);

  it('are found out by REST calls alone', async () => {
    await using client = await startStrict();
    using other = another(client);
    const { http, domains, clock } = client;
    const [one, two] = [client.manager, other.manager].map((sessions) =>
      createRestClient({ http, domains, clock, accountId: ACCOUNT, sessions }),
    );
    const call = { service: 'msgHist', method: 'GET', path: '/thing' } as const;
    const codes: string[] = [];
    for (let i = 0; i < 240; i++) {
      for (const rest of [one, two]) {
        void rest?.request(call).catch((error: { code: string }) => codes.push(error.code));
      }
      await run(client, 5_000, 5_000);
    }
    expect(codes).toContain('SESSION_EXPIRED');
    expect(client.platform.count('/login')).toBeLessThan(25);
  }, 60_000);
});

describe('a contested login', () => {
  /** A manager that lost two fresh sessions. */
  async function contested(): Promise<TestClient> {
    const client = await startStrict();
    await client.manager.session();
    notices(client.manager);
    await run(client, 6_000);
    notices(client.manager);
    await run(client, 1_000);
    return client;
  }

  it('gives no session until its time has come, and says how long that is', async () => {
    await using client = await contested();
    const logins = client.platform.count('/login');
    const failure = await rejection(client.manager.session());
    expect(failure).toBeInstanceOf(SessionExpiredError);
    expect(failure).toMatchObject({ retryable: true, context: { losses: 2, retryAfterMs: 14_000 } });
    expect(failure.message).toMatch(/another program uses this user.*give each program a user of its own.*in 14 s/);
    await rejection(client.manager.renew('asked by hand'));
    expect(client.platform.count('/login')).toBe(logins);
    expect(client.events.filter(({ type }) => type === 'sessionContested')).toHaveLength(1);
    expect(client.manager.status()).toMatchObject({ contested: true, lastError: { code: 'SESSION_EXPIRED' } });
    await client.clock.advance(14_000);
    expect((await client.manager.session()).bearer).toBe('bearer-3');
    expect(client.manager.status().contested).toBe(false);
  });

  it('is over when a session lives long', async () => {
    await using client = await contested();
    await client.clock.advance(14_000);
    await client.manager.session();
    await run(client, 20 * 60_000, 60_000);
    notices(client.manager);
    await run(client, 6_000);
    expect(client.manager.current?.bearer).toBe('bearer-4');
    expect(client.events.filter(({ type }) => type === 'sessionContested')).toHaveLength(1);
  });

  it.each([
    ['that runs out by itself', () => ({ unless: undefined })],
    ['that the program gives up by hand', () => ({})],
  ])('is not what follows from a session %s', async (_what, options) => {
    await using client = await startStrict();
    for (let i = 0; i < 6; i++) {
      void client.manager.renew('for another reason', options()).catch(() => undefined);
      await run(client, 6_000);
    }
    expect(client.platform.count('/login')).toBe(6);
    expect(client.events.filter(({ type }) => type === 'sessionContested')).toEqual([]);
  });

  it('is not what a service means that never takes the session', async () => {
    await using client = await startStrict();
    const { http, domains, clock, manager } = client;
    const rest = createRestClient({ http, domains, clock, accountId: ACCOUNT, sessions: manager });
    for (const service of ['agentVep', 'facadeMsg', 'msgHist']) {
      client.platform.on('/never', () => ({ status: 401 }));
      void rest.request({ service, method: 'GET', path: '/never' }).catch(() => undefined);
      await run(client, 6_000);
    }
    expect(client.events.filter(({ type }) => type === 'sessionContested')).toEqual([]);
  });

  it('counts a session once, however many notice its end', async () => {
    await using client = await startStrict();
    const session = await client.manager.session();
    const told = Array.from({ length: 50 }, () =>
      client.manager.renew('refused', { unless: session, revoked: true }).catch(() => undefined),
    );
    await run(client, 6_000);
    await Promise.all(told);
    expect(client.platform.count('/login')).toBe(2);
    expect(client.events.map(({ type }) => type)).toEqual(['sessionRenewed']);
  });
});

describe('the wait of a contested login', () => {
  it.each([
    [0, 15_000],
    [0.5, 22_500],
    [1, 30_000],
  ])('is spread over as much again: with the random number %d it is %d ms', (random, waitMs) => {
    const options = { refreshIntervalMs: false as const, contestedWaitMs: 15_000, random: () => random };
    const clock = createManualClock();
    const contest = new Contest(clock, options);
    const lose = () =>
      contest.sessionLost({ session: {} as Session, obtainedAt: clock.now(), lastGoodAt: clock.now() });
    expect([lose(), lose()]).toEqual([undefined, { losses: 2, waitMs }]);
  });
});
