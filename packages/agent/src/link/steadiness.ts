import type { Clock } from '@lp/core';
import { timeLeft } from '@lp/core/internal';
import type { Transport } from '@lp/transport';

// A platform that takes connections and drops them does so sooner.
const STEADY_MS = 2_000;

/** Gives how long it is until the connection has lasted for two seconds, in milliseconds; 0 when it has. */
export function steadinessOf(transport: Pick<Transport, 'onStatus'>, clock: Clock): () => number {
  let since: number | undefined;
  transport.onStatus(({ type }) => {
    if (type === 'connected' || type === 'reconnected') since = clock.now();
    if (type === 'disconnected') since = undefined;
  });
  return () => (since === undefined ? STEADY_MS : timeLeft(since, STEADY_MS, clock.now()));
}
