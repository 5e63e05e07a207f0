export { type ConversationField, completeRequestBody, type RequestInput } from './complete.ts';
export { toConversationChanges, toConversationDetails } from './conversation.ts';
export { Identities, type Identity } from './identities.ts';
export { toMessagingEvents } from './messaging.ts';
export { Pairings } from './pairings.ts';
export { describeRejection, saysHasLeft } from './rejections.ts';
export { toAgentStateChanges, toRoutingTaskChanges } from './routing.ts';
export type {
  AgentStateChange,
  ConversationChange,
  ConversationDetails,
  Dialog,
  MessagingEvent,
  Participant,
  RoutingTaskChange,
} from './types.ts';
