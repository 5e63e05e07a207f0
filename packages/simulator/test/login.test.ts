import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { agentUrl, type LoginResponse, logIn, open, post, refusedWith } from './support/raw-client.ts';

const clock = createManualClock();
let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }] });
});
afterEach(() => simulator.close());

const at = (call: string) => `${simulator.url}/api/account/${simulator.accountId}/${call}?v=1.3`;

describe('logging in', () => {
  // verifies: login:password
  it('gives the documented response and a session cookie for the right password', async () => {
    const [ada] = simulator.agents;
    const response = await post(at('login'), { username: 'ada', password: ada?.password });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toMatch(/^Session_id=[\w-]+; Path=\/; HttpOnly$/);
    const body = (await response.json()) as LoginResponse;
    expect(body).toMatchObject({
      bearer: expect.stringMatching(/^[0-9a-f]{64}$/),
      csrf: expect.stringMatching(/^[0-9a-f]{64}$/),
      sessionTTl: '28800000',
      config: { loginName: 'ada', userId: ada?.userId, userPid: ada?.pid },
    });
    expect(body.csdsCollectionResponse.baseURIs[0]?.baseURI).toBe(simulator.csdsDomain);
  });

  // verifies: login:api-key, login:saml, rest:login
  it('accepts a complete API key, and a SAML assertion', async () => {
    const bob = simulator.agents[1];
    const { username, appKey, secret, accessToken, accessTokenSecret, assertion, userId } = bob ?? {};
    const byKey = await post(at('login'), { username, appKey, secret, accessToken, accessTokenSecret });
    expect(await byKey.json()).toMatchObject({ config: { userId } });
    const byAssertion = await post(at('login'), { jwt: 'dummy', assertion });
    expect(await byAssertion.json()).toMatchObject({ config: { userId } });
  });

  it.each([
    ['a wrong password', { username: 'ada', password: 'no' }, 401],
    ['an unknown user', { username: 'eve', password: 'no' }, 401],
    ['a wrong key', { username: 'ada', appKey: 'a', secret: 'b', accessToken: 'c', accessTokenSecret: 'd' }, 401],
    ['a wrong assertion', { jwt: 'dummy', assertion: 'no' }, 401],
    ['no password', { username: 'ada' }, 400],
    ['half a key', { username: 'ada', appKey: 'a' }, 400],
  ])('refuses %s with the error object', async (_what, body, status) => {
    const response = await post(at('login'), body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { time: expect.any(String), message: expect.any(String), internalCode: expect.any(Number) },
    });
  });

  it('refuses what is not JSON', async () => {
    const response = await post(at('login'), 'x'.repeat(10));
    expect(response.status).toBe(400);
  });

  it('ends the bearer of the login before, and leaves its open socket alone', async () => {
    const first = await logIn(simulator);
    const socket = await open(agentUrl(simulator, first.bearer));
    const second = await logIn(simulator);
    expect(second.bearer).not.toBe(first.bearer);
    expect(await refusedWith(agentUrl(simulator, first.bearer))).toBe(401);
    expect(await socket.request('.GetClock')).toMatchObject({ code: 200 });
    const other = await open(agentUrl(simulator, second.bearer));
    expect(await other.request('.GetClock')).toMatchObject({ code: 200 });
  });
});

describe('keeping a session', () => {
  const logInWithCookie = async () => {
    const [ada] = simulator.agents;
    const response = await post(at('login'), { username: 'ada', password: ada?.password });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    return { ...((await response.json()) as LoginResponse), cookie };
  };

  // verifies: rest:login
  it('is refreshed by the cookie, in any case, and the csrf token: with an empty response', async () => {
    const { csrf, cookie } = await logInWithCookie();
    const response = await post(at('refresh'), { csrf }, { cookie: cookie.replace('Session_id', 'session_id') });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('refuses a wrong csrf token or a missing cookie', async () => {
    const { csrf, cookie } = await logInWithCookie();
    const wrong = await post(at('refresh'), { csrf: 'f'.repeat(64) }, { cookie });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({
      error: {
        time: expect.stringMatching(/^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/),
        message: 'CSRF token invalid! The CSRF token on request does not match the CSRF token on the session',
        internalCode: 10,
        responseStatus: 'UNAUTHORIZED',
      },
    });
    const without = await post(at('refresh'), { csrf });
    expect(without.status).toBe(401);
    expect(await without.json()).toMatchObject({ error: { message: 'The session does not exist', internalCode: 10 } });
    expect((await post(at('logout'), { csrf: '' }, { cookie })).status).toBe(401);
  });

  it.each([
    [Date.UTC(2016, 8, 22, 16, 10, 15), 'Sep 22, 2016 4:10:15 PM'],
    [Date.UTC(2030, 0, 1, 0, 5, 9), 'Jan 1, 2030 12:05:09 AM'],
    [Date.UTC(2030, 11, 31, 12, 0, 0), 'Dec 31, 2030 12:00:00 PM'],
  ])('tells the platform’s time when it refuses', async (now, time) => {
    await using other = await startSimulator({ clock: createManualClock(now) });
    const response = await post(`${other.url}/api/account/${other.accountId}/refresh`, {});
    expect(await response.json()).toMatchObject({ error: { time } });
    const foreign = await post(`${other.url}/nowhere`, {}, { origin: 'https://elsewhere.example' });
    expect(await foreign.json()).toMatchObject({ error: { time } });
  });

  // verifies: rest:login
  it('ends by logging out', async () => {
    const { csrf, cookie, bearer } = await logInWithCookie();
    expect((await post(at('logout'), { csrf }, { cookie })).status).toBe(200);
    expect(await refusedWith(agentUrl(simulator, bearer))).toBe(401);
  });

  it('runs out after eight hours unless it is refreshed, and takes its socket with it', async () => {
    const { csrf, cookie, bearer } = await logInWithCookie();
    const sevenHours = 7 * 60 * 60_000;
    await clock.advance(sevenHours);
    expect((await post(at('refresh'), { csrf }, { cookie })).status).toBe(200);
    await clock.advance(sevenHours);
    const socket = await open(agentUrl(simulator, bearer));
    for (let minute = 0; minute < 63; minute++) {
      if (socket.socket.readyState === socket.socket.OPEN) socket.send({ kind: 'req', id: 'x', type: '.GetClock' });
      await clock.advance(60_000);
    }
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect(await refusedWith(agentUrl(simulator, bearer))).toBe(401);
  });
});
