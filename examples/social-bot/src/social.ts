import type { Conversation, Message } from '@lp/agent';
import { type Metadata, MetadataSchema } from '@lp/agent/schemas';

type SocialEvent = Extract<Metadata, { type: 'SocialMessagingEventData' }>;

/** Answers each message where it was written: a public post in public, a direct message in private. */
export async function answerOnChannel(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages({ from: 'consumer' })) {
    const social = socialEventOf(message);
    if (social) await message.reply(answerTo(social), { metadata: [replyTo(social)] });
    else await message.reply(`echo: ${message.text ?? 'I can only read text'}`);
  }
}

function socialEventOf({ metadata }: Message): SocialEvent | undefined {
  const known = (metadata ?? []).map((entry) => MetadataSchema.safeParse(entry).data);
  return known.find((entry): entry is SocialEvent => entry?.type === 'SocialMessagingEventData');
}

const answerTo = ({ event, channel = 'Private' }: SocialEvent): string =>
  `Thank you for writing to us on ${event?.source ?? 'this channel'} (${channel.toLowerCase()}).`;

function replyTo({ channel = 'Private', event, replyToId, conversationState }: SocialEvent): Metadata {
  return {
    type: 'SocialMessagingEventData',
    channel,
    replyToId,
    event: { source: event?.source, type: channel === 'Public' ? 'CP' : 'DirectMessage' },
    conversationState: { currentChannel: channel, dmChatId: conversationState?.dmChatId },
  };
}
