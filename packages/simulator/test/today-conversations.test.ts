import { afterEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const SUBSCRIBE = '.ams.aam.SubscribeExConversations';
const PUBLISH = '.ams.ms.PublishEvent';
const UPDATE = '.ams.cm.UpdateConversationField';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  simulator = await startSimulator(options);
};
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('a survey', () => {
  function newestDialog(client: RawClient): Record<string, unknown> {
    const result: Record<string, unknown> = client.changes(CONVERSATIONS).at(-1)?.result ?? {};
    return (result['conversationDetails'] as { dialogs: Record<string, unknown>[] }).dialogs[0] ?? {};
  }

  it('is read by the agent who had the conversation, joined, tagged and closed by the bot', async () => {
    await start({
      agents: [{ username: 'ada' }, { username: 'bot' }],
      skills: [{ id: '7', survey: { appInstallId: 'a' } }],
    });
    const [ada, bot] = [await connectAgent(simulator, 0), await connectAgent(simulator, 1)];
    const chat = await simulator.consumer().startConversation({ skillId: '7', message: 'x' });
    const { conversationId } = chat;
    const update = (client: RawClient, field: object, metadata?: object[]) =>
      client.request(UPDATE, { conversationId, conversationField: [field] }, { metadata });
    await update(ada, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await bot.request(SUBSCRIBE, {});
    await chat.close();
    await bot.settle();
    const survey = newestDialog(bot);
    const { dialogId } = survey;
    expect(survey).toMatchObject({
      dialogType: 'POST_SURVEY',
      participantsDetails: [{ role: 'CONSUMER' }, { id: oldId(simulator, 0), role: 'READER', state: 'ACTIVE' }],
    });
    expect(await update(bot, { field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId })).toMatchObject({
      code: 200,
    });
    const tag = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId } };
    const metadata = [{ type: 'Survey', id: '1', revision: '1.0', provider: 'External' }];
    expect(await update(bot, tag, metadata)).toMatchObject({ code: 200 });
    expect(await bot.request(PUBLISH, { dialogId, event: text('How was it?') })).toMatchObject({ code: 200 });
    await ada.frame((frame) => JSON.stringify(frame.body ?? '').includes('How was it?'));
    expect((await chat.next()).originator.role).toBe('AGENT');
    const bad = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'HALF' } };
    expect(await update(bot, bad)).toMatchObject({ code: 400 });
    const end = { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'CLOSE', closedCause: 'done' } };
    expect(await update(bot, end)).toMatchObject({ code: 200 });
    await chat.closed;
    expect(await update(bot, tag)).toMatchObject({ code: 400 });
  });

  it('bot that was the agent before takes part in it, and reads no longer only', async () => {
    await start({ skills: [{ id: '7', survey: { appInstallId: 'a' } }] });
    const bot = await connectAgent(simulator);
    const chat = await simulator.consumer().startConversation({ skillId: '7' });
    const { conversationId } = chat;
    const update = (field: object) => bot.request(UPDATE, { conversationId, conversationField: [field] });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await bot.request(SUBSCRIBE, {});
    await chat.close();
    await bot.settle();
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId: newestDialog(bot)['dialogId'] });
    await bot.settle();
    expect(newestDialog(bot)['participantsDetails']).toMatchObject([{ role: 'CONSUMER' }, { role: 'AGENT' }]);
  });
});

describe('a bot', () => {
  // verifies: sim:agents
  it('has at most 999 conversations, unless it is given another number', async () => {
    await start({ agents: [{ username: 'bot' }, { username: 'big', maxConversations: 1_002, skills: ['big'] }] });
    const [bot, big] = [await connectAgent(simulator, 0), await connectAgent(simulator, 1)];
    for (const client of [bot, big]) {
      await client.request('.ams.routing.SubscribeRoutingTasks', {});
      await client.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    }
    simulator.openConversations(998, { assignedTo: 'bot' });
    simulator.openConversations(3);
    simulator.openConversations(1_000, { assignedTo: 'big', skillId: 'big' });
    simulator.openConversations(3, { skillId: 'big' });
    await bot.settle();
    await big.settle();
    const rings = (client: RawClient) => client.changes('.ams.routing.RoutingTaskNotification').length;
    expect([rings(bot), rings(big)]).toEqual([1, 2]);
  });
});

