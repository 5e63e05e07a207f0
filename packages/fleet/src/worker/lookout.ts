import type { FleetEngine } from '../engine/engine.ts';
import type { Elapsed } from './elapsed.ts';
import { Observer } from './observer.ts';
import type { Timers } from './timers.ts';

export interface LookoutParts {
  readonly engine: FleetEngine;
  readonly elapsed: Elapsed;
  readonly ttlMs: number;
  readonly timers: Timers;
  /** The incarnation that looks: it never buries itself. */
  readonly me: () => string;
  /** Somebody's logins are free now: buried by this worker, or by another at the same moment. */
  readonly onFreed: () => void;
  readonly onBuried: (incarnation: string) => void;
}

// All workers together look at the beats this often at most, in times a second. How soon a dead one is noticed depends on it.
const FLEET_LOOKS_PER_SECOND = 200;
const SHORTEST_LOOK_MS = 40;
const LONGEST_LOOK_MS = 200;

/** Looks at the beats of all workers, again and again, and buries those that have stood still for a TTL. */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #observer: Observer;
  #workers = 1;

  constructor(parts: LookoutParts) {
    this.#parts = parts;
    this.#observer = new Observer(parts.elapsed, parts.ttlMs / 3);
  }

  /** Looks from now on, until the timers are cancelled. */
  start(): void {
    const { timers } = this.#parts;
    timers.set('look', Math.min(this.#spacingMs, Math.max(10, this.#observer.nextDeathMs)), () => void this.#look());
  }

  /** How long another worker's beat has stood still, in milliseconds of this machine. */
  ageMs(incarnation: string): number {
    return this.#observer.ageMs(incarnation);
  }

  /** What was seen before proves nothing any more. */
  interrupt(): void {
    this.#observer.interrupt();
  }

  /** Whoever is alone has nobody to look after. A pause of a third of a TTL would make the observer begin anew. */
  get #spacingMs(): number {
    if (this.#workers < 2) return Math.min(LONGEST_LOOK_MS, this.#parts.ttlMs / 6);
    const shared = (this.#workers * 1_000) / FLEET_LOOKS_PER_SECOND;
    return Math.min(Math.max(SHORTEST_LOOK_MS, shared), this.#parts.ttlMs / 6);
  }

  async #look(): Promise<void> {
    const { elapsed, engine, me, onBuried, onFreed } = this.#parts;
    const askedAt = elapsed.mark();
    try {
      const pulses = await engine.pulse();
      this.#workers = pulses.size;
      for (const { incarnation, beat } of this.#observer.see(pulses, askedAt)) {
        if (incarnation === me()) continue;
        if (await engine.remove(incarnation, beat)) onBuried(incarnation);
        onFreed();
      }
    } catch {
      this.#observer.interrupt();
    }
    this.start();
  }
}
