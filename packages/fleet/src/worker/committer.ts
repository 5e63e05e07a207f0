import { FencedError, LpError } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';
import type { Change, FleetEngine } from '../engine/engine.ts';
import type { Elapsed, Mark } from './elapsed.ts';

interface Waiting {
  readonly change: Change;
  readonly since: Mark;
  readonly done: Deferred<void>;
}

export interface CommitterParts {
  readonly engine: FleetEngine;
  readonly elapsed: Elapsed;
  readonly incarnation: () => string;
  /** Waits before a commit that failed is tried again. */
  readonly pause: () => Promise<void>;
  /** Told that the engine has refused a change of this login. */
  readonly onStale: (login: string, epoch: number) => void;
}

// A statement of this size takes the server some milliseconds; more would make those at its end wait for nothing.
const MOST_AT_ONCE = 500;

/**
 * Writes the records of all logins of a worker, many in one statement: what comes while one is under way goes with the
 * next. A commit that fails is tried again until it succeeds, is refused, or the login is given up: nobody else can write
 * meanwhile, and its dialog waits.
 */
export class Committer {
  readonly #parts: CommitterParts;
  #waiting: Waiting[] = [];
  #inFlight: readonly Waiting[] = [];
  #isRunning = false;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** Resolves when the change is kept. @throws FencedError when the login is another's. */
  commit(change: Change): Promise<void> {
    const waiting = { change, since: this.#parts.elapsed.mark(), done: createDeferred<void>() };
    this.#waiting.push(waiting);
    if (!this.#isRunning) void this.#run();
    return waiting.done.promise;
  }

  /** How long the oldest change waits, in milliseconds; 0 when none does. */
  get oldestMs(): number {
    const oldest = this.#inFlight[0] ?? this.#waiting[0];
    return oldest ? this.#parts.elapsed.atLeast(oldest.since) : 0;
  }

  /** Gives up what waits for a login under an epoch. */
  abandon(login: string, epoch: number): void {
    const isAbandoned = ({ change }: Waiting) => change.login === login && change.epoch === epoch;
    const abandoned = [...this.#inFlight, ...this.#waiting].filter(isAbandoned);
    this.#waiting = this.#waiting.filter((waiting) => !isAbandoned(waiting));
    this.#inFlight = this.#inFlight.filter((waiting) => !isAbandoned(waiting));
    for (const { done } of abandoned) done.reject(fenced(login));
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Changes of the same turn go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#inFlight = this.#next();
      await this.#write();
    }
    this.#isRunning = false;
  }

  /** The oldest, but each dialog once: the statement would find its row twice. */
  #next(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const dialogs = new Set<string>();
    for (const waiting of this.#waiting) {
      const { login, dialogId } = waiting.change;
      const key = `${login}\u0000${dialogId}`;
      if (batch.length < MOST_AT_ONCE && !dialogs.has(key)) batch.push(waiting);
      else rest.push(waiting);
      dialogs.add(key);
    }
    this.#waiting = rest;
    return batch;
  }

  async #write(): Promise<void> {
    while (this.#inFlight.length > 0) {
      const batch = this.#inFlight;
      const refusal = await this.#tryToWrite(batch);
      if (refusal === undefined) this.#inFlight = [];
      else if (isRetryable(refusal)) await this.#parts.pause();
      else await this.#writeEach(batch);
    }
  }

  /** A record that the engine cannot take must not hold up those of the others. */
  async #writeEach(batch: readonly Waiting[]): Promise<void> {
    for (const [i, waiting] of batch.entries()) {
      const refusal = await this.#tryToWrite([waiting]);
      if (refusal !== undefined && isRetryable(refusal)) {
        this.#inFlight = batch.slice(i);
        return this.#parts.pause();
      }
      if (refusal !== undefined) waiting.done.reject(refusal);
    }
    this.#inFlight = [];
  }

  async #tryToWrite(batch: readonly Waiting[]): Promise<unknown> {
    const { engine, incarnation, onStale } = this.#parts;
    const changes = batch.map(({ change }) => change);
    try {
      const outcomes = await engine.commit(incarnation(), changes);
      for (const [i, { change, done }] of batch.entries()) {
        if (outcomes[i] === 'kept') done.resolve();
        else {
          done.reject(fenced(change.login));
          onStale(change.login, change.epoch);
        }
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Only an engine that says so will never take a record. */
const isRetryable = (error: unknown): boolean => !(LpError.isInstance(error) && !error.retryable);

const fenced = (login: string): FencedError =>
  new FencedError(`another worker has taken over the login ${login}: nothing more is kept for it here`, {
    context: { login },
  });
