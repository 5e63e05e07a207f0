import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async play(simulator) {
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'order' });
    show('Ada', 'order');
    for (const answer of ['Large', 'many', '2', 'Yes']) {
      show('Bot', (await chat.next()).text);
      show('Ada', answer);
      await chat.say(answer);
    }
    show('Bot', (await chat.next()).text);
  },
};
