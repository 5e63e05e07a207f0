import { timeLeft } from '@lp/core/internal';
import type { Session } from './session.ts';

/** What the next step of upkeep is, and how long until then. */
export interface UpkeepStep {
  action: 'refresh' | 'renew';
  delayMs: number;
}

/** How long a session has lived. Times are milliseconds since the epoch. */
export interface SessionAge {
  session: Session;
  obtainedAt: number;
  /** The last login or refresh that went well. */
  lastGoodAt: number;
}

export interface UpkeepRules {
  refreshIntervalMs: number | false;
  /** Whether a new session can be had without the user. */
  renewable: boolean;
}

/** Waits after failures in a row, by the platform's rule: three quick tries, then minutes. */
export const UPKEEP_DELAYS_MS = [5_000, 10_000, 15_000, 120_000, 240_000, 480_000] as const;
const LONGEST_MARGIN_MS = 60_000;

/** When the session runs out: each refresh puts that off by as much as the session had at first. */
export function validUntil({ session, obtainedAt, lastGoodAt }: SessionAge): number {
  return (session.expiresAt ?? Infinity) + (lastGoodAt - obtainedAt);
}

/** The next step that keeps a session alive when the last one went well; undefined when there is none. */
export function nextUpkeep(age: SessionAge, rules: UpkeepRules, now: number): UpkeepStep | undefined {
  if (age.session.csrf !== undefined && rules.refreshIntervalMs !== false) {
    return { action: 'refresh', delayMs: rules.refreshIntervalMs };
  }
  const endsAt = validUntil(age);
  if (!rules.renewable || endsAt === Infinity) return undefined;
  const lifetimeMs = endsAt - age.lastGoodAt;
  const beforeMs = lifetimeMs - Math.min(LONGEST_MARGIN_MS, lifetimeMs / 10);
  // A clock set back must not put the step off for longer than the session lives.
  return { action: 'renew', delayMs: timeLeft(age.lastGoodAt, beforeMs, now) };
}
