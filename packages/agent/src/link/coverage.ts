import { type Clock, type ClockTimer, ClosedError, type LpError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { DesiredState, SubscribeName } from './desired-state.ts';
import { patiently } from './patiently.ts';

type Fail = (error: unknown) => void;

/** A subscription that a stream needs. */
export interface Need {
  readonly name: SubscribeName;
  readonly body: object;
  /** Whether a subscription of the same kind with this body brings it too. Default: whether the body is the same. */
  readonly fits?: (body: object) => boolean;
  /** Calls `look` when what fitted may do so no longer. Returns how to stop that. */
  readonly watch?: (look: () => void) => () => void;
}

interface Brought {
  readonly need: Need;
  readonly fails: Set<Fail>;
  /** Set while it is about to be looked whether it is covered. */
  timer?: ClockTimer | undefined;
  unwatch?: (() => void) | undefined;
  /** Set once it is asked for; aborted when nobody needs it any more. */
  needless?: AbortController;
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
    parts.subscriptions.onForgotten((name, body) => this.#noteForgotten(name, body));
  }

  /**
   * Subscribes, unless a subscription covers it after a moment, or as soon as none does any more; what several streams need
   * is asked for once. `fail` is called when the platform refuses it. Returns how to do without it again.
   */
  bring(need: Need, fail: Fail): () => void {
    const key = `${need.name} ${JSON.stringify(need.body)}`;
    let brought = this.#brought.get(key);
    if (!brought) {
      brought = { need, fails: new Set() };
      this.#brought.set(key, brought);
      this.#lookSoon(key, brought);
      const added = brought;
      brought.unwatch = need.watch?.(() => this.#lookAgain(key, added));
    }
    const shared = brought;
    const own: Fail = (error) => fail(error);
    shared.fails.add(own);
    return () => {
      if (shared.fails.delete(own) && shared.fails.size === 0) this.#giveUp(key, shared);
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

  #lookSoon(key: string, brought: Brought): void {
    const look = () => {
      brought.timer = undefined;
      if (!this.#isCovered(brought.need)) void this.#subscribe(key, brought);
    };
    brought.timer = this.#parts.clock.setTimer(look, GRACE_MS, { background: true });
  }

  #isCovered({ body, fits, name }: Need): boolean {
    return this.#parts.subscriptions.has(name, fits ?? sameAs(body));
  }

  /** What it may have covered until now is looked after again. */
  #noteForgotten(name: SubscribeName, body: object): void {
    for (const [key, brought] of this.#brought) {
      const { need } = brought;
      if (need.name === name && (need.fits ?? sameAs(need.body))(body)) this.#lookAgain(key, brought);
    }
  }

  #lookAgain(key: string, brought: Brought): void {
    const { need, needless, timer } = brought;
    if (!timer && !needless && !this.#isCovered(need)) this.#lookSoon(key, brought);
  }

  async #subscribe(key: string, brought: Brought): Promise<void> {
    const { subscriptions } = this.#parts;
    const { name, body } = brought.need;
    const needless = new AbortController();
    brought.needless = needless;
    const failAll = (error: unknown) => {
      // Who needs it from now on asks anew.
      if (this.#brought.get(key) === brought) this.#brought.delete(key);
      brought.unwatch?.();
      if (!ClosedError.isInstance(error)) for (const fail of [...brought.fails]) fail(error);
    };
    try {
      const lost = (error: LpError) => failAll(error);
      const subscribe = () => subscriptions.subscribe(name, body, undefined, lost);
      const asked = await patiently(this.#parts, name, subscribe, needless.signal);
      brought.subscriptionId = asked.subscriptionId;
      if (needless.signal.aborted) this.#unsubscribe(name, brought);
    } catch (error) {
      failAll(error);
    }
  }

  #giveUp(key: string, brought: Brought): void {
    if (this.#brought.get(key) === brought) this.#brought.delete(key);
    brought.timer?.cancel();
    brought.unwatch?.();
    brought.needless?.abort();
    this.#unsubscribe(brought.need.name, brought);
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

function sameAs(body: object): (other: object) => boolean {
  const wanted = JSON.stringify(body);
  return (other) => JSON.stringify(other) === wanted;
}
