import type { ClockTimer } from '@lp/core';
import type { Dialect } from '../wire.ts';

export type DialogState = 'OPEN' | 'CLOSE';
/** LOCKED: open, but nobody can write and nobody is looked for. */
export type ConversationState = DialogState | 'LOCKED';

/** Who takes part in a conversation: `id` is the old id of an agent, or a consumer's id. */
export interface Participant {
  id: string;
  role: string;
}

export interface DialogParticipant extends Participant {
  state: 'ACTIVE' | 'SUGGESTED';
}

export interface Dialog {
  dialogId: string;
  participants: DialogParticipant[];
  dialogType: string;
  channelType: string;
  metaData?: object;
  state: DialogState;
  creationTs: number;
  endTs?: number;
  metaDataLastUpdateTs: number;
  closedBy?: string;
  closedCause?: string;
}

/** What UpdateConversationField changes: plain data, so that a failing update is undone by keeping the old one. */
export interface ConversationMeta {
  skillId: string;
  participants: Participant[];
  /** In order of creation: the main dialog is the first. */
  dialogs: Dialog[];
  state: ConversationState;
  stage: DialogState;
  closeReason?: string;
  endTs?: number;
  metaDataLastUpdateTs: number;
  ttr: { ttrType: string; value: number };
  manualETTR?: number;
  delay?: { type: string; tillWhen: number };
  csat?: { csatRate: number; csatResolutionConfirmation: boolean; status: string };
  note: string;
}

/** One event of a dialog as it is kept. Typing states are passed on and never kept. */
export interface EventRecord {
  sequence: number | undefined;
  serverTimestamp: number | undefined;
  originatorId: string;
  role: string;
  dialogId: string;
  conversation: Conversation;
  event: MessageEvent;
  audience: string;
  metadata: unknown[] | undefined;
  clientProperties: object | undefined;
}

/** An event of a dialog, as it goes over the wire. */
export interface MessageEvent {
  /** What kind of event it is. */
  type: string;
  [field: string]: unknown;
}

export interface Conversation {
  readonly id: string;
  /** Changes when the consumer signs in. */
  consumerId: string;
  readonly startTs: number;
  readonly firstConversation: boolean;
  readonly context: object | undefined;
  readonly campaignInfo: object | undefined;
  readonly features: readonly string[];
  meta: ConversationMeta;
  lastUpdateTime: number;
  /** When the consumer message came that no agent has answered yet. */
  waitingSince: number | undefined;
  lastContent: EventRecord | undefined;
  /** When a person last wrote in the main dialog: an automatic message says nothing about whose turn it is. */
  lastSaidTs: number | undefined;
  /** The kept events of each dialog; the index is the sequence. */
  readonly events: Map<string, EventRecord[]>;
  /** Content events each participant has not read. */
  readonly unread: Map<string, number>;
  /** Subscriptions that were last told that this conversation matches. */
  readonly watchers: Set<ConversationSubscription>;
  readonly transfers: Transfer[];
  /** Who took part and left. */
  readonly departures: Departure[];
  /** What routing does for the conversation, while it needs an agent. */
  task: RoutingTask | undefined;
}

/** What a subscription asks for; undefined means all. */
export interface ConversationFilter {
  convState: readonly string[] | undefined;
  stage: readonly string[] | undefined;
  /** Old ids. */
  agentIds: readonly string[] | undefined;
  consumerId: string | undefined;
  conversationId: string | undefined;
  dialogTypes: readonly string[] | undefined;
  minLastUpdatedTime: number | undefined;
  maxLastUpdatedTime: number | undefined;
}

export interface ConversationSubscription {
  readonly id: string;
  readonly client: Client;
  readonly dialect: Dialect;
  filter: ConversationFilter;
  /** False until its first notification has been sent, which tells all that has changed by then. */
  begun: boolean;
}

/** The search for an agent. Kept while a conversation has none, or while a suggested one has not accepted. */
export interface RoutingTask {
  /** The suggested agent when it is for one only, else undefined: any agent with the skill. */
  target: string | undefined;
  skillId: string;
  /** Agents who have rejected it, or given it back. */
  readonly refused: Set<string>;
  ring: Ring | undefined;
  /** Ends the wait before it is offered again to those who refused. */
  retry: ClockTimer | undefined;
}

export interface Ring {
  readonly ringId: string;
  readonly agentId: string;
  readonly conversation: Conversation;
  readonly skillId: string;
  readonly createdTs: number;
  readonly expirationMs: number;
  state: 'WAITING' | 'ACCEPTED' | 'REJECTED' | 'CANCELLED' | 'EXPIRED';
  timer: ClockTimer | undefined;
}

/** The move of a conversation from one agent or skill to another. */
export interface Transfer {
  readonly timeL: number;
  readonly reason: 'Skill' | 'Agent' | 'back2Q' | 'TakeOver';
  readonly sourceAgentId: string | undefined;
  readonly targetAgentId: string | undefined;
  readonly sourceSkillId: string;
  readonly targetSkillId: string;
}

/** The end of somebody's part in a conversation. */
export interface Departure extends Participant {
  readonly timeL: number;
}

/** A connected socket, as the platform sees it. */
export interface Client {
  readonly id: string;
  readonly kind: 'agent' | 'consumer';
  /** The old id of an agent, or a consumer's id. */
  readonly partyId: string;
  /** False from the moment it begins to close. */
  readonly open: boolean;
  /** False for agent sockets of version 2.0, which are not told about suggested agents. */
  readonly seesSuggested: boolean;
  /** Writes a whole notification frame. */
  notify(frame: string): void;
}

/** A request that the platform refuses: it gets this code and text, and nothing changed. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}

export const mainDialog = (meta: ConversationMeta): Dialog => meta.dialogs[0] as Dialog;

/** The agent the conversation is assigned to. */
export function assignedAgent(meta: ConversationMeta): string | undefined {
  return meta.participants.find((p) => p.role === 'ASSIGNED_AGENT')?.id;
}

/** The agent who has the conversation; of a closed one the agent who had it. */
export function latestAgent(meta: ConversationMeta): string | undefined {
  const brand = meta.participants.filter((p) => p.role !== 'CONSUMER');
  return assignedAgent(meta) ?? (meta.state === 'CLOSE' ? brand[0]?.id : undefined);
}

/** The agent a transfer waits for. */
export function suggestedAgent(meta: ConversationMeta): string | undefined {
  return mainDialog(meta).participants.find((p) => p.state === 'SUGGESTED')?.id;
}

/** When an answer is due, in milliseconds since the epoch; -1 while none is. */
export function effectiveTtr(conversation: Conversation): number {
  const { meta, waitingSince } = conversation;
  if (meta.state !== 'OPEN' || waitingSince === undefined) return -1;
  return meta.manualETTR ?? waitingSince + meta.ttr.value * 1000;
}

/** A copy whose changes leave the original alone. */
export function copyMeta(meta: ConversationMeta): ConversationMeta {
  return {
    ...meta,
    participants: meta.participants.map((p) => ({ ...p })),
    dialogs: meta.dialogs.map((d) => ({ ...d, participants: d.participants.map((p) => ({ ...p })) })),
  };
}
