import type { ResponseError, SDKError, TransformError } from './errors.ts';
import type {
  LegacyAgentStates,
  LegacyConversationChanges,
  LegacyMessagingEvents,
  LegacyNotificationFrame,
  LegacyRoutingTasks,
} from './legacy-types.ts';

/** Which step of a connection or a refresh an event tells of. */
export type Location =
  | 'Connect#CSDS'
  | 'Connect#Login'
  | 'Reconnect#CSDS'
  | 'Reconnect#Relogin#WS'
  | 'RefreshSession#Precheck'
  | 'RefreshSession#CSDS'
  | 'RefreshSession#REST'
  | 'RefreshSession#Relogin#WS';

/** A request as it was sent. */
export interface SentFrame {
  kind: 'req';
  id: string;
  type: string;
  body: unknown;
  headers: unknown;
  metadata: unknown;
  encodedMetadata: unknown;
}

/** The events of an agent and what their listeners are given. A response is an event of its own type as well. */
export interface AgentEvents {
  /** A connection is usable: subscribe now. */
  connected: [state: { connected: true; ts: number }];
  /** The connection is lost, by this close code; 1006 stands for none. */
  closed: [code: number];
  error: [error: SDKError | TransformError, context?: { location: Location }];
  success: [context: { location: Location }];
  warn: [warning: { message: string }];
  'message:sent': [frame: SentFrame];
  notification: [frame: LegacyNotificationFrame];
  'cqm.ExConversationChangeNotification': [body: LegacyConversationChanges];
  'ms.MessagingEventNotification': [body: LegacyMessagingEvents];
  'routing.RoutingTaskNotification': [body: LegacyRoutingTasks];
  'routing.AgentStateNotification': [body: LegacyAgentStates];
  deprecated: [];
  GenericSubscribeResponse: [body: undefined, reqId: string];
}

/** Names that the server's types must not be emitted under: a program would take them for the agent's own word. */
export const OWN_EVENTS: ReadonlySet<string> = new Set([
  'connected',
  'closed',
  'close',
  'error',
  'success',
  'warn',
  'message:sent',
  'notification',
  'newListener',
  'removeListener',
]);

/** What a request ends in: the response's body, or why there is none. */
export type Callback<R = unknown> = (error: SDKError | ResponseError | TransformError | null, body: R) => void;
