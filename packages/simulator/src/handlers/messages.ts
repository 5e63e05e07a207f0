import { isContent, MAX_TEXT } from '../platform/messages.ts';
import { type Conversation, type Dialog, type EventRecord, type MessageEvent, Refusal } from '../platform/model.ts';
import {
  type Call,
  callerId,
  type Handler,
  isObject,
  objectField,
  optionalNumber,
  optionalText,
  textField,
} from './call.ts';

const ACCEPT_STATUSES = ['ACCEPT', 'READ', 'ACCESS', 'NACK', 'ENRICH', 'ACTION', 'VIEWED', 'ABORTED', 'ERROR'];
const CHAT_STATES = ['ACTIVE', 'INACTIVE', 'GONE', 'COMPOSING', 'PAUSE', 'BACKGROUND'];
const AUDIENCES = ['ALL', 'AGENTS_AND_MANAGERS'];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MAX_ENCODED_METADATA = 5 * 1024;
const MAX_RICH_CONTENT = 15_000;

export const publishEvent: Handler = (call) => {
  const { platform, fields, metadata } = call;
  const { conversation, dialog } = platform.dialog(textField(fields, 'dialogId'));
  const conversationId = optionalText(fields, 'conversationId') ?? conversation.id;
  if (conversationId !== conversation.id) throw new Refusal(400, 'Dialog does not belong to the conversation');
  const { event, audience } = readMessage(call);
  const role = roleIn(call, dialog);
  if (dialog.channelType === 'COBROWSE') throw new Refusal(400, 'A co-browsing dialog carries no messages');
  if (dialog.state === 'CLOSE' && isContent(event)) throw new Refusal(400, 'Dialog is closed');
  if (conversation.meta.state === 'LOCKED' && isContent(event)) throw new Refusal(400, 'Conversation is locked');
  // The platform takes such a message and drops it: the response tells a place, and nothing comes to stand there.
  if (!mayCarry(call)) {
    const isKept = event.type !== 'ChatStateEvent';
    return { body: { sequence: isKept ? (conversation.events.get(dialog.dialogId)?.length ?? 0) : 0 } };
  }
  const originatorId = callerId(call);
  const clientProperties = call.caller.kind === 'consumer' ? call.caller.consumer.clientProperties : undefined;
  const record = platform.publish({
    conversation,
    dialog,
    originatorId,
    role,
    event,
    audience,
    metadata,
    clientProperties,
  });
  return { body: { sequence: record.sequence ?? 0 } };
};

/** What is to be published, and for whom. @throws Refusal for what no dialog would take. */
export function readMessage({ fields, caller }: Pick<Call, 'fields' | 'caller'>): {
  event: MessageEvent;
  audience: string;
} {
  const event = checkEvent(objectField(fields, 'event'));
  const audience = optionalText(fields, 'messageAudience') ?? 'ALL';
  if (!AUDIENCES.includes(audience)) throw new Refusal(400, 'Bad request: messageAudience is unknown');
  if (caller.kind === 'consumer' && audience !== 'ALL') {
    throw new Refusal(400, 'Bad request: consumers cannot send private messages');
  }
  return { event, audience };
}

/** Whether what the message carries encoded follows the rules: base64, at most 5 kB, and the account has the feature. */
function mayCarry({ encodedMetadata: encoded, platform }: Call): boolean {
  if (encoded === undefined || encoded === null) return true;
  if (!platform.quirks.encodedMetadata || typeof encoded !== 'string') return false;
  return encoded.length <= MAX_ENCODED_METADATA && encoded.length % 4 === 0 && BASE64.test(encoded);
}

function roleIn(call: Call, dialog: Dialog): string {
  const id = callerId(call);
  const role = dialog.participants.find((p) => p.id === id && p.state === 'ACTIVE')?.role;
  if (role !== undefined) return role;
  throw new Refusal(400, call.caller.kind === 'agent' ? 'Agent does not exist in conversation' : 'Not a participant');
}

