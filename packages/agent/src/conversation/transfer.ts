import type { ConversationDetails, ConversationField, Identities, Participant } from '../inbound/mapping/index.ts';

const removeAssigned = (userId?: string): ConversationField => ({
  field: 'ParticipantsChange',
  type: 'REMOVE',
  role: 'ASSIGNED_AGENT',
  ...(userId !== undefined && { userId }),
});

const isAssigned = ({ role, state }: Participant) => role === 'ASSIGNED_AGENT' && state !== 'SUGGESTED';

/** The change that gives a conversation back to its queue. */
export function backToQueueFields(): ConversationField[] {
  return [removeAssigned()];
}

/** Who is to leave. Where nothing is known of the conversation it is this agent: the platform refuses if that is wrong. */
function assignedAgent({
  participants,
}: Pick<ConversationDetails, 'participants'>): { readonly userId?: string | undefined } | undefined {
  return participants.length === 0 ? {} : participants.find(isAssigned);
}

/** The changes that bring a conversation to the queue of a skill: whoever is assigned leaves it in the same request. */
export function transferToSkillFields(
  details: Pick<ConversationDetails, 'participants'>,
  skillId: string,
): ConversationField[] {
  const assigned = assignedAgent(details);
  const skill: ConversationField = { field: 'Skill', type: 'UPDATE', skill: skillId };
  return assigned ? [removeAssigned(assigned.userId), skill] : [skill];
}

/**
 * The changes that offer a conversation to another agent. The platform refuses to suggest somebody who takes part
 * already, so the other role is removed first; ids on the agent socket are old ids, so a PID is translated when the pair
 * is known.
 */
export function transferToAgentFields(
  details: Pick<ConversationDetails, 'participants'>,
  target: { agentId: string; skillId?: string | undefined },
  { identities }: { identities: Identities },
): ConversationField[] {
  const userId = oldIdOf(target.agentId, details, identities);
  const assigned = assignedAgent(details);
  const otherRoles = details.participants.filter(
    (participant) => participant.userId === userId && !isAssigned(participant) && participant.state !== 'SUGGESTED',
  );
  return [
    ...otherRoles.map(
      ({ role }): ConversationField => ({
        field: 'ParticipantsChange',
        type: 'REMOVE',
        role: role as 'MANAGER',
        userId,
      }),
    ),
    ...(assigned ? [removeAssigned(assigned.userId)] : []),
    { field: 'ParticipantsChange', type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId },
    ...(target.skillId === undefined ? [] : [{ field: 'Skill', type: 'UPDATE', skill: target.skillId } as const]),
  ];
}

function oldIdOf(agentId: string, details: Pick<ConversationDetails, 'participants'>, identities: Identities): string {
  if (agentId === identities.agentId) return identities.oldId;
  const listed = details.participants.find(({ id }) => id === agentId)?.userId;
  return listed ?? identities.userIdOf(agentId) ?? agentId;
}
