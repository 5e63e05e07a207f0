import type * as z from 'zod';
import { BrandProfileSchema, UserProfileSchema } from './profile.ts';
import {
  AgentRequestConversationBodySchema,
  DownloadUrlBodySchema,
  EmptyBodySchema,
  GenerateDownloadTokenBodySchema,
  GetBrandProfileBodySchema,
  PublishEventBodySchema,
  QueryMessagesBodySchema,
  SetAgentStateBodySchema,
  SubscribeAgentsStateBodySchema,
  SubscribeExConversationsBodySchema,
  SubscribeMessagingEventsBodySchema,
  SubscribeRoutingTasksBodySchema,
  UnsubscribeExConversationsBodySchema,
  UpdateConversationFieldBodySchema,
  UpdateExConversationSubscriptionBodySchema,
  UpdateRingStateBodySchema,
  UpdateRoutingTaskSubscriptionBodySchema,
  UploadUrlBodySchema,
  UserProfileBodySchema,
} from './requests.ts';
import {
  ClockResponseSchema,
  ConfirmationSchema,
  ConversationResponseSchema,
  DownloadTokenResponseSchema,
  FileUrlResponseSchema,
  GenericSubscribeResponseSchema,
  MessagesResponseSchema,
  PublishResponseSchema,
  SubscriptionResponseSchema,
  TextResponseSchema,
} from './responses.ts';

/** All there is to know about a request. */
export interface RequestRow {
  /** The name on the agent socket (v2). */
  readonly type: string;
  /** The name on the consumer socket (v3), when it has one. */
  readonly typeV3?: string;
  /** The body as it goes on the wire. */
  readonly body: z.ZodType;
  readonly response: z.ZodType;
  /** The names of the response, v2 then v3. Shared ones (a plain text, a subscription) say less than the request. */
  readonly responseTypes: readonly string[];
  /** Whether sending it twice does no more than sending it once. */
  readonly idempotent: boolean;
  /** How long to wait for the response, where that differs from the client's own setting. */
  readonly timeoutMs?: number;
  readonly description: string;
}

const text = ['.ReqBody$StringResp', 'StringResponse'] as const;
/** The types of the responses to subscriptions that have none of their own. */
export const genericSubscribeTypes = [
  '.ams.GenericSubscribe$Response',
  'GenericSubscribeResponse',
  '.ams.GenericSubscribeResponse',
] as const;
const fileUrl = ['.ams.ms.BaseGenerateURL$Response', 'ms.BaseGenerateURLResponse', 'ms.GenerateURLResponse'] as const;

/** The bodies by name: named here, so that an editor shows the comments of their fields. */
interface BodySchemas {
  readonly getClock: typeof EmptyBodySchema;
  readonly subscribeExConversations: typeof SubscribeExConversationsBodySchema;
  readonly unsubscribeExConversations: typeof UnsubscribeExConversationsBodySchema;
  readonly updateExConversationSubscription: typeof UpdateExConversationSubscriptionBodySchema;
  readonly subscribeAgentsState: typeof SubscribeAgentsStateBodySchema;
  readonly subscribeRoutingTasks: typeof SubscribeRoutingTasksBodySchema;
  readonly updateRoutingTaskSubscription: typeof UpdateRoutingTaskSubscriptionBodySchema;
  readonly subscribeMessagingEvents: typeof SubscribeMessagingEventsBodySchema;
  readonly queryMessages: typeof QueryMessagesBodySchema;
  readonly setAgentState: typeof SetAgentStateBodySchema;
  readonly getUserProfile: typeof UserProfileBodySchema;
  readonly getBrandProfile: typeof GetBrandProfileBodySchema;
  readonly updateRingState: typeof UpdateRingStateBodySchema;
  readonly updateConversationField: typeof UpdateConversationFieldBodySchema;
  readonly agentRequestConversation: typeof AgentRequestConversationBodySchema;
  readonly generateURLForUploadFile: typeof UploadUrlBodySchema;
  readonly generateURLForDownloadFile: typeof DownloadUrlBodySchema;
  readonly generateDownloadToken: typeof GenerateDownloadTokenBodySchema;
  readonly publishEvent: typeof PublishEventBodySchema;
}

