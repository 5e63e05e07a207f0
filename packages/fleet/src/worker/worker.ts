// Over 300 lines: one state machine, from joining to leaving; lease, balance and limits are in files of their own.
import { randomUUID } from 'node:crypto';
import { type BackoffPolicy, backoffDelay, type Clock, type ClockTimer, type Logger } from '@lp/core';
import { createDeferred, toError } from '@lp/core/internal';
import type { Claim, FleetEngine, FleetRecord, LoginLoad } from '../engine/engine.ts';
import { Committer } from './committer.ts';
import type { Elapsed } from './elapsed.ts';
import { Lease } from './lease.ts';
import { Observer } from './observer.ts';
import { makePlan } from './plan.ts';
import type { Seat } from './seat.ts';

/** What a worker is doing. */
export type WorkerState = 'joining' | 'member' | 'suspended' | 'dead' | 'draining' | 'left';

export interface WorkerParts {
  readonly name: string;
  readonly engine: FleetEngine;
  readonly clock: Clock;
  readonly elapsed: Elapsed;
  readonly logger: Logger;
  readonly ttlMs: number;
  readonly beatMs: number;
  /** The part of a TTL that a lease is valid. */
  readonly validShare: number;
  readonly maxLogins: number;
  /** The logins that this worker can serve. */
  readonly logins: () => readonly string[];
  /** Begins to serve a login that was claimed. */
  readonly seat: (worker: Worker, claim: Claim) => Promise<Seat>;
  readonly onState: (state: WorkerState, error?: Error) => void;
  readonly onBuried: (incarnation: string) => void;
}

// All workers together look at the beats this often at most, in times a second.
const FLEET_LOOKS_PER_SECOND = 100;
const SHORTEST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 200;
const TICK_SPACING_MS = 50;
const RETRY: BackoffPolicy = { initialMs: 100, factor: 2, maxMs: 1_000, jitter: 'full' };

/**
 * One worker's part in the fleet: it beats, watches the others' beats, claims what is free, gives away what is too much, and
 * stops at once what it has lost. Three loops, none of which waits for another: beats (the right to write), looks (burying),
 * and ticks (who holds what).
 */
export class Worker {
  readonly lease: Lease;
  readonly committer: Committer;
  readonly #parts: WorkerParts;
  readonly #observer: Observer;
  readonly #seats = new Map<string, Seat>();
  /** Logins that were released while a read may have been under way. */
  readonly #released = new Set<string>();
  readonly #timers = new Map<string, ClockTimer>();
  readonly #due = new Map<string, number>();
  readonly #firstSeen = new Map<string, number>();
  #incarnation = randomUUID();
  #state: WorkerState = 'joining';
  #record: FleetRecord = { workers: [], logins: [] };
  #joinedAt = 0;
  #ticking = false;
  #tickAgain = false;
  #isCutOff = false;
  #running = false;
  #draining: Promise<void> | undefined;
  readonly #left = createDeferred<void>();
  #unwake: (() => void) | undefined;

