import * as z from 'zod';
import { ConversationChangeSchema } from './conversation.ts';
import { MessagingEventSchema } from './events.ts';
import { looseObject } from './objects.ts';
import { optionalText, optionalTime } from './primitives.ts';
import { AgentStateChangeSchema, RoutingTaskChangeSchema } from './routing.ts';

const subscription = { subscriptionId: optionalText, sentTs: optionalTime };

export const ConversationNotificationSchema = looseObject(() => ({
  ...subscription,
  changes: z.array(ConversationChangeSchema),
}));
export const MessagingNotificationSchema = looseObject(() => ({
  ...subscription,
  changes: z.array(MessagingEventSchema),
}));
export const RoutingTaskNotificationSchema = looseObject(() => ({
  ...subscription,
  changes: z.array(RoutingTaskChangeSchema),
}));
export const AgentStateNotificationSchema = looseObject(() => ({
  ...subscription,
  changes: z.array(AgentStateChangeSchema),
}));

/** What a notification is about, whichever dialect names it. */
export type NotificationTopic = 'conversations' | 'messaging' | 'routingTasks' | 'agentStates';

const conversations = {
  topic: 'conversations',
  body: ConversationNotificationSchema,
  item: ConversationChangeSchema,
} as const;
const routingTasks = {
  topic: 'routingTasks',
  body: RoutingTaskNotificationSchema,
  item: RoutingTaskChangeSchema,
} as const;
const agentStates = { topic: 'agentStates', body: AgentStateNotificationSchema, item: AgentStateChangeSchema } as const;

/** One event, and not a list of them. */
const distribution = { topic: 'messaging', body: MessagingEventSchema, item: undefined } as const;

const rows = {
  '.ams.aam.ExConversationChangeNotification': conversations,
  'cqm.ExConversationChangeNotification': conversations,
  'aam.ExConversationChangeNotification': conversations,
  '.ams.ms.OnlineEventDistribution': distribution,
  'ms.OnlineEventDistribution': distribution,
  'ms.MessagingEventNotification': {
    topic: 'messaging',
    body: MessagingNotificationSchema,
    item: MessagingEventSchema,
  },
  '.ams.routing.RoutingTaskNotification': routingTasks,
  'rs.RoutingTaskNotification': routingTasks,
  'routing.RoutingTaskNotification': routingTasks,
  '.ams.routing.AgentStateNotification': agentStates,
  'rs.AgentStateNotification': agentStates,
  'routing.AgentStateNotification': agentStates,
} as const satisfies Record<string, { topic: NotificationTopic; body: z.ZodObject; item: z.ZodObject | undefined }>;

/** The name of a notification that is known here. */
export type NotificationType = keyof typeof rows;

/** The topic, the body's schema and the schema of an item of its `changes`, by wire type. */
export const notificationRows: { readonly [T in NotificationType]: (typeof rows)[T] } = rows;

/** The schema of a notification's body, by wire type, in the agent socket's dialect (v2) and the consumer's (v3). */
export const NotificationSchemas = Object.fromEntries(
  Object.entries(rows).map(([type, { body }]) => [type, body]),
) as unknown as { readonly [T in NotificationType]: (typeof rows)[T]['body'] };

/** A notification's body, by wire type. */
export type NotificationBody<T extends NotificationType = NotificationType> = z.output<(typeof rows)[T]['body']>;
