import type { MessagingEventRecord, NotificationBody } from '@lp/schemas';
import { type Identities, isOldId } from './identities.ts';
import type { MessagingEvent } from './types.ts';

type MessagingBody =
  | NotificationBody<'.ams.ms.OnlineEventDistribution' | 'ms.MessagingEventNotification'>
  | readonly MessagingEventRecord[];

/**
 * The events of a notification (one on the agent socket, several elsewhere) or of a response to QueryMessages.
 * Pairs of ids that the events hold are learnt.
 */
export function toMessagingEvents(body: MessagingBody, identities: Identities): MessagingEvent[] {
  return recordsOf(body).map((record) => toMessagingEvent(record, identities));
}

function recordsOf(body: MessagingBody): readonly MessagingEventRecord[] {
  if (isList(body)) return body;
  return 'changes' in body && Array.isArray(body.changes) ? body.changes : [body as MessagingEventRecord];
}

function isList(body: MessagingBody): body is readonly MessagingEventRecord[] {
  return Array.isArray(body);
}

/** One event. */
export function toMessagingEvent(record: MessagingEventRecord, identities: Identities): MessagingEvent {
  const sent = record.originatorId;
  const pid = record.originatorPId ?? record.originatorMetadata?.id;
  if (sent !== undefined && pid !== undefined && isOldId(sent) && !isOldId(pid)) identities.learn(sent, pid);
  const id = pid ?? (sent === undefined ? undefined : (identities.pidOf(sent) ?? sent));
  const userId = sent !== undefined && isOldId(sent) ? sent : id && identities.userIdOf(id);
  // Own keys before the spread: adding a key to a copy costs ten times the copy.
  return { originatorUserId: userId, isMe: identities.isOwn({ id, userId }), ...record, originatorId: id };
}
