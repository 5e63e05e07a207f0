import { type ClockTimer, systemClock } from '@lp/core';
import type { RequestFunction } from './request-names.ts';

/** A request as the program made it, without its callback. */
export interface AskedFor {
  readonly name: RequestFunction;
  readonly parts: readonly unknown[];
  /** The same for equal requests, of which one is enough. */
  readonly key: string;
  /** What the platform calls it, once it has responded. */
  subscriptionId?: string | undefined;
}

const RESTORED: ReadonlySet<RequestFunction> = new Set([
  'subscribeExConversations',
  'subscribeRoutingTasks',
  'subscribeAgentsState',
  'setAgentState',
]);
const GRACE_MS = 1_000;

/**
 * What a program has asked for and the platform forgets with the connection. Programs ask again when they hear of a new
 * connection; for one that does not, it is asked for again a second later.
 */
export class Subscriptions {
  readonly #send: (request: AskedFor) => void;
  #before: readonly AskedFor[] = [];
  #now: AskedFor[] = [];
  #timer: ClockTimer | undefined;

  constructor(send: (request: AskedFor) => void) {
    this.#send = send;
  }

  /** Remembers a request that may have to be made again; undefined for all others. */
  note(name: RequestFunction, parts: readonly unknown[]): AskedFor | undefined {
    if (!RESTORED.has(name)) return undefined;
    const key = keyOf(name, parts[0]);
    if (key === undefined) return undefined;
    const request: AskedFor = { name, parts, key };
    // There is one state of an agent, however often it is set.
    if (name === 'setAgentState') this.#now = this.#now.filter((other) => other.name !== name);
    this.#now.push(request);
    return request;
  }

  /** The platform has taken it: equal ones before it need not be made again. One that is refused takes no one's place. */
  accepted(request: AskedFor, subscriptionId: string | undefined): void {
    request.subscriptionId = subscriptionId;
    const at = this.#now.indexOf(request);
    this.#now = this.#now.filter((other, index) => index >= at || other.key !== request.key);
  }

  /** The platform has refused it, or the program has given it up. */
  forget(request: AskedFor): void {
    this.#now = this.#now.filter((other) => other !== request);
  }

  /** The program has ended a subscription. */
  unsubscribed(subscriptionId: unknown): void {
    if (subscriptionId === undefined) return;
    this.#now = this.#now.filter((other) => other.subscriptionId !== subscriptionId);
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

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #restore(): void {
    const due = this.#unrepeated(this.#before);
    this.#before = [];
    for (const request of due) this.#send(request);
  }

  /** Those of a kind that the program has not asked for on the present connection. */
  #unrepeated(requests: readonly AskedFor[]): AskedFor[] {
    const asked = new Set(this.#now.map(({ name }) => name));
    return requests.filter(({ name }) => !asked.has(name));
  }
}

/** Undefined for a body that has no JSON form: it is never sent. */
function keyOf(name: RequestFunction, body: unknown): string | undefined {
  try {
    return `${name} ${JSON.stringify(body)}`;
  } catch {
    return undefined;
  }
}
