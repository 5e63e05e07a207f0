import { assignedAgent, type ConversationMeta, mainDialog, suggestedAgent } from './model.ts';

/** Makes an agent the assigned one, in place of another. */
export function assignTo(meta: ConversationMeta, agentId: string, now: number): void {
  const main = mainDialog(meta);
  const former = assignedAgent(meta);
  const stays = (p: { id: string; role: string }) =>
    p.role !== 'ASSIGNED_AGENT' || (p.id !== former && p.id !== agentId);
  meta.participants = [...meta.participants.filter(stays), { id: agentId, role: 'ASSIGNED_AGENT' }];
  main.participants = [...main.participants.filter(stays), { id: agentId, role: 'ASSIGNED_AGENT', state: 'ACTIVE' }];
  main.metaDataLastUpdateTs = now;
}

/** Ends a transfer that the suggested agent has not accepted. */
export function withdrawSuggestion(meta: ConversationMeta, agentId: string, now: number): void {
  const main = mainDialog(meta);
  main.participants = main.participants.filter((p) => p.id !== agentId || p.state !== 'SUGGESTED');
  main.metaDataLastUpdateTs = now;
}

/** Everybody who takes part, and whom a transfer waits for. */
export function agentsIn(meta: ConversationMeta): string[] {
  const suggested = suggestedAgent(meta);
  const ids = meta.participants.map((p) => p.id);
  return suggested === undefined ? ids : [...ids, suggested];
}
