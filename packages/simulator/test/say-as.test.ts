import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';

let simulator: Simulator;
let chat: SimulatedChat;
beforeEach(async () => {
  simulator = await startSimulator();
  chat = await simulator.consumer().startConversation({ message: 'hi' });
});
afterEach(() => simulator.close());

describe.each(['sayAsConsumer', 'sayAsController'] as const)('%s', (name) => {
  it.each([5, undefined, '', 'x'.repeat(8_001)])('refuses what is no text of a message', (text) => {
    const say = () => simulator[name](chat.conversationId, text as string);
    expect(say).toThrow(ConfigError);
    expect(say).toThrow('must be a text of 1 to 8000 characters');
  });

  it('refuses to speak in a conversation that is not open', async () => {
    simulator.lockConversation(chat.conversationId);
    expect(() => simulator[name](chat.conversationId, 'hello')).toThrow('the conversation is not open');
    simulator.lockConversation(chat.conversationId, false);
    await chat.close();
    expect(() => simulator[name](chat.conversationId, 'hello')).toThrow('the conversation is not open');
    expect(chat.transcript).toHaveLength(1);
  });
});