function checkEvent(event: Record<string, unknown>): MessageEvent {
  const type = textField(event, 'type');
  switch (type) {
    case 'ContentEvent':
      checkContent(event);
      break;
    case 'RichContentEvent':
      // An element of a type that is not known here passes: the platform is ahead of its public schemas.
      textField(objectField(event, 'content'), 'type');
      if (JSON.stringify(event['content']).length > MAX_RICH_CONTENT) {
        throw new Refusal(400, 'Bad request: content is too long');
      }
      break;
    case 'AcceptStatusEvent': {
      if (!ACCEPT_STATUSES.includes(textField(event, 'status')))
        throw new Refusal(400, 'Bad request: status is unknown');
      const list = event['sequenceList'];
      if (!Array.isArray(list) || !list.every((n) => Number.isSafeInteger(n) && n >= 0)) {
        throw new Refusal(400, 'Bad request: sequenceList must hold sequences');
      }
      break;
    }
    case 'ChatStateEvent':
      if (!CHAT_STATES.includes(textField(event, 'chatState'))) {
        throw new Refusal(400, 'Bad request: chatState is unknown');
      }
      break;
    default:
      throw new Refusal(400, 'Bad request: event type is unknown');
  }
  return { ...event, type };
}

function checkContent(event: Record<string, unknown>): void {
  const contentType = textField(event, 'contentType');
  const { message } = event as { message?: unknown };
  if (contentType !== 'text/plain') {
    if (!isObject(message)) throw new Refusal(400, 'Bad request: message must be an object');
  } else if (typeof message !== 'string') {
    throw new Refusal(400, 'Bad request: message must be a string');
  } else if (message.length > MAX_TEXT) {
    throw new Refusal(400, `Bad request: message is longer than ${MAX_TEXT} characters`);
  }
}

/** The dialog a caller may read: agents any, consumers their own. */
function readable(call: Call): { conversation: Conversation; dialog: Dialog } {
  const found = call.platform.dialog(textField(call.fields, 'dialogId'));
  if (call.caller.kind === 'consumer' && call.caller.consumer.id !== found.conversation.consumerId) {
    throw new Refusal(400, 'Dialog does not exist');
  }
  if (found.dialog.channelType === 'COBROWSE') throw new Refusal(400, 'no conversation to send for MCCA');
  return found;
}

function wholeNumber(fields: Call['fields'], name: string): number | undefined {
  const value = optionalNumber(fields, name);
  if (value !== undefined && !Number.isInteger(value)) throw new Refusal(400, `Bad request: ${name} must be whole`);
  return value;
}

const visible = (call: Call, records: readonly EventRecord[]): EventRecord[] =>
  records.filter((record) => call.caller.kind === 'agent' || record.audience === 'ALL');

export const queryMessages: Handler = (call) => {
  const { platform, fields } = call;
  const { conversation, dialog } = readable(call);
  const { queryBounds, queryPageSize, queryPages } = platform.quirks;
  const own = queryBounds === 'exclusive' ? 1 : 0;
  const newer = wholeNumber(fields, 'newerThanSequence');
  const older = wholeNumber(fields, 'olderThanSequence');
  const quantity = Math.min(Math.max(0, wholeNumber(fields, 'maxQuantity') ?? queryPageSize), queryPageSize);
  const events = conversation.events.get(dialog.dialogId) ?? [];
  const from = newer === undefined ? 0 : Math.max(0, newer + own);
  const to = Math.min(events.length, older === undefined ? events.length : Math.max(0, older + 1 - own));
  // Without a lower bound the newest are asked for, with one those that follow it.
  const byBound = newer === undefined && older !== undefined ? 'newest' : 'oldest';
  const end = queryPages === 'by-bound' ? byBound : queryPages;
  // Only the page is copied: a dialog may be long, and is read in many pages.
  const page =
    end === 'newest'
      ? events.slice(Math.max(from, to - quantity), to)
      : events.slice(from, Math.min(to, from + quantity));
  return {
    body: visible(call, page).map((record) => platform.renderer.event(record, call.dialect, 'replay')),
  };
};

export const subscribeMessagingEvents: Handler = (call) => {
  const { platform, client, fields } = call;
  const { conversation, dialog } = readable(call);
  const from = Math.max(0, optionalNumber(fields, 'fromSeq') ?? 0);
  const { dialogId } = dialog;
  platform.notifier.begin(client, () => {
    // Live events follow the replay, so that none comes twice or out of order.
    platform.notifier.subscribeDialog(client, dialogId);
    const replay = visible(call, (conversation.events.get(dialogId) ?? []).slice(from));
    platform.notifier.sendReplay(client, replay);
  });
  return call.dialect === 'v2' ? {} : { body: {} };
};
