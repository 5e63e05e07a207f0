import { type Clock, SessionExpiredError } from '@lp/core';
import type { Session } from './session.ts';
import type { SessionAge } from './upkeep.ts';

/** A session that is lost so soon was taken by somebody. */
const FRESH_MS = 60_000;
/** So many fresh sessions lost one after the other are no accident. */
const LOSSES = 2;
/** The wait doubles with each loss, up to this many times the first. */
const LONGEST = 20;

const WHAT_TO_DO =
  'another program uses this user: each login of one ends the session of the other, so that neither works for long. Stop the other program, or give each program a user of its own';

/** What has become of a contested login. */
export interface ContestedLogin {
  /** How many sessions were lost, each soon after its login. */
  losses: number;
  /** How long the next login is put off. */
  waitMs: number;
}

/**
 * Notices that another program logs in with the same user. The platform allows one session for each user, so two such
 * programs revoke each other in turn, and a login at every refusal would go on with that for ever.
 */
export class Contest {
  readonly #clock: Clock;
  readonly #refreshIntervalMs: number | false;
  readonly #firstWaitMs: number;
  readonly #random: () => number;
  #losses = 0;
  #waitMs = 0;
  #lost: Session | undefined;

  constructor(
    clock: Clock,
    options: { refreshIntervalMs: number | false; contestedWaitMs: number; random: () => number },
  ) {
    this.#clock = clock;
    this.#refreshIntervalMs = options.refreshIntervalMs;
    this.#firstWaitMs = options.contestedWaitMs;
    this.#random = options.random;
  }

  /** Notes that the platform no longer accepts a session before its time, once for each. Undefined when that is not a contest. */
  sessionLost({ session, obtainedAt }: SessionAge): ContestedLogin | undefined {
    if (this.#lost === session) return undefined;
    this.#lost = session;
    this.#losses = this.#clock.now() - obtainedAt < this.#freshMs ? this.#losses + 1 : 0;
    if (this.#losses < LOSSES) {
      this.#waitMs = 0;
      return undefined;
    }
    const ms = this.#firstWaitMs * Math.min(LONGEST, 2 ** (this.#losses - LOSSES));
    // Spread wide: the other program may be one of these too.
    this.#waitMs = Math.round(ms * (1 + this.#random()));
    return { losses: this.#losses, waitMs: this.#waitMs };
  }

  /** Whether a session is known to be lost to another program. */
  isLost(session: Session | undefined): boolean {
    return session !== undefined && this.#lost === session && this.#waitMs > 0;
  }

  /** Why there is no session now. `waitMs`: how long until the next login. */
  error(waitMs: number): SessionExpiredError {
    return new SessionExpiredError(`${WHAT_TO_DO}. The next login is in ${Math.ceil(waitMs / 1_000)} s`, {
      retryable: true,
      context: { losses: this.#losses, retryAfterMs: waitMs },
    });
  }

  // A loss is seen at the next refresh at the latest, which may just have been before it, and the other program may wait
  // as long as this one does.
  get #freshMs(): number {
    const untilSeen = this.#refreshIntervalMs === false ? 0 : this.#refreshIntervalMs * 2.25;
    return Math.max(FRESH_MS, untilSeen, this.#waitMs * 2.5);
  }
}
