import type { RequestName } from '../wire.ts';
import {
  generateDownloadToken,
  generateUploadToken,
  getBrandProfile,
  getClock,
  getUserProfile,
  initConnection,
  keepAlive,
  setUserProfile,
} from './basics.ts';
import type { Handler } from './call.ts';
import { agentRequestConversation, consumerRequestConversation, requestConversation } from './conversations.ts';
import { generateUrlForDownloadFile, generateUrlForUploadFile } from './files.ts';
import { publishEvent, queryMessages, subscribeMessagingEvents } from './messages.ts';
import { setAgentState, updateRingState } from './routing.ts';
import {
  subscribeAgentsState,
  subscribeExConversations,
  subscribeRoutingTasks,
  unsubscribe,
  unsubscribeExConversations,
  updateExConversationSubscription,
  updateRoutingTaskSubscription,
} from './subscriptions.ts';
import { updateConversationField } from './update-conversation-field.ts';

export const handlers: Readonly<Record<RequestName, Handler>> = {
  GetClock: getClock,
  KeepAlive: keepAlive,
  InitConnection: initConnection,
  SubscribeExConversations: subscribeExConversations,
  UnsubscribeExConversations: unsubscribeExConversations,
  UpdateExConversationSubscription: updateExConversationSubscription,
  Unsubscribe: unsubscribe,
  RequestConversation: requestConversation,
  ConsumerRequestConversation: consumerRequestConversation,
  AgentRequestConversation: agentRequestConversation,
  UpdateConversationField: updateConversationField,
  PublishEvent: publishEvent,
  QueryMessages: queryMessages,
  SubscribeMessagingEvents: subscribeMessagingEvents,
  GenerateURLForUploadFile: generateUrlForUploadFile,
  GenerateURLForDownloadFile: generateUrlForDownloadFile,
  GenerateDownloadToken: generateDownloadToken,
  GenerateUploadToken: generateUploadToken,
  GetUserProfile: getUserProfile,
  SetUserProfile: setUserProfile,
  GetBrandProfile: getBrandProfile,
  SetAgentState: setAgentState,
  SubscribeAgentsState: subscribeAgentsState,
  SubscribeRoutingTasks: subscribeRoutingTasks,
  UpdateRoutingTaskSubscription: updateRoutingTaskSubscription,
  UpdateRingState: updateRingState,
};
