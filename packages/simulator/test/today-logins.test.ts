import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Quirks, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { agentUrl, type LoginResponse, open, post } from './support/raw-client.ts';
import { appToken, call, claimsOf, errorOf } from './support/rest.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  simulator = await startSimulator(options);
};
const withQuirks = (quirks: Partial<Quirks>) => start({ quirks });
const account = () => `${simulator.url}/api/account/${simulator.accountId}`;

describe('the end of API keys', () => {
  const key = () => {
    const { username, appKey, secret, accessToken, accessTokenSecret } = simulator.agents[0] ?? {};
    return { username, appKey, secret, accessToken, accessTokenSecret };
  };
  const oauth = (fields: Record<string, string>) =>
    `OAuth ${Object.entries(fields)
      .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
      .join(', ')}`;

  // verifies: quirk:oauth1
  it('is rehearsed by a quirk: they log in and sign no longer, applications do', async () => {
    await withQuirks({ oauth1: 'refused' });
    expect((await post(`${account()}/login`, key())).status).toBe(401);
    const { appKey = '', accessToken = '' } = key();
    const authorization = oauth({ oauth_consumer_key: appKey, oauth_token: accessToken, oauth_signature: 'x' });
    const response = await call('GET', `${account()}/shift-status`, { headers: { authorization } });
    expect(response).toMatchObject(errorOf(401, 'oauth_problem=token_rejected'));
    const [app] = simulator.apps;
    const own = { appKey: app?.clientId, secret: app?.clientSecret };
    const body = { ...key(), ...own, accessToken: 'dummy', accessTokenSecret: 'dummy' };
    expect((await post(`${account()}/login`, body)).status).toBe(200);
  });

  it('has not come by default: a key logs in; a wrong signature is named', async () => {
    await start();
    expect((await post(`${account()}/login`, key())).status).toBe(200);
    const { appKey = '', accessToken = '' } = key();
    const authorization = oauth({ oauth_consumer_key: appKey, oauth_token: accessToken, oauth_signature: 'x' });
    const response = await call('GET', `${account()}/shift-status`, { headers: { authorization } });
    expect(response).toMatchObject(errorOf(401, 'oauth_problem=signature_invalid'));
  });
});

describe('an application', () => {
  const apps = [
    { clientId: 'app-1', clientSecret: 'secret-1' },
    { clientId: 'app-2', clientSecret: 'secret-2', users: ['bob'] },
  ];
  const logIn = (body: object) =>
    post(`${account()}/login?v=1.3`, { accessToken: 'dummy', accessTokenSecret: 'dummy', ...body });

  // verifies: rest:login, sim:apps
  it('logs a bot in with its credentials in the place of the key, whatever the placeholders are', async () => {
    await start({ agents: [{ username: 'ada' }, { username: 'bob' }], apps });
    const own = { username: 'ada', appKey: 'app-1', secret: 'secret-1' };
    const response = await logIn(own);
    const { bearer } = (await response.json()) as LoginResponse;
    const socket = await open(agentUrl(simulator, bearer));
    expect(await socket.request('.GetClock')).toMatchObject({ code: 200 });
    expect((await logIn({ ...own, accessToken: 'a', accessTokenSecret: 'b' })).status).toBe(200);
  });

  it.each<[string, object, number]>([
    ['a wrong secret', { secret: 'no' }, 401],
    ['the secret of another', { secret: 'secret-2' }, 401],
    ['an unknown user', { username: 'eve' }, 401],
    ['a user of another application', { appKey: 'app-2', secret: 'secret-2' }, 401],
    ['no placeholder', { accessToken: '' }, 400],
    ['no user', { username: undefined }, 400],
  ])('is refused with %s', async (_, wrong, status) => {
    await start({ agents: [{ username: 'ada' }, { username: 'bob' }], apps });
    expect((await logIn({ username: 'ada', appKey: 'app-1', secret: 'secret-1', ...wrong })).status).toBe(status);
    expect((await logIn({ username: 'bob', appKey: 'app-2', secret: 'secret-2' })).status).toBe(200);
  });

  // verifies: rest:app-tokens
  it('calls REST with its token, as it is or as a bearer', async () => {
    await start();
    const token = await appToken(simulator);
    expect(Number(claimsOf(token)['exp'])).toBeGreaterThan(Number(claimsOf(token)['iat']));
    for (const authorization of [token, `Bearer ${token}`]) {
      const response = await call('GET', `${account()}/configuration/le-users/users`, { headers: { authorization } });
      expect(response.status).toBe(200);
      const search = `${simulator.url}/messaging_history/api/account/${simulator.accountId}/conversations/search`;
      const body = { start: { from: Date.now() - DAY, to: Date.now() } };
      expect((await call('POST', search, { headers: { authorization }, body })).status).toBe(200);
    }
    const wrong = { authorization: `Bearer ${token}x` };
    expect((await call('GET', `${account()}/configuration/le-users/users`, { headers: wrong })).status).toBe(401);
  });
});

