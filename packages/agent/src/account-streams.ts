import { ConfigError } from '@lp/core';
import { checkStreamOptions, optionsChecker } from '@lp/core/internal';
import type { AgentConnection, MessagingEventsOptions } from './agent.ts';
import { Conversation } from './conversation/conversation.ts';
import { openEvents } from './conversation/reading.ts';
import { fixedStart } from './dialog/start.ts';
import { briefOf, type ConversationStore } from './inbound/conversation-store.ts';
import type { StatusHub } from './inbound/status.ts';
import type { SubscribeName } from './link/desired-state.ts';
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
  const { coverage, report, router } = parts;
  const slow = (stream: string) => () => report.status({ type: 'slowConsumer', stream });
  const conversation = (conversationId: string) => {
    optionsChecker({ conversationId }, 'conversation').texts(['conversationId'], { required: true });
    return new Conversation(parts, conversationId);
  };

  /** When the stream is read first: subscribes. */
  function bringing(name: SubscribeName) {
    let release: (() => void) | undefined;
    return {
      onStart: (fail: (error: unknown) => void) => {
        release = coverage.bring({ name, body: {} }, fail);
      },
      onClose: () => release?.(),
    };
  }

  /** When the stream is read first: tells when nothing feeds it. What of many conversations is wanted nobody else can say. */
  function expecting(stream: string, names: readonly SubscribeName[]) {
    let release: (() => void) | undefined;
    return {
      onStart: () => {
        release = coverage.expect(stream, names);
      },
      onClose: () => release?.(),
      onHighWater: slow(stream),
    };
  }

  return {
    conversation,
    conversations: (query = {}) => openConversations(parts, query),

    conversationChanges(given = {}) {
      checkStreamOptions('conversationChanges', given, [], ['conversationId']);
      const { conversationId, ...options } = given;
      if (conversationId !== undefined) return conversation(conversationId).changes(options);
      return router.conversationChanges.subscribe({
        ...options,
        ...expecting('conversationChanges', ['subscribeExConversations']),
        overflow: { latest: (change) => change.result.convId },
      });
    },

    messagingEvents(given: MessagingEventsOptions = {}) {
      checkStreamOptions('messagingEvents', given, ['fromSequence', 'start'], ['dialogId']);
      const { dialogId, fromSequence, start = 'unhandled', ...options } = given;
      if (start !== 'unhandled') fixedStart(start);
      if (fromSequence !== undefined && !(Number.isSafeInteger(fromSequence) && fromSequence >= 0)) {
        throw new ConfigError('messagingEvents.fromSequence must be a sequence: a whole number of at least 0');
      }
      if (dialogId === undefined) {
        return router.messagingEvents.subscribe({ ...options, overflow: 'fail', onHighWater: slow('messagingEvents') });
      }
      const conversationId = ownerOf(parts.store, dialogId);
      const place = { dialogId, conversationId, state: () => parts.store.get(conversationId) };
      const from = fromSequence === undefined ? start : fromSequence - 1;
      return openEvents(parts, place, { ...options, start: from });
    },

    routingTasks(options = {}) {
      checkStreamOptions('routingTasks', options);
      return router.routingTasks.subscribe({
        ...options,
        ...bringing('subscribeRoutingTasks'),
        overflow: { latest: (change) => change.result.conversationId },
        onHighWater: slow('routingTasks'),
      });
    },

    agentStates(options = {}) {
      checkStreamOptions('agentStates', options);
      return router.agentStates.subscribe({
        ...options,
        ...bringing('subscribeAgentsState'),
        overflow: { latest: (change) => change.result.agentUserId },
        onHighWater: slow('agentStates'),
      });
    },

    notifications(options = {}) {
      checkStreamOptions('notifications', options);
      const all = ['subscribeExConversations', 'subscribeRoutingTasks', 'subscribeAgentsState'] as const;
      return router.notifications.subscribe({
        ...options,
        ...expecting('notifications', all),
        overflow: 'drop-oldest',
      });
    },

    status(options = {}) {
      checkStreamOptions('status', options);
      return hub.stream(options);
    },
  };
}

/** The conversation that a dialog is of. Where none is known to have it, it is taken for a main one: that has the conversation's id. */
function ownerOf(store: ConversationStore, dialogId: string): string {
  if (briefOf(store.get(dialogId))) return dialogId;
  const owner = store.all().find((state) => briefOf(state)?.dialogs.some((dialog) => dialog.dialogId === dialogId));
  return owner?.conversationId ?? dialogId;
}
