import { assignedAgent, type Conversation, type EventRecord } from '../platform/model.ts';
import { isContent, type Platform } from '../platform/platform.ts';

const time = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '+0000');

/** One conversation as the history service shows it. `wanted` names the parts besides `info`; all by default. */
export function historyRecord(
  conversation: Conversation,
  platform: Platform,
  wanted: readonly string[] | undefined,
  effectiveTTR: number,
): object {
  const userIdOf = (id: string) => platform.agents.find(id)?.account.userId;
  const parts: Record<string, () => unknown> = {
    messageRecords: () =>
      records(conversation)
        .filter(({ event }) => isContent(event))
        .map((r) => message(r, platform)),
    messageStatuses: () => records(conversation).flatMap((record) => statuses(record, platform)),
    agentParticipants: () =>
      conversation.meta.participants.flatMap(({ id, role }) => {
        const agent = platform.agents.find(id);
        if (!agent) return [];
        const { userId, username } = agent.account;
        return { agentId: userId, agentPid: agent.pid, agentLoginName: username, agentNickname: username, role };
      }),
    consumerParticipants: () => {
      const { profile } = platform.consumers.get(conversation.consumerId);
      return [{ participantId: conversation.consumerId, ...profile }];
    },
    transfers: () =>
      conversation.transfers.map(({ sourceAgentId, targetAgentId, sourceSkillId, targetSkillId, ...rest }) => ({
        ...rest,
        time: time(rest.timeL),
        sourceAgentId: sourceAgentId && userIdOf(sourceAgentId),
        targetAgentId: targetAgentId && userIdOf(targetAgentId),
        sourceSkillId: Number(sourceSkillId),
        targetSkillId: Number(targetSkillId),
      })),
    interactions: () => [],
  };
  const shown = Object.entries(parts).filter(([name]) => !wanted || wanted.includes(name));
  return {
    info: info(conversation, platform, effectiveTTR),
    ...Object.fromEntries(shown.map(([name, make]) => [name, make()])),
  };
}

function info(
  { id, meta, startTs, campaignInfo, firstConversation }: Conversation,
  platform: Platform,
  ttr: number,
): object {
  const latest = assignedAgent(meta) ?? meta.participants.find((p) => platform.agents.find(p.id))?.id;
  const agent = latest === undefined ? undefined : platform.agents.find(latest);
  return {
    conversationId: id,
    brandId: platform.accountId,
    status: meta.stage,
    startTime: time(startTs),
    startTimeL: startTs,
    ...(meta.endTs === undefined ? {} : { endTime: time(meta.endTs), duration: meta.endTs - startTs }),
    endTimeL: meta.endTs ?? -1,
    latestSkillId: Number(meta.skillId),
    ...(agent
      ? {
          latestAgentId: agent.account.userId,
          latestAgentLoginName: agent.account.username,
          latestAgentNickname: agent.account.username,
        }
      : {}),
    mcs: 50,
    alertedMCS: 0,
    ...(meta.closeReason === undefined
      ? {}
      : { closeReason: meta.closeReason, closeReasonDescription: meta.closeReason }),
    ...(meta.csat ? { csatRate: meta.csat.csatRate } : {}),
    latestQueueState: agent ? 'ACTIVE' : 'IN_QUEUE',
    isPartial: false,
    firstConversation,
    effectiveTTR: ttr,
    ...(campaignInfo ? { campaignInfo } : {}),
  };
}

/** Every event that is kept, dialog by dialog. */
function records({ meta, events }: Conversation): EventRecord[] {
  return meta.dialogs.flatMap((dialog) => events.get(dialog.dialogId) ?? []);
}

function message({ sequence, serverTimestamp = 0, ...record }: EventRecord, platform: Platform): object {
  const { event, dialogId, originatorId, conversation, metadata } = record;
  const rich = event.type === 'RichContentEvent';
  const messageData = rich
    ? { richContent: { content: JSON.stringify(event['content']) }, quickReplies: event['quickReplies'] }
    : { msg: { text: event['message'] }, quickReplies: event['quickReplies'] };
  return {
    type: rich ? 'RICH_CONTENT' : event['contentType'] === 'text/plain' ? 'TEXT_PLAIN' : 'FILE',
    messageData,
    messageId: `ms::dialog:${dialogId}::msg:${sequence}`,
    audience: record.audience,
    seq: sequence,
    dialogId,
    participantId: platform.agents.find(originatorId)?.account.userId ?? originatorId,
    time: time(serverTimestamp),
    timeL: serverTimestamp,
    sentBy: originatorId === conversation.consumerId ? 'Consumer' : 'Agent',
    ...(metadata ? { contextData: { rawMetadata: JSON.stringify(metadata), structuredMetadata: metadata } } : {}),
  };
}

function statuses({ event, originatorId, dialogId, serverTimestamp, conversation }: EventRecord, platform: Platform) {
  if (event.type !== 'AcceptStatusEvent') return [];
  return (event['sequenceList'] as number[]).map((seq) => ({
    messageId: `ms::dialog:${dialogId}::msg:${seq}`,
    seq,
    dialogId,
    timeL: serverTimestamp,
    participantId: platform.agents.find(originatorId)?.account.userId ?? originatorId,
    participantType: originatorId === conversation.consumerId ? 'Consumer' : 'Agent',
    messageDeliveryStatus: event['status'],
  }));
}
