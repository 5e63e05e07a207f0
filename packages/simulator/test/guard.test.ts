import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { agentUrl, consumerUrl, logIn, open, refusedWith } from './support/raw-client.ts';
import { call } from './support/rest.ts';
import { statusAs } from './web/page-client.ts';

const ALLOWED = 'http://shop.example:3000';
const FOREIGN = 'http://evil.example';

let simulator: Simulator;
let open3000: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ web: true });
  open3000 = await startSimulator({ allowedOrigins: [ALLOWED] });
});
afterAll(async () => {
  await simulator.close();
  await open3000.close();
});

const account = (of = simulator) => `${of.url}/api/account/${of.accountId}`;
const signUp = (headers: Record<string, string>, of = simulator) => call('POST', `${account(of)}/signup`, { headers });

/** Whatever a page of another site can make a browser send. */
const FOREIGN_REQUESTS: [string, Record<string, string>][] = [
  ['a script of another origin', { origin: FOREIGN, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
  ['an old browser, which tells the origin only', { origin: FOREIGN }],
  ['a script tag, which tells the site and no origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' }],
  ['a page on another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ['a page on another port, by its origin', { origin: 'http://127.0.0.1:1' }],
  ['a sandboxed frame or a local file', { origin: 'null' }],
  ['a page known by its address only', { referer: `${FOREIGN}/page` }],
  ['a page whose address is no address', { referer: 'about' }],
  ['a form that leads to here', { origin: FOREIGN, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
  ['two origins at once', { origin: `${FOREIGN}, http://127.0.0.1` }],
];

describe('what a page of another site sends', () => {
  // verifies: closed:origin, closed:site
  it.each(FOREIGN_REQUESTS)('gets nothing over HTTP: %s', async (_, headers) => {
    const calls = [
      signUp(headers),
      call('GET', `${account()}/signup.jsonp?callback=f`, { headers }),
      call('GET', `${account()}/service/baseURI.lpCsds?cb=f`, { headers }),
      call('GET', `${account()}/service/baseURI.json`, { headers }),
      call('POST', `${account()}/login`, { headers: { 'content-type': 'text/plain', ...headers }, body: '{}' }),
      call('GET', `${simulator.url}/nothing/here`, { headers }),
    ];
    for (const response of await Promise.all(calls)) {
      expect([response.status, JSON.stringify(response.body).includes('jwt')]).toEqual([403, false]);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it.each(FOREIGN_REQUESTS)('opens no socket, neither an agent’s nor a consumer’s: %s', async (_, headers) => {
    const { bearer } = await logIn(simulator);
    expect(await refusedWith(consumerUrl(simulator), headers)).toBe(403);
    expect(await refusedWith(agentUrl(simulator, bearer), headers)).toBe(403);
  });

  // verifies: closed:host
  it('has to be asked for at this machine: a name that leads here is not enough', async () => {
    const path = `/api/account/${simulator.accountId}/service/baseURI.json`;
    const foreign = [
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      '192.168.0.1',
      'x@127.0.0.1',
      '[::2]',
    ];
    for (const host of foreign) expect([host, await statusAs(simulator, host, path)]).toEqual([host, 403]);
    for (const host of ['localhost', '127.0.0.1:1', '[::1]:80', 'LOCALHOST:3']) {
      expect([host, await statusAs(simulator, host, path)]).toEqual([host, 200]);
    }
    expect(await refusedWith(consumerUrl(simulator), { host: 'evil.example' })).toBe(403);
  });

  it('is no preflight for more', async () => {
    const headers = { origin: FOREIGN, 'access-control-request-method': 'POST' };
    const response = await call('OPTIONS', `${account()}/signup`, { headers });
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it('is not a script for a browser that does not say which site asks', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    const url = `${account()}/signup.jsonp?callback=f`;
    expect((await call('GET', url, { headers })).status).toBe(403);
    expect((await call('GET', url, { headers: { ...headers, 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  });
});

describe('a caller that is no page of another site', () => {
  it.each<[string, Record<string, string>]>([
    ['a program, which names no origin', {}],
    ['a program with a fetch of its own', { 'sec-fetch-mode': 'cors' }],
    ['a person at the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ])('is served as ever: %s', async (_, headers) => {
    expect((await signUp(headers)).status).toBe(200);
    const socket = await open(consumerUrl(simulator), headers);
    expect(await socket.request('GetClock')).toMatchObject({ code: 401 });
    socket.close();
  });

  it('is its own page, on every path', async () => {
    const own = { origin: simulator.url, 'sec-fetch-site': 'same-origin', referer: `${simulator.url}/simulator/` };
    expect((await signUp(own)).status).toBe(200);
    (await open(consumerUrl(simulator), own)).close();
  });

  it('is a link to the page for people, followed; not one to the platform', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const status = (path: string, headers = link) => statusAs(simulator, simulator.csdsDomain, path, headers);
    expect(await status('/simulator/')).toBe(200);
    expect(await status(`/api/account/${simulator.accountId}/signup.jsonp?callback=f`)).toBe(403);
    expect(await status('/simulator/', { ...link, 'sec-fetch-dest': 'iframe' })).toBe(403);
  });

  it('tells browsers to keep responses to this origin', async () => {
    const { headers } = await signUp({});
    expect(headers).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      vary: 'origin',
    });
  });
});

describe('an origin that is allowed', () => {
  // verifies: sim:origins
  it('gets what programs get, and its browser is told so', async () => {
    const response = await signUp({ origin: ALLOWED, 'sec-fetch-site': 'cross-site' }, open3000);
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([200, ALLOWED]);
    const tag = { referer: `${ALLOWED}/shop`, 'sec-fetch-site': 'cross-site' };
    expect((await call('GET', `${account(open3000)}/signup.jsonp?callback=f`, { headers: tag })).status).toBe(200);
    (await open(consumerUrl(open3000), { origin: ALLOWED })).close();
  });

  it('gets its response before it sends what a form cannot', async () => {
    const headers = {
      origin: ALLOWED,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization, if-match',
    };
    const response = await call('OPTIONS', `${open3000.url}/messaging/v1/conversations/x`, { headers });
    expect(response.status).toBe(204);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-headers': 'authorization, if-match',
      'access-control-allow-methods': expect.stringContaining('PATCH'),
    });
  });

  it('opens the door to nobody else', async () => {
    expect((await signUp({ origin: FOREIGN }, open3000)).status).toBe(403);
    expect((await signUp({ origin: `${ALLOWED}0` }, open3000)).status).toBe(403);
  });

  it('may be the name that the simulator is called by', async () => {
    const path = `/api/account/${open3000.accountId}/service/baseURI.json`;
    expect(await statusAs(open3000, 'shop.example:3000', path)).toBe(200);
    expect(await statusAs(open3000, 'shop.example', path)).toBe(403);
  });

  it.each([['http://localhost:3000/'], ['localhost:3000'], ['*'], [7]])('is an origin: %s is none', async (wrong) => {
    await expect(startSimulator({ allowedOrigins: [wrong as string] })).rejects.toThrow('allowedOrigins must be');
  });
});
