import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, logIn, oldId, post, type RawClient } from './support/raw-client.ts';
import { call, claimsOf, connectorHeaders, errorOf } from './support/rest.ts';

const ROUTING = '.ams.routing.RoutingTaskNotification';
const EVENTS = '.ams.ms.OnlineEventDistribution';

let simulator: Simulator;
let agent: RawClient;
let chat: SimulatedChat;
let headers: Record<string, string>;
beforeEach(async () => {
  simulator = await startSimulator({
    agents: [{ username: 'ada', userId: '42' }, { username: 'bob' }],
    skills: [{ id: '7', survey: { appInstallId: 'survey-app' } }],
    quirks: { ringReofferMs: 10 },
  });
  agent = await connectAgent(simulator);
  // The agent's one login serves the socket and REST alike; a second one would end it.
  const { bearer } = await logIn(simulator);
  headers = { authorization: `Bearer ${bearer}`, 'brand-id': simulator.accountId };
  chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation({ skillId: '7', message: 'hi' });
});
afterEach(() => simulator.close());

const at = (path = '') => `${simulator.url}/v1/conversations/${chat.conversationId}${path}`;
const get = (path = '') => call('GET', at(path), { headers });
const join = (role = 'ASSIGNED_AGENT') =>
  agent.request('.ams.cm.UpdateConversationField', {
    conversationId: chat.conversationId,
    conversationField: [{ field: 'ParticipantsChange', type: 'ADD', role }],
  });

/** Reads the resource, then changes it as it was read. */
async function change(method: string, path: string, body?: unknown, query = '') {
  const { headers: read } = await get(path);
  return call(method, `${at(path)}${query}`, { headers: { ...headers, 'if-match': read['etag'] ?? '' }, body });
}

describe('a conversation over REST', () => {
  // verifies: rest:messaging
  it('is shown as the notifications show it, with a tag', async () => {
    const { status, body, headers: received } = await get();
    expect(status).toBe(200);
    expect(received['etag']).toMatch(/^"[\w-]+"$/);
    expect(body).toMatchObject({
      convId: chat.conversationId,
      numberOfunreadMessages: {},
      conversationDetails: {
        skillId: '7',
        brandId: simulator.accountId,
        state: 'OPEN',
        stage: 'OPEN',
        participants: { CONSUMER: ['c-1'] },
        dialogs: [{ dialogId: chat.conversationId, dialogType: 'MAIN' }],
      },
      lastContentEventNotification: { event: { message: 'hi' } },
    });
  });

  it('keeps its tag while nothing changes, and has another one afterwards', async () => {
    const before = (await get()).headers['etag'];
    expect((await get()).headers['etag']).toBe(before);
    await chat.say('more');
    expect((await get()).headers['etag']).not.toBe(before);
  });

  it('is closed by its stage, and tells everybody who is subscribed', async () => {
    await agent.request('.ams.aam.SubscribeExConversations', { stage: ['OPEN'] });
    expect(await change('PATCH', '', { stage: 'CLOSE' })).toMatchObject({
      status: 200,
      body: { conversationDetails: { stage: 'CLOSE', state: 'CLOSE', closeReason: 'AGENT' } },
    });
    const { result } = await agent.change('.ams.aam.ExConversationChangeNotification', (c) => c.type === 'DELETE');
    expect(result).toMatchObject({ convId: chat.conversationId });
    await chat.closed;
  });

  it('has its response time changed by a time and by a priority', async () => {
    expect(await change('PATCH', '', { manualETTR: 1_766_000_000_000 })).toMatchObject({
      body: { effectiveTTR: 1_766_000_000_000, conversationDetails: { manualETTR: 1_766_000_000_000 } },
    });
    expect(await change('PATCH', '', { type: 'CUSTOM', value: 90 })).toMatchObject({
      body: { conversationDetails: { ttr: { ttrType: 'CUSTOM', value: 90 } } },
    });
  });

  it('responds to a change with the tag that the next change needs', async () => {
    const { headers: first } = await change('PATCH', '', { type: 'URGENT' });
    const next = await call('PATCH', at(), {
      headers: { ...headers, 'if-match': first['etag'] ?? '' },
      body: { stage: 'CLOSE' },
    });
    expect(next.status).toBe(200);
  });

  it('is changed by who has seen it as it is, and by nobody else', async () => {
    const { headers: read } = await get();
    const body = { stage: 'CLOSE' };
    expect(await call('PATCH', at(), { headers, body })).toMatchObject(errorOf(428, 'If-Match is missing'));
    await chat.say('wait');
    const stale = { ...headers, 'if-match': read['etag'] ?? '' };
    expect(await call('PATCH', at(), { headers: stale, body })).toMatchObject(errorOf(412));
    expect(chat.state).toBe('OPEN');
    const any = { ...headers, 'if-match': '*' };
    expect(await call('PATCH', at(), { headers: any, body })).toMatchObject({ status: 200 });
  });

  it.each<[string, unknown]>([
    ['nothing to change', {}],
    ['a stage that is not one', { stage: 'HALF' }],
    ['a time that is not one', { manualETTR: 'soon' }],
    ['a priority that is not one', { type: 'WHENEVER' }],
    ['a custom priority without its value', { type: 'CUSTOM' }],
    ['a list', [{ stage: 'CLOSE' }]],
    ['no JSON', '{'],
  ])('refuses %s and stays as it was', async (_, body) => {
    const before = (await get()).headers['etag'];
    expect(await change('PATCH', '', body)).toMatchObject(errorOf(400));
    expect((await get()).headers['etag']).toBe(before);
  });
});

