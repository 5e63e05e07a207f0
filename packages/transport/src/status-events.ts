import type { Effect } from './machine-types.ts';
import type { StatusEvent } from './status.ts';

/** What is told of a connection that has become usable: the first one, or one after a gap. */
export function readyEvent(
  facts: { at: number; epoch: number; host: string },
  gapMs: number | undefined,
  attempts: number,
): StatusEvent {
  return gapMs === undefined ? { type: 'connected', ...facts } : { type: 'reconnected', ...facts, gapMs, attempts };
}

/** What is told of a connection that was lost or given up. */
export function lossEvent(at: number, { failure, reason }: Extract<Effect, { type: 'lost' }>): StatusEvent {
  return {
    type: 'disconnected',
    at,
    classification: failure?.verdict ?? (reason === 'reauth' ? 'reauth' : 'retry'),
    willReconnect: reason !== undefined,
    ...(failure?.closeCode === undefined ? {} : { closeCode: failure.closeCode }),
    ...(failure ? { error: failure.error } : {}),
  };
}
