import type { Session } from './session.ts';

/** What the next step of upkeep is, and how long until then. */
export interface UpkeepStep {
  action: 'refresh' | 'renew';
  delayMs: number;
}

/** What upkeep is decided from. Times are milliseconds since the epoch. */
export interface UpkeepFacts {
  session: Session;
  now: number;
  obtainedAt: number;
  /** The last login or refresh that the platform answered well. */
  lastGoodAt: number;
  refreshIntervalMs: number | false;
  /** Whether a new session can be had without the user. */
  renewable: boolean;
  /** Refreshes and renewals that failed since the last good one. */
  failures: number;
}

const LADDER_MS = [5_000, 10_000, 15_000, 120_000, 240_000, 480_000] as const;
const LONGEST_MARGIN_MS = 60_000;

/** The wait after `failures` failures in a row: three quick tries, then minutes. Up to a fifth is added, so that a fleet spreads out. */
export function ladderDelay(failures: number, random: () => number): number {
  const step = LADDER_MS[Math.min(failures, LADDER_MS.length) - 1] ?? LADDER_MS[0];
  return Math.round(step * (1 + random() / 5));
}

/** When the session runs out: each refresh puts that off by as much as the session had at first. */
export function validUntil({
  session,
  obtainedAt,
  lastGoodAt,
}: Pick<UpkeepFacts, 'session' | 'obtainedAt' | 'lastGoodAt'>): number {
  return (session.expiresAt ?? Infinity) + (lastGoodAt - obtainedAt);
}

/** The next step that keeps a session alive; undefined when there is none. */
export function nextUpkeep(facts: UpkeepFacts, random: () => number): UpkeepStep | undefined {
  const { session, now, lastGoodAt, refreshIntervalMs, renewable, failures } = facts;
  const refreshable = session.csrf !== undefined && refreshIntervalMs !== false;
  const lifetimeMs = validUntil(facts) - lastGoodAt;
  if (!refreshable && (!renewable || lifetimeMs === Infinity)) return undefined;
  const action = refreshable ? 'refresh' : 'renew';
  if (failures > 0) return { action, delayMs: ladderDelay(failures, random) };
  const afterMs = refreshable ? refreshIntervalMs : lifetimeMs - Math.min(LONGEST_MARGIN_MS, lifetimeMs / 10);
  // A clock set back must not put the step off for longer than a whole period.
  return { action, delayMs: Math.min(afterMs, Math.max(0, lastGoodAt + afterMs - now)) };
}
