import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  parameters: async () => ['7'],
  async play(simulator) {
    const ada = await simulator.consumer().startConversation({ skillId: '7', message: 'Please close this.' });
    const grace = await simulator.consumer().startConversation({ skillId: '8', message: 'Please leave this open.' });
    await ada.closed;
    show('Ada', ada.stage);
    show('Grace', grace.stage);
  },
};
