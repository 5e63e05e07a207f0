import type { Clock } from '@lp/core';
import type { Quirks } from '../quirks.ts';
import type { AgentDirectory, AgentRecord } from './agents.ts';
import { assignedAgent, type Conversation, type Ring, type RoutingTask, suggestedAgent } from './model.ts';
import type { Notifier } from './notifier.ts';

/** What routing asks of the platform. */
export interface RoutingPort {
  /** Makes the agent the assigned one. */
  assign(conversation: Conversation, agent: AgentRecord): void;
  /** Takes back a transfer that the suggested agent has not accepted. */
  unsuggest(conversation: Conversation, agentId: string): void;
  /** Called after a timer has changed something. */
  flush(): void;
}

/**
 * Offers conversations without an agent to agents who are ONLINE, have the skill and a free slot: those with the least
 * to do first. A ring ends when it is accepted, rejected, expires, or when the conversation needs it no longer.
 */
export class Routing {
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #quirks: Quirks;
  readonly #agents: AgentDirectory;
  readonly #notifier: Notifier;
  readonly #port: RoutingPort;
  /** Conversations that wait for an agent, by skill, in order of arrival. */
  readonly #waiting = new Map<string, Set<Conversation>>();
  readonly #rings = new Map<string, Ring>();
  #offers = 0;
  #lastRingTs = 0;

  constructor(
    parts: { accountId: string; clock: Clock; quirks: Quirks; agents: AgentDirectory; notifier: Notifier },
    port: RoutingPort,
  ) {
    this.#accountId = parts.accountId;
    this.#clock = parts.clock;
    this.#quirks = parts.quirks;
    this.#agents = parts.agents;
    this.#notifier = parts.notifier;
    this.#port = port;
  }

  ring(ringId: string): Ring | undefined {
    return this.#rings.get(ringId);
  }

  ringsAt(agent: AgentRecord): Ring[] {
    return [...agent.ringing].flatMap((conversation) => conversation.task?.ring ?? []);
  }

  /** Starts, changes or ends the search for an agent, by what the conversation is now. */
  reconcile(conversation: Conversation, givenBackBy?: string): void {
    const { meta, task } = conversation;
    const target = meta.state === 'OPEN' ? suggestedAgent(meta) : undefined;
    const needed = meta.state === 'OPEN' && (target !== undefined || assignedAgent(meta) === undefined);
    if (task && (!needed || task.target !== target || task.skillId !== meta.skillId)) this.#end(conversation, task);
    if (!needed || conversation.task) return;
    conversation.task = {
      target,
      skillId: meta.skillId,
      refused: new Set(givenBackBy === undefined ? [] : [givenBackBy]),
      ring: undefined,
      retry: undefined,
    };
    this.#offer(conversation, conversation.task);
  }

  /** Offers what waits to an agent who has become available or has got a free slot. */
  agentChanged(agent: AgentRecord): void {
    if (agent.availability !== 'ONLINE') return;
    const skills = agent.account.skills ?? [...this.#waiting.keys()];
    for (const skill of skills) {
      for (const conversation of this.#waiting.get(skill) ?? []) {
        if (!hasFreeSlot(agent)) return;
        const { task } = conversation;
        if (task && !task.refused.has(agent.id)) this.#startRing(conversation, task, agent);
        else if (task && !task.retry) this.#offer(conversation, task);
      }
    }
  }

  accept(ring: Ring, agent: AgentRecord): void {
    this.#finish(ring, 'ACCEPTED');
    ring.conversation.task = undefined;
    this.#port.assign(ring.conversation, agent);
  }

  reject(ring: Ring): void {
    this.#finish(ring, 'REJECTED');
    this.#offerNext(ring);
    this.#slotFreed(ring);
  }

  #expire(ring: Ring): void {
    this.#finish(ring, 'EXPIRED');
    this.#offerNext(ring);
    this.#slotFreed(ring);
    this.#port.flush();
  }

