import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { agentUrl, connectAgent, logIn, oldId, open, type RawClient, refusedWith } from './support/raw-client.ts';

const clock = createManualClock(1_766_274_387_308);
let simulator: Simulator;
let agent: RawClient;
beforeEach(async () => {
  simulator = await startSimulator({ clock });
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

describe('the agent socket', () => {
  it('refuses a bearer nobody was given, another account and a malformed path at the upgrade', async () => {
    expect(await refusedWith(agentUrl(simulator, 'f'.repeat(64)))).toBe(401);
    expect(await refusedWith(agentUrl(simulator, '%E0%A4%A'))).toBe(400);
    expect(await refusedWith(agentUrl(simulator, 'x').replace(simulator.accountId, 'other'))).toBe(401);
    expect(await refusedWith(`${simulator.url.replace('http', 'ws')}/elsewhere`)).toBe(404);
  });

  it.each(['2', '2.0', '2.1'])('accepts version %s and query keys it does not know', async (version) => {
    const { bearer } = await logIn(simulator);
    const client = await open(`${agentUrl(simulator, bearer, version)}&intid=x&intvn=1&appId=my_bot`);
    expect(await client.request('.GetClock')).toMatchObject({ code: 200 });
  });

  it('tells the time', async () => {
    agent.send({ kind: 'req', id: '1', type: '.GetClock' });
    const response = await agent.frame((frame) => frame.reqId === '1');
    expect(response).toEqual({
      kind: 'resp',
      reqId: '1',
      code: 200,
      body: { currentTime: 1_766_274_387_308 },
      type: '.GetClock$Response',
    });
  });

  it('responds in the dialect it was asked in', async () => {
    expect(await agent.request('GetClock')).toMatchObject({ type: 'GetClockResponse' });
    expect(await agent.request('KeepAlive')).toMatchObject({ code: 200, type: 'StringResponse' });
    expect(await agent.request('cqm.SubscribeExConversations', {})).toMatchObject({
      type: 'cqm.SubscribeExConversationsResponse',
    });
    const first = await agent.frame((frame) => frame.kind === 'notification');
    expect(first.type).toBe('cqm.ExConversationChangeNotification');
  });

  it('gives the id of the agent who asks for the own profile, in every form of asking', async () => {
    for (const body of [{}, undefined, '']) {
      expect(await agent.request('.ams.userprofile.GetUserProfile', body)).toMatchObject({
        code: 200,
        type: '.ams.userprofile.GetUserProfile$Response',
        body: { userId: oldId(simulator) },
      });
    }
  });

  it('gives a consumer’s profile by a field or by a bare id', async () => {
    const consumer = simulator.consumer({
      consumerId: 'c-1',
      firstName: 'Ada',
      privateData: { mail: 'a@example.com' },
    });
    await consumer.startConversation();
    const expected = { code: 200, body: { userId: 'c-1', firstName: 'Ada', privateData: { mail: 'a@example.com' } } };
    expect(await agent.request('.ams.userprofile.GetUserProfile', 'c-1')).toMatchObject(expected);
    expect(await agent.request('.ams.userprofile.GetUserProfile', { userId: 'c-1' })).toMatchObject(expected);
    expect(await agent.request('.ams.userprofile.GetUserProfile', 'nobody')).toMatchObject({ code: 400 });
  });

  it('describes the brand', async () => {
    const response = await agent.request('.ams.brandprofile.GetBrandProfile', { brandId: simulator.accountId });
    expect(response).toMatchObject({
      code: 200,
      body: { brandId: simulator.accountId, defaultTTRs: { URGENT: 120, PRIORITIZED: 600, NORMAL: 1200 } },
    });
    expect(await agent.request('.ams.brandprofile.GetBrandProfile', { brandId: 'other' })).toMatchObject({ code: 400 });
  });

  it('gives one-time keys for secure forms', async () => {
    const response = await agent.request('.ams.ms.token.GenerateDownloadToken', {
      downloadable: { type: 'SecureForm', dialogId: 'd', submissionId: 's', invitationId: 'i' },
    });
    expect(response).toMatchObject({
      code: 200,
      body: { token: { type: 'SecureFormReadToken', readOtk: expect.any(String) } },
    });
  });

  it('takes null headers and metadata, a missing kind, and ids that are numbers', async () => {
    agent.send({ id: 7, type: '.GetClock', headers: null, metadata: null });
    expect(await agent.frame((frame) => frame.kind === 'resp')).toMatchObject({ reqId: '7', code: 200 });
  });

  it.each([
    ['an unknown type', { kind: 'req', id: '1', type: '.ams.Nothing', body: {} }],
    ['a wrong kind', { kind: 'resp', id: '1', type: '.GetClock' }],
    ['an id that is too long', { kind: 'req', id: 'x'.repeat(65), type: '.GetClock' }],
    ['a missing id', { kind: 'req', type: '.GetClock' }],
    ['a list', []],
    ['what is not JSON', '{"kind":'],
    ['a request of consumers', { kind: 'req', id: '1', type: '.ams.userprofile.SetUserProfile', body: {} }],
    ['metadata without a type', { kind: 'req', id: '1', type: '.GetClock', metadata: [{ id: 1 }] }],
  ])('responds to %s with a text and stays open', async (_what, frame) => {
    agent.send(frame);
    const response = await agent.frame((each) => each.kind === 'resp');
    expect(response.code === 400 || response.code === 401).toBe(true);
    expect(response).toMatchObject({ type: '.ReqBody$StringResp', body: expect.any(String) });
    expect(String(response.body).length).toBeLessThanOrEqual(128);
    expect(await agent.request('.GetClock')).toMatchObject({ code: 200 });
  });

  // verifies: sim:idle
  it('closes when nothing comes for longer than its limit, and not while pings come', async () => {
    for (let i = 0; i < 3; i++) {
      await clock.advance(50_000);
      await new Promise<void>((resolve) => {
        agent.socket.once('pong', () => resolve());
        agent.socket.ping();
      });
    }
    expect(agent.socket.readyState).toBe(agent.socket.OPEN);
    await clock.advance(75_000);
    expect(await agent.closed).toMatchObject({ code: 1001 });
  });
});

describe('the state of an agent', () => {
  const subscribe = (client: RawClient) =>
    client.request('.ams.routing.SubscribeAgentsState', { brandId: simulator.accountId, agentId: oldId(simulator) });
  const STATES = '.ams.routing.AgentStateNotification';

  it('is told at once to who subscribes, then with each change', async () => {
    expect(await subscribe(agent)).toMatchObject({
      code: 200,
      type: '.ams.GenericSubscribe$Response',
      body: { subscriptionId: expect.any(String) },
    });
    expect(await agent.change(STATES)).toEqual({
      type: 'UPSERT',
      result: { channels: ['MESSAGING'], availability: 'OFFLINE', description: '', agentUserId: oldId(simulator) },
    });
    const body = { availability: 'AWAY', channels: ['MESSAGING'], agentUserId: oldId(simulator), reasonId: '4' };
    expect(await agent.request('.ams.routing.SetAgentState', body)).toMatchObject({
      code: 202,
      body: 'Agent state updated successfully',
      type: '.ReqBody$StringResp',
    });
    await agent.change(STATES, (c) => c.result['availability'] === 'AWAY' && c.result['reasonId'] === '4');
  });

  it('is refused when it is unknown or about somebody else', async () => {
    expect(await agent.request('.ams.routing.SetAgentState', { availability: 'SLEEPY' })).toMatchObject({ code: 400 });
    expect(await agent.request('.ams.routing.SetAgentState', {})).toMatchObject({ code: 400 });
    const foreign = { availability: 'ONLINE', agentUserId: `${simulator.accountId}.1` };
    expect(await agent.request('.ams.routing.SetAgentState', foreign)).toMatchObject({ code: 400 });
  });

  it('does not outlive the last socket', async () => {
    const watcher = await open(agentUrl(simulator, (await logIn(simulator)).bearer));
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    agent.close();
    await agent.closed;
    await subscribe(watcher);
    await watcher.change(STATES, (c) => c.result['availability'] === 'ONLINE');
    watcher.close();
    await watcher.closed;
    const again = await connectAgent(simulator);
    await subscribe(again);
    const state = await again.change(STATES);
    expect(state.result).toMatchObject({ availability: 'OFFLINE' });
  });
});
