// Public API: every name added here is a promise. Schemas are at '@lp/agent/schemas'.
export {
  AuthError,
  ClosedError,
  ConfigError,
  ConnectionLostError,
  DomainLookupError,
  DrainingError,
  InvalidCredentialsError,
  type Logger,
  LpError,
  type LpErrorCode,
  NotConnectedError,
  OutboxFullError,
  OutcomeUnknownError,
  ProtocolError,
  RequestRejectedError,
  RequestTimeoutError,
  SessionExpiredError,
  SlowConsumerError,
  type Stream,
  type StreamOptions,
  type StreamStats,
} from '@lp/core';
export type { Agent, AgentConnection, MessagingEventsOptions } from './agent.ts';
export type { AgentOptions } from './agent-options.ts';
export type { RequestCall, RequestInterceptor } from './call.ts';
export { connectAgent } from './connect.ts';
export type { ChatStateChange, Conversation, JoinRole, MessagesOptions } from './conversation.ts';
export type { ConversationQuery } from './conversation-query.ts';
export {
  type CursorStore,
  type CursorStoreOptions,
  createFileCursorStore,
  createMemoryCursorStore,
  type FileCursorStore,
  type FileCursorStoreOptions,
} from './cursors/index.ts';
export type { Start } from './dialog-stream.ts';
export { type FileData, MAX_FILE_BYTES } from './files.ts';
export type { Message } from './message.ts';
export type { RequestOptions } from './request-options.ts';
export type { AgentRequests } from './requests.ts';
export {
  type AgentSurveyClient,
  type AgentSurveyTarget,
  type HistoryClient,
  type HistoryPageOptions,
  isStaleRevision,
  type RestCallOptions,
} from './rest/index.ts';
export type { Ring } from './ring.ts';
export type { Notification } from './router.ts';
export type { SendOptions } from './sending.ts';
export type { ConversationHandler, ServeOptions } from './serve.ts';
export type { StatusEvent } from './status.ts';
export { stopSignal } from './stop-signal.ts';
export type { Gap, ResyncCause } from './streams/index.ts';
export type {
  AgentStateChange,
  ConversationChange,
  ConversationDetails,
  Dialog,
  MessagingEvent,
  Participant,
  RequestInput,
  RoutingTaskChange,
} from './user-form/index.ts';
export type { UserProfile } from './user-profile.ts';
