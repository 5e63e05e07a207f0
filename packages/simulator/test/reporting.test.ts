import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, logIn, type RawClient } from './support/raw-client.ts';
import { call, errorOf } from './support/rest.ts';

const MINUTE_MS = 60_000;

let simulator: Simulator;
let clock: ManualClock;
let agent: RawClient;
let headers: { authorization: string };
beforeEach(async () => {
  clock = createManualClock();
  simulator = await startSimulator({
    clock,
    idleTimeoutMs: 100 * MINUTE_MS,
    agents: [
      { username: 'ada', userId: '42', skills: ['7'], maxConversations: 3 },
      { username: 'bob', userId: '43' },
    ],
    skills: [
      { id: '7', name: 'Sales' },
      { id: '8', name: 'Nights', shift: { onShift: false, nextOn: 1_766_000_000_000 } },
      { id: '9', shift: { nextOff: 1_767_000_000_000 } },
    ],
  });
  agent = await connectAgent(simulator);
  headers = { authorization: `Bearer ${(await logIn(simulator)).bearer}` };
});
afterEach(() => simulator.close());

const get = (path: string) => call('GET', `${simulator.url}${path}`, { headers });
const account = () => `/api/account/${simulator.accountId}`;
const start = (id: string, skillId = '7') =>
  simulator.consumer({ consumerId: id }).startConversation({ skillId, message: 'hi' });
const update = (client: RawClient, conversationId: string, ...conversationField: object[]) =>
  client.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
const join = (conversationId: string, client = agent) =>
  update(client, conversationId, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });

describe('the shift status', () => {
  it('says which skills are at work, and when that changes', async () => {
    expect(await get(`${account()}/shift-status`)).toMatchObject({
      status: 200,
      body: [
        { skillId: '7', onShift: true, nextOn: null, nextOff: null },
        { skillId: '8', onShift: false, nextOn: 1_766_000_000_000, nextOff: null },
        { skillId: '9', onShift: true, nextOn: null, nextOff: 1_767_000_000_000 },
      ],
    });
  });

  it('is told to who is logged in only', async () => {
    expect(await call('GET', `${simulator.url}${account()}/shift-status`)).toMatchObject(errorOf(401));
  });
});

describe('the counters', () => {
  const statistics = async (agentId?: string) => {
    const of = agentId === undefined ? '' : `/agents/${agentId}`;
    return get(`/api/messaging/rest/reporting/brands/${simulator.accountId}${of}/msgstatistics?v=1`);
  };

  // verifies: rest:reports
  it('tell who waits for whom, of the account and of each agent', async () => {
    const [mine, answered] = [await start('c-1'), await start('c-2')];
    await start('c-3');
    await join(mine.conversationId);
    await join(answered.conversationId);
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'yes?' };
    await agent.request('.ams.ms.PublishEvent', { dialogId: answered.conversationId, event });
    expect(await statistics()).toMatchObject({
      status: 200,
      body: { active: 1, pending: 1, unassigned: 1, overdue: 0, soonToOverdue: 0 },
    });
    expect((await statistics('42')).body).toMatchObject({ active: 1, pending: 1, unassigned: 0 });
    expect((await statistics('43')).body).toMatchObject({ active: 0, pending: 0, unassigned: 0 });
  });

  it('count what is due soon and what is overdue, until it is answered', async () => {
    const chat = await start('c-1');
    await join(chat.conversationId);
    await clock.advance(6 * MINUTE_MS);
    expect((await statistics()).body).toMatchObject({ overdue: 0, soonToOverdue: 1 });
    await clock.advance(5 * MINUTE_MS);
    expect((await statistics()).body).toMatchObject({ overdue: 1, soonToOverdue: 0 });
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'sorry' };
    await agent.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event });
    expect((await statistics()).body).toMatchObject({ overdue: 0, soonToOverdue: 0, pending: 1 });
  });

  it('leave out closed conversations', async () => {
    const chat = await start('c-1');
    await chat.close();
    expect((await statistics()).body).toEqual({ active: 0, pending: 0, unassigned: 0, overdue: 0, soonToOverdue: 0 });
  });

  it('are refused for an unknown agent, and to strangers', async () => {
    expect(await statistics('44')).toMatchObject(errorOf(404));
    headers = { authorization: 'Bearer x' };
    expect(await statistics()).toMatchObject(errorOf(401));
  });
});

