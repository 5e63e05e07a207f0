import type { Clock, Logger } from '@lp/core';
import { sleep, toError } from '@lp/core/internal';
import type { Claim, FleetEngine, FleetRecord, LoginLoad, LoginRecord } from '../engine/engine.ts';
import { makePlan } from './plan.ts';
import type { Seat } from './seat.ts';
import type { Timers } from './timers.ts';

export interface RosterParts {
  readonly engine: FleetEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers: Timers;
  readonly ttlMs: number;
  readonly beatMs: number;
  readonly maxLogins: number;
  readonly me: () => string;
  /** What this worker may do now: nothing, look after what it holds, or claim and give as well. */
  readonly right: () => 'nothing' | 'hold' | 'claim';
  /** How long another worker's beat has stood still. */
  readonly ageMs: (incarnation: string) => number;
  /** The logins that this worker can serve. */
  readonly logins: () => readonly string[];
  /** Begins to serve a login that was claimed. */
  readonly seat: (claim: Claim) => Promise<Seat>;
  /** A login is another's now: what waits to be kept for it is given up. */
  readonly onLost: (login: string, epoch: number) => void;
  /** The engine does not know this worker any more. */
  readonly onMissing: () => void;
  /** Somebody asks this worker to drain. */
  readonly onDrainOrder: () => void;
}

const TICK_SPACING_MS = 50;
// More logins at once are no quicker. What is left is free for a worker that joins meanwhile: when a whole fleet starts, the
// first one would else take everything and have to give most of it away again.
const MOST_CONNECTING = 16;
const HAND_OVERS_AT_ONCE = 8;
const LONGEST_HAND_OVER_MS = 250;

/** The logins that this worker holds: looks at who holds what, claims what is free, gives away what is too much, and stops what it has lost. */
export class Roster {
  readonly #parts: RosterParts;
  readonly #seats = new Map<string, Seat>();
  /** Logins that were released while a read may have been under way. */
  readonly #released = new Set<string>();
  /** Who waits until somebody else holds a login. */
  readonly #awaited = new Map<string, () => void>();
  /** When each worker was seen first. */
  readonly #firstSeen = new Map<string, number>();
  #record: FleetRecord = { workers: [], logins: [] };
  #joinedAt = 0;
  #tickedAt = Number.NEGATIVE_INFINITY;
  #ticking = false;
  #tickAgain = false;
  /** The look that is under way, or the last one. */
  #looking: Promise<void> = Promise.resolve();
  #leaving = false;

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  get seats(): ReadonlyMap<string, Seat> {
    return this.#seats;
  }

