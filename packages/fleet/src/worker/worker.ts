import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type BackoffPolicy, backoffDelay, type Clock, type Logger } from '@lp/core';
import { abortable, createDeferred, toError } from '@lp/core/internal';
import type { Claim, FleetEngine } from '../engine/engine.ts';
import { Committer } from './committer.ts';
import { planDrain, within } from './drain-plan.ts';
import type { Elapsed } from './elapsed.ts';
import { Lease } from './lease.ts';
import { Lookout } from './lookout.ts';
import { Roster } from './roster.ts';
import type { Seat } from './seat.ts';
import { Timers } from './timers.ts';

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
  /** Which logins this worker knows, in short: the same for all that know the same. */
  readonly list: () => string;
  readonly drainTimeoutMs: number;
  /** The logins that this worker can serve. */
  readonly logins: () => readonly string[];
  /** Begins to serve a login that was claimed. */
  readonly seat: (worker: Worker, claim: Claim) => Promise<Seat>;
  readonly onState: (state: WorkerState) => void;
  readonly onBuried: (incarnation: string) => void;
}

const RETRY: BackoffPolicy = { initialMs: 100, factor: 2, maxMs: 1_000, jitter: 'full' };
const BEAT_AGAIN_MS = 250;
// Several logins that come to be served together are told by one beat.
const BEAT_SOON_MS = 25;

/**
 * One worker's part in the fleet. Three loops, none of which waits for another: beats (the right to write), looks (burying
 * others), and ticks (who holds what). Here are the beats, and what follows from them: the worker's states.
 */
export class Worker {
  readonly lease: Lease;
  readonly committer: Committer;
  readonly #parts: WorkerParts;
  readonly #timers: Timers;
  readonly #lookout: Lookout;
  readonly #roster: Roster;
  readonly #left = createDeferred<void>();
  readonly #noTimeLeft = new AbortController();
  #incarnation = randomUUID();
  #state: WorkerState = 'joining';
  #isCutOff = false;
  #hasStarted = false;
  #draining: Promise<void> | undefined;
  #unwake: (() => void) | undefined;

