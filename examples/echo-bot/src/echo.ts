import type { Conversation } from '@lp/agent';

/** Answers each message of the others with its own words, once, even after a crash. */
export async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) {
    await message.reply(`echo: ${message.text ?? 'I can only read text'}`);
  }
}