  get loads(): Record<string, LoginLoad> {
    return Object.fromEntries([...this.#seats].map(([login, { load }]) => [login, load]));
  }

  /** Whether other workers could take a login of this one. */
  get hasOthers(): boolean {
    return this.#members().some(({ incarnation }) => incarnation !== this.#parts.me());
  }

  /** The worker has joined, for the first time or anew. */
  joined(): void {
    this.#joinedAt = this.#parts.clock.now();
  }

  /** Looks soon: at once, unless it has just done so. */
  wake(): void {
    const { clock, timers } = this.#parts;
    const delayMs = Math.max(0, this.#tickedAt + TICK_SPACING_MS - clock.now());
    timers.set('tick', Math.min(TICK_SPACING_MS, delayMs), () => void this.tick(), { keep: true });
  }

  /** Looks now, and does what follows from it. Never rejects. */
  async tick(): Promise<void> {
    if (this.#ticking) {
      this.#tickAgain = true;
      return;
    }
    this.#ticking = true;
    this.#looking = this.#look();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { beatMs, clock, engine, logger, right, timers } = this.#parts;
    this.#tickedAt = clock.now();
    try {
      this.#released.clear();
      this.#record = await engine.read();
      this.#tellTakenOver();
      if (right() !== 'nothing') await this.#act();
    } catch (error) {
      logger.debug('who holds what could not be read', { error: toError(error).name });
    } finally {
      this.#ticking = false;
      const again = this.#tickAgain;
      this.#tickAgain = false;
      if (again) this.wake();
      else timers.set('tick', beatMs, () => void this.tick(), { keep: true });
    }
  }

  /** Everything that is held is another's by now. */
  loseAll(): void {
    for (const [login, { epoch }] of [...this.#seats]) this.lose(login, epoch);
  }

  lose(login: string, epoch: number): void {
    const seat = this.#seats.get(login);
    if (seat?.epoch !== epoch) return;
    this.#seats.delete(login);
    this.#parts.onLost(login, epoch);
    seat.lose();
  }

  /**
   * Gives everything back, few at a time, so that each is away for about as long as a login takes and not until all others
   * are logged in. Whichever takes longer, as one whose handler has to finish, keeps the others waiting for a moment only.
   */
  async giveAllBack(): Promise<void> {
    this.#leaving = true;
    const waiting = [...this.#seats.values()];
    const given: Promise<void>[] = [];
    const lane = async (): Promise<void> => {
      for (let seat = waiting.shift(); seat; seat = waiting.shift()) {
        const { login } = seat;
        const gone = seat.giveBack();
        given.push(gone);
        if (waiting.length === 0 || !this.hasOthers) continue;
        const late = sleep(this.#parts.clock, LONGEST_HAND_OVER_MS);
        await Promise.race([gone.then(() => this.#takenOver(login)), late]);
      }
    };
    await Promise.all(Array.from({ length: HAND_OVERS_AT_ONCE }, lane));
    await Promise.all(given);
    // What a claim that was under way has brought meanwhile is given back by it.
    await this.#looking;
  }

  /** Resolves when somebody else holds a login that was given back, as far as is known here. Never does otherwise. */
  #takenOver(login: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(login, resolve));
  }

  #tellTakenOver(): void {
    for (const { login, owner } of this.#record.logins) {
      if (owner === undefined || owner === this.#parts.me()) continue;
      this.#awaited.get(login)?.();
      this.#awaited.delete(login);
    }
  }

  async #act(): Promise<void> {
    const { logins, me, onDrainOrder, onMissing, right } = this.#parts;
    const entry = this.#record.workers.find(({ incarnation }) => incarnation === me());
    if (!entry) return onMissing();
    const owned = new Map(this.#record.logins.filter(({ owner }) => owner === me()).map((row) => [row.login, row]));
    for (const { login, epoch } of [...this.#seats.values()]) {
      const row = owned.get(login);
      if (row?.epoch !== epoch) this.lose(login, epoch);
      else if (row.move) void this.#seats.get(login)?.giveBack({ avoidMe: true });
    }
    if (entry.draining) onDrainOrder();
    const known = new Set(logins());
    for (const seat of this.#seats.values()) if (!known.has(seat.login)) void seat.giveBack();
    // What was claimed by a call whose response never came.
    const adopted = [...owned.values()].filter(({ login }) => !this.#seats.has(login) && !this.#released.has(login));
    await this.#sit(
      adopted.map(({ login, epoch }) => ({ login, epoch, clean: false })),
      me(),
    );
    if (right() === 'claim') await this.#balance(known);
  }

  async #balance(known: ReadonlySet<string>): Promise<void> {
    const { clock, engine, me, ttlMs } = this.#parts;
    const rows = new Map(this.#record.logins.map((row) => [row.login, row]));
    const logins = [...known].map((login) => rows.get(login) ?? unheard(login));
    const moving = [...this.#seats.values()].filter(({ state }) => state !== 'serving' && state !== 'suspended');
    const plan = makePlan({
      me: me(),
      members: this.#members(),
      logins: logins.filter(({ aside }) => aside === undefined),
      settled: this.#isSettled(clock.now(), ttlMs) && moving.length === 0,
    });
    const claim = plan.claim.slice(0, Math.max(0, MOST_CONNECTING - moving.length));
    const claimant = me();
    if (claim.length > 0) await this.#sit(await engine.claim(claimant, claim), claimant);
    if (plan.give !== undefined) void this.#seats.get(plan.give)?.giveBack();
  }

  /** Those that share the logins: they beat, and do not drain. */
  #members() {
    const { ageMs, maxLogins, me } = this.#parts;
    return this.#record.workers
      .filter(({ draining }) => !draining)
      .filter(({ incarnation, ttlMs }) => incarnation === me() || ageMs(incarnation) < ttlMs / 2)
      .map(({ incarnation }) => ({ incarnation, room: maxLogins }));
  }

  /** Nothing is moved while workers come and go: a rolling deployment would move everything several times. */
  #isSettled(now: number, ttlMs: number): boolean {
    const present = new Set(this.#record.workers.map(({ incarnation }) => incarnation));
    for (const incarnation of this.#firstSeen.keys())
      if (!present.has(incarnation)) this.#firstSeen.delete(incarnation);
    for (const incarnation of present) if (!this.#firstSeen.has(incarnation)) this.#firstSeen.set(incarnation, now);
    if (this.#record.workers.some(({ draining }) => draining)) return false;
    return now - Math.max(this.#joinedAt, ...this.#firstSeen.values()) >= ttlMs;
  }

  /** One whose records cannot be read is adopted by a later look. */
  async #sit(claims: readonly Claim[], claimant: string): Promise<void> {
    const { me, seat: begin } = this.#parts;
    // Buried and joined anew meanwhile: they are not this life's.
    const isPast = () => me() !== claimant;
    if (isPast()) return;
    await Promise.allSettled(
      claims.map(async (claim) => {
        const seat = await begin(claim);
        if (isPast()) return seat.lose();
        this.#seats.set(claim.login, seat);
        void seat.ended.then(() => {
          if (this.#seats.get(claim.login) === seat) this.#seats.delete(claim.login);
          this.#released.add(claim.login);
          this.wake();
        });
        if (this.#leaving) await seat.giveBack();
      }),
    );
  }
}

/** A login that the engine has not heard of yet. */
function unheard(login: string): LoginRecord {
  const nobody = { owner: undefined, avoid: undefined, aside: undefined };
  return { login, ...nobody, epoch: 0, since: 0, clean: true, move: false };
}
