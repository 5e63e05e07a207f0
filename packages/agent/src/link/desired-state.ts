import { LpError, NotConnectedError } from '@lp/core';
import type { RequestInput } from '../inbound/mapping/index.ts';
import { type Call, isRefusal } from './call.ts';
import type { RequestOptions } from './request-options.ts';

/** The requests that make the platform send notifications. */
export type SubscribeName = 'subscribeExConversations' | 'subscribeRoutingTasks' | 'subscribeAgentsState';

/** What a subscription gives. */
export interface SubscriptionHandle {
  /** Stays valid across reconnects, although the platform's own id does not. */
  subscriptionId: string;
}

/** Something the platform would not restore after a reconnect, however often it was asked. */
export interface RefusedRestoration {
  readonly what: SubscribeName | 'setAgentState';
  readonly subscriptionId?: string;
  readonly error: LpError;
}

interface Desire {
  readonly what: RefusedRestoration['what'];
  body: object;
  /** The platform's id on the present connection; another after each reconnect. */
  serverId?: string | undefined;
  /** How many connections in a row the platform refused it on. */
  refusals: number;
  readonly onLost?: ((error: LpError) => void) | undefined;
}

const AGENT_STATE = 'agent state';
// A refusal may be a hiccup of one connection; one that repeats must not cost the agent everything else.
const MOST_REFUSALS = 3;

/**
 * What the user asked the platform for and the platform forgets with the connection: subscriptions and the agent's
 * state. After every reconnect all of it is asked for again, under ids of our own.
 */
export class DesiredState {
  readonly #call: Call;
  readonly #report: (refused: RefusedRestoration) => void;
  readonly #desires = new Map<string, Desire>();
  /** What has been asked for and not been answered yet. */
  readonly #asked: SubscribeName[] = [];
  #onForgotten: (name: SubscribeName, body: object) => void = () => undefined;
  #lastId = 0;

  constructor(call: Call, report: (refused: RefusedRestoration) => void) {
    this.#call = call;
    this.#report = report;
  }

  /** Subscribes, and remembers it once the platform has agreed. `onLost` is called when it can no longer be restored. */
  async subscribe(
    name: SubscribeName,
    body: object,
    options?: RequestOptions,
    onLost?: (error: LpError) => void,
  ): Promise<SubscriptionHandle> {
    this.#asked.push(name);
    const response = await this.#call(name, body, options).finally(() => {
      this.#asked.splice(this.#asked.indexOf(name), 1);
    });
    const serverId = subscriptionIdOf(response);
    const subscriptionId = `subscription-${++this.#lastId}`;
    this.#desires.set(subscriptionId, { what: name, body, serverId, refusals: 0, onLost });
    return { subscriptionId };
  }

  /** The platform's present id for one that was handed out; an unknown id is passed on as it is. */
  serverIdOf(subscriptionId: string): string {
    return this.#desires.get(subscriptionId)?.serverId ?? subscriptionId;
  }

  /** Calls a function from now on with each subscription that is no longer asked for, or no longer with this body. */
  onForgotten(listener: (name: SubscribeName, body: object) => void): void {
    this.#onForgotten = listener;
  }

  /** Whether something of this kind is subscribed to; with `fits`, with a body for which that is true. */
  has(name: SubscribeName, fits: (body: object) => boolean = () => true): boolean {
    for (const { what, body } of this.#desires.values()) if (what === name && fits(body)) return true;
    return false;
  }

  /** Whether something of this kind is subscribed to, or has been asked for. */
  isAskedFor(name: SubscribeName): boolean {
    return this.#asked.includes(name) || this.has(name);
  }

  /** From now on the subscription is asked for with this body. */
  replaceBody(subscriptionId: string, body: object): void {
    const desire = this.#desires.get(subscriptionId);
    if (!desire) return;
    const before = desire.body;
    desire.body = body;
    this.#tellForgotten(desire.what, before);
  }

  /** The subscription is not asked for again. */
  forget(subscriptionId: string): void {
    const desire = this.#desires.get(subscriptionId);
    this.#desires.delete(subscriptionId);
    if (desire) this.#tellForgotten(desire.what, desire.body);
  }

  #tellForgotten(what: Desire['what'], body: object): void {
    if (what !== 'setAgentState') this.#onForgotten(what, body);
  }

  /** The agent's state is set again after a reconnect: the platform does not keep it. */
  rememberAgentState(body: RequestInput<'setAgentState'>): void {
    this.#desires.set(AGENT_STATE, { what: 'setAgentState', body, refusals: 0 });
  }

  /**
   * Asks for everything again on a fresh connection. Rejects with a retryable error when the platform refuses some of it:
   * better another connection than a deaf one. What was refused three times in a row is given up and reported.
   */
  async restore(call: Call): Promise<void> {
    const restored = await Promise.allSettled(
      [...this.#desires].map(([id, desire]) => this.#restoreOne(call, id, desire)),
    );
    const failures = restored.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    // A lost connection says more than a refusal that came before it.
    const failure = failures.find((error) => !isRefusal(error)) ?? failures[0];
    if (failure === undefined) return;
    if (!LpError.isInstance(failure) || failure.retryable) throw failure;
    throw new NotConnectedError('the platform refused to restore a subscription or the agent state', {
      cause: failure,
    });
  }

  async #restoreOne(call: Call, id: string, desire: Desire): Promise<void> {
    try {
      desire.serverId = subscriptionIdOf(await call(desire.what, desire.body as never));
      desire.refusals = 0;
    } catch (error) {
      if (!LpError.isInstance(error) || !isRefusal(error) || ++desire.refusals < MOST_REFUSALS) throw error;
      this.#desires.delete(id);
      this.#report({ what: desire.what, ...(id !== AGENT_STATE && { subscriptionId: id }), error });
      desire.onLost?.(error);
      this.#tellForgotten(desire.what, desire.body);
    }
  }
}

function subscriptionIdOf(response: unknown): string | undefined {
  const id = (response as { subscriptionId?: unknown } | undefined)?.subscriptionId;
  return typeof id === 'string' ? id : undefined;
}