  constructor(parts: WorkerParts) {
    const { clock, elapsed, engine, ttlMs, validShare } = parts;
    this.#parts = parts;
    // Each login that is given back listens to it.
    setMaxListeners(0, this.#noTimeLeft.signal);
    this.#timers = new Timers(clock);
    this.lease = new Lease(elapsed, ttlMs * validShare);
    this.committer = new Committer({
      engine,
      elapsed,
      incarnation: () => this.#incarnation,
      pause: () => this.#pause(1),
      onStale: (login, epoch) => this.#roster.lose(login, epoch),
    });
    const me = () => this.#incarnation;
    this.#lookout = new Lookout({
      ...parts,
      timers: this.#timers,
      me,
      onFreed: () => void this.#roster.tick(),
    });
    this.#roster = new Roster({
      ...parts,
      timers: this.#timers,
      me,
      right: () => this.#right,
      ageMs: (incarnation) => this.#lookout.ageMs(incarnation),
      seat: (claim) => parts.seat(this, claim),
      onLost: (login, epoch) => this.committer.abandon(login, epoch),
      onMissing: () => void this.#beat(),
      onDrainOrder: () => void this.drain(),
    });
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get seats(): ReadonlyMap<string, Seat> {
    return this.#roster.seats;
  }

  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  /** Aborted when it drains and has no time left for that. */
  get noTimeLeft(): AbortSignal {
    return this.#noTimeLeft.signal;
  }

  /** How long another worker's beat has stood still, in milliseconds of this machine. */
  beatAgeMs(incarnation: string): number {
    return this.#lookout.ageMs(incarnation);
  }

  /** Resolves when it has handed everything over. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Whether other workers could take a login of this one. */
  get hasOthers(): boolean {
    return this.#roster.hasEquals;
  }

  /** Joins, as soon as the engine can be reached; from then on logins are claimed. Never rejects. */
  async start(): Promise<void> {
    this.#hasStarted = true;
    await this.#joinAtLast();
    if (this.#draining) return;
    this.#unwake = this.#parts.engine.onWake(() => this.wake());
    this.#lookout.start();
    this.wake();
  }

  /** Looks at who holds what soon. */
  wake(): void {
    if (this.#right !== 'nothing') this.#roster.wake();
  }

  /** A login is ONLINE here: there may be more to claim, and a worker that leaves may wait to see it. */
  served(): void {
    this.wake();
    if (this.#roster.isSomebodyLeaving) this.#timers.set('beat', BEAT_SOON_MS, () => void this.#beat(), { keep: true });
  }

  /** Hands all logins over, one after the other has finished its handlers, and leaves, within the time of {@link planDrain}. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  get #right(): 'nothing' | 'hold' | 'claim' {
    if (this.#state === 'joining' || this.#state === 'dead' || this.#state === 'left') return 'nothing';
    return this.#draining || !this.lease.isValid ? 'hold' : 'claim';
  }

  async #join(): Promise<void> {
    const { beatMs, elapsed, engine, list, maxLogins, name, ttlMs } = this.#parts;
    const room = Number.isFinite(maxLogins) ? maxLogins : undefined;
    this.#become('joining');
    const sentAt = elapsed.mark();
    await engine.join({ incarnation: this.#incarnation, name, ttlMs, room, list: list() });
    // It may have been asked to leave meanwhile, and is entered all the same.
    if (this.#draining) return void (await engine.remove(this.#incarnation));
    this.#roster.joined();
    // Nobody can bury a worker within a TTL of its entry.
    this.lease.renew(sentAt);
    this.#become('member');
    this.#timers.set('beat', beatMs, () => void this.#beat());
    this.#watchDeadline();
  }

  async #beat(): Promise<void> {
    const { beatMs, elapsed, logger, name } = this.#parts;
    const sentAt = elapsed.mark();
    const incarnation = this.#incarnation;
    try {
      const isEntered = await this.#tellBeat(incarnation);
      if (incarnation !== this.#incarnation || this.#state === 'left') return;
      if (!isEntered) return await this.#die();
      if (this.lease.renew(sentAt)) this.#resume();
    } catch (error) {
      // Told once: what follows is told by the worker's states.
      if (!this.#isCutOff) logger.warn('the engine does not respond', { worker: name, error: toError(error).name });
      this.#isCutOff = true;
    }
    if (incarnation !== this.#incarnation) return;
    const sinceMs = elapsed.atLeast(sentAt);
    const nextMs = this.lease.isValid ? beatMs - sinceMs : Math.min(beatMs, BEAT_AGAIN_MS);
    this.#timers.set('beat', Math.max(0, nextMs), () => void this.#beat(), { keep: true });
  }

  /** False when this worker was buried. A lease that cannot keep anything is of no use, so it is not prolonged: others may be able to. */
  async #tellBeat(incarnation: string): Promise<boolean> {
    const { engine, list, ttlMs } = this.#parts;
    if (this.committer.oldestMs <= ttlMs) return await engine.beat(incarnation, this.#roster.loads, list());
    if (!(await engine.pulse()).has(incarnation)) return false;
    throw new Error('commits do not succeed');
  }

  /** At its deadline the worker stops writing; sockets stay, and what arrives is read. */
  #watchDeadline(): void {
    this.#timers.set('deadline', this.lease.leftMs + 1, () => {
      if (this.lease.isValid) return this.#watchDeadline();
      if (this.#state === 'member') this.#become('suspended');
      for (const seat of this.seats.values()) seat.suspend(true);
    });
  }

  #resume(): void {
    if (this.#isCutOff) this.#parts.logger.info('the engine responds again', { worker: this.#parts.name });
    this.#isCutOff = false;
    if (this.#state === 'suspended') this.#become('member');
    for (const seat of this.seats.values()) seat.suspend(false);
    this.#watchDeadline();
  }

  /** Somebody has buried this worker: whatever it held is another's by now. It joins again as a new one. */
  async #die(): Promise<void> {
    this.lease.end();
    this.#roster.loseAll();
    this.#become('dead');
    this.#lookout.interrupt();
    this.#incarnation = randomUUID();
    await this.#joinAtLast();
    this.wake();
  }

  async #joinAtLast(): Promise<void> {
    for (let failures = 1; !this.#draining; failures++) {
      try {
        return await this.#join();
      } catch (error) {
        const { logger, name } = this.#parts;
        if (failures === 1) logger.warn('the fleet cannot be joined yet', { worker: name, error: toError(error).name });
        await this.#pause(failures);
      }
    }
  }

  async #drain(): Promise<void> {
    if (this.#hasStarted) await this.#leave();
    this.lease.end();
    this.#become('left');
    this.#left.resolve();
  }

  async #leave(): Promise<void> {
    const { clock, drainTimeoutMs, engine, logger, name } = this.#parts;
    const { giveBackMs, lastCallMs, patientMs } = planDrain(drainTimeoutMs);
    const patientUntil = clock.now() + patientMs;
    this.#become('draining');
    const late = clock.setTimer(() => this.#giveUp(), giveBackMs);
    await within(clock, patientMs, engine.order({ drain: this.#incarnation }));
    await abortable(this.#roster.giveAllBack(patientUntil), this.noTimeLeft).catch(() => undefined);
    late.cancel();
    this.#timers.close();
    this.#unwake?.();
    // Else the others bury it, when they have waited.
    const isRemoved = await within(clock, lastCallMs, engine.remove(this.#incarnation));
    if (isRemoved === undefined) logger.warn('the worker could not be taken out of the fleet', { worker: name });
  }

  /** Whatever is not handed over by now ends with this process, and others have it when this worker is removed or buried. */
  #giveUp(): void {
    const { logger, name } = this.#parts;
    logger.warn('there is no time left to hand logins over', { worker: name, logins: this.seats.size });
    this.#roster.loseAll();
    this.#noTimeLeft.abort(new Error('there is no time left to drain'));
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
}