describe('resolved conversations', () => {
  const operations = (query: string) => get(`/operations${account()}/msgconversation?${query}`);
  async function closeAfter(chat: SimulatedChat, minutes: number, by: 'agent' | 'consumer', client = agent) {
    await clock.advance(minutes * MINUTE_MS);
    if (by === 'consumer') await chat.close();
    else {
      const { conversationId } = chat;
      await update(client, conversationId, { field: 'ConversationStateField', conversationState: 'CLOSE' });
      await chat.closed;
    }
  }
  /** Ada has two of skill 7, of which one the consumer closed; Bob has one of skill 8. */
  async function fill(): Promise<void> {
    const bob = await connectAgent(simulator, 1);
    const first = await start('c-1');
    await join(first.conversationId);
    await closeAfter(first, 1, 'agent');
    const second = await start('c-2');
    await join(second.conversationId);
    await closeAfter(second, 2, 'consumer');
    const third = await start('c-3', '8');
    await join(third.conversationId, bob);
    await closeAfter(third, 3, 'agent', bob);
    bob.close();
  }
  const one = { totalResolvedConversations: 1 };

  it('are counted by who closed them, with their times in seconds', async () => {
    await fill();
    expect(await operations('timeframe=60&v=1')).toMatchObject({
      status: 200,
      body: {
        metricsTotals: {
          totalResolvedConversations: 3,
          resolvedConversations_byCCP: 2,
          resolvedConversations_byConsumer: 1,
          resolvedConversations_bySystem: 0,
          totalHandlingTime_resolvedConversations: 360,
          totalHandlingTime_resolvedConversations_byCCP: 240,
          totalHandlingTime_resolvedConversations_byConsumer: 120,
          totalHandlingTime_resolvedConversations_bySystem: 0,
          avgTime_resolvedConversations: 120,
          avgTime_resolvedConversations_byCCP: 120,
          avgTime_resolvedConversations_byConsumer: 120,
          avgTime_resolvedConversations_bySystem: 0,
        },
      },
    });
  });

  it('are counted by skill', async () => {
    await fill();
    expect((await operations('timeframe=60&v=1&skillIds=all')).body).toMatchObject({
      skillsMetrics: {
        metricsPerSkill: { 7: { totalResolvedConversations: 2 }, 8: one },
        metricsTotals: { totalResolvedConversations: 3 },
      },
    });
    const { body } = await operations('timeframe=60&v=1&skillIds=8,9');
    expect(body).toMatchObject({ skillsMetrics: { metricsPerSkill: { 8: one }, metricsTotals: one } });
    expect(body).not.toHaveProperty('metricsTotals');
    expect(body).not.toHaveProperty('skillsMetrics.metricsPerSkill.9');
  });

  it('are counted by agent', async () => {
    await fill();
    expect((await operations('timeframe=60&v=1&agentIds=43')).body).toEqual({
      agentsMetrics: {
        metricsPerAgent: { 43: expect.objectContaining(one) },
        metricsTotals: expect.objectContaining(one),
      },
    });
  });

  // verifies: rest:reports
  it('are counted by skill and agent, asked for in a body as well', async () => {
    await fill();
    const url = `${simulator.url}/operations${account()}/msgconversation`;
    const body = { timeframe: '60', v: '1', skillIds: 'all', agentIds: '42,43' };
    expect(await call('POST', url, { headers, body })).toMatchObject({
      status: 200,
      body: {
        skillsMetricsPerAgent: {
          metricsPerSkill: {
            7: { metricsPerAgent: { 42: { totalResolvedConversations: 2 } } },
            8: { metricsPerAgent: { 43: one } },
          },
          metricsTotals: { totalResolvedConversations: 3 },
        },
        agentsMetrics: { metricsPerAgent: { 42: { totalResolvedConversations: 2 }, 43: one } },
      },
    });
  });

  it('are those of the last minutes', async () => {
    await fill();
    expect((await operations('timeframe=1&v=1')).body).toMatchObject({ metricsTotals: one });
    await clock.advance(2 * MINUTE_MS);
    expect((await operations('timeframe=1&v=1')).body).toMatchObject({
      metricsTotals: { totalResolvedConversations: 0, avgTime_resolvedConversations: 0 },
    });
  });

  it.each([
    'v=1',
    'timeframe=0&v=1',
    'timeframe=1441&v=1',
    'timeframe=x&v=1',
    'timeframe=60',
    'timeframe=60&v=2',
    'timeframe=60&v=1&interval=31',
    'timeframe=60&v=1&interval=61',
  ])('are not counted for %s', async (query) => {
    expect(await operations(query)).toMatchObject(errorOf(400));
  });

  it('take null for what is not asked, as clients write that name every parameter', async () => {
    const all = { timeframe: 60, v: 1, skillIds: null, agentIds: null, interval: null };
    const response = await fetch(`${simulator.url}/operations${account()}/msgconversation`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(all),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ metricsTotals: { totalResolvedConversations: 0 } });
  });

  it('are counted with an interval that divides the time, and for nobody who is not logged in', async () => {
    expect(await operations('timeframe=60&v=1&interval=30')).toMatchObject({ status: 200 });
    headers = { authorization: 'Bearer x' };
    expect(await operations('timeframe=60&v=1')).toMatchObject(errorOf(401));
  });
});

