import type { Dialog, EventRecord, MessageEvent } from './model.ts';

/** The most characters of a text. */
export const MAX_TEXT = 8_000;

export function isContent(event: MessageEvent): boolean {
  return event.type === 'ContentEvent' || event.type === 'RichContentEvent';
}

/** Everybody who takes part and did not write it has one message more to read. */
export function countUnread({ conversation, originatorId, audience }: EventRecord, dialog: Dialog): void {
  for (const { id } of dialog.participants) {
    if (id === originatorId || (audience !== 'ALL' && id === conversation.consumerId)) continue;
    conversation.unread.set(id, (conversation.unread.get(id) ?? 0) + 1);
  }
}

/** Counts what came from others after the last event that was read. */
export function markRead({ conversation, dialogId, originatorId, event }: EventRecord): void {
  const read = (event['sequenceList'] as number[]).reduce((a, b) => Math.max(a, b), -1);
  const events = conversation.events.get(dialogId) ?? [];
  let unread = 0;
  for (let i = events.length - 1; i > read; i--) {
    const later = events[i] as EventRecord;
    if (isContent(later.event) && later.originatorId !== originatorId) unread++;
  }
  conversation.unread.set(originatorId, Math.min(unread, conversation.unread.get(originatorId) ?? 0));
}

/** A message of the main dialog is its conversation's last, and says whose turn it is; an automatic one does not. */
export function noteMessage(record: EventRecord): void {
  const { conversation, originatorId, role, serverTimestamp } = record;
  conversation.lastContent = record;
  if (role === 'CONTROLLER') return;
  conversation.lastSaidTs = serverTimestamp;
  conversation.waitingSince = originatorId === conversation.consumerId ? serverTimestamp : undefined;
}
