import { createManualClock, type ManualClock } from '@lp/core';

// Frames between two sockets of one process need a turn of the event loop each way.
const TURNS_PER_STEP = 4;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A manual clock that goes on in small steps, with time for real sockets between them. */
export class VirtualTime {
  readonly clock: ManualClock = createManualClock();
  readonly #stepMs: number;

  constructor(stepMs = 50) {
    this.#stepMs = stepMs;
  }

  get now(): number {
    return this.clock.now();
  }

  /** Lets what is under way go on, without moving time. */
  async settle(turns = TURNS_PER_STEP): Promise<void> {
    for (let n = 0; n < turns; n++) await turn();
  }

  /** Moves time on. */
  async run(ms: number): Promise<void> {
    for (let rest = ms; rest > 0; rest -= this.#stepMs) {
      await this.clock.advance(Math.min(rest, this.#stepMs));
      await this.settle();
    }
  }

  /** Moves time on until `holds`; gives how long that took. @throws Error when it never does. */
  async until(holds: () => boolean, what: string, limitMs = 900_000): Promise<number> {
    const startedAt = this.now;
    await this.settle();
    while (!holds()) {
      if (this.now - startedAt >= limitMs) throw new Error(`${what}: not within ${limitMs / 1000} s of virtual time`);
      await this.run(this.#stepMs);
    }
    return this.now - startedAt;
  }

  /** Moves time on until a promise has settled, and gives what it gives. */
  async while<T>(promise: Promise<T>, what: string, limitMs?: number): Promise<T> {
    let settled = false;
    const watched = Promise.allSettled([promise]).then(() => {
      settled = true;
    });
    await this.until(() => settled, what, limitMs);
    await watched;
    return await promise;
  }
}
