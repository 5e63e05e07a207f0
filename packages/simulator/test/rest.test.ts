import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';
import { connectAgent, consumerUrl, logIn, oldId, open, post, type RawClient } from './support/raw-client.ts';

let simulator: Simulator;
let agent: RawClient;
let bearer: string;
let chat: SimulatedChat;
beforeEach(async () => {
  simulator = await startSimulator({
    agents: [{ username: 'ada' }, { username: 'bob' }],
    skills: [
      {
        id: '7',
        agentSurvey: [
          { id: 1, text: 'Solved?' },
          { id: 2, text: 'Why?' },
        ],
      },
    ],
  });
  agent = await connectAgent(simulator);
  ({ bearer } = await logIn(simulator));
  chat = await simulator
    .consumer({ consumerId: 'c-1', firstName: 'Ada' })
    .startConversation({ skillId: '7', message: 'hi' });
});
afterEach(() => simulator.close());

const update = (...conversationField: object[]) =>
  agent.request('.ams.cm.UpdateConversationField', { conversationId: chat.conversationId, conversationField });
const join = () => update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });

describe('history', () => {
  const at = (path: string) => `${simulator.url}/messaging_history/api/account/${simulator.accountId}/${path}`;
  async function search(path: string, body: object): Promise<Record<string, unknown>[]> {
    const response = await post(at(path), body, { authorization: `Bearer ${bearer}` });
    expect(response.status).toBe(200);
    const { conversationHistoryRecords } = (await response.json()) as { conversationHistoryRecords: [] };
    return conversationHistoryRecords;
  }

  it('shows a conversation with its messages, marks, participants and transfers', async () => {
    await join();
    const publish = (event: object, metadata?: object[]) =>
      agent.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event }, { metadata });
    await publish({ type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] });
    const metadata = [{ type: 'ExternalId', id: 'x' }];
    await publish({ type: 'RichContentEvent', content: { type: 'text', text: 'b' } }, metadata);
    const suggest = {
      field: 'ParticipantsChange',
      type: 'SUGGEST',
      role: 'ASSIGNED_AGENT',
      userId: oldId(simulator, 1),
    };
    await update({ field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' }, suggest);

    const [record] = await search('conversations/conversation/search', { conversationId: chat.conversationId });
    expect(record).toMatchObject({
      info: {
        conversationId: chat.conversationId,
        brandId: simulator.accountId,
        status: 'OPEN',
        endTimeL: -1,
        latestSkillId: 7,
        latestQueueState: 'IN_QUEUE',
      },
      messageRecords: [
        { type: 'TEXT_PLAIN', seq: 0, sentBy: 'Consumer', participantId: 'c-1', messageData: { msg: { text: 'hi' } } },
        {
          type: 'RICH_CONTENT',
          seq: 2,
          sentBy: 'Agent',
          participantId: simulator.agents[0]?.userId,
          messageData: { richContent: { content: '{"type":"text","text":"b"}' } },
          contextData: { rawMetadata: JSON.stringify(metadata), structuredMetadata: metadata },
        },
      ],
      messageStatuses: [{ seq: 0, messageDeliveryStatus: 'READ', participantType: 'Agent' }],
      consumerParticipants: [{ participantId: 'c-1', firstName: 'Ada' }],
      transfers: [
        {
          reason: 'Agent',
          sourceAgentId: simulator.agents[0]?.userId,
          targetAgentId: simulator.agents[1]?.userId,
          sourceSkillId: 7,
        },
      ],
    });
  });

  it('gives only the parts that are wanted', async () => {
    const [record] = await search('conversations/conversation/search', {
      conversationID: chat.conversationId,
      contentToRetrieve: ['agentParticipants'],
    });
    expect(Object.keys(record ?? {})).toEqual(['info', 'agentParticipants']);
  });

  // verifies: rest:history
  it('searches by consumer, status, skill and time, page by page', async () => {
    simulator.openConversations(3, { skillId: '8' });
    await chat.close();
    const start = { from: 0, to: Date.now() + 1_000 };
    const recent = { from: Date.now() - 60_000, to: Date.now() + 60_000 };
    expect(await search('conversations/consumer/search', { consumer: 'c-1' })).toMatchObject([
      { info: { status: 'CLOSE' } },
    ]);
    expect(await search('conversations/consumer/search', { consumer: 'c-1', status: ['OPEN'] })).toEqual([]);
    expect(await search('conversations/search?limit=2', { start: recent })).toHaveLength(2);
    expect(await search('conversations/search?limit=2&offset=3', { start: recent })).toHaveLength(1);
    expect(await search('conversations/search', { start: recent, skillIds: [8] })).toHaveLength(3);
    const headers = { authorization: `Bearer ${bearer}` };
    for (const [path, body] of [
      ['conversations/search', { start }],
      ['conversations/search?limit=101', { start: recent }],
      ['conversations/search', {}],
      ['conversations/consumer/search', {}],
      ['conversations/conversation/search', {}],
    ] as const) {
      expect((await post(at(path), body, headers)).status).toBe(400);
    }
  });

  it('shows what agents do', async () => {
    await agent.request('.ams.routing.SetAgentState', { availability: 'AWAY' });
    const headers = { authorization: `Bearer ${bearer}` };
    const response = await post(at('agent-view/status'), { agentIds: [simulator.agents[0]?.userId] }, headers);
    expect(await response.json()).toMatchObject({
      accountID: simulator.accountId,
      agentStatusRecords: [
        {
          agentId: simulator.agents[0]?.userId,
          agentLoginName: 'ada',
          currentStatus: 'AWAY',
          connectionState: 'CONNECTED',
        },
      ],
    });
  });

  // verifies: rest:history
  it('gives a consumer the own messages, for the own token', async () => {
    const account = `${simulator.url}/api/account/${simulator.accountId}`;
    const { jwt } = (await (await post(`${account}/signup`, {})).json()) as { jwt: string };
    const consumer = await open(consumerUrl(simulator), { authorization: `jwt ${jwt}` });
    const { body } = await consumer.request('cm.ConsumerRequestConversation');
    const { conversationId } = body as { conversationId: string };
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'mine' };
    await consumer.request('ms.PublishEvent', { dialogId: conversationId, event });
    const get = (id: string, authorization: string) =>
      fetch(at(`conversations/conversation/content/search?conversationId=${id}`), { headers: { authorization } });
    const own = await get(conversationId, `jwt ${jwt}`);
    expect(await own.json()).toMatchObject({ messageEventRecords: [{ sequence: 0, event }] });
    expect((await get(chat.conversationId, `jwt ${jwt}`)).status).toBe(404);
    expect((await get(conversationId, 'jwt x')).status).toBe(401);
  });

  it('is given to who is logged in, or signs with an API key', async () => {
    const url = at('conversations/consumer/search');
    expect((await post(url, { consumer: 'c-1' })).status).toBe(401);
    expect((await post(url, { consumer: 'c-1' }, { authorization: 'Bearer x' })).status).toBe(401);
    expect((await post(url, { consumer: 'c-1' }, { authorization: sign(`${url}?limit=5`) })).status).toBe(401);
    const signed = await post(`${url}?limit=5`, { consumer: 'c-1' }, { authorization: sign(`${url}?limit=5`) });
    expect(signed.status).toBe(200);
  });

  /** OAuth 1.0a by the book. */
  function sign(url: string): string {
    const { appKey = '', secret = '', accessToken = '', accessTokenSecret = '' } = simulator.agents[0] ?? {};
    const { origin, pathname, searchParams } = new URL(url);
    const oauth = {
      oauth_consumer_key: appKey,
      oauth_nonce: 'n-1',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '1766274387',
      oauth_token: accessToken,
      oauth_version: '1.0',
    };
    const parameters = Object.entries({ ...oauth, ...Object.fromEntries(searchParams) })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const base = `POST&${encodeURIComponent(origin + pathname)}&${encodeURIComponent(parameters)}`;
    const signature = createHmac('sha1', `${secret}&${accessTokenSecret}`).update(base).digest('base64');
    const header = { ...oauth, oauth_signature: signature };
    return `OAuth ${Object.entries(header)
      .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
      .join(', ')}`;
  }
});

