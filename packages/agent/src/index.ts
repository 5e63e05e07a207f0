// Public API: every name added here is a promise. Schemas are at '@lp/agent/schemas'.
export type {
  ApiKeyCredentials,
  BearerCredentials,
  BeforeLoginContext,
  ClientCredentials,
  Credentials,
  DomainLookupOptions,
  DomainResolver,
  ProviderContext,
  Session,
  SessionCredentials,
} from '@lp/auth';
export {
  AuthError,
  type Clock,
  type ClockTimer,
  ClosedError,
  ConfigError,
  ConnectionLostError,
  DomainLookupError,
  DrainingError,
  FencedError,
  type FieldsFirstLogger,
  fieldsFirst,
  HandlerKilledError,
  InvalidCredentialsError,
  type Logger,
  type LoggerOption,
  type LogLevel,
  type LogMethod,
  LpError,
  type LpErrorCode,
  type LpErrorOptions,
  type NoAnswerReason,
  NotConnectedError,
  NotInConversationError,
  OutboxFullError,
  OutcomeUnknownError,
  ProtocolError,
  type RejectionDetails,
  RequestRejectedError,
  RequestTimeoutError,
  type SafeContext,
  type SafeValue,
  SessionExpiredError,
  SlowConsumerError,
  type Stream,
  type StreamOptions,
  type StreamStats,
  withLogLevel,
} from '@lp/core';
export type {
  AgentStatus,
  AgentStatusSearch,
  AgentSurveyAnswer,
  AgentSurveyContext,
  AgentSurveyState,
  ChatStateEvent,
  ConsumerSearch,
  ConversationSearch,
  EscalationSummary,
  Event,
  HistoryConversation,
  HistorySearch,
  MessageAudience,
  ParticipantState,
  ParticipantsByRole,
  QuickReplies,
  RichContent,
  RingDetails,
  Role,
  SchemaIssue,
  Sde,
} from '@lp/schemas';
export type {
  CloseClass,
  ClosedEvent,
  ConnectedEvent,
  ConnectingEvent,
  ConnectionState,
  DialReason,
  DisconnectedEvent,
  InvalidFrameEvent,
  InvalidFrameReason,
  KeepAliveOptions,
  ListenerErrorEvent,
  ReconnectedEvent,
  ReconnectingEvent,
  ReconnectPolicy,
  RequestFrame,
  SlowConsumerEvent,
  StatusEvent as TransportStatusEvent,
  WriteGate,
} from '@lp/transport';
export type { Agent, AgentConnection, MessagingEventsOptions } from './agent.ts';
export { connectAgent } from './client.ts';
export type { QuickRepliesInput, QuickReply, WrittenQuickReplies } from './content/quick-replies.ts';
export type { AskOptions } from './conversation/ask.ts';
export type { Click } from './conversation/click.ts';
export type { Conversation, JoinRole } from './conversation/conversation.ts';
export type { ChatStateChange } from './conversation/conversation-streams.ts';
export { type DataDefinition, defineData } from './conversation/data.ts';
export { type FileData, MAX_FILE_BYTES, type SentFile } from './conversation/files.ts';
export type { HandOffOptions, HandOffTarget } from './conversation/hand-off.ts';
export type { Message } from './conversation/message.ts';
export { NoAnswerError } from './conversation/no-answer-error.ts';
export type { EventsOptions, MessagesOptions, NewestOptions } from './conversation/reading.ts';
export type { AnswerTo, ReplyOptions, TextOptions } from './conversation/reply-options.ts';
export type { Said } from './conversation/said.ts';
export type { SendOptions } from './conversation/sending.ts';
export type { Settle } from './conversation/settle.ts';
export type { Producer, TextSource } from './conversation/text-source.ts';
export type { UploadOptions } from './conversation/upload.ts';
export type { StandardSchema, Validation, ValidationIssue } from './conversation/validation.ts';
export {
  type CursorStore,
  type CursorStoreOptions,
  createFileCursorStore,
  createFileDialogStore,
  createMemoryCursorStore,
  createMemoryDialogStore,
  type DialogKey,
  type DialogRecord,
  type DialogStore,
  type DialogStoreOptions,
  type FileCursorStore,
  type FileCursorStoreOptions,
  type FileDialogStore,
  type FileDialogStoreOptions,
} from './cursors/index.ts';
export type { Gap } from './dialog/dialog-types.ts';
export type { Start } from './dialog/start.ts';
export type {
  AgentStateChange,
  ConversationChange,
  ConversationDetails,
  ConversationField,
  Dialog,
  MessagingEvent,
  Participant,
  RequestInput,
  RoutingTaskChange,
} from './inbound/mapping/index.ts';
export type { Notification } from './inbound/router.ts';
export type { ResyncCause, StatusEvent } from './inbound/status.ts';
export type { AgentOptions } from './link/agent-options.ts';
export type { RequestCall, RequestInterceptor } from './link/call.ts';
export type { SubscriptionHandle } from './link/desired-state.ts';
export type { RequestOptions } from './link/request-options.ts';
export type { AgentRequests, RequestMethod } from './link/requests.ts';
export type { UserProfile } from './link/user-profile.ts';
export {
  type AgentSurveyClient,
  type AgentSurveyTarget,
  type HistoryCallOptions,
  type HistoryClient,
  type HistoryPageOptions,
  isStaleRevision,
  type RestCallOptions,
  type SurveyRevision,
} from './rest/index.ts';
export type { ConversationQuery, ConversationStateName } from './work/conversation-query.ts';
export type { Ring } from './work/ring.ts';
export type { Availability, ConversationHandler, Decision, Failure, ServeOptions } from './work/serve-options.ts';
export { stopSignal } from './work/stop-signal.ts';
