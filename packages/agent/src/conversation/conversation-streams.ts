import type { Stream, StreamOptions } from '@lp/core';
import { createChannel, toError } from '@lp/core/internal';
import type { ChatStateEvent } from '@lp/schemas';
import { fitsFilter } from '../inbound/conversation-filter.ts';
import { briefOf, type ConversationStore } from '../inbound/conversation-store.ts';
import { endWithAgent, type Lifetime } from '../inbound/lifecycle.ts';
import type {
  AgentStateChange,
  ConversationChange,
  Identities,
  MessagingEvent,
  RoutingTaskChange,
} from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Notification, Router } from '../inbound/router.ts';
import type { Coverage, Need } from '../link/coverage.ts';

/** What the streams of one conversation are made of. */
export interface ConversationStreamParts {
  readonly router: Router;
  readonly store: ConversationStore;
  readonly coverage: Coverage;
  readonly identities: Identities;
  readonly lifetime: Lifetime;
  readonly report: Reporter;
}

/** Somebody began or stopped typing, or came or went. */
export type ChatStateChange = MessagingEvent & {
  /** What is shown: `COMPOSING`, `PAUSE`, `ACTIVE`, `INACTIVE` or `GONE`. */
  readonly chatState: ChatStateEvent['chatState'];
};

/** The subscription that tells of one conversation, where no other does. */
export function conversationNeed(store: ConversationStore, conversationId: string): Need {
  return {
    name: 'subscribeExConversations',
    body: { conversationId },
    fits: (filter) => fitsFilter(filter, store.get(conversationId)),
    // A subscription that lets it go tells no more of it: only of one that has ended there is nothing more to tell.
    watch: (look) =>
      store.watch(conversationId, ({ ended }, { type }) => {
        if (type === 'DELETE' && !ended) look();
      }),
  };
}

/** The changes of its own state. Above high-water only the newest is kept: each holds the whole conversation. */
export function changesOf(
  { coverage, lifetime, store }: ConversationStreamParts,
  conversationId: string,
  options: StreamOptions,
): Stream<ConversationChange> {
  let uncover: (() => void) | undefined;
  const channel = createChannel<ConversationChange>({
    capacity: 64,
    ...options,
    overflow: { latest: () => conversationId },
    onStart: () => {
      uncover = coverage.bring(conversationNeed(store, conversationId), (error) => channel.fail(error));
    },
    onClose: () => {
      uncover?.();
      unwatch();
      release();
    },
  });
  const unwatch = store.follow(conversationId, (_, change) => channel.push(change));
  const release = endWithAgent(lifetime, channel);
  return channel.stream;
}

/** Who of the others types in a dialog. */
export function typingOf(
  { lifetime, router }: ConversationStreamParts,
  dialogId: string,
  options: StreamOptions,
): Stream<ChatStateChange> {
  const channel = createChannel<ChatStateChange>({
    capacity: 16,
    ...options,
    overflow: 'drop-oldest',
    onClose: () => {
      detach();
      release();
    },
  });
  const release = endWithAgent(lifetime, channel);
  const detach = router.attach(dialogId, {
    live: (event) => {
      const { chatState } = event.event as ChatStateEvent;
      if (event.event.type === 'ChatStateEvent' && !event.isMe)
        channel.push({
          ...event,
          /** What is shown: `COMPOSING`, `PAUSE`, `ACTIVE`, `INACTIVE` or `GONE`. */
          chatState,
        });
    },
    hint: () => undefined,
  });
  return channel.stream;
}

/** The changes of its rings. */
export function routingTasksOf(
  { coverage, report, router }: ConversationStreamParts,
  conversationId: string,
  options: StreamOptions,
): Stream<RoutingTaskChange> {
  let release: (() => void) | undefined;
  return router.routingTasks.subscribe({
    ...options,
    select: (change) => (change.result.conversationId === conversationId ? change : undefined),
    overflow: { latest: () => conversationId },
    onHighWater: () => report.status({ type: 'slowConsumer', stream: 'routingTasks' }),
    onStart: (fail) => {
      release = coverage.bring({ name: 'subscribeRoutingTasks', body: {} }, fail);
    },
    onClose: () => release?.(),
  });
}

