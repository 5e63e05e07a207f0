import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async play(simulator) {
    const chat = await simulator.consumer().startConversation({ message: 'Where are you?' });
    show('Ada', 'Where are you?');
    const { event } = await chat.next();
    show('Bot', JSON.stringify(event['message']));
    await chat.sendFile(Buffer.from('a list of wishes'), { fileType: 'TXT' });
    show('Ada', '(sends a file)');
    show('Bot', (await chat.next()).text);
  },
};
