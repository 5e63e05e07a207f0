import { assignedAgent, type ConversationMeta, type Departure, suggestedAgent, type Transfer } from './model.ts';

/** How an update moved the conversation on; undefined when it stayed where it was. */
export function transferOf(before: ConversationMeta, after: ConversationMeta, timeL: number): Transfer | undefined {
  const sourceAgentId = assignedAgent(before);
  const targetAgentId = suggestedAgent(after) ?? assignedAgent(after);
  const skills = { sourceSkillId: before.skillId, targetSkillId: after.skillId };
  if (before.skillId === after.skillId && (sourceAgentId === undefined || sourceAgentId === targetAgentId))
    return undefined;
  const taken = targetAgentId !== undefined && suggestedAgent(after) === undefined && sourceAgentId !== targetAgentId;
  const given = targetAgentId === undefined ? 'back2Q' : taken ? 'TakeOver' : 'Agent';
  const reason = before.skillId === after.skillId ? given : 'Skill';
  return { timeL, reason, sourceAgentId, targetAgentId, ...skills };
}

/** Who took part in a role before an update and does not any more. */
export function departuresOf(before: ConversationMeta, after: ConversationMeta, timeL: number): Departure[] {
  return before.participants
    .filter(({ id, role }) => !after.participants.some((p) => p.id === id && p.role === role))
    .map(({ id, role }) => ({ id, role, timeL }));
}
