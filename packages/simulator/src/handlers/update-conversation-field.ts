import { assignedAgent, type Conversation, type ConversationMeta, copyMeta, Refusal } from '../platform/model.ts';
import { handOver, newConsumerOf } from '../platform/step-up.ts';
import { type Call, callerId, type Handler, isObject, textField } from './call.ts';
import { type Change, type Field, fail } from './fields/change.ts';
import { changeDialog, closeAll } from './fields/dialogs.ts';
import { changeParticipants } from './fields/participants.ts';
import { changeCsat, changeDelay, changeManualEttr, changeNote, changeSkill, changeTtr } from './fields/properties.ts';

const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['ParticipantsChange', changeParticipants],
  ['ConversationStateField', closeAll],
  ['Stage', closeAll],
  ['DialogChange', changeDialog],
  ['Skill', changeSkill],
  ['TTRField', changeTtr],
  ['ManualETTR', changeManualEttr],
  ['Note', changeNote],
  ['CSATRate', changeCsat],
  ['DelayField', changeDelay],
]);

/** What may still be done to a conversation whose last dialog is closed. */
const AFTER_CLOSE = ['CSATRate', 'Note'];

/** Fields are tried on a copy, in order; one that fails fails them all. */
export const updateConversationField: Handler = (call) => {
  const conversation = ownConversation(call);
  const meta = copyMeta(conversation.meta);
  const wasAssigned = assignedAgent(meta);
  let text = '';
  for (const field of fieldsOf(call.fields['conversationField'])) {
    const name = textField(field, 'field');
    const apply = FIELDS.get(name) ?? fail(`Bad request: field ${name.slice(0, 40)} is unknown`);
    const takesOver = name === 'ParticipantsChange' && field['role'] === 'CONSUMER';
    if (isStranger(call, conversation) && !takesOver) fail('Not a participant');
    if (meta.stage === 'CLOSE' && !AFTER_CLOSE.includes(name)) fail('Conversation is closed');
    const change: Change = {
      call,
      conversation,
      meta,
      field,
      callerId: callerId(call),
      now: call.platform.clock.now(),
    };
    const done = apply(change);
    // A transfer responds with the removal of the agent, wherever in the request that stands.
    if (text !== REMOVED) text = done;
  }
  keepOneAssignedAgent(meta, wasAssigned);
  call.platform.update(conversation, meta);
  const newConsumer = newConsumerOf(conversation);
  if (newConsumer !== undefined) handOver(call.platform, conversation, newConsumer);
  return { body: text };
};

const REMOVED = 'OK Agent removed successfully';

function ownConversation(call: Call): Conversation {
  const conversation = call.platform.conversation(textField(call.fields, 'conversationId'));
  if (call.caller.kind === 'agent') return conversation;
  const { id, formerIds } = call.caller.consumer;
  if (conversation.consumerId !== id && !formerIds.includes(conversation.consumerId)) {
    throw new Refusal(400, 'Conversation does not exist');
  }
  return conversation;
}

/** Whether the caller has signed in, but has not taken the conversation over from the consumer without a name. */
const isStranger = ({ caller }: Call, { consumerId }: Conversation): boolean =>
  caller.kind === 'consumer' && caller.consumer.id !== consumerId;

/** A bare field is taken for a list of one. */
function fieldsOf(value: unknown): Record<string, unknown>[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every(isObject)) fail('Bad request: conversationField is missing');
  return list as Record<string, unknown>[];
}

/** Somebody who takes over replaces the agent who had the conversation. */
function keepOneAssignedAgent(meta: ConversationMeta, former: string | undefined): void {
  const assigned = meta.participants.filter((p) => p.role === 'ASSIGNED_AGENT');
  if (assigned.length < 2) return;
  const leaves = (p: { id: string; role: string }) => p.id === former && p.role === 'ASSIGNED_AGENT';
  meta.participants = meta.participants.filter((p) => !leaves(p));
  for (const dialog of meta.dialogs) dialog.participants = dialog.participants.filter((p) => !leaves(p));
}
