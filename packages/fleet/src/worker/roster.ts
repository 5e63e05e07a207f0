import type { Clock, Logger } from '@lp/core';
import { timeLeft, toError } from '@lp/core/internal';
import type { Claim, FleetEngine, FleetRecord, LoginLoad, LoginRecord, WorkerRecord } from '../engine/engine.ts';
import { HandOver } from './hand-over.ts';
import { type Member, makePlan } from './plan.ts';
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
  /** Which logins this worker knows, in short. */
  readonly list: () => string;
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
// Whoever leaves looks for those that serve what it gave back; nobody wakes it for that.
const LEAVING_TICK_MS = 100;

/** The logins that this worker holds: looks at who holds what, claims what is free, gives away what is too much, and stops what it has lost. */
export class Roster {
  readonly #parts: RosterParts;
  readonly #seats = new Map<string, Seat>();
  /** Logins that were released while a read may have been under way. */
  readonly #released = new Set<string>();
  readonly #handOver: HandOver;
  /** When each worker was seen first. */
  readonly #firstSeen = new Map<string, number>();
  #record: FleetRecord = { workers: [], logins: [] };
  #joinedAt = 0;
  #tickedAt: number | undefined;
  #ticking = false;
  #tickAgain = false;
  /** The look that is under way, or the last one. */
  #looking: Promise<void> = Promise.resolve();
  #leaving = false;

  constructor(parts: RosterParts) {
    this.#parts = parts;
    this.#handOver = new HandOver({ ...parts, hasOthers: () => this.hasOthers });
  }

  get seats(): ReadonlyMap<string, Seat> {
    return this.#seats;
  }

  /** How much each login that is ONLINE has to do. */
  get loads(): Record<string, LoginLoad> {
    return Object.fromEntries(
      [...this.#seats].filter(([, seat]) => seat.isOnline).map(([login, { load }]) => [login, load]),
    );
  }

  /** Whether a worker hands its logins over, and waits to see them ONLINE elsewhere. */
  get isSomebodyLeaving(): boolean {
    return this.#record.workers.some(({ draining }) => draining);
  }

  /** Whether there are other workers that may take a login of this one. */
  get hasOthers(): boolean {
    return this.#present().some(({ incarnation }) => incarnation !== this.#parts.me());
  }

  /** Whether another worker is sure to know a login of this one. */
  get hasEquals(): boolean {
    return this.#members().some(({ incarnation }) => incarnation !== this.#parts.me());
  }

  /** The worker has joined, for the first time or anew. */
  joined(): void {
    this.#joinedAt = this.#parts.clock.now();
  }

  /** Looks soon: at once, unless it has just done so. */
  wake(): void {
    const { clock, timers } = this.#parts;
    timers.set('tick', timeLeft(this.#tickedAt, TICK_SPACING_MS, clock.now()), () => void this.tick(), { keep: true });
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
      this.#handOver.see(this.#record);
      if (right() !== 'nothing') await this.#act();
    } catch (error) {
      logger.debug('who holds what could not be read', { error: toError(error).name });
    } finally {
      this.#ticking = false;
      const again = this.#tickAgain;
      this.#tickAgain = false;
      if (again) this.wake();
      else timers.set('tick', this.#leaving ? LEAVING_TICK_MS : beatMs, () => void this.tick(), { keep: true });
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

  /** Gives everything back, few at a time until `patientUntil`. */
  async giveAllBack(patientUntil: number): Promise<void> {
    this.#leaving = true;
    this.wake();
    await this.#handOver.giveBack(this.#seats.values(), patientUntil);
    // What a claim that was under way has brought meanwhile is given back by it.
    await this.#looking;
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
    const seats = [...this.#seats.values()];
    // One that cannot be connected, or that waits for the application, must not keep others waiting.
    const moving = seats.filter(
      ({ connectingMs, isFailing, state }) =>
        !isFailing && connectingMs < ttlMs && state !== 'serving' && state !== 'suspended',
    );
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

  /** Those that could hold logins: they beat, and do not drain. */
  #present(): readonly WorkerRecord[] {
    const { ageMs, me } = this.#parts;
    return this.#record.workers
      .filter(({ draining }) => !draining)
      .filter(({ incarnation, ttlMs }) => incarnation === me() || ageMs(incarnation) < ttlMs / 2);
  }

  /** Those that share the logins of this worker, since they know the same: what one of them is left nobody else would claim. */
  #members(): readonly Member[] {
    const { list, maxLogins, me } = this.#parts;
    const knows = (worker: WorkerRecord) => worker.list === undefined || worker.list === list();
    return this.#present()
      .filter((worker) => worker.incarnation === me() || knows(worker))
      .map(({ incarnation, room = Number.POSITIVE_INFINITY }) => ({
        incarnation,
        room: incarnation === me() ? maxLogins : room,
      }));
  }

  /** Nothing is moved while workers come and go: a rolling deployment would move everything several times. */
  #isSettled(now: number, ttlMs: number): boolean {
    const present = new Set(this.#record.workers.map(({ incarnation }) => incarnation));
    for (const incarnation of this.#firstSeen.keys())
      if (!present.has(incarnation)) this.#firstSeen.delete(incarnation);
    for (const incarnation of present) if (!this.#firstSeen.has(incarnation)) this.#firstSeen.set(incarnation, now);
    if (this.isSomebodyLeaving) return false;
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
