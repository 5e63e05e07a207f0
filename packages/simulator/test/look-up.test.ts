import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';

let simulator: Simulator;
let base: string;
beforeAll(async () => {
  simulator = await startSimulator();
  base = `${simulator.url}/api/account/${simulator.accountId}/service`;
});
afterAll(() => simulator.close());

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('looking up services', () => {
  // verifies: rest:look-up
  it('lists every service at the one bare host', async () => {
    const { status, body } = await get(`${base}/baseURI.json?version=1.0`);
    expect(status).toBe(200);
    const list = body['baseURIs'] as { service: string; account: string; baseURI: string }[];
    expect(new Set(list.map((entry) => entry.baseURI))).toEqual(new Set([simulator.csdsDomain]));
    const names = list.map((entry) => entry.service);
    for (const name of ['agentVep', 'facadeMsg', 'asyncMessagingEnt', 'idp', 'swift', 'msgHist', 'runtimeFormLogic']) {
      expect(names).toContain(name);
    }
    expect(simulator.csdsDomain).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  // verifies: rest:look-up
  it('gives one service by its name, on both paths', async () => {
    const response = {
      status: 200,
      body: { service: 'facadeMsg', account: simulator.accountId, baseURI: simulator.csdsDomain },
    };
    expect(await get(`${base}/facadeMsg/baseURI.json?version=1.0`)).toEqual(response);
    expect(await get(`${base.replace('/api/', '/csdr/')}/facadeMsg/baseURI.json?version=1.0`)).toEqual(response);
  });

  it.each(['baseURI', 'baseURI.json', 'baseURI/'])('is found at %s, for all services and for one', async (name) => {
    expect((await get(`${base}/${name}?version=1.0`)).body).toHaveProperty('baseURIs');
    expect((await get(`${base}/facadeMsg/${name}?version=1.0`)).body).toMatchObject({ service: 'facadeMsg' });
  });

  // verifies: sim:account
  it('responds to an unknown service, a foreign account and a malformed account with the error object', async () => {
    const unknown = await get(`${base}/facademsg/baseURI.json`);
    expect(unknown).toMatchObject({ status: 400, body: { error: { responseStatus: 'BAD_REQUEST' } } });
    const foreign = await get(`${simulator.url}/api/account/other/service/baseURI.json`);
    expect(foreign).toMatchObject({ status: 401, body: { error: { responseStatus: 'UNAUTHORIZED' } } });
    expect((await get(`${simulator.url}/api/account/no-such-form/service/baseURI.json`)).status).toBe(400);
  });

  // verifies: rest:look-up
  it('calls the function a script tag names, and no other text', async () => {
    const script = await fetch(`${base}/agentVep/baseURI.lpCsds?version=1.0&cb=found`);
    const text = await script.text();
    expect(text.startsWith('found(')).toBe(true);
    const { ResultSet } = JSON.parse(text.slice(6, -2)) as { ResultSet: { lpData: { lpServer: string }[] } };
    expect(ResultSet.lpData[0]?.lpServer).toBe(simulator.csdsDomain);
    expect((await fetch(`${base}/baseURI.lpCsds?cb=alert(1)//`)).status).toBe(400);
  });

  it('responds to an unknown path with 404 and a wrong method with 405', async () => {
    expect((await get(`${simulator.url}/nothing/here`)).status).toBe(404);
    expect((await get(`${simulator.url}/api/account/${simulator.accountId}/login`)).status).toBe(405);
  });

  it('survives a path that is no path', async () => {
    expect((await get(`${simulator.url}/v1/AUTH_async-images/${simulator.accountId}/%E0%A4%A`)).status).toBe(400);
    expect((await get(`${base}/baseURI.json`)).status).toBe(200);
  });
});

describe('the public profile of an agent', () => {
  // verifies: rest:configuration
  it('is called with the function that a script tag names, and no other text', async () => {
    const pid = simulator.agents[0]?.pid ?? '';
    const url = `${simulator.url}/api/account/${simulator.accountId}/configuration/le-users/users/${pid}`;
    const script = await fetch(`${url}?cb=found`);
    const [, json = ''] = /^found\((.*)\);$/.exec(await script.text()) ?? [];
    expect(script.headers.get('content-type')).toBe('application/javascript');
    expect(JSON.parse(json)).toEqual(await (await fetch(url)).json());
    expect((await fetch(`${url}?cb=alert(1)//`)).status).toBe(400);
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    expect((await fetch(`${url}?cb=found`, { headers: browser })).status).toBe(403);
    expect((await fetch(url, { headers: browser })).status).toBe(200);
  });
});
