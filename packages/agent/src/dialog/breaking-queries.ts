import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  OutcomeUnknownError,
  ProtocolError,
  RequestTimeoutError,
} from '@lp/core';
import { sleep, timeLeft } from '@lp/core/internal';

const LOST_AT_ONE_EVENT = 2;
// One break says nothing, and what was missed is wanted at once.
const BREAKS_AT_ANY_TIME = 1;
const SHRINK_BY = 8;
const REFUSED_FOR_MS: BackoffPolicy = { initialMs: 60_000, factor: 2, maxMs: 600_000, jitter: 'none' };
// Breaks that lie further apart have nothing to do with each other.
const FORGOTTEN_AFTER_MS = 600_000;
const MOST_TROUBLED = 1_000;

/** What is known of a dialog whose history could not be read at once. */
interface Trouble {
  pageSize: number;
  /** Queries that were under way when the connection broke, in a row; and those of them for a single event. */
  breaks: number;
  lost: number;
  /** Whether the last query was such a one, or was late. */
  suspected: boolean;
  /** When it was, and for how long the dialog is not asked for at all. */
  since: number;
  refusedForMs: number;
}

/** What {@link BreakingQueries} needs. */
export interface BreakingQueriesParts {
  /** The most events of one page; what the platform gives in one response must stay below the socket's limit. */
  readonly pageSize: number;
  readonly clock: Clock;
  /** How long it is until the connection has lasted for some time, in milliseconds; 0 when it has. */
  readonly steadyInMs: () => number;
}

/**
 * Keeps one dialog from taking the connection of all the others down. A query whose connection broke is repeated with a
 * smaller page, alone, so that it is known which one breaks it, and not for ever. When that has happened twice, it is repeated
 * only on a connection that has lasted without it: where connections break by themselves, no dialog is to blame.
 */
export class BreakingQueries {
  readonly #parts: BreakingQueriesParts;
  readonly #troubled = new Map<string, Trouble>();
  readonly #turns = new Turns();

  constructor(parts: BreakingQueriesParts) {
    this.#parts = parts;
  }

  /** The most events that the dialog's next page may have. */
  pageSizeOf(dialogId: string): number {
    return this.#troubleOf(dialogId)?.pageSize ?? this.#parts.pageSize;
  }

  /** Resolves when a query may be sent, which `leave` ends. @throws ProtocolError when the dialog is left alone for now. */
  async enter(dialogId: string, signal: AbortSignal | undefined): Promise<void> {
    const { clock, steadyInMs } = this.#parts;
    const { since, refusedForMs = 0 } = this.#troubleOf(dialogId) ?? {};
    const refusedMs = timeLeft(since, refusedForMs, clock.now());
    if (refusedMs > 0) throw unreadable(dialogId, refusedMs);
    for (;;) {
      const { breaks = 0, suspected = false } = this.#troubleOf(dialogId) ?? {};
      const waitMs = suspected && breaks > BREAKS_AT_ANY_TIME ? steadyInMs() : 0;
      if (waitMs > 0) await sleep(clock, waitMs, { signal, background: true });
      const busy = waitMs > 0 ? undefined : this.#turns.enter(suspected);
      if (waitMs === 0 && !busy) return;
      await busy;
    }
  }

  leave(): void {
    this.#turns.leave();
  }

  /** The size that went well is kept for a while: the next page is as large as the one that did not. */
  succeeded(dialogId: string): void {
    const trouble = this.#troubled.get(dialogId);
    if (trouble) Object.assign(trouble, { breaks: 0, lost: 0, suspected: false });
  }

  failed(dialogId: string, error: unknown): void {
    const isLost = OutcomeUnknownError.isInstance(error);
    if (!isLost && !RequestTimeoutError.isInstance(error)) return;
    const now = this.#parts.clock.now();
    const { breaks = 0, lost = 0, pageSize = this.#parts.pageSize } = this.#troubleOf(dialogId) ?? {};
    const losses = pageSize === 1 && isLost ? lost + 1 : lost;
    const refusals = losses - LOST_AT_ONE_EVENT + 1;
    this.#troubled.delete(dialogId);
    this.#troubled.set(dialogId, {
      pageSize: Math.max(1, Math.floor(pageSize / SHRINK_BY)),
      breaks: isLost ? breaks + 1 : breaks,
      lost: losses,
      suspected: true,
      since: now,
      refusedForMs: refusals > 0 ? backoffDelay(REFUSED_FOR_MS, refusals) : 0,
    });
    const [oldest] = this.#troubled.keys();
    if (this.#troubled.size > MOST_TROUBLED && oldest !== undefined) this.#troubled.delete(oldest);
  }

  #troubleOf(dialogId: string): Trouble | undefined {
    const trouble = this.#troubled.get(dialogId);
    if (!trouble) return undefined;
    const { refusedForMs, since } = trouble;
    if (timeLeft(since, refusedForMs + FORGOTTEN_AFTER_MS, this.#parts.clock.now()) > 0) return trouble;
    this.#troubled.delete(dialogId);
    return undefined;
  }
}

function unreadable(dialogId: string, retryAfterMs: number): ProtocolError {
  return new ProtocolError(
    `the history of dialog ${dialogId} cannot be read: asking for a single event broke the connection again and again; raise maxPayloadBytes if its messages are that long, else see what ends the connections`,
    { context: { dialogId, retryAfterMs } },
  );
}

/** Lets many go at once, or one alone. */
class Turns {
  #active = 0;
  #isAlone = false;
  #waiting: (() => void)[] = [];

  /** Undefined when it is this one's turn, which `leave` ends; else what to wait for before it is tried again. */
  enter(alone: boolean): Promise<void> | undefined {
    if (this.#isAlone || (alone && this.#active > 0)) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#active++;
    this.#isAlone = alone;
    return undefined;
  }

  leave(): void {
    this.#active--;
    this.#isAlone = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
