import type { WriteGate } from '@lp/transport';
import type { Elapsed, Mark } from './elapsed.ts';

/**
 * The worker's right to write. It lasts for a while after the last good beat was *sent*, and others bury the worker a while
 * after they have *seen* it, so the right is over before anybody takes over, whatever the network does to the beat.
 */
export class Lease {
  readonly #elapsed: Elapsed;
  readonly #validMs: number;
  readonly #listeners = new Set<() => void>();
  #renewedAt: Mark | undefined;

  constructor(elapsed: Elapsed, validMs: number) {
    this.#elapsed = elapsed;
    this.#validMs = validMs;
  }

  /** Asked at each write, so it reads clocks and does nothing else. */
  get isValid(): boolean {
    return this.#renewedAt !== undefined && this.#elapsed.atMost(this.#renewedAt) < this.#validMs;
  }

  /** How long it is still valid, in milliseconds. */
  get leftMs(): number {
    return this.#renewedAt === undefined ? 0 : Math.max(0, this.#validMs - this.#elapsed.atMost(this.#renewedAt));
  }

  /** A beat sent at `sentAt` was good. False when it came back so late that it is worth nothing. */
  renew(sentAt: Mark): boolean {
    if (this.#elapsed.atMostWithUptime(sentAt) >= this.#validMs) return false;
    this.#renewedAt = sentAt;
    for (const listener of [...this.#listeners]) listener();
    return true;
  }

  /** The right is lost for good, or until a beat of another life is good. */
  end(): void {
    this.#renewedAt = undefined;
  }

  onRenewed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The gate of one login: shut while the lease is out of date, and for ever once the login is another's. */
export class LoginGate implements WriteGate {
  readonly #lease: Lease;
  #ended = false;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  mayWrite(): boolean {
    return !this.#ended && this.#lease.isValid;
  }

  onOpen(listener: () => void): () => void {
    return this.#lease.onRenewed(() => {
      if (!this.#ended) listener();
    });
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
  }
}
