import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Quirks, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import {
  agentUrl,
  connectAgent,
  connectConsumer,
  type LoginAnswer,
  oldId,
  open,
  post,
  type RawClient,
} from './support/raw-client.ts';
import { appToken, call, claimsOf, errorOf } from './support/rest.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const SUBSCRIBE = '.ams.aam.SubscribeExConversations';
const PUBLISH = '.ams.ms.PublishEvent';
const UPDATE = '.ams.cm.UpdateConversationField';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  simulator = await startSimulator(options);
};
const withQuirks = (quirks: Partial<Quirks>) => start({ quirks });
const account = () => `${simulator.url}/api/account/${simulator.accountId}`;
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('a subscription', () => {
  /** How many first notifications come when a client that awaits the response knows their subscription. */
  async function known(agent: RawClient, type: string, body: object): Promise<number> {
    let count = 0;
    for (let i = 0; i < 5; i++) {
      const ids = new Set<string>();
      const listen = (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as { kind: string; body: { subscriptionId: string } };
        if (frame.kind === 'notification' && ids.has(frame.body.subscriptionId)) count++;
      };
      agent.socket.on('message', listen);
      const answer = await agent.request(type, body);
      ids.add((answer.body as { subscriptionId: string }).subscriptionId);
      await agent.settle();
      agent.socket.off('message', listen);
    }
    return count;
  }

  it.each([
    [SUBSCRIBE, { stage: ['OPEN'] }],
    ['.ams.routing.SubscribeRoutingTasks', {}],
    ['.ams.routing.SubscribeAgentsState', {}],
  ])('is known to its client when its first notification comes: %s', async (type, body) => {
    await start();
    expect(await known(await connectAgent(simulator), type, body)).toBe(5);
  });

  // verifies: quirk:first
  it('is answered and begun in one write by a quirk', async () => {
    await withQuirks({ firstNotification: 'with-response' });
    expect(await known(await connectAgent(simulator), SUBSCRIBE, {})).toBe(0);
  });

  it('misses no change between the two, and repeats none', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const [first] = simulator.openConversations(1);
    const subscribed = agent.request(SUBSCRIBE, {});
    await simulator.waitForRequest('SubscribeExConversations');
    const [second] = simulator.openConversations(1);
    await subscribed;
    await agent.settle();
    const ids = agent.changes(CONVERSATIONS).map(({ result }) => result['convId']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set([first, second]));
  });

  it('that is given up before it began says nothing', async () => {
    await start();
    const agent = await connectAgent(simulator);
    simulator.openConversations(1);
    agent.socket.once('message', (data: Buffer) => {
      const { body } = JSON.parse(data.toString()) as { body: object };
      agent.send({ kind: 'req', id: 'u', type: '.ams.aam.UnsubscribeExConversations', body });
    });
    // Both requests are read before the first notification is due.
    agent.send({ kind: 'req', id: 's', type: SUBSCRIBE, body: {} });
    await agent.frame((frame) => frame.reqId === 'u');
    await agent.settle();
    const later = agent.changes(CONVERSATIONS).length;
    simulator.openConversations(1);
    await agent.settle();
    expect(agent.changes(CONVERSATIONS)).toHaveLength(later);
  });

  it('to a dialog replays what was said, and goes on without a gap or a repetition', async () => {
    await start();
    const [dialogId = ''] = simulator.openConversations(1, { message: 'a' });
    const agent = await connectAgent(simulator);
    const subscribed = agent.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 0 });
    await simulator.waitForRequest('SubscribeMessagingEvents');
    simulator.sayAsConsumer(dialogId, 'b');
    await subscribed;
    await agent.settle();
    simulator.sayAsConsumer(dialogId, 'c');
    await agent.settle();
    const events = agent.notifications('.ams.ms.OnlineEventDistribution');
    expect(events.map(({ body }) => (body as { sequence: number }).sequence)).toEqual([0, 1, 2]);
  });
});