/** The changes of the states of its agents. */
export function agentStatesOf(
  { coverage, identities, report, router, store }: ConversationStreamParts,
  conversationId: string,
  options: StreamOptions,
): Stream<AgentStateChange> {
  const releases = new Map<string, () => void>();
  const participants = () => store.get(conversationId).details?.participants ?? [];
  let unwatch: (() => void) | undefined;

  /** Subscribes to those who have come since; who may not be watched is told of, and the others go on. */
  function cover(fail: (error: unknown) => void): void {
    const bring = (id: string, body: object, failed: (error: unknown) => void) => {
      if (!releases.has(id)) releases.set(id, coverage.bring({ name: 'subscribeAgentsState', body }, failed));
    };
    bring(identities.oldId, {}, fail);
    for (const { role, userId } of participants()) {
      if (userId === undefined || userId === identities.oldId || role === 'CONSUMER') continue;
      bring(userId, { agentId: userId }, (error) =>
        report.logger.warn("a colleague's state cannot be watched", { conversationId, error: toError(error).name }),
      );
    }
  }

  return router.agentStates.subscribe({
    ...options,
    select: (change) => {
      const { agentId, agentUserId } = change.result;
      const isIn = participants().some(
        ({ id, userId }) => (id ?? userId) !== undefined && (id === agentId || userId === agentUserId),
      );
      return isIn ? change : undefined;
    },
    overflow: { latest: (change) => change.result.agentUserId },
    onHighWater: () => report.status({ type: 'slowConsumer', stream: 'agentStates' }),
    onStart: (fail) => {
      releases.set('', coverage.bring(conversationNeed(store, conversationId), fail));
      unwatch = store.watch(conversationId, () => cover(fail));
      cover(fail);
    },
    onClose: () => {
      unwatch?.();
      for (const release of releases.values()) release();
    },
  });
}

/** Every notification about it, of unknown types too; of one that tells of several conversations, its own part. */
export function notificationsOf(
  { coverage, report, router, store }: ConversationStreamParts,
  conversationId: string,
  options: StreamOptions,
): Stream<Notification> {
  let release: (() => void) | undefined;
  const isOurs = (id: unknown) =>
    id === conversationId ||
    briefOf(store.get(conversationId))?.dialogs.some(({ dialogId }) => dialogId === id) === true;
  return router.notifications.subscribe({
    ...options,
    select: (notification) => partOf(notification, isOurs),
    overflow: 'drop-oldest',
    onHighWater: () => report.status({ type: 'slowConsumer', stream: 'notifications' }),
    onStart: (fail) => {
      release = coverage.bring(conversationNeed(store, conversationId), fail);
    },
    onClose: () => release?.(),
  });
}

function partOf(notification: Notification, isOurs: (id: unknown) => boolean): Notification | undefined {
  const { body } = notification;
  if (typeof body !== 'object' || body === null) return undefined;
  const { changes } = body as { changes?: unknown };
  if (!Array.isArray(changes)) return isAbout(body, isOurs) ? notification : undefined;
  const own = changes.filter((change) => isAbout(change, isOurs));
  if (own.length === 0) return undefined;
  return own.length === changes.length ? notification : { ...notification, body: { ...body, changes: own } };
}

/** Whether a part of a frame names the conversation or a dialog of it where frames do so. */
function isAbout(part: unknown, isOurs: (id: unknown) => boolean): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { convId, conversationId, dialogId, result, ringsDetails } = part as Record<string, unknown>;
  const rings: unknown[] = Array.isArray(ringsDetails) ? ringsDetails : [];
  return [convId, conversationId, dialogId].some(isOurs) || [result, ...rings].some((inner) => isAbout(inner, isOurs));
}
