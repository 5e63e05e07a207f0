import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentOptions, connectAgent, type StatusEvent } from '@lp/agent';
import { ConfigError, createManualClock, FencedError, type Logger } from '@lp/core';
import { ACCOUNT, PID, type RawPlatform, startRawPlatform, USER } from '../support/raw-platform.ts';

const CLIENT = { username: 'bot', clientId: 'client', clientSecret: 'client-secret' };
const QUICK = { initialMs: 1, maxMs: 1, loginSpacingMs: 0, dialSpacingMs: 0, serverErrorDelaysMs: [1], rateLimitMs: 1 };
let platform: RawPlatform;

beforeEach(async () => {
  platform = await startRawPlatform();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const connect = (options: Partial<AgentOptions> = {}) =>
  connectAgent({ accountId: ACCOUNT, csdsDomain: platform.host, credentials: CLIENT, logger: false, ...options });

describe('client credentials', () => {
  // verifies: login:client
  it('log in, and once more for a renewal', async () => {
    await using agent = await connect({ reconnect: { loginSpacingMs: 0, dialSpacingMs: 0 } });
    const reconnected = next(agent.status(), 'reconnected');
    await agent.reconnect({ renewToken: true });
    await reconnected;
    const body = {
      username: 'bot',
      appKey: 'client',
      secret: 'client-secret',
      accessToken: 'dummy',
      accessTokenSecret: 'dummy',
    };
    expect(platform.logins).toEqual([body, body]);
    expect(agent.agentId).toBe(PID);
  });
});

describe('a token of your own', () => {
  const bearer = { token: 'own', userId: USER };
  const session = { token: 'own', csrf: 'own-csrf', sessionId: 'own-cookie' };
  const users = (request: { headers: { authorization?: string | undefined } }, path: string) =>
    path === `/api/account/${ACCOUNT}/configuration/le-users/users/${USER}` &&
    request.headers.authorization === 'Bearer own'
      ? { status: 200, body: { id: Number(USER), pid: PID } }
      : undefined;

  it('is told its PID beforehand', async () => {
    await using agent = await connect({ credentials: { ...bearer, userPid: PID } });
    expect(agent.agentId).toBe(PID);
    expect(platform.requests.map(({ type }) => type)).toEqual(['.GetClock']);
  });

  it('has its PID looked up before the agent is there', async () => {
    platform.http = users;
    await using agent = await connect({ credentials: bearer });
    expect(agent.agentId).toBe(PID);
  });

  it('has both of its ids found when it comes with none', async () => {
    platform.http = users;
    platform.responses.set('.ams.userprofile.GetUserProfile', { userId: `${ACCOUNT}.${USER}` });
    await using agent = await connect({ credentials: session });
    expect(agent).toMatchObject({ userId: USER, agentId: PID });
    expect(platform.logins).toEqual([]);
  });

  it('is an agent without a PID when nobody tells it, and says so where it is asked for', async () => {
    await using agent = await connect({ credentials: bearer });
    expect(agent.userId).toBe(USER);
    expect(() => agent.agentId).toThrow(ConfigError);
    expect(() => agent.agentId).toThrow('give it as credentials.userPid');
    expect(() => JSON.stringify(agent)).not.toThrow();
  });

  it.each([
    ['hangs', undefined],
    ['is not there', { status: 404 }],
    ['says no', { status: 403 }],
    ['gives something else', { status: 200, body: ['x'] }],
  ])('connects though the list of users %s', async (_what, response) => {
    platform.http = (_request, path) => (path.includes('/le-users/') ? (response ?? 'silence') : undefined);
    const clock = createManualClock();
    const connecting = connect({ credentials: bearer, clock });
    if (!response) {
      await platform.arrived('/le-users/');
      await clock.advance(3_000);
    }
    await using agent = await connecting;
    expect(agent.state).toBe('connected');
  });

  it('is refused when the platform does not say whose it is', async () => {
    platform.responses.set('.ams.userprofile.GetUserProfile', {});
    await expect(connect({ credentials: session })).rejects.toThrow('give credentials.userId with the token');
  });

  it.each([503, 429])('is asked for its owner again when the platform is too busy to say: %d', async (code) => {
    platform.responses.set('.ams.userprofile.GetUserProfile', { userId: `${ACCOUNT}.${USER}` });
    platform.codes.set('.ams.userprofile.GetUserProfile', [code, code]);
    const failed = connect({ credentials: session });
    await expect(failed).rejects.toMatchObject({ code: 'REQUEST_REJECTED', status: code, retryable: true });
    await using agent = await connect({ credentials: session, firstConnect: 'retry', reconnect: QUICK });
    expect(agent.userId).toBe(USER);
  });

  const settled = { credentials: { ...bearer, userPid: PID }, reconnect: QUICK };

  it('is dialled with again after an error of the server, and after a page in the way', async () => {
    await using agent = await connect(settled);
    for (const cause of ['error', 'page']) {
      if (cause === 'page') platform.upgrades.push({ status: 401, headers: { 'content-type': 'text/html' } });
      const reconnected = next(agent.status(), 'reconnected');
      platform.revokeAllBut('none', cause === 'page' ? 1001 : 1011);
      await reconnected;
    }
    expect(agent.state).toBe('connected');
  });

  it.each<[string, number, number | undefined]>([
    ['4401', 4401, undefined],
    ['4407', 4407, undefined],
    ['a 401 that is no page', 1001, 401],
  ])('ends the agent when the platform itself no longer takes it: %s', async (_what, code, status) => {
    await using agent = await connect(settled);
    if (status !== undefined) platform.upgrades.push({ status });
    platform.revokeAllBut('none', code);
    expect(await agent.closed).toMatchObject({ code: 'SESSION_EXPIRED' });
  });

  it.each([true, 'ifOld'] as const)('is not renewed by hand, and the agent goes on: %p', async (renewToken) => {
    await using agent = await connect(settled);
    await expect(agent.reconnect({ renewToken })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    await expect(agent.reconnect({ renewToken })).rejects.toThrow('connect again with a new token');
    expect(agent.state).toBe('connected');
    const reconnected = next(agent.status(), 'reconnected');
    await agent.reconnect();
    await reconnected;
  });

  it('is extended when it came with what that takes', async () => {
    await using agent = await connect({ credentials: { ...session, userId: USER, userPid: PID } });
    await agent.refreshSession();
    expect(platform.refreshes).toEqual([{ body: '{"csrf":"own-csrf"}', cookie: 'session_id=own-cookie' }]);
    await using bare = await connect({ credentials: { ...bearer, userPid: PID } });
    await expect(bare.refreshSession()).rejects.toThrow('cannot be refreshed');
  });
});

describe('a session that the platform does not extend', () => {
  // verifies: status:session-failed
  it('is told by status(), with what was refused', async () => {
    await using agent = await connect();
    const told = next(agent.status(), 'sessionFailed');
    platform.http = (_request, path) =>
      path.endsWith('/refresh') ? { status: 403, body: { error: 'no' } } : undefined;
    await expect(agent.refreshSession()).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    const error = expect.objectContaining({ code: 'AUTH_FAILED', retryable: false });
    expect(await told).toEqual({ type: 'sessionFailed', at: expect.any(Number), reason: 'refresh', error });
  });
});

describe('a look-up that lacks a service', () => {
  const lacking = (service: string, times: number) => (_request: unknown, path: string) => {
    if (!path.endsWith('baseURI.json') || times <= 0) return undefined;
    if (path.endsWith(`/${service}/baseURI.json`)) times--;
    const baseURIs = ['agentVep', 'facadeMsg'].filter((one) => one !== service);
    return path.endsWith('/service/baseURI.json')
      ? { status: 200, body: { baseURIs: baseURIs.map((one) => ({ service: one, baseURI: platform.host })) } }
      : { status: 404, body: { error: { message: 'no such service' } } };
  };

  it.each(['agentVep', 'facadeMsg'])('once, at the start, ends nobody who tries again: %s', async (service) => {
    platform.http = lacking(service, 1);
    await using agent = await connect({ firstConnect: 'retry', reconnect: QUICK });
    expect(agent.state).toBe('connected');
  });

  it.each(['agentVep', 'facadeMsg'])('again and again, does: %s', async (service) => {
    platform.http = lacking(service, 9);
    const connecting = connect({ firstConnect: 'retry', reconnect: QUICK });
    await expect(connecting).rejects.toMatchObject({ code: 'DOMAIN_LOOKUP_FAILED', retryable: false });
  });

  it('fails a first connection that is not to be tried again', async () => {
    platform.http = lacking('facadeMsg', 1);
    await expect(connect()).rejects.toThrow('has no service facadeMsg');
  });
});

describe('beforeLogin', () => {
  it('is awaited before the login of an agent, and ends the connection with an error that is final', async () => {
    const fenced = new FencedError('another process has this login now');
    const reasons: string[] = [];
    const beforeLogin: AgentOptions['beforeLogin'] = async ({ reason }) => {
      reasons.push(reason);
      if (reason === 'renewal') throw fenced;
    };
    await using agent = await connect({ beforeLogin, reconnect: { loginSpacingMs: 0, dialSpacingMs: 0 } });
    await expect(agent.reconnect({ renewToken: true })).rejects.toBe(fenced);
    expect(await agent.closed).toBe(fenced);
    expect(reasons).toEqual(['first', 'renewal']);
    expect(platform.logins).toHaveLength(1);
  });

  it('rejects the first connection with its error', async () => {
    const fenced = new FencedError('another process has this login now');
    await expect(connect({ beforeLogin: () => Promise.reject(fenced) })).rejects.toBe(fenced);
    expect(platform.logins).toEqual([]);
  });
});

describe('two agents with one bot user', () => {
  // verifies: status:session-contested
  it('name each other in status and log, and slow down instead of logging each other out for ever', async () => {
    await using strict = await startRawPlatform({ single: true });
    const clock = createManualClock();
    const lines: string[] = [];
    const nothing = () => undefined;
    const logger: Logger = { debug: nothing, info: nothing, error: nothing, warn: (line) => void lines.push(line) };
    const options = { accountId: ACCOUNT, csdsDomain: strict.host, credentials: CLIENT, clock, logger };
    await using one = await connectAgent(options);
    const connecting = connectAgent(options);
    await using two = await connecting;
    const events: StatusEvent[] = [];
    for (const agent of [one, two]) void collect(agent.status(), events);
    for (let elapsed = 0; elapsed < 30 * 60_000; elapsed += 2_500) {
      await clock.advance(2_500);
      await strict.quiet();
    }
    const contested = events.filter((event) => event.type === 'sessionContested');
    expect(contested.length).toBeGreaterThan(2);
    expect(contested[0]).toMatchObject({ losses: 2, error: { code: 'SESSION_EXPIRED', retryable: true } });
    expect(contested.at(-1)?.waitMs).toBeGreaterThan(60_000);
    // One login at every refusal would be more than two hundred.
    expect(strict.logins.length).toBeLessThan(40);
    expect(lines.join('\n')).toContain('another program uses this user');
    expect([one.state, two.state]).not.toContain('closed');
  }, 60_000);
});

async function next(stream: AsyncIterable<StatusEvent>, type: StatusEvent['type']): Promise<StatusEvent | undefined> {
  for await (const event of stream) if (event.type === type) return event;
  return undefined;
}

async function collect(stream: AsyncIterable<StatusEvent>, events: StatusEvent[]): Promise<void> {
  for await (const event of stream) events.push(event);
}
