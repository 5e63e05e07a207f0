import { textOf } from '../json.ts';
import type { AgentRecord } from '../platform/agents.ts';
import { isContent } from '../platform/messages.ts';
import {
  type Conversation,
  type Departure,
  type EventRecord,
  effectiveTtr,
  type Participant,
} from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { sdeEvents } from './sdes.ts';

type Part = (conversation: Conversation, platform: Platform) => unknown;

/** What history tells of a conversation besides `info`, by the names it is asked for with. */
export const historyParts: Readonly<Record<string, Part>> = {
  campaign: ({ campaignInfo }) => {
    const { campaignId, engagementId } = { ...campaignInfo } as { campaignId?: unknown; engagementId?: unknown };
    return campaignInfo && { campaignId: textOf(campaignId), campaignEngagementId: textOf(engagementId) };
  },
  messageRecords: (conversation, platform) => messages(conversation).map((record) => message(record, platform)),
  messageScores: (conversation) =>
    messages(conversation).map((record) => ({
      ...stampOf(record),
      messageId: messageId(record),
      mcs: 50,
      messageRawScore: 0,
    })),
  messageStatuses: (conversation, platform) => records(conversation).flatMap((record) => statuses(record, platform)),
  agentParticipants: ({ meta, departures }, platform) => agents([...meta.participants, ...departures], platform),
  agentParticipantsActive: ({ meta }, platform) => agents(meta.participants, platform),
  agentParticipantsLeave: ({ departures }, platform) => agents(departures, platform),
  consumerParticipants: ({ consumerId }, platform) => {
    const { profile } = platform.consumers.get(consumerId);
    return [{ participantId: consumerId, ...profile }];
  },
  transfers: ({ transfers }, platform) => {
    const userIdOf = (id: string | undefined) => platform.agents.find(id ?? '')?.account.userId;
    return transfers.map(({ sourceAgentId, targetAgentId, sourceSkillId, targetSkillId, timeL, reason }) => ({
      reason,
      timeL,
      time: timeText(timeL),
      sourceAgentId: userIdOf(sourceAgentId),
      targetAgentId: userIdOf(targetAgentId),
      sourceSkillId: Number(sourceSkillId),
      targetSkillId: Number(targetSkillId),
    }));
  },
  interactions,
  dialogs: ({ meta }) =>
    meta.dialogs.map(({ dialogId, state, dialogType, channelType, creationTs, endTs, closedBy }) => ({
      dialogId,
      status: state,
      dialogType,
      dialogChannelType: channelType,
      startTime: timeText(creationTs),
      startTimeL: creationTs,
      endTimeL: endTs ?? -1,
      closeReason: closedBy,
    })),
  conversationSurveys: () => [],
  // What there is not is left out.
  coBrowseSessions: () => undefined,
  summary: ({ meta, lastUpdateTime }) => ({ text: meta.note, lastUpdatedTime: lastUpdateTime }),
  sdes: ({ consumerId, startTs }, platform) => ({
    events: sdeEvents(platform.consumers.get(consumerId).profile, startTs),
  }),
  unAuthSdes: () => ({ events: [] }),
  monitoring: ({ consumerId }, platform) => {
    const { clientProperties } = platform.consumers.get(consumerId);
    const { ipAddress, browser, os, deviceFamily } = { ...clientProperties } as Record<string, unknown>;
    return { ipAddress, browser, operatingSystem: os, device: deviceFamily };
  },
  responseTime: (conversation) => ({
    latestEffectiveResponseDueTime: effectiveTtr(conversation),
    configuredResponseTime: conversation.meta.ttr.value * 1_000,
  }),
};

export const timeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '+0000');

/** An agent by the names that history has for everything. The id is the number that the old id ends with. */
export function agentFields({ account, pid }: AgentRecord) {
  const { userId, username } = account;
  return {
    agentId: userId,
    agentPid: pid,
    agentLoginName: username,
    agentNickname: username,
    agentFullName: username,
  };
}

