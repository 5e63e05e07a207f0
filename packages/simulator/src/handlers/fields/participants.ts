import { mainDialog } from '../../platform/model.ts';
import { optionalText, textField } from '../call.ts';
import { type Change, fail, requirePart } from './change.ts';

const ROLES = ['CONSUMER', 'ASSIGNED_AGENT', 'AGENT', 'MANAGER', 'READER', 'BRAND_BOT', 'CONTROLLER'];
const REMOVED = 'OK Agent removed successfully';
const ADDED = 'OK Agent added successfully';

export function changeParticipants(change: Change): string {
  const { call, field, meta } = change;
  const role = textField(field, 'role');
  if (!ROLES.includes(role)) fail('Bad request: role is unknown');
  const id = subject(change, role);
  if (role === 'CONSUMER') requireOwn(change, id);
  const dialogId = optionalText(field, 'dialogId');
  const dialog = dialogId === undefined ? mainDialog(meta) : meta.dialogs.find((d) => d.dialogId === dialogId);
  if (!dialog) return fail('Dialog does not exist');
  const type = textField(field, 'type');
  if (type !== 'REMOVE' && dialog.state === 'CLOSE') fail('Dialog is closed');
  const isSame = (p: { id: string; role: string }) => p.id === id && p.role === role;
  dialog.metaDataLastUpdateTs = change.now;

  switch (type) {
    case 'ADD':
      if (role === 'ASSIGNED_AGENT') {
        dialog.participants = dialog.participants.filter((p) => !isSame(p));
      }
      // Who only read along takes part from now on.
      if (role !== 'READER')
        dialog.participants = dialog.participants.filter((p) => p.id !== id || p.role !== 'READER');
      if (!meta.participants.some(isSame)) meta.participants.push({ id, role });
      // A consumer takes part in everything that is open.
      for (const each of role === 'CONSUMER' ? meta.dialogs.filter(({ state }) => state === 'OPEN') : [dialog]) {
        if (!each.participants.some(isSame)) each.participants.push({ id, role, state: 'ACTIVE' });
      }
      return ADDED;
    case 'REMOVE': {
      if (call.caller.kind === 'agent' && role !== 'CONSUMER') requirePart(change);
      if (!meta.participants.some(isSame) && !dialog.participants.some(isSame)) {
        fail('Agent does not exist in conversation');
      }
      const touched = dialogId === undefined ? meta.dialogs : [dialog];
      for (const each of touched) each.participants = each.participants.filter((p) => !isSame(p));
      if (!meta.dialogs.some((d) => d.participants.some((p) => isSame(p) && p.state === 'ACTIVE'))) {
        meta.participants = meta.participants.filter((p) => !isSame(p));
      }
      return REMOVED;
    }
    case 'SUGGEST':
      requirePart(change);
      if (role !== 'ASSIGNED_AGENT') fail('Bad request: only an assigned agent can be suggested');
      if (dialog.participants.some((p) => p.id === id)) fail('Transfer to agent failed: Agent already exist');
      // A newer transfer takes the place of one that is still open.
      dialog.participants = dialog.participants.filter((p) => p.state !== 'SUGGESTED');
      dialog.participants.push({ id, role, state: 'SUGGESTED' });
      return ADDED;
    case 'UPDATE': {
      const known = meta.participants.find((p) => p.id === id);
      if (!known) return fail('Agent does not exist in conversation');
      for (const p of [known, ...dialog.participants.filter((each) => each.id === id)]) p.role = role;
      return ADDED;
    }
    default:
      return fail('Bad request: type is unknown');
  }
}

/** @throws Refusal when a consumer is about to change somebody else than themselves, with a name or before they had one. */
function requireOwn({ call: { caller } }: Change, id: string): void {
  if (caller.kind === 'agent' || id === caller.consumer.id || caller.consumer.formerIds.includes(id)) return;
  fail('Not a participant');
}

/** The old id of whom the change is about: the caller by default; agents may be named by PID too, unless they are suggested. */
function subject({ call, field, callerId }: Change, role: string): string {
  const given = optionalText(field, 'userId') ?? callerId;
  const agent = call.platform.agents.find(given);
  const isKnown = given === agent?.id || field['type'] !== 'SUGGEST';
  if (agent && isKnown) return agent.id;
  if (role !== 'CONSUMER') return fail('Agent does not exist');
  return call.platform.consumers.get(given).id;
}
