import type { Quirks } from '../quirks.ts';
import type { Dialect } from '../wire.ts';
import type { AgentDirectory, AgentRecord } from './agents.ts';
import {
  type Conversation,
  type Dialog,
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

/** Turns the platform's state into what the wire shows of it, in both dialects. */
export class Renderer {
  readonly #accountId: string;
  readonly #agents: AgentDirectory;
  readonly #quirks: Quirks;

  constructor(accountId: string, agents: AgentDirectory, quirks: Quirks) {
    this.#accountId = accountId;
    this.#agents = agents;
    this.#quirks = quirks;
  }

  /** One event of a dialog. A replay in the consumers' dialect leaves out the conversation's id. */
  event(record: EventRecord, dialect: Dialect, options: { replay?: boolean } = {}): object {
    const { sequence, serverTimestamp, originatorId, role, dialogId, event, metadata, clientProperties } = record;
    const pid = this.#agents.pidOf(originatorId);
    const newer = this.#quirks.newerEventFields && !(options.replay === true && dialect === 'v3');
    return {
      ...(sequence === undefined ? {} : { sequence }),
      ...(dialect === 'v2' && clientProperties ? { originatorClientProperties: clientProperties } : {}),
      originatorId: dialect === 'v2' ? originatorId : pid,
      ...(dialect === 'v2' ? { originatorPId: pid } : {}),
      originatorMetadata: { id: pid, role, ...(dialect === 'v2' && clientProperties ? { clientProperties } : {}) },
      ...(serverTimestamp === undefined ? {} : { serverTimestamp }),
      event,
      ...(newer ? { conversationId: record.conversation.id } : {}),
      dialogId,
      ...(this.#quirks.newerEventFields ? { messageAudience: record.audience } : {}),
      ...(metadata ? { metadata } : {}),
    };
  }

  /** The `result` of a conversation change. */
  conversation(
    conversation: Conversation,
    dialect: Dialect,
    options: { suggested: boolean; lastContent: boolean },
  ): object {
    const { lastContent, lastUpdateTime, id } = conversation;
    return {
      convId: id,
      effectiveTTR: effectiveTtr(conversation),
      ...(dialect === 'v2'
        ? { lastUpdateTime, numberOfunreadMessages: Object.fromEntries(conversation.unread) }
        : { lastUpdateTime }),
      conversationDetails:
        dialect === 'v2' ? this.#detailsV2(conversation, options.suggested) : this.#detailsV3(conversation),
      ...(lastContent && options.lastContent
        ? { lastContentEventNotification: this.#lastContent(lastContent, dialect) }
        : {}),
    };
  }

  /** The `result` of a routing task's change. */
  ring(ring: Ring): object {
    const { conversation, skillId } = ring;
    const ids = { brandId: this.#accountId, convId: conversation.id, consumerId: conversation.consumerId, skillId };
    return {
      routingTaskId: conversation.id,
      taskCompleted: ring.state === 'ACCEPTED',
      conversationId: conversation.id,
      consumerId: conversation.consumerId,
      skillId,
      ...(ring.state === 'ACCEPTED' ? { assignedAgentId: ring.agentId } : {}),
      brandId: this.#accountId,
      ringsDetails: [
        {
          ringId: ring.ringId,
          ringState: ring.state,
          ringExpiration: ring.expirationMs,
          ringExpirationTs: ring.createdTs + ring.expirationMs,
          weight: ring.createdTs,
          ...ids,
        },
      ],
    };
  }

  /** The `result` of an agent state's change. */
  agentState(agent: AgentRecord): object {
    const { availability, reasonId, id } = agent;
    return {
      channels: ['MESSAGING'],
      availability,
      description: '',
      agentUserId: id,
      ...(reasonId === undefined ? {} : { reasonId }),
    };
  }

  #lastContent(record: EventRecord, dialect: Dialect): object {
    const { messageAudience: _never, ...rest } = this.event(record, dialect) as { messageAudience?: string };
    return rest;
  }

  #detailsV2(conversation: Conversation, suggested: boolean): object {
    const { meta, id } = conversation;
    const { participants, csat, endTs, closeReason, delay, manualETTR, ...rest } = meta;
    const { participantsPId } = this.#quirks;
    const withPid =
      participantsPId === 'without-controller' ? participants.filter((p) => p.role !== 'CONTROLLER') : participants;
    return {
      convId: id,
      skillId: meta.skillId,
      participants: byRole(participants, (old) => old),
      ...(participantsPId === 'missing' ? {} : { participantsPId: byRole(withPid, (old) => this.#agents.pidOf(old)) }),
      dialogs: this.#dialogs(meta.dialogs, (dialog) => ({
        participantsDetails: suggested ? dialog.participants : dialog.participants.filter((p) => p.state === 'ACTIVE'),
      })),
      brandId: this.#accountId,
      state: rest.state,
      stage: rest.stage,
      ...(closeReason === undefined ? {} : { closeReason }),
      startTs: conversation.startTs,
      ...(endTs === undefined ? {} : { endTs }),
      metaDataLastUpdateTs: rest.metaDataLastUpdateTs,
      firstConversation: conversation.firstConversation,
      csatRate: csat?.csatRate ?? 0,
      ttr: rest.ttr,
      ...(delay ? { delay } : {}),
      ...(manualETTR === undefined ? {} : { manualETTR }),
      note: rest.note,
      ...(conversation.context ? { context: conversation.context } : {}),
      ...(conversation.campaignInfo ? { campaignInfo: conversation.campaignInfo } : {}),
      conversationHandlerDetails: { accountId: this.#accountId, skillId: meta.skillId },
    };
  }

  #detailsV3(conversation: Conversation): object {
    const { meta } = conversation;
    const pidForm = ({ id, role }: Participant) => ({ id: this.#agents.pidOf(id), role });
    return {
      skillId: meta.skillId,
      participants: meta.participants.map(pidForm),
      dialogs: this.#dialogs(meta.dialogs, (dialog) => ({
        participantsDetails: dialog.participants.filter((p) => p.state === 'ACTIVE').map(pidForm),
      })),
      brandId: this.#accountId,
      state: meta.state,
      stage: meta.stage,
      ...(meta.closeReason === undefined ? {} : { closeReason: meta.closeReason }),
      startTs: conversation.startTs,
      ...(meta.endTs === undefined ? {} : { endTs: meta.endTs }),
      metaDataLastUpdateTs: meta.metaDataLastUpdateTs,
      ttr: meta.ttr,
      ...(meta.delay ? { delay: meta.delay } : {}),
      ...(meta.manualETTR === undefined ? {} : { manualETTR: meta.manualETTR }),
      ...(meta.csat ? { csat: { field: 'CSATRate', ...meta.csat } } : {}),
      ...(conversation.context ? { context: conversation.context } : {}),
      ...(conversation.campaignInfo ? { campaignInfo: conversation.campaignInfo } : {}),
    };
  }

  #dialogs(dialogs: readonly Dialog[], participantsOf: (dialog: Dialog) => object): object[] {
    const shown = dialogs.map(({ participants: _own, dialogId, ...rest }, i) => ({
      dialogId,
      ...participantsOf(dialogs[i] as Dialog),
      ...rest,
    }));
    return this.#quirks.dialogOrder === 'newest-first' ? shown.reverse() : shown;
  }
}
