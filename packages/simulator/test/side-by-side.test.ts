import { describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock } from '@lp/core';
import { startSimulator } from '@lp/simulator';
import { agentUrl, connectAgent, logIn, open, post, refusedWith } from './support/raw-client.ts';
import { bearerHeader, call } from './support/rest.ts';

describe('simulators side by side', () => {
  it('share nothing: not their ports, not their tokens, not their conversations', async () => {
    await using one = await startSimulator({ seed: 1 });
    await using two = await startSimulator({ seed: 2 });
    expect(one.csdsDomain).not.toBe(two.csdsDomain);
    const { bearer } = await logIn(one);
    expect(await refusedWith(agentUrl(two, bearer))).toBe(401);
    const chat = await one.consumer().startConversation({ message: 'only here' });
    const there = `${two.url}/v1/conversations/${chat.conversationId}`;
    const headers = { ...(await bearerHeader(two)), 'brand-id': two.accountId };
    expect(await call('GET', there, { headers })).toMatchObject({ status: 404 });
    two.faults.down();
    expect(await call('GET', `${one.url}/sentinel/well-known/jwks`)).toMatchObject({ status: 200 });
  });

  it('give a consumer of one no way into the other, although both would know the name', async () => {
    await using one = await startSimulator({ seed: 1, accountId: 'brand1' });
    await using two = await startSimulator({ seed: 1, accountId: 'brand2' });
    const signUp = await post(`${one.url}/api/account/brand1/signup`, {});
    const { jwt } = (await signUp.json()) as { jwt: string };
    const url = `${two.url.replace('http', 'ws')}/ws_api/account/brand2/messaging/consumer?v=3`;
    expect(await refusedWith(url, { authorization: `jwt ${jwt}` })).toBe(401);
  });

  it('run by the dozen in one process', async () => {
    const simulators = await Promise.all(Array.from({ length: 12 }, (_, seed) => startSimulator({ seed })));
    const chats = await Promise.all(simulators.map((each) => each.consumer().startConversation({ message: 'hi' })));
    expect(new Set(chats.map(({ conversationId }) => conversationId)).size).toBe(12);
    await Promise.all(simulators.map((each) => each.close()));
  });
});

describe('many conversations at once', () => {
  it('are put into the account without a socket, each of a consumer of its own', async () => {
    await using simulator = await startSimulator();
    const agent = await connectAgent(simulator);
    const ids = simulator.openConversations(50, { skillId: '7', assignedTo: 'bot@example.com', message: 'hello' });
    expect(new Set(ids).size).toBe(50);
    await agent.request('.ams.aam.SubscribeExConversations', { stage: ['OPEN'] });
    await agent.settle();
    const results = agent.changes('.ams.aam.ExConversationChangeNotification').map(({ result }) => result);
    expect(results).toHaveLength(50);
    const consumers = new Set<string>();
    for (const result of results) {
      expect(result).toMatchObject({
        conversationDetails: {
          skillId: '7',
          participants: { CONSUMER: [expect.any(String)], ASSIGNED_AGENT: [expect.any(String)] },
        },
        lastContentEventNotification: { event: { message: 'hello' } },
      });
      const { participants } = result['conversationDetails'] as { participants: { CONSUMER: string[] } };
      consumers.add(participants.CONSUMER[0] ?? '');
    }
    expect(consumers.size).toBe(50);
  });

  it('are open to talk in by their ids, and nothing else is', async () => {
    await using simulator = await startSimulator();
    const agent = await connectAgent(simulator);
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    expect([simulator.sayAsConsumer(id, 'a'), simulator.sayAsConsumer(id, 'b')]).toEqual([0, 1]);
    await agent.settle();
    expect(agent.notifications('.ams.ms.OnlineEventDistribution')).toHaveLength(2);
    expect(() => simulator.sayAsConsumer('none', 'a')).toThrow('there is no conversation of this id');
    expect(() => simulator.openConversations(1, { assignedTo: 'nobody' })).toThrow('no agent has this username');
    expect(simulator.openConversations(0)).toEqual([]);
  });

  it.each([
    [-1, {}, 'openConversations: the count must be a whole number of at least 0'],
    ['1', {}, 'openConversations: the count must be a whole number of at least 0'],
    [1, { asignedTo: 'x' }, 'openConversations.asignedTo is not an option; did you mean assignedTo?'],
    [1, { message: 5 }, 'openConversations.message must be a text'],
  ])('are not made of wrong words: %j, %j', async (count, options, message) => {
    await using simulator = await startSimulator();
    const wrong = (): unknown => simulator.openConversations(count as number, options as object);
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(message);
  });

  it('ring at an agent as slots get free, one after the other, until all are taken', async () => {
    await using simulator = await startSimulator({
      clock: createManualClock(),
      agents: [{ username: 'ada', maxConversations: 4 }],
    });
    const { bearer } = await logIn(simulator);
    const agent = await open(agentUrl(simulator, bearer));
    await agent.request('.ams.routing.SubscribeRoutingTasks', {});
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    const ids = simulator.openConversations(10);
    const taken = new Set<string>();
    while (taken.size < 10) {
      const ring = await agent.change(
        '.ams.routing.RoutingTaskNotification',
        ({ result }: { result: Record<string, unknown> }) => {
          const [{ ringState = '' } = {}] = result['ringsDetails'] as { ringState?: string }[];
          return ringState === 'WAITING' && !taken.has(String(result['conversationId']));
        },
      );
      const conversationId = String(ring.result['conversationId']);
      const [{ ringId = '' } = {}] = ring.result['ringsDetails'] as { ringId?: string }[];
      taken.add(conversationId);
      expect(await agent.request('.ams.routing.UpdateRingState', { ringId, ringState: 'ACCEPTED' })).toMatchObject({
        code: 202,
      });
      const conversationField = { field: 'Stage', conversationState: 'CLOSE' };
      await agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
    }
    expect(taken).toEqual(new Set(ids));
  });
});
