export { type Advice, adviceOn } from './advice.ts';
export {
  CLIENT_FEATURES,
  type ClientProperties,
  type ClientPropertiesHeader,
  ClientPropertiesHeaderSchema,
  ClientPropertiesSchema,
} from './client-properties.ts';
export {
  type ConsumerRequestName,
  consumerRequestRegistry,
  type InitConnectionHeaders,
  InitConnectionHeadersSchema,
} from './consumer-registry.ts';
export {
  CONVERSATION_STATES,
  type ConversationChangeRecord as ConversationChange,
  type ConversationChangeRecord,
  ConversationChangeSchema,
  type ConversationDetailsRecord as ConversationDetails,
  type ConversationDetailsRecord,
  ConversationDetailsSchema,
  type ConversationState,
  type DialogRecord,
  DialogRecordSchema,
  PARTICIPANT_STATES,
  type ParticipantRecord,
  ParticipantRecordSchema,
  type ParticipantState,
  type ParticipantsByRole,
} from './conversation.ts';
export type * from './conversation-field-types.ts';
export { ConversationFieldSchema, ParticipantsChangeSchema } from './conversation-fields.ts';
export {
  type DecodedFrame,
  type DecodedNotification,
  type DecodedResponse,
  decodeFrame,
  decodeNotification,
  type InvalidFrame,
  type KnownNotification,
  type NotificationFrameLike,
  type UnknownNotification,
} from './decode.ts';
export {
  ACCEPT_STATUSES,
  type AcceptStatusEvent,
  AcceptStatusEventSchema,
  AUDIENCES,
  CHAT_STATES,
  type ChatStateEvent,
  ChatStateEventSchema,
  type Event,
  EventSchema,
  type ExternalFileEvent,
  type HostedFileEvent,
  type MessageAudience,
  type MessagingEventRecord as MessagingEvent,
  type MessagingEventRecord,
  MessagingEventSchema,
  type OriginatorMetadata,
  type OtherContentEvent,
  type OtherEvent,
  type RichContentEvent,
  ROLES,
  type Role,
  type SecureFormInvitationEvent,
  type SecureFormSubmissionEvent,
  type TextEvent,
} from './events.ts';
export {
  type AgentStatus,
  AgentStatusSchema,
  type AgentStatusSearch,
  AgentStatusSearchSchema,
  type ConsumerSearch,
  ConsumerSearchSchema,
  type ConversationSearch,
  ConversationSearchSchema,
  HISTORY_CONTENT,
  type HistoryConversation,
  HistoryConversationSchema,
  type HistoryMessage,
  HistoryMessageSchema,
  type HistoryPage,
  HistoryPageSchema,
  type HistorySearch,
  HistorySearchSchema,
} from './history.ts';
export { describeIssues, listIssues, type SchemaIssue } from './issues.ts';
export { parseJson } from './json.ts';
export { type InvalidItem, type LenientResult, parseLenient } from './lenient.ts';
export {
  EncodedMetadataSchema,
  type InboundMetadata,
  InboundMetadataSchema,
  MAX_ENCODED_METADATA_LENGTH,
  MetadataSchema,
  type RequestMetadata,
  RequestMetadataSchema,
} from './metadata.ts';
export type * from './metadata-types.ts';
export {
  type NotificationBody,
  NotificationSchemas,
  type NotificationTopic,
  type NotificationType,
} from './notifications.ts';
export type { OpenFields } from './objects.ts';
export type * from './outbound-event-types.ts';
export {
  MAX_NOTE_LENGTH,
  MAX_RICH_CONTENT_LENGTH,
  MAX_TEXT_LENGTH,
  PublishableEventSchema,
} from './outbound-events.ts';
export type { Open, OtherName } from './primitives.ts';
export {
  type BrandProfile,
  BrandProfileSchema,
  type CustomerInfoSde,
  type OtherSde,
  type PersonalInfoSde,
  type Sde,
  SdeSchema,
  type UserProfileRecord as UserProfile,
  type UserProfileRecord,
  UserProfileSchema,
} from './profile.ts';
export { type QuickReplies, QuickRepliesSchema, type QuickReply } from './quick-replies.ts';
export {
  type RequestBody,
  RequestBodySchemas,
  type RequestName,
  type RequestRow,
  RequestTypes,
  type ResponseBody,
  ResponseSchemas,
  requestRegistry,
} from './registry.ts';
export type { ConversationContext, DownloadableForm } from './requests.ts';
export { type FileUrl, parseResponse, type ResponseResult } from './responses.ts';
export type * from './rich-action-types.ts';
export { ClickActionSchema, ClickSchema } from './rich-actions.ts';
export { RichContentSchema } from './rich-content.ts';
export type * from './rich-content-types.ts';
export type * from './rich-element-types.ts';
export { ButtonSchema, StyleSchema } from './rich-elements.ts';
export type * from './rich-form-types.ts';
export {
  type AgentStateChangeRecord as AgentStateChange,
  type AgentStateChangeRecord,
  AgentStateChangeSchema,
  AVAILABILITIES,
  RING_STATES,
  type RingDetails,
  RingDetailsSchema,
  type RoutingTaskChangeRecord as RoutingTaskChange,
  type RoutingTaskChangeRecord,
  RoutingTaskChangeSchema,
} from './routing.ts';
export type * from './social-metadata-types.ts';
export {
  type AgentSurveyAnswer,
  AgentSurveyAnswerSchema,
  type AgentSurveyContext,
  AgentSurveyContextSchema,
  type AgentSurveyState,
  AgentSurveyStateSchema,
} from './survey.ts';
export type * from './survey-metadata-types.ts';
export { isSignedWebhook, type SignedWebhook } from './webhook-signature.ts';
