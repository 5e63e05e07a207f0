import { assignedAgent } from '../../platform/model.ts';
import { optionalId, optionalNumber, optionalText, textField } from '../call.ts';
import { type Change, fail, requirePart } from './change.ts';

const TTR_TYPES = ['NORMAL', 'URGENT', 'PRIORITIZED', 'CUSTOM'];
const DELAY_TYPES = ['NIGHT', 'WEEKEND', 'HOLIDAY'];
const CSAT_STATUSES = ['FILLED', 'PARTIALLY_FILLED', 'SKIPPED', 'EMPTY'];
const MAX_NOTE = 5_000;

export function changeSkill(change: Change): string {
  const { meta, field } = change;
  const skill = optionalId(field, 'skill') ?? '';
  if (skill === '') fail('Bad request: skill is missing');
  if (assignedAgent(meta) !== undefined) requirePart(change);
  meta.skillId = skill;
  return 'Skill changed successfully';
}

export function changeTtr({ meta, field, call }: Change): string {
  const ttrType = textField(field, 'ttrType');
  if (!TTR_TYPES.includes(ttrType)) fail('Bad request: ttrType is unknown');
  const value = optionalNumber(field, 'value');
  if (ttrType !== 'CUSTOM') meta.ttr = call.platform.skills.ttr(ttrType);
  else if (value === undefined) fail('Bad request: value is missing');
  else meta.ttr = { ttrType, value };
  return 'Update TTR ended successfully';
}

export function changeManualEttr({ meta, field }: Change): string {
  meta.manualETTR = requiredNumber(field, 'time');
  return 'Update manual Ettr ended successfully';
}

export function changeNote({ meta, field }: Change): string {
  const note = optionalText(field, 'note') ?? fail('Bad request: note is missing');
  if (note.length > MAX_NOTE) fail(`Bad request: note is longer than ${MAX_NOTE} characters`);
  meta.note = note;
  return 'OK Update note success';
}

export function changeCsat({ meta, field }: Change): string {
  // Some clients send the rate as text.
  const rate = field['csatRate'];
  const csatRate = typeof rate === 'string' && rate !== '' ? Number(rate) : requiredNumber(field, 'csatRate');
  const status = optionalText(field, 'status') ?? 'FILLED';
  if (!Number.isInteger(csatRate) || csatRate < 0 || csatRate > 5) fail('Bad request: csatRate must be 1 to 5');
  if (!CSAT_STATUSES.includes(status)) fail('Bad request: status is unknown');
  meta.csat = { csatRate, csatResolutionConfirmation: field['csatResolutionConfirmation'] === true, status };
  return 'OK CSAT processed successfully';
}

export function changeDelay({ meta, field }: Change): string {
  const type = textField(field, 'type');
  if (!DELAY_TYPES.includes(type)) fail('Bad request: type is unknown');
  meta.delay = { type, tillWhen: requiredNumber(field, 'tillWhen') };
  return 'OK Delay updated successfully';
}

function requiredNumber(field: Change['field'], name: string): number {
  return optionalNumber(field, name) ?? fail(`Bad request: ${name} is missing`);
}