  #offerNext(ring: Ring): void {
    const { conversation } = ring;
    const { task } = conversation;
    if (!task) return;
    task.refused.add(ring.agentId);
    if (task.target !== undefined) {
      this.#port.unsuggest(conversation, task.target);
      return;
    }
    // An agent who let a ring expire is asked again at once when there is nobody else.
    if (ring.state === 'EXPIRED' && !this.#choose(task)) task.refused.clear();
    this.#offer(conversation, task);
  }

  #offer(conversation: Conversation, task: RoutingTask): void {
    const agent = task.target === undefined ? this.#choose(task) : this.#agents.find(task.target);
    if (agent) {
      this.#startRing(conversation, task, agent);
      return;
    }
    const queue = this.#waiting.get(task.skillId);
    if (queue) queue.add(conversation);
    else this.#waiting.set(task.skillId, new Set([conversation]));
    if (task.refused.size > 0) this.#retryLater(conversation, task);
  }

  #retryLater(conversation: Conversation, task: RoutingTask): void {
    task.retry ??= this.#clock.setTimer(
      () => {
        task.retry = undefined;
        task.refused.clear();
        if (conversation.task === task && !task.ring) this.#offer(conversation, task);
        this.#port.flush();
      },
      this.#quirks.ringReofferMs,
      { background: true },
    );
  }

  #choose(task: RoutingTask): AgentRecord | undefined {
    let best: AgentRecord | undefined;
    for (const agent of this.#agents.all) {
      const { skills } = agent.account;
      if (agent.availability !== 'ONLINE' || task.refused.has(agent.id) || !hasFreeSlot(agent)) continue;
      if (skills && !skills.includes(task.skillId)) continue;
      if (!best || load(agent) < load(best) || (load(agent) === load(best) && agent.lastOffer < best.lastOffer)) {
        best = agent;
      }
    }
    return best;
  }

  #startRing(conversation: Conversation, task: RoutingTask, agent: AgentRecord): void {
    this.#waiting.get(task.skillId)?.delete(conversation);
    task.retry?.cancel();
    task.retry = undefined;
    agent.lastOffer = ++this.#offers;
    agent.ringing.add(conversation);
    // Two rings of a conversation within one millisecond still need ids of their own.
    this.#lastRingTs = Math.max(this.#lastRingTs + 1, this.#clock.now());
    const createdTs = this.#clock.now();
    const ring: Ring = {
      ringId: `${conversation.id}_${this.#accountId}_${this.#lastRingTs}`,
      agentId: agent.id,
      conversation,
      skillId: task.skillId,
      createdTs,
      expirationMs: this.#quirks.ringExpirationMs,
      state: 'WAITING',
      timer: undefined,
    };
    ring.timer = this.#clock.setTimer(() => this.#expire(ring), ring.expirationMs, { background: true });
    task.ring = ring;
    this.#rings.set(ring.ringId, ring);
    this.#notifier.ring(ring, 'UPSERT');
  }

  #end(conversation: Conversation, task: RoutingTask): void {
    conversation.task = undefined;
    task.retry?.cancel();
    this.#waiting.get(task.skillId)?.delete(conversation);
    const { ring } = task;
    if (!ring) return;
    this.#finish(ring, 'CANCELLED');
    this.#slotFreed(ring);
  }

  #slotFreed(ring: Ring): void {
    const agent = this.#agents.find(ring.agentId);
    if (agent) this.agentChanged(agent);
  }

  #finish(ring: Ring, state: Ring['state']): void {
    ring.timer?.cancel();
    ring.state = state;
    this.#rings.delete(ring.ringId);
    const agent = this.#agents.find(ring.agentId);
    agent?.ringing.delete(ring.conversation);
    if (ring.conversation.task) ring.conversation.task.ring = undefined;
    this.#notifier.ring(ring, 'UPSERT');
    if (this.#quirks.ringDelete) this.#notifier.ring(ring, 'DELETE');
  }
}

const load = (agent: AgentRecord): number => agent.assigned + agent.ringing.size;
const hasFreeSlot = (agent: AgentRecord): boolean => load(agent) < agent.account.maxConversations;
