import type { Clock } from '@lp/core';
import type { FleetRecord } from '../engine/engine.ts';
import { within } from './drain-plan.ts';
import type { Seat } from './seat.ts';

export interface HandOverParts {
  readonly clock: Clock;
  readonly me: () => string;
  /** Whether other workers could take a login. */
  readonly hasOthers: () => boolean;
}

// Logging in at once makes each login slower, and takes its turn at the fleet's limit: what is away for that long had better
// stayed where it was.
const AT_ONCE = 4;
/** How long handlers may take to finish before the next login goes. */
const LONGEST_FINISH_MS = 250;
/** How long a login may take to be ONLINE elsewhere before the next one goes. */
const LONGEST_TAKE_OVER_MS = 2_000;

/**
 * Gives the logins of a worker that leaves to the others, few at a time: the next one goes when one before is ONLINE elsewhere,
 * so that each is away for about as long as a login takes and not until all others are logged in. Whichever takes longer,
 * as one whose handlers have to finish, keeps the others waiting for a moment only; and when there is no time left for that,
 * all that are left go at once.
 */
export class HandOver {
  readonly #parts: HandOverParts;
  /** Who waits until somebody else serves a login. */
  readonly #awaited = new Map<string, () => void>();

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** Resolves when all are given back. From `patientUntil` on, by the clock, none waits for another. */
  async giveBack(seats: Iterable<Seat>, patientUntil: number): Promise<void> {
    const { clock, hasOthers } = this.#parts;
    const atMost = (ms: number) => Math.min(ms, Math.max(0, patientUntil - clock.now()));
    const waiting = [...seats];
    const given: Promise<void>[] = [];
    const lane = async (): Promise<void> => {
      for (let seat = waiting.shift(); seat; seat = waiting.shift()) {
        const gone = seat.giveBack();
        given.push(gone);
        if (waiting.length === 0 || !hasOthers() || clock.now() >= patientUntil) continue;
        const isGone = await within(
          clock,
          atMost(LONGEST_FINISH_MS),
          gone.then(() => true),
        );
        if (!isGone) continue;
        await within(clock, atMost(LONGEST_TAKE_OVER_MS), this.#servedElsewhere(seat.login));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await Promise.all(given);
  }

  /** What the engine holds now: a worker tells there how much each login that is ONLINE has to do. */
  see({ logins, workers }: FleetRecord): void {
    const others = new Map(workers.map(({ incarnation, loads }) => [incarnation, loads]));
    others.delete(this.#parts.me());
    for (const { login, owner } of logins) {
      if (owner === undefined || others.get(owner)?.[login] === undefined) continue;
      this.#awaited.get(login)?.();
      this.#awaited.delete(login);
    }
  }

  #servedElsewhere(login: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(login, resolve));
  }
}
