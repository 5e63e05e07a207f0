import { type Conversation, effectiveTtr, latestAgent } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { agentFields, historyParts, timeText } from './history-parts.ts';

/** One conversation as the history service shows it. `wanted` names the parts besides `info`; all by default. */
export function historyRecord(
  conversation: Conversation,
  platform: Platform,
  wanted: readonly string[] | undefined,
): object {
  const parts = Object.entries(historyParts).filter(([name]) => !wanted || wanted.includes(name));
  return {
    info: info(conversation, platform),
    ...Object.fromEntries(parts.map(([name, make]) => [name, make(conversation, platform)])),
  };
}

function info(conversation: Conversation, platform: Platform): object {
  const { id, meta, startTs, campaignInfo, firstConversation, context } = conversation;
  const [main] = meta.dialogs;
  const latest = platform.agents.find(latestAgent(meta) ?? '');
  const agent = latest && agentFields(latest);
  const skill = platform.skills.all.find((each) => each.id === meta.skillId);
  const { type: source, lang: language } = { ...context } as { type?: unknown; lang?: unknown };
  return {
    conversationId: id,
    brandId: platform.accountId,
    status: meta.stage,
    startTime: timeText(startTs),
    startTimeL: startTs,
    endTime: meta.endTs === undefined ? undefined : timeText(meta.endTs),
    endTimeL: meta.endTs ?? -1,
    duration: meta.endTs === undefined ? undefined : meta.endTs - startTs,
    conversationEndTimeL: main?.endTs ?? -1,
    fullDialogStatus: meta.stage,
    fullDialogEndTimeL: meta.endTs ?? -1,
    latestSkillId: Number(meta.skillId),
    latestSkillName: skill?.name ?? (meta.skillId === '-1' ? 'Unassigned' : undefined),
    latestAgentId: agent?.agentId,
    latestAgentLoginName: agent?.agentLoginName,
    latestAgentNickname: agent?.agentNickname,
    latestAgentFullName: agent?.agentFullName,
    latestHandlerAccountId: platform.accountId,
    source,
    language,
    mcs: 50,
    alertedMCS: 0,
    closeReason: meta.closeReason,
    closeReasonDescription: meta.closeReason,
    csatRate: meta.csat?.csatRate,
    latestQueueState: latest ? 'ACTIVE' : 'IN_QUEUE',
    isPartial: false,
    firstConversation,
    effectiveTTR: effectiveTtr(conversation),
    campaignInfo,
  };
}
