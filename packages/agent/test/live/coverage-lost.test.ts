import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation } from '@lp/agent';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let raw: RawPlatform;
let agent: Agent;

beforeEach(async () => {
  raw = await RawPlatform.start();
  agent = await raw.connect();
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

const subscriptionsTo = (conversationId: string) =>
  raw.requests.filter(
    ({ type, request }) => type === 'SubscribeExConversations' && request.body.conversationId === conversationId,
  ).length;

async function listed(how: 'list' | 'break'): Promise<Conversation> {
  for await (const conversation of agent.conversations({ agentIds: 'me', follow: how === 'break' })) {
    if (how === 'break') return conversation;
  }
  return agent.conversation('c');
}

async function subscribedBefore(): Promise<Conversation> {
  const subscription = await agent.subscribeExConversations({ conversationId: 'c' });
  await until(() => agent.conversation('c').myRole !== undefined);
  await agent.unsubscribeExConversations(subscription);
  return agent.conversation('c');
}

const known: [string, () => Promise<Conversation>][] = [
  ['a list that has ended', () => listed('list')],
  ['a loop that was left', () => listed('break')],
  ['a subscription that was given up', subscribedBefore],
];

describe('a conversation that is known from what has gone', () => {
  // verifies: feeds:conversation
  it.each(known)('is subscribed to by its changes(): %s', async (_from, conversationOf) => {
    const opened = raw.open('c');
    const conversation = await conversationOf();
    const before = subscriptionsTo('c');
    const ended = first(conversation.changes(), ({ result }) => result.conversationDetails?.state === 'CLOSE');
    await until(() => subscriptionsTo('c') > before);
    raw.close(opened);
    expect((await ended).result.convId).toBe('c');
  });

  it.each(known)('is subscribed to by its messages(), which end with it: %s', async (_from, conversationOf) => {
    const opened = raw.open('c');
    const conversation = await conversationOf();
    const before = subscriptionsTo('c');
    const messages = conversation.messages({ start: 'live' });
    const read = (async () => {
      for await (const message of messages) void message;
    })();
    await until(() => subscriptionsTo('c') > before);
    raw.close(opened);
    await read;
    expect(subscriptionsTo('c')).toBe(before + 1);
  });
});

describe('a stream that was covered', () => {
  const read = () => agent.conversation('c').changes()[Symbol.asyncIterator]().next();

  /** Resolves when a stream that began to look for its cover now would have found it. */
  async function looked(): Promise<void> {
    void agent.conversation('unknown').changes()[Symbol.asyncIterator]().next();
    await until(() => subscriptionsTo('unknown') === 1);
  }

  it('brings its own subscription when that of somebody else is given up', async () => {
    raw.open('c');
    const subscription = await agent.subscribeExConversations({ stage: ['OPEN'] });
    const reading = read();
    await looked();
    expect(subscriptionsTo('c')).toBe(0);
    await agent.unsubscribeExConversations(subscription);
    await until(() => subscriptionsTo('c') === 1);
    expect((await reading).value).toMatchObject({ result: { convId: 'c' } });
  });

  it('brings its own when that of somebody else is about others from now on', async () => {
    raw.open('c');
    const { subscriptionId } = await agent.subscribeExConversations({ stage: ['OPEN'] });
    void read();
    await looked();
    await agent.updateExConversationSubscription({ subscriptionId, stage: ['CLOSE'] });
    await until(() => subscriptionsTo('c') === 1);
    expect(subscriptionsTo('c')).toBe(1);
  });

  it('brings its own when serving stops, and costs nothing until then', async () => {
    raw.open('c');
    const stop = new AbortController();
    const reading: Promise<unknown>[] = [];
    const serving = agent.serve(
      async (conversation) => {
        reading.push(conversation.changes()[Symbol.asyncIterator]().next());
        for await (const message of conversation.messages()) void message;
      },
      { signal: stop.signal },
    );
    await until(() => reading.length === 1);
    const watched = agent.conversation('c').messages({ start: 'live' });
    void watched[Symbol.asyncIterator]().next();
    void first(agent.routingTasks()).catch(() => undefined);
    await looked();
    expect([subscriptionsTo('c'), raw.count('SubscribeRoutingTasks')]).toEqual([0, 1]);
    stop.abort();
    await serving;
    await until(() => subscriptionsTo('c') === 1 && raw.count('SubscribeRoutingTasks') === 2);
    expect(subscriptionsTo('c')).toBe(1);
  });

  it('brings its own when the one that covered it lets the conversation go', async () => {
    const opened = raw.open('c');
    await agent.subscribeExConversations({ stage: ['OPEN'], agentIds: [`${agent.accountId}.${agent.userId}`] });
    await until(() => agent.conversation('c').myRole !== undefined);
    const closed = first(
      agent.conversation('c').changes(),
      ({ result }) => result.conversationDetails?.state === 'CLOSE',
    );
    const messages = agent.conversation('c').messages({ start: 'live' });
    const read = (async () => {
      for await (const message of messages) void message;
    })();
    await looked();
    expect(subscriptionsTo('c')).toBe(0);
    opened.mine = false;
    const { changes, ...rest } = raw.changes('s', [opened]);
    const left = { ...rest, changes: changes.map((change) => ({ ...change, type: 'DELETE' })) };
    raw.notify('.ams.aam.ExConversationChangeNotification', left);
    await until(() => subscriptionsTo('c') === 1);
    raw.close(opened);
    await Promise.all([closed, read]);
    expect(subscriptionsTo('c')).toBe(1);
  });

  it('brings its own when the one that covered it could not be restored', async () => {
    raw.open('c');
    await agent.subscribeExConversations({ stage: ['OPEN'] });
    await until(() => agent.conversation('c').myRole !== undefined);
    void read();
    await looked();
    const isRefused = (body: object) => !('conversationId' in body);
    raw.hooks.set('SubscribeExConversations', ({ body }) => (isRefused(body) ? { code: 400 } : undefined));
    raw.cut();
    await until(() => subscriptionsTo('c') === 1 && agent.state === 'connected');
    expect(raw.upgrades).toBe(4);
  });

  it('asks anew where an earlier one was refused', async () => {
    raw.hooks.set('SubscribeExConversations', () => ({ code: 403, body: 'no' }));
    const uncovered = first(agent.status(), ({ type }) => type === 'uncovered');
    const messages = agent.conversation('c').messages({ start: 'live' });
    void messages[Symbol.asyncIterator]().next();
    await uncovered;
    await expect(first(agent.conversation('c').changes())).rejects.toMatchObject({ status: 403 });
  });
});
