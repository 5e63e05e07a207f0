import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { bearerHeader, call, connectorHeaders, errorOf } from './support/rest.ts';

let simulator: Simulator;
let conversationId: string;
let headers: Record<string, string>;
beforeEach(async () => {
  simulator = await startSimulator({ skills: [{ id: '7', agentSurvey: [{ id: 1 }] }] });
  [conversationId = ''] = simulator.openConversations(1, {
    skillId: '7',
    assignedTo: 'bot@example.com',
    message: 'hi',
  });
  headers = {
    ...(await bearerHeader(simulator)),
    'brand-id': simulator.accountId,
    'client-source': 'test',
    'if-match': '*',
    'x-lp-state-rev': '1',
  };
});
afterEach(() => simulator.close());

/** Every path there is, with what takes it to its deepest check. */
const paths = (): string[] => {
  const account = `/api/account/${simulator.accountId}`;
  const conversation = `/v1/conversations/${conversationId}`;
  return [
    `${account}/service/baseURI.json`,
    `/csdr/account/${simulator.accountId}/service/idp/baseURI.json`,
    `${account}/service/baseURI.lpCsds?cb=f`,
    `${account}/login?v=1.3`,
    `${account}/refresh`,
    `${account}/logout`,
    `${account}/signup`,
    `${account}/signup.jsonp?cb=f`,
    `${account}/anonymous/authorize`,
    `${account}/authenticate`,
    `${account}/app/default/authenticate?v=3.0`,
    `${account}/consumer?v=1.0`,
    `/sentinel/api/account/${simulator.accountId}/app/token`,
    '/sentinel/well-known/jwks',
    `${account}/forms/agent_survey?conv=${conversationId}&skill=7`,
    `${account}/forms/agent_survey/state?conv=${conversationId}&skill=7`,
    `/messaging_history${account}/conversations/search?limit=10`,
    `/messaging_history${account}/conversations/consumer/search`,
    `/messaging_history${account}/conversations/conversation/search`,
    `/messaging_history${account}/conversations/conversation/content/search?conversationId=${conversationId}`,
    `/messaging_history${account}/agent-view/status`,
    `/v1/AUTH_async-images/${simulator.accountId}/a.PNG?temp_url_sig=a&temp_url_expires=9`,
    `/v1/brands/${simulator.accountId}/file-upload-path`,
    `/v1/brands/${simulator.accountId}/file-download-path`,
    `${account}/messaging/consumer/conversation?v=3`,
    `${account}/messaging/consumer/conversation/send?v=3`,
    `${account}/shift-status`,
    `/api/messaging/rest/reporting/brands/${simulator.accountId}/msgstatistics?v=1`,
    `/operations${account}/msgconversation?timeframe=60&v=1`,
    `${account}/configuration/le-users/users`,
    `${account}/configuration/le-users/users/1`,
    `${account}/configuration/le-users/skills/7`,
    `${account}/configuration/le-users/profiles/1`,
    conversation,
    `${conversation}/dialogs/${conversationId}`,
    `${conversation}/participants`,
    `${conversation}/participants/1`,
    `${conversation}/dialogs/${conversationId}/messages?limit=1`,
    `/messaging${conversation}`,
    `/messaging${conversation}/messages`,
    '/messaging/v1/consumers/c',
    '/messaging/v1/consumers/c/conversations',
  ];
};
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const right = () => ({
  username: 'bot@example.com',
  password: 'x',
  csrf: 'c',
  code: 'ada',
  ext_consumer_id: 'ada',
  consumer: 'c',
  conversationId,
  start: { from: 0, to: 1 },
  status: ['OPEN'],
  contentToRetrieve: ['info'],
  fileSize: 1,
  fileType: 'PNG',
  relativePath: '/a',
  id: 'a',
  type: 'PLAIN_TEXT',
  content: { text: 'a' },
  metadata: [],
  role: 'AGENT',
  state: 'CLOSE',
  stage: 'OPEN',
  timeframe: 60,
});
const VALUES = [null, true, 0, -1, 1e21, '', 'text', [], [null], {}];

/** Right bodies with one field of every wrong shape, and what is not an object at all. */
function bodies(): unknown[] {
  const one = right();
  const wrong = Object.keys(one).map((field, i) => ({ ...one, [field]: VALUES[i % VALUES.length] }));
  return [one, ...wrong, ...VALUES, '{', '[1', '"'];
}

// Thousands of requests, however busy the machine.
const LONGEST_SWEEP_MS = 120_000;

