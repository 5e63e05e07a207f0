import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent, Conversation, Message } from '@lp/agent';
import { ConfigError } from '@lp/core';
import type { SimulatedChat } from '@lp/simulator';
import { first, readAll, startPlatform, type TestPlatform, take } from '../support/platform.ts';

let platform: TestPlatform;
let agent: Agent;

beforeEach(async () => {
  platform = await startPlatform({
    maxConversationsPerNotification: 5,
    agents: [{ username: 'bot@example.com' }, { username: 'second@example.com' }],
  });
  agent = await platform.connect();
  await agent.setAgentState({ availability: 'ONLINE' });
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

async function taken(): Promise<{ chat: SimulatedChat; conversation: Conversation }> {
  await agent.subscribeExConversations({ stage: ['OPEN'] });
  const ring = first(agent.rings());
  const chat = await platform.simulator.consumer().startConversation();
  await (await ring).accept();
  await chat.say('hello');
  const conversation = agent.conversation(chat.conversationId);
  await take(conversation.messages(), 1);
  return { chat, conversation };
}

describe('conversations()', () => {
  it('gives each matching conversation once, then those that come', async () => {
    const consumers = [1, 2, 3].map((n) => platform.simulator.consumer({ firstName: `c${n}` }));
    const [one, two] = await Promise.all(consumers.slice(0, 2).map((c) => c.startConversation({ message: 'hi' })));
    const conversations = agent.conversations();
    const reading = take(conversations, 3);
    await platform.simulator.waitForRequest('SubscribeExConversations');
    await one?.say('again');
    const three = await consumers[2]?.startConversation({ message: 'hi' });
    const ids = (await reading).map(({ conversationId }) => conversationId);
    expect(new Set(ids)).toEqual(new Set([one, two, three].map((chat) => chat?.conversationId)));
    expect(ids).toHaveLength(3);
  });

  it('goes past the limit of one notification', async () => {
    const chats = [];
    for (let n = 0; n < 13; n++) chats.push(await platform.simulator.consumer().startConversation({ message: `${n}` }));
    const conversations = await take(agent.conversations(), 13);
    expect(new Set(conversations.map(({ conversationId }) => conversationId))).toEqual(
      new Set(chats.map(({ conversationId }) => conversationId)),
    );
  });

  it.each([429, 500])('goes on where an older page was refused for now: %d', async (code) => {
    for (let n = 0; n < 13; n++) await platform.simulator.consumer().startConversation({ message: `${n}` });
    const found = new Set<string>();
    for await (const { conversationId } of agent.conversations({ follow: false })) {
      if (found.size === 0) platform.simulator.faults.failRequests('SubscribeExConversations', code, { times: 1 });
      found.add(conversationId);
    }
    expect(found.size).toBe(13);
  });

  it('ends after those there are, when it is not to follow', async () => {
    const chats = [];
    for (let n = 0; n < 7; n++) chats.push(await platform.simulator.consumer().startConversation({ message: `${n}` }));
    const found = await readAll(agent.conversations({ follow: false }));
    expect(new Set(found.map(({ consumerId }) => consumerId)).size).toBe(7);
    expect(found).toHaveLength(7);
  });

  it('gives only those this agent takes part in, when asked for', async () => {
    const { chat } = await taken();
    await platform.simulator.consumer().startConversation({ message: 'not mine' });
    const [mine] = await take(agent.conversations({ agentIds: 'me' }), 1);
    expect(mine?.conversationId).toBe(chat.conversationId);
  });

  it('gives those that are closed, when asked for', async () => {
    const { chat } = await taken();
    const closed = first(agent.conversations({ state: 'CLOSE', stage: 'CLOSE' }));
    await platform.simulator.waitForRequest('SubscribeExConversations', ({ frame }) =>
      JSON.stringify(frame).includes('convState'),
    );
    await agent.conversation(chat.conversationId).close();
    expect((await closed).conversationId).toBe(chat.conversationId);
  });

  it('takes one agent\u2019s id as well as a list', async () => {
    const { chat } = await taken();
    const mine = await readAll(agent.conversations({ agentIds: agent.agentId, follow: false }));
    expect(mine.map(({ conversationId }) => conversationId)).toEqual([chat.conversationId]);
  });

  it('gives only those of the skills that are asked for', async () => {
    await platform.simulator.consumer().startConversation({ message: 'other', skillId: '8' });
    const wanted = await platform.simulator.consumer().startConversation({ message: 'this', skillId: '7' });
    const [found] = await take(agent.conversations({ skillIds: ['7'] }), 1);
    expect(found?.conversationId).toBe(wanted.conversationId);
  });

  it('gives its subscriptions up when it is left', async () => {
    await platform.simulator.consumer().startConversation({ message: 'hi' });
    await take(agent.conversations(), 1);
    await platform.simulator.waitForRequest('UnsubscribeExConversations');
    await agent.reconnect();
    const asked = platform.simulator.recentFrames.filter(
      ({ direction, type }) => direction === 'in' && type === '.ams.aam.SubscribeExConversations',
    );
    expect(asked).toHaveLength(1);
  });

  it('ends with the agent, and fails when the platform refuses', async () => {
    const reading = readAll(agent.conversations());
    await platform.simulator.waitForRequest('SubscribeExConversations');
    platform.simulator.faults.failRequests('SubscribeExConversations', 400);
    await expect(readAll(agent.conversations())).rejects.toMatchObject({ status: 400 });
    await agent.close();
    expect(await reading).toEqual([]);
  });
});

describe('a confirmed send', () => {
  const said = (chat: SimulatedChat) => chat.transcript.filter(({ from }) => from === 'agent').map(({ text }) => text);

  it('is one send when all goes well', async () => {
    const { chat, conversation } = await taken();
    const { sequence } = await conversation.send('once', { confirm: true });
    expect((await chat.next()).sequence).toBe(sequence);
  });

  it('is found in the history when its response was lost with the connection', async () => {
    const { chat, conversation } = await taken();
    platform.simulator.faults.dropAnswers('PublishEvent', { times: 1 });
    const sending = conversation.send('once', { confirm: true });
    await platform.simulator.waitForRequest('PublishEvent', ({ frame }) => JSON.stringify(frame).includes('once'));
    platform.simulator.faults.dropAll();
    const { sequence } = await sending;
    expect((await chat.next()).sequence).toBe(sequence);
    expect(said(chat)).toEqual(['once']);
  });

  // verifies: limit:unconfirmed, error:outcome-unknown
  it('without confirmation says that it does not know', async () => {
    const { conversation } = await taken();
    platform.simulator.faults.dropAnswers('PublishEvent', { times: 1 });
    const sending = conversation.send('once');
    await platform.simulator.waitForRequest('PublishEvent', ({ frame }) => JSON.stringify(frame).includes('once'));
    platform.simulator.faults.dropAll();
    await expect(sending).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', sent: true });
  });

  it('is sent again when it never arrived', async () => {
    const { chat, conversation } = await taken();
    platform.simulator.faults.freeze();
    const sending = conversation.send('once', { confirm: true });
    platform.simulator.faults.dropAll();
    platform.simulator.faults.clear();
    await sending;
    await chat.next();
    expect(said(chat)).toEqual(['once']);
  });

  // verifies: answer:exactly-once
  it('in reply to a message is said once, by whoever says it again after a restart', async () => {
    const { chat, conversation } = await taken();
    const [message] = await take(conversation.messages({ start: 'beginning' }), 1);
    const said1 = await conversation.send('answer', { inReplyTo: message });
    await agent.close();
    agent = await platform.connect();
    const again = agent.conversation(chat.conversationId);
    const [recovered] = await take(again.messages({ start: 'beginning' }), 1);
    expect(recovered?.recovered).toBe(true);
    expect(await again.send('answer', { inReplyTo: recovered })).toEqual({ sequence: said1.sequence });
    await again.send('another answer', { inReplyTo: recovered });
    await chat.next();
    await chat.next();
    expect(said(chat)).toEqual(['answer', 'another answer']);
  });

  it('to a live message is looked for as well with `lookUp`, asked before each answer: another process may have said it', async () => {
    let lookUp: 'recovered' | 'always' = 'always';
    const { chat } = await taken();
    const [one, other] = [await platform.connect({ lookUp: () => lookUp }), await platform.connect()];
    const live = async (from: Agent) => {
      const reading = from.conversation(chat.conversationId).messages({ start: 'beginning' })[Symbol.asyncIterator]();
      await reading.next();
      return async () => (await reading.next()).value as Message;
    };
    const next = [await live(one), await live(other)] as const;
    await chat.say('live');
    const [mine, theirs] = await Promise.all([next[0](), next[1]()]);
    expect([mine.recovered, theirs.recovered]).toEqual([false, false]);
    const said1 = await other.conversation(chat.conversationId).send('answer', { inReplyTo: theirs });
    expect(await one.conversation(chat.conversationId).send('answer', { inReplyTo: mine })).toEqual(said1);
    lookUp = 'recovered';
    await one.conversation(chat.conversationId).send('answer', { inReplyTo: mine });
    await chat.next();
    await chat.next();
    expect(said(chat)).toEqual(['answer', 'answer']);
  });

  it('rejects at once when the platform refuses it', async () => {
    const { conversation } = await taken();
    platform.simulator.faults.failRequests('PublishEvent', 400);
    await expect(conversation.send('no', { confirm: true })).rejects.toMatchObject({ status: 400 });
  });
});

describe('withTyping()', () => {
  it('shows that the agent writes while the work runs, and gives its result', async () => {
    const { chat, conversation } = await taken();
    const result = await conversation.withTyping(async () => {
      await chat.waitForEvent(({ event }) => event['chatState'] === 'COMPOSING');
      return 42;
    });
    expect(result).toBe(42);
    await chat.waitForEvent(({ event }) => event['chatState'] === 'ACTIVE');
  });

  it('clears it when the work fails, and is not disturbed by a typing state that cannot be sent', async () => {
    const { chat, conversation } = await taken();
    const failing = conversation.withTyping(() => Promise.reject(new Error('no idea')));
    await expect(failing).rejects.toThrow('no idea');
    await chat.waitForEvent(({ event }) => event['chatState'] === 'ACTIVE');
    platform.simulator.faults.failRequests('PublishEvent', 400);
    expect(await conversation.withTyping(async () => 'done')).toBe('done');
  });
});

describe('files', () => {
  const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 255]);
  async function* chunks() {
    yield bytes.subarray(0, 2);
    yield bytes.subarray(2);
  }

  async function* texts() {
    yield 'not bytes';
  }

  it.each([
    ['a Uint8Array', () => bytes],
    ['a Buffer', () => Buffer.from(bytes)],
    ['a Blob', () => new Blob([bytes])],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['a stream', () => chunks()],
  ])('are sent from %s and read back', async (_what, data) => {
    const { chat, conversation } = await taken();
    const { relativePath } = await conversation.uploadFile(data(), { fileType: 'png', caption: 'A picture' });
    const shown = await chat.next();
    expect(shown.event).toMatchObject({ contentType: 'hosted/file', message: { relativePath, caption: 'A picture' } });
    expect(Buffer.from(await conversation.downloadFile(relativePath))).toEqual(Buffer.from(bytes));
  });

  it.each([
    ['a type that is not taken', bytes, 'EXE', /fileType must be one of/],
    ['nothing', new Uint8Array(), 'PNG', /empty/],
    ['too much', new Uint8Array(5 * 1024 * 1024 + 1), 'PNG', /at most 5242880 bytes/],
    ['no bytes at all', 'a string' as never, 'PNG', /must be a Buffer/],
    ['text in a stream', texts() as never, 'PNG', /must give bytes/],
    ['no type', bytes, undefined as never, /fileType must be/],
  ])('are refused before anything is sent: %s', async (_what, data, fileType, reason) => {
    const conversation = agent.conversation('anything');
    const sending = conversation.uploadFile(data, { fileType });
    const failure = await sending.catch((error: Error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as Error).message).toMatch(reason);
  });

  it('are asked for once more when their address has run out, and not for ever', async () => {
    let spoilt = 0;
    const agentWithOldLinks = await platform.connect(
      {
        interceptors: [
          async (call, next) => {
            const response = await next(call);
            if (!call.type.endsWith('GenerateURLForDownloadFile') || spoilt-- <= 0) return response;
            return { ...(response as object), queryParams: { temp_url_sig: 'old', temp_url_expires: '1' } };
          },
        ],
      },
      1,
    );
    const { conversation } = await taken();
    const { relativePath } = await conversation.uploadFile(bytes, { fileType: 'PNG' });
    const reader = agentWithOldLinks.conversation(conversation.conversationId);
    spoilt = 1;
    expect(Buffer.from(await reader.downloadFile(relativePath))).toEqual(Buffer.from(bytes));
    spoilt = 2;
    await expect(reader.downloadFile(relativePath)).rejects.toMatchObject({ status: 401 });
  });

  it('that do not exist are a typed refusal', async () => {
    const { conversation } = await taken();
    await expect(conversation.downloadFile('/v1/none.PNG')).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
  });
});

