import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  OutcomeUnknownError,
  ProtocolError,
  RequestTimeoutError,
} from '@lp/core';
import { sleep, timeLeft } from '@lp/core/internal';
import type { Steadiness } from '../link/steadiness.ts';

const LOST_AT_ONE_EVENT = 2;
// One break says nothing, and what was missed is wanted at once.
const BREAKS_AT_ANY_TIME = 1;
const SHRINK_BY = 8;
const REFUSED_FOR_MS: BackoffPolicy = { initialMs: 60_000, factor: 2, maxMs: 600_000, jitter: 'none' };
// A page that is too large again costs one query, or one connection, a minute.
const GROWS_AFTER_MS = 60_000;
// Breaks that lie further apart have nothing to do with each other.
const FORGOTTEN_AFTER_MS = 600_000;
const MOST_TROUBLED = 1_000;

/** What is known of a dialog whose history could not be read at once. */
interface Trouble {
  pageSize: number;
  /** The size it grows back to: below the one whose query broke a connection that had lasted. */
  bound: number;
  /** Queries that were under way when the connection broke, in a row; and those for a single event on one that had lasted. */
  breaks: number;
  lost: number;
  /** Whether the last query was such a one. */
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
  readonly steadiness: Steadiness;
}

/**
 * Keeps one dialog from taking the connection of all the others down. A query whose connection broke is repeated with a
 * smaller page, alone, so that it is known which one breaks it, and not for ever. When that has happened twice, it is repeated
 * only on a connection that has lasted without it: where connections break by themselves, no dialog is to blame. Once a query for
 * a single event is suspected, the next one waits until a connection has lasted clearly longer without it than the last one had
 * with it, and one that breaks meanwhile speaks for the dialog. A query that was only late makes the page smaller, and runs
 * beside the others. The page grows again when all has gone well for a while.
 */
export class BreakingQueries {
  readonly #parts: BreakingQueriesParts;
  readonly #troubled = new Map<string, Trouble>();
  readonly #turns = new Turns();
  /** Queries that were under way when their connection broke. */
  #broken = 0;

  constructor(parts: BreakingQueriesParts) {
    this.#parts = parts;
  }

  /** The most events that the dialog's next page may have. */
  pageSizeOf(dialogId: string): number {
    return this.#troubleOf(dialogId)?.pageSize ?? this.#parts.pageSize;
  }

  /**
   * Resolves when a query may be sent, which `leave` ends; with whether the connection has lasted.
   * @throws ProtocolError when the dialog is left alone for now.
   */
  async enter(dialogId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, steadiness } = this.#parts;
    const { since, refusedForMs = 0 } = this.#troubleOf(dialogId) ?? {};
    const refusedMs = timeLeft(since, refusedForMs, clock.now());
    if (refusedMs > 0) throw unreadable(dialogId, refusedMs);
    for (;;) {
      const { breaks = 0, lost = 0, suspected = false } = this.#troubleOf(dialogId) ?? {};
      const waitMs = suspected && breaks > BREAKS_AT_ANY_TIME ? steadiness.inMs(lost > 0) : 0;
      if (waitMs > 0) await this.#waitWithout(dialogId, waitMs, signal);
      const busy = waitMs > 0 ? undefined : this.#turns.enter(suspected);
      if (waitMs === 0 && !busy) return steadiness.inMs(lost > 0) === 0;
      await busy;
    }
  }

  leave(): void {
    this.#turns.leave();
  }

  /** The size that went well is kept for a minute, then the page grows step by step. */
  succeeded(dialogId: string): void {
    const trouble = this.#troubleOf(dialogId);
    if (!trouble) return;
    Object.assign(trouble, { breaks: 0, lost: 0, suspected: false });
    const { bound, pageSize, since } = trouble;
    const now = this.#parts.clock.now();
    if (pageSize === bound || timeLeft(since, GROWS_AFTER_MS, now) > 0) return;
    Object.assign(trouble, { pageSize: Math.min(bound, pageSize * SHRINK_BY), since: now });
  }

  /** A query has failed; `steady` when its connection had lasted before: only then may it be the dialog that broke it. */
  failed(dialogId: string, error: unknown, steady: boolean): void {
    const isLost = OutcomeUnknownError.isInstance(error);
    if (!isLost && !RequestTimeoutError.isInstance(error)) return;
    const now = this.#parts.clock.now();
    const { pageSize: most } = this.#parts;
    const { bound = most, breaks = 0, lost = 0, pageSize = most } = this.#troubleOf(dialogId) ?? {};
    const smaller = Math.max(1, Math.floor(pageSize / SHRINK_BY));
    const isSuspect = isLost && steady;
    if (isLost) this.#broken++;
    const losses = pageSize === 1 && isSuspect ? lost + 1 : lost;
    const refusals = losses - LOST_AT_ONE_EVENT + 1;
    this.#troubled.delete(dialogId);
    this.#troubled.set(dialogId, {
      pageSize: smaller,
      bound: isSuspect ? smaller : bound,
      breaks: isLost ? breaks + 1 : breaks,
      lost: losses,
      suspected: isLost,
      since: now,
      refusedForMs: refusals > 0 ? backoffDelay(REFUSED_FOR_MS, refusals) : 0,
    });
    const [oldest] = this.#troubled.keys();
    if (this.#troubled.size > MOST_TROUBLED && oldest !== undefined) this.#troubled.delete(oldest);
  }

  /** Waits while the dialog is not asked. A connection that breaks now, with nobody's query, shows that they do so by themselves. */
  async #waitWithout(dialogId: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, steadiness } = this.#parts;
    const { losses } = steadiness;
    const broken = this.#broken;
    await sleep(clock, ms, { signal, background: true });
    const trouble = this.#troubleOf(dialogId);
    if (trouble && steadiness.losses > losses && this.#broken === broken) trouble.lost = 0;
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
