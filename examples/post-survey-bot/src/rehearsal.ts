import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  simulator: { skills: [{ id: '7', survey: { appInstallId: 'stars' } }] },
  env: { LP_APP_INSTALL_ID: 'stars' },
  async play(simulator) {
    await simulator.waitForRequest('SubscribeExConversations');
    const chat = await simulator.consumer().startConversation({ skillId: '7', message: 'All is well now.' });
    await chat.close();
    show('Bot', (await chat.next()).text);
    await chat.say('good');
    show('Ada', 'good');
    show('Bot', (await chat.next()).text);
    show('Bot', (await chat.next()).text);
    await chat.click('⭐⭐⭐⭐');
    show('Ada', '⭐⭐⭐⭐');
    show('Bot', (await chat.next()).text);
    await chat.closed;
  },
};
