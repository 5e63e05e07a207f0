import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, logIn, oldId, type RawClient } from './support/raw-client.ts';
import { call, errorOf } from './support/rest.ts';

const MINUTE_MS = 60_000;

let simulator: Simulator;
let clock: ManualClock;
let ada: RawClient;
let bob: RawClient;
let bearer: string;
beforeEach(async () => {
  clock = createManualClock();
  simulator = await startSimulator({
    clock,
    idleTimeoutMs: 100 * MINUTE_MS,
    agents: [
      { username: 'ada', userId: '42' },
      { username: 'bob', userId: '43', skills: ['7'] },
    ],
    skills: [{ id: '7', name: 'Sales', survey: { appInstallId: 'survey-app' } }],
  });
  ada = await connectAgent(simulator);
  bob = await connectAgent(simulator, 1);
  ({ bearer } = await logIn(simulator));
});
afterEach(() => simulator.close());

type HistoryRecord = Record<string, unknown> & { info: Record<string, unknown> };
const at = (path: string) => `${simulator.url}/messaging_history/api/account/${simulator.accountId}/${path}`;
const search = (path: string, body: unknown) =>
  call('POST', at(path), { headers: { authorization: `Bearer ${bearer}` }, body });
async function records(path: string, body: unknown): Promise<HistoryRecord[]> {
  const response = await search(path, body);
  expect(response.status).toBe(200);
  return (response.body as { conversationHistoryRecords: HistoryRecord[] }).conversationHistoryRecords;
}
async function part(chat: SimulatedChat, name: string): Promise<unknown> {
  const body = { conversationId: chat.conversationId, contentToRetrieve: [name] };
  const [record] = await records('conversations/conversation/search', body);
  expect(Object.keys(record ?? {})).toEqual(['info', name]);
  return record?.[name];
}
async function info(chat: SimulatedChat): Promise<Record<string, unknown>> {
  const [record] = await records('conversations/conversation/search', { conversationId: chat.conversationId });
  return record?.info ?? {};
}
const update = (client: RawClient, chat: SimulatedChat, ...conversationField: object[]) =>
  client.request('.ams.cm.UpdateConversationField', { conversationId: chat.conversationId, conversationField });
const join = (client: RawClient, chat: SimulatedChat, role = 'ASSIGNED_AGENT') =>
  update(client, chat, { field: 'ParticipantsChange', type: 'ADD', role });
const leave = (client: RawClient, chat: SimulatedChat, role = 'ASSIGNED_AGENT') =>
  update(client, chat, { field: 'ParticipantsChange', type: 'REMOVE', role });
const say = (client: RawClient, dialogId: string, message: string) =>
  client.request('.ams.ms.PublishEvent', {
    dialogId,
    event: { type: 'ContentEvent', contentType: 'text/plain', message },
  });
const start = (options: object = {}, profile: object = {}) =>
  simulator.consumer({ consumerId: 'c-1', ...profile }).startConversation({ skillId: '7', message: 'hi', ...options });

