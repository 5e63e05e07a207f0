import type { MessagingEventRecord, NotificationBody } from '@lp/schemas';
import { type Identity, type IdentityDirectory, isOldId, isOwn, pidOf, userIdOf } from './identity.ts';
import type { MessagingEvent } from './types.ts';

type MessagingBody =
  | NotificationBody<'.ams.ms.OnlineEventDistribution' | 'ms.MessagingEventNotification'>
  | readonly MessagingEventRecord[];

/**
 * The events of a notification (one on the agent socket, several elsewhere) or of a response to QueryMessages.
 * Pairs of ids that the events hold are learnt by `directory`.
 */
export function toMessagingEvents(
  body: MessagingBody,
  identity: Identity,
  directory?: IdentityDirectory,
): MessagingEvent[] {
  return recordsOf(body).map((record) => toMessagingEvent(record, identity, directory));
}

function recordsOf(body: MessagingBody): readonly MessagingEventRecord[] {
  if (isList(body)) return body;
  return 'changes' in body && Array.isArray(body.changes) ? body.changes : [body as MessagingEventRecord];
}

function isList(body: MessagingBody): body is readonly MessagingEventRecord[] {
  return Array.isArray(body);
}

/** One event. */
export function toMessagingEvent(
  record: MessagingEventRecord,
  identity: Identity,
  directory?: IdentityDirectory,
): MessagingEvent {
  const sent = record.originatorId;
  const pid = record.originatorPId ?? record.originatorMetadata?.id;
  if (sent !== undefined && pid !== undefined && isOldId(sent) && !isOldId(pid)) directory?.learn(sent, pid);
  const id = pid ?? (sent === undefined ? undefined : (pidOf(sent, identity, directory) ?? sent));
  const userId = sent !== undefined && isOldId(sent) ? sent : id && userIdOf(id, identity, directory);
  // Own keys before the spread: adding a key to a copy costs ten times the copy.
  return { originatorUserId: userId, isMe: isOwn({ id, userId }, identity), ...record, originatorId: id };
}
