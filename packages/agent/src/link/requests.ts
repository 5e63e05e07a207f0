import { DrainingError } from '@lp/core';
import type { RequestName, ResponseBody } from '@lp/schemas';
import {
  type Identities,
  type MessagingEvent,
  type RequestInput,
  toMessagingEvents,
} from '../inbound/mapping/index.ts';
import { bodyOf, type Call, checkOptions, isRefusal, type RawRequest } from './call.ts';
import type { DesiredState, SubscriptionHandle } from './desired-state.ts';
import type { RequestOptions } from './request-options.ts';
import { toUserProfile, type UserProfile } from './user-profile.ts';

type Method<Input, Output> = undefined extends Input
  ? (body?: Input, options?: RequestOptions) => Promise<Output>
  : (body: Input, options?: RequestOptions) => Promise<Output>;

/** The methods whose response is not the wire's own. */
interface ShapedResults {
  subscribeExConversations: SubscriptionHandle;
  subscribeRoutingTasks: SubscriptionHandle;
  subscribeAgentsState: SubscriptionHandle;
  /** The replay reaches the streams; nothing is returned. */
  subscribeMessagingEvents: void;
  queryMessages: MessagingEvent[];
  getUserProfile: UserProfile;
}

type Result<N extends RequestName> = N extends keyof ShapedResults ? ShapedResults[N] : ResponseBody<N>;

/**
 * Every request of the platform as a method: its body is checked before it is sent (ConfigError names what is wrong),
 * its response when it comes (ProtocolError), and a response of 400 and above rejects with RequestRejectedError.
 * A lost connection rejects with ConnectionLostError (not sent) or OutcomeUnknownError (sent); requests that change
 * nothing are sent again instead.
 */
export type AgentRequests = { readonly [N in RequestName]: Method<RequestInput<N>, Result<N>> } & {
  /** Sends a request of any type with the given body, unchecked, and gives the response's body. */
  request(type: string, body?: unknown, options?: RequestOptions): Promise<unknown>;
};

/** What the methods are made of. */
export interface RequestParts {
  readonly call: Call;
  readonly rawRequest: RawRequest;
  readonly desired: DesiredState;
  readonly identities: Identities;
  /** Whether the agent takes no new work any more. */
  readonly isDraining: () => boolean;
  /** The number of the present connection. */
  readonly epoch: () => number;
  /** Hands replayed events to the streams. */
  readonly replay: (events: readonly MessagingEvent[]) => void;
}

/** Makes the methods: one for each row of the registry, which the type demands, some with a memory of what was asked for. */
export function createRequests(parts: RequestParts): AgentRequests {
  const { call, desired, identities } = parts;
  // What was received may still be answered while the agent drains; this begins something new.
  const newWork = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (!parts.isDraining()) return await begin();
    throw new DrainingError('the agent is draining: it answers what it has, and takes nothing new');
  };

  /** Changes a subscription; once more when a reconnect meanwhile has given it another id. */
  async function update<N extends 'updateExConversationSubscription' | 'updateRoutingTaskSubscription'>(
    name: N,
    body: RequestInput<N>,
    options?: RequestOptions,
  ): Promise<ResponseBody<N>> {
    const { subscriptionId, ...filter } = body;
    const send = () => call(name, { ...body, subscriptionId: desired.serverIdOf(subscriptionId) }, options);
    const epoch = parts.epoch();
    let response: ResponseBody<N>;
    try {
      response = await send();
    } catch (error) {
      if (!isRefusal(error) || parts.epoch() === epoch) throw error;
      response = await send();
    }
    desired.replaceBody(subscriptionId, filter);
    return response;
  }

  return Object.freeze<AgentRequests>({
    async request(type, body, options = {}) {
      checkOptions('request', options);
      return await parts.rawRequest(type, body, { ...options, read: bodyOf });
    },
    subscribeExConversations: (body = {}, options) =>
      newWork(() => desired.subscribe('subscribeExConversations', body, options)),
    subscribeRoutingTasks: (body = {}, options) =>
      newWork(() => desired.subscribe('subscribeRoutingTasks', body, options)),
    subscribeAgentsState: (body = {}, options) =>
      newWork(() => desired.subscribe('subscribeAgentsState', body, options)),
    getClock: (body, options) => call('getClock', body, options),
    getBrandProfile: (body, options) => call('getBrandProfile', body, options),
    updateRingState: (body, options) => newWork(() => call('updateRingState', body, options)),
    updateConversationField: (body, options) => call('updateConversationField', body, options),
    agentRequestConversation: (body, options) => newWork(() => call('agentRequestConversation', body, options)),
    generateURLForUploadFile: (body, options) => call('generateURLForUploadFile', body, options),
    generateURLForDownloadFile: (body, options) => call('generateURLForDownloadFile', body, options),
    generateDownloadToken: (body, options) => call('generateDownloadToken', body, options),
    async unsubscribeExConversations(body, options) {
      const epoch = parts.epoch();
      const subscriptionId = desired.serverIdOf(body.subscriptionId);
      desired.forget(body.subscriptionId);
      try {
        return await call('unsubscribeExConversations', { ...body, subscriptionId }, options);
      } catch (error) {
        if (isRefusal(error) && parts.epoch() !== epoch) return 'the subscription ended with its connection';
        throw error;
      }
    },
    updateExConversationSubscription: (body, options) => update('updateExConversationSubscription', body, options),
    updateRoutingTaskSubscription: (body, options) => update('updateRoutingTaskSubscription', body, options),
    async setAgentState(body, options) {
      const response = await call('setAgentState', body, options);
      desired.rememberAgentState(body);
      return response;
    },
    // A receipt may be repeated: what was read stays read.
    publishEvent: (body, options) => {
      // A caller without types may leave the event out: the schema says so.
      const isReceipt = (body as Partial<typeof body> | undefined)?.event?.type === 'AcceptStatusEvent';
      return call('publishEvent', body, isReceipt ? { ...options, idempotent: true } : options);
    },
    queryMessages: async (body, options) => toMessagingEvents(await call('queryMessages', body, options), identities),
    async subscribeMessagingEvents(body, options) {
      const records = await call('subscribeMessagingEvents', body, options);
      const first = body.fromSeq ?? 0;
      const events = toMessagingEvents(records, identities);
      // The platform's bound may include its own number.
      parts.replay(events.filter(({ sequence }) => sequence === undefined || sequence >= first));
    },
    async getUserProfile(body, options) {
      return toUserProfile(await call('getUserProfile', body, options));
    },
  });
}
