import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  env: { LP_HANDOFF_SKILL: '42' },
  async play(simulator) {
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'Are you open now?' });
    show('Ada', 'Are you open now?');
    show('Bot', (await chat.next()).text);
    await chat.say('My parcel is broken');
    show('Ada', 'My parcel is broken');
    show('Bot', (await chat.next()).text);
    await simulator.waitForRequest('UpdateConversationField');
    show('(bot)', 'has handed the conversation off, and is silent');
  },
};
