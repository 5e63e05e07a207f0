import type { Conversation } from '@lp/agent';

/** Answers each message once, whichever worker has the conversation, and whatever happens to the one before. */
export async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) {
    await message.reply(`echo: ${message.text ?? 'I can only read text'}`);
  }
}
