import type { Conversation } from './model.ts';
import type { Platform } from './platform.ts';

/**
 * Makes the conversation that of the consumer who has signed in and taken the place of the one without a name: who was told
 * about it is told that it is gone, and gets nothing more of it.
 */
export function handOver(platform: Platform, conversation: Conversation, consumerId: string): void {
  const former = platform.consumers.get(conversation.consumerId);
  for (const client of former.clients) {
    for (const { dialogId } of conversation.meta.dialogs) platform.notifier.unsubscribeDialog(client, dialogId);
  }
  const unread = conversation.unread.get(former.id);
  conversation.unread.delete(former.id);
  if (unread !== undefined) conversation.unread.set(consumerId, unread);
  platform.handOver(conversation, consumerId);
}

/** Whom the participants name as the consumer now, where that is somebody else than before. */
export function newConsumerOf({ consumerId, meta }: Conversation): string | undefined {
  const consumers = meta.participants.filter(({ role }) => role === 'CONSUMER');
  return consumers.some(({ id }) => id === consumerId) ? undefined : consumers[0]?.id;
}
