import { once } from 'node:events';
import { globalAgent } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { Agent } from 'node-agent-sdk';
import { oldId } from './support/raw-client.ts';

type Call = (callback: (error: unknown, result: unknown) => void) => void;
interface Ring {
  ringId: string;
  ringState: string;
}
interface Conversation {
  type: string;
  result: { convId: string; conversationDetails: { state: string; participants: object[]; getMyRole(): string } };
}
interface Message {
  sequence: number;
  dialogId: string;
  event: { type: string; message?: string };
  isMe(): boolean;
}

const clock = createManualClock();
let simulator: Simulator;
const agents: Agent[] = [];
beforeEach(async () => {
  simulator = await startSimulator({
    clock,
    tls: true,
    agents: [{ username: 'ada' }, { username: 'bob' }],
    skills: [{ id: '7', survey: { appInstallId: 'app-1' } }],
  });
  // The client has no option for an authority.
  globalAgent.options.ca = simulator.ca;
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.dispose();
  await simulator.close();
  delete globalAgent.options.ca;
  globalAgent.destroy();
});

/** The result of a call with a callback. */
const ask = (call: Call): Promise<unknown> =>
  new Promise((resolve, reject) => {
    call((error, result) => {
      if (error !== null && error !== undefined) reject(new Error(JSON.stringify((error as { body: unknown }).body)));
      else resolve(result);
    });
  });

async function connect(credentials: object): Promise<Agent> {
  const { accountId, csdsDomain, ca } = simulator;
  const agent = new Agent({ accountId, csdsDomain, ca, errorCheckInterval: 20, ...credentials });
  agents.push(agent);
  agent.on('error', () => undefined);
  agent.on('closed', () => undefined);
  await once(agent, 'connected');
  return agent;
}
const password = (index: number) => {
  const { username, password: secret } = simulator.agents[index] ?? {};
  return { username, password: secret };
};

/** Resolves with the first change of an event that fits. */
const change = <T>(agent: Agent, event: string, fits: (change: T) => boolean): Promise<T> =>
  new Promise((resolve) => {
    agent.on(event, ({ changes }: { changes: T[] }) => {
      const found = changes.find(fits);
      if (found) resolve(found);
    });
  });

/** Accepts every ring and answers every message, as the client's own example does. */
function echo(agent: Agent): void {
  agent.on('routing.RoutingTaskNotification', ({ changes }: { changes: { result: { ringsDetails: Ring[] } }[] }) => {
    for (const { ringId, ringState } of changes.flatMap(({ result }) => result.ringsDetails)) {
      if (ringState === 'WAITING') agent.updateRingState({ ringId, ringState: 'ACCEPTED' }, () => undefined);
    }
  });
  agent.on('ms.MessagingEventNotification', ({ changes }: { changes: Message[] }) => {
    for (const message of changes) {
      if (message.event.type !== 'ContentEvent' || message.isMe()) continue;
      const text = `echo: ${message.event.message}`;
      const event = { type: 'ContentEvent', contentType: 'text/plain', message: text };
      agent.publishEvent({ dialogId: message.dialogId, event }, () => undefined);
    }
  });
}
async function goOnline(agent: Agent): Promise<void> {
  await ask((done) => agent.subscribeExConversations({ convState: ['OPEN'], agentIds: [agent.agentId] }, done));
  await ask((done) => agent.subscribeRoutingTasks({}, done));
  expect(await ask((done) => agent.setAgentState({ availability: 'ONLINE' }, done))).toBe(
    'Agent state updated successfully',
  );
}

