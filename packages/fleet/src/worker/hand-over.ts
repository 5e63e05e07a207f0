import type { Clock } from '@lp/core';
import { sleep } from '@lp/core/internal';
import type { FleetRecord } from '../engine/engine.ts';
import type { Seat } from './seat.ts';

export interface HandOverParts {
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
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
// Where nobody can take them, or logins are limited to a few in a second, the process has to end all the same.
const PATIENT_SHARE = 1 / 3;

/**
 * Gives the logins of a worker that leaves to the others, few at a time: the next one goes when one before is ONLINE elsewhere,
 * so that each is away for about as long as a login takes and not until all others are logged in. Whichever takes longer,
 * as one whose handlers have to finish, keeps the others waiting for a moment only; and after a third of `drainTimeoutMs` all
 * that are left go at once.
 */
export class HandOver {
  readonly #parts: HandOverParts;
  /** Who waits until somebody else serves a login. */
  readonly #awaited = new Map<string, () => void>();

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** Resolves when all are given back. */
  async giveBack(seats: Iterable<Seat>): Promise<void> {
    const { clock, drainTimeoutMs, hasOthers } = this.#parts;
    const patientUntil = clock.now() + drainTimeoutMs * PATIENT_SHARE;
    const waiting = [...seats];
    const given: Promise<void>[] = [];
    const lane = async (): Promise<void> => {
      for (let seat = waiting.shift(); seat; seat = waiting.shift()) {
        const gone = seat.giveBack();
        given.push(gone);
        if (waiting.length === 0 || !hasOthers() || clock.now() >= patientUntil) continue;
        if (!(await this.#within(LONGEST_FINISH_MS, gone))) continue;
        await this.#within(LONGEST_TAKE_OVER_MS, this.#servedElsewhere(seat.login));
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

  /** True when it has come about within that time. */
  async #within(ms: number, wanted: Promise<void>): Promise<boolean> {
    const end = new AbortController();
    const late = sleep(this.#parts.clock, ms, { signal: end.signal }).catch(() => undefined);
    const isInTime = await Promise.race([wanted.then(() => true), late.then(() => false)]);
    end.abort();
    return isInTime;
  }
}