describe('what consumers are shown', () => {
  async function shown(quirks: Partial<Quirks>) {
    await withQuirks(quirks);
    const consumer = await connectConsumer(simulator);
    await consumer.request('cqm.SubscribeExConversations', { stage: ['OPEN'] });
    const { body } = await consumer.request('cm.ConsumerRequestConversation', { skillId: 7 });
    const { conversationId: dialogId } = body as { conversationId: string };
    await consumer.request('ms.SubscribeMessagingEvents', { dialogId });
    await consumer.request('ms.PublishEvent', { dialogId, event: text('a') });
    const { result } = await consumer.change('cqm.ExConversationChangeNotification');
    const [event] = consumer.notifications('ms.MessagingEventNotification');
    return { details: result['conversationDetails'], event: event?.body };
  }

  it('has the participants’ states, who handles the conversation, and when it was sent', async () => {
    const { details, event } = await shown({});
    expect(details).toMatchObject({
      skillId: '7',
      conversationHandlerDetails: { accountId: simulator.accountId, skillId: '7' },
      ttr: { value: 600 },
      dialogs: [{ participantsDetails: [{ role: 'CONSUMER', state: 'ACTIVE' }] }],
    });
    expect(event).toMatchObject({ sentTs: expect.any(Number) });
  });

  // verifies: quirk:consumer-frames
  it('lacks them by a quirk, as in 2018', async () => {
    const { details, event } = await shown({ consumerFrames: '2018' });
    expect(details).not.toHaveProperty('conversationHandlerDetails');
    expect(JSON.stringify(details)).not.toContain('ACTIVE');
    expect(event).not.toHaveProperty('sentTs');
  });
});

describe('what agents are shown', () => {
  // verifies: quirk:events
  it('are events under the name that the server has for them', async () => {
    await withQuirks({ eventNotification: 'ms.OnlineEventDistribution' });
    const agent = await connectAgent(simulator);
    simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
    await agent.settle();
    expect(agent.notifications('ms.OnlineEventDistribution')).toHaveLength(1);
    expect(agent.notifications('.ams.ms.OnlineEventDistribution')).toHaveLength(0);
  });
});

describe('a skill', () => {
  it('may be a number, as the history shows it', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const [conversationId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    await agent.request(SUBSCRIBE, {});
    const change = (skill: unknown) =>
      agent.request(UPDATE, { conversationId, conversationField: [{ field: 'Skill', type: 'UPDATE', skill }] });
    expect(await change(8)).toMatchObject({ code: 200 });
    await agent.settle();
    expect(agent.changes(CONVERSATIONS).at(-1)?.result).toMatchObject({ conversationDetails: { skillId: '8' } });
    for (const wrong of [1.5, '', null, {}]) expect(await change(wrong)).toMatchObject({ code: 400 });
  });
});