describe('the information about a conversation', () => {
  it('says who has it and where it came from', async () => {
    const chat = await start({ conversationContext: { type: 'SharkContext', lang: 'de-DE' } });
    expect(await info(chat)).toMatchObject({
      conversationId: chat.conversationId,
      latestSkillId: 7,
      latestSkillName: 'Sales',
      latestQueueState: 'IN_QUEUE',
      source: 'SharkContext',
      language: 'de-DE',
      firstConversation: true,
      isPartial: false,
      fullDialogStatus: 'OPEN',
      endTimeL: -1,
    });
    await join(ada, chat);
    expect(await info(chat)).toMatchObject({
      latestAgentId: '42',
      latestAgentLoginName: 'ada',
      latestAgentFullName: 'ada',
      latestQueueState: 'ACTIVE',
    });
  });

  it('names the missing skill with a number and a word', async () => {
    const chat = await start({ skillId: '-1' });
    expect(await info(chat)).toMatchObject({ latestSkillId: -1, latestSkillName: 'Unassigned' });
  });

  it('keeps the agent who had it, its length and its rating when it is over', async () => {
    const chat = await start();
    await join(ada, chat);
    await chat.rate(4);
    await clock.advance(5 * MINUTE_MS);
    await update(ada, chat, { field: 'ConversationStateField', conversationState: 'CLOSE' });
    expect(await info(chat)).toMatchObject({
      status: 'CLOSE',
      closeReason: 'AGENT',
      csatRate: 4,
      duration: 5 * MINUTE_MS,
      latestAgentId: '42',
      latestQueueState: 'ACTIVE',
      endTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0000$/),
    });
  });

  it('tells the end of the main dialog from the end of all', async () => {
    const chat = await start();
    await join(ada, chat);
    await chat.close();
    expect(await info(chat)).toMatchObject({
      status: 'OPEN',
      conversationEndTimeL: clock.now(),
      fullDialogEndTimeL: -1,
      endTimeL: -1,
    });
  });
});

