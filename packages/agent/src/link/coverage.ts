import { type Clock, type ClockTimer, ClosedError, type LpError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { DesiredState, SubscribeName } from './desired-state.ts';
import { patiently } from './patiently.ts';

type Fail = (error: Error) => void;

/** A subscription that a stream needs. */
export interface Need {
  readonly name: SubscribeName;
  readonly body: object;
  /** Whether it comes by another way already. Default: whether somebody has subscribed with the same body. */
  readonly isCovered?: () => boolean;
}

interface Brought {
  readonly fails: Set<Fail>;
  readonly timer: ClockTimer;
  /** Aborted when nobody needs it any more. */
  readonly needless: AbortController;
  subscriptionId?: string;
}

/** What {@link Coverage} needs. */
export interface CoverageParts {
  readonly subscriptions: DesiredState;
  readonly unsubscribe: (subscriptionId: string) => Promise<unknown>;
  readonly report: Reporter;
  readonly lifetime: Pick<Lifetime, 'closed'>;
  readonly clock: Clock;
}

// Who reads a stream and then subscribes in his own way comes first.
const GRACE_MS = 100;
// A program on a busy machine may take so long between the two.
const TOLD_AFTER_MS = 1_000;

/** Sees to it that no stream is silent because nobody has subscribed: each brings what it needs, or says that it lacks it. */
export class Coverage {
  readonly #parts: CoverageParts;
  readonly #brought = new Map<string, Brought>();

  constructor(parts: CoverageParts) {
    this.#parts = parts;
  }

  /**
   * Subscribes, unless it is covered after a moment; what several streams need is asked for once. `fail` is called when
   * the platform refuses it. Returns how to do without it again.
   */
  bring(need: Need, fail: Fail): () => void {
    const key = `${need.name} ${JSON.stringify(need.body)}`;
    let brought = this.#brought.get(key);
    if (!brought) {
      const timer = this.#parts.clock.setTimer(() => void this.#subscribe(key, need), GRACE_MS, { background: true });
      brought = { fails: new Set(), timer, needless: new AbortController() };
      this.#brought.set(key, brought);
    }
    const { fails } = brought;
    const own: Fail = (error) => fail(error);
    fails.add(own);
    return () => {
      if (fails.delete(own) && fails.size === 0) this.#giveUp(key);
    };
  }

  /** Tells by a status event when a stream that nothing can be brought for is read, and nothing feeds it. */
  expect(stream: string, names: readonly SubscribeName[]): () => void {
    const { clock, report, subscriptions } = this.#parts;
    const timer = clock.setTimer(
      () => {
        if (names.some((name) => subscriptions.isAskedFor(name))) return;
        report.logger.warn('a stream is read that nothing was subscribed for', { stream });
        report.status({ type: 'uncovered', stream });
      },
      TOLD_AFTER_MS,
      { background: true },
    );
    return () => timer.cancel();
  }

  async #subscribe(key: string, { name, body, isCovered }: Need): Promise<void> {
    const { subscriptions } = this.#parts;
    const brought = this.#brought.get(key);
    if (!brought || (isCovered?.() ?? subscriptions.has(name, body))) return;
    const failAll = (error: Error) => {
      if (!ClosedError.isInstance(error)) for (const fail of [...brought.fails]) fail(error);
    };
    try {
      const lost = (error: LpError) => failAll(error);
      const subscribe = () => subscriptions.subscribe(name, body, undefined, lost);
      const asked = await patiently(this.#parts, name, subscribe, brought.needless.signal);
      brought.subscriptionId = asked.subscriptionId;
      if (this.#brought.get(key) !== brought) this.#unsubscribe(name, brought);
    } catch (error) {
      failAll(toError(error));
    }
  }

  #giveUp(key: string): void {
    const brought = this.#brought.get(key);
    this.#brought.delete(key);
    brought?.timer.cancel();
    brought?.needless.abort();
    if (brought) this.#unsubscribe(key.slice(0, key.indexOf(' ')) as SubscribeName, brought);
  }

  #unsubscribe(name: SubscribeName, { subscriptionId }: Brought): void {
    if (subscriptionId === undefined) return;
    // The others end with their connection: the platform has no request for it.
    if (name !== 'subscribeExConversations') return this.#parts.subscriptions.forget(subscriptionId);
    this.#parts.unsubscribe(subscriptionId).catch((error: unknown) => {
      this.#parts.report.logger.debug('a subscription could not be given up', { error: toError(error).name });
    });
  }
}