describe('the account’s configuration', () => {
  const config = (path: string) => get(`${account()}/configuration/le-users/${path}?v=4.0`);

  it('lists the agents as users, with their revision', async () => {
    const { status, body, headers: received } = await config('users');
    expect(status).toBe(200);
    expect(received).toMatchObject({ 'ac-revision': '1', etag: '"1"' });
    expect(body).toMatchObject([
      {
        id: 42,
        pid: simulator.agents[0]?.pid,
        loginName: 'ada',
        isEnabled: true,
        deleted: false,
        skillIds: [7],
        maxAsyncChats: 3,
        profileIds: [1],
      },
      { id: 43, loginName: 'bob', skillIds: [], maxAsyncChats: 999 },
    ]);
  });

  it('gives a user by number, and no secret of theirs', async () => {
    const { body } = await config('users/42');
    expect(body).toMatchObject({ id: 42, loginName: 'ada' });
    const { password = '', secret = '', appKey = '' } = simulator.agents[0] ?? {};
    for (const hidden of [password, secret, appKey]) expect(JSON.stringify(body)).not.toContain(hidden);
    expect(await config('users/44')).toMatchObject(errorOf(404));
  });

  // verifies: rest:configuration
  it('gives consumers an agent’s public profile by PID, without a token', async () => {
    const { pid = '' } = simulator.agents[0] ?? {};
    const url = (id: string) => `${simulator.url}${account()}/configuration/le-users/users/${id}`;
    const { status, body } = await call('GET', url(pid));
    expect(status).toBe(200);
    expect(body).toEqual({ id: pid, pid, nickname: 'ada', fullName: 'ada', pictureUrl: null, employeeId: null });
    expect(await call('GET', url('42'))).toMatchObject(errorOf(401));
  });

  // verifies: rest:configuration
  it('lists the skills that are described, and gives each', async () => {
    expect(await config('skills')).toMatchObject({
      status: 200,
      body: [
        { id: 7, name: 'Sales' },
        { id: 8, name: 'Nights' },
        { id: 9, name: '9' },
      ],
    });
    expect((await config('skills/8')).body).toMatchObject({ id: 8, name: 'Nights', deleted: false });
    expect(await config('skills/10')).toMatchObject(errorOf(404));
  });

  it('has one profile, that of an agent', async () => {
    expect((await config('profiles')).body).toMatchObject([
      { id: 1, name: 'Agent', roleTypeId: 2, numOfAssignedUsers: 2 },
    ]);
    expect((await config('profiles/1')).body).toMatchObject({ id: 1, name: 'Agent' });
    expect(await config('profiles/2')).toMatchObject(errorOf(404));
  });

  it('is for agents', async () => {
    headers = { authorization: 'Bearer x' };
    for (const path of ['users', 'users/42', 'skills', 'skills/7', 'profiles', 'profiles/1']) {
      expect(await config(path)).toMatchObject(errorOf(401));
    }
  });
});
