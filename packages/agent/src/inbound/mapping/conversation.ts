import type {
  ConversationChangeRecord,
  ConversationDetailsRecord,
  DialogRecord,
  MessagingEventRecord,
  NotificationBody,
  ParticipantsByRole,
  Role,
} from '@lp/schemas';
import type { Identities } from './identities.ts';
import { toMessagingEvent } from './messaging.ts';
import type { Pairings } from './pairings.ts';
import { findPairs, listParticipants, lookupIn, type PidLookup, toParticipant } from './participants.ts';
import type { ConversationChange, ConversationDetails, Dialog, Participant } from './types.ts';

/** The changes of a notification about conversations. A `DELETE` may hold the id alone. `pairings` spares finding pairs again. */
export function toConversationChanges(
  body: NotificationBody<'.ams.aam.ExConversationChangeNotification'>,
  identities: Identities,
  pairings?: Pairings,
): ConversationChange[] {
  return body.changes.map((change) => toConversationChange(change, identities, pairings));
}

function toConversationChange(
  change: ConversationChangeRecord,
  identities: Identities,
  pairings: Pairings | undefined,
): ConversationChange {
  const { convId, conversationDetails, lastContentEventNotification: last } = change.result;
  // The event first: the pair of ids it holds helps with the participants.
  const event = last && toMessagingEvent(withDialogId(last, convId), identities);
  const details =
    conversationDetails === undefined && change.type === 'DELETE'
      ? undefined
      : toConversationDetails(conversationDetails ?? {}, identities, pairings?.of(convId));
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

/** A conversation's data, mapped. */
export function toConversationDetails(
  details: ConversationDetailsRecord,
  identities: Identities,
  find: typeof findPairs = findPairs,
): ConversationDetails {
  const lookup = lookupIn(find(details, identities), identities);
  const dialogs = (details.dialogs ?? []).map((dialog) => toDialog(dialog, lookup, identities));
  const participants = listParticipants(details, lookup, identities);
  const isMap = details.participants !== undefined && !Array.isArray(details.participants);
  const myRoles = ownRoles(participants, identities);
  // Own keys before the spread: adding a key to a copy costs ten times the copy.
  return {
    participantsByRole: isMap ? (details.participants as ParticipantsByRole) : undefined,
    myRoles,
    myRole: myRoles.includes('ASSIGNED_AGENT') ? 'ASSIGNED_AGENT' : myRoles[0],
    mySuggestedRoles: suggestedRoles(dialogs, identities),
    ...details,
    participants,
    dialogs,
  };
}

function toDialog(dialog: DialogRecord, lookup: PidLookup, identities: Identities): Dialog {
  const participantsDetails = dialog.participantsDetails?.map((one) => toParticipant(one, lookup, identities));
  return { ...dialog, participantsDetails };
}

function ownRoles(participants: readonly Participant[], identities: Identities): Role[] {
  let roles: Role[] = [];
  for (const one of participants) {
    if (one.state !== 'SUGGESTED' && identities.isOwn(one)) roles = withRole(roles, one.role);
  }
  return roles;
}

/** The roles with one more. It is kept for each conversation, and a spread would leave room for sixteen others. */
function withRole(roles: Role[], role: Role): Role[] {
  return roles.includes(role) ? roles : roles.concat(role);
}

function suggestedRoles(dialogs: readonly Dialog[], identities: Identities): Role[] {
  let roles: Role[] = [];
  for (const { state, participantsDetails } of dialogs) {
    if (state === 'CLOSE' || participantsDetails === undefined) continue;
    for (const one of participantsDetails) {
      if (one.state === 'SUGGESTED' && identities.isOwn(one)) roles = withRole(roles, one.role);
    }
  }
  return roles;
}
