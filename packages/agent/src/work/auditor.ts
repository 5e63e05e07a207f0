import { type BackoffPolicy, backoffDelay, RequestTimeoutError } from '@lp/core';
import { onAbort, sleep, toError } from '@lp/core/internal';
import { ConversationPages, type PageParts } from './conversation-pages.ts';
import type { WorkParts } from './conversation-query.ts';
import type { Departures } from './departures.ts';

// A response takes time, and notifications are late now and then.
const MARGIN_MS = 60_000;
const SHORTEST_WAIT_MS = 1_000;
// At every third audit those held here that were quiet since the one before are asked for: it costs more than what has changed.
const LOOK_EVERY = 3;
const SEARCH_RETRY: BackoffPolicy = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 'full' };

type AuditorParts = PageParts & Pick<WorkParts, 'identities' | 'platformClock' | 'requests'>;

/**
 * Finds what no notification has told of: conversations of this agent, and those that are so no longer. What it asks for
 * goes the way of any notification.
 */
export class Auditor {
  readonly #parts: AuditorParts;
  readonly #departures: Pick<Departures, 'look' | 'mark'>;
  readonly #signal: AbortSignal;

  /** Works until `signal` is aborted. */
  constructor(parts: AuditorParts, departures: Pick<Departures, 'look' | 'mark'>, signal: AbortSignal) {
    this.#parts = parts;
    this.#departures = departures;
    this.#signal = signal;
  }

  /** Asks for those beyond the first page, until that has succeeded. Never rejects. */
  async findOlder(pages: ConversationPages): Promise<void> {
    const { clock, report } = this.#parts;
    const signal = this.#signal;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await pages.older();
      } catch (error) {
        if (signal.aborted) return;
        report.logger.warn('older conversations could not be asked for', { error: toError(error).name });
      }
      await sleep(clock, backoffDelay(SEARCH_RETRY, failures), { signal }).catch(() => undefined);
    }
  }

  /**
   * Asks again and again for what has changed lately. That a conversation has ended or has left this agent is not among
   * that: now and then those that were quiet are looked after. Never rejects.
   */
  async repeat(intervalMs: number): Promise<void> {
    const { clock, report } = this.#parts;
    const signal = this.#signal;
    const usualMs = 2 * intervalMs + MARGIN_MS;
    let lookBackMs = usualMs;
    let failures = 0;
    for (let audits = 1; !signal.aborted; audits++) {
      try {
        await sleep(clock, intervalMs, { signal, background: true });
        if (audits % LOOK_EVERY === 0) {
          const from = clock.now();
          await this.#departures.look();
          // It may take long where responses or notifications are lost.
          lookBackMs += Math.max(0, clock.now() - from);
        }
        // At each: one that was told of and then went untold is to be found by the next look, not by the one after.
        this.#departures.mark();
        await this.#audit(lookBackMs, intervalMs);
        lookBackMs = usualMs;
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        // What this one would have found, the next one must.
        lookBackMs += usualMs;
        // One is made up for; while it goes on, what no notification tells of stays unseen.
        const level = ++failures === 1 ? 'debug' : 'warn';
        report.logger[level]('an audit of the conversations failed', { failures, error: toError(error).name });
      }
    }
  }

  async #audit(lookBackMs: number, intervalMs: number): Promise<void> {
    const { identities, platformClock, requests } = this.#parts;
    const signal = this.#signal;
    // This machine's clock may have been set meanwhile.
    platformClock.learn((await requests.getClock(undefined, { signal })).currentTime);
    const filter = {
      stage: ['OPEN' as const],
      agentIds: [identities.oldId],
      minLastUpdatedTime: Math.max(0, platformClock.now() - lookBackMs),
    };
    // One that is lost must not keep the next audit waiting for long.
    const patienceMs = Math.max(SHORTEST_WAIT_MS, intervalMs);
    const pages = new ConversationPages(this.#parts, filter, { keep: false, patienceMs, signal });
    const stopListening = onAbort(signal, () => void pages.close());
    const batch = await pages.newest().finally(stopListening);
    if (!batch) throw new RequestTimeoutError('the notification of a subscription did not come');
  }
}
