import { type BackoffPolicy, LpError, RequestRejectedError } from '@lp/core';
import type { Conversation } from '../conversation/conversation.ts';
import { isTooBusy, pauseAfter } from '../link/busy.ts';

// A handler that failed is run again, for a conversation must not go deaf; slower and slower, for it may never succeed.
const HANDLER_RETRY: BackoffPolicy = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 'full' };
// What was sent is found by its id when the handler runs again, so it is worth it. A response that cannot be read says
// nothing of what became of its request either.
const UNKNOWN_OUTCOMES: ReadonlySet<string> = new Set(['OUTCOME_UNKNOWN', 'REQUEST_TIMEOUT', 'PROTOCOL_VIOLATION']);
// A platform that responds with 429 or 5xx to one message for so long may do so for ever, and those behind it wait.
const LONGEST_TROUBLE_MS = 2 * 60 * 60_000;

/** How often a handler has failed at one place: one that got further has begun anew. */
export class Attempts {
  /** All failures. */
  count = 0;
  /** Those that the message may be to blame for. */
  spent = 0;
  #place: string | undefined;
  #refusedForMs = 0;

  /** Counts a failure. */
  add(error: unknown, { current, handledThrough }: Conversation): void {
    const place = current ? `${current.dialogId}:${current.sequence}` : `behind ${handledThrough}`;
    if (place !== this.#place) {
      this.count = this.spent = this.#refusedForMs = 0;
      this.#place = place;
    }
    this.count++;
    if (!isPassing(error) || this.#refusedForMs >= LONGEST_TROUBLE_MS) this.spent++;
  }

  /** How long to wait before the handler is run again, in milliseconds. */
  pauseAfter(error: unknown): number {
    const pauseMs = pauseAfter(error, this.count, HANDLER_RETRY);
    if (isTooBusy(error)) this.#refusedForMs += pauseMs;
    return pauseMs;
  }
}

/** Whether running the handler again may help. */
export function isRetryable(error: unknown): boolean {
  if (!LpError.isInstance(error) || error.retryable || UNKNOWN_OUTCOMES.has(error.code)) return true;
  // A response whose code cannot be read refuses nothing that is known.
  return RequestRejectedError.isInstance(error) && error.status === 0;
}

/** Whether it is the platform's or the connection's trouble, and not that of the message; what may have been done would be done again each time. */
function isPassing(error: unknown): boolean {
  return LpError.isInstance(error) && error.retryable && !UNKNOWN_OUTCOMES.has(error.code);
}
