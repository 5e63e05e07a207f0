import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { type Change, connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const ROUTING = '.ams.routing.RoutingTaskNotification';
const EVENTS = '.ams.ms.OnlineEventDistribution';

interface Ring {
  ringId: string;
  ringState: string;
  ringExpiration: number;
}
const ringOf = (change: Change) => (change.result['ringsDetails'] as Ring[])[0] as Ring;

let simulator: Simulator;
let agent: RawClient;

beforeEach(async () => {
  simulator = await startSimulator();
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

async function goOnline(): Promise<void> {
  await agent.request('.ams.aam.SubscribeExConversations', { convState: ['OPEN'], agentIds: [oldId(simulator)] });
  await agent.request('.ams.routing.SubscribeRoutingTasks', {
    channelType: 'MESSAGING',
    brandId: simulator.accountId,
    agentId: oldId(simulator),
  });
  await agent.request('.ams.routing.SetAgentState', {
    availability: 'ONLINE',
    channels: ['MESSAGING'],
    agentUserId: oldId(simulator),
  });
}

async function acceptRing(conversationId: string): Promise<void> {
  const waiting = await agent.change(
    ROUTING,
    (c: Change) => c.result['conversationId'] === conversationId && ringOf(c).ringState === 'WAITING',
  );
  await agent.request('.ams.routing.UpdateRingState', { ringId: ringOf(waiting).ringId, ringState: 'ACCEPTED' });
}

describe('a conversation from the first word to the last', () => {
  // verifies: consumer:start
  it('rings at an available agent, is assigned on acceptance, carries messages both ways and closes', async () => {
    await goOnline();
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'hello' });
    const { conversationId } = chat;

    const waiting = await agent.change(ROUTING, (c: Change) => ringOf(c).ringState === 'WAITING');
    expect(waiting).toMatchObject({ type: 'UPSERT', result: { conversationId, taskCompleted: false, skillId: '-1' } });
    expect(ringOf(waiting)).toMatchObject({ ringExpiration: 72_000 });
    expect(ringOf(waiting).ringId).toMatch(new RegExp(`^${conversationId}_${simulator.accountId}_\\d+$`));

    const accepted = await agent.request('.ams.routing.UpdateRingState', {
      ringId: ringOf(waiting).ringId,
      ringState: 'ACCEPTED',
    });
    expect(accepted).toMatchObject({ code: 202, body: 'Ring state updated successfully', type: '.ReqBody$StringResp' });
    await agent.change(
      ROUTING,
      (c: Change) => ringOf(c).ringState === 'ACCEPTED' && c.result['taskCompleted'] === true,
    );

    const assigned = await agent.change(CONVERSATIONS);
    expect(assigned).toMatchObject({
      type: 'UPSERT',
      result: {
        convId: conversationId,
        conversationDetails: {
          participants: { CONSUMER: [expect.any(String)], ASSIGNED_AGENT: [oldId(simulator)] },
          participantsPId: { ASSIGNED_AGENT: [simulator.agents[0]?.pid] },
          dialogs: [{ dialogId: conversationId, dialogType: 'MAIN', state: 'OPEN' }],
        },
        lastContentEventNotification: { sequence: 0, event: { message: 'hello' } },
      },
    });

    const published = await agent.request('.ams.ms.PublishEvent', {
      dialogId: conversationId,
      event: { type: 'ContentEvent', contentType: 'text/plain', message: 'hello Ada' },
    });
    expect(published).toMatchObject({ code: 200, body: { sequence: 1 }, type: '.ams.ms.PublishEvent$Response' });
    const own = await agent.frame((frame) => frame.type === EVENTS);
    expect(own.body).toMatchObject({
      sequence: 1,
      originatorId: oldId(simulator),
      originatorPId: simulator.agents[0]?.pid,
      originatorMetadata: { id: simulator.agents[0]?.pid, role: 'ASSIGNED_AGENT' },
      dialogId: conversationId,
    });
    const response = await chat.next();
    expect(response).toMatchObject({ text: 'hello Ada', sequence: 1, originator: { id: simulator.agents[0]?.pid } });

    await chat.say('bye');
    await agent.frame((frame) => frame.type === EVENTS && (frame.body as { sequence: number }).sequence === 2);
    const closed = await agent.request('.ams.cm.UpdateConversationField', {
      conversationId,
      conversationField: [{ field: 'ConversationStateField', conversationState: 'CLOSE' }],
    });
    expect(closed).toMatchObject({ code: 200, body: 'OK Conversation resolved successfully' });
    const removed = await agent.change(CONVERSATIONS, (c: Change) => c.type === 'DELETE');
    expect(removed.result).toMatchObject({
      conversationDetails: { state: 'CLOSE', stage: 'CLOSE', closeReason: 'AGENT' },
    });
    await chat.closed;
    expect(chat.transcript.map(({ from, text, sequence }) => [sequence, from, text])).toEqual([
      [0, 'consumer', 'hello'],
      [1, 'agent', 'hello Ada'],
      [2, 'consumer', 'bye'],
    ]);
  });

  it('is found again by an agent who lost the socket', async () => {
    await goOnline();
    const chat = await simulator.consumer().startConversation({ message: 'one' });
    await acceptRing(chat.conversationId);
    await agent.change(CONVERSATIONS);
    simulator.faults.dropAll();
    expect(await agent.closed).toMatchObject({ code: 1006 });
    await chat.say('two');

    agent = await connectAgent(simulator);
    await agent.request('.ams.aam.SubscribeExConversations', { stage: ['OPEN'], agentIds: [oldId(simulator)] });
    const found = await agent.change(CONVERSATIONS);
    expect(found.result).toMatchObject({
      convId: chat.conversationId,
      numberOfunreadMessages: { [oldId(simulator)]: 1 },
      lastContentEventNotification: { sequence: 1 },
    });
    const history = await agent.request('.ams.ms.QueryMessages', { dialogId: chat.conversationId });
    expect(history.body).toMatchObject([{ sequence: 0 }, { sequence: 1 }]);
  });
});
