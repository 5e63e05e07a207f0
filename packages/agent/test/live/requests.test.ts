import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { RequestRejectedError } from '@lp/core';
import { type RequestName, RequestTypes } from '@lp/schemas';
import type { SimulatedChat } from '@lp/simulator';
import { first, readAll, startPlatform, type TestPlatform, take } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;

beforeEach(async () => {
  platform = await startPlatform({ agents: [{ username: 'bot@example.com' }, { username: 'second@example.com' }] });
  agent = await platform.connect();
  await agent.setAgentState({ availability: 'ONLINE' });
  const ring = first(agent.rings());
  chat = await platform.simulator
    .consumer({ firstName: 'Ada', privateData: { mail: 'ada@example.com' } })
    .startConversation();
  await (await ring).accept();
  await chat.say('hello');
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const dialog = () => chat.conversationId;

/** One call of each request that the platform grants, and what the response looks like. */
const calls: { readonly [N in RequestName]: { call: () => Promise<unknown>; response: unknown } } = {
  getClock: { call: () => agent.getClock(), response: { currentTime: expect.any(Number) } },
  subscribeExConversations: {
    call: () => agent.subscribeExConversations({ stage: ['OPEN'] }),
    response: { subscriptionId: expect.any(String) },
  },
  unsubscribeExConversations: {
    call: async () => agent.unsubscribeExConversations(await agent.subscribeExConversations()),
    response: expect.any(String),
  },
  updateExConversationSubscription: {
    call: async () =>
      agent.updateExConversationSubscription({ ...(await agent.subscribeExConversations()), stage: ['CLOSE'] }),
    response: { subscriptionId: expect.any(String) },
  },
  subscribeAgentsState: { call: () => agent.subscribeAgentsState(), response: { subscriptionId: expect.any(String) } },
  subscribeRoutingTasks: {
    call: () => agent.subscribeRoutingTasks(),
    response: { subscriptionId: expect.any(String) },
  },
  updateRoutingTaskSubscription: {
    call: async () => agent.updateRoutingTaskSubscription({ ...(await agent.subscribeRoutingTasks()), skillId: '7' }),
    response: { subscriptionId: expect.any(String) },
  },
  subscribeMessagingEvents: { call: () => agent.subscribeMessagingEvents({ dialogId: dialog() }), response: undefined },
  queryMessages: {
    call: () => agent.queryMessages({ dialogId: dialog() }),
    response: [expect.objectContaining({ dialogId: expect.any(String), sequence: 0, isMe: false })],
  },
  setAgentState: {
    call: () => agent.setAgentState({ availability: 'AWAY' }),
    response: 'Agent state updated successfully',
  },
  getUserProfile: {
    call: () => agent.getUserProfile({}),
    response: expect.objectContaining({ sdes: expect.any(Array) }),
  },
  getBrandProfile: { call: () => agent.getBrandProfile(), response: expect.any(Object) },
  updateRingState: {
    call: async () => {
      const ring = first(agent.rings());
      await platform.simulator.consumer().startConversation({ message: 'another' });
      const { ringId } = await ring;
      return agent.updateRingState({ ringId, ringState: 'REJECTED' });
    },
    response: 'Ring state updated successfully',
  },
  updateConversationField: {
    call: () =>
      agent.updateConversationField({ conversationId: dialog(), conversationField: { field: 'Note', note: 'kind' } }),
    response: 'OK Update note success',
  },
  agentRequestConversation: {
    call: async () => {
      const consumerId = (await agent.queryMessages({ dialogId: dialog() }))[0]?.originatorId ?? '';
      await agent.conversation(dialog()).close();
      return agent.agentRequestConversation({
        consumerId,
        conversationContext: { type: 'ProactiveContext', originConversationId: dialog() },
      });
    },
    response: { conversationId: expect.any(String) },
  },
  generateURLForUploadFile: {
    call: () => agent.generateURLForUploadFile({ fileSize: 3, fileType: 'PNG' }),
    response: { relativePath: expect.any(String), queryParams: expect.any(Object) },
  },
  generateURLForDownloadFile: {
    call: async () => {
      const { relativePath } = await agent.conversation(dialog()).uploadFile(Buffer.from('abc'), { fileType: 'PNG' });
      return agent.generateURLForDownloadFile({ relativePath });
    },
    response: { relativePath: expect.any(String), queryParams: expect.any(Object) },
  },
  generateDownloadToken: {
    call: () =>
      agent.generateDownloadToken({
        downloadable: { type: 'SecureForm', dialogId: dialog(), submissionId: 's', invitationId: 'i' },
      }),
    response: { token: expect.objectContaining({ readOtk: expect.any(String) }) },
  },
  publishEvent: {
    call: () =>
      agent.publishEvent({
        dialogId: dialog(),
        event: { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' },
      }),
    response: { sequence: expect.any(Number) },
  },
};

const names = Object.keys(calls) as RequestName[];

describe('every request', () => {
  it.each(names)('%s gets what its method promises', async (name) => {
    expect(await calls[name].call()).toEqual(calls[name].response);
  });

  // verifies: refusal:400
  it.each(names)('%s rejects with the platform\u2019s refusal', async (name) => {
    platform.simulator.faults.failRequests(RequestTypes[name], 400, { text: 'no, thank you' });
    const refusal = await calls[name].call().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(RequestRejectedError);
    expect(refusal).toMatchObject({ status: 400, type: RequestTypes[name], body: 'no, thank you', retryable: false });
  });
});

describe('a refusal', () => {
  // verifies: readme:errors, error-field:message, refusal:400
  it('tells what to do about a text that is well known, without repeating it', async () => {
    const conversation = agent.conversation(dialog());
    await conversation.backToQueue();
    const refused = agent.updateConversationField({
      conversationId: dialog(),
      conversationField: { field: 'ParticipantsChange', type: 'REMOVE', role: 'READER' },
    });
    await expect(refused).rejects.toThrow(/participant to remove/);
  });
});

describe('conveniences', () => {
  it('brings a replay that was asked for to the streams', async () => {
    const events = agent.messagingEvents();
    await agent.subscribeMessagingEvents({ dialogId: dialog(), fromSeq: 0 });
    expect(await first(events)).toMatchObject({ sequence: 0, dialogId: dialog() });
  });

  it('asks for a profile by the bare id, and gathers what is known of the person', async () => {
    const [message] = await agent.queryMessages({ dialogId: dialog() });
    const profile = await agent.getUserProfile(message?.originatorId ?? '');
    expect(profile.firstName).toBe('Ada');
    expect(profile.sdes).toContainEqual({
      type: 'personal',
      personal: { firstname: 'Ada', contacts: [{ email: 'ada@example.com' }] },
    });
  });

  it('gives the profile of a conversation\u2019s consumer', async () => {
    await agent.subscribeExConversations();
    const conversation = agent.conversation(dialog());
    await take(conversation.messages(), 1);
    expect((await conversation.consumer()).firstName).toBe('Ada');
    await expect(agent.conversation('unknown').consumer()).rejects.toThrow('the consumer is not known');
  });

  it('names the agent by its old id where the platform wants that', async () => {
    await agent.subscribeExConversations({ agentIds: [agent.agentId] });
    const { frame } = await platform.simulator.waitForRequest('SubscribeExConversations', ({ frame }) =>
      JSON.stringify(frame).includes('agentIds'),
    );
    expect(JSON.stringify(frame)).toContain(`"${agent.accountId}.${agent.userId}"`);
  });

  // verifies: error:timeout
  it('gives up on a response after the time of the call, and with the reason of an aborted signal', async () => {
    platform.simulator.faults.dropAnswers('GetClock');
    await expect(agent.getClock({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    await expect(agent.getClock({}, { signal: AbortSignal.abort('never mind') })).rejects.toBe('never mind');
  });
});

describe('account-wide streams', () => {
  it('show changes of conversations, rings, agents\u2019 states and every notification', async () => {
    const seen = {
      conversations: agent.conversationChanges(),
      rings: agent.routingTasks(),
      states: agent.agentStates(),
      all: agent.notifications(),
    };
    await agent.subscribeExConversations();
    await agent.subscribeRoutingTasks();
    await agent.subscribeAgentsState();
    expect(await first(seen.states)).toMatchObject({ type: 'UPSERT', result: { availability: 'ONLINE', isMe: true } });
    expect((await first(seen.conversations)).result.convId).toBe(dialog());
    await platform.simulator.consumer().startConversation({ message: 'another' });
    expect((await first(seen.rings)).result.ringsDetails[0]?.ringState).toBe('WAITING');
    expect(await first(seen.all)).toMatchObject({ known: true, type: expect.stringMatching(/^\.ams\./) });
  });

  it('end with the agent', async () => {
    const streams = [agent.messagingEvents(), agent.routingTasks(), agent.agentStates()].map((s) =>
      readAll<unknown>(s),
    );
    await agent.close();
    await expect(Promise.all(streams)).resolves.toBeDefined();
  });
});
