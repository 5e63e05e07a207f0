import { type ClockTimer, systemClock } from '@lp/core';
import type { PlannedRequest } from './request-desk.ts';
import type { RequestFunction } from './request-names.ts';

/** A request as the program made it, without its callback. */
export interface AskedFor {
  readonly name: RequestFunction;
  readonly parts: readonly unknown[];
  /** Whether it was made for the program, and not by it. */
  readonly restored: boolean;
}

interface Followed extends AskedFor {
  /** The same for requests of which the newest is enough. */
  readonly key: string;
  /** What the platform calls it, once it has responded. */
  subscriptionId?: string | undefined;
}

type Outcome = PlannedRequest['onOutcome'];

const RESTORED: ReadonlySet<RequestFunction> = new Set([
  'subscribeExConversations',
  'subscribeRoutingTasks',
  'subscribeAgentsState',
  'setAgentState',
]);
const GRACE_MS = 1_000;

/** What is asked of the platform for the program. */
export interface SubscriptionsPort {
  askAgain(request: AskedFor): void;
  unsubscribe(name: RequestFunction, subscriptionId: string): void;
}

/**
 * What a program has asked for and the platform forgets with the connection. Programs ask again when they hear of a new
 * connection; for one that does not, it is asked for again a second later. One that asks later still has its own, and the
 * one that was made for it ends.
 */
export class Subscriptions {
  readonly #port: SubscriptionsPort;
  #before: readonly Followed[] = [];
  #now: Followed[] = [];
  #timer: ClockTimer | undefined;

  constructor(port: SubscriptionsPort) {
    this.#port = port;
  }

  /** Follows a request that is sent with this body: what is to be told of its outcome, if that matters here. */
  follow(request: AskedFor, body: unknown): Outcome {
    if (request.name === 'unsubscribeExConversations') {
      const { subscriptionId } = (body ?? {}) as { subscriptionId?: unknown };
      return (_, refused) => {
        if (!refused) this.#unsubscribed(subscriptionId);
      };
    }
    const key = RESTORED.has(request.name) ? keyOf(request.name, body) : undefined;
    if (key === undefined) return undefined;
    const followed: Followed = { ...request, key };
    this.#now.push(followed);
    return (response, refused) => {
      followed.subscriptionId = (response as { subscriptionId?: string } | undefined)?.subscriptionId;
      if (refused) this.#now = this.#now.filter((other) => other !== followed);
      else this.#accepted(followed);
    };
  }

  /** A connection is usable. */
  connected(): void {
    this.#stop();
    this.#before = this.#unrepeated(this.#before).concat(this.#now);
    this.#now = [];
    if (this.#before.length > 0)
      this.#timer = systemClock.setTimer(() => this.#restore(), GRACE_MS, { background: true });
  }

  lost(): void {
    this.#stop();
  }

  clear(): void {
    this.#stop();
    this.#before = [];
    this.#now = [];
  }

  /** It takes the place of those before it. One that the platform refuses takes no one's. */
  #accepted(request: Followed): void {
    const at = this.#now.indexOf(request);
    // Its place was taken while it was on its way.
    const over = at < 0 ? [request] : this.#now.slice(0, at).filter(({ key }) => key === request.key);
    this.#now = this.#now.filter((other) => !over.includes(other));
    for (const { name, restored, subscriptionId } of over) {
      if (restored && subscriptionId !== undefined) this.#port.unsubscribe(name, subscriptionId);
    }
  }

  #unsubscribed(subscriptionId: unknown): void {
    if (subscriptionId === undefined) return;
    this.#now = this.#now.filter((other) => other.subscriptionId !== subscriptionId);
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #restore(): void {
    const due = this.#unrepeated(this.#before);
    this.#before = [];
    for (const request of due) this.#port.askAgain(request);
  }

  /** Those that the program has not asked for on the present connection. */
  #unrepeated(requests: readonly Followed[]): Followed[] {
    const asked = new Set(this.#now.map(({ key }) => key));
    return requests.filter(({ key }) => !asked.has(key));
  }
}

/** Undefined for a body that has no JSON form: it is never sent. */
function keyOf(name: RequestFunction, body: unknown): string | undefined {
  try {
    const text = JSON.stringify(body, withoutTimes);
    // There is one state of an agent, however often it is set.
    return name === 'setAgentState' ? name : `${name} ${text}`;
  } catch {
    return undefined;
  }
}

/**
 * Programs take the times of their filters from the clock: other ones do not make another subscription. With an upper
 * one it is a page of old conversations, and not the subscription that hears of new ones.
 */
function withoutTimes(name: string, value: unknown): unknown {
  if (name === 'minLastUpdatedTime') return undefined;
  return name === 'maxLastUpdatedTime' || name === 'maxETTR' ? null : value;
}
