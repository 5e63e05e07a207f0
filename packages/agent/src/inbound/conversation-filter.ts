import type { ConversationState } from './conversation-store.ts';
import type { RequestInput } from './mapping/index.ts';

/** Which conversations a subscription tells of. */
export type ConversationFilter = NonNullable<RequestInput<'subscribeExConversations'>>;

/** What can be told from the state of a conversation; it changes to none that is earlier. */
const KNOWN: ReadonlySet<string> = new Set<keyof ConversationFilter>([
  'agentIds',
  'brandId',
  'conversationId',
  'convState',
  'minLastUpdatedTime',
  'stage',
]);

/**
 * Whether a conversation is for certain one of those that a filter names, as far as it is known: of one that nothing was
 * told of yet this can be said only where the filter names it and nothing else.
 */
export function fitsFilter(filter: ConversationFilter, state: ConversationState): boolean {
  const { agentIds, conversationId, convState, minLastUpdatedTime = 0, stage } = filter;
  if (conversationId !== undefined && conversationId !== state.conversationId) return false;
  const names = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (conversationId !== undefined && names.length === 1) return true;
  const { details } = state;
  if (!details || !names.every((name) => KNOWN.has(name))) return false;
  return (
    isAmong(convState, details.state) &&
    isAmong(stage, details.stage) &&
    minLastUpdatedTime <= (details.metaDataLastUpdateTs ?? 0) &&
    (!agentIds || details.participants.some(({ id, userId }) => isAmong(agentIds, userId) || isAmong(agentIds, id)))
  );
}

/** Whether a value is one of those that are allowed; all are where none is named. */
export function isAmong(allowed: readonly string[] | undefined, value: string | undefined): boolean {
  return !allowed || (value !== undefined && allowed.includes(value));
}
