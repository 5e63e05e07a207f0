import type { RequestFunction } from './request-names.ts';

/** Who the agent is, as far as it is known. */
export interface OwnIdentity {
  readonly accountId: unknown;
  /** The PID. */
  readonly agentId: string | undefined;
  /** `ACCOUNT.USER`. */
  readonly oldId: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;
type Fill = (body: Fields, own: OwnIdentity) => Fields;

/** What is filled into the body of a request. The caller's own object is left as it is: programs send constants. */
const FILLS: { readonly [N in RequestFunction]?: Fill } = {
  setAgentState: (body, { oldId }) => ({ ...body, channels: ['MESSAGING'], agentUserId: oldId }),
  agentRequestConversation: (body) => ({ ...body, channelType: 'MESSAGING' }),
  subscribeRoutingTasks: (body, { oldId, accountId }) => ({
    ...body,
    channelType: 'MESSAGING',
    agentId: oldId,
    brandId: accountId,
  }),
  subscribeAgentsState: (body, { oldId, accountId }) => ({ ...body, brandId: accountId, agentId: oldId }),
  subscribeExConversations: (body, { agentId, oldId }) => {
    const { agentIds } = body;
    if (!Array.isArray(agentIds)) return { ...body, agentIds: agentIds || undefined };
    return { ...body, agentIds: agentIds.map((id: unknown) => (id === agentId ? oldId : id)) };
  },
  updateConversationField: (body, { oldId }) => {
    const { conversationField } = body;
    if (!Array.isArray(conversationField)) return body;
    return { ...body, conversationField: conversationField.map((field: unknown) => fillParticipant(field, oldId)) };
  },
  // The number that is asked from is left out by the platform, so that of the first event must be above it.
  subscribeMessagingEvents: (body) => ({ ...body, newerThanSequence: firstSequenceOf(body) - 1 }),
};

function fillParticipant(field: unknown, oldId: string | undefined): unknown {
  const { field: name, userId } = (field ?? {}) as { field?: unknown; userId?: unknown };
  return name === 'ParticipantsChange' && !userId ? { ...(field as object), userId: oldId } : field;
}

/** The sequence that a program asks for first; 0 when it does not say. */
export function firstSequenceOf(body: unknown): number {
  const { fromSeq } = (body ?? {}) as { fromSeq?: unknown };
  return Number(fromSeq) || 0;
}

/** The body that goes on the wire. One of a kind that nothing can be filled into is sent as it is. */
export function completeBody(name: RequestFunction, body: unknown, own: OwnIdentity): unknown {
  const fill = FILLS[name];
  const given = body || {};
  return fill && typeof given === 'object' && !Array.isArray(given) ? fill(given as Fields, own) : given;
}
