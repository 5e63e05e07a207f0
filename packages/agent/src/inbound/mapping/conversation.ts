import type {
  ConversationChangeRecord,
  ConversationDetailsRecord,
  DialogRecord,
  MessagingEventRecord,
  NotificationBody,
  ParticipantsByRole,
  Role,
} from '@lp/schemas';
import { type Identity, type IdentityDirectory, isOldId, isOwn } from './identity.ts';
import { toMessagingEvent } from './messaging.ts';
import { listParticipants, type PidLookup, pairIds, toParticipant } from './participants.ts';
import type { ConversationChange, ConversationDetails, Dialog, MessagingEvent, Participant } from './types.ts';

/** The changes of a notification about conversations. A `DELETE` may hold the id alone. */
export function toConversationChanges(
  body: NotificationBody<'.ams.aam.ExConversationChangeNotification'>,
  identity: Identity,
  directory?: IdentityDirectory,
): ConversationChange[] {
  return body.changes.map((change) => toConversationChange(change, identity, directory));
}

function toConversationChange(
  change: ConversationChangeRecord,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): ConversationChange {
  const { convId, conversationDetails, lastContentEventNotification: last } = change.result;
  // The event first: the pair of ids it holds helps with the participants.
  const event = last && toMessagingEvent(withDialogId(last, convId), identity, directory);
  const details =
    conversationDetails === undefined && change.type === 'DELETE'
      ? undefined
      : toConversationDetails(conversationDetails ?? {}, identity, withPairOf(event, directory));
  const result: Record<string, unknown> = { ...change.result };
  // Keys that are there already: adding one to a copy costs ten times the copy.
  if (details !== undefined) result['conversationDetails'] = details;
  if (event !== undefined) result['lastContentEventNotification'] = event;
  return { ...change, result } as unknown as ConversationChange;
}

function withDialogId(
  last: NonNullable<ConversationChangeRecord['result']['lastContentEventNotification']>,
  convId: string,
): MessagingEventRecord {
  return last.dialogId === undefined ? { ...last, dialogId: convId } : (last as MessagingEventRecord);
}

function withPairOf(
  event: MessagingEvent | undefined,
  directory: IdentityDirectory | undefined,
): IdentityDirectory | undefined {
  const { originatorUserId: userId, originatorId: pid } = event ?? {};
  if (directory !== undefined || userId === undefined || pid === undefined || isOldId(pid)) return directory;
  return {
    pidOf: (id) => (id === userId ? pid : undefined),
    userIdOf: (id) => (id === pid ? userId : undefined),
    learn: () => undefined,
  };
}

/** A conversation's data, as users see it. */
export function toConversationDetails(
  details: ConversationDetailsRecord,
  identity: Identity,
  directory?: IdentityDirectory,
): ConversationDetails {
  const lookup = pairIds(details, identity, directory);
  const dialogs = (details.dialogs ?? []).map((dialog) => toDialog(dialog, lookup, identity, directory));
  const participants = listParticipants(details, lookup, identity, directory);
  const isMap = details.participants !== undefined && !Array.isArray(details.participants);
  const myRoles = ownRoles(participants, identity);
  // Own keys before the spread: adding a key to a copy costs ten times the copy.
  return {
    participantsByRole: isMap ? (details.participants as ParticipantsByRole) : undefined,
    myRoles,
    myRole: myRoles.includes('ASSIGNED_AGENT') ? 'ASSIGNED_AGENT' : myRoles[0],
    mySuggestedRoles: suggestedRoles(dialogs, identity),
    ...details,
    participants,
    dialogs,
  };
}

function toDialog(
  dialog: DialogRecord,
  lookup: PidLookup,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): Dialog {
  const participantsDetails = dialog.participantsDetails?.map((one) => toParticipant(one, lookup, identity, directory));
  return { ...dialog, participantsDetails };
}

function ownRoles(participants: readonly Participant[], identity: Identity): Role[] {
  const roles: Role[] = [];
  for (const one of participants) {
    if (one.state !== 'SUGGESTED' && isOwn(one, identity) && !roles.includes(one.role)) roles.push(one.role);
  }
  return roles;
}

function suggestedRoles(dialogs: readonly Dialog[], identity: Identity): Role[] {
  const roles: Role[] = [];
  for (const { state, participantsDetails } of dialogs) {
    if (state === 'CLOSE' || participantsDetails === undefined) continue;
    for (const one of participantsDetails) {
      if (one.state === 'SUGGESTED' && isOwn(one, identity) && !roles.includes(one.role)) roles.push(one.role);
    }
  }
  return roles;
}
