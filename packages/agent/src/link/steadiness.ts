import type { Clock } from '@lp/core';
import { timeLeft } from '@lp/core/internal';
import type { Transport } from '@lp/transport';

// A platform that takes connections and drops them does so sooner.
const STEADY_MS = 2_000;
// Longer than this nobody is to wait, however long the last one had lasted.
const LONGEST_MS = 30_000;

/** How long the connection has lasted, and the one before. */
export interface Steadiness {
  /** How many connections were lost so far. */
  readonly losses: number;
  /**
   * How long it is until the connection has lasted for two seconds, in milliseconds; 0 when it has. `clearly`: and for twice
   * as long as the one before, 30 s at most.
   */
  inMs(clearly?: boolean): number;
}

/** Follows the connections of a transport. */
export function steadinessOf(transport: Pick<Transport, 'onStatus'>, clock: Clock): Steadiness {
  let since: number | undefined;
  let lastedMs = 0;
  let losses = 0;
  transport.onStatus(({ type }) => {
    if (type === 'connected' || type === 'reconnected') since = clock.now();
    if (type !== 'disconnected') return;
    if (since !== undefined) lastedMs = Math.max(0, clock.now() - since);
    since = undefined;
    losses++;
  });
  return {
    get losses() {
      return losses;
    },
    inMs(clearly = false) {
      const ms = clearly ? Math.max(STEADY_MS, Math.min(LONGEST_MS, 2 * lastedMs)) : STEADY_MS;
      return since === undefined ? ms : timeLeft(since, ms, clock.now());
    },
  };
}