/** Every request of an agent, one row each: methods, types, documents and checks follow from it. */
export const requestRegistry = {
  getClock: {
    type: '.GetClock',
    typeV3: 'GetClock',
    body: EmptyBodySchema,
    response: ClockResponseSchema,
    responseTypes: ['.GetClock$Response', 'GetClockResponse'],
    idempotent: true,
    description: "Asks for the server's time, in milliseconds.",
  },
  subscribeExConversations: {
    type: '.ams.aam.SubscribeExConversations',
    typeV3: 'cqm.SubscribeExConversations',
    body: SubscribeExConversationsBodySchema,
    response: SubscriptionResponseSchema,
    responseTypes: ['.ams.aam.SubscribeExConversations$Response', 'cqm.SubscribeExConversationsResponse'],
    idempotent: true,
    description:
      'Subscribes to conversations. One notification with about 1,000 of the matching ones follows, newest first, then their changes.',
  },
  unsubscribeExConversations: {
    type: '.ams.aam.UnsubscribeExConversations',
    typeV3: 'cqm.UnsubscribeExConversations',
    body: UnsubscribeExConversationsBodySchema,
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Ends a subscription to conversations.',
  },
  updateExConversationSubscription: {
    type: '.ams.aam.UpdateExConversationSubscription',
    typeV3: 'cqm.UpdateExConversationSubscription',
    body: UpdateExConversationSubscriptionBodySchema,
    response: ConfirmationSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Replaces the filter of a subscription to conversations.',
  },
  subscribeAgentsState: {
    type: '.ams.routing.SubscribeAgentsState',
    typeV3: 'rs.SubscribeAgentsState',
    body: SubscribeAgentsStateBodySchema,
    response: GenericSubscribeResponseSchema,
    responseTypes: genericSubscribeTypes,
    idempotent: true,
    description: "Subscribes to an agent's state: the current one first, then its changes.",
  },
  subscribeRoutingTasks: {
    type: '.ams.routing.SubscribeRoutingTasks',
    typeV3: 'rs.SubscribeRoutingTasks',
    body: SubscribeRoutingTasksBodySchema,
    response: GenericSubscribeResponseSchema,
    responseTypes: genericSubscribeTypes,
    idempotent: true,
    description: 'Subscribes to rings: the waiting ones first, then what becomes of them.',
  },
  updateRoutingTaskSubscription: {
    type: '.ams.routing.UpdateRoutingTaskSubscription',
    body: UpdateRoutingTaskSubscriptionBodySchema,
    response: ConfirmationSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Replaces the filter of a subscription to rings.',
  },
  subscribeMessagingEvents: {
    type: '.ams.ms.QueryMessages',
    body: SubscribeMessagingEventsBodySchema,
    response: MessagesResponseSchema,
    responseTypes: ['.ams.ms.QueryMessages$Response'],
    idempotent: true,
    description:
      'Asks for the messages of a dialog from a sequence on. An agent gets live events without asking, so this is a query.',
  },
  queryMessages: {
    type: '.ams.ms.QueryMessages',
    body: QueryMessagesBodySchema,
    response: MessagesResponseSchema,
    responseTypes: ['.ams.ms.QueryMessages$Response'],
    idempotent: true,
    description: 'Asks for the messages of a dialog. A dialog for co-browsing cannot be queried.',
  },
  setAgentState: {
    type: '.ams.routing.SetAgentState',
    typeV3: 'rs.SetAgentState',
    body: SetAgentStateBodySchema,
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: true,
    description: 'Sets the availability of an agent. The platform forgets it with the connection.',
  },
  getUserProfile: {
    type: '.ams.userprofile.GetUserProfile',
    typeV3: 'userprofile.GetUserProfile',
    body: UserProfileBodySchema,
    response: UserProfileSchema,
    responseTypes: ['.ams.userprofile.GetUserProfile$Response', 'userprofile.GetUserProfileResponse'],
    idempotent: true,
    description: "Asks for a user's profile; without an id for one's own.",
  },
  getBrandProfile: {
    type: '.ams.brandprofile.GetBrandProfile',
    typeV3: 'brandprofile.GetBrandProfile',
    body: GetBrandProfileBodySchema,
    response: BrandProfileSchema,
    responseTypes: ['.ams.brandprofile.GetBrandProfile$Response', 'brandprofile.GetBrandProfileResponse'],
    idempotent: true,
    description: "Asks for a brand's profile.",
  },
  updateRingState: {
    type: '.ams.routing.UpdateRingState',
    typeV3: 'rs.UpdateRingState',
    body: UpdateRingStateBodySchema,
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: false,
    description: 'Accepts or rejects a ring. A ring lapses 72 seconds after it was made.',
  },
  updateConversationField: {
    type: '.ams.cm.UpdateConversationField',
    typeV3: 'cm.UpdateConversationField',
    body: UpdateConversationFieldBodySchema,
    response: TextResponseSchema,
    responseTypes: text,
    idempotent: false,
    description: 'Changes a conversation. When one of several fields fails, none is changed.',
  },
  agentRequestConversation: {
    type: '.ams.cm.AgentRequestConversation',
    typeV3: 'cm.AgentRequestConversation',
    body: AgentRequestConversationBodySchema,
    response: ConversationResponseSchema,
    responseTypes: ['.ams.cm.RequestConversation$Response', 'cm.RequestConversationResponse'],
    idempotent: false,
    description: 'Opens a conversation with a consumer.',
  },
  generateURLForUploadFile: {
    type: '.ams.ms.GenerateURLForUploadFile',
    typeV3: 'ms.GenerateURLForUploadFile',
    body: UploadUrlBodySchema,
    response: FileUrlResponseSchema,
    responseTypes: fileUrl,
    idempotent: true,
    description: 'Asks where to put a file. The address is good for about a minute.',
  },
  generateURLForDownloadFile: {
    type: '.ams.ms.GenerateURLForDownloadFile',
    typeV3: 'ms.GenerateURLForDownloadFile',
    body: DownloadUrlBodySchema,
    response: FileUrlResponseSchema,
    responseTypes: fileUrl,
    idempotent: true,
    description: 'Asks where to get a file. The address is good for about a minute.',
  },
  generateDownloadToken: {
    type: '.ams.ms.token.GenerateDownloadToken',
    typeV3: 'ms.GenerateDownloadToken',
    body: GenerateDownloadTokenBodySchema,
    response: DownloadTokenResponseSchema,
    responseTypes: ['.ams.ms.token.GenerateDownloadToken', 'ms.DownloadToken'],
    idempotent: true,
    description: 'Asks for a token that reads the answers of a secure form once.',
  },
  publishEvent: {
    type: '.ams.ms.PublishEvent',
    typeV3: 'ms.PublishEvent',
    body: PublishEventBodySchema,
    response: PublishResponseSchema,
    responseTypes: ['.ams.ms.PublishEvent$Response', 'ms.PublishEventResponse'],
    idempotent: false,
    description: 'Publishes an event in a dialog the agent takes part in. Its metadata stands beside the body.',
  },
} as const satisfies { readonly [N in keyof BodySchemas]: RequestRow & { readonly body: BodySchemas[N] } };

type Registry = typeof requestRegistry;

/** The name of a request, as its method is called. */
export type RequestName = keyof Registry;

/** A request's body as it goes on the wire. */
export type RequestBody<N extends RequestName> = z.input<BodySchemas[N]>;

/** A response. */
export type ResponseBody<N extends RequestName> = z.output<Registry[N]['response']>;

function column<K extends 'type' | 'body' | 'response'>(key: K): { readonly [N in RequestName]: Registry[N][K] } {
  return Object.fromEntries(Object.entries(requestRegistry).map(([name, row]) => [name, row[key]])) as never;
}

/** The wire type (v2) of each request. */
export const RequestTypes = column('type');

/** The schema of each request's body: strict, with the platform's limits. */
export const RequestBodySchemas = column('body');

/** The schema of each response. */
export const ResponseSchemas = column('response');
