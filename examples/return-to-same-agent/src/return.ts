import type { Agent, Conversation } from '@lp/agent';
import type { HistoryConversation } from '@lp/agent/schemas';

const LOOK_BACK = 10;

/** Hands a conversation over to the agent of its consumer's best conversation or, when that one is away, to a skill. */
export async function handOver(agent: Agent, conversation: Conversation, fallbackSkillId: string): Promise<void> {
  const best = await bestConversation(agent, conversation);
  const { latestAgentId = '', latestSkillId } = best?.info ?? {};
  const { agentStatusRecords } = await agent.history.agentStatus({ agentIds: [latestAgentId], status: ['ONLINE'] });
  if (best && agentStatusRecords.some(({ agentId }) => agentId === latestAgentId)) {
    await conversation.send('One moment: I bring you back to the colleague you know.');
    const skill = latestSkillId === undefined ? {} : { skillId: latestSkillId };
    await conversation.transferToAgent(`${agent.accountId}.${latestAgentId}`, skill);
  } else {
    await conversation.send('One moment: I bring you to the next colleague who is free.');
    await conversation.transferToSkill(fallbackSkillId);
  }
}

/** Of the consumer's last conversations with somebody else, the one with the best score. */
async function bestConversation(agent: Agent, { details }: Conversation): Promise<HistoryConversation | undefined> {
  const consumer = details.participants.find(({ role }) => role === 'CONSUMER')?.id;
  if (consumer === undefined) return undefined;
  const search = { consumer, status: ['CLOSE' as const] };
  let best: HistoryConversation | undefined;
  let seen = 0;
  for await (const record of agent.history.consumerConversations(search, { pageSize: LOOK_BACK, sort: 'start:desc' })) {
    const { latestAgentId, mcs = 0 } = record.info;
    const isOther = latestAgentId !== undefined && latestAgentId !== agent.userId;
    if (isOther && mcs > (best?.info.mcs ?? -1)) best = record;
    if (++seen === LOOK_BACK) break;
  }
  return best;
}