describe('the parts of a conversation in history', () => {
  it('are all there unless some are named', async () => {
    const chat = await start();
    const [record] = await records('conversations/conversation/search', { conversationId: chat.conversationId });
    expect(Object.keys(record ?? {})).toEqual(
      expect.arrayContaining([
        'info',
        'messageRecords',
        'agentParticipants',
        'agentParticipantsLeave',
        'agentParticipantsActive',
        'consumerParticipants',
        'transfers',
        'interactions',
        'messageScores',
        'messageStatuses',
        'conversationSurveys',
        'summary',
        'sdes',
        'unAuthSdes',
        'monitoring',
        'responseTime',
        'dialogs',
      ]),
    );
    // Nothing was shown in common here.
    expect(record).not.toHaveProperty('coBrowseSessions');
  });

  it('name messages by conversation and number, with gaps where marks were', async () => {
    const chat = await start();
    await join(ada, chat);
    const mark = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] };
    await ada.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event: mark });
    await say(ada, chat.conversationId, 'hello');
    const id = (n: number) => `ms::conv:${chat.conversationId}::msg:${n}`;
    expect(await part(chat, 'messageRecords')).toMatchObject([
      { messageId: id(0), seq: 0, sentBy: 'Consumer', participantId: 'c-1' },
      { messageId: id(2), seq: 2, sentBy: 'Agent', participantId: '42' },
    ]);
    expect(await part(chat, 'messageStatuses')).toMatchObject([
      { messageId: id(0), seq: 0, messageDeliveryStatus: 'READ', participantId: '42', participantType: 'Agent' },
    ]);
    expect(await part(chat, 'messageScores')).toEqual([
      { messageId: id(0), mcs: 50, messageRawScore: 0, timeL: expect.any(Number), time: expect.any(String) },
      { messageId: id(2), mcs: 50, messageRawScore: 0, timeL: expect.any(Number), time: expect.any(String) },
    ]);
  });

  it.each<[string, string, object]>([
    ['hosted/file', 'HOSTED_FILE', { relativePath: '/v1/a.PNG', fileType: 'PNG', caption: 'look' }],
    ['external/file', 'EXTERNAL_FILE', { externalFileLink: 'https://example.com/a' }],
    ['forms/secure-invitation', 'TEXT_SECURE_FORM_INVITATION', { formId: 'f', invitationId: 'i' }],
    ['forms/secure-submission', 'TEXT_SECURE_FORM_SUBMIT', { submissionId: 's', invitationId: 'i' }],
  ])('know %s as %s', async (contentType, type, message) => {
    const chat = await start();
    await join(ada, chat);
    const event = { type: 'ContentEvent', contentType, message };
    await ada.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event });
    const [, shared] = (await part(chat, 'messageRecords')) as object[];
    expect(shared).toMatchObject({ type, messageData: { file: message } });
  });

  it('hold quick replies beside the text they came with', async () => {
    const chat = await start();
    await join(ada, chat);
    const quickReplies = { type: 'quickReplies', itemsPerRow: 2, replies: [{ type: 'button', title: 'Yes' }] };
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'well?', quickReplies };
    await ada.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event });
    const [, asked] = (await part(chat, 'messageRecords')) as object[];
    expect(asked).toMatchObject({ messageData: { msg: { text: 'well?' }, quickReplies } });
  });

  it('tell who takes part, who did, and when they left', async () => {
    const chat = await start();
    await join(ada, chat);
    await join(bob, chat, 'MANAGER');
    await clock.advance(MINUTE_MS);
    await leave(ada, chat);
    expect(await part(chat, 'agentParticipantsActive')).toMatchObject([{ agentId: '43', role: 'MANAGER' }]);
    expect(await part(chat, 'agentParticipantsLeave')).toEqual([
      {
        agentId: '42',
        agentPid: simulator.agents[0]?.pid,
        agentLoginName: 'ada',
        agentNickname: 'ada',
        agentFullName: 'ada',
        role: 'ASSIGNED_AGENT',
        permission: 'ASSIGNED_AGENT',
        timeL: clock.now(),
        time: expect.any(String),
      },
    ]);
    expect(await part(chat, 'agentParticipants')).toMatchObject([{ agentId: '43' }, { agentId: '42' }]);
  });

  it('tell of somebody with two roles which of them is over', async () => {
    const chat = await start();
    await join(ada, chat);
    await join(ada, chat, 'MANAGER');
    await leave(ada, chat);
    expect(await part(chat, 'agentParticipantsLeave')).toMatchObject([{ agentId: '42', role: 'ASSIGNED_AGENT' }]);
    expect(await part(chat, 'agentParticipantsActive')).toMatchObject([{ agentId: '42', role: 'MANAGER' }]);
  });

  it('tell who answered, each time it was somebody else', async () => {
    const chat = await start();
    await join(ada, chat);
    await say(ada, chat.conversationId, 'hello');
    await say(ada, chat.conversationId, 'still me');
    await join(bob, chat, 'MANAGER');
    await say(bob, chat.conversationId, 'me too');
    await say(ada, chat.conversationId, 'again');
    expect(await part(chat, 'interactions')).toMatchObject([
      { assignedAgentId: '42', interactiveSequence: 1, dialogId: chat.conversationId },
      { assignedAgentId: '43', interactiveSequence: 2 },
      { assignedAgentId: '42', interactiveSequence: 3, assignedAgentLoginName: 'ada' },
    ]);
  });

  it('tell each dialog, the survey included', async () => {
    const chat = await start();
    await join(ada, chat);
    await chat.close();
    expect(await part(chat, 'dialogs')).toMatchObject([
      {
        dialogId: chat.conversationId,
        dialogType: 'MAIN',
        status: 'CLOSE',
        closeReason: 'CONSUMER',
        endTimeL: clock.now(),
      },
      { dialogType: 'POST_SURVEY', status: 'OPEN', dialogChannelType: 'MESSAGING', endTimeL: -1 },
    ]);
  });

  it('name messages of a survey by its dialog', async () => {
    const chat = await start();
    await join(ada, chat);
    await chat.close();
    const [, survey] = (await part(chat, 'dialogs')) as { dialogId: string }[];
    const dialogId = survey?.dialogId ?? '';
    await update(ada, chat, { field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId });
    await say(ada, dialogId, 'How was it?');
    const found = (await part(chat, 'messageRecords')) as object[];
    expect(found.at(-1)).toMatchObject({ dialogId, seq: 0, messageId: `ms::dialog:${dialogId}::msg:0` });
  });

  it('tell the response time: when an answer is due, and how long one may take', async () => {
    const chat = await start({ ttrDefName: 'URGENT' });
    const due = clock.now() + 120_000;
    expect(await part(chat, 'responseTime')).toEqual({
      latestEffectiveResponseDueTime: due,
      configuredResponseTime: 120_000,
    });
    await join(ada, chat);
    await say(ada, chat.conversationId, 'done');
    expect(await part(chat, 'responseTime')).toMatchObject({ latestEffectiveResponseDueTime: -1 });
  });

  it('hold the note as the summary, and the campaign', async () => {
    const chat = await start({ campaignInfo: { campaignId: 11, engagementId: 22 } });
    await join(ada, chat);
    await update(ada, chat, { field: 'Note', note: 'call back' });
    expect(await part(chat, 'summary')).toEqual({ text: 'call back', lastUpdatedTime: clock.now() });
    expect(await part(chat, 'campaign')).toEqual({ campaignId: '11', campaignEngagementId: '22' });
  });

  it('have no campaign where there was none', async () => {
    const chat = await start();
    const body = { conversationId: chat.conversationId, contentToRetrieve: ['campaign'] };
    const [record] = await records('conversations/conversation/search', body);
    expect(record).not.toHaveProperty('campaign');
  });

  it('hold what the brand knows of the consumer', async () => {
    const info = { customerId: '4711', cstatus: 'gold', ctype: 'vip', socialId: 's-1', valueOf: 'own' };
    const personal = { firstname: 'Ada', lastname: 'L', contacts: [{ email: 'ada@example.com' }], gender: 'FEMALE' };
    const chat = await start(
      {},
      {
        claims: { iss: 'https://brand', lp_sdes: [{ type: 'ctmrinfo', info }] },
        authenticatedData: { lp_sdes: [{ type: 'personal', personal }, { type: 'unknown' }] },
      },
    );
    const serverTimeStamp = expect.any(Number);
    expect(await part(chat, 'sdes')).toEqual({
      events: [
        {
          sdeType: 'CUSTOMER_INFO',
          serverTimeStamp,
          customerInfo: {
            serverTimeStamp,
            customerInfo: {
              customerId: '4711',
              customerStatus: 'gold',
              customerType: 'vip',
              socialId: 's-1',
              valueOf: 'own',
            },
          },
        },
        {
          sdeType: 'PERSONAL_INFO',
          serverTimeStamp,
          personalInfo: {
            serverTimeStamp,
            personalInfo: {
              name: 'Ada',
              surname: 'L',
              contacts: [{ personalContact: { email: 'ada@example.com' } }],
              gender: 'FEMALE',
            },
          },
        },
      ],
    });
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['lists that are none', { claims: { lp_sdes: 'x' }, authenticatedData: 7 }],
    [
      'entries that are none',
      { claims: { lp_sdes: [1, null, { type: 'ctmrinfo' }, { type: 'personal', personal: 1 }] } },
    ],
  ])('hold no attributes where the profile has %s', async (_, profile) => {
    const chat = await start({}, profile);
    expect(await part(chat, 'sdes')).toEqual({ events: [] });
  });

  it('tell the consumer’s device', async () => {
    const chat = await start();
    expect(await part(chat, 'monitoring')).toEqual({
      ipAddress: '127.0.0.1',
      operatingSystem: 'LINUX',
      device: 'DESKTOP',
    });
  });
});

