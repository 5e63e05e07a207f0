import { ConfigError } from '@lp/core';
import type { StreamStart } from './dialog-types.ts';
import { BEFORE_THE_FIRST } from './history.ts';

/**
 * Where a stream of a dialog begins: `beginning`, `live` (from now on), after a sequence number, or `unhandled`: after
 * what is handled by the store's record; where the store knows nothing, without what this agent has marked READ.
 */
export type Start = 'unhandled' | 'beginning' | 'live' | number;

/** A start that needs no look-up. @throws ConfigError for what is none. */
export function fixedStart(start: Exclude<Start, 'unhandled'>): StreamStart {
  if (start === 'live') return { kind: 'live' };
  if (start !== 'beginning' && !(Number.isSafeInteger(start) && start >= BEFORE_THE_FIRST)) {
    throw new ConfigError(
      "start must be 'unhandled', 'beginning', 'live' or a sequence number, a whole one from -1 on",
    );
  }
  return { kind: 'after', sequence: start === 'beginning' ? BEFORE_THE_FIRST : start };
}
