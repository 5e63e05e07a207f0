import { type Conversation, NoAnswerError } from '@lp/agent';

const SIZES = ['Small', 'Medium', 'Large'] as const;

/**
 * Takes orders. Killed anywhere, it goes on with the question it was at when it is started again: what it has asked and
 * what was answered stand in the conversation.
 */
export async function takeOrders(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages({ from: 'consumer' })) {
    if (message.text?.trim().toLowerCase() !== 'order') {
      await message.reply('Say "order" to order a pizza.', { quickReplies: ['Order'] });
      continue;
    }
    try {
      await message.reply(await order(conversation));
    } catch (error) {
      const reason = NoAnswerError.isInstance(error) ? error.reason : undefined;
      // Whoever says "cancel" is answered by the loop, which gets that next. Anything else is not for here.
      if (reason === 'attempts') await message.reply('Let us leave it at that.');
      else if (reason !== 'escaped') throw error;
    }
  }
}

async function order(conversation: Conversation): Promise<string> {
  const escape = ({ text }: { text: string | undefined }) => text?.trim().toLowerCase() === 'cancel';
  const size = await conversation.ask('Which size?', { choices: SIZES, escape });
  const count = await conversation.ask('How many?', {
    validate: wholeNumber,
    retry: 'A number from 1 to 20, please.',
    escape,
  });
  const sure = await conversation.ask(`${count} × ${size}?`, { choices: ['Yes', 'No'], escape });
  return sure === 'Yes' ? 'Ordered. Thank you!' : 'Nothing was ordered.';
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 20) throw new RangeError('not from 1 to 20');
  return number;
}