describe('the callers of the messaging REST API', () => {
  it('are agents by their bearer, and named by the account they work for', async () => {
    expect(await call('GET', at(), { headers: { ...headers, authorization: 'Bearer x' } })).toMatchObject(errorOf(401));
    const { authorization = '' } = headers;
    expect(await call('GET', at(), { headers: { authorization } })).toMatchObject(errorOf(400));
    expect(await call('GET', at(), { headers: { ...headers, 'brand-id': 'other' } })).toMatchObject(errorOf(401));
    expect(await call('GET', at(), { headers: { ...headers, 'brand-id': 'not ok' } })).toMatchObject(errorOf(400));
  });

  it('are not consumers, except under the public path, and there for their own conversations', async () => {
    const signUp = await post(`${simulator.url}/api/account/${simulator.accountId}/signup`, {});
    const { jwt } = (await signUp.json()) as { jwt: string };
    const own = { ...headers, authorization: `Bearer ${jwt}`, 'client-source': 'test' };
    expect(await call('GET', at(), { headers: own })).toMatchObject(errorOf(401));
    const publicUrl = `${simulator.url}/messaging/v1/conversations/${chat.conversationId}`;
    expect(await call('GET', publicUrl, { headers: own })).toMatchObject(errorOf(404));
    expect(await call('GET', publicUrl, { headers: { ...headers, 'client-source': 'test' } })).toMatchObject({
      status: 200,
      headers: { etag: expect.any(String) },
      body: { dialogs: [{ id: chat.conversationId, dialogType: 'MAIN', state: 'OPEN' }] },
    });
  });

  it('name their source under the public path', async () => {
    const publicUrl = `${simulator.url}/messaging/v1/conversations/${chat.conversationId}`;
    expect(await call('GET', publicUrl, { headers })).toMatchObject(errorOf(400, 'Client-source is missing'));
  });

  it('are connectors that act for a consumer', async () => {
    const tokens = await connectorHeaders(simulator);
    const base = `${simulator.url}/api/account/${simulator.accountId}/messaging/consumer/conversation?v=3`;
    const { body } = await call('POST', base, {
      headers: tokens,
      body: [
        { id: '1', type: 'userprofile.SetUserProfile', body: {} },
        { id: '2', type: 'cm.ConsumerRequestConversation', body: {} },
      ],
    });
    const [, opened] = body as { body: { conversationId: string } }[];
    const url = `${simulator.url}/messaging/v1/conversations/${opened?.body.conversationId}`;
    const acting = {
      authorization: tokens.authorization,
      'lp-on-behalf': tokens['x-lp-on-behalf'],
      'brand-id': simulator.accountId,
      'client-source': 'connector',
    };
    expect(await call('GET', url, { headers: acting })).toMatchObject({
      status: 200,
      body: { conversationDetails: { participants: [{ role: 'CONSUMER' }] } },
    });
    const message = { type: 'PLAIN_TEXT', content: { text: 'from afar' } };
    expect(await call('POST', `${url}/messages`, { headers: acting, body: message })).toMatchObject({
      status: 201,
      body: { sequence: 0 },
    });
    expect(await call('GET', url, { headers: { ...acting, 'lp-on-behalf': 'x' } })).toMatchObject(errorOf(401));
  });

  // verifies: rest:messaging
  it('are connectors that name their consumer and open a conversation, by the id in the consumer’s token', async () => {
    const tokens = await connectorHeaders(simulator);
    const id = claimsOf(tokens['x-lp-on-behalf'])['lp_consumer_id'];
    const acting = {
      authorization: tokens.authorization,
      'lp-on-behalf': tokens['x-lp-on-behalf'],
      'brand-id': simulator.accountId,
      'client-source': 'connector',
    };
    const consumer = `${simulator.url}/messaging/v1/consumers/${String(id)}`;
    const body = { firstName: 'Ada', lastName: 'L', brandId: simulator.accountId, acr: '0' };
    const put = await call('PUT', consumer, { headers: acting, body });
    expect(put).toMatchObject({ status: 200, body: { id, firstName: 'Ada', lastName: 'L' } });
    const open = () =>
      call('POST', `${consumer}/conversations`, { headers: acting, body: { channelType: 'MESSAGING', skillId: '7' } });
    const opened = await open();
    const { id: conversationId } = opened.body as { id: string };
    expect(opened).toMatchObject({
      status: 201,
      headers: { etag: expect.any(String) },
      body: { state: 'OPEN', stage: 'OPEN', dialogs: [{ id: conversationId, dialogType: 'MAIN', state: 'OPEN' }] },
    });
    expect(await open()).toMatchObject(errorOf(400, 'Consumer has an open conversation already'));
    await agent.request('.ams.aam.SubscribeExConversations', { conversationId });
    const { result } = await agent.change('.ams.aam.ExConversationChangeNotification');
    expect(result['conversationDetails']).toMatchObject({ skillId: '7', participants: { CONSUMER: [id] } });
    const url = `${simulator.url}/messaging/v1/conversations/${conversationId}`;
    const headersNow = { ...acting, 'if-match': opened.headers['etag'] ?? '' };
    expect(await call('PATCH', url, { headers: headersNow, body: { stage: 'CLOSE' } })).toMatchObject({ status: 200 });
  });

  it('change nobody but the consumer of their token', async () => {
    const tokens = await connectorHeaders(simulator);
    const id = String(claimsOf(tokens['x-lp-on-behalf'])['sub']);
    const acting = { authorization: tokens.authorization, 'brand-id': simulator.accountId, 'client-source': 'test' };
    const onBehalf = { ...acting, 'lp-on-behalf': tokens['x-lp-on-behalf'] };
    const at = (who: string) => `${simulator.url}/messaging/v1/consumers/${who}`;
    const put = (who: string, given: Record<string, string>, body: unknown = {}) =>
      call('PUT', at(who), { headers: given, body });
    expect(await put('c-1', onBehalf)).toMatchObject(errorOf(404, 'Consumer does not exist'));
    expect(await put(id, acting)).toMatchObject(errorOf(401));
    expect(await put(id, { ...headers, 'client-source': 'test' })).toMatchObject(errorOf(401));
    const { 'client-source': _, ...nameless } = onBehalf;
    expect(await put(id, nameless)).toMatchObject(errorOf(400, 'Client-source is missing'));
    expect(await put(id, onBehalf, [])).toMatchObject(errorOf(400));
    expect(await call('POST', `${at('c-1')}/conversations`, { headers: onBehalf, body: {} })).toMatchObject(
      errorOf(404),
    );
    expect(await call('GET', at(id), { headers: onBehalf })).toMatchObject(errorOf(405));
  });

  it('get 404 for what is not there', async () => {
    const nowhere = `${simulator.url}/v1/conversations/none`;
    expect(await call('GET', nowhere, { headers })).toMatchObject(errorOf(404, 'Conversation does not exist'));
    expect(await get('/dialogs/none')).toMatchObject(errorOf(404, 'Dialog does not exist'));
    expect(await get('/participants/none')).toMatchObject(errorOf(404, 'Participant does not exist'));
    expect(await call('PUT', at(), { headers })).toMatchObject(errorOf(405));
  });
});

