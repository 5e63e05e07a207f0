import type { Elapsed, Mark } from './elapsed.ts';

interface Sighting {
  readonly beat: number;
  /** When the answer with this beat had come: the beat was made before. */
  readonly seenAt: Mark;
}

/** A worker that has not beaten for a whole TTL. */
export interface Dead {
  readonly incarnation: string;
  readonly beat: number;
}

/**
 * Watches the beats of the others, by this machine's own monotonic clock. Only successful reads without a long pause between
 * them count: while the engine was away, or this process stood still, nobody could beat, or be seen to.
 */
export class Observer {
  readonly #elapsed: Elapsed;
  readonly #ttlMs: number;
  readonly #sightings = new Map<string, Sighting>();
  #lastReadAt: Mark | undefined;

  constructor(elapsed: Elapsed, ttlMs: number) {
    this.#elapsed = elapsed;
    this.#ttlMs = ttlMs;
  }

  /** What a read that was begun at `askedAt` has found. Gives those to be buried. */
  see(pulse: ReadonlyMap<string, number>, askedAt: Mark): readonly Dead[] {
    const now = this.#elapsed.mark();
    const pauseMs =
      this.#lastReadAt === undefined ? Number.POSITIVE_INFINITY : now.monotonic - this.#lastReadAt.monotonic;
    if (pauseMs > this.#ttlMs / 3) this.#sightings.clear();
    this.#lastReadAt = now;
    const dead: Dead[] = [];
    for (const incarnation of this.#sightings.keys()) if (!pulse.has(incarnation)) this.#sightings.delete(incarnation);
    for (const [incarnation, beat] of pulse) {
      const sighting = this.#sightings.get(incarnation);
      if (sighting?.beat !== beat) this.#sightings.set(incarnation, { beat, seenAt: now });
      else if (askedAt.monotonic - sighting.seenAt.monotonic >= this.#ttlMs) dead.push({ incarnation, beat });
    }
    return dead;
  }

  /** A read has failed: what was seen before it proves nothing any more. */
  interrupt(): void {
    this.#lastReadAt = undefined;
    this.#sightings.clear();
  }

  /** How long a worker's beat has stood still, as far as is known. */
  ageMs(incarnation: string): number {
    const sighting = this.#sightings.get(incarnation);
    return sighting ? this.#elapsed.atLeast(sighting.seenAt) : 0;
  }

  /** How long until somebody's TTL is over, if nobody beats; the next read had better be then. */
  get nextDeathMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const incarnation of this.#sightings.keys()) next = Math.min(next, this.#ttlMs - this.ageMs(incarnation));
    return Math.max(0, next);
  }
}