describe('whatever is asked over REST', () => {
  it.each(METHODS)(
    '%s gets a response on every path and never fails inside',
    async (method) => {
      for (const path of paths()) {
        const sent = method === 'GET' ? [undefined] : bodies();
        const responses = await Promise.all(sent.map((body) => call(method, simulator.url + path, { headers, body })));
        const failed = responses.flatMap(({ status }, i) => (status >= 500 ? [{ path, status, body: sent[i] }] : []));
        expect(failed).toEqual([]);
      }
    },
    LONGEST_SWEEP_MS,
  );

  it('every path is known: a wrong method is 405, never 404', async () => {
    for (const path of paths()) {
      const { status } = await call('OPTIONS', simulator.url + path, { headers });
      expect([path, status]).toEqual([path, 405]);
    }
  });

  it('every path may end with a slash', async () => {
    const url = (path: string) => `${simulator.url}/api/account/${simulator.accountId}/${path}`;
    expect(await call('GET', url('shift-status/'), { headers })).toMatchObject({ status: 200 });
    expect(await call('GET', url('shift-status//'), { headers })).toMatchObject(errorOf(404));
  });

  it.each(['not%20ok', '%', 'x'.repeat(21), '..'])(
    'an account like %s is refused on every path that names one',
    async (account) => {
      for (const path of paths().filter((each) => each.includes(simulator.accountId))) {
        const { status } = await call('POST', simulator.url + path.replace(simulator.accountId, account), { headers });
        expect([400, 404, 405]).toContain(status);
      }
    },
  );

  it('nothing is told to who gives no token, whatever else is right', async () => {
    const { authorization: _token, ...rest } = headers;
    const open = /service|login|signup|anonymous|authenticate|jwks|users\/1|AUTH_async/;
    for (const path of paths().filter((each) => !open.test(each))) {
      for (const method of METHODS) {
        const { status } = await call(method, simulator.url + path, {
          headers: rest,
          ...(method === 'GET' ? {} : { body: right() }),
        });
        expect([400, 401, 405]).toContain(status);
      }
    }
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'OAuth x', 'OAuth oauth_consumer_key=%', 'jwt a.b.c', 'Bearer a.b.c'])(
    'the authorization %p is refused',
    async (authorization) => {
      for (const path of ['shift-status', 'configuration/le-users/users']) {
        const url = `${simulator.url}/api/account/${simulator.accountId}/${path}`;
        expect((await call('GET', url, { headers: { ...headers, authorization } })).status).toBe(401);
      }
    },
  );

  it('a token that was signed by somebody else is refused', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'c', aud: `acc:${simulator.accountId}`, exp: 9_999_999_999 };
    const content = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
    const forged = `${content}.${createHmac('sha256', 'guess').update(content).digest('base64url')}`;
    const url = `${simulator.url}/messaging/v1/conversations/${conversationId}`;
    const authorization = `Bearer ${forged}`;
    expect(await call('GET', url, { headers: { ...headers, authorization } })).toMatchObject(errorOf(401));
    const unsigned = { authorization: `Bearer ${encode({ alg: 'none' })}.${encode(claims)}.` };
    expect(await call('GET', url, { headers: { ...headers, ...unsigned } })).toMatchObject(errorOf(401));
  });

  it('the body of a request has its limit', async () => {
    const url = `${simulator.url}/api/account/${simulator.accountId}/login`;
    const { status } = await call('POST', url, { body: 'x'.repeat(5 * 1024 * 1024 + 2) });
    expect(status).toBe(413);
  });

  it('bytes that are no HTTP cost the connection and nothing else', async () => {
    const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('this is no HTTP\r\n\r\n');
    await once(socket.resume(), 'close');
    const url = `${simulator.url}/api/account/${simulator.accountId}/shift-status`;
    expect(await call('GET', url, { headers })).toMatchObject({ status: 200 });
  });

  it.each(['//', '//%', '/\\\\', 'http://', '///x', '/%', '/api/account/%zz/shift-status', '*'])(
    'the target %p is refused, and nothing is broken by it',
    async (path) => {
      const { hostname, port } = new URL(simulator.url);
      const request = get({ hostname, port, path });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      expect([400, 404]).toContain(response.statusCode);
    },
  );

  it('what has no text does not fail inside, and what is nested too deep to be written again is no JSON', async () => {
    const textless = { toString: 1 } as never;
    const account = `/api/account/${simulator.accountId}`;
    const report = `/operations${account}/msgconversation?timeframe=60&v=1`;
    const search = `/messaging_history${account}/conversations/search`;
    const start = { from: Date.now() - 60_000, to: -1 };
    const ask = async (path: string, body: unknown) =>
      (await call('POST', simulator.url + path, { headers, body })).status;
    await simulator.consumer().startConversation({ campaignInfo: { campaignId: textless, engagementId: 1 } });
    expect(await ask(report, { skillIds: textless })).toBe(200);
    expect(await ask(search, { start, skillIds: [textless] })).toBe(200);
    expect(await ask(search, { start })).toBe(200);
    expect(await ask(search, `{"start":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toBe(400);
  });

  it('an outage takes REST with it, and brings it back', async () => {
    const url = `${simulator.url}/api/account/${simulator.accountId}/shift-status`;
    simulator.faults.down();
    await expect(call('GET', url, { headers })).rejects.toThrow('fetch failed');
    simulator.faults.clear();
    expect(await call('GET', url, { headers })).toMatchObject({ status: 200 });
  });

  it('a connector’s batch of every wrong shape is refused whole', async () => {
    const tokens = await connectorHeaders(simulator);
    const url = `${simulator.url}/api/account/${simulator.accountId}/messaging/consumer/conversation?v=3`;
    const types = ['userprofile.SetUserProfile', 'cm.ConsumerRequestConversation', 'ms.PublishEvent'];
    for (const [i, type] of types.entries()) {
      for (const value of VALUES) {
        const batch = types.map((each, k) => ({ id: '1', type: each, body: k === i ? value : {} }));
        const { status } = await call('POST', url, { headers: tokens, body: batch });
        expect([200, 400]).toContain(status);
        expect([type, await call('POST', url, { headers: tokens, body: [value, value] })]).toMatchObject([
          type,
          { status: 400 },
        ]);
      }
    }
  });
});
