import { assignedAgent, type ConversationMeta, suggestedAgent, type Transfer } from './model.ts';

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
