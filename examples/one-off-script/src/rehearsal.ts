import type { Rehearsal } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async parameters(simulator) {
    const chat = await simulator.consumer().startConversation({ message: 'Hello?' });
    await chat.say('Is anybody there?');
    return [chat.conversationId];
  },
};
