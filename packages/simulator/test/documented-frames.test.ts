import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import {
  type Change,
  connectAgent,
  consumerUrl,
  oldId,
  open,
  post,
  type RawClient,
  type WireFrame,
} from './support/raw-client.ts';

/** What a person types who follows the documentation with nothing but a terminal: whole frames, ids chosen by hand. */

let simulator: Simulator;
let consumer: RawClient;
let agent: RawClient;
beforeEach(async () => {
  simulator = await startSimulator({ skills: [{ id: '12', survey: { appInstallId: 'app-1' } }] });
  const signUp = await post(`${simulator.url}/api/account/${simulator.accountId}/signup`, {});
  const { jwt } = (await signUp.json()) as { jwt: string };
  consumer = await open(consumerUrl(simulator));
  consumer.send({
    kind: 'req',
    id: '0',
    type: 'InitConnection',
    headers: [
      { type: '.ams.headers.ClientProperties', deviceFamily: 'DESKTOP', os: 'WINDOWS', features: ['MULTI_DIALOG'] },
      { type: '.ams.headers.ConsumerAuthentication', jwt },
    ],
  });
  await responseTo(consumer, '0');
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

const responseTo = (client: RawClient, id: string): Promise<WireFrame> => client.frame((frame) => frame.reqId === id);
async function type(client: RawClient, frame: { id: string | number } & Record<string, unknown>): Promise<WireFrame> {
  client.send(frame);
  return responseTo(client, String(frame.id));
}
async function openConversation(body?: object): Promise<string> {
  const frame = { kind: 'req', id: 'open', type: 'cm.ConsumerRequestConversation', ...(body ? { body } : {}) };
  const { body: opened } = await type(consumer, frame);
  return (opened as { conversationId: string }).conversationId;
}

describe('a consumer who types the documented frames', () => {
  it('subscribes, asks for a conversation, follows it, writes, rates and closes', async () => {
    expect(
      await type(consumer, {
        kind: 'req',
        id: 1,
        type: 'cqm.SubscribeExConversations',
        body: { convState: ['OPEN'] },
      }),
    ).toMatchObject({
      kind: 'resp',
      reqId: '1',
      code: 200,
      type: 'cqm.SubscribeExConversationsResponse',
      body: { subscriptionId: expect.any(String) },
    });
    const first = await consumer.frame((frame) => frame.type === 'cqm.ExConversationChangeNotification');
    expect(first.body).toMatchObject({ changes: [] });

    const opened = await type(consumer, { kind: 'req', id: '2', type: 'cm.ConsumerRequestConversation' });
    expect(opened).toMatchObject({
      code: 200,
      type: 'cm.RequestConversationResponse',
      body: { conversationId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
    });
    const { conversationId } = opened.body as { conversationId: string };
    const change = await consumer.change('cqm.ExConversationChangeNotification');
    expect(change).toMatchObject({ type: 'UPSERT', result: { convId: conversationId } });

    expect(
      await type(consumer, {
        kind: 'req',
        id: '3',
        type: 'ms.SubscribeMessagingEvents',
        body: { fromSeq: 0, dialogId: conversationId },
      }),
    ).toMatchObject({ code: 200, type: 'GenericSubscribeResponse', body: {} });

    expect(
      await type(consumer, {
        kind: 'req',
        id: '4',
        type: 'ms.PublishEvent',
        body: {
          dialogId: conversationId,
          event: { type: 'ContentEvent', contentType: 'text/plain', message: 'My first message' },
        },
      }),
    ).toMatchObject({ code: 200, type: 'ms.PublishEventResponse', body: { sequence: 0 } });
    const told = (fits: (changes: unknown[]) => boolean) =>
      consumer.frame(
        ({ type: named, body }) =>
          named === 'ms.MessagingEventNotification' && fits((body as { changes: unknown[] }).changes),
      );
    // What was said before: nothing.
    await told((changes) => changes.length === 0);
    const echo = await told((changes) => changes.length > 0);
    expect(echo.body).toMatchObject({
      changes: [
        {
          sequence: 0,
          dialogId: conversationId,
          event: { type: 'ContentEvent', contentType: 'text/plain', message: 'My first message' },
          originatorMetadata: { role: 'CONSUMER' },
        },
      ],
    });

    expect(
      await type(consumer, {
        kind: 'req',
        id: '5',
        type: 'cm.UpdateConversationField',
        body: {
          conversationId,
          conversationField: {
            field: 'CSATRate',
            csatRate: 5,
            csatResolutionConfirmation: true,
            status: 'FILLED',
          },
        },
      }),
    ).toMatchObject({ code: 200, type: 'StringResponse', body: 'OK CSAT processed successfully' });
    expect(
      await type(consumer, {
        kind: 'req',
        id: '6',
        type: 'cm.UpdateConversationField',
        body: { conversationId, conversationField: [{ field: 'ConversationStateField', conversationState: 'CLOSE' }] },
      }),
    ).toMatchObject({ code: 200, body: 'OK Conversation resolved successfully' });
    const gone = await consumer.change('cqm.ExConversationChangeNotification', (c: Change) => c.type === 'DELETE');
    expect(gone.result).toMatchObject({
      convId: conversationId,
      conversationDetails: { state: 'CLOSE', stage: 'CLOSE', closeReason: 'CONSUMER', csat: { csatRate: 5 } },
    });
  });

  it('is let in by a frame that says who it is, and by nothing else', async () => {
    expect(await responseTo(consumer, '0')).toMatchObject({
      kind: 'resp',
      code: 200,
      type: 'StringResponse',
      body: 'OK Connection initialized successfully',
    });
    const stranger = await open(consumerUrl(simulator));
    expect(await type(stranger, { kind: 'req', id: '1', type: 'GetClock' })).toMatchObject({ code: 401 });
    stranger.close();
  });

  it('leaves out the kind of a frame, and sends null where nothing is meant', async () => {
    expect(await type(consumer, { id: 'a', type: 'GetClock' })).toMatchObject({
      code: 200,
      type: 'GetClockResponse',
      body: { currentTime: expect.any(Number) },
    });
    expect(await type(consumer, { kind: 'req', id: 'b', type: 'KeepAlive' })).toMatchObject({ code: 200 });
    expect(
      await type(consumer, { kind: 'req', id: 'c', type: 'GetClock', body: null, headers: null, metadata: null }),
    ).toMatchObject({ code: 200 });
  });

  it('gives a whole context with the conversation, and finds it again in every notification', async () => {
    const conversationContext = {
      type: 'SharkContext',
      lang: 'en-US',
      visitorId: 'A3ZTY3Zjk1MDExZTczYTU4',
      sessionId: 'ys2wSqaSRSOJGki7VhEDKQ',
      interactionContextId: '2',
    };
    const campaignInfo = { campaignId: 99_999, engagementId: 888_888 };
    const conversationId = await openConversation({
      ttrDefName: 'NORMAL',
      channelType: 'MESSAGING',
      brandId: simulator.accountId,
      skillId: '12',
      campaignInfo,
      conversationContext,
    });
    await agent.request('.ams.aam.SubscribeExConversations', { conversationId });
    const { result } = await agent.change('.ams.aam.ExConversationChangeNotification');
    expect(result['conversationDetails']).toMatchObject({
      skillId: '12',
      ttr: { ttrType: 'NORMAL', value: 1_200 },
      campaignInfo,
      context: { ...conversationContext, clientProperties: { os: 'WINDOWS', ipAddress: '127.0.0.1' } },
    });
  });

  it('presses a button: a mark with its metadata, then the text with the same', async () => {
    const dialogId = await openConversation();
    const metadata = [{ type: 'ExternalId', id: 'button-1' }];
    await type(consumer, { kind: 'req', id: 'f', type: 'ms.SubscribeMessagingEvents', body: { dialogId, fromSeq: 0 } });
    const publish = (id: string, event: object) =>
      type(consumer, { kind: 'req', id, type: 'ms.PublishEvent', body: { dialogId, event }, metadata });
    await publish('p1', { type: 'ContentEvent', contentType: 'text/plain', message: 'first' });
    expect(await publish('p2', { type: 'AcceptStatusEvent', status: 'ACTION', sequenceList: [0] })).toMatchObject({
      body: { sequence: 1 },
    });
    const marked = await consumer.frame((frame) => JSON.stringify(frame).includes('"ACTION"') && frame.kind !== 'resp');
    expect(marked.body).toMatchObject({ changes: [{ sequence: 1, metadata }] });
  });

  it('answers a survey in its own dialog after the main one is closed', async () => {
    const conversationId = await openConversation({ skillId: '12' });
    const update = (client: RawClient, ...conversationField: object[]) =>
      client.request('cm.UpdateConversationField', { conversationId, conversationField });
    await update(agent, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await consumer.request('cqm.SubscribeExConversations', { stage: ['OPEN'] });
    await update(consumer, {
      field: 'DialogChange',
      type: 'UPDATE',
      dialog: { dialogId: conversationId, state: 'CLOSE', closedBy: 'CONSUMER' },
    });
    interface Dialog {
      dialogId: string;
      dialogType: string;
      state: string;
    }
    const dialogsOf = ({ result }: Change) => (result['conversationDetails'] as { dialogs: Dialog[] }).dialogs;
    const surveyed = await consumer.change(
      'cqm.ExConversationChangeNotification',
      (c: Change) => dialogsOf(c).length === 2,
    );
    const survey = dialogsOf(surveyed).find(({ dialogType }) => dialogType === 'POST_SURVEY');
    expect(survey).toMatchObject({ state: 'OPEN', metaData: { appInstallId: 'app-1' } });
    const dialogId = survey?.dialogId ?? '';
    expect(dialogId).toMatch(/^[\w-]{22}$/);

    const bot = { field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', userId: oldId(simulator), dialogId };
    expect(await update(agent, bot)).toMatchObject({ code: 200, body: 'OK Agent added successfully' });
    await consumer.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 0 });
    const metadata = [{ type: 'Answer', id: 'a-1', questionId: 'q-1', provider: 'External' }];
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'Very good' };
    expect(await consumer.request('ms.PublishEvent', { dialogId, event }, { metadata })).toMatchObject({
      body: { sequence: 0 },
    });
    const heard = await agent.frame((frame) => frame.type === '.ams.ms.OnlineEventDistribution');
    expect(heard.body).toMatchObject({ dialogId, conversationId, metadata, event });
    const done = { dialogId, state: 'CLOSE', closedBy: 'AGENT', closedCause: 'Completed' };
    expect(await update(agent, { field: 'DialogChange', type: 'UPDATE', dialog: done })).toMatchObject({ code: 200 });
    const closed = await consumer.change('cqm.ExConversationChangeNotification', (c: Change) => c.type === 'DELETE');
    expect(closed.result['conversationDetails']).toMatchObject({ stage: 'CLOSE', endTs: expect.any(Number) });
  });
});

describe('an agent who types the frames of the oldest guide', () => {
  it('uses the consumers’ names on the brand’s socket', async () => {
    const subscribed = await type(agent, {
      kind: 'req',
      id: '1',
      type: 'cqm.SubscribeExConversations',
      body: { minLastUpdatedTime: 0, agentIds: [oldId(simulator)], convState: ['OPEN'] },
    });
    expect(subscribed).toMatchObject({ code: 200, type: 'cqm.SubscribeExConversationsResponse' });
    expect(
      await type(agent, { kind: 'req', id: '2', type: 'rs.SetAgentState', body: { availability: 'ONLINE' } }),
    ).toMatchObject({
      code: 202,
      type: 'StringResponse',
      body: 'Agent state updated successfully',
    });
    expect(
      await type(agent, {
        kind: 'req',
        id: '3',
        type: 'rs.SubscribeRoutingTasks',
        body: { channelType: 'MESSAGING', brandId: simulator.accountId, agentId: oldId(simulator) },
      }),
    ).toMatchObject({ code: 200, type: 'GenericSubscribeResponse' });
    const dialogId = await openConversation();
    const ring = await agent.change(
      'rs.RoutingTaskNotification',
      (c: Change) => c.result['conversationId'] === dialogId,
    );
    const [{ ringId = '' } = {}] = ring.result['ringsDetails'] as { ringId?: string }[];
    expect(
      await type(agent, { kind: 'req', id: '4', type: 'rs.UpdateRingState', body: { ringId, ringState: 'ACCEPTED' } }),
    ).toMatchObject({ code: 202, body: 'Ring state updated successfully' });
    const mine = await agent.change(
      'cqm.ExConversationChangeNotification',
      (c: Change) => c.result['convId'] === dialogId,
    );
    expect(mine.result['conversationDetails']).toMatchObject({
      participants: expect.arrayContaining([{ id: simulator.agents[0]?.pid, role: 'ASSIGNED_AGENT' }]),
    });
    expect(
      await type(agent, {
        kind: 'req',
        id: '5',
        type: 'ms.PublishEvent',
        body: { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message: 'hello' } },
      }),
    ).toMatchObject({ code: 200, body: { sequence: 0 } });
    expect(
      await type(agent, {
        kind: 'req',
        id: '6',
        type: 'cm.UpdateConversationField',
        body: { conversationId: dialogId, conversationField: { field: 'Stage', conversationState: 'CLOSE' } },
      }),
    ).toMatchObject({ code: 200 });
  });
});
