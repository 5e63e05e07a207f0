import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Agent,
  type Conversation,
  createMemoryDialogStore,
  type DialogStore,
  NotInConversationError,
} from '@lp/agent';
import type { SimulatedChat } from '@lp/simulator';
import { first, startOnline, type TestPlatform } from '../support/platform.ts';

const SKILL = '2';
let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let conversation: Conversation;
let store: DialogStore;

beforeEach(async () => {
  store = createMemoryDialogStore();
  ({ agent, platform } = await startOnline({ store }));
  const rings = agent.rings();
  chat = await platform.simulator.consumer().startConversation({ message: 'help' });
  await agent.subscribeExConversations({
    stage: ['OPEN'],
    agentIds: [`${platform.simulator.accountId}.${agent.userId}`],
  });
  await (await first(rings)).accept();
  conversation = agent.conversation(chat.conversationId);
  // No more rings: what is handed off stays away.
  await agent.setAgentState({ availability: 'AWAY' });
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

/** What this agent has sent, as the simulator has received it. */
const published = () =>
  platform.simulator.recentFrames.filter(
    ({ direction, type }) => direction === 'in' && /Publish|Update/.test(type ?? ''),
  );

async function firstMessage() {
  const loop = conversation.messages()[Symbol.asyncIterator]();
  await loop.next();
  return loop;
}

describe('handOff()', () => {
  // verifies: error:not-in-conversation, handoff:done, handoff:silence
  it('says, tells colleagues, transfers, and keeps silent from then on', async () => {
    const loop = await firstMessage();
    await conversation.handOff({ skillId: SKILL }, { say: 'A colleague takes over.', summary: 'Wants help.' });
    expect((await chat.next()).text).toBe('A colleague takes over.');
    expect(chat.transcript.map(({ text }) => text)).not.toContain('Wants help.');
    const before = published().length;
    const refused = [
      conversation.send('late'),
      conversation.setTyping('COMPOSING'),
      conversation.markRead(0),
      agent.publishEvent({ dialogId: chat.conversationId, event: { type: 'ChatStateEvent', chatState: 'ACTIVE' } }),
    ];
    for (const sent of refused) await expect(sent).rejects.toThrow(NotInConversationError);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    await agent.getClock();
    expect(published()).toHaveLength(before);
    await expect(conversation.handOff('queue')).rejects.toThrow(NotInConversationError);
  });

  it('waits for what is under way, and lets nothing else in between', async () => {
    await firstMessage();
    const under = conversation.send('one');
    const handing = conversation.handOff('queue', { say: 'two' });
    const late = conversation.send('three');
    await expect(late).rejects.toMatchObject({ code: 'NOT_IN_CONVERSATION', retryable: false });
    await under;
    await handing;
    expect([(await chat.next()).text, (await chat.next()).text]).toEqual(['one', 'two']);
  });

  // verifies: handoff:refused
  it('opens again when the transfer is refused', async () => {
    const loop = await firstMessage();
    platform.simulator.faults.failRequests('UpdateConversationField', 400, { times: 1 });
    await expect(conversation.handOff({ skillId: SKILL })).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
    await conversation.send('still here');
    expect((await chat.next()).text).toBe('still here');
    await chat.say('good');
    expect((await loop.next()).value?.text).toBe('good');
  });

  it('opens again when the platform does not show in time that this agent has left', async () => {
    await firstMessage();
    platform.simulator.faults.loseNotifications();
    await expect(conversation.handOff('queue', { timeoutMs: 1 })).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    // Nothing of this program's own refuses it.
    await expect(conversation.send('still here')).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
  });

  // verifies: handoff:killed
  it('finds what it has said when it was killed before the transfer', async () => {
    await firstMessage();
    platform.simulator.faults.failRequests('UpdateConversationField', 500, { times: 1 });
    const options = { say: 'A colleague takes over.', summary: 'x'.repeat(9_000) };
    await expect(conversation.handOff('queue', options)).rejects.toMatchObject({ code: 'REQUEST_REJECTED' });
    await agent.close();
    agent = await platform.connect({ store });
    await agent.subscribeExConversations({
      stage: ['OPEN'],
      agentIds: [`${platform.simulator.accountId}.${agent.userId}`],
    });
    conversation = agent.conversation(chat.conversationId);
    await firstMessage();
    await conversation.handOff('queue', options);
    const told = published().filter(({ text }) => text.includes('xxxx'));
    expect(chat.transcript.filter(({ from }) => from === 'agent').map(({ text }) => text)).toEqual([options.say]);
    expect(told).toHaveLength(2);
  });

  it('speaks again when it has a role again, behind what was said meanwhile', async () => {
    await firstMessage();
    await conversation.handOff('queue');
    await chat.say('for the colleague');
    const rings = agent.rings();
    await agent.setAgentState({ availability: 'ONLINE' });
    await (await first(rings)).accept();
    await conversation.send('back again');
    expect((await chat.next()).text).toBe('back again');
  });

  it.each([{ summary: '' }, { say: ' ' }, { summary: 7 as never }, { say: null as never }])(
    'refuses %j before anything is said',
    async (options) => {
      const before = chat.transcript.length;
      const given = { say: 'Bye.', ...options };
      await expect(conversation.handOff('queue', given)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      await agent.getClock();
      expect(chat.transcript).toHaveLength(before);
    },
  );

  it.each([[{}], ['nowhere'], [null], [{ skillId: '' }], [{ agentId: 7 }]])('refuses %j', async (to) => {
    await expect(conversation.handOff(to as never)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
