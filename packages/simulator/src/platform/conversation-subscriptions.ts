import {
  type Client,
  type Conversation,
  type ConversationFilter,
  type ConversationSubscription,
  mainDialog,
} from './model.ts';
import { Multimap } from './multimap.ts';

type Index = Multimap<string, ConversationSubscription>;

/** Conversation subscriptions, indexed so that a change is compared with those it can concern only. */
export class ConversationSubscriptions {
  readonly #all = new Map<string, ConversationSubscription>();
  readonly #byClient = new Multimap<Client, ConversationSubscription>();
  /** Those that name no agent, consumer or conversation. */
  readonly #wide = new Set<ConversationSubscription>();
  readonly #byAgent: Index = new Multimap();
  readonly #byConsumer: Index = new Multimap();
  readonly #byConversation: Index = new Multimap();

  get(id: string): ConversationSubscription | undefined {
    return this.#all.get(id);
  }

  add(subscription: ConversationSubscription): void {
    this.#all.set(subscription.id, subscription);
    this.#byClient.put(subscription.client, subscription);
    for (const [index, key] of this.#keys(subscription.filter)) {
      if (index) index.put(key, subscription);
      else this.#wide.add(subscription);
    }
  }

  remove(subscription: ConversationSubscription): void {
    this.#all.delete(subscription.id);
    this.#byClient.remove(subscription.client, subscription);
    for (const [index, key] of this.#keys(subscription.filter)) {
      if (index) index.remove(key, subscription);
      else this.#wide.delete(subscription);
    }
  }

  ofClient(client: Client): readonly ConversationSubscription[] {
    return [...this.#byClient.get(client)];
  }

  /** Every subscription that a change of this conversation can concern. */
  candidates(conversation: Conversation): Set<ConversationSubscription> {
    const found = new Set(conversation.watchers);
    for (const subscription of this.#wide) found.add(subscription);
    addAll(found, this.#byConversation.get(conversation.id));
    addAll(found, this.#byConsumer.get(conversation.consumerId));
    for (const { id } of conversation.meta.participants) addAll(found, this.#byAgent.get(id));
    for (const { id, state } of mainDialog(conversation.meta).participants) {
      if (state === 'SUGGESTED') addAll(found, this.#byAgent.get(id));
    }
    return found;
  }

  /** Where a filter is kept: one index, or the wide set where the index is undefined. */
  #keys(filter: ConversationFilter): [Index | undefined, string][] {
    if (filter.conversationId !== undefined) return [[this.#byConversation, filter.conversationId]];
    if (filter.consumerId !== undefined) return [[this.#byConsumer, filter.consumerId]];
    if (filter.agentIds) return filter.agentIds.map((id) => [this.#byAgent, id]);
    return [[undefined, '']];
  }
}

/** Whether a subscription is to be told about a conversation as it is now. */
export function matches(subscription: ConversationSubscription, conversation: Conversation): boolean {
  const { filter, client } = subscription;
  const { meta } = conversation;
  if (filter.convState && !filter.convState.includes(meta.state)) return false;
  if (filter.stage && !filter.stage.includes(meta.stage)) return false;
  if (filter.conversationId !== undefined && filter.conversationId !== conversation.id) return false;
  if (filter.consumerId !== undefined && filter.consumerId !== conversation.consumerId) return false;
  if (client.kind === 'consumer' && client.partyId !== conversation.consumerId) return false;
  const { agentIds, dialogTypes, minLastUpdatedTime, maxLastUpdatedTime } = filter;
  if (dialogTypes && !meta.dialogs.some((dialog) => dialogTypes.includes(dialog.dialogType))) return false;
  if (minLastUpdatedTime !== undefined && conversation.lastUpdateTime < minLastUpdatedTime) return false;
  if (maxLastUpdatedTime !== undefined && conversation.lastUpdateTime > maxLastUpdatedTime) {
    // What it was told about once, it stays told about: only the first selection is by age.
    if (!conversation.watchers.has(subscription)) return false;
  }
  if (!agentIds) return true;
  if (meta.participants.some(({ id }) => agentIds.includes(id))) return true;
  return (
    client.seesSuggested &&
    mainDialog(meta).participants.some(({ id, state }) => state === 'SUGGESTED' && agentIds.includes(id))
  );
}

function addAll<T>(to: Set<T>, from: Iterable<T>): void {
  for (const item of from) to.add(item);
}
