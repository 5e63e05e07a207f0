import type { Conversation } from '@lp/agent';

const HOURS = 'We are open from 9 to 17 on working days.';

/** Answers questions about opening hours, and hands everything else to a skill. */
export const helpOrHandOff =
  (skillId: string) =>
  async (conversation: Conversation): Promise<void> => {
    for await (const message of conversation.messages({ from: 'consumer' })) {
      if (/open|hours/i.test(message.text ?? '')) {
        await message.reply(HOURS, { quickReplies: ['Talk to somebody'] });
        continue;
      }
      const said = await conversation.history({ last: 5 });
      const lines = said.map(({ isMe, text }) => `${isMe ? 'bot' : 'consumer'}: ${text ?? '(no text)'}`);
      await conversation.handOff(
        { skillId },
        { say: 'A colleague will be with you in a moment.', summary: ['What was said so far:', ...lines].join('\n') },
      );
      // From here on the conversation is the colleague's: whatever is sent would be refused.
      return;
    }
  };
