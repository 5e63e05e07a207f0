import { LpError, NotConnectedError } from '@lp/core';
import type { Call } from './call.ts';
import type { RequestOptions } from './request-options.ts';
import type { RequestInput } from './user-form/index.ts';

/** The requests that make the platform send notifications. */
export type SubscribeName = 'subscribeExConversations' | 'subscribeRoutingTasks' | 'subscribeAgentsState';

interface Subscription {
  readonly name: SubscribeName;
  body: object;
  /** The platform's id on the present connection; another after each reconnect. */
  serverId: string | undefined;
}

/** What a subscription answers with. */
export interface SubscriptionHandle {
  /** Stays valid across reconnects, although the platform's own id does not. */
  subscriptionId: string;
}

/**
 * What the user asked the platform for and the platform forgets with the connection: subscriptions and the agent's
 * state. After every reconnect all of it is asked for again, under the ids that were handed out at first.
 */
export class DesiredState {
  readonly #call: Call;
  readonly #subscriptions = new Map<string, Subscription>();
  #agentState: RequestInput<'setAgentState'> | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Subscribes, and remembers it once the platform has agreed. */
  async subscribe(name: SubscribeName, body: object, options?: RequestOptions): Promise<SubscriptionHandle> {
    const answer = await this.#call(name, body, options);
    const serverId = subscriptionIdOf(answer);
    const subscriptionId = serverId ?? `${name}:${this.#subscriptions.size + 1}`;
    this.#subscriptions.set(subscriptionId, { name, body, serverId });
    return { subscriptionId };
  }

  /** The platform's present id for one that was handed out; an unknown id is passed on as it is. */
  serverIdOf(subscriptionId: string): string {
    return this.#subscriptions.get(subscriptionId)?.serverId ?? subscriptionId;
  }

  /** From now on the subscription is asked for with this body. */
  replaceBody(subscriptionId: string, body: object): void {
    const subscription = this.#subscriptions.get(subscriptionId);
    if (subscription) subscription.body = body;
  }

  /** The subscription is not asked for again. */
  forget(subscriptionId: string): void {
    this.#subscriptions.delete(subscriptionId);
  }

  /** The agent's state is set again after a reconnect: the platform does not keep it. */
  rememberAgentState(body: RequestInput<'setAgentState'>): void {
    this.#agentState = body;
  }

  /** Asks for everything again on a fresh connection. Rejects with a retryable error when the platform refuses: better another connection than a deaf one. */
  async restore(call: Call): Promise<void> {
    const restoreSubscription = async (subscription: Subscription) => {
      subscription.serverId = subscriptionIdOf(await call(subscription.name, subscription.body));
    };
    try {
      if (this.#agentState) await call('setAgentState', this.#agentState);
      await Promise.all([...this.#subscriptions.values()].map(restoreSubscription));
    } catch (error) {
      if (!LpError.isInstance(error) || error.retryable) throw error;
      throw new NotConnectedError('The platform refused to restore a subscription or the agent state', {
        cause: error,
      });
    }
  }
}

function subscriptionIdOf(answer: unknown): string | undefined {
  const id = (answer as { subscriptionId?: unknown } | undefined)?.subscriptionId;
  return typeof id === 'string' ? id : undefined;
}
