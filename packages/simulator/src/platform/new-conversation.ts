import type { AgentRecord } from './agents.ts';
import type { Conversation } from './model.ts';

export interface NewConversation {
  consumerId: string;
  skillId: string;
  ttrType: string;
  context?: object | undefined;
  campaignInfo?: object | undefined;
  features: readonly string[];
  /** Who has it from the start; by default it rings. */
  assignedTo?: AgentRecord | undefined;
}

/** A conversation as it begins: one open main dialog with the consumer, and with the agent who has it already. */
export function newConversation(
  request: NewConversation,
  { id, now, ttr, isFirst }: { id: string; now: number; ttr: { ttrType: string; value: number }; isFirst: boolean },
): Conversation {
  const { consumerId, skillId, assignedTo, context, campaignInfo, features } = request;
  const participants = [
    { id: consumerId, role: 'CONSUMER' },
    ...(assignedTo ? [{ id: assignedTo.id, role: 'ASSIGNED_AGENT' }] : []),
  ];
  return {
    id,
    consumerId,
    startTs: now,
    firstConversation: isFirst,
    context,
    campaignInfo,
    features,
    meta: {
      skillId,
      participants,
      dialogs: [
        {
          dialogId: id,
          participants: participants.map((p) => ({ ...p, state: 'ACTIVE' })),
          dialogType: 'MAIN',
          channelType: 'MESSAGING',
          state: 'OPEN',
          creationTs: now,
          metaDataLastUpdateTs: now,
        },
      ],
      state: 'OPEN',
      stage: 'OPEN',
      metaDataLastUpdateTs: now,
      ttr,
      note: '',
    },
    lastUpdateTime: now,
    waitingSince: now,
    lastContent: undefined,
    lastSaidTs: undefined,
    events: new Map(),
    unread: new Map(),
    watchers: new Set(),
    transfers: [],
    departures: [],
    task: undefined,
  };
}