/** Each of the agents in each role once. */
function agents(participants: readonly (Participant | Departure)[], platform: Platform): object[] {
  const seen = new Map(participants.map((p) => [`${p.id} ${p.role}`, p]));
  return [...seen.values()].flatMap(({ id, role, ...more }) => {
    const agent = platform.agents.find(id);
    const left = 'timeL' in more ? { timeL: more.timeL, time: timeText(more.timeL) } : {};
    return agent ? { ...agentFields(agent), role, permission: role, ...left } : [];
  });
}

/** Every event that is kept, dialog by dialog. */
function records({ meta, events }: Conversation): EventRecord[] {
  return meta.dialogs.flatMap((dialog) => events.get(dialog.dialogId) ?? []);
}

const messages = (conversation: Conversation): EventRecord[] =>
  records(conversation).filter(({ event }) => isContent(event));

const stampOf = ({ serverTimestamp: timeL = 0 }: EventRecord) => ({ time: timeText(timeL), timeL });

function messageId({ dialogId, conversation, sequence }: EventRecord, seq = sequence): string {
  const scope = dialogId === conversation.id ? 'conv' : 'dialog';
  return `ms::${scope}:${dialogId}::msg:${seq}`;
}

const participantId = ({ originatorId }: EventRecord, platform: Platform): string =>
  platform.agents.find(originatorId)?.account.userId ?? originatorId;

const sideOf = ({ originatorId, conversation }: EventRecord): string =>
  originatorId === conversation.consumerId ? 'Consumer' : 'Agent';

const TYPES: ReadonlyMap<unknown, string> = new Map([
  ['text/plain', 'TEXT_PLAIN'],
  ['hosted/file', 'HOSTED_FILE'],
  ['external/file', 'EXTERNAL_FILE'],
  ['forms/secure-invitation', 'TEXT_SECURE_FORM_INVITATION'],
  ['forms/secure-submission', 'TEXT_SECURE_FORM_SUBMIT'],
]);

function message(record: EventRecord, platform: Platform): object {
  const { event, dialogId, metadata, audience, sequence } = record;
  const { contentType, message: content, quickReplies } = event;
  const isRich = event.type === 'RichContentEvent';
  const messageData = isRich
    ? { richContent: { content: JSON.stringify(event['content']) }, quickReplies }
    : contentType === 'text/plain'
      ? { msg: { text: content }, quickReplies }
      : { file: content };
  return {
    type: isRich ? 'RICH_CONTENT' : (TYPES.get(contentType) ?? 'UNKNOWN'),
    messageData,
    messageId: messageId(record),
    audience,
    seq: sequence,
    dialogId,
    participantId: participantId(record, platform),
    ...stampOf(record),
    sentBy: sideOf(record),
    ...(metadata ? { contextData: { rawMetadata: JSON.stringify(metadata), structuredMetadata: metadata } } : {}),
  };
}

function statuses(record: EventRecord, platform: Platform): object[] {
  const { event, dialogId } = record;
  if (event.type !== 'AcceptStatusEvent') return [];
  return (event['sequenceList'] as number[]).map((seq) => ({
    messageId: messageId(record, seq),
    seq,
    dialogId,
    ...stampOf(record),
    participantId: participantId(record, platform),
    participantType: sideOf(record),
    messageDeliveryStatus: event['status'],
  }));
}

/** Who answered: an entry each time another agent than the one before says something. */
function interactions(conversation: Conversation, platform: Platform): object[] {
  const list: { assignedAgentId: string }[] = [];
  for (const { originatorId, serverTimestamp: timeL = 0, dialogId } of messages(conversation)) {
    const agent = platform.agents.find(originatorId);
    if (!agent || list.at(-1)?.assignedAgentId === agent.account.userId) continue;
    const { agentId, agentLoginName, agentNickname, agentFullName } = agentFields(agent);
    const entry = {
      assignedAgentId: agentId,
      assignedAgentLoginName: agentLoginName,
      assignedAgentNickname: agentNickname,
      assignedAgentFullName: agentFullName,
      interactionTimeL: timeL,
      interactionTime: timeText(timeL),
      interactiveSequence: list.length + 1,
      dialogId,
    };
    list.push(entry);
  }
  return list;
}
