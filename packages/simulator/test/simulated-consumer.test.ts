import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, type RawClient } from './support/raw-client.ts';

let dials = 0;
const counted = (): void => void dials++;
beforeAll(() => {
  subscribe('http.client.request.start', counted);
});
afterAll(() => {
  unsubscribe('http.client.request.start', counted);
});

let simulator: Simulator;
let agent: RawClient;
let chat: SimulatedChat;
beforeEach(async () => {
  simulator = await startSimulator();
  agent = await connectAgent(simulator);
  chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation({ message: 'hi' });
  await agent.request('.ams.cm.UpdateConversationField', {
    conversationId: chat.conversationId,
    conversationField: [{ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' }],
  });
});
afterEach(() => simulator.close());

const publish = (event: object, metadata?: object[]) =>
  agent.request('.ams.ms.PublishEvent', { dialogId: chat.conversationId, event }, { metadata });
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('a scripted chat', () => {
  // verifies: wait:answer, consumer:next
  it('gives each message of somebody else once, in order, whenever it is asked for', async () => {
    await publish(text('one'));
    await publish(text('two'));
    expect((await chat.next()).text).toBe('one');
    const waiting = chat.next();
    expect((await waiting).text).toBe('two');
    const [third, fourth] = [chat.next(), chat.next()];
    await publish(text('three'));
    await publish(text('four'));
    expect([(await third).text, (await fourth).text]).toEqual(['three', 'four']);
  });

  // verifies: consumer:say, consumer:transcript
  it('keeps a transcript of all that was said', async () => {
    await publish(text('hello'));
    await chat.next();
    expect(await chat.say('bye', { metadata: [{ type: 'ExternalId', id: 'x' }] })).toEqual({ sequence: 2 });
    expect(chat.transcript).toMatchObject([
      { from: 'consumer', role: 'CONSUMER', text: 'hi', sequence: 0 },
      { from: 'agent', role: 'ASSIGNED_AGENT', text: 'hello', sequence: 1 },
      { from: 'consumer', role: 'CONSUMER', text: 'bye', sequence: 2 },
    ]);
  });

  // verifies: consumer:next
  it('says what it saw when no message comes, without what was said', async () => {
    await publish({ type: 'ChatStateEvent', chatState: 'COMPOSING' });
    await publish({ type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] });
    await chat.waitForEvent((event) => event.event.type === 'AcceptStatusEvent');
    const error = await chat.next({ timeoutMs: 10 }).catch((reason: unknown) => reason as Error);
    const { message } = error as Error;
    expect(message).toBe(
      'no message came within 10 ms; seen: #0 ContentEvent text/plain by CONSUMER; ' +
        'ChatStateEvent COMPOSING by ASSIGNED_AGENT; #1 AcceptStatusEvent READ by ASSIGNED_AGENT; conversation OPEN',
    );
    await expect(chat.waitForEvent(() => false, { timeoutMs: 1 })).rejects.toThrow(
      'no event that fits came within 1 ms',
    );
  });

  // verifies: wait:event, consumer:event, consumer:typing
  it('types, and marks as arrived and as read what others said', async () => {
    await publish(text('a'));
    await publish(text('b'));
    await chat.next();
    await chat.next();
    await chat.typing();
    await chat.accept();
    await chat.read([2]);
    await agent.settle();
    const events = agent
      .notifications('.ams.ms.OnlineEventDistribution')
      .map((f) => (f.body as { event: object }).event);
    expect(events.slice(-3)).toEqual([
      { type: 'ChatStateEvent', chatState: 'COMPOSING' },
      { type: 'AcceptStatusEvent', status: 'ACCEPT', sequenceList: [1, 2] },
      { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [2] },
    ]);
  });

  // verifies: consumer:click
  it('presses quick replies and buttons: a mark with their metadata, then the text with it', async () => {
    const metadata = [{ type: 'ExternalId', id: 'yes-1' }];
    const button = (title: string, actions: object[]) => ({ type: 'button', title, click: { actions, metadata } });
    await publish({
      ...text('Well?'),
      quickReplies: { type: 'quickReplies', replies: [button('Yes', [{ type: 'publishText', text: 'yes please' }])] },
    });
    await publish({
      type: 'RichContentEvent',
      content: { type: 'vertical', elements: [button('Open', [{ type: 'link', uri: 'https://example.com' }])] },
    });
    await chat.next();
    expect((await chat.next()).text).toBeUndefined();
    await chat.click('Yes');
    await chat.click('Open');
    await expect(chat.click('No')).rejects.toThrow('there are: Yes, Open');
    await agent.settle();
    const own = agent
      .notifications('.ams.ms.OnlineEventDistribution')
      .map((frame) => frame.body as { event: object; metadata?: object[]; originatorId: string })
      .filter((record) => record.originatorId === 'c-1');
    expect(own.map(({ event, metadata: sent }) => ({ event, sent }))).toEqual([
      { event: { type: 'AcceptStatusEvent', status: 'ACTION', sequenceList: [1] }, sent: metadata },
      { event: text('yes please'), sent: metadata },
      { event: { type: 'AcceptStatusEvent', status: 'ACTION', sequenceList: [2] }, sent: metadata },
    ]);
  });

  // verifies: wait:end, consumer:rate
  it('is rated and closed', async () => {
    await chat.rate(2, { resolved: false });
    expect([chat.state, chat.stage]).toEqual(['OPEN', 'OPEN']);
    await chat.close();
    await chat.closed;
    expect([chat.state, chat.stage]).toEqual(['CLOSE', 'CLOSE']);
    await expect(chat.say('late')).rejects.toThrow('the platform refused ms.PublishEvent with 400');
  });

  it('goes on over a new socket when the old one was cut', async () => {
    simulator.faults.down();
    simulator.faults.clear();
    simulator.sayAsConsumer(chat.conversationId, 'meanwhile');
    await expect(chat.say('lost')).rejects.toThrow('connection was lost');
    expect(await chat.say('again')).toEqual({ sequence: 2 });
    expect(chat.transcript.map((entry) => entry.text)).toEqual(['hi', 'meanwhile', 'again']);
  });

  it('comes back by itself after an outage, and has what was said meanwhile', async () => {
    simulator.faults.down();
    const waiting = chat.next();
    await expect(connectAgent(simulator)).rejects.toThrow('fetch failed');
    simulator.faults.clear();
    agent = await connectAgent(simulator);
    await publish(text('back again'));
    expect((await waiting).text).toBe('back again');
  });

  it('fails with the cause when it cannot connect, and does not try again by itself', async () => {
    simulator.faults.down();
    const before = dials;
    const consumers = Array.from({ length: 20 }, () => simulator.consumer());
    const failed = await Promise.allSettled(consumers.map((each) => each.startConversation({ message: 'hi' })));
    for (const each of failed) {
      const { message, cause } = (each as PromiseRejectedResult).reason as Error;
      expect(message).toMatch(/^the consumer could not connect: \w+/);
      expect((cause as Error).message).not.toBe('');
    }
    // The chat that was open before dials, these do not.
    await setTimeout(40);
    expect(dials - before).toBeLessThan(20 + 5);
    simulator.faults.clear();
    expect((await consumers[0]?.startConversation({ message: 'hi' }))?.transcript).toHaveLength(1);
  });

  it('dials one try at a time after it was cut off, with pauses that grow', async () => {
    const chats = await Promise.all(Array.from({ length: 10 }, () => simulator.consumer().startConversation()));
    simulator.faults.down();
    const before = dials;
    await setTimeout(45);
    expect(dials - before).toBeLessThanOrEqual(11 * 3);
    simulator.faults.clear();
    simulator.sayAsConsumer(chats[9]?.conversationId ?? '', 'meanwhile');
    await chats[9]?.waitForEvent(({ event }) => event['message'] === 'meanwhile');
  });

  it('dials no more once it is disposed of', async () => {
    simulator.faults.down();
    await chat[Symbol.asyncDispose]();
    const before = dials;
    await setTimeout(45);
    expect(dials).toBe(before);
  });

  it('leaves the conversation as it is when it is disposed of', async () => {
    await chat[Symbol.asyncDispose]();
    await agent.request('.ams.aam.SubscribeExConversations', { conversationId: chat.conversationId });
    const { result } = await agent.change('.ams.aam.ExConversationChangeNotification');
    expect(result).toMatchObject({ conversationDetails: { state: 'OPEN' } });
  });

  it('runs by the hundred', async () => {
    const chats = await Promise.all(
      Array.from({ length: 100 }, (_, i) => simulator.consumer().startConversation({ message: `hi ${i}` })),
    );
    expect(new Set(chats.map((each) => each.conversationId)).size).toBe(100);
    expect(chats.every((each, i) => each.transcript[0]?.text === `hi ${i}`)).toBe(true);
  });

  it('cannot have two conversations open, but one after the other', async () => {
    const consumer = simulator.consumer();
    const first = await consumer.startConversation();
    await expect(consumer.startConversation()).rejects.toThrow('400');
    await first.close();
    const second = await consumer.startConversation();
    expect(second.conversationId).not.toBe(first.conversationId);
  });
});

describe('many scripted consumers', () => {
  it('stay connected however long they say nothing, as devices do that ping', async () => {
    const clock = createManualClock();
    await using day = await startSimulator({ clock, idleTimeoutMs: 1_000 });
    const silent = await day.consumer().startConversation({ message: 'hi' });
    await clock.advance(24 * 3_600_000);
    await silent.say('still here');
    const setUp = day.recentFrames.filter(({ type }) => type === 'userprofile.SetUserProfile');
    expect(setUp).toHaveLength(1);
  });

  it('let everybody else be heard while they begin', async () => {
    let isOver = false;
    const all = Promise.all(Array.from({ length: 300 }, () => simulator.consumer().startConversation())).then(() => {
      isOver = true;
    });
    await agent.request('.GetClock');
    expect(isOver).toBe(false);
    await all;
  });
});

describe('a consumer’s profile', () => {
  it.each([
    [{ firstname: 'Ada' }, 'consumer.firstname is not an option; did you mean firstName?'],
    [{ feature: [] }, 'consumer.feature is not an option; did you mean features?'],
    [{ firstName: 5 }, 'consumer.firstName must be a text'],
    [{ features: ['A', 1] }, 'consumer.features must be a list of texts'],
    [5, 'consumer must be an object'],
  ])('with a slip in it is refused: %j', (profile, message) => {
    const wrong = (): unknown => simulator.consumer(profile as never);
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(message);
  });

  it('may hold fields that the simulator does not know', async () => {
    await simulator.consumer({ consumerId: 'c-2', firstName: 'Ada', description: 'a countess' }).startConversation();
    expect(await agent.request('.ams.userprofile.GetUserProfile', { userId: 'c-2' })).toMatchObject({
      body: { firstName: 'Ada', description: 'a countess' },
    });
  });
});