describe('a dialog over REST', () => {
  it('is shown alone', async () => {
    expect(await get(`/dialogs/${chat.conversationId}`)).toMatchObject({
      status: 200,
      headers: { etag: expect.any(String) },
      body: {
        dialogId: chat.conversationId,
        dialogType: 'MAIN',
        state: 'OPEN',
        participantsDetails: [{ id: 'c-1', role: 'CONSUMER', state: 'ACTIVE' }],
      },
    });
  });

  it('is closed with a reason, and the survey of the skill follows', async () => {
    await join();
    const path = `/dialogs/${chat.conversationId}`;
    expect(await change('PATCH', path, { state: 'CLOSE', closeReason: 'Done' })).toMatchObject({
      status: 200,
      body: { state: 'CLOSE', closedCause: 'Done', closedBy: 'AGENT' },
    });
    const { body } = await get();
    expect(body).toMatchObject({
      conversationDetails: {
        state: 'CLOSE',
        stage: 'OPEN',
        dialogs: [{ dialogType: 'POST_SURVEY', metaData: { appInstallId: 'survey-app' } }, { dialogType: 'MAIN' }],
      },
    });
  });

  it('is not closed twice', async () => {
    const path = `/dialogs/${chat.conversationId}`;
    await change('PATCH', path, { state: 'CLOSE' });
    expect(await change('PATCH', path, { state: 'CLOSE' })).toMatchObject({ status: 400 });
  });
});