describe('searching history', () => {
  const span = () => ({ from: clock.now() - 60 * MINUTE_MS, to: clock.now() + MINUTE_MS });
  const ids = async (body: object, query = '') =>
    (await records(`conversations/search${query}`, { start: span(), ...body })).map(
      ({ info: { conversationId } }) => conversationId,
    );

  async function three() {
    const chats: SimulatedChat[] = [];
    for (const [i, skillId] of ['7', '8', '7'].entries()) {
      chats.push(await start({ skillId, message: `word${i}` }, { consumerId: `c-${i}` }));
      await clock.advance(MINUTE_MS);
    }
    const [a, b, c] = chats as [SimulatedChat, SimulatedChat, SimulatedChat];
    await join(ada, a);
    await join(bob, b);
    await leave(bob, b);
    return { a: a.conversationId, b: b.conversationId, c: c.conversationId, chats: [a, b, c] };
  }

  it('finds by skill, by the agent who has it, by agents who had it, and by a word', async () => {
    const { a, b, c } = await three();
    expect(await ids({ skillIds: ['7'] })).toEqual([c, a]);
    expect(await ids({ latestSkillIds: [8] })).toEqual([b]);
    expect(await ids({ latestAgentIds: ['42'] })).toEqual([a]);
    expect(await ids({ latestAgentIds: ['43'] })).toEqual([]);
    expect(await ids({ agentIds: ['43', '42'] })).toEqual([b, a]);
    expect(await ids({ keyword: 'word2' })).toEqual([c]);
    expect(await ids({ keyword: 'nobody said this' })).toEqual([]);
  });

  it('sorts by start and end, newest start first by default', async () => {
    const { a, b, c, chats } = await three();
    expect(await ids({})).toEqual([c, b, a]);
    expect(await ids({}, '?sort=start:asc')).toEqual([a, b, c]);
    await chats[1]?.close();
    await clock.advance(MINUTE_MS);
    await update(ada, chats[0] as SimulatedChat, { field: 'Stage', conversationState: 'CLOSE' });
    expect(await ids({ status: ['CLOSE'] }, '?sort=end:desc')).toEqual([a, b]);
    expect(await ids({ status: ['CLOSE'] }, '?sort=end:asc')).toEqual([b, a]);
    expect(await search('conversations/search?sort=size:asc', { start: span() })).toMatchObject(errorOf(400));
  });

  it('takes a span in digits, and one that goes on until now', async () => {
    const from = clock.now();
    await three();
    expect(
      await records('conversations/search', { start: { from: String(from), to: String(clock.now()) } }),
    ).toHaveLength(3);
    expect(await records('conversations/search', { start: { from, to: -1 } })).toHaveLength(3);
    const wrong = { start: { from, to: 'now' } };
    expect(await search('conversations/search', wrong)).toMatchObject(errorOf(400));
  });

  it('says how many there are in all, and gives a page of them', async () => {
    await three();
    const { body } = await search('conversations/search?limit=1&offset=1', { start: span() });
    expect(body).toMatchObject({
      _metadata: { count: 3 },
      conversationHistoryRecords: [{ info: { latestSkillId: 8 } }],
    });
  });
});