describe('a conversation whose consumer says nothing more', () => {
  const clock = createManualClock();
  async function opened(skill: object = {}): Promise<{ agent: RawClient; id: string; answer: () => Promise<unknown> }> {
    await start({ clock, idleTimeoutMs: 365 * DAY, skills: [{ id: '7', survey: { appInstallId: 'a' }, ...skill }] });
    const agent = await connectAgent(simulator);
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', skillId: '7', message: 'hi' });
    await agent.request(SUBSCRIBE, {});
    return { agent, id, answer: () => agent.request(PUBLISH, { dialogId: id, event: text('well?') }) };
  }
  const stage = async (agent: RawClient) => {
    await agent.settle();
    return agent.changes(CONVERSATIONS).at(-1)?.result['conversationDetails'] as Record<string, unknown>;
  };

  // verifies: sim:skills
  it.each([
    ['90 days by default', {}, 90 * DAY],
    ['the time of its skill', { autoCloseMs: 2 * 60 * MINUTE }, 2 * 60 * MINUTE],
  ])('is closed after %s, by nobody and without a survey', async (_, skill, afterMs) => {
    const { agent, answer } = await opened(skill);
    await answer();
    await clock.advance(afterMs - MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(26 * MINUTE);
    expect(await stage(agent)).toMatchObject({
      stage: 'CLOSE',
      closeReason: 'SYSTEM',
      dialogs: [{ dialogType: 'MAIN' }],
    });
  });

  it('stays open while the agent is to answer', async () => {
    const { agent } = await opened({ autoCloseMs: 25 * MINUTE });
    await clock.advance(DAY);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
  });

  it('waits for a time set by hand', async () => {
    const { agent, id, answer } = await opened({ autoCloseMs: 25 * MINUTE });
    await answer();
    const field = { field: 'ManualETTR', time: clock.now() + 10 * 60 * MINUTE };
    await agent.request(UPDATE, { conversationId: id, conversationField: [field] });
    await clock.advance(9 * 60 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(2 * 60 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'CLOSE' });
  });

  it('is closed however many automatic messages it gets', async () => {
    const { agent, id, answer } = await opened({ autoCloseMs: 25 * MINUTE });
    await answer();
    for (let i = 0; i < 2; i++) {
      await clock.advance(9 * MINUTE);
      simulator.sayAsController(id, 'are you there?');
    }
    await clock.advance(8 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'CLOSE', closeReason: 'SYSTEM' });
  });

  it('begins anew when it goes back to the queue', async () => {
    const { agent, id, answer } = await opened({ autoCloseMs: 60 * MINUTE });
    await answer();
    await clock.advance(50 * MINUTE);
    const field = { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' };
    await agent.request(UPDATE, { conversationId: id, conversationField: [field] });
    await clock.advance(50 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'OPEN' });
    await clock.advance(50 * MINUTE);
    expect(await stage(agent)).toMatchObject({ stage: 'CLOSE' });
  });

  it.each([24 * MINUTE, 91 * DAY, Number.NaN])('has no such time as %d ms', async (autoCloseMs) => {
    await start();
    await expect(startSimulator({ skills: [{ id: '7', autoCloseMs }] })).rejects.toThrow('25 minutes to 90 days');
  });
});

describe('an automatic message', () => {
  it('comes from the controller, and changes neither whose turn it is nor when a response is due', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const chat = await simulator.consumer().startConversation({ message: 'hi' });
    await agent.request(SUBSCRIBE, {});
    await agent.settle();
    const due = () => agent.changes(CONVERSATIONS).at(-1)?.result['effectiveTTR'];
    const before = due();
    expect(before).toBeGreaterThan(0);
    expect(simulator.sayAsController(chat.conversationId, 'You are number 3 in the queue')).toBe(1);
    expect(await chat.next()).toMatchObject({
      text: 'You are number 3 in the queue',
      originator: { role: 'CONTROLLER', id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    simulator.sayAsController(chat.conversationId, 'You are number 2');
    await agent.settle();
    expect(due()).toBe(before);
    expect(agent.changes(CONVERSATIONS).at(-1)?.result).toMatchObject({
      conversationDetails: { participants: { CONTROLLER: [`${simulator.accountId}.1`] } },
      lastContentEventNotification: { originatorMetadata: { role: 'CONTROLLER' } },
    });
    expect(() => simulator.sayAsController('x', 'y')).toThrow('no conversation of this id');
  });
});
