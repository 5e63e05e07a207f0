import type { Stream, StreamOptions } from '@lp/core';
import type { MessagingEventsOptions } from './agent.ts';
import type { AgentContext } from './context.ts';
import { Conversation } from './conversation/conversation.ts';
import { openDialogStream } from './dialog/dialog-stream.ts';
import type {
  AgentStateChange,
  ConversationChange,
  MessagingEvent,
  RoutingTaskChange,
} from './inbound/mapping/index.ts';
import type { Notification } from './inbound/router.ts';
import type { StatusEvent } from './inbound/status.ts';
import { type ConversationQuery, openConversations } from './work/conversation-query.ts';

/** Every notification of an agent as streams; the half of `Agent` that only reads. */
export abstract class AccountStreams {
  protected abstract readonly context: AgentContext;

  conversationChanges(options: { conversationId?: string } & StreamOptions = {}): Stream<ConversationChange> {
    const { conversationId, ...rest } = options;
    if (conversationId !== undefined) return this.conversation(conversationId).changes(rest);
    return this.context.router.conversationChanges.subscribe({
      ...rest,
      overflow: { latest: (change) => change.result.convId },
      onPressure: () => this.#reportSlow('conversationChanges'),
    });
  }

  messagingEvents(options: MessagingEventsOptions = {}): Stream<MessagingEvent> {
    const { dialogId, fromSequence, start = 'unhandled', ...rest } = options;
    if (dialogId === undefined) {
      return this.context.router.messagingEvents.subscribe({
        ...rest,
        overflow: 'fail',
        onPressure: () => this.#reportSlow('messagingEvents'),
      });
    }
    const source = {
      ...rest,
      dialogId,
      start: fromSequence === undefined ? start : fromSequence - 1,
      state: () => this.context.store.get(dialogId),
    };
    return openDialogStream(this.context, source, { toItem: (event) => event, onTake: () => undefined });
  }

  routingTasks(options: StreamOptions = {}): Stream<RoutingTaskChange> {
    return this.context.router.routingTasks.subscribe({
      ...options,
      overflow: { latest: (change) => change.result.conversationId },
      onPressure: () => this.#reportSlow('routingTasks'),
    });
  }

  agentStates(options: StreamOptions = {}): Stream<AgentStateChange> {
    return this.context.router.agentStates.subscribe({
      ...options,
      overflow: { latest: (change) => change.result.agentUserId },
      onPressure: () => this.#reportSlow('agentStates'),
    });
  }

  notifications(options: StreamOptions = {}): Stream<Notification> {
    return this.context.router.notifications.subscribe({
      ...options,
      overflow: 'drop-oldest',
      onPressure: () => this.#reportSlow('notifications'),
    });
  }

  status(options: StreamOptions = {}): Stream<StatusEvent> {
    return this.context.status.stream(options);
  }

  conversation(conversationId: string): Conversation {
    return new Conversation(this.context, conversationId);
  }

  conversations(query: ConversationQuery = {}): Stream<Conversation> {
    return openConversations(this.context, query);
  }

  #reportSlow(stream: string): void {
    this.context.status.publish({ type: 'slowConsumer', at: this.context.clock.now(), stream });
  }
}
