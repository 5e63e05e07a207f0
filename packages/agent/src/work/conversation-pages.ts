import type { Clock } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { ConversationBatch, ConversationBatches } from '../inbound/conversation-batches.ts';
import type { ConversationFilter as Filter } from '../inbound/conversation-filter.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Router } from '../inbound/router.ts';
import type { DesiredState } from '../link/desired-state.ts';
import { patiently } from '../link/patiently.ts';

/** What paging through conversations needs. */
export interface PageParts {
  readonly router: Pick<Router, 'collectConversationBatches'>;
  readonly subscriptions: DesiredState;
  readonly requests: {
    subscribeExConversations(
      body: Filter,
      options?: { signal?: AbortSignal | undefined },
    ): Promise<{ subscriptionId: string }>;
    unsubscribeExConversations(body: { subscriptionId: string }, options?: { timeoutMs?: number }): Promise<unknown>;
  };
  readonly report: Reporter;
  readonly lifetime: Pick<Lifetime, 'closed'>;
  readonly clock: Clock;
}

interface Page {
  readonly subscriptionId: string;
  /** What its first notification held; undefined when none came. Never rejects. */
  readonly batch: Promise<ConversationBatch | undefined>;
}

const FIRST_BATCH_MS = 10_000;
// Nothing depends on its response.
const GIVE_UP_MS = 2_000;
// A platform that has nothing to tell may send no notification at all: it is not asked for ever.
const ASKED_AT_MOST = 2;

/**
 * Subscriptions to conversations that match a filter, newest first. The first notification of one holds about 1,000;
 * how many is not published: older ones are asked for, page by page, until there are none.
 */
export class ConversationPages {
  readonly #parts: PageParts;
  readonly #filter: Filter;
  readonly #keep: boolean;
  readonly #patienceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #subscriptions = new Set<string>();
  readonly #collecting = new Set<ConversationBatches>();
  readonly #known = new Set<string>();
  #firstPage: Promise<ConversationBatch | undefined> | undefined;
  #oldest: number | undefined;
  #open = true;

  /**
   * With `keep`, the subscriptions of older pages stay, and tell of what changes in those. `patienceMs`: how long a first
   * notification is waited for, 10 s by default and at most.
   */
  constructor(
    parts: PageParts,
    filter: Filter,
    options: { keep: boolean; patienceMs?: number; signal?: AbortSignal | undefined },
  ) {
    this.#parts = parts;
    this.#filter = filter;
    this.#keep = options.keep;
    this.#patienceMs = Math.min(FIRST_BATCH_MS, options.patienceMs ?? FIRST_BATCH_MS);
    this.#signal = options.signal;
  }

  /** Subscribes to all; the platform tells of the newest. `onLost` is called when the subscription cannot be restored any more. */
  async first(onLost?: (error: Error) => void): Promise<void> {
    const { subscriptions } = this.#parts;
    const page = await patiently(
      this.#parts,
      'subscribeExConversations',
      () =>
        this.#read(this.#filter, (body, signal) =>
          subscriptions.subscribe('subscribeExConversations', body, { signal }, onLost),
        ),
      this.#signal,
    );
    this.#firstPage = page.batch;
  }

  /** Asks for the others. May be called again when it has failed: it goes on where it was. */
  async older(): Promise<void> {
    // The first notification is lost, or came under another connection's id: what it held is told once more.
    if (this.#firstPage) this.#note((await this.#firstPage) ?? (await this.newest(ASKED_AT_MOST)));
    this.#firstPage = undefined;
    let fruitless = 0;
    while (this.#oldest !== undefined && this.#open && fruitless < 2) {
      const bound = this.#oldest;
      const page = await this.#ask({ ...this.#filter, maxLastUpdatedTime: bound }, ASKED_AT_MOST);
      const found = this.#note(page.batch);
      // A page of nothing new ends where it began: others of that moment may hide behind it, but no more than one moment.
      fruitless = found ? 0 : fruitless + 1;
      if (this.#oldest === bound) this.#oldest = bound - 1;
      if (!this.#keep || !found) void this.#giveUp(page.subscriptionId);
    }
  }

  /**
   * Has the platform tell of the newest, in a subscription that is given up once it has: one that is given up sooner tells
   * nothing. Undefined when no notification came, however often it was asked.
   */
  async newest(times = 1): Promise<ConversationBatch | undefined> {
    const { subscriptionId, batch } = await this.#ask(this.#filter, times);
    void this.#giveUp(subscriptionId);
    return batch;
  }

  /** Ends what was subscribed to. Never rejects. */
  async close(): Promise<void> {
    this.#open = false;
    for (const batches of this.#collecting) batches.stop();
    await Promise.all([...this.#subscriptions].map((subscriptionId) => this.#giveUp(subscriptionId)));
  }

  /** Subscribes, so many times at most until the first notification comes. */
  async #ask(body: Filter, times: number): Promise<{ subscriptionId: string; batch: ConversationBatch | undefined }> {
    for (let asked = 1; ; asked++) {
      const { subscriptionId, batch: awaited } = await this.#read(body, (given, signal) =>
        this.#parts.requests.subscribeExConversations(given, { signal }),
      );
      const batch = await awaited;
      if (batch || !this.#open || asked >= times) return { subscriptionId, batch };
      void this.#giveUp(subscriptionId);
    }
  }

  async #read(
    body: Filter,
    subscribe: (body: Filter, signal: AbortSignal | undefined) => Promise<{ subscriptionId: string }>,
  ): Promise<Page> {
    const { clock, router, subscriptions } = this.#parts;
    const batches = router.collectConversationBatches();
    this.#collecting.add(batches);
    const stop = () => {
      this.#collecting.delete(batches);
      batches.stop();
    };
    try {
      const { subscriptionId } = await subscribe(body, this.#signal);
      this.#subscriptions.add(subscriptionId);
      const batch = batches.of(subscriptions.serverIdOf(subscriptionId), clock, this.#patienceMs).finally(stop);
      if (!this.#open) {
        stop();
        void this.#giveUp(subscriptionId);
      }
      return { subscriptionId, batch };
    } catch (error) {
      stop();
      throw error;
    }
  }

  /** Takes a page in. True when it held anything new. */
  #note(batch: ConversationBatch | undefined): boolean {
    const before = this.#known.size;
    for (const conversationId of batch?.conversationIds ?? []) this.#known.add(conversationId);
    const bound = this.#oldest;
    const oldest = batch?.oldest;
    // A page that begins later than it was asked for has no bound at all.
    this.#oldest = bound === undefined || oldest === undefined || oldest <= bound ? oldest : undefined;
    return this.#known.size > before;
  }

  async #giveUp(subscriptionId: string): Promise<void> {
    if (!this.#subscriptions.delete(subscriptionId)) return;
    try {
      await this.#parts.requests.unsubscribeExConversations({ subscriptionId }, { timeoutMs: GIVE_UP_MS });
    } catch (error) {
      // The connection may be gone already, and the subscription with it.
      this.#parts.report.logger.debug('a subscription could not be given up', { error: toError(error).name });
    }
  }
}