describe('the platform’s own old client, unchanged, over TLS', () => {
  it('logs in with a password, an API key, an assertion and a bearer of its own', async () => {
    const [ada, bob] = simulator.agents;
    const { username, appKey, secret, accessToken, accessTokenSecret, pid } = ada ?? {};
    expect((await connect(password(0))).agentId).toBe(pid);
    expect((await connect({ username, appKey, secret, accessToken, accessTokenSecret })).agentId).toBe(pid);
    const byAssertion = await connect({ assertion: bob?.assertion });
    expect(byAssertion.agentId).toBe(bob?.pid);
    const byToken = await connect({ token: byAssertion.token, userId: bob?.userId });
    expect(await ask((done) => byToken.getClock({}, done))).toEqual({ currentTime: expect.any(Number) });
  });

  it('is told of a wrong password', async () => {
    const { accountId, csdsDomain } = simulator;
    const agent = new Agent({ accountId, csdsDomain, username: 'ada', password: 'wrong' });
    agents.push(agent);
    const [error] = (await once(agent, 'error')) as [unknown];
    expect(error).toBeDefined();
    expect(agent.agentId).toBeUndefined();
  });

  it('takes a conversation, echoes, and sees its own role and messages', async () => {
    const agent = await connect(password(0));
    echo(agent);
    const mine = change<Conversation>(agent, 'cqm.ExConversationChangeNotification', (c) => c.type === 'UPSERT');
    const own = change<Message>(agent, 'ms.MessagingEventNotification', (m) => m.isMe());
    await goOnline(agent);
    const chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation();
    const { result } = await mine;
    expect(result.conversationDetails.getMyRole()).toBe('ASSIGNED_AGENT');
    expect(result.conversationDetails.participants).toEqual([
      { id: 'c-1', role: 'CONSUMER' },
      { id: simulator.agents[0]?.pid, role: 'ASSIGNED_AGENT' },
    ]);
    await chat.say('one');
    expect(await chat.next()).toMatchObject({ text: 'echo: one' });
    expect((await own).sequence).toBe(1);
    const replayed = change<Message>(agent, 'ms.MessagingEventNotification', (m) => m.sequence === 1);
    await ask((done) => agent.subscribeMessagingEvents({ dialogId: chat.conversationId }, done));
    expect((await replayed).event.message).toBe('echo: one');
  });

  it('transfers to another agent and closes with a survey', async () => {
    const [ada, bob] = [await connect(password(0)), await connect(password(1))];
    for (const agent of [ada, bob]) echo(agent);
    const gone = change<Conversation>(ada, 'cqm.ExConversationChangeNotification', (c) => c.type === 'DELETE');
    const mine = change<Conversation>(ada, 'cqm.ExConversationChangeNotification', (c) => c.type === 'UPSERT');
    await goOnline(ada);
    const chat = await simulator.consumer().startConversation({ skillId: '7' });
    await mine;
    const theirs = change<Conversation>(bob, 'cqm.ExConversationChangeNotification', (c) =>
      c.result.conversationDetails.participants.some((p) => (p as { role: string }).role === 'ASSIGNED_AGENT'),
    );
    await goOnline(bob);
    const transferred = await ask((done) =>
      ada.updateConversationField(
        {
          conversationId: chat.conversationId,
          conversationField: [
            { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
            { field: 'ParticipantsChange', type: 'SUGGEST', userId: oldId(simulator, 1), role: 'ASSIGNED_AGENT' },
            { field: 'Skill', type: 'UPDATE', skill: '7' },
          ],
        },
        done,
      ),
    );
    expect(transferred).toBe('OK Agent removed successfully');
    expect((await gone).result.convId).toBe(chat.conversationId);
    await theirs;
    await chat.say('who is there?');
    expect((await chat.next()).originator.id).toBe(simulator.agents[1]?.pid);
    const dialog = { dialogId: chat.conversationId, state: 'CLOSE' };
    const body = {
      conversationId: chat.conversationId,
      conversationField: [{ field: 'DialogChange', type: 'UPDATE', dialog }],
    };
    expect(await ask((done) => bob.updateConversationField(body, done))).toBe('OK Conversation resolved successfully');
    await ask((done) => bob.getClock({}, done));
    expect([chat.state, chat.stage]).toEqual(['CLOSE', 'OPEN']);
  });

  it('is given errors it understands', async () => {
    const agent = await connect(password(0));
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'x' };
    const refused = ask((done) => agent.publishEvent({ dialogId: 'nope', event }, done));
    await expect(refused).rejects.toThrow('Dialog does not exist');
  });

  it('connects again after its token was taken away', async () => {
    const agent = await connect(password(0));
    const closed = once(agent, 'closed');
    simulator.faults.expireToken();
    expect(await closed).toEqual([4401]);
    agent.reconnect();
    await once(agent, 'connected');
    expect(await ask((done) => agent.getClock({}, done))).toEqual({ currentTime: expect.any(Number) });
  });

  it('keeps its session by refreshing it', async () => {
    const agent = await connect({ ...password(0), refreshSessionInterval: 1 });
    const { token, refreshSessionTimeoutId: armed } = agent;
    // The clock is moved past the end of the session in two steps, with a refresh between them.
    await clock.advance(5 * 60 * 60_000);
    await turns(() => agent.refreshSessionTimeoutId !== armed);
    const again = agent.refreshSessionTimeoutId;
    await turns(() => agent.refreshSessionTimeoutId !== again);
    agent.refreshSessionInterval = 600_000;
    const last = agent.refreshSessionTimeoutId;
    await turns(() => agent.refreshSessionTimeoutId !== last);
    await clock.advance(5 * 60 * 60_000);
    const byToken = await connect({ token, userId: simulator.agents[0]?.userId });
    expect(await ask((done) => byToken.getClock({}, done))).toEqual({ currentTime: clock.now() });
  });
});

/** Lets the event loop turn until something is so. */
async function turns(until: () => boolean): Promise<void> {
  while (!until()) await new Promise((resolve) => setImmediate(resolve));
}
