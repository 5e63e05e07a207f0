import type { ConversationDetails } from '../inbound/mapping/index.ts';

/** The consumer's id, the same in both id spaces; undefined while nothing is known of it. */
export function consumerOf(details: ConversationDetails | undefined): string | undefined {
  const consumer = details?.participants.find(({ role }) => role === 'CONSUMER');
  return consumer?.userId ?? consumer?.id;
}
