import { systemClock } from '@lp/core';
import type { PgClient, PgPool } from './pg-types.ts';
import { WAKE_CHANNEL } from './statements.ts';

const RETRY_MS = 1_000;
const CHECK_EVERY_MS = 10_000;

/**
 * Listens for NOTIFY on a connection of its own. Whoever is woken looks for himself, and looks now and then anyway: a
 * notification that is lost, or a pooler that passes none, costs time and nothing else.
 */
export class Listener {
  readonly #pool: PgPool;
  readonly #wake: () => void;
  readonly #checkEveryMs: number;
  #stop: (() => void) | undefined;
  #closed = false;

  constructor(pool: PgPool, wake: () => void, checkEveryMs = CHECK_EVERY_MS) {
    this.#pool = pool;
    this.#wake = wake;
    this.#checkEveryMs = checkEveryMs;
  }

  /** Never rejects. */
  async start(): Promise<void> {
    if (this.#closed) return;
    try {
      const client = await this.#pool.connect();
      // Whoever serves has timers; to listen alone is no reason for a process to live, nor is a server that never hangs up.
      client.unref?.();
      let over = false;
      const stop = () => {
        if (over) return;
        over = true;
        client.release(true);
        if (!this.#closed) this.#later();
      };
      client.on('notification', () => this.#wake());
      client.on('error', stop);
      client.on('end', stop);
      this.#stop = stop;
      if (this.#closed) return stop();
      // Something may have happened while nobody listened.
      client.query(`listen ${WAKE_CHANNEL}`).then(() => over || this.#wake(), stop);
      this.#check(client, () => over, stop);
    } catch {
      this.#later();
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
  }

  /** A link whose other end is gone without a word would be silent for ever: it is asked now and then. */
  #check(client: PgClient, isOver: () => boolean, stop: () => void): void {
    const again = () => {
      if (isOver()) return;
      const late = systemClock.setTimer(stop, this.#checkEveryMs, { background: true });
      client.query('select 1').then(
        () => {
          late.cancel();
          this.#check(client, isOver, stop);
        },
        () => {
          late.cancel();
          stop();
        },
      );
    };
    systemClock.setTimer(again, this.#checkEveryMs, { background: true });
  }

  #later(): void {
    if (!this.#closed) systemClock.setTimer(() => void this.start(), RETRY_MS, { background: true });
  }
}
