import { SDKError } from './errors.ts';
import type { OwnIdentity } from './outgoing.ts';

type ByRole = Record<string, string[]>;

interface DialogParticipant {
  id: string;
  role: string;
  state?: string;
}

interface Dialog {
  dialogId?: string;
  state?: string;
  channelType?: string;
  participantsDetails?: DialogParticipant[];
}

/** A conversation's details in the making: as the platform sends them, then as programs know them. */
interface Details {
  convId?: string;
  note?: string;
  groupId?: string;
  csatRate?: number;
  participants: ByRole | { id: string; role: string }[];
  participantsPId?: ByRole;
  dialogs: Dialog[];
  __myRole?: string;
  getMyRole?: () => string | undefined;
}

/** One change of a conversation notification. */
export interface ConversationChangeRecord {
  type?: string;
  result?: {
    convId?: string;
    lastUpdateTime?: number;
    numberOfunreadMessages?: unknown;
    conversationDetails?: Details;
    lastContentEventNotification?: { sequence?: number; dialogId?: string } | null;
  };
}

/**
 * Makes of a change what programs know, in place: participants are a list of PIDs with their roles, and some fields are
 * gone. Throws for one that cannot be read; one that says no more than that the conversation is gone passes as it is.
 */
export function toLegacyConversationChange(
  change: ConversationChangeRecord | null | undefined,
  own: OwnIdentity,
  warn: (message: string) => void,
): void {
  const result = change?.result;
  if (!result) return;
  delete result.lastUpdateTime;
  delete result.numberOfunreadMessages;
  const details = result.conversationDetails;
  if (details === undefined && change.type === 'DELETE') return;
  if (!details) throw new TypeError(`conversationDetails is missing on notification for convId ${result.convId}`);
  delete details.convId;
  delete details.note;
  delete details.groupId;
  delete details.csatRate;
  const byRole = details.participants as ByRole;
  for (const role of Object.keys(byRole)) if (byRole[role]?.includes(own.oldId as string)) details.__myRole = role;
  details.getMyRole = () => details.__myRole;
  details.participants = participantsOf(details, result.convId, warn);
  delete details.participantsPId;
}

/** The participants as a list, and the PIDs of each dialog's participants. */
function participantsOf(details: Details, convId: string | undefined, warn: (message: string) => void) {
  const pids = details.participantsPId;
  if (!pids) {
    const message = `participantsPId key property is missing on notification for convId ${convId}`;
    throw new SDKError(message, null, 'messaging');
  }
  // By loops: this is done for each notification of each conversation.
  const participants: { id: string; role: string }[] = [];
  for (const role of Object.keys(pids)) for (const id of pids[role] ?? []) participants.push({ id, role });
  for (const dialog of details.dialogs) identifyParticipants(dialog, pids, convId, warn);
  return participants;
}

/** Puts PIDs in the place of old ids: those of a role stand in the same order in the dialog and in the conversation. */
function identifyParticipants(
  dialog: Dialog,
  pids: ByRole,
  convId: string | undefined,
  warn: (message: string) => void,
): void {
  const { channelType, participantsDetails } = dialog;
  if (channelType === 'COBROWSE') return;
  if (channelType && channelType !== 'MESSAGING') warn(`Unknown channelType: ${channelType}`);
  if (!participantsDetails) {
    warn(`Invalid dialog information, participantsDetails is missing ${JSON.stringify(dialog)}`);
    return;
  }
  const placeInRole = new Map<string, number>();
  for (const participant of participantsDetails) {
    const { role } = participant;
    const place = placeInRole.get(role) ?? 0;
    placeInRole.set(role, place + 1);
    if (Object.hasOwn(pids, role)) {
      // A dialog may have more participants than its conversation.
      participant.id = pids[role]?.[place] ?? participant.id;
    } else if (participant.state !== 'SUGGESTED') {
      warn(`invalid participant on conversation ${convId} - ${JSON.stringify(participant)}`);
    }
  }
}

/** The PID of this agent where a conversation shows both of its ids in the same place of a role. */
export function ownPidIn(change: ConversationChangeRecord | null | undefined, own: OwnIdentity): string | undefined {
  const details = change?.result?.conversationDetails;
  if (own.oldId === undefined || !details?.participantsPId) return undefined;
  for (const [role, ids] of Object.entries(details.participants as ByRole)) {
    const place = Array.isArray(ids) ? ids.indexOf(own.oldId) : -1;
    const pid = place < 0 ? undefined : details.participantsPId[role]?.[place];
    if (pid !== undefined) return pid;
  }
  return undefined;
}
