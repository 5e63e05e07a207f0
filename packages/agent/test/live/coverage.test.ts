import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { ConfigError } from '@lp/core';
import { first, startPlatform, type TestPlatform, take } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  platform = await startPlatform();
  agent = await platform.connect();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const chatWith = (message: string) => platform.simulator.consumer().startConversation({ message });
const asked = (type: string) =>
  platform.simulator.recentFrames.filter((entry) => entry.direction === 'in' && entry.type?.endsWith(type)).length;

describe('streams of a conversation', () => {
  // verifies: feeds:rings
  it('routingTasks() tells of its rings only, and brings the subscription', async () => {
    const one = await chatWith('one');
    const tasks = agent.conversation(one.conversationId).routingTasks();
    const read = take(tasks, 1);
    await platform.simulator.waitForRequest('SubscribeRoutingTasks');
    const all = agent.routingTasks();
    const two = await chatWith('two');
    await agent.setAgentState({ availability: 'ONLINE' });
    const told = new Set<unknown>();
    for await (const { result } of all) {
      told.add(result.conversationId);
      if (told.size === 2) break;
    }
    expect(told).toEqual(new Set([one.conversationId, two.conversationId]));
    expect((await read).map(({ result }) => result.conversationId)).toEqual([one.conversationId]);
    expect(asked('SubscribeRoutingTasks')).toBe(1);
  });

  // verifies: feeds:agents
  it('agentStates() tells of its agents only, and brings the subscription', async () => {
    const other = await platform.connect({}, 1);
    const changes = agent.conversationChanges();
    const assigned = first(changes, ({ result }) => result.conversationDetails?.myRole === 'ASSIGNED_AGENT');
    void agent.serve(async () => undefined);
    await agent.setAgentState({ availability: 'ONLINE' });
    const chat = await chatWith('one');
    await assigned;
    const conversation = agent.conversation(chat.conversationId);
    const states = conversation.agentStates();
    const read = first(states, ({ result }) => result.availability === 'AWAY');
    await platform.simulator.waitForRequest('SubscribeAgentsState');
    await other.setAgentState({ availability: 'AWAY' });
    await agent.setAgentState({ availability: 'AWAY' });
    expect((await read).result).toMatchObject({ isMe: true });
  });

  // verifies: slow:notifications
  it('notifications() gives its part of each, of unknown types too, and brings the subscription', async () => {
    const one = await chatWith('one');
    const two = await chatWith('two');
    const notifications = agent.conversation(one.conversationId).notifications();
    const seen: string[] = [];
    const read = first(notifications, (notification) => seen.push(JSON.stringify(notification)) > 1);
    await platform.simulator.waitForRequest('.ams.aam.SubscribeExConversations');
    await agent.subscribeExConversations({});
    await one.say('more');
    await read;
    expect(seen.every((text) => text.includes(one.conversationId))).toBe(true);
    expect(seen.some((text) => text.includes(two.conversationId))).toBe(false);
  });

  // verifies: feeds:conversation
  it('changes() brings the subscription where there is none, once for all', async () => {
    const chat = await chatWith('one');
    const conversation = agent.conversation(chat.conversationId);
    const changes = [conversation.changes(), conversation.changes()];
    const told = await Promise.all(changes.map((stream) => first(stream)));
    expect(told.map(({ result }) => result.convId)).toEqual([chat.conversationId, chat.conversationId]);
    expect(asked('.ams.aam.SubscribeExConversations')).toBe(1);
    await platform.simulator.waitForRequest('UnsubscribeExConversations');
    expect(asked('.aam.SubscribeExConversations')).toBe(1);
  });

  it('fails when the platform refuses what it needs', async () => {
    platform.simulator.faults.failRequests('SubscribeRoutingTasks', 403);
    const chat = await chatWith('one');
    await expect(first(agent.conversation(chat.conversationId).routingTasks())).rejects.toMatchObject({ status: 403 });
  });
});