describe('participants over REST', () => {
  it('are added in a role', async () => {
    const body = { id: oldId(simulator), role: 'ASSIGNED_AGENT', state: 'ACTIVE' };
    expect(await call('POST', at('/participants'), { headers, body })).toMatchObject({ status: 201, body });
    expect(await get()).toMatchObject({
      body: { conversationDetails: { participants: { ASSIGNED_AGENT: [oldId(simulator)] } } },
    });
  });

  it('are added to a dialog of their own', async () => {
    const path = `/dialogs/${chat.conversationId}/participants`;
    const body = { id: oldId(simulator, 1), role: 'AGENT', state: 'ACTIVE' };
    expect(await call('POST', at(path), { headers, body })).toMatchObject({ status: 201 });
    expect(await get(`/dialogs/${chat.conversationId}`)).toMatchObject({
      body: { participantsDetails: [{ role: 'CONSUMER' }, body] },
    });
  });

  it('are found by old id, PID and number', async () => {
    await join('MANAGER');
    const expected = { status: 200, body: { id: oldId(simulator), role: 'MANAGER', state: 'ACTIVE' } };
    for (const id of [oldId(simulator), simulator.agents[0]?.pid, '42']) {
      expect(await get(`/participants/${id}`)).toMatchObject(expected);
    }
    expect(await get('/participants/c-1')).toMatchObject({ body: { role: 'CONSUMER' } });
  });

  it('leave, and the conversation rings again', async () => {
    await join();
    await agent.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    expect(await change('DELETE', '/participants/42')).toMatchObject({ status: 204, body: '' });
    expect(await agent.change(ROUTING)).toMatchObject({ result: { conversationId: chat.conversationId } });
  });

  it('leave to another skill', async () => {
    await join();
    expect(await change('DELETE', '/participants/42', undefined, '?transferToSkillId=9')).toMatchObject({
      status: 204,
    });
    expect(await get()).toMatchObject({
      body: { conversationDetails: { skillId: '9', participants: { CONSUMER: ['c-1'] } } },
    });
  });

  it.each<[string, () => string | undefined]>([
    ['old id', () => oldId(simulator, 1)],
    ['PID', () => simulator.agents[1]?.pid],
    ['number', () => simulator.agents[1]?.userId],
  ])('leave to another agent, by %s, who is suggested until the ring is accepted', async (_, id) => {
    await join();
    const target = `?transferToAgentId=${id()}&transferToSkillId=9`;
    expect(await change('DELETE', '/participants/42', undefined, target)).toMatchObject({ status: 204 });
    expect(await get(`/dialogs/${chat.conversationId}`)).toMatchObject({
      body: { participantsDetails: [{ role: 'CONSUMER' }, { id: oldId(simulator, 1), state: 'SUGGESTED' }] },
    });
  });

  it('are not removed by who has not seen them, nor by strangers', async () => {
    await join();
    expect(await call('DELETE', at('/participants/42'), { headers })).toMatchObject(errorOf(428));
    const { bearer } = await logIn(simulator, 1);
    const stranger = { ...headers, authorization: `Bearer ${bearer}`, 'if-match': '*' };
    expect(await call('DELETE', at('/participants/42'), { headers: stranger })).toMatchObject(errorOf(400));
    expect(await get('/participants/42')).toMatchObject({ status: 200 });
  });
});

