import type { Rehearsal } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async play(simulator) {
    await simulator.waitForRequest('SubscribeExConversations');
    const chat = await simulator.consumer().startConversation({ message: 'Hello?' });
    await chat.say('Still there?');
    await chat.close();
    await chat.closed;
  },
};
