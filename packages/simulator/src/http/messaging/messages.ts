import { isObject, readMetadata } from '../../handlers/call.ts';
import { perform } from '../../handlers/perform.ts';
import { textOf } from '../../json.ts';
import { type EventRecord, type MessageEvent, Refusal } from '../../platform/model.ts';
import { sendJson } from '../exchange.ts';
import { bodyOf, type Target } from './target.ts';

/** The content types of the socket, by the names that REST has for them. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['HOSTED_FILE', 'hosted/file'],
  ['EXTERNAL_FILE', 'external/file'],
  ['SECURE_FORM_INVITATION', 'forms/secure-invitation'],
  ['SECURE_FORM_SUBMISSION', 'forms/secure-submission'],
]);

/** The number in the query; `fallback` without one. @throws Refusal for what is not a number. */
function numberIn({ exchange }: Target, name: string, fallback: number): number {
  const value = Number(exchange.url.searchParams.get(name) ?? fallback);
  if (Number.isNaN(value)) throw new Refusal(400, `${name} must be a number`);
  return value;
}

/**
 * The kept messages of a dialog, oldest first or as `sortOrder` says; `filters` names the types wanted. At the messaging
 * host itself they come as a list and both bounds are exclusive; the public API includes the lower one, and wraps the list
 * with a link to the next page.
 */
export function readMessages(target: Target): void {
  const { exchange, platform, caller, conversation, dialog, isPublic } = target;
  const { searchParams } = exchange.url;
  const newer = numberIn(target, 'newerThanSequence', isPublic ? 0 : -1);
  const older = numberIn(target, 'olderThanSequence', Number.POSITIVE_INFINITY);
  const offset = numberIn(target, 'offset', 0);
  const limit = numberIn(target, 'limit', platform.quirks.queryPageSize);
  const types = searchParams.get('filters')?.split(',');
  const found = (conversation.events.get(dialog.dialogId) ?? [])
    .filter(({ sequence = 0 }) => (isPublic ? sequence >= newer : sequence > newer) && sequence < older)
    .filter(({ audience }) => caller.kind === 'agent' || audience === 'ALL')
    .filter(({ event }) => !types || types.includes(typeOf(event)));
  const isDescending = isPublic && searchParams.get('sortOrder')?.toUpperCase() === 'DESC';
  if (isDescending) found.reverse();
  const page = found.slice(offset, offset + limit);
  const pidOf = (id: string) => platform.agents.pidOf(id);
  if (!isPublic)
    return sendJson(
      exchange.response,
      200,
      page.map((record) => messageResource(record, pidOf)),
    );
  const data = page.map((record) => publicMessage(record, pidOf));
  const last = page.at(-1)?.sequence;
  const links: { next?: string } = {};
  if (last !== undefined && found.length > offset + limit) {
    const next = new URL(exchange.url);
    next.searchParams.delete('offset');
    if (isDescending) next.searchParams.set('olderThanSequence', String(last));
    else next.searchParams.set('newerThanSequence', String(last + 1));
    links.next = next.href;
  }
  return sendJson(exchange.response, 200, { data, links });
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
      const contentType = CONTENT_TYPES.get(textOf(type));
      if (contentType === undefined) throw new Refusal(400, 'Bad request: type is unknown');
      return { type: 'ContentEvent', contentType, message: content };
    }
  }
}

function typeOf(event: MessageEvent): string {
  if (event.type === 'RichContentEvent') return 'RICH_CONTENT';
  if (event.type === 'AcceptStatusEvent') return 'ACKNOWLEDGEMENT';
  const known = [...CONTENT_TYPES].find(([, contentType]) => contentType === event['contentType']);
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

function publicMessage(record: EventRecord, pidOf: (id: string) => string): object {
  const { sequence, serverTimestamp = 0, originatorId, role, event, dialogId, audience, metadata } = record;
  return {
    sequence,
    dialogId,
    type: typeOf(event),
    content: contentOf(event),
    originator: { id: pidOf(originatorId), role },
    metadata: metadata ?? [],
    messageAudience: audience,
    createdTs: new Date(serverTimestamp).toISOString(),
  };
}
