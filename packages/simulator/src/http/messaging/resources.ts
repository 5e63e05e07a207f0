import { type DialogParticipant, Refusal } from '../../platform/model.ts';
import { send } from '../exchange.ts';
import { bodyOf, requireMatch, sendResource, type Target, updateFields } from './target.ts';

/** A conversation, in the form of the notifications to its caller's kind; its dialogs also by the names of the public API. */
export function conversationResource({ platform, conversation, caller, isPublic }: Target): object {
  const dialect = caller.kind === 'agent' ? 'v2' : 'v3';
  const shown = platform.renderer.conversation(conversation, dialect, { suggested: true, lastContent: true });
  if (!isPublic) return shown;
  const { state, stage, dialogs } = conversation.meta;
  const named = dialogs.map(({ dialogId, dialogType, state: own }) => ({ id: dialogId, dialogType, state: own }));
  return { ...shown, id: conversation.id, state, stage, dialogs: named };
}

function dialogResource(target: Target): object {
  const { conversation, dialog } = target;
  const { conversationDetails } = conversationResource({ ...target, conversation }) as {
    conversationDetails: { dialogs: { dialogId: string }[] };
  };
  const shown = conversationDetails.dialogs.find(({ dialogId }) => dialogId === dialog.dialogId) ?? {};
  return target.isPublic ? { ...shown, id: dialog.dialogId } : shown;
}

export function readConversation(target: Target): void {
  sendResource(target, conversationResource(target));
}

/** Closes a conversation, or changes when an answer is due: by a time, or by a priority. */
export function changeConversation(target: Target): void {
  requireMatch(target, conversationResource(target));
  const { stage, manualETTR, type, value } = bodyOf(target);
  const fields = [
    ...(stage === undefined ? [] : [{ field: 'Stage', conversationState: stage }]),
    ...(manualETTR === undefined ? [] : [{ field: 'ManualETTR', time: manualETTR }]),
    ...(type === undefined ? [] : [{ field: 'TTRField', ttrType: type, value }]),
  ];
  if (fields.length === 0) throw new Refusal(400, 'Nothing to change: give stage, manualETTR, or type and value');
  updateFields(target, fields);
  readConversation(target);
}

export function readDialog(target: Target): void {
  sendResource(target, dialogResource(target));
}

export function changeDialog(target: Target): void {
  requireMatch(target, dialogResource(target));
  const { state, closeReason } = bodyOf(target);
  const { dialogId } = target.dialog;
  const dialog = { dialogId, state, ...(closeReason === undefined ? {} : { closedCause: closeReason }) };
  updateFields(target, [{ field: 'DialogChange', type: 'UPDATE', dialog }]);
  const { meta } = target.conversation;
  readDialog({ ...target, dialog: meta.dialogs.find((each) => each.dialogId === dialogId) ?? target.dialog });
}

/** Adds somebody who takes part at once, or suggests an agent. */
export function addParticipant(target: Target): void {
  const { id, role, state = 'ACTIVE' } = bodyOf(target);
  const type = state === 'SUGGESTED' ? 'SUGGEST' : 'ADD';
  const { dialogId } = target.dialog;
  const userId = typeof id === 'string' ? oldIdOf(target, id) : id;
  updateFields(target, [{ field: 'ParticipantsChange', type, role, userId, dialogId }]);
  sendResource(target, { id, role, state }, 201);
}

export function readParticipant(target: Target): void {
  sendResource(target, participantOf(target));
}

/** Ends an agent's part, and hands the conversation to a skill or to another agent where the query says so. */
export function removeParticipant(target: Target): void {
  const participant = participantOf(target);
  requireMatch(target, participant);
  const { searchParams } = target.exchange.url;
  const skill = searchParams.get('transferToSkillId');
  const agentId = searchParams.get('transferToAgentId');
  updateFields(target, [
    { field: 'ParticipantsChange', type: 'REMOVE', role: participant.role, userId: participant.id },
    ...(skill === null ? [] : [{ field: 'Skill', type: 'UPDATE', skill }]),
    ...(agentId === null
      ? []
      : [{ field: 'ParticipantsChange', type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId: oldIdOf(target, agentId) }]),
  ]);
  send(target.exchange.response, 204);
}

/** The old id of an agent who is named by it, by PID, or by the number that it ends with; any other id as it is. */
function oldIdOf({ platform: { agents, accountId } }: Target, id: string): string {
  return (agents.find(id) ?? agents.find(`${accountId}.${id}`))?.id ?? id;
}

/** Who takes part, by any id. @throws Refusal with 404. */
function participantOf(target: Target): DialogParticipant {
  const participantId = oldIdOf(target, target.exchange.params['participantId'] ?? '');
  const found = target.dialog.participants.find(({ id }) => id === participantId);
  if (!found) throw new Refusal(404, 'Participant does not exist');
  return found;
}
