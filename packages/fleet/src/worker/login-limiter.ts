import { AuthError, type Clock, type LpError, systemClock } from '@lp/core';
import { retryAfterOf, sleep } from '@lp/core/internal';
import type { WriteGate } from '@lp/transport';
import type { FleetEngine, LimitRequest } from '../engine/engine.ts';

const KEY = 'login';
// What the platform asks for where it names no time: of logins, and of everything else.
const LOGIN_HOLD_MS = 5_000;
const OTHER_HOLD_MS = 1_000;
const RETRY_MS = 250;
const RIGHT_AGAIN_MS = 50;

/**
 * Spaces the logins of the whole fleet: each takes a turn at the engine, and when the platform tells one worker to wait, all
 * do. Without an engine nobody logs in, since nobody would know whose the login is, and neither does anybody without the right
 * to write: a process that wakes may have lost the login without knowing it yet.
 */
export class LoginLimiter {
  readonly #engine: FleetEngine;
  readonly #everyMs: number;
  readonly #clock: Clock;

  constructor(engine: FleetEngine, options: { loginsPerSecond: number; clock?: Clock }) {
    this.#engine = engine;
    this.#everyMs = 1_000 / options.loginsPerSecond;
    this.#clock = options.clock ?? systemClock;
  }

  /** Waits for a turn. Rejects with `signal.reason` when aborted. */
  async pass(signal: AbortSignal, right: Pick<WriteGate, 'mayWrite'>): Promise<void> {
    let hasTurn = false;
    for (;;) {
      signal.throwIfAborted();
      if (!right.mayWrite()) {
        // Its turn stays its own: whoever took another each time would push everybody's turns away.
        await sleep(this.#clock, RIGHT_AGAIN_MS, { signal });
        continue;
      }
      const request: LimitRequest = hasTurn ? { ask: 'held' } : { turnEveryMs: this.#everyMs };
      const waitMs = await this.#ask(() => this.#engine.limit(KEY, request));
      if (waitMs === undefined) {
        await sleep(this.#clock, RETRY_MS, { signal });
      } else if (waitMs < 1) {
        hasTurn = true;
        if (right.mayWrite()) return;
      } else {
        // The platform may have told another to wait while this one waited for its turn: then that one is worth nothing.
        if (!hasTurn) await sleep(this.#clock, waitMs, { signal });
        hasTurn = !hasTurn;
      }
    }
  }

  /** A login was refused because of too many. Never rejects. */
  async refused(error: LpError): Promise<void> {
    const holdMs = retryAfterOf(error) || (AuthError.isInstance(error) ? LOGIN_HOLD_MS : OTHER_HOLD_MS);
    await this.#ask(() => this.#engine.limit(KEY, { holdMs }));
  }

  async #ask(call: () => Promise<number>): Promise<number | undefined> {
    try {
      return await call();
    } catch {
      return undefined;
    }
  }
}
