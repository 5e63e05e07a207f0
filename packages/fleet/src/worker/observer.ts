import type { Pulse } from '../engine/engine.ts';
import type { Elapsed, Mark } from './elapsed.ts';

interface Sighting {
  readonly beat: number;
  /** The worker's own: it may write for as long as that allows. */
  readonly ttlMs: number;
  /** When the response with this beat had come: the beat was made before. */
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
  readonly #longestPauseMs: number;
  readonly #sightings = new Map<string, Sighting>();
  #lastReadAt: Mark | undefined;

  /** `longestPauseMs`: after a longer pause between two reads it begins anew. */
  constructor(elapsed: Elapsed, longestPauseMs: number) {
    this.#elapsed = elapsed;
    this.#longestPauseMs = longestPauseMs;
  }

  /** What a read that was begun at `askedAt` has found. Gives those to be buried. */
  see(pulses: ReadonlyMap<string, Pulse>, askedAt: Mark): readonly Dead[] {
    const now = this.#elapsed.mark();
    const pauseMs =
      this.#lastReadAt === undefined ? Number.POSITIVE_INFINITY : now.monotonic - this.#lastReadAt.monotonic;
    if (pauseMs > this.#longestPauseMs) this.#sightings.clear();
    this.#lastReadAt = now;
    const dead: Dead[] = [];
    for (const incarnation of this.#sightings.keys()) if (!pulses.has(incarnation)) this.#sightings.delete(incarnation);
    for (const [incarnation, { beat, ttlMs }] of pulses) {
      const sighting = this.#sightings.get(incarnation);
      if (sighting?.beat !== beat) this.#sightings.set(incarnation, { beat, ttlMs, seenAt: now });
      else if (askedAt.monotonic - sighting.seenAt.monotonic >= ttlMs) dead.push({ incarnation, beat });
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
    for (const { seenAt, ttlMs } of this.#sightings.values())
      next = Math.min(next, ttlMs - this.#elapsed.atLeast(seenAt));
    return Math.max(0, next);
  }
}
