import type {
  ConversationChangeRecord,
  ConversationDetailsRecord,
  DialogRecord,
  NotificationBody,
  ParticipantsByRole,
  Role,
} from '../schemas/index.ts';
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
  const event = last && toMessagingEvent({ ...last, dialogId: last.dialogId ?? convId }, identity, directory);
  const details =
    conversationDetails === undefined && change.type === 'DELETE'
      ? undefined
      : toConversationDetails(conversationDetails ?? {}, identity, withPairOf(event, directory));
  return {
    ...change,
    result: {
      ...change.result,
      ...(details && { conversationDetails: details }),
      ...(event && { lastContentEventNotification: event }),
    },
  } as ConversationChange;
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
  const participants = withStates(listParticipants(details, lookup, identity, directory), dialogs);
  const isMap = details.participants !== undefined && !Array.isArray(details.participants);
  const myRoles = ownRoles(participants, identity);
  return {
    ...details,
    participants,
    ...(isMap && { participantsByRole: details.participants as ParticipantsByRole }),
    dialogs,
    myRoles,
    myRole: myRoles.includes('ASSIGNED_AGENT') ? 'ASSIGNED_AGENT' : myRoles[0],
    mySuggestedRoles: suggestedRoles(dialogs, identity),
  };
}

function toDialog(
  dialog: DialogRecord,
  lookup: PidLookup,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): Dialog {
  const { participantsDetails, ...rest } = dialog;
  if (participantsDetails === undefined) return rest as Dialog;
  return {
    ...rest,
    participantsDetails: participantsDetails.map((one) => toParticipant(one, lookup, identity, directory)),
  } as Dialog;
}

// The list of a conversation does not say who is only suggested; its dialogs do.
function withStates(participants: Participant[], dialogs: readonly Dialog[]): Participant[] {
  const main = dialogs.find(({ dialogType }) => dialogType === 'MAIN')?.participantsDetails ?? [];
  return participants.map((participant) => {
    if (participant.state !== undefined) return participant;
    const twin = main.find((one) => one.role === participant.role && isSame(one, participant));
    return twin?.state === undefined ? participant : { ...participant, state: twin.state };
  });
}

function isSame(one: Participant, other: Participant): boolean {
  if (one.userId !== undefined && other.userId !== undefined) return one.userId === other.userId;
  return one.id !== undefined && one.id === other.id;
}

function ownRoles(participants: readonly Participant[], identity: Identity): Role[] {
  const own = participants.filter((one) => one.state !== 'SUGGESTED' && isOwn(one, identity));
  return [...new Set(own.map(({ role }) => role))];
}

function suggestedRoles(dialogs: readonly Dialog[], identity: Identity): Role[] {
  const own = dialogs
    .filter(({ state }) => state !== 'CLOSE')
    .flatMap(({ participantsDetails = [] }) => participantsDetails)
    .filter((one) => one.state === 'SUGGESTED' && isOwn(one, identity));
  return [...new Set(own.map(({ role }) => role))];
}