describe('the status of agents', () => {
  const agentIds = async (body: object) => {
    const { body: response } = await search('agent-view/status', body);
    return (response as { agentStatusRecords: { agentId: string }[] }).agentStatusRecords.map(({ agentId }) => agentId);
  };

  it('is found by state, skill and connection', async () => {
    await ada.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    expect(await agentIds({ status: ['ONLINE'] })).toEqual(['42']);
    expect(await agentIds({ skillIds: ['8'] })).toEqual(['42']);
    expect(await agentIds({ skillIds: ['7'] })).toEqual(['42', '43']);
    bob.close();
    await bob.closed;
    await ada.settle();
    expect(await agentIds({ connectionStates: ['CONNECTED'] })).toEqual(['42']);
  });

  it.each([true, 'true'])('takes the presence as %p, however it is written', async (agentPresence) => {
    expect(await agentIds({ agentPresence })).toEqual(['42', '43']);
  });

  it('comes in pages, as asked for', async () => {
    const { body } = await search('agent-view/status?offset=1&limit=1000', {});
    expect(body).toMatchObject({ _metadata: { count: 2 }, agentStatusRecords: [{ agentId: '43' }] });
    expect(await search('agent-view/status?limit=1001', {})).toMatchObject(errorOf(400));
  });

  it('tells what an agent has to do', async () => {
    const chat = await start();
    await join(ada, chat);
    const { body } = await search('agent-view/status', { agentIds: ['42'] });
    expect(body).toMatchObject({
      agentStatusRecords: [{ agentId: '42', agentPid: simulator.agents[0]?.pid, load: 1, agentLoginName: 'ada' }],
    });
    expect(oldId(simulator)).toBe(`${simulator.accountId}.42`);
  });
});
