/** `v2` names start with a dot and are the agents' own; `v3` names are the consumers'. The server takes both. */
export type Dialect = 'v2' | 'v3';

interface Names {
  readonly v2: string;
  readonly v3: string;
  /** Types of the response whose body is not a string. */
  readonly response?: { readonly v2: string; readonly v3: string };
}

const same = (name: string): Names => ({ v2: name, v3: name });
const SUBSCRIBED = { v2: '.ams.GenericSubscribe$Response', v3: 'GenericSubscribeResponse' };
const URL_RESPONSE = { v2: '.ams.ms.BaseGenerateURL$Response', v3: 'ms.BaseGenerateURLResponse' };
const NEW_CONVERSATION = { v2: '.ams.cm.RequestConversation$Response', v3: 'cm.RequestConversationResponse' };

/** Every request the simulator knows, by the name of its handler. */
const REQUESTS = {
  GetClock: { v2: '.GetClock', v3: 'GetClock', response: { v2: '.GetClock$Response', v3: 'GetClockResponse' } },
  KeepAlive: { v2: '.KeepAlive', v3: 'KeepAlive' },
  InitConnection: same('InitConnection'),
  SubscribeExConversations: {
    v2: '.ams.aam.SubscribeExConversations',
    v3: 'cqm.SubscribeExConversations',
    response: { v2: '.ams.aam.SubscribeExConversations$Response', v3: 'cqm.SubscribeExConversationsResponse' },
  },
  UnsubscribeExConversations: { v2: '.ams.aam.UnsubscribeExConversations', v3: 'cqm.UnsubscribeExConversations' },
  UpdateExConversationSubscription: {
    v2: '.ams.aam.UpdateExConversationSubscription',
    v3: 'cqm.UpdateExConversationSubscription',
    response: { v2: '.ams.aam.SubscribeExConversations$Response', v3: 'cqm.SubscribeExConversationsResponse' },
  },
  Unsubscribe: same('.ams.UnsubscribeBody'),
  RequestConversation: {
    v2: '.ams.cm.types.RequestConversation',
    v3: 'cm.RequestConversation',
    response: NEW_CONVERSATION,
  },
  ConsumerRequestConversation: {
    v2: '.ams.cm.ConsumerRequestConversation',
    v3: 'cm.ConsumerRequestConversation',
    response: NEW_CONVERSATION,
  },
  AgentRequestConversation: {
    v2: '.ams.cm.AgentRequestConversation',
    v3: 'cm.AgentRequestConversation',
    response: NEW_CONVERSATION,
  },
  UpdateConversationField: { v2: '.ams.cm.UpdateConversationField', v3: 'cm.UpdateConversationField' },
  PublishEvent: {
    v2: '.ams.ms.PublishEvent',
    v3: 'ms.PublishEvent',
    response: { v2: '.ams.ms.PublishEvent$Response', v3: 'ms.PublishEventResponse' },
  },
  QueryMessages: {
    v2: '.ams.ms.QueryMessages',
    v3: 'ms.QueryMessages',
    response: { v2: '.ams.ms.QueryMessages$Response', v3: 'ms.QueryMessagesResponse' },
  },
  SubscribeMessagingEvents: {
    ...same('ms.SubscribeMessagingEvents'),
    response: { v2: '.ams.GenericSubscribeResponse', v3: 'GenericSubscribeResponse' },
  },
  GenerateURLForUploadFile: {
    v2: '.ams.ms.GenerateURLForUploadFile',
    v3: 'ms.GenerateURLForUploadFile',
    response: URL_RESPONSE,
  },
  GenerateURLForDownloadFile: {
    v2: '.ams.ms.GenerateURLForDownloadFile',
    v3: 'ms.GenerateURLForDownloadFile',
    response: URL_RESPONSE,
  },
  GenerateDownloadToken: {
    v2: '.ams.ms.token.GenerateDownloadToken',
    v3: 'ms.GenerateDownloadToken',
    response: { v2: '.ams.ms.token.GenerateDownloadToken', v3: 'ms.DownloadToken' },
  },
  GenerateUploadToken: {
    v2: '.ams.ms.token.GenerateUploadToken',
    v3: 'ms.GenerateUploadToken',
    response: { v2: '.ams.ms.token.GenerateUploadToken', v3: 'ms.UploadToken' },
  },
  GetUserProfile: {
    v2: '.ams.userprofile.GetUserProfile',
    v3: 'userprofile.GetUserProfile',
    response: { v2: '.ams.userprofile.GetUserProfile$Response', v3: 'userprofile.GetUserProfileResponse' },
  },
  SetUserProfile: { v2: '.ams.userprofile.SetUserProfile', v3: 'userprofile.SetUserProfile' },
  GetBrandProfile: {
    v2: '.ams.brandprofile.GetBrandProfile',
    v3: 'brandprofile.GetBrandProfile',
    response: { v2: '.ams.brandprofile.GetBrandProfile$Response', v3: 'brandprofile.GetBrandProfileResponse' },
  },
  SetAgentState: { v2: '.ams.routing.SetAgentState', v3: 'rs.SetAgentState' },
  SubscribeAgentsState: {
    v2: '.ams.routing.SubscribeAgentsState',
    v3: 'rs.SubscribeAgentsState',
    response: SUBSCRIBED,
  },
  SubscribeRoutingTasks: {
    v2: '.ams.routing.SubscribeRoutingTasks',
    v3: 'rs.SubscribeRoutingTasks',
    response: SUBSCRIBED,
  },
  UpdateRoutingTaskSubscription: {
    v2: '.ams.routing.UpdateRoutingTaskSubscription',
    v3: 'rs.UpdateRoutingTaskSubscription',
    response: SUBSCRIBED,
  },
  UpdateRingState: { v2: '.ams.routing.UpdateRingState', v3: 'rs.UpdateRingState' },
} as const satisfies Record<string, Names>;

