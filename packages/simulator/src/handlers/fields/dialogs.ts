import { closeConversation, closeDialog } from '../../platform/closing.ts';
import { mainDialog } from '../../platform/model.ts';
import { isObject, objectField, optionalText, textField } from '../call.ts';
import { type Change, fail } from './change.ts';

const RESOLVED = 'OK Conversation resolved successfully';
/** Those that may be added: the main dialog comes with the conversation. */
const DIALOG_TYPES = ['POST_SURVEY', 'AGENTS', 'OTHER', 'PRE_CONVERSATION_OPT_IN'];
const CHANNEL_TYPES = ['MESSAGING', 'LIVE_CHAT', 'COBROWSE', 'VIDEO_CALL', 'VOICE_CALL'];
const CLOSERS = ['CONSUMER', 'AGENT', 'SYSTEM'];

/** Closes every dialog; no survey follows. */
export function closeAll(change: Change): string {
  const { field, meta } = change;
  if (textField(field, 'conversationState') !== 'CLOSE') fail('Bad request: conversationState must be CLOSE');
  closeConversation(meta, { by: closer(change), now: change.now });
  return RESOLVED;
}

export function changeDialog(change: Change): string {
  const { field, meta, now } = change;
  const given = objectField(field, 'dialog');
  const type = optionalText(field, 'type') ?? 'UPDATE';
  if (type === 'CREATE') return createDialog(change, given);
  if (type !== 'UPDATE') fail('Bad request: type is unknown');
  const dialogId = textField(given, 'dialogId');
  const dialog = meta.dialogs.find((d) => d.dialogId === dialogId);
  if (!dialog) return fail('Dialog does not exist');
  if (dialog.state === 'CLOSE') fail('Dialog is closed');
  const state = optionalText(given, 'state') ?? dialog.state;
  if (state === dialog.state) {
    // Without another state it only says more about the dialog, as the metadata of a survey's request does.
    if (isObject(given['metaData'])) dialog.metaData = { ...dialog.metaData, ...given['metaData'] };
    dialog.metaDataLastUpdateTs = now;
    return 'OK Dialog updated successfully';
  }
  if (state !== 'CLOSE') fail('Bad request: a dialog can only be closed');
  closeDialog(dialog, {
    by: oneOf(CLOSERS, given, 'closedBy', closer(change)),
    now,
    cause: optionalText(given, 'closedCause'),
  });
  if (dialog === mainDialog(meta)) {
    meta.state = 'CLOSE';
    meta.closeReason = closer(change);
    openSurvey(change);
  }
  if (meta.dialogs.every((d) => d.state === 'CLOSE')) closeConversation(meta, { by: closer(change), now });
  return RESOLVED;
}

/** Adds a dialog for those who take part in the main one. Its id belongs to no other dialog of the account. */
function createDialog({ meta, call, now }: Change, given: Record<string, unknown>): string {
  const dialogId = optionalText(given, 'dialogId') ?? call.platform.random.key();
  if (dialogId === '') fail('Bad request: dialogId is empty');
  if (call.platform.hasDialog(dialogId) || meta.dialogs.some((each) => each.dialogId === dialogId)) {
    fail('Dialog exists already');
  }
  meta.dialogs.push({
    dialogId,
    participants: mainDialog(meta).participants.map((p) => ({ ...p })),
    dialogType: oneOf(DIALOG_TYPES, given, 'dialogType', 'OTHER'),
    channelType: oneOf(CHANNEL_TYPES, given, 'channelType', 'MESSAGING'),
    ...(isObject(given['metaData']) ? { metaData: given['metaData'] } : {}),
    state: 'OPEN',
    creationTs: now,
    metaDataLastUpdateTs: now,
  });
  return 'OK Dialog created successfully';
}

/** One of the texts the platform knows. @throws Refusal for another. */
function oneOf(known: readonly string[], given: Record<string, unknown>, name: string, fallback: string): string {
  const value = optionalText(given, name) ?? fallback;
  return known.includes(value) ? value : fail(`Bad request: ${name} is unknown`);
}

const closer = ({ call }: Change): string => call.caller.kind.toUpperCase();

/** A survey follows when the consumer's device knows dialogs and the conversation's skill has a survey. */
function openSurvey({ call, conversation, meta, now }: Change): void {
  const survey = call.platform.skills.survey(meta.skillId);
  if (!survey || !conversation.features.includes('MULTI_DIALOG')) return;
  const former = meta.participants.filter(({ role }) => role === 'ASSIGNED_AGENT');
  const isFormer = (id: string) => former.some((agent) => agent.id === id);
  meta.dialogs.push({
    dialogId: call.platform.random.key(),
    participants: [
      { id: conversation.consumerId, role: 'CONSUMER', state: 'ACTIVE' },
      ...former.map(({ id }) => ({ id, role: 'READER', state: 'ACTIVE' as const })),
    ],
    dialogType: 'POST_SURVEY',
    channelType: 'MESSAGING',
    metaData: { appInstallId: survey.appInstallId },
    state: 'OPEN',
    creationTs: now,
    metaDataLastUpdateTs: now,
  });
  // Clients match the ids of a dialog with those of the conversation role by role, so both have to change.
  // Who has also read along is a reader once.
  for (const part of [meta, mainDialog(meta)] as { participants: { id: string; role: string }[] }[]) {
    part.participants = part.participants.filter(({ id, role }) => role !== 'READER' || !isFormer(id));
  }
  for (const participant of [...meta.participants, ...mainDialog(meta).participants]) {
    if (participant.role === 'ASSIGNED_AGENT') participant.role = 'READER';
  }
}