  constructor(parts: WorkerParts) {
    const { elapsed, engine, ttlMs } = parts;
    this.#parts = parts;
    this.lease = new Lease(elapsed, ttlMs * parts.validShare);
    this.#observer = new Observer(elapsed, ttlMs);
    this.committer = new Committer({
      engine,
      elapsed,
      incarnation: () => this.#incarnation,
      pause: () => this.#pause(1),
      onStale: (login, epoch) => this.#lose(login, epoch),
    });
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get seats(): ReadonlyMap<string, Seat> {
    return this.#seats;
  }

  /** What the engine knew when it was read last. */
  get record(): FleetRecord {
    return this.#record;
  }

  /** How long another worker's beat has stood still, in milliseconds of this machine. */
  beatAgeMs(incarnation: string): number {
    return this.#observer.ageMs(incarnation);
  }

  /** Resolves when it has handed everything over. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Joins; from now on logins are claimed. Rejects when the engine cannot be reached. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#join();
    this.#unwake = this.#parts.engine.onWake(() => this.wake());
    this.#look();
    this.wake();
  }

  /** Looks at who holds what soon. */
  wake(): void {
    if (this.#running) this.#later('tick', TICK_SPACING_MS, () => void this.#tick(), { keep: true });
  }

  /** Hands all logins over, one after the other has finished its handlers, and leaves. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  /** Whether other workers could take a login of this one. */
  get hasOthers(): boolean {
    return this.#members().some(({ incarnation }) => incarnation !== this.#incarnation);
  }

  async #join(): Promise<void> {
    const { beatMs, clock, engine, elapsed, name } = this.#parts;
    this.#become('joining');
    const sentAt = elapsed.mark();
    await engine.join({ incarnation: this.#incarnation, name });
    this.#joinedAt = clock.now();
    // Nobody can bury a worker within a TTL of its entry.
    this.lease.renew(sentAt);
    this.#become('member');
    this.#later('beat', beatMs, () => void this.#beat());
    this.#watchDeadline();
  }

  async #beat(): Promise<void> {
    const { beatMs, elapsed, engine, logger, name, ttlMs } = this.#parts;
    const sentAt = elapsed.mark();
    const incarnation = this.#incarnation;
    try {
      // A lease that cannot keep anything is of no use: others may be able to.
      if (this.committer.oldestMs > ttlMs) throw new Error('commits do not succeed');
      const alive = await engine.beat(incarnation, this.#loads());
      if (incarnation !== this.#incarnation || !this.#running) return;
      if (!alive) return await this.#die();
      if (this.lease.renew(sentAt)) this.#resume();
    } catch (error) {
      // Told once: what follows is told by the worker's states.
      if (!this.#isCutOff) logger.warn('the engine does not answer', { worker: name, error: toError(error).name });
      this.#isCutOff = true;
    }
    if (!this.#running || incarnation !== this.#incarnation) return;
    const sinceMs = elapsed.atLeast(sentAt);
    const nextMs = this.lease.isValid ? beatMs - sinceMs : Math.min(beatMs, RETRY.maxMs / 4);
    this.#later('beat', Math.max(0, nextMs), () => void this.#beat());
  }

  #loads(): Record<string, LoginLoad> {
    return Object.fromEntries([...this.#seats].map(([login, { load }]) => [login, load]));
  }

  /** At its deadline the worker stops writing; sockets stay, and what arrives is read. */
  #watchDeadline(): void {
    this.#later('deadline', this.lease.leftMs + 1, () => {
      if (this.lease.isValid) return this.#watchDeadline();
      if (this.#state === 'member') this.#become('suspended');
      for (const seat of this.#seats.values()) seat.suspend(true);
    });
  }

  #resume(): void {
    if (this.#isCutOff) this.#parts.logger.info('the engine answers again', { worker: this.#parts.name });
    this.#isCutOff = false;
    if (this.#state === 'suspended') this.#become('member');
    for (const seat of this.#seats.values()) seat.suspend(false);
    this.#watchDeadline();
  }

  /** Somebody has buried this worker: whatever it held is another's by now. It joins again as a new one. */
  async #die(): Promise<void> {
    this.lease.end();
    for (const [login, { epoch }] of [...this.#seats]) this.#lose(login, epoch);
    this.#become('dead');
    this.#observer.interrupt();
    this.#incarnation = randomUUID();
    for (let failures = 1; this.#running && !this.#draining; failures++) {
      try {
        await this.#join();
        return this.wake();
      } catch (error) {
        this.#parts.logger.warn('joining the fleet again failed', { error: toError(error).name });
        await this.#pause(failures);
      }
    }
  }

  /** Looks at the beats of all, and buries those that have stood still. */
  #look(): void {
    const { workers } = this.#record;
    const spacingMs = (workers.length * 1_000) / FLEET_LOOKS_PER_SECOND;
    const usualMs = Math.max(spacingMs, Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, this.#parts.ttlMs / 20)));
    this.#later('look', Math.min(usualMs, Math.max(10, this.#observer.nextDeathMs)), () => void this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    const { elapsed, engine, onBuried } = this.#parts;
    const askedAt = elapsed.mark();
    try {
      const pulse = await engine.pulse();
      for (const { incarnation, beat } of this.#observer.see(pulse, askedAt)) {
        if (incarnation === this.#incarnation) continue;
        if (await engine.remove(incarnation, beat)) onBuried(incarnation);
        void this.#tick();
      }
    } catch {
      this.#observer.interrupt();
    }
    if (this.#running) this.#look();
  }

  async #tick(): Promise<void> {
    if (this.#ticking) {
      this.#tickAgain = true;
      return;
    }
    this.#ticking = true;
    try {
      this.#released.clear();
      this.#record = await this.#parts.engine.read();
      await this.#act();
    } catch (error) {
      this.#parts.logger.debug('who holds what could not be read', { error: toError(error).name });
    } finally {
      this.#ticking = false;
      const again = this.#tickAgain;
      this.#tickAgain = false;
      if (again) this.wake();
      else if (this.#running) this.#later('tick', this.#parts.beatMs, () => void this.#tick(), { keep: true });
    }
  }

  async #act(): Promise<void> {
    const me = this.#incarnation;
    const { workers, logins } = this.#record;
    const entry = workers.find(({ incarnation }) => incarnation === me);
    if (!this.#running || this.#state === 'joining' || this.#state === 'dead') return;
    if (!entry) return void this.#beat();
    const owned = new Map(logins.filter(({ owner }) => owner === me).map((row) => [row.login, row]));
    for (const { login, epoch } of [...this.#seats.values()]) {
      const row = owned.get(login);
      if (row?.epoch !== epoch) this.#lose(login, epoch);
      else if (row.move) void this.#seats.get(login)?.giveBack({ avoidMe: true });
    }
    if (entry.draining && !this.#draining) void this.drain();
    const known = new Set(this.#parts.logins());
    for (const seat of this.#seats.values()) if (!known.has(seat.login)) void seat.giveBack();
    // What was claimed by a call whose answer never came.
    const adopted = [...owned.values()].filter(({ login }) => !this.#seats.has(login) && !this.#released.has(login));
    await this.#sit(adopted.map(({ login, epoch }) => ({ login, epoch, clean: false })));
    if (!this.#draining && this.lease.isValid) await this.#balance(known);
  }

  async #balance(known: ReadonlySet<string>): Promise<void> {
    const me = this.#incarnation;
    const { clock, engine, ttlMs } = this.#parts;
    const rows = new Map(this.#record.logins.map((row) => [row.login, row]));
    const unheard = {
      owner: undefined,
      epoch: 0,
      since: 0,
      clean: true,
      aside: undefined,
      move: false,
      avoid: undefined,
    };
    const logins = [...known].map((login) => rows.get(login) ?? { login, ...unheard });
    const settled = this.#isSettled(clock.now(), ttlMs);
    const moving = [...this.#seats.values()].some(({ state }) => state !== 'serving' && state !== 'suspended');
    const plan = makePlan({
      me,
      members: this.#members(),
      logins: logins.filter(({ aside }) => aside === undefined),
      settled: settled && !moving,
    });
    if (plan.claim.length > 0) await this.#sit(await engine.claim(me, plan.claim));
    else if (plan.give !== undefined) void this.#seats.get(plan.give)?.giveBack();
  }

  /** Those that share the logins: they beat, and do not drain. */
  #members() {
    const { beatMs, maxLogins } = this.#parts;
    return this.#record.workers
      .filter(({ draining }) => !draining)
      .filter(({ incarnation }) => incarnation === this.#incarnation || this.#observer.ageMs(incarnation) < 2 * beatMs)
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
  async #sit(claims: readonly Claim[]): Promise<void> {
    await Promise.allSettled(
      claims.map(async (claim) => {
        const seat = await this.#parts.seat(this, claim);
        this.#seats.set(claim.login, seat);
        void seat.ended.then(() => {
          if (this.#seats.get(claim.login) === seat) this.#seats.delete(claim.login);
          this.#released.add(claim.login);
          this.wake();
        });
      }),
    );
  }

  #lose(login: string, epoch: number): void {
    const seat = this.#seats.get(login);
    if (seat?.epoch !== epoch) return;
    this.#seats.delete(login);
    this.committer.abandon(login, epoch);
    seat.lose();
  }

  async #drain(): Promise<void> {
    this.#become('draining');
    const { engine, logger, name } = this.#parts;
    await engine.order({ drain: this.#incarnation }).catch(() => false);
    await Promise.all([...this.#seats.values()].map((seat) => seat.giveBack()));
    this.#running = false;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#unwake?.();
    try {
      await engine.remove(this.#incarnation);
    } catch (error) {
      // The others bury it, when they have waited.
      logger.warn('the worker could not be taken out of the fleet', { worker: name, error: toError(error).name });
    }
    this.lease.end();
    this.#become('left');
    this.#left.resolve();
  }

  #become(state: WorkerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.onState(state);
  }

  #pause(failures: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.setTimer(resolve, backoffDelay(RETRY, failures));
    });
  }

  /** One timer of each kind; with `keep`, one that is due sooner stays. */
  #later(kind: string, delayMs: number, run: () => void, { keep = false }: { keep?: boolean } = {}): void {
    const dueAt = this.#parts.clock.now() + delayMs;
    const known = this.#due.get(kind);
    if (keep && known !== undefined && known <= dueAt && this.#timers.has(kind)) return;
    this.#timers.get(kind)?.cancel();
    this.#due.set(kind, dueAt);
    this.#timers.set(
      kind,
      this.#parts.clock.setTimer(() => {
        this.#timers.delete(kind);
        run();
      }, delayMs),
    );
  }
}