describe('messages over REST', () => {
  const say = (body: unknown) => call('POST', at('/messages'), { headers, body });
  beforeEach(() => join());

  it.each<[string, object, object]>([
    ['PLAIN_TEXT', { text: 'refund' }, { type: 'ContentEvent', contentType: 'text/plain', message: 'refund' }],
    [
      'RICH_CONTENT',
      { type: 'vertical', elements: [{ type: 'text', text: 'a' }] },
      { type: 'RichContentEvent', content: { type: 'vertical', elements: [{ type: 'text', text: 'a' }] } },
    ],
    [
      'ACKNOWLEDGEMENT',
      { status: 'READ', sequenceList: [0] },
      { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] },
    ],
    [
      'HOSTED_FILE',
      { caption: 'c', relativePath: '/v1/a.PNG', fileType: 'PNG' },
      { contentType: 'hosted/file', message: { caption: 'c', relativePath: '/v1/a.PNG', fileType: 'PNG' } },
    ],
    [
      'EXTERNAL_FILE',
      { externalFileLink: 'https://example.com/a' },
      { contentType: 'external/file', message: { externalFileLink: 'https://example.com/a' } },
    ],
    [
      'SECURE_FORM_INVITATION',
      { formId: 'f', invitationId: 'i', title: 't' },
      { contentType: 'forms/secure-invitation', message: { formId: 'f', invitationId: 'i', title: 't' } },
    ],
    [
      'SECURE_FORM_SUBMISSION',
      { submissionId: 's', invitationId: 'i' },
      { contentType: 'forms/secure-submission', message: { submissionId: 's', invitationId: 'i' } },
    ],
  ])('of type %s reach sockets as its event, and REST again as what was sent', async (type, content, event) => {
    const metadata = [{ type: 'ExternalId', id: 'x' }];
    const posted = await say({ type, content, metadata, messageAudience: 'ALL' });
    expect(posted).toMatchObject({ status: 201, body: { sequence: 1 } });
    const received = await agent.frame(
      (frame) => frame.type === EVENTS && (frame.body as { sequence: number }).sequence === 1,
    );
    expect(received.body).toMatchObject({ event, metadata, originatorId: oldId(simulator) });
    const { body } = await get('/messages?newerThanSequence=0');
    expect(body).toEqual([
      {
        sequence: 1,
        serverTimestamp: expect.any(Number),
        conversationId: chat.conversationId,
        dialogId: chat.conversationId,
        originatorId: simulator.agents[0]?.pid,
        originatorRole: 'ASSIGNED_AGENT',
        type,
        content,
        metadata,
        messageAudience: 'ALL',
      },
    ]);
  });

  it('can be typing states, which take no number', async () => {
    expect(await say({ type: 'CHAT_STATE', content: { chatState: 'COMPOSING' } })).toMatchObject({
      status: 201,
      body: { sequence: 0 },
    });
    const event = await chat.waitForEvent(({ event: { type } }) => type === 'ChatStateEvent');
    expect(event.event).toMatchObject({ chatState: 'COMPOSING' });
    expect((await get('/messages')).body).toHaveLength(1);
  });

  it('are read between bounds, page by page, by type', async () => {
    for (const text of ['a', 'b', 'c']) await say({ type: 'PLAIN_TEXT', content: { text } });
    await say({ type: 'ACKNOWLEDGEMENT', content: { status: 'READ', sequenceList: [0] } });
    const sequences = async (query: string) =>
      ((await get(`/messages?${query}`)).body as { sequence: number }[]).map(({ sequence }) => sequence);
    expect(await sequences('')).toEqual([0, 1, 2, 3, 4]);
    expect(await sequences('newerThanSequence=1')).toEqual([2, 3, 4]);
    expect(await sequences('olderThanSequence=2')).toEqual([0, 1]);
    expect(await sequences('newerThanSequence=0&olderThanSequence=3')).toEqual([1, 2]);
    expect(await sequences('limit=2')).toEqual([0, 1]);
    expect(await sequences('limit=2&offset=2')).toEqual([2, 3]);
    expect(await sequences('filters=ACKNOWLEDGEMENT')).toEqual([4]);
    expect(await sequences('filters=PLAIN_TEXT,ACKNOWLEDGEMENT&newerThanSequence=2')).toEqual([3, 4]);
    expect(await get('/messages?limit=x')).toMatchObject(errorOf(400, 'limit must be a number'));
  });

  it('that are private stay between agents', async () => {
    await say({ type: 'PLAIN_TEXT', content: { text: 'psst' }, messageAudience: 'AGENTS_AND_MANAGERS' });
    await say({ type: 'PLAIN_TEXT', content: { text: 'hello' } });
    expect((await chat.next()).text).toBe('hello');
    expect((await get('/messages')).body).toMatchObject([
      { content: { text: 'hi' } },
      { content: { text: 'psst' }, messageAudience: 'AGENTS_AND_MANAGERS' },
      { content: { text: 'hello' } },
    ]);
  });

  it('that are private are not read by the consumer, on the public path either', async () => {
    const tokens = await connectorHeaders(simulator);
    const opening = [
      { id: '1', type: 'userprofile.SetUserProfile', body: {} },
      { id: '2', type: 'cm.ConsumerRequestConversation', body: {} },
    ];
    const sendApi = `${simulator.url}/api/account/${simulator.accountId}/messaging/consumer/conversation?v=3`;
    const { body: responses } = await call('POST', sendApi, { headers: tokens, body: opening });
    const conversationId = (responses as { body: { conversationId: string } }[])[1]?.body.conversationId ?? '';
    const conversationField = [{ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' }];
    await agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
    const url = `${simulator.url}/messaging/v1/conversations/${conversationId}/messages`;
    const source = { 'brand-id': simulator.accountId, 'client-source': 'test' };
    for (const messageAudience of ['AGENTS_AND_MANAGERS', 'ALL']) {
      const message = { type: 'PLAIN_TEXT', content: { text: messageAudience }, messageAudience };
      await call('POST', url, { headers: { ...headers, ...source }, body: message });
    }
    const consumer = { ...source, authorization: `Bearer ${tokens['x-lp-on-behalf']}` };
    expect((await call('GET', url, { headers: consumer })).body).toMatchObject({
      data: [{ sequence: 1, content: { text: 'ALL' } }],
    });
    const { body: all } = await call('GET', url, { headers: { ...headers, ...source } });
    expect((all as { data: object[] }).data).toHaveLength(2);
  });

  it('come in pages by the public path: the lower bound is included, and a link leads on', async () => {
    const source = { ...headers, 'client-source': 'test' };
    for (const text of ['b', 'c', 'd']) await chat.say(text);
    const base = `${simulator.url}/messaging/v1/conversations/${chat.conversationId}/dialogs/${chat.conversationId}/messages`;
    interface Page {
      data: { sequence: number }[];
      links: { next?: string };
    }
    const read = async (url: string) => (await call('GET', url, { headers: source })).body as Page;
    const first = await read(`${base}?newerThanSequence=1&sortBy=sequence&sortOrder=ASC&limit=2`);
    expect(first.data).toEqual([
      {
        sequence: 1,
        dialogId: chat.conversationId,
        type: 'PLAIN_TEXT',
        content: { text: 'b' },
        originator: { id: 'c-1', role: 'CONSUMER' },
        metadata: [],
        messageAudience: 'ALL',
        createdTs: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
      expect.objectContaining({ sequence: 2 }),
    ]);
    const second = await read(first.links.next ?? '');
    expect([second.data.map(({ sequence }) => sequence), second.links]).toEqual([[3], {}]);
    const newest = await read(`${base}?sortOrder=DESC&limit=3`);
    expect(newest.data.map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
    expect((await read(newest.links.next ?? '')).data.map(({ sequence }) => sequence)).toEqual([0]);
  });

  it('go to the dialog in the path', async () => {
    const path = `/dialogs/${chat.conversationId}/messages`;
    const body = { type: 'PLAIN_TEXT', content: { text: 'here' } };
    expect(await call('POST', at(path), { headers, body })).toMatchObject({ status: 201 });
    expect((await get(path)).body).toMatchObject([{ sequence: 0 }, { sequence: 1, content: { text: 'here' } }]);
  });

  it.each<[string, unknown]>([
    ['no content', { type: 'PLAIN_TEXT' }],
    ['an unknown type', { type: 'SMOKE', content: {} }],
    ['no type', { content: { text: 'a' } }],
    ['a text that is not one', { type: 'PLAIN_TEXT', content: { text: 1 } }],
    ['a text too long', { type: 'PLAIN_TEXT', content: { text: 'x'.repeat(8_001) } }],
    ['an unknown audience', { type: 'PLAIN_TEXT', content: { text: 'a' }, messageAudience: 'CATS' }],
    ['metadata without a type', { type: 'PLAIN_TEXT', content: { text: 'a' }, metadata: [{}] }],
    ['a mark of nothing', { type: 'ACKNOWLEDGEMENT', content: { status: 'SEEN', sequenceList: [] } }],
  ])('are refused with %s', async (_, body) => {
    expect(await say(body)).toMatchObject(errorOf(400));
    expect((await get('/messages')).body).toHaveLength(1);
  });

  it.each(['constructor', '__proto__', { toString: 1 }])('are not of the type %p', async (type) => {
    expect(await say({ type, content: { text: 'a' } })).toMatchObject(errorOf(400, 'Bad request: type is unknown'));
  });

  it('are refused once the conversation is closed', async () => {
    await chat.close();
    expect(await say({ type: 'PLAIN_TEXT', content: { text: 'late' } })).toMatchObject(errorOf(400));
  });
});
