import { type ManualClock, NotConnectedError } from '@lp/core';
import type { Deferred } from '@lp/core/internal';
import { type Claim, type FleetEngine, memoryEngine, type SharedMemory } from '../../src/index.ts';
import { createElapsed } from '../../src/worker/elapsed.ts';
import { LoginGate } from '../../src/worker/lease.ts';
import type { Seat } from '../../src/worker/seat.ts';
import { Worker } from '../../src/worker/worker.ts';
import { createLog } from '../support.ts';

export const TTL_MS = 3_000;

/** A seat that serves at once and ends when it is given back or lost. */
export class FakeSeat {
  readonly login: string;
  readonly epoch: number;
  readonly gate: LoginGate;
  readonly told: string[] = [];
  isFailing = false;
  connectingMs = 0;
  readonly load = { open: 1, unhandled: 0, oldestUnhandledMs: 0 };
  readonly ended: Promise<void>;
  readonly #engine: FleetEngine;
  readonly #owner: string;
  #end: () => void = () => undefined;
  state = 'serving';
  isOnline = true;
  /** What its handlers wait for. */
  slow: Deferred<void> | undefined;

  constructor({ epoch, login }: Claim, worker: Worker, engine: FleetEngine) {
    this.login = login;
    this.epoch = epoch;
    this.gate = new LoginGate(worker.lease);
    this.#engine = engine;
    this.#owner = worker.incarnation;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  async giveBack(options: { avoidMe?: boolean } = {}): Promise<void> {
    this.told.push(options.avoidMe ? 'move' : 'give back');
    await this.slow?.promise;
    await this.#engine.release(this.#owner, { login: this.login, epoch: this.epoch, avoidMe: options.avoidMe });
    this.#end();
  }

  lose(): void {
    this.told.push('lost');
    this.state = 'lost';
    this.gate.end();
    this.#end();
  }

  suspend(suspended: boolean): void {
    this.state = suspended ? 'suspended' : 'serving';
  }
}

/** A worker with seats that a test looks at. */
export function createWorker(
  name: string,
  shared: SharedMemory,
  clock: ManualClock,
  logins: string[],
  ttlMs = TTL_MS,
  maxLogins = Number.POSITIVE_INFINITY,
) {
  const now = () => clock.now();
  const elapsed = createElapsed({ monotonic: now, wall: now, uptime: now });
  const engine = memoryEngine(shared);
  const seats: FakeSeat[] = [];
  const states: string[] = [];
  const buried: string[] = [];
  const beforeSeat: { wait: Deferred<void> | undefined } = { wait: undefined };
  /** Whether its logins are ONLINE as soon as they are claimed. */
  const logsIn = { atOnce: true };
  const { lines, logger } = createLog();
  const worker = new Worker({
    name,
    engine,
    clock,
    elapsed,
    logger,
    ttlMs,
    beatMs: ttlMs / 4,
    validShare: 0.9,
    maxLogins,
    drainTimeoutMs: 15_000,
    list: () => logins.join(),
    logins: () => logins,
    seat: async (owner, claim) => {
      await beforeSeat.wait?.promise;
      const seat = new FakeSeat(claim, owner, engine);
      seats.push(seat);
      seat.isOnline = logsIn.atOnce;
      if (seat.isOnline) queueMicrotask(() => owner.served());
      return seat as unknown as Seat;
    },
    onState: (state) => states.push(state),
    onBuried: (incarnation) => buried.push(incarnation),
  });
  const held = () => [...worker.seats.keys()].toSorted();
  return { beforeSeat, buried, engine, held, lines, logsIn, seats, states, worker };
}

export type Made = ReturnType<typeof createWorker>;

export const names = (count: number) => Array.from({ length: count }, (_, i) => `login ${i}`);

/** Makes every call of an engine fail until it is told to stop. */
export function cutOff(engine: FleetEngine): () => void {
  const methods = ['beat', 'pulse', 'read', 'claim', 'remove', 'release', 'join', 'commit', 'order'] as const;
  const saved = methods.map((name) => [name, engine[name]] as const);
  for (const name of methods) Object.assign(engine, { [name]: () => Promise.reject(new NotConnectedError('away')) });
  return () => {
    for (const [name, method] of saved) Object.assign(engine, { [name]: method.bind(engine) });
  };
}
