import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, ConfigError, type Conversation, NotInConversationError } from '@lp/agent';
import type { SimulatedChat } from '@lp/simulator';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
let platform: TestPlatform;
let agent: Agent;
let chat: SimulatedChat;
let conversation: Conversation;

beforeEach(async () => {
  ({ platform, agent } = await startOnline());
  ({ chat, conversation } = await accepted(platform, agent));
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const asked = () =>
  platform.simulator.recentFrames.filter(
    ({ direction, type }) => direction === 'in' && /GenerateURL|PublishEvent/.test(type ?? ''),
  );

describe('uploadFile()', () => {
  it.each([
    { audience: 'NOBODY' },
    { metadata: { type: 'x' } },
    { metadata: [5] },
    { headers: 'x' },
    { encodedMetadata: '%' },
    { dialogId: 5 },
    // The platform shows them below texts and structured content alone.
    { quickReplies: ['Yes'] },
    null,
  ])('asks for nothing with a wrong option: %j', async (wrong) => {
    const file = wrong && { fileType: 'PNG', ...wrong };
    await expect(conversation.uploadFile(png, file as never)).rejects.toBeInstanceOf(ConfigError);
    expect(asked()).toEqual([]);
  });

  it('stores nothing once the conversation was handed off', async () => {
    await agent.setAgentState({ availability: 'AWAY' });
    await conversation.handOff({ skillId: '2' });
    await expect(conversation.uploadFile(png, { fileType: 'PNG' })).rejects.toBeInstanceOf(NotInConversationError);
    expect(asked()).toEqual([]);
  });

  it('keeps its place among the sends of the dialog', async () => {
    const sent = [conversation.uploadFile(png, { fileType: 'PNG' }), conversation.send('2'), conversation.send('3')];
    await Promise.all(sent);
    const texts = [await chat.next(), await chat.next(), await chat.next()].map(({ text }) => text);
    expect(texts).toEqual([undefined, '2', '3']);
  });

  it('holds up no send when it fails', async () => {
    const failed = conversation.uploadFile(new Uint8Array(), { fileType: 'PNG' });
    const sent = conversation.send('2');
    await expect(failed).rejects.toThrow('the file is empty');
    await sent;
  });

  it('ends at once when it is aborted while its stream gives nothing, and lets the stream go', async () => {
    let left = false;
    const silent = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        return: () => {
          left = true;
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    };
    const controller = new AbortController();
    const sending = conversation.uploadFile(silent, { fileType: 'PNG', signal: controller.signal });
    controller.abort('enough');
    await expect(sending).rejects.toBe('enough');
    expect(left).toBe(true);
    await expect(conversation.uploadFile(silent, { fileType: 'PNG', signal: controller.signal })).rejects.toBe(
      'enough',
    );
  });
});
