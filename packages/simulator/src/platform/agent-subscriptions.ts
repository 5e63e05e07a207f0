import type { Dialect } from '../wire.ts';
import type { Client } from './model.ts';
import { Multimap } from './multimap.ts';

/** A subscription to what concerns one agent: rings or states. */
export interface AgentSubscription {
  readonly id: string;
  readonly client: Client;
  readonly dialect: Dialect;
  /** Old id. */
  agentId: string;
  skillId: string | undefined;
  conversationId: string | undefined;
  /** False until its first notification has been sent. */
  begun: boolean;
}

/** Subscriptions kept by the agent they are about. */
export class AgentSubscriptions {
  readonly #all = new Map<string, AgentSubscription>();
  readonly #byAgent = new Multimap<string, AgentSubscription>();

  get(id: string): AgentSubscription | undefined {
    return this.#all.get(id);
  }

  of(agentId: string): Iterable<AgentSubscription> {
    return this.#byAgent.get(agentId);
  }

  add(subscription: AgentSubscription): void {
    this.#all.set(subscription.id, subscription);
    this.#byAgent.put(subscription.agentId, subscription);
  }

  remove(subscription: AgentSubscription): void {
    this.#all.delete(subscription.id);
    this.#byAgent.remove(subscription.agentId, subscription);
  }

  removeOf(client: Client): void {
    for (const subscription of this.#all.values()) {
      if (subscription.client === client) this.remove(subscription);
    }
  }
}
