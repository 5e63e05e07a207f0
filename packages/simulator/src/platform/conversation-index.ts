import type { AgentDirectory } from './agents.ts';
import type { ConsumerDirectory } from './consumers.ts';
import { type Conversation, type ConversationFilter, type Dialog, Refusal } from './model.ts';

/** The account's conversations, found by id, by dialog, and by what a subscription asks for. */
export class ConversationIndex {
  readonly all = new Map<string, Conversation>();
  /** Conversations whose stage is OPEN. */
  readonly open = new Set<Conversation>();
  readonly #byDialog = new Map<string, Conversation>();
  readonly #agents: AgentDirectory;
  readonly #consumers: ConsumerDirectory;

  constructor(agents: AgentDirectory, consumers: ConsumerDirectory) {
    this.#agents = agents;
    this.#consumers = consumers;
  }

  add(conversation: Conversation): void {
    this.#consumers.get(conversation.consumerId).conversations.push(conversation);
    this.all.set(conversation.id, conversation);
    this.update(conversation);
  }

  /** To be called when its dialogs or its stage have changed. */
  update(conversation: Conversation): void {
    const { dialogs, stage } = conversation.meta;
    for (const { dialogId } of dialogs) this.#byDialog.set(dialogId, conversation);
    if (stage === 'CLOSE') this.open.delete(conversation);
    else this.open.add(conversation);
  }

  /** Gives a conversation to another consumer. */
  handOver(conversation: Conversation, consumerId: string): void {
    const { conversations } = this.#consumers.get(conversation.consumerId);
    conversations.splice(conversations.indexOf(conversation), 1);
    conversation.consumerId = consumerId;
    this.#consumers.get(consumerId).conversations.push(conversation);
  }

  /** The conversation and dialog of a dialog id. @throws Refusal when there is none. */
  dialog(dialogId: string): { conversation: Conversation; dialog: Dialog } {
    const conversation = this.#byDialog.get(dialogId);
    const dialog = conversation?.meta.dialogs.find((d) => d.dialogId === dialogId);
    if (!conversation || !dialog) throw new Refusal(400, 'Dialog does not exist');
    return { conversation, dialog };
  }

  /** Whether any conversation has, or had, a dialog of this id. */
  hasDialog(dialogId: string): boolean {
    return this.#byDialog.has(dialogId);
  }

  /** @throws Refusal when there is none. */
  conversation(conversationId: string): Conversation {
    const conversation = this.all.get(conversationId);
    if (!conversation) throw new Refusal(400, 'Conversation does not exist');
    return conversation;
  }

  /** The conversations a filter can match, without looking at all of them where that can be helped. */
  scope(filter: ConversationFilter): Iterable<Conversation> {
    const { conversationId, consumerId, agentIds, stage, convState } = filter;
    if (conversationId !== undefined) {
      const conversation = this.all.get(conversationId);
      return conversation ? [conversation] : [];
    }
    if (consumerId !== undefined) return this.#consumers.find(consumerId)?.conversations ?? [];
    if (agentIds) return new Set(agentIds.flatMap((id) => [...(this.#agents.find(id)?.conversations ?? [])]));
    const isOpen = (states: readonly string[] | undefined) => states?.length === 1 && states[0] === 'OPEN';
    return isOpen(stage) || isOpen(convState) ? this.open : this.all.values();
  }
}
