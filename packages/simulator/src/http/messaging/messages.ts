import { isObject, readMetadata } from '../../handlers/call.ts';
import { perform } from '../../handlers/perform.ts';
import { type EventRecord, type MessageEvent, Refusal } from '../../platform/model.ts';
import { sendJson } from '../exchange.ts';
import { bodyOf, type Target } from './target.ts';

/** The content types of the socket, by the names that REST has for them. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  HOSTED_FILE: 'hosted/file',
  EXTERNAL_FILE: 'external/file',
  SECURE_FORM_INVITATION: 'forms/secure-invitation',
  SECURE_FORM_SUBMISSION: 'forms/secure-submission',
};

/** The kept messages of a dialog, oldest first; the bounds are exclusive, `filters` names the types wanted. */
export function readMessages({ exchange, platform, caller, conversation, dialog }: Target): void {
  const { searchParams } = exchange.url;
  const number = (name: string, fallback: number): number => {
    const value = Number(searchParams.get(name) ?? fallback);
    if (Number.isNaN(value)) throw new Refusal(400, `${name} must be a number`);
    return value;
  };
  const newer = number('newerThanSequence', -1);
  const older = number('olderThanSequence', Number.POSITIVE_INFINITY);
  const offset = number('offset', 0);
  const limit = number('limit', platform.quirks.queryPageSize);
  const types = searchParams.get('filters')?.split(',');
  const found = (conversation.events.get(dialog.dialogId) ?? [])
    .filter(({ sequence = 0 }) => sequence > newer && sequence < older)
    .filter(({ audience }) => caller.kind === 'agent' || audience === 'ALL')
    .filter(({ event }) => !types || types.includes(typeOf(event)));
  const page = found
    .slice(offset, offset + limit)
    .map((record) => messageResource(record, (id) => platform.agents.pidOf(id)));
  sendJson(exchange.response, 200, page);
}

/** Publishes one message. */
export function addMessage(target: Target): void {
  const { platform, caller, dialog, exchange } = target;
  const { type, content, metadata, messageAudience } = bodyOf(target);
  if (!isObject(content)) throw new Refusal(400, 'Bad request: content is missing');
  const event = eventOf(type, content);
  const body = { dialogId: dialog.dialogId, event, messageAudience };
  sendJson(exchange.response, 201, perform(platform, caller, 'PublishEvent', body, readMetadata(metadata)));
}

function eventOf(type: unknown, content: Record<string, unknown>): object {
  switch (type) {
    case 'PLAIN_TEXT': {
      const { text, ...rest } = content;
      return { type: 'ContentEvent', contentType: 'text/plain', message: text, ...rest };
    }
    case 'RICH_CONTENT':
      return { type: 'RichContentEvent', content };
    case 'ACKNOWLEDGEMENT':
      return { ...content, type: 'AcceptStatusEvent' };
    case 'CHAT_STATE':
      return { ...content, type: 'ChatStateEvent' };
    default: {
      const contentType = CONTENT_TYPES[String(type)];
      if (contentType === undefined) throw new Refusal(400, 'Bad request: type is unknown');
      return { type: 'ContentEvent', contentType, message: content };
    }
  }
}

function typeOf(event: MessageEvent): string {
  if (event.type === 'RichContentEvent') return 'RICH_CONTENT';
  if (event.type === 'AcceptStatusEvent') return 'ACKNOWLEDGEMENT';
  const known = Object.entries(CONTENT_TYPES).find(([, contentType]) => contentType === event['contentType']);
  return known?.[0] ?? 'PLAIN_TEXT';
}

function contentOf(event: MessageEvent): unknown {
  const { type, contentType: _form, message, content, ...rest } = event;
  if (type === 'RichContentEvent') return content;
  if (type === 'ContentEvent') return typeof message === 'string' ? { text: message, ...rest } : message;
  return rest;
}

function messageResource(record: EventRecord, pidOf: (id: string) => string): object {
  const { sequence, serverTimestamp, originatorId, role, event, dialogId, conversation, audience, metadata } = record;
  return {
    sequence,
    serverTimestamp,
    conversationId: conversation.id,
    dialogId,
    originatorId: pidOf(originatorId),
    originatorRole: role,
    type: typeOf(event),
    content: contentOf(event),
    metadata: metadata ?? [],
    messageAudience: audience,
  };
}
