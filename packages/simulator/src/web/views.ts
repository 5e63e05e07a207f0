import { isObject } from '../handlers/call.ts';
import type { JournalEntry } from '../journal.ts';
import type { AgentRecord } from '../platform/agents.ts';
import { assignedAgent, type Conversation, type EventRecord } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { UNASSIGNED_SKILL } from '../platform/skills.ts';
import type { Account, AgentView, ConversationView, EventView, FrameView } from './page-api.ts';

const MAX_FRAME_CHARS = 20_000;
const MAX_LINE_CHARS = 140;

export function conversationView(platform: Platform, conversation: Conversation): ConversationView {
  const { id, consumerId, meta, task, lastContent } = conversation;
  return {
    id,
    consumer: nameOf(platform, consumerId),
    state: meta.state,
    stage: meta.stage,
    skill: skillName(platform, meta.skillId),
    agent: optionalName(platform, assignedAgent(meta)),
    ringingAt: optionalName(platform, task?.ring?.agentId),
    updatedAt: conversation.lastUpdateTime,
    unread: conversation.unread.get(consumerId) ?? 0,
    last: lastContent && {
      from: lastContent.originatorId === consumerId ? 'consumer' : 'brand',
      text: oneLine(lastContent),
    },
    closedBy: meta.closeReason,
    dialogs: meta.dialogs.map(({ dialogId, dialogType, state }) => ({
      id: dialogId,
      type: dialogType,
      open: state === 'OPEN',
    })),
  };
}

export function eventView(platform: Platform, record: EventRecord): EventView {
  const { dialogId, sequence, serverTimestamp, originatorId, conversation, role, audience, event } = record;
  return {
    dialogId,
    sequence,
    at: serverTimestamp,
    from: originatorId === conversation.consumerId ? 'consumer' : 'brand',
    name: nameOf(platform, originatorId),
    role,
    private: audience !== 'ALL',
    event,
  };
}

/** The last events of a conversation, dialog by dialog. */
export function eventViews(platform: Platform, conversation: Conversation, limit: number): EventView[] {
  return conversation.meta.dialogs
    .flatMap(({ dialogId }) => conversation.events.get(dialogId) ?? [])
    .slice(-limit)
    .map((record) => eventView(platform, record));
}

export function agentView({ account, availability, assigned }: AgentRecord): AgentView {
  return { username: account.username, availability, conversations: assigned };
}

export function accountView(platform: Platform): Account {
  const described = platform.skills.all.map(({ id }) => id);
  const served = platform.agents.all.flatMap(({ account }) => account.skills ?? []);
  const ids = [...new Set([UNASSIGNED_SKILL, ...described, ...served])];
  return { accountId: platform.accountId, skills: ids.map((id) => ({ id, name: skillName(platform, id) })) };
}

export function frameView({ number, at, direction, client, type, frame, text }: JournalEntry): FrameView {
  const shown = text.slice(0, MAX_FRAME_CHARS);
  return {
    number,
    at,
    direction,
    client,
    type: type ?? 'not JSON',
    about: aboutBody(frame?.body),
    code: frame?.code,
    text: shown,
    length: text.length,
  };
}

function aboutBody(body: unknown): string {
  if (typeof body === 'string') return body.slice(0, MAX_LINE_CHARS);
  if (!isObject(body)) return '';
  const { event, changes, conversationField, availability } = body;
  if (isObject(event)) {
    return [event['type'], event['status'] ?? event['chatState'] ?? event['contentType']].filter(Boolean).join(' ');
  }
  if (Array.isArray(changes)) return changes.length === 1 ? aboutChange(changes[0]) : `${changes.length} changes`;
  if (Array.isArray(conversationField)) {
    return conversationField.map((field) => (isObject(field) ? String(field['field']) : '')).join(', ');
  }
  return typeof availability === 'string' ? availability : '';
}

function aboutChange(change: unknown): string {
  if (!isObject(change)) return '';
  const { type, result } = change;
  return typeof type === 'string' && isObject(result) ? type : aboutBody(change);
}

function skillName(platform: Platform, id: string): string {
  if (id === UNASSIGNED_SKILL) return 'No skill';
  return platform.skills.all.find((skill) => skill.id === id)?.name ?? `Skill ${id}`;
}

function optionalName(platform: Platform, id: string | undefined): string | undefined {
  return id === undefined ? undefined : nameOf(platform, id);
}

/** An agent's username, or what the consumer's profile calls them. */
function nameOf(platform: Platform, id: string): string {
  const agent = platform.agents.find(id);
  if (agent) return agent.account.username;
  const { firstName, lastName, nickName } = platform.consumers.find(id)?.profile ?? {};
  const names = [firstName, lastName].filter((name) => typeof name === 'string' && name !== '');
  if (names.length > 0) return names.join(' ');
  return typeof nickName === 'string' && nickName !== '' ? nickName : `Consumer ${id.slice(0, 6)}`;
}

function oneLine({ event }: EventRecord): string {
  const { message } = event as { message?: unknown };
  if (typeof message === 'string') return message.slice(0, MAX_LINE_CHARS);
  return event.type === 'RichContentEvent' ? 'Structured content' : 'File';
}
