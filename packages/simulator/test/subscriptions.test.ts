import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const TYPE = '.ams.aam.ExConversationChangeNotification';
const SUBSCRIBE = '.ams.aam.SubscribeExConversations';

const clock = createManualClock();
let simulator: Simulator;
let agent: RawClient;
async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }], ...options });
  agent = await connectAgent(simulator);
}
beforeEach(() => start());
afterEach(() => simulator.close());

const ids = (client: RawClient) => client.changes(TYPE).map((change) => change.result['convId']);
const closeIt = (conversationId: string) =>
  agent.request('.ams.cm.UpdateConversationField', {
    conversationId,
    conversationField: [{ field: 'ConversationStateField', conversationState: 'CLOSE' }],
  });

describe('subscribing to conversations', () => {
  it('responds with an id, then always with one notification of all that match', async () => {
    const response = await agent.request(SUBSCRIBE, { convState: ['OPEN'] });
    expect(response).toMatchObject({ code: 200, type: '.ams.aam.SubscribeExConversations$Response' });
    const { subscriptionId } = response.body as { subscriptionId: string };
    await agent.settle();
    expect(agent.notifications(TYPE)).toMatchObject([{ body: { subscriptionId, changes: [] } }]);

    const opened = simulator.openConversations(3);
    const other = await connectAgent(simulator, 1);
    await other.request(SUBSCRIBE, {});
    await other.settle();
    expect(other.notifications(TYPE)).toHaveLength(1);
    expect(new Set(ids(other))).toEqual(new Set(opened));
    await agent.settle();
    expect(ids(agent)).toEqual(opened);
  });

  it('finds conversations of agents by old id or PID, and no others', async () => {
    const [mine] = simulator.openConversations(1, { assignedTo: 'ada' });
    simulator.openConversations(1, { assignedTo: 'bob' });
    simulator.openConversations(1);
    await agent.request(SUBSCRIBE, { agentIds: [oldId(simulator)] });
    await agent.request(SUBSCRIBE, { agentIds: [simulator.agents[0]?.pid] });
    await agent.settle();
    expect(ids(agent)).toEqual([mine, mine]);
    const [later] = simulator.openConversations(1, { assignedTo: 'ada' });
    simulator.openConversations(1, { assignedTo: 'bob' });
    await agent.settle();
    expect(ids(agent).slice(2)).toEqual([later, later]);
  });

  // verifies: sim:cap
  it('takes the newest up to the cap, and the older ones by a second subscription', async () => {
    await simulator.close();
    await start({ maxConversationsPerNotification: 2 });
    const opened: string[] = [];
    for (let i = 0; i < 3; i++) {
      opened.push(...simulator.openConversations(1));
      await clock.advance(1);
    }
    await agent.request(SUBSCRIBE, { stage: ['OPEN'] });
    await agent.settle();
    expect(ids(agent)).toEqual([opened[2], opened[1]]);
    const oldest = agent.changes(TYPE)[1]?.result['lastUpdateTime'] as number;
    await agent.request(SUBSCRIBE, { stage: ['OPEN'], maxLastUpdatedTime: oldest - 1 });
    await agent.settle();
    expect(ids(agent).slice(2)).toEqual([opened[0]]);
    await agent.request(SUBSCRIBE, { minLastUpdatedTime: oldest });
    await agent.settle();
    expect(ids(agent).slice(3)).toEqual([opened[2], opened[1]]);
  });

  it('stays told about what it began with, although that is no longer old enough', async () => {
    const [id = ''] = simulator.openConversations(1);
    await agent.request(SUBSCRIBE, { maxLastUpdatedTime: clock.now() });
    await clock.advance(1);
    simulator.sayAsConsumer(id, 'newer');
    simulator.openConversations(1);
    await agent.settle();
    expect(agent.changes(TYPE).map(({ type, result }) => [type, result['convId']])).toEqual([
      ['UPSERT', id],
      ['UPSERT', id],
    ]);
  });

  it('tells the end of a match as DELETE with the whole result, and only once', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await agent.request(SUBSCRIBE, { convState: ['OPEN'] });
    await agent.request(SUBSCRIBE, { stage: ['CLOSE'] });
    await closeIt(id);
    await agent.settle();
    expect(agent.changes(TYPE).map(({ type }) => type)).toEqual(['UPSERT', 'DELETE', 'UPSERT']);
    expect(agent.changes(TYPE)[1]?.result).toMatchObject({
      convId: id,
      effectiveTTR: -1,
      conversationDetails: { state: 'CLOSE', stage: 'CLOSE', closeReason: 'AGENT', endTs: expect.any(Number) },
    });
  });

  it('narrows to a conversation, a consumer or a type of dialog', async () => {
    const chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation();
    simulator.openConversations(2);
    for (const filter of [
      { conversationId: chat.conversationId },
      { consumerId: 'c-1' },
      { consumerId: 'c-1', dialogTypes: ['MAIN'] },
      { dialogTypes: ['POST_SURVEY'] },
      { convState: 'OPEN', conversationId: chat.conversationId },
    ]) {
      await agent.request(SUBSCRIBE, filter);
    }
    await agent.settle();
    expect(ids(agent)).toEqual(Array.from({ length: 4 }, () => chat.conversationId));
  });

  it('ends by unsubscribing', async () => {
    const { body } = await agent.request(SUBSCRIBE, {});
    const { subscriptionId } = body as { subscriptionId: string };
    const other = await connectAgent(simulator, 1);
    const UNSUBSCRIBE = '.ams.aam.UnsubscribeExConversations';
    expect(await other.request(UNSUBSCRIBE, { subscriptionId })).toMatchObject({ code: 400 });
    expect(await agent.request(UNSUBSCRIBE, { subscriptionId })).toMatchObject({
      code: 200,
      type: '.ReqBody$StringResp',
    });
    expect(await agent.request(UNSUBSCRIBE, { subscriptionId })).toMatchObject({ code: 400 });
    simulator.openConversations(1);
    await agent.settle();
    expect(agent.notifications(TYPE)).toHaveLength(1);
  });

  it('is changed under the same id, and begins again with what matches then', async () => {
    const [mine] = simulator.openConversations(1, { assignedTo: 'ada' });
    const { body } = await agent.request(SUBSCRIBE, { convState: ['CLOSE'] });
    const { subscriptionId } = body as { subscriptionId: string };
    const updated = await agent.request('.ams.aam.UpdateExConversationSubscription', {
      subscriptionId,
      convState: ['OPEN'],
    });
    expect(updated).toMatchObject({ code: 200, body: { subscriptionId } });
    await agent.settle();
    expect(agent.notifications(TYPE)).toMatchObject([
      { body: { subscriptionId, changes: [] } },
      { body: { subscriptionId, changes: [{ result: { convId: mine } }] } },
    ]);
  });

  it('refuses filters that are no lists of texts, and no numbers', async () => {
    expect(await agent.request(SUBSCRIBE, { agentIds: [1] })).toMatchObject({ code: 400 });
    expect(await agent.request(SUBSCRIBE, { minLastUpdatedTime: 'x' })).toMatchObject({ code: 400 });
    expect(await agent.request(SUBSCRIBE, { consumerId: 5 })).toMatchObject({ code: 400 });
  });

  it('shows a conversation in the agents’ form', async () => {
    const context = { type: 'SharkContext', lang: 'en-US', clientProperties: { type: '.ClientProperties', os: 'OSX' } };
    const campaignInfo = { campaignId: 1, engagementId: 2 };
    const chat = await simulator
      .consumer({ consumerId: 'c-1' })
      .startConversation({ message: 'hi', skillId: '7', conversationContext: context, campaignInfo });
    await agent.request(SUBSCRIBE, {});
    const { result } = await agent.change(TYPE);
    const { conversationId } = chat;
    expect(result).toEqual({
      convId: conversationId,
      effectiveTTR: expect.any(Number),
      lastUpdateTime: expect.any(Number),
      numberOfunreadMessages: {},
      conversationDetails: {
        convId: conversationId,
        skillId: '7',
        participants: { CONSUMER: ['c-1'] },
        participantsPId: { CONSUMER: ['c-1'] },
        dialogs: [
          {
            dialogId: conversationId,
            participantsDetails: [{ id: 'c-1', role: 'CONSUMER', state: 'ACTIVE' }],
            dialogType: 'MAIN',
            channelType: 'MESSAGING',
            state: 'OPEN',
            creationTs: expect.any(Number),
            metaDataLastUpdateTs: expect.any(Number),
          },
        ],
        brandId: simulator.accountId,
        state: 'OPEN',
        stage: 'OPEN',
        startTs: expect.any(Number),
        metaDataLastUpdateTs: expect.any(Number),
        firstConversation: true,
        csatRate: 0,
        ttr: { ttrType: 'PRIORITIZED', value: 600 },
        note: '',
        context,
        campaignInfo,
        conversationHandlerDetails: { accountId: simulator.accountId, skillId: '7' },
      },
      lastContentEventNotification: expect.not.objectContaining({ messageAudience: expect.anything() }),
    });
    expect(result['lastContentEventNotification']).toMatchObject({
      sequence: 0,
      originatorId: 'c-1',
      originatorPId: 'c-1',
      originatorMetadata: { id: 'c-1', role: 'CONSUMER' },
      event: { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' },
      dialogId: conversationId,
    });
  });

  it('refuses to start a conversation with an unknown consumer, a second one, and takes a known consumer', async () => {
    const REQUEST = '.ams.cm.AgentRequestConversation';
    const body = { channelType: 'MESSAGING', consumerId: 'c-9', conversationContext: { type: 'ProactiveContext' } };
    expect(await agent.request(REQUEST, body)).toMatchObject({ code: 400 });
    const chat = await simulator.consumer({ consumerId: 'c-9' }).startConversation();
    expect(await agent.request(REQUEST, body)).toMatchObject({ code: 400 });
    await closeIt(chat.conversationId);
    expect(await agent.request(REQUEST, body)).toMatchObject({
      code: 200,
      type: '.ams.cm.RequestConversation$Response',
      body: { conversationId: expect.any(String) },
    });
  });
});