describe('a session', () => {
  it('that is handed over, as token, csrf and session id, is refreshed like one’s own', async () => {
    await start();
    const { username, password } = simulator.agents[0] ?? {};
    const login = (await (await post(`${account()}/login`, { username, password })).json()) as LoginResponse & {
      sessionId: string;
    };
    const refresh = () =>
      post(`${account()}/refresh`, { csrf: login.csrf }, { cookie: `Session_id=${login.sessionId}` });
    expect((await refresh()).status).toBe(200);
    await post(`${account()}/login`, { username, password });
    expect((await refresh()).status).toBe(401);
  });

  it('is refused with 429 and no word of when to come back, or with one', async () => {
    await start();
    const { username, password } = simulator.agents[0] ?? {};
    const logIn = () => post(`${account()}/login`, { username, password });
    simulator.faults.failLogin(429, { times: 1 });
    const refused = await logIn();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
    simulator.faults.failLogin(429, { times: 1, retryAfter: '7' });
    expect((await logIn()).headers.get('retry-after')).toBe('7');
    simulator.faults.csdsDown(503, { times: 1, retryAfter: 'soon' });
    expect((await call('GET', `${account()}/service/baseURI.json`)).headers['retry-after']).toBe('soon');
  });
});

describe('a signed request over TLS', () => {
  it('is checked for the address that was called', async () => {
    await start({ tls: true });
    const { ca, url } = simulator;
    const { appKey = '', secret = '', accessToken = '', accessTokenSecret = '' } = simulator.agents[0] ?? {};
    const status = async (signed: string): Promise<number> => {
      const { createHmac } = await import('node:crypto');
      const fields = {
        oauth_consumer_key: appKey,
        oauth_nonce: 'n',
        oauth_signature_method: 'HMAC-SHA1',
        oauth_timestamp: '1',
        oauth_token: accessToken,
        oauth_version: '1.0',
      };
      const pairs = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      const base = ['GET', signed, pairs.join('&')].map(encodeURIComponent).join('&');
      const signature = createHmac('sha1', `${secret}&${accessTokenSecret}`).update(base).digest('base64');
      const header = [...pairs, `oauth_signature=${encodeURIComponent(signature)}`]
        .map((pair) => pair.replace(/=(.*)$/, '="$1"'))
        .join(', ');
      const request = httpsRequest(`${account()}/shift-status`, {
        ca,
        agent: false,
        headers: { authorization: `OAuth ${header}` },
      }).end();
      const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
      response.resume();
      return response.statusCode;
    };
    expect(url).toMatch(/^https:/);
    expect(await status(`${account()}/shift-status`)).toBe(200);
    expect(await status(`${account().replace('https', 'http')}/shift-status`)).toBe(401);
    expect(await status(`${account()}/shift-statusx`)).toBe(401);
  });
});
