/** The wire type of each request function, in the order in which they are put on an agent. */
export const REQUEST_TYPES = {
  getClock: '.GetClock',
  agentRequestConversation: '.ams.cm.AgentRequestConversation',
  subscribeExConversations: '.ams.aam.SubscribeExConversations',
  unsubscribeExConversations: '.ams.aam.UnsubscribeExConversations',
  updateConversationField: '.ams.cm.UpdateConversationField',
  publishEvent: '.ams.ms.PublishEvent',
  updateRingState: '.ams.routing.UpdateRingState',
  subscribeRoutingTasks: '.ams.routing.SubscribeRoutingTasks',
  updateRoutingTaskSubscription: '.ams.routing.UpdateRoutingTaskSubscription',
  getUserProfile: '.ams.userprofile.GetUserProfile',
  setAgentState: '.ams.routing.SetAgentState',
  subscribeAgentsState: '.ams.routing.SubscribeAgentsState',
  subscribeMessagingEvents: '.ams.ms.QueryMessages',
  generateURLForDownloadFile: '.ams.ms.GenerateURLForDownloadFile',
  generateURLForUploadFile: '.ams.ms.GenerateURLForUploadFile',
  generateDownloadToken: '.ams.ms.token.GenerateDownloadToken',
} as const;

/** The name of a request function. */
export type RequestFunction = keyof typeof REQUEST_TYPES;

/** The names of the request functions, as they are put on an agent. */
export const REQUEST_FUNCTIONS = Object.keys(REQUEST_TYPES) as RequestFunction[];
