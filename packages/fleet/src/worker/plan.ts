import type { LoginRecord } from '../engine/engine.ts';

/** A worker that can hold logins. */
export interface Member {
  readonly incarnation: string;
  /** How many it holds at most. */
  readonly room: number;
}

export interface PlanInput {
  readonly me: string;
  /** Those that beat and do not drain. */
  readonly members: readonly Member[];
  /** All logins that this worker knows how to serve and that may be claimed. */
  readonly logins: readonly LoginRecord[];
  /** Whether surplus is moved; free logins are shared out at all times. */
  readonly settled: boolean;
}

/** What this worker does next. */
export interface Plan {
  readonly claim: readonly string[];
  /** A login of this worker's that another should have. */
  readonly give: string | undefined;
}

/**
 * Shares the logins out without a leader: every worker works the same plan out from the same rows and does its own part of
 * it. Free logins go to whoever has fewest; then, one at a time from each worker, logins go from whoever has most to whoever
 * has fewest, until the difference is one. So no more are moved than must be, and a stale view costs a move and nothing else.
 */
export function makePlan({ me, members, logins, settled }: PlanInput): Plan {
  const held = new Map(members.map(({ incarnation }) => [incarnation, 0]));
  const room = new Map(members.map(({ incarnation, room: most }) => [incarnation, most]));
  const free: LoginRecord[] = [];
  const mine: string[] = [];
  for (const row of logins) {
    if (row.owner === undefined) free.push(row);
    else held.set(row.owner, (held.get(row.owner) ?? 0) + (held.has(row.owner) ? 1 : 0));
    if (row.owner === me) mine.push(row.login);
  }
  for (const incarnation of [...held.keys()]) if (!room.has(incarnation)) held.delete(incarnation);
  const claim: string[] = [];
  for (const row of free) {
    const taker = least(held, room, row.avoid) ?? least(held, room, undefined);
    if (taker === undefined) break;
    held.set(taker, (held.get(taker) ?? 0) + 1);
    if (taker === me) claim.push(row.login);
  }
  const gives = settled && free.length === 0 && isDonor(me, held, room);
  // The one claimed last has served shortest: fewest conversations are warm there.
  return { claim, give: gives ? mine.at(-1) : undefined };
}

function isDonor(me: string, before: ReadonlyMap<string, number>, room: ReadonlyMap<string, number>): boolean {
  const held = new Map(before);
  for (;;) {
    const taker = least(held, room, undefined);
    const giver = most(held);
    if (taker === undefined || giver === undefined) return false;
    if ((held.get(giver) ?? 0) - (held.get(taker) ?? 0) < 2) return false;
    if (giver === me) return true;
    held.set(giver, (held.get(giver) ?? 0) - 1);
    held.set(taker, (held.get(taker) ?? 0) + 1);
  }
}

function least(
  held: ReadonlyMap<string, number>,
  room: ReadonlyMap<string, number>,
  avoid: string | undefined,
): string | undefined {
  let found: string | undefined;
  for (const [incarnation, count] of held) {
    if (incarnation === avoid || count >= (room.get(incarnation) ?? 0)) continue;
    const best = found === undefined ? Number.POSITIVE_INFINITY : (held.get(found) ?? 0);
    if (count < best || (count === best && incarnation < (found ?? ''))) found = incarnation;
  }
  return found;
}

function most(held: ReadonlyMap<string, number>): string | undefined {
  let found: string | undefined;
  for (const [incarnation, count] of held) {
    const best = found === undefined ? -1 : (held.get(found) ?? 0);
    if (count > best || (count === best && incarnation < (found ?? ''))) found = incarnation;
  }
  return found;
}
