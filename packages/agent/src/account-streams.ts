import type { Stream } from '@lp/core';
import type { AgentConnection, MessagingEventsOptions } from './agent.ts';
import { Conversation } from './conversation/conversation.ts';
import { openEvents } from './conversation/reading.ts';
import type { MessagingEvent } from './inbound/mapping/index.ts';
import type { StatusHub } from './inbound/status.ts';
import { openConversations, type WorkParts } from './work/conversation-query.ts';

/** The half of an agent that only reads: every notification as a stream. */
export type AccountStreams = Pick<
  AgentConnection,
  | 'conversationChanges'
  | 'messagingEvents'
  | 'routingTasks'
  | 'agentStates'
  | 'notifications'
  | 'status'
  | 'conversation'
  | 'conversations'
>;

export function createAccountStreams(parts: WorkParts, hub: StatusHub): AccountStreams {
  const { report, router } = parts;
  const slow = (stream: string) => () => report.status({ type: 'slowConsumer', stream });
  const conversation = (conversationId: string) => new Conversation(parts, conversationId);
  return {
    conversation,
    conversations: (query = {}) => openConversations(parts, query),

    conversationChanges({ conversationId, ...options } = {}) {
      if (conversationId !== undefined) return conversation(conversationId).changes(options);
      return router.conversationChanges.subscribe({
        ...options,
        overflow: { latest: (change) => change.result.convId },
        onPressure: slow('conversationChanges'),
      });
    },

    messagingEvents({ dialogId, fromSequence, start = 'unhandled', ...options }: MessagingEventsOptions = {}) {
      if (dialogId === undefined) {
        return router.messagingEvents.subscribe({ ...options, overflow: 'fail', onPressure: slow('messagingEvents') });
      }
      const place = { dialogId, conversationId: dialogId, state: () => parts.store.get(dialogId) };
      const from = fromSequence === undefined ? start : fromSequence - 1;
      return openEvents(parts, place, { ...options, start: from }, 'status') as Stream<MessagingEvent>;
    },

    routingTasks: (options = {}) =>
      router.routingTasks.subscribe({
        ...options,
        overflow: { latest: (change) => change.result.conversationId },
        onPressure: slow('routingTasks'),
      }),

    agentStates: (options = {}) =>
      router.agentStates.subscribe({
        ...options,
        overflow: { latest: (change) => change.result.agentUserId },
        onPressure: slow('agentStates'),
      }),

    notifications: (options = {}) =>
      router.notifications.subscribe({ ...options, overflow: 'drop-oldest', onPressure: slow('notifications') }),

    status: (options = {}) => hub.stream(options),
  };
}
