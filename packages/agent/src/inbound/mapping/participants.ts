import type { ConversationDetailsRecord, ParticipantRecord, ParticipantsByRole } from '@lp/schemas';
import { type Identities, isOldId } from './identities.ts';
import type { Participant } from './types.ts';

/** The PID of an old id. */
export type PidLookup = (oldId: string) => string | undefined;

/** Pairs of old id and PID that were found out. */
export type Pairs = ReadonlyMap<string, string>;

/** The PIDs of a conversation's old ids: what is known for certain first, then what {@link findPairs} has found. */
export function lookupIn(pairs: Pairs | undefined, identities: Identities): PidLookup {
  return (id) => identities.pidOf(id) ?? pairs?.get(id);
}

/**
 * Pairs the old ids of a conversation with its PIDs. The platform sends both as lists by role and says nowhere which
 * belong together, so: what is known for certain first; then the one pair that is left in a role; then, in a role whose
 * lists are equally long and hold nothing that contradicts, by place. An id that none of these settles has no PID.
 * Nothing when there is nothing to find out.
 */
export function findPairs(details: ConversationDetailsRecord, identities: Identities): Pairs | undefined {
  const { participants, participantsPId } = details;
  if (participants === undefined || Array.isArray(participants) || participantsPId === undefined) return undefined;
  const paired = new Map<string, string>();
  const lookup = lookupIn(paired, identities);
  if (allKnown(participants, lookup)) return undefined;
  const roles = Object.keys(participants).map((role) => ({
    olds: idsOf(participants, role),
    pids: idsOf(participantsPId, role),
  }));
  const settle = (mayPair: (left: { olds: string[]; pids: string[] }) => boolean): boolean => {
    const before = paired.size;
    for (const { olds, pids } of roles) {
      const left = unpaired(olds, pids, lookup);
      if (left !== undefined && left.olds.length === left.pids.length && mayPair(left)) {
        for (const [index, old] of left.olds.entries()) paired.set(old, left.pids[index] as string);
      }
    }
    return paired.size > before;
  };
  while (settle(({ olds }) => olds.length === 1));
  // Who has logged in with a token of its own does not know its PID; the one pair left in a role tells.
  const own = identities.agentId === undefined ? paired.get(identities.oldId) : undefined;
  if (own !== undefined) identities.learn(identities.oldId, own);
  settle(() => true);
  return paired;
}

/** Whether two records name the same ids in the same roles and order. */
export function areSameIds(one: ParticipantsByRole, other: ParticipantsByRole): boolean {
  const roles = Object.keys(one);
  return (
    roles.length === Object.keys(other).length &&
    roles.every((role) => {
      const [ids, others] = [idsOf(one, role), idsOf(other, role)];
      return (
        Object.hasOwn(other, role) && ids.length === others.length && ids.every((id, index) => id === others[index])
      );
    })
  );
}

/**
 * The ids of a role. A role may be called as something that every object has, `constructor` say; and `__proto__` is a
 * key that the schema's check passes over, so what stands there is anything.
 */
function idsOf(byRole: ParticipantsByRole, role: string): string[] {
  return role !== '__proto__' && Object.hasOwn(byRole, role) ? (byRole[role] ?? []) : [];
}

/** Whether nobody's PID has to be found out: so it is nearly always, and then the lists need not be compared. */
function allKnown(participants: ParticipantsByRole, certain: PidLookup): boolean {
  for (const role in participants) {
    for (const id of idsOf(participants, role)) if (certain(id) === undefined) return false;
  }
  return true;
}

/** What of a role is not paired yet; nothing when the lists contradict what is known. */
function unpaired(
  olds: readonly string[],
  pids: readonly string[],
  lookup: PidLookup,
): { olds: string[]; pids: string[] } | undefined {
  const taken = olds.map(lookup).filter((pid) => pid !== undefined);
  if (!taken.every((pid) => pids.includes(pid))) return undefined;
  return {
    olds: olds.filter((old) => lookup(old) === undefined),
    pids: pids.filter((pid) => !taken.includes(pid)),
  };
}

/** Those who take part in a conversation, whichever way the platform lists them. */
export function listParticipants(
  details: ConversationDetailsRecord,
  lookup: PidLookup,
  identities: Identities,
): Participant[] {
  const { participants = {}, participantsPId = {}, dialogs = [] } = details;
  if (Array.isArray(participants)) return participants.map((record) => toParticipant(record, lookup, identities));
  const listed: Participant[] = [];
  const add = (record: ParticipantRecord) => listed.push(toParticipant(record, lookup, identities));
  // The lists by role do not say who is only suggested; the main dialog does.
  const main = dialogs.find(({ dialogType }) => dialogType === 'MAIN')?.participantsDetails;
  for (const role in participants) {
    for (const id of idsOf(participants, role)) {
      add({ id, role, state: main?.find((one) => one.id === id && one.role === role)?.state });
    }
  }
  for (const role in participantsPId) {
    for (const id of idsOf(participantsPId, role)) {
      if (!listed.some((one) => one.id === id && one.role === role)) add({ id, role });
    }
  }
  // What is kept for each conversation has no room for more: a list that has grown has room for seventeen.
  return listed.slice();
}

/** A participant with both ids, as far as they are known. */
export function toParticipant(participant: ParticipantRecord, lookup: PidLookup, identities: Identities): Participant {
  const { id: sent, role } = participant;
  if (isOldId(sent)) return { userId: sent, ...participant, id: lookup(sent) };
  return { userId: role === 'CONSUMER' ? sent : identities.userIdOf(sent), ...participant };
}
