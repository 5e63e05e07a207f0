import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async play(simulator) {
    for (const name of ['Ada', 'Grace']) {
      const chat = await simulator.consumer({ firstName: name }).startConversation({ message: 'Hello?' });
      show(name, 'Hello?');
      show('Bot', (await chat.next()).text);
    }
  },
};