describe('a survey', () => {
  function newestDialog(client: RawClient): Record<string, unknown> {
    const result: Record<string, unknown> = client.changes(CONVERSATIONS).at(-1)?.result ?? {};
    return (result['conversationDetails'] as { dialogs: Record<string, unknown>[] }).dialogs[0] ?? {};
  }

  it('is read by the agent who had the conversation, joined, tagged and closed by the bot', async () => {
    await start({
      agents: [{ username: 'ada' }, { username: 'bot' }],
      skills: [{ id: '7', survey: { appInstallId: 'a' } }],
    });
    const [ada, bot] = [await connectAgent(simulator, 0), await connectAgent(simulator, 1)];
    const chat = await simulator.consumer().startConversation({ skillId: '7', message: 'x' });
    const { conversationId } = chat;
    const update = (client: RawClient, field: object, metadata?: object[]) =>
      client.request(UPDATE, { conversationId, conversationField: [field] }, { metadata });
    await update(ada, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await bot.request(SUBSCRIBE, {});
    await chat.close();
    await bot.settle();
    const survey = newestDialog(bot);
    const { dialogId } = survey;
    expect(survey).toMatchObject({
      dialogType: 'POST_SURVEY',
      participantsDetails: [{ role: 'CONSUMER' }, { id: oldId(simulator, 0), role: 'READER', state: 'ACTIVE' }],
    });
    expect(await update(bot, { field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId })).toMatchObject({
      code: 200,
    });
    const tag = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId } };
    const metadata = [{ type: 'Survey', id: '1', revision: '1.0', provider: 'External' }];
    expect(await update(bot, tag, metadata)).toMatchObject({ code: 200 });
    expect(await bot.request(PUBLISH, { dialogId, event: text('How was it?') })).toMatchObject({ code: 200 });
    await ada.frame((frame) => JSON.stringify(frame.body ?? '').includes('How was it?'));
    expect((await chat.next()).originator.role).toBe('AGENT');
    const bad = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'HALF' } };
    expect(await update(bot, bad)).toMatchObject({ code: 400 });
    const end = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'CLOSE', closedCause: 'done' } };
    expect(await update(bot, end)).toMatchObject({ code: 200 });
    await chat.closed;
    expect(await update(bot, tag)).toMatchObject({ code: 400 });
  });

  it('bot that was the agent before takes part in it, and reads no longer only', async () => {
    await start({ skills: [{ id: '7', survey: { appInstallId: 'a' } }] });
    const bot = await connectAgent(simulator);
    const chat = await simulator.consumer().startConversation({ skillId: '7' });
    const { conversationId } = chat;
    const update = (field: object) => bot.request(UPDATE, { conversationId, conversationField: [field] });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await bot.request(SUBSCRIBE, {});
    await chat.close();
    await bot.settle();
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId: newestDialog(bot)['dialogId'] });
    await bot.settle();
    expect(newestDialog(bot)['participantsDetails']).toMatchObject([{ role: 'CONSUMER' }, { role: 'AGENT' }]);
  });
});

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
    const answer = await call('GET', `${account()}/shift-status`, { headers: { authorization } });
    expect(answer).toMatchObject(errorOf(401, 'oauth_problem=token_rejected'));
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
    const answer = await call('GET', `${account()}/shift-status`, { headers: { authorization } });
    expect(answer).toMatchObject(errorOf(401, 'oauth_problem=signature_invalid'));
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
    const { bearer } = (await response.json()) as LoginAnswer;
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
      const answer = await call('GET', `${account()}/configuration/le-users/users`, { headers: { authorization } });
      expect(answer.status).toBe(200);
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
    const login = (await (await post(`${account()}/login`, { username, password })).json()) as LoginAnswer & {
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

describe('a bot', () => {
  // verifies: sim:agents
  it('has at most 999 conversations, unless it is given another number', async () => {
    await start({ agents: [{ username: 'bot' }, { username: 'big', maxConversations: 1_002, skills: ['big'] }] });
    const [bot, big] = [await connectAgent(simulator, 0), await connectAgent(simulator, 1)];
    for (const client of [bot, big]) {
      await client.request('.ams.routing.SubscribeRoutingTasks', {});
      await client.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    }
    simulator.openConversations(998, { assignedTo: 'bot' });
    simulator.openConversations(3);
    simulator.openConversations(1_000, { assignedTo: 'big', skillId: 'big' });
    simulator.openConversations(3, { skillId: 'big' });
    await bot.settle();
    await big.settle();
    const rings = (client: RawClient) => client.changes('.ams.routing.RoutingTaskNotification').length;
    expect([rings(bot), rings(big)]).toEqual([1, 2]);
  });
});

describe('a conversation whose consumer says nothing more', () => {
  const clock = createManualClock();
  async function opened(skill: object = {}): Promise<{ agent: RawClient; id: string; answer: () => Promise<unknown> }> {
    await start({ clock, idleTimeoutMs: 365 * DAY, skills: [{ id: '7', survey: { appInstallId: 'a' }, ...skill }] });
    const agent = await connectAgent(simulator);
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', skillId: '7', message: 'hi' });
    await agent.request(SUBSCRIBE, {});
    return { agent, id, answer: () => agent.request(PUBLISH, { dialogId: id, event: text('well?') }) };
  }
  const stage = async (agent: RawClient) => {
    await agent.settle();
    return agent.changes(CONVERSATIONS).at(-1)?.result['conversationDetails'] as Record<string, unknown>;
  };

  // verifies: sim:skills
  it.each([
    ['90 days by default', {}, 90 * DAY],
    ['the time of its skill', { autoCloseMs: 2 * 60 * MINUTE }, 2 * 60 * MINUTE],
  ])('is closed after %s, by nobody and without a survey', async (_, skill, afterMs) => {
    const { agent, answer } = await opened(skill);
    await answer();
    await clock.advance(afterMs - MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(26 * MINUTE);
    expect(await stage(agent)).toMatchObject({
      stage: 'CLOSE',
      closeReason: 'SYSTEM',
      dialogs: [{ dialogType: 'MAIN' }],
    });
  });

  it('stays open while the agent is to answer', async () => {
    const { agent } = await opened({ autoCloseMs: 25 * MINUTE });
    await clock.advance(DAY);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
  });

  it('waits for a time set by hand', async () => {
    const { agent, id, answer } = await opened({ autoCloseMs: 25 * MINUTE });
    await answer();
    const field = { field: 'ManualETTR', time: clock.now() + 10 * 60 * MINUTE };
    await agent.request(UPDATE, { conversationId: id, conversationField: [field] });
    await clock.advance(9 * 60 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(2 * 60 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'CLOSE' });
  });

  it('begins anew when it goes back to the queue', async () => {
    const { agent, id, answer } = await opened({ autoCloseMs: 60 * MINUTE });
    await answer();
    await clock.advance(50 * MINUTE);
    const field = { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' };
    await agent.request(UPDATE, { conversationId: id, conversationField: [field] });
    await clock.advance(50 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(50 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'CLOSE' });
  });

  it.each([24 * MINUTE, 91 * DAY, Number.NaN])('has no such time as %d ms', async (autoCloseMs) => {
    await start();
    await expect(startSimulator({ skills: [{ id: '7', autoCloseMs }] })).rejects.toThrow('25 minutes to 90 days');
  });
});

describe('an automatic message', () => {
  it('comes from the controller, and changes neither whose turn it is nor when a response is due', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const chat = await simulator.consumer().startConversation({ message: 'hi' });
    await agent.request(SUBSCRIBE, {});
    await agent.settle();
    const due = () => agent.changes(CONVERSATIONS).at(-1)?.result['effectiveTTR'];
    const before = due();
    expect(before).toBeGreaterThan(0);
    expect(simulator.sayAsController(chat.conversationId, 'You are number 3 in the queue')).toBe(1);
    expect(await chat.next()).toMatchObject({
      text: 'You are number 3 in the queue',
      originator: { role: 'CONTROLLER', id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    simulator.sayAsController(chat.conversationId, 'You are number 2');
    await agent.settle();
    expect(due()).toBe(before);
    expect(agent.changes(CONVERSATIONS).at(-1)?.result).toMatchObject({
      conversationDetails: { participants: { CONTROLLER: [`${simulator.accountId}.1`] } },
      lastContentEventNotification: { originatorMetadata: { role: 'CONTROLLER' } },
    });
    expect(() => simulator.sayAsController('x', 'y')).toThrow('no conversation of this id');
  });
});

describe('encoded metadata', () => {
  const encoded = (bytes: number) => Buffer.from('x'.repeat(bytes)).toString('base64');
  async function arrives(encodedMetadata: unknown, quirks: Partial<Quirks> = {}): Promise<boolean> {
    await withQuirks(quirks);
    const agent = await connectAgent(simulator);
    const [dialogId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    const answer = await agent.request(PUBLISH, { dialogId, event: text('a') }, { encodedMetadata });
    expect(answer).toMatchObject({ code: 200 });
    await agent.settle();
    return agent.notifications('.ams.ms.OnlineEventDistribution').length === 1;
  }

  // verifies: quirk:encoded
  it.each<[string, unknown, Partial<Quirks>, boolean]>([
    ['base64', encoded(30), {}, true],
    ['as long as may be', encoded(3_840), {}, true],
    ['too long', encoded(3_841), {}, false],
    ['not base64', '{"a":1}', {}, false],
    ['cut off', encoded(30).slice(0, -1), {}, false],
    ['empty', '', {}, false],
    ['no text', { a: 1 }, {}, false],
    ['without the feature', encoded(30), { encodedMetadata: false }, false],
    ['missing, without the feature', undefined, { encodedMetadata: false }, true],
  ])('that is %s decides whether its message comes, never what is answered', async (_, value, quirks, comes) => {
    expect(await arrives(value, quirks)).toBe(comes);
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
