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
import { wholeQuery } from './whole-query.ts';

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

type Query<N extends RequestName> = (body: RequestInput<N>) => Promise<MessagingEvent[]>;

type Result<N extends RequestName> = N extends keyof ShapedResults ? ShapedResults[N] : ResponseBody<N>;

/** The method of one request: its body as it goes on the wire, with what can be filled in left optional. */
export type RequestMethod<N extends RequestName> = Method<RequestInput<N>, Result<N>>;

/**
 * Every request of the platform as a method: its body is checked before it is sent (ConfigError names what is wrong),
 * its response when it comes (ProtocolError), and a response other than 200, 201 or 202 rejects with RequestRejectedError.
 * A lost connection rejects with ConnectionLostError (not sent) or OutcomeUnknownError (sent); requests that change
 * nothing are sent again instead.
 *
 * @example
 * ```ts
 * const { currentTime } = await agent.getClock();
 * await agent.publishEvent({ dialogId, event: { type: 'ChatStateEvent', chatState: 'COMPOSING' } });
 * ```
 */
export interface AgentRequests {
  /** The server's time, in milliseconds since 1970. */
  readonly getClock: RequestMethod<'getClock'>;
  /** Subscribes to conversations that match. The subscription is restored after a reconnect, and its id stays. */
  readonly subscribeExConversations: RequestMethod<'subscribeExConversations'>;
  /** Changes what a subscription to conversations matches. */
  readonly updateExConversationSubscription: RequestMethod<'updateExConversationSubscription'>;
  /** Ends a subscription to conversations. */
  readonly unsubscribeExConversations: RequestMethod<'unsubscribeExConversations'>;
  /** Subscribes to an agent's state; default: one's own. */
  readonly subscribeAgentsState: RequestMethod<'subscribeAgentsState'>;
  /** Subscribes to offers of conversations. `rings()` and `serve()` do it themselves. */
  readonly subscribeRoutingTasks: RequestMethod<'subscribeRoutingTasks'>;
  /** Changes which offers a subscription is told. */
  readonly updateRoutingTaskSubscription: RequestMethod<'updateRoutingTaskSubscription'>;
  /**
   * Has the events of a dialog from a sequence on replayed to the streams; how many pages are asked for is as of
   * {@link AgentRequests.queryMessages}: a page that is not full is taken for the end. Live events come without it.
   */
  readonly subscribeMessagingEvents: RequestMethod<'subscribeMessagingEvents'>;
  /**
   * The events of a dialog, oldest first: at most `maxQuantity` of them in one response, or without it all of them, asked
   * for 200 at a time (fewer with a small `maxPayloadBytes`). A page that is not full is taken for the end, which a
   * platform with a smaller limit of its own makes wrong; `conversation.messages({ start: 'beginning' })` reads on until
   * nothing follows. A dialog for co-browsing cannot be queried.
   */
  readonly queryMessages: RequestMethod<'queryMessages'>;
  /**
   * Sets the availability of an agent; default: one's own. That is set again after a reconnect, for the platform forgets it
   * with the connection; a colleague's is not.
   */
  readonly setAgentState: RequestMethod<'setAgentState'>;
  /** A user's profile, by PID or old id; default: one's own. */
  readonly getUserProfile: RequestMethod<'getUserProfile'>;
  /** The account's profile. */
  readonly getBrandProfile: RequestMethod<'getBrandProfile'>;
  /** Accepts or rejects a ring. A ring lapses 72 seconds after it was made. */
  readonly updateRingState: RequestMethod<'updateRingState'>;
  /**
   * Changes a conversation. When one of several fields fails, none is changed. Written at once: the methods of a
   * conversation take their place behind its confirmed sends.
   */
  readonly updateConversationField: RequestMethod<'updateConversationField'>;
  /** Opens a conversation with a consumer. */
  readonly agentRequestConversation: RequestMethod<'agentRequestConversation'>;
  /** Where to put a file; good for about a minute. `conversation.uploadFile` does all of it. */
  readonly generateURLForUploadFile: RequestMethod<'generateURLForUploadFile'>;
  /** Where to get a file; good for about a minute. `conversation.downloadFile` does all of it. */
  readonly generateURLForDownloadFile: RequestMethod<'generateURLForDownloadFile'>;
  /** A token that reads the answers of a secure form once. */
  readonly generateDownloadToken: RequestMethod<'generateDownloadToken'>;
  /**
   * Publishes an event in a dialog that the agent takes part in. Written at once, also before confirmed sends of the dialog
   * that were called earlier and are under way; `conversation.send` does it in order and once.
   */
  readonly publishEvent: RequestMethod<'publishEvent'>;
  /** Sends a request of any type with the given body, unchecked and at once, and gives the response's body. */
  request(type: string, body?: unknown, options?: RequestOptions): Promise<unknown>;
}

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
  /** The most events of one response. */
  readonly pageSize: number;
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
    // A caller without types may leave the body out: the schema says so.
    const { subscriptionId, ...filter } = body ?? ({} as typeof body);
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

  /** As many events as are asked for in one response; all of them, in as many as it takes, when no number is named. */
  async function whole<N extends 'queryMessages' | 'subscribeMessagingEvents'>(
    query: Query<N>,
    body: RequestInput<N>,
  ): Promise<MessagingEvent[]> {
    // A caller without types may leave the body out: the schema says so.
    if (body?.maxQuantity !== undefined || body?.dialogId === undefined) return await query(body);
    return await wholeQuery((bounds) => query({ ...body, ...bounds }), body, parts.pageSize);
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
      // Without types it may be anything: the schema says so.
      if (typeof body?.subscriptionId !== 'string') return await call('unsubscribeExConversations', body, options);
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
      // A caller without types may leave the body out: the schema says so.
      const { agentUserId = identities.oldId } = body ?? ({} as typeof body);
      // The platform forgets this agent's state with its connection, and that of a colleague with the colleague's.
      const isOwn = identities.isOwn({ id: agentUserId, userId: agentUserId });
      return await (isOwn ? desired.setAgentState(body, options) : call('setAgentState', body, options));
    },
    // A receipt may be repeated: what was read stays read.
    publishEvent: (body, options) => {
      // A caller without types may leave the event out: the schema says so.
      const isReceipt = (body as Partial<typeof body> | undefined)?.event?.type === 'AcceptStatusEvent';
      return call('publishEvent', body, isReceipt ? { ...options, idempotent: true } : options);
    },
    queryMessages: (body, options) =>
      whole(async (bounds) => toMessagingEvents(await call('queryMessages', bounds, options), identities), body),
    async subscribeMessagingEvents(body, options) {
      const replay: Query<'subscribeMessagingEvents'> = async (bounds) =>
        toMessagingEvents(await call('subscribeMessagingEvents', bounds, options), identities);
      const events = await whole(replay, body);
      const first = body.fromSeq ?? 0;
      // The platform's bound may include its own number.
      parts.replay(events.filter(({ sequence }) => sequence === undefined || sequence >= first));
    },
    async getUserProfile(body, options) {
      return toUserProfile(await call('getUserProfile', body, options));
    },
  });
}
