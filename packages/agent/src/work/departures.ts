import { sleep, toError } from '@lp/core/internal';
import type { ConversationState } from '../inbound/conversation-store.ts';
import type { Dependant } from '../inbound/lifecycle.ts';
import { patiently } from '../link/patiently.ts';
import { ConversationPages } from './conversation-pages.ts';
import type { WorkParts } from './conversation-query.ts';

// What a subscription holds is told as soon as it is restored.
const GRACE_MS = 2_000;
const FIRST_BATCH_MS = 10_000;
// With more than these, the platform is asked for all at once first: a notification holds about 1,000.
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
    try {
      await sleep(clock, GRACE_MS, { signal: this.#signal, background: true });
    } catch {
      return;
    }
    await this.#lookAfter(outage);
  }

  /** Never rejects. What is left when the connection is lost again is looked for when it is back. */
  async #lookAfter(outage: number): Promise<void> {
    const { report } = this.#parts;
    try {
      if (this.#untold.size > FEW && this.#isOpen(outage)) await this.#askForAll();
      for (const conversationId of [...this.#untold]) {
        if (!this.#isOpen(outage)) return;
        if (this.#untold.has(conversationId)) await this.#askFor(conversationId);
      }
    } catch (error) {
      if (this.#isOpen(outage)) {
        report.logger.warn('what became of conversations that nothing was told of is not known', {
          conversations: this.#untold.size,
          error: toError(error).name,
        });
      }
    }
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
    const { clock, requests, router, store, subscriptions } = this.#parts;
    const batches = router.collectConversationBatches();
    try {
      const subscribe = () => requests.subscribeExConversations({ conversationId }, { signal: this.#signal });
      const subscription = await patiently(this.#parts, 'subscribeExConversations', subscribe, this.#signal);
      const id = subscriptions.serverIdOf(subscription.subscriptionId);
      const batch = await batches.of(id, clock, FIRST_BATCH_MS);
      if (batch?.conversationIds.length === 0) store.apply({ type: 'DELETE', result: { convId: conversationId } });
      await requests.unsubscribeExConversations(subscription);
    } finally {
      batches.stop();
    }
  }
}