describe('changing hands', () => {
  it('offers the conversation to another agent, who takes it', async () => {
    const second = await platform.connect({}, 1);
    await second.setAgentState({ availability: 'ONLINE' });
    const { conversation } = await taken();
    const ring = first(second.rings());
    await conversation.transferToAgent(`${second.accountId}.${second.userId}`);
    await (await ring).accept();
    const [found] = await take(second.conversations({ agentIds: 'me' }), 1);
    expect(found?.conversationId).toBe(conversation.conversationId);
  });

  it('does not suggest itself when the other agent was forgotten', async () => {
    const { conversation } = await taken();
    await expect(conversation.transferToAgent(undefined as never)).rejects.toThrow(ConfigError);
  });

  it('leaves a conversation that nothing subscribed to, when it moves it to another skill', async () => {
    const offered = first(agent.rings());
    await platform.simulator.consumer().startConversation({ message: 'hi' });
    const conversation = await (await offered).accept({ wait: false });
    await conversation.transferToSkill('7');
    const { frame } = await platform.simulator.waitForRequest('UpdateConversationField');
    expect(JSON.stringify(frame)).toMatch(/REMOVE.*Skill/);
  });

  it('moves the conversation to another skill and leaves it', async () => {
    const { conversation } = await taken();
    const moved = first(conversation.changes(), ({ result }) => result.conversationDetails?.skillId === '7');
    await conversation.transferToSkill('7');
    await moved;
    expect(conversation.myRole).toBeUndefined();
  });

  it('joins as a manager and leaves again', async () => {
    await agent.subscribeExConversations({ stage: ['OPEN'] });
    await agent.setAgentState({ availability: 'AWAY' });
    const chat = await platform.simulator.consumer().startConversation({ message: 'hi' });
    const conversation = agent.conversation(chat.conversationId);
    const joined = first(conversation.changes(), () => conversation.myRole === 'MANAGER');
    await conversation.join();
    await joined;
    const left = first(conversation.changes(), () => conversation.myRole === undefined);
    await conversation.leave();
    expect((await left).result.convId).toBe(chat.conversationId);
  });

  it('keeps a note and sets how soon an answer is due', async () => {
    const { conversation } = await taken();
    const noted = first(conversation.changes(), ({ result }) => result.conversationDetails?.note === 'call back');
    await conversation.setNote('call back');
    await noted;
    const urgent = first(conversation.changes(), ({ result }) => result.conversationDetails?.ttr?.value === 77);
    await conversation.setTtr({ ttrType: 'CUSTOM', value: 77 });
    await urgent;
    await expect(conversation.setNote('x'.repeat(5_001))).rejects.toThrow('at most 5000 characters');
  });

  it('closes the main dialog only, when asked to', async () => {
    const { conversation } = await taken();
    const closed = first(conversation.changes(), ({ result }) => result.conversationDetails?.state === 'CLOSE');
    await conversation.closeDialog(undefined, { closedBy: 'AGENT', closedCause: 'Completed' });
    expect((await closed).result.conversationDetails?.dialogs[0]).toMatchObject({ dialogType: 'MAIN', state: 'CLOSE' });
  });
});
