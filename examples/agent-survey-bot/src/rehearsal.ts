import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  simulator: {
    skills: [
      {
        id: '7',
        agentSurvey: [
          { id: 1, category: 'free_text', text: 'What was it about?' },
          { id: 2, category: 'single_choice', text: 'Was it solved?', replies: [{ id: 10, text: 'yes' }] },
        ],
      },
    ],
  },
  async play(simulator) {
    for (const word of ['submit', 'dismiss']) {
      const chat = await simulator.consumer().startConversation({ skillId: '7', message: word });
      show('Ada', word);
      show('Bot', (await chat.next()).text);
    }
  },
};
