import { type Rehearsal, show } from '@lp-examples/shared';

export const rehearsal: Rehearsal = {
  async play(simulator) {
    const chat = await simulator.consumer().startConversation();
    const post = {
      type: 'SocialMessagingEventData',
      channel: 'Public',
      replyToId: '1_2',
      event: { source: 'Facebook', type: 'CP' },
      conversationState: { currentChannel: 'Public', dmChatId: '3' },
    };
    await chat.say('A question under your post', { metadata: [post] });
    show('Ada', 'A question under your post');
    const { text, metadata } = await chat.next();
    show('Bot', `${text} ${JSON.stringify(metadata)}`);
  },
};
