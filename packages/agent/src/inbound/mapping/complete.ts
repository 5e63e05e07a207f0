import type { RequestBody, RequestName } from '@lp/schemas';
import type { Identity } from './identities.ts';

// Of types that are picked, so that an editor shows the comments of their fields.
type Without<T, K extends PropertyKey> = T extends unknown
  ? Omit<T, K> & { [P in keyof Pick<T, Extract<keyof T, K>>]?: T[P] | undefined }
  : never;

type Field = Exclude<RequestBody<'updateConversationField'>['conversationField'], readonly unknown[]>;
/** One change of a conversation, as `updateConversationField` takes it: own ids may be left out. */
export type ConversationField = Field extends infer F
  ? F extends { field: 'ParticipantsChange' }
    ? Without<F, 'userId'>
    : F
  : never;

interface InputOverrides {
  getClock: RequestBody<'getClock'> | undefined;
  subscribeExConversations: RequestBody<'subscribeExConversations'> | undefined;
  subscribeAgentsState: Without<RequestBody<'subscribeAgentsState'>, 'brandId' | 'agentId'> | undefined;
  subscribeRoutingTasks:
    | Without<RequestBody<'subscribeRoutingTasks'>, 'brandId' | 'agentId' | 'channelType'>
    | undefined;
  updateRoutingTaskSubscription: Without<RequestBody<'updateRoutingTaskSubscription'>, 'brandId' | 'agentId'>;
  setAgentState: Without<RequestBody<'setAgentState'>, 'channels' | 'agentUserId'>;
  getUserProfile: string | RequestBody<'getUserProfile'> | undefined;
  getBrandProfile: Without<RequestBody<'getBrandProfile'>, 'brandId'> | undefined;
  updateConversationField: Omit<RequestBody<'updateConversationField'>, 'conversationField'> & {
    /** One change, or several that are made together. */
    conversationField: ConversationField | ConversationField[];
  };
  agentRequestConversation: Without<RequestBody<'agentRequestConversation'>, 'channelType'>;
}

/** What a method takes: the body on the wire, with what can be filled in left optional. */
export type RequestInput<N extends RequestName> = N extends keyof InputOverrides ? InputOverrides[N] : RequestBody<N>;

type Complete = (input: Record<string, unknown>, identity: Identity) => unknown;

const completions: { readonly [N in RequestName]?: Complete } = {
  subscribeExConversations: withOldAgentIds,
  updateExConversationSubscription: withOldAgentIds,
  subscribeAgentsState: withBrandAndAgent,
  subscribeRoutingTasks: (input, identity) => withBrandAndAgent(fill(input, { channelType: 'MESSAGING' }), identity),
  updateRoutingTaskSubscription: withBrandAndAgent,
  subscribeMessagingEvents: (input) => {
    const { fromSeq, newerThanSequence } = input as { fromSeq?: unknown; newerThanSequence?: unknown };
    // The bound excludes its own sequence, and the first message of a dialog has 0.
    const first = typeof fromSeq === 'number' ? fromSeq : 0;
    return { ...input, newerThanSequence: newerThanSequence ?? first - 1 };
  },
  setAgentState: (input, identity) => {
    const { agentUserId } = input as { agentUserId?: unknown };
    return {
      ...fill(input, { channels: ['MESSAGING'] }),
      agentUserId: toOldId(agentUserId ?? identity.oldId, identity),
    };
  },
  getUserProfile: (input, identity) => {
    const { userId } = input as { userId?: unknown };
    return userId === undefined ? input : { ...input, userId: toOldId(userId, identity) };
  },
  getBrandProfile: (input, identity) => fill(input, { brandId: identity.accountId }),
  updateConversationField: (input, identity) => {
    const { conversationField: field } = input as { conversationField?: unknown };
    const conversationField = Array.isArray(field)
      ? field.map((one) => withUserId(one, identity))
      : withUserId(field, identity);
    return { ...input, conversationField };
  },
  agentRequestConversation: (input) => fill(input, { channelType: 'MESSAGING' }),
};

/**
 * The body on the wire: account, agent and channel filled in where the platform wants them and the caller gave none,
 * and the agent's own PID replaced by its old id. Whatever else the caller gave is left for the schema to judge.
 */
export function completeRequestBody<N extends RequestName>(
  name: N,
  input: RequestInput<N>,
  identity: Identity,
): RequestBody<N> {
  const body: unknown =
    name === 'getUserProfile' && typeof input === 'string' ? { userId: input } : input === undefined ? {} : input;
  const complete = completions[name];
  return (complete === undefined || !isObject(body) ? body : complete(body, identity)) as RequestBody<N>;
}

function withBrandAndAgent(input: Record<string, unknown>, identity: Identity): unknown {
  const { agentId } = input as { agentId?: unknown };
  return {
    ...fill(input, { brandId: identity.accountId }),
    agentId: toOldId(agentId ?? identity.oldId, identity),
  };
}

function fill(input: Record<string, unknown>, defaults: Record<string, unknown>): Record<string, unknown> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function withOldAgentIds(input: Record<string, unknown>, identity: Identity): unknown {
  const { agentIds } = input as { agentIds?: unknown };
  return Array.isArray(agentIds) ? { ...input, agentIds: agentIds.map((id) => toOldId(id, identity)) } : input;
}

function withUserId(field: unknown, identity: Identity): unknown {
  if (!isObject(field)) return field;
  const { field: name, type, userId } = field as { field?: unknown; type?: unknown; userId?: unknown };
  if (name !== 'ParticipantsChange') return field;
  // Nobody suggests himself: who is meant was forgotten.
  const own = type === 'ADD' || type === 'REMOVE' ? identity.oldId : undefined;
  return { ...field, userId: toOldId(userId ?? own, identity) };
}

function toOldId(id: unknown, identity: Identity): unknown {
  return id !== undefined && id === identity.agentId ? identity.oldId : id;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
