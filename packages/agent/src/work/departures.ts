import { type BackoffPolicy, backoffDelay } from '@lp/core';
import { createLimiter, onAbort, sleep, toError } from '@lp/core/internal';
import type { ConversationState } from '../inbound/conversation-store.ts';
import type { Dependant } from '../inbound/lifecycle.ts';
import { isWorthAgain } from '../link/patiently.ts';
import { ConversationPages } from './conversation-pages.ts';
import type { WorkParts } from './conversation-query.ts';

// What a subscription holds is told as soon as it is restored.
const GRACE_MS = 2_000;
const FIND_RETRY: BackoffPolicy = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 'full' };
// With more than these, the platform is asked for all at once first: a notification holds about 1,000. The others are
// asked for so many at a time.
const FEW = 8;

type DepartureParts = Pick<
  WorkParts,
  'clock' | 'identities' | 'lifetime' | 'report' | 'requests' | 'router' | 'store' | 'subscriptions'
>;

/**
 * Finds the conversations that have ended, or have left this agent, and nothing told of it: the notification was lost, or
 * the connection was. A subscription tells of what matches it, and of what ceases to while it lasts: of these, a restored
 * one says nothing at all.
 */
export class Departures implements Dependant {
  readonly #parts: DepartureParts;
  readonly #mine: () => readonly string[];
  readonly #signal: AbortSignal;
  /** Conversations that nothing was told of since the connection was lost, or since the last audit. */
  readonly #untold = new Set<string>();
  #outages = 0;

  /** `mine` are the conversations that are believed to be this agent's. Works until `signal` is aborted. */
  constructor(parts: DepartureParts, mine: () => readonly string[], signal: AbortSignal) {
    this.#parts = parts;
    this.#mine = mine;
    this.#signal = signal;
  }

  connectionLost(): void {
    this.#outages++;
    this.mark();
  }

  connectionRestored(): void {
    if (this.#untold.size > 0) void this.#find(this.#outages);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** The platform has told of a conversation. */
  see({ conversationId }: ConversationState): void {
    this.#untold.delete(conversationId);
  }

  /** From now on, those that nothing is told of are to be looked after. */
  mark(): void {
    for (const conversationId of this.#mine()) this.#untold.add(conversationId);
  }

  /** Looks after those that nothing was told of since they were marked last. Never rejects. */
  async look(): Promise<void> {
    await this.#lookAfter(this.#outages);
  }

  async #find(outage: number): Promise<void> {
    const { clock } = this.#parts;
    for (let attempt = 0; this.#isOpen(outage); attempt++) {
      const delayMs = attempt === 0 ? GRACE_MS : backoffDelay(FIND_RETRY, attempt);
      try {
        await sleep(clock, delayMs, { signal: this.#signal, background: true });
      } catch {
        return;
      }
      const failures = await this.#lookAfter(outage);
      if (!failures.some(isWorthAgain)) return;
    }
  }

  /**
   * Gives what has failed: one that cannot be asked for must not hide the others. Never rejects. What is left when the
   * connection is lost again is looked for when it is back.
   */
  async #lookAfter(outage: number): Promise<unknown[]> {
    const { report } = this.#parts;
    const failures: unknown[] = [];
    const limiter = createLimiter(FEW);
    const lookAfterOne = async (conversationId: string) => {
      if (!this.#untold.has(conversationId) || !this.#isOpen(outage)) return;
      await this.#askFor(conversationId).catch((error: unknown) => failures.push(error));
    };
    try {
      if (this.#untold.size > FEW && this.#isOpen(outage)) await this.#askForAll();
      await Promise.all([...this.#untold].map((id) => limiter.run(() => lookAfterOne(id))));
    } catch (error) {
      failures.push(error);
    }
    if (failures.length > 0 && this.#isOpen(outage)) {
      report.logger.warn('what became of conversations that nothing was told of is not known', {
        conversations: this.#untold.size,
        error: toError(failures[0]).name,
      });
    }
    return failures;
  }

  #isOpen(outage: number): boolean {
    return !this.#signal.aborted && outage === this.#outages;
  }

  async #askForAll(): Promise<void> {
    const filter = { stage: ['OPEN' as const], agentIds: [this.#parts.identities.oldId] };
    const pages = new ConversationPages(this.#parts, filter, { keep: false, signal: this.#signal });
    try {
      await pages.first();
      await pages.older();
    } finally {
      await pages.close();
    }
  }

  /** Has the platform tell of one conversation. One that it does not show has left, to where this agent may not look. */
  async #askFor(conversationId: string): Promise<void> {
    const pages = new ConversationPages(this.#parts, { conversationId }, { keep: false, signal: this.#signal });
    const stopListening = onAbort(this.#signal, () => void pages.close());
    const batch = await pages.newest().finally(stopListening);
    if (batch?.conversationIds.length !== 0) return;
    this.#parts.store.apply({ type: 'DELETE', result: { convId: conversationId } });
  }
}
