import type { Quirks } from '../quirks.ts';
import type { Dialect } from '../wire.ts';
import type { AgentDirectory, AgentRecord } from './agents.ts';
import {
  type Conversation,
  type Dialog,
  type DialogParticipant,
  type EventRecord,
  effectiveTtr,
  type Participant,
  type Ring,
} from './model.ts';

const byRole = <T>(participants: readonly Participant[], value: (id: string) => T): Record<string, T[]> => {
  const roles: Record<string, T[]> = {};
  for (const { id, role } of participants) (roles[role] ??= []).push(value(id));
  return roles;
};

/**
 * Turns the platform's state into what the wire shows of it, in both dialects. Fields that are undefined are not there
 * on the wire: JSON leaves them out.
 */
export class Renderer {
  readonly #accountId: string;
  readonly #agents: AgentDirectory;
  readonly #quirks: Quirks;

  constructor(accountId: string, agents: AgentDirectory, quirks: Quirks) {
    this.#accountId = accountId;
    this.#agents = agents;
    this.#quirks = quirks;
  }

  /** One event of a dialog. A replay in the consumers' dialect leaves out the conversation's id, `lastContent` the audience. */
  event(record: EventRecord, dialect: Dialect, form?: 'replay' | 'lastContent'): object {
    const { originatorId, role } = record;
    const pid = this.#agents.pidOf(originatorId);
    const v2 = dialect === 'v2';
    const clientProperties = v2 ? record.clientProperties : undefined;
    const { newerEventFields } = this.#quirks;
    return {
      sequence: record.sequence,
      originatorClientProperties: clientProperties,
      originatorId: v2 ? originatorId : pid,
      originatorPId: v2 ? pid : undefined,
      originatorMetadata: { id: pid, role, clientProperties },
      serverTimestamp: record.serverTimestamp,
      event: record.event,
      conversationId: newerEventFields && (v2 || form !== 'replay') ? record.conversation.id : undefined,
      dialogId: record.dialogId,
      messageAudience: newerEventFields && form !== 'lastContent' ? record.audience : undefined,
      metadata: record.metadata,
    };
  }

  /** The `result` of a conversation change. */
  conversation(
    conversation: Conversation,
    dialect: Dialect,
    options: { suggested: boolean; lastContent: boolean },
  ): object {
    const { lastContent } = conversation;
    const v2 = dialect === 'v2';
    return {
      convId: conversation.id,
      effectiveTTR: effectiveTtr(conversation),
      lastUpdateTime: v2 ? conversation.lastUpdateTime : undefined,
      numberOfunreadMessages: v2 ? Object.fromEntries(conversation.unread) : undefined,
      conversationDetails: v2 ? this.#detailsV2(conversation, options.suggested) : this.#detailsV3(conversation),
      lastContentEventNotification:
        lastContent && options.lastContent ? this.event(lastContent, dialect, 'lastContent') : undefined,
    };
  }

  /** The `result` of a routing task's change. */
  ring(ring: Ring): object {
    const { conversation, skillId } = ring;
    const ids = { brandId: this.#accountId, consumerId: conversation.consumerId, skillId };
    const ringsDetails = [
      {
        ringId: ring.ringId,
        ringState: ring.state,
        ringExpiration: ring.expirationMs,
        ringExpirationTs: ring.createdTs + ring.expirationMs,
        weight: ring.createdTs,
        convId: conversation.id,
        ...ids,
      },
    ];
    return {
      routingTaskId: conversation.id,
      taskCompleted: ring.state === 'ACCEPTED',
      conversationId: conversation.id,
      assignedAgentId: ring.state === 'ACCEPTED' ? ring.agentId : undefined,
      ...ids,
      ringsDetails,
    };
  }

  /** The `result` of an agent state's change. */
  agentState({ availability, reasonId, id }: AgentRecord): object {
    return { channels: ['MESSAGING'], availability, description: '', agentUserId: id, reasonId };
  }

  /** What both dialects show of a conversation alike. */
  #common({ meta, startTs, context, campaignInfo }: Conversation) {
    return {
      skillId: meta.skillId,
      brandId: this.#accountId,
      state: meta.state,
      stage: meta.stage,
      closeReason: meta.closeReason,
      startTs,
      endTs: meta.endTs,
      metaDataLastUpdateTs: meta.metaDataLastUpdateTs,
      ttr: meta.ttr,
      delay: meta.delay,
      manualETTR: meta.manualETTR,
      context,
      campaignInfo,
    };
  }

  #detailsV2(conversation: Conversation, suggested: boolean): object {
    const { meta } = conversation;
    const { participantsPId } = this.#quirks;
    const withPid =
      participantsPId === 'without-controller'
        ? meta.participants.filter((p) => p.role !== 'CONTROLLER')
        : meta.participants;
    return {
      convId: conversation.id,
      ...this.#common(conversation),
      participants: byRole(meta.participants, (id) => id),
      participantsPId: participantsPId === 'missing' ? undefined : byRole(withPid, (id) => this.#agents.pidOf(id)),
      dialogs: this.#dialogs(meta.dialogs, (participants) =>
        suggested ? participants : participants.filter((p) => p.state === 'ACTIVE'),
      ),
      firstConversation: conversation.firstConversation,
      csatRate: meta.csat?.csatRate ?? 0,
      note: meta.note,
      conversationHandlerDetails: this.#handler(meta.skillId),
    };
  }

  #detailsV3(conversation: Conversation): object {
    const { meta } = conversation;
    const isToday = this.#quirks.consumerFrames === 'today';
    const pidForm = ({ id, role }: Participant) => ({ id: this.#agents.pidOf(id), role });
    return {
      ...this.#common(conversation),
      participants: meta.participants.map(pidForm),
      dialogs: this.#dialogs(meta.dialogs, (participants) =>
        participants
          .filter((p) => p.state === 'ACTIVE')
          .map((p) => (isToday ? { ...pidForm(p), state: p.state } : pidForm(p))),
      ),
      conversationHandlerDetails: isToday ? this.#handler(meta.skillId) : undefined,
      csat: meta.csat ? { field: 'CSATRate', ...meta.csat } : undefined,
    };
  }

  #handler(skillId: string): object {
    return { accountId: this.#accountId, skillId };
  }

  #dialogs(dialogs: readonly Dialog[], shown: (participants: readonly DialogParticipant[]) => object): object[] {
    const list = dialogs.map(({ participants, dialogId, ...rest }) => ({
      dialogId,
      participantsDetails: shown(participants),
      ...rest,
    }));
    return this.#quirks.dialogOrder === 'newest-first' ? list.reverse() : list;
  }
}