describe('agent surveys', () => {
  const REVISION = 'x-lp-state-rev';
  const base = () => `${simulator.url}/api/account/${simulator.accountId}/forms/agent_survey`;
  const call = async (method: string, options: { revision?: string; body?: unknown; skill?: string } = {}) => {
    const { revision, body, skill = '7' } = options;
    const response = await fetch(`${base()}/state?conv=${chat.conversationId}&skill=${skill}&v=2.0`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(revision === undefined ? {} : { [REVISION]: revision }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, revision: response.headers.get(REVISION) ?? '', text: await response.text() };
  };
  const answers = [
    { id: 1, questionStatus: 'answer', replyIds: [11] },
    { id: 2, questionStatus: 'show' },
  ];

  it('are read with a revision of nineteen digits, a number on the wire', async () => {
    const { status, revision, text } = await call('GET');
    expect(status).toBe(200);
    expect(revision).toMatch(/^\d{19}$/);
    expect(text).toContain(`"stateRevision":${revision}`);
    expect(JSON.parse(text)).toMatchObject({
      questions: [{ id: 1, text: 'Solved?', questionState: { questionStatus: 'show' } }, { id: 2 }],
      agentSurveyContext: { agentSurveyStatus: 'open' },
    });
  });

  it('are kept as a draft and submitted once', async () => {
    const draft = await call('PUT', { body: answers });
    expect(draft.status).toBe(200);
    expect(JSON.parse((await call('GET')).text)).toMatchObject({
      questions: [{ questionState: { replyIds: [11] } }, {}],
    });
    const submitted = await call('POST', { revision: draft.revision, body: answers });
    expect(JSON.parse(submitted.text)).toMatchObject({ agentSurveyStatus: 'submitted' });
    expect(submitted.revision).not.toBe(draft.revision);
    expect((await call('POST', { revision: submitted.revision, body: answers })).status).toBe(410);
  });

  it('are dismissed', async () => {
    const { revision } = await call('GET');
    expect(JSON.parse((await call('DELETE', { revision })).text)).toMatchObject({ agentSurveyStatus: 'dismissed' });
  });

  it('refuse an old revision, unknown answers, another skill and a stranger', async () => {
    const { revision } = await call('GET');
    expect((await call('POST', { body: answers })).status).toBe(409);
    expect((await call('POST', { revision: '1', body: answers })).status).toBe(409);
    expect((await call('POST', { revision, body: [{ id: 3, questionStatus: 'answer' }] })).status).toBe(400);
    expect((await call('POST', { revision, body: { id: 1 } })).status).toBe(400);
    expect((await call('GET', { skill: '8' })).status).toBe(404);
    expect((await fetch(`${base()}/state?conv=${chat.conversationId}&skill=7`)).status).toBe(401);
    expect((await fetch(`${base()}/state`, { headers: { authorization: `Bearer ${bearer}` } })).status).toBe(400);
  });

  it('are read as a whole', async () => {
    const url = `${base()}?conv=${chat.conversationId}&skill=7&v=2.0&seq=true`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ root: 1, questions: [{ id: 1 }, { id: 2 }] });
  });
});
