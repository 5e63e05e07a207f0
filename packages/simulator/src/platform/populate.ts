import { ConfigError } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { MAX_TEXT } from './messages.ts';
import { type Conversation, copyMeta, mainDialog, type Participant } from './model.ts';
import type { Platform } from './platform.ts';
import { UNASSIGNED_SKILL } from './skills.ts';

/** How the conversations are that `openConversations` makes. */
export interface PopulateOptions {
  /** The skill that they wait in. Default `-1`: no skill. */
  skillId?: string;
  /** The username of the agent who has them already. Default: nobody, and they ring. */
  assignedTo?: string;
  /** What each consumer has said. Default: nothing. */
  message?: string;
}

/** Puts open conversations into the account at once, each of a consumer of its own, and gives their ids. */
export function populate(platform: Platform, count: number, options: PopulateOptions): string[] {
  if (!(Number.isSafeInteger(count) && count >= 0)) {
    throw new ConfigError('openConversations: the count must be a whole number of at least 0');
  }
  const checker = optionsChecker(options, 'openConversations');
  checker.texts(['skillId', 'assignedTo']);
  checker.some(
    ['message'],
    `a text of at most ${MAX_TEXT} characters`,
    (text) => typeof text === 'string' && text.length <= MAX_TEXT,
  );
  checker.nothingElse();
  const { skillId = UNASSIGNED_SKILL, assignedTo, message } = options;
  const agent = assignedTo === undefined ? undefined : platform.agents.byUsername(assignedTo);
  if (assignedTo !== undefined && !agent) throw new ConfigError('no agent has this username');
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const consumerId = platform.random.uuid();
    const request = { consumerId, skillId, ttrType: 'PRIORITIZED', features: [], assignedTo: agent };
    const conversation = platform.openConversation(request);
    if (message) sayAsConsumer(platform, conversation.id, message);
    ids.push(conversation.id);
  }
  platform.flush();
  return ids;
}

/** Adds a consumer's text to a conversation and gives its sequence. */
export function sayAsConsumer(platform: Platform, conversationId: string, message: string): number {
  const conversation = known(platform, conversationId);
  checkSayable('sayAsConsumer', conversation, message);
  return say(platform, conversation, message, { id: conversation.consumerId, role: 'CONSUMER' });
}

/** Adds an automatic message, for which the platform's own CONTROLLER takes part in the conversation. */
export function sayAsController(platform: Platform, conversationId: string, message: string): number {
  const conversation = known(platform, conversationId);
  checkSayable('sayAsController', conversation, message);
  const controller = { id: platform.agents.controllerId, role: 'CONTROLLER' };
  if (!conversation.meta.participants.some(({ id }) => id === controller.id)) {
    const meta = copyMeta(conversation.meta);
    meta.participants.push(controller);
    mainDialog(meta).participants.push({ ...controller, state: 'ACTIVE' });
    platform.update(conversation, meta);
  }
  return say(platform, conversation, message, controller);
}

function known(platform: Platform, conversationId: string): Conversation {
  const conversation = platform.conversations.get(conversationId);
  if (!conversation) throw new ConfigError('there is no conversation of this id');
  return conversation;
}

/** @throws ConfigError for what no consumer could say there: the platform refuses it over a socket, too. */
function checkSayable(name: string, { meta }: Conversation, message: string): void {
  if (meta.state !== 'OPEN') throw new ConfigError(`${name}: the conversation is not open`);
  if (typeof message !== 'string' || message === '' || message.length > MAX_TEXT) {
    throw new ConfigError(`${name}: the message must be a text of 1 to ${MAX_TEXT} characters`);
  }
}

function say(platform: Platform, conversation: Conversation, message: string, by: Participant): number {
  const record = platform.publish({
    conversation,
    dialog: mainDialog(conversation.meta),
    originatorId: by.id,
    role: by.role,
    event: { type: 'ContentEvent', contentType: 'text/plain', message },
    audience: 'ALL',
    metadata: undefined,
    clientProperties: undefined,
  });
  return record.sequence ?? 0;
}

/** Puts an open conversation into the state LOCKED, or back. */
export function lockConversation(platform: Platform, conversationId: string, locked: boolean): void {
  const conversation = platform.conversations.get(conversationId);
  if (!conversation || conversation.meta.state === 'CLOSE') {
    throw new ConfigError('there is no open conversation of this id');
  }
  const meta = copyMeta(conversation.meta);
  meta.state = locked ? 'LOCKED' : 'OPEN';
  platform.update(conversation, meta);
  platform.flush();
}