export type RequestName = keyof typeof REQUESTS;

/** The short names of all requests. */
export const REQUEST_NAMES = Object.keys(REQUESTS) as readonly RequestName[];

/** Notification types, by dialect. */
export const NOTIFICATIONS = {
  conversations: { v2: '.ams.aam.ExConversationChangeNotification', v3: 'cqm.ExConversationChangeNotification' },
  /** Agents' own have a quirk. */
  events: { v3: 'ms.MessagingEventNotification' },
  routing: { v2: '.ams.routing.RoutingTaskNotification', v3: 'rs.RoutingTaskNotification' },
  agentState: { v2: '.ams.routing.AgentStateNotification', v3: 'rs.AgentStateNotification' },
} as const;

const STRING_RESPONSE = { v2: '.ReqBody$StringResp', v3: 'StringResponse' } as const;

const byType = new Map<string, { name: RequestName; dialect: Dialect | undefined }>();
for (const name of REQUEST_NAMES) {
  const { v2, v3 } = REQUESTS[name];
  byType.set(v2, { name, dialect: v2 === v3 ? undefined : 'v2' });
  byType.set(v3, { name, dialect: v2 === v3 ? undefined : 'v3' });
}

/** Which request a wire type is, and the dialect it is written in; undefined where both write it alike. */
export function requestOf(type: string): { name: RequestName; dialect: Dialect | undefined } | undefined {
  return byType.get(type);
}

/** Whether {@link isRequestType} can find what `wanted` names. */
export const isRequestName = (wanted: string): boolean => Object.hasOwn(REQUESTS, wanted) || byType.has(wanted);

/** Whether a frame of wire type `type` is what `wanted` names: a wire type of either dialect, or a request's short name. */
export function isRequestType(type: string, wanted: string): boolean {
  if (type === wanted) return true;
  const name = byType.get(type)?.name;
  return name !== undefined && (name === wanted || byType.get(wanted)?.name === name);
}

/** The type of a response: texts have a type of their own. */
export function responseType(name: RequestName | undefined, dialect: Dialect, body: unknown): string {
  const names: Names | undefined = name && REQUESTS[name];
  return names?.response && typeof body !== 'string' ? names.response[dialect] : STRING_RESPONSE[dialect];
}
