import { type Clock, LpError } from '@lp/core';
import { channels } from './diagnostics.ts';
import type { Pending } from './pending.ts';

/** Publishes what becomes of requests, to whoever subscribes to the diagnostics channels. */
export class RequestDiagnostics {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  started(pending: Pending): void {
    if (!channels.requestStart.hasSubscribers && !channels.requestEnd.hasSubscribers) return;
    pending.startedAt = this.#clock.now();
    channels.requestStart.publish({ id: pending.id, type: pending.type });
  }

  ended(pending: Pending, status: number): void {
    if (!channels.requestEnd.hasSubscribers) return;
    channels.requestEnd.publish({ id: pending.id, type: pending.type, status, durationMs: this.#durationOf(pending) });
  }

  failed(pending: Pending, reason: unknown): void {
    if (!channels.requestError.hasSubscribers) return;
    const code = LpError.isInstance(reason) ? reason.code : 'ABORTED';
    const durationMs = this.#durationOf(pending);
    channels.requestError.publish({ id: pending.id, type: pending.type, code, durationMs });
  }

  #durationOf(pending: Pending): number | undefined {
    return pending.startedAt === 0 ? undefined : this.#clock.now() - pending.startedAt;
  }
}