describe('account-wide streams', () => {
  // verifies: feeds:own-state
  it('of rings and states bring their subscription, unless somebody has subscribed', async () => {
    const states = first(agent.agentStates(), ({ result }) => result.availability === 'ONLINE');
    const tasks = first(agent.routingTasks());
    await agent.subscribeRoutingTasks();
    await platform.simulator.waitForRequest('SubscribeAgentsState');
    await agent.setAgentState({ availability: 'ONLINE' });
    await chatWith('one');
    await Promise.all([states, tasks]);
    expect(asked('SubscribeRoutingTasks')).toBe(1);
  });

  // verifies: status:uncovered, feeds:nothing
  it.each(['conversationChanges', 'notifications'] as const)('%s tells that nothing feeds it', async (name) => {
    const told = first(agent.status(), ({ type }) => type === 'uncovered');
    const stream = agent[name]();
    const reading = stream[Symbol.asyncIterator]().next();
    expect(await told).toMatchObject({ stream: name });
    stream.close();
    await reading;
  });

  it.each([
    ['routingTasks', () => agent.routingTasks({ conversationId: 'c' } as never)],
    ['agentStates', () => agent.agentStates({ capasity: 1 } as never)],
    ['notifications', () => agent.notifications({ type: 'x' } as never)],
    ['conversationChanges', () => agent.conversationChanges({ conversationID: 'c' } as never)],
    ['messagingEvents', () => agent.messagingEvents({ dialogID: 'c' } as never)],
    ['conversations', () => agent.conversations({ skillId: '7' } as never)],
    ['rings', () => agent.rings({ skillId: '7' } as never)],
    ['status', () => agent.status({ type: 'gap' } as never)],
    ['messages', () => agent.conversation('c').messages({ strat: 'live' } as never)],
    ['events', () => agent.conversation('c').events({ from: 'consumer' } as never)],
    ['changes', () => agent.conversation('c').changes({ dialogId: 'c' } as never)],
    ['typing', () => agent.conversation('c').typing({ from: 'consumer' } as never)],
  ])('%s refuses an option that it does not have', (_name, call) => {
    expect(call).toThrow(ConfigError);
  });

  it('say which option was probably meant', () => {
    expect(() => agent.conversations({ skillId: '7' } as never)).toThrow('did you mean skillIds?');
  });
});

describe('a conversation that nothing tells of', () => {
  // verifies: feeds:history
  it.each(['messages', 'events', 'typing'] as const)('is subscribed to by who reads its %s()', async (name) => {
    const chat = await chatWith('one');
    const stream = agent.conversation(chat.conversationId)[name]();
    // Of the agent: consumers subscribe by another name.
    await until(() => asked('.aam.SubscribeExConversations') === 1);
    stream.close();
    await platform.simulator.waitForRequest('UnsubscribeExConversations');
    expect(asked('.aam.SubscribeExConversations')).toBe(1);
  });

  it('is told of in the status when it cannot be subscribed to, and its history is read all the same', async () => {
    const chat = await chatWith('one');
    platform.simulator.faults.failRequests('SubscribeExConversations', 403);
    const uncovered = first(agent.status(), ({ type }) => type === 'uncovered');
    const [message] = await take(agent.conversation(chat.conversationId).messages(), 1);
    expect(message?.text).toBe('one');
    const watched = agent.conversation(chat.conversationId).typing();
    expect(await uncovered).toMatchObject({ stream: expect.stringMatching(/^conversation\./) });
    watched.close();
  });
});

describe('the events of a dialog that is not the main one', () => {
  it('end with it, wherever they are asked for', async () => {
    await using raw = await RawPlatform.start();
    const watcher = await raw.connect();
    const opened = Object.assign(raw.open('c'), { survey: 'OPEN' as 'OPEN' | 'CLOSE' });
    raw.open('another');
    await watcher.subscribeExConversations({ stage: ['OPEN'] });
    await until(() => watcher.conversation('c').details.dialogs.length === 2);
    const streams = [
      watcher.messagingEvents({ dialogId: 'c-survey' }),
      watcher.conversation('c').events({ dialogId: 'c-survey' }),
    ];
    const ended = Promise.all(streams.map((stream) => stream[Symbol.asyncIterator]().next()));
    opened.survey = 'CLOSE';
    raw.tell(opened);
    expect(await ended).toMatchObject([{ done: true }, { done: true }]);
  });
});

describe('an event of a dialog that was never told of', () => {
  // verifies: feeds:account
  it('is given account-wide, and to who reads its dialog', async () => {
    await using raw = await RawPlatform.start();
    const watcher = await raw.connect();
    const all = first(watcher.messagingEvents());
    const one = first(watcher.messagingEvents({ dialogId: 'never-told', start: 'live' }));
    const metadata = { id: 'consumer', role: 'CONSUMER' };
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'from a form' };
    raw.conversations.set('never-told', { id: 'never-told', log: [], mine: false, closed: false });
    await watcher.getClock();
    await until(() => raw.count('QueryMessages') > 0 || raw.count('GetClock') > 1);
    raw.push({ sequence: 0, dialogId: 'never-told', originatorId: 'consumer', originatorMetadata: metadata, event });
    expect([(await all).event, (await one).event]).toMatchObject([event, event]);
  });
});
