import type { ConversationDetailsRecord, ParticipantRecord, ParticipantsByRole } from '../schemas/index.ts';
import { type Identity, type IdentityDirectory, isOldId, pidOf, userIdOf } from './identity.ts';
import type { Participant } from './types.ts';

/** The PID of an old id. */
export type PidLookup = (oldId: string) => string | undefined;

/**
 * Pairs the old ids of a conversation with its PIDs. The platform sends both as lists by role and says nowhere which
 * belong together, so: what is known for certain first; then the one pair that is left in a role; then, in a role whose
 * lists are equally long and hold nothing that contradicts, by place. An id that none of these settles has no PID.
 */
export function pairIds(
  details: ConversationDetailsRecord,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): PidLookup {
  const certain = (id: string) => pidOf(id, identity, directory);
  const { participants, participantsPId } = details;
  if (participants === undefined || Array.isArray(participants) || participantsPId === undefined) return certain;
  const paired = new Map<string, string>();
  const lookup = (id: string) => certain(id) ?? paired.get(id);
  const roles = Object.entries(participants as ParticipantsByRole).map(([role, olds]) => ({
    olds,
    pids: participantsPId[role] ?? [],
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
  settle(() => true);
  return lookup;
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
  identity: Identity,
  directory: IdentityDirectory | undefined,
): Participant[] {
  const { participants, participantsPId = {} } = details;
  if (Array.isArray(participants))
    return participants.map((participant) => toParticipant(participant, lookup, identity, directory));
  const listed = Object.entries((participants ?? {}) as ParticipantsByRole).flatMap(([role, ids]) =>
    ids.map((id) => toParticipant({ id, role }, lookup, identity, directory)),
  );
  const known = new Set(listed.map(({ id, role }) => `${role} ${id}`));
  const pidOnly = Object.entries(participantsPId).flatMap(([role, pids]) =>
    pids
      .filter((pid) => !known.has(`${role} ${pid}`))
      .map((id) => toParticipant({ id, role }, lookup, identity, directory)),
  );
  return [...listed, ...pidOnly];
}

/** A participant with both ids, as far as they are known. */
export function toParticipant(
  { id: sent, ...rest }: ParticipantRecord,
  lookup: PidLookup,
  identity: Identity,
  directory: IdentityDirectory | undefined,
): Participant {
  const old = isOldId(sent);
  const id = old ? lookup(sent) : sent;
  const userId = old ? sent : (userIdOf(sent, identity, directory) ?? (rest.role === 'CONSUMER' ? sent : undefined));
  return { ...(id !== undefined && { id }), ...(userId !== undefined && { userId }), ...(rest as { role: string }) };
}
