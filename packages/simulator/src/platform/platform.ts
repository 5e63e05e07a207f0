import type { Clock } from '@lp/core';
import type { Quirks } from '../quirks.ts';
import type { Random } from '../random.ts';
import { AgentSurveys } from './agent-surveys.ts';
import { type AgentAccount, AgentDirectory, type AgentRecord } from './agents.ts';
import { AppDirectory, type InstalledApp } from './apps.ts';
import { agentsIn, assignTo, withdrawSuggestion } from './assignment.ts';
import { closeBySystem, closeSilentConversations } from './auto-close.ts';
import { ConsumerDirectory } from './consumers.ts';
import { ConversationIndex } from './conversation-index.ts';
import { matches } from './conversation-subscriptions.ts';
import { FileStore } from './files.ts';
import { countUnread, isContent, markRead, noteMessage } from './messages.ts';
import {
  assignedAgent,
  type Client,
  type Conversation,
  type ConversationMeta,
  type ConversationSubscription,
  copyMeta,
  type Dialog,
  type EventRecord,
  type MessageEvent,
  mainDialog,
} from './model.ts';
import { type NewConversation, newConversation } from './new-conversation.ts';
import { type ContentFaults, Notifier } from './notifier.ts';
import { RateLimits } from './rate-limits.ts';
import { Renderer } from './render.ts';
import { Routing } from './routing.ts';
import { AgentSessions } from './sessions.ts';
import { type SimulatedSkill, Skills } from './skills.ts';
import { watchSurvey } from './survey-timeout.ts';
import { departuresOf, transferOf } from './transfers.ts';

export interface PlatformOptions {
  accountId: string;
  agents: readonly AgentAccount[];
  skills: readonly SimulatedSkill[];
  apps: readonly InstalledApp[];
  clock: Clock;
  random: Random;
  quirks: Quirks;
  maxConversationsPerNotification: number;
  faults: ContentFaults;
}

/** The account's state: agents, consumers, conversations. It knows no sockets, so it outlives every one of them. */
export class Platform {
  readonly accountId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly quirks: Quirks;
  readonly maxConversationsPerNotification: number;
  readonly agents: AgentDirectory;
  readonly consumers: ConsumerDirectory;
  readonly apps: AppDirectory;
  readonly rates: RateLimits;
  readonly sessions: AgentSessions;
  readonly skills: Skills;
  readonly files: FileStore;
  readonly agentSurveys: AgentSurveys;
  readonly renderer: Renderer;
  readonly notifier: Notifier;
  readonly routing: Routing;
  /** By id. */
  readonly conversations: ReadonlyMap<string, Conversation>;
  /** Conversations whose stage is OPEN. */
  readonly open: ReadonlySet<Conversation>;
  readonly #index: ConversationIndex;

  constructor(options: PlatformOptions) {
    const { accountId, clock, random, quirks } = options;
    this.accountId = accountId;
    this.clock = clock;
    this.random = random;
    this.quirks = quirks;
    this.maxConversationsPerNotification = options.maxConversationsPerNotification;
    this.agents = new AgentDirectory(accountId, options.agents);
    this.consumers = new ConsumerDirectory(accountId, clock, random);
    this.#index = new ConversationIndex(this.agents, this.consumers);
    this.conversations = this.#index.all;
    this.open = this.#index.open;
    this.apps = new AppDirectory(accountId, options.apps, clock, random);
    this.rates = new RateLimits(quirks.rateLimit, clock);
    this.sessions = new AgentSessions(clock, random);
    this.skills = new Skills(options.skills);
    this.files = new FileStore(accountId, clock, random);
    this.agentSurveys = new AgentSurveys(clock, random);
    this.renderer = new Renderer(accountId, this.agents, quirks);
    const parts = { accountId, clock, quirks, random, agents: this.agents };
    this.notifier = new Notifier({ ...parts, renderer: this.renderer, faults: options.faults });
    this.routing = new Routing(
      { ...parts, notifier: this.notifier },
      {
        assign: (conversation, agent) => this.#assign(conversation, agent),
        unsuggest: (conversation, agentId) => this.#unsuggest(conversation, agentId),
        flush: () => this.flush(),
      },
    );
    closeSilentConversations(this);
  }

  /** Sends what changed since the last time. Every way into the platform ends with it. */
  flush(): void {
    this.notifier.flush();
  }

  /** The conversation and dialog of a dialog id. @throws Refusal when there is none. */
  dialog(dialogId: string): { conversation: Conversation; dialog: Dialog } {
    return this.#index.dialog(dialogId);
  }

  hasDialog(dialogId: string): boolean {
    return this.#index.hasDialog(dialogId);
  }

  /** @throws Refusal when there is none. */
  conversation(conversationId: string): Conversation {
    return this.#index.conversation(conversationId);
  }

  handOver(conversation: Conversation, consumerId: string): void {
    this.#index.handOver(conversation, consumerId);
    this.notifier.conversation(conversation);
  }

  openConversation(request: NewConversation): Conversation {
    const { consumerId, assignedTo } = request;
    const consumer = this.consumers.get(consumerId);
    const conversation = newConversation(request, {
      id: this.random.uuid(),
      now: this.clock.now(),
      ttr: this.skills.ttr(request.ttrType),
      isFirst: consumer.conversations.length === 0,
    });
    this.#index.add(conversation);
    this.notifier.conversation(conversation);
    if (assignedTo) {
      assignedTo.conversations.add(conversation);
      assignedTo.assigned++;
    } else if (this.quirks.ringOn === 'open') this.routing.reconcile(conversation);
    return conversation;
  }

  /** Puts a changed copy of the conversation's data in force, with all that follows from it. */
  update(conversation: Conversation, meta: ConversationMeta): void {
    const before = conversation.meta;
    const now = this.clock.now();
    meta.metaDataLastUpdateTs = now;
    conversation.meta = meta;
    conversation.lastUpdateTime = now;
    this.#index.update(conversation);
    if (meta.state === 'CLOSE') conversation.waitingSince = undefined;
    this.notifier.conversation(conversation);

    const transfer = meta.state === 'OPEN' ? transferOf(before, meta, now) : undefined;
    if (transfer) conversation.transfers.push(transfer);
    conversation.departures.push(...departuresOf(before, meta, now));
    const inSurvey = meta.state === 'CLOSE' && meta.stage === 'OPEN';
    if (inSurvey && before.state !== 'CLOSE') {
      watchSurvey(conversation, this.skills.surveyTimeoutMs(meta.skillId), this.clock, () => {
        closeBySystem(this, conversation, 'TIMEOUT');
        this.flush();
      });
    }
    const wasAssigned = before.state === 'OPEN' ? assignedAgent(before) : undefined;
    const isAssigned = meta.state === 'OPEN' ? assignedAgent(meta) : undefined;
    this.#indexAgents(conversation, before);
    if (wasAssigned === isAssigned) {
      this.routing.reconcile(conversation);
      return;
    }
    const leaving = wasAssigned === undefined ? undefined : this.agents.find(wasAssigned);
    const arriving = isAssigned === undefined ? undefined : this.agents.find(isAssigned);
    if (leaving) leaving.assigned--;
    if (arriving) arriving.assigned++;
    this.routing.reconcile(conversation, leaving?.id);
    if (leaving) this.routing.agentChanged(leaving);
  }

  /** Adds an event to a dialog and tells those who take part. */
  publish(request: {
    conversation: Conversation;
    dialog: Dialog;
    originatorId: string;
    role: string;
    event: MessageEvent;
    audience: string;
    metadata: unknown[] | undefined;
    clientProperties: object | undefined;
  }): EventRecord {
    const { conversation, dialog, originatorId, event } = request;
    const { dialogId } = dialog;
    const kept = event.type !== 'ChatStateEvent';
    let events = conversation.events.get(dialogId);
    if (kept && !events) {
      events = [];
      conversation.events.set(dialogId, events);
    }
    const record: EventRecord = {
      sequence: kept ? events?.length : undefined,
      serverTimestamp: kept ? this.clock.now() : undefined,
      originatorId,
      role: request.role,
      dialogId,
      conversation,
      event,
      audience: request.audience,
      metadata: request.metadata,
      clientProperties: request.clientProperties,
    };
    if (kept) events?.push(record);
    this.notifier.event(record);
    if (isContent(event)) this.#contentAdded(record, dialog);
    else if (event['status'] === 'READ') markRead(record);
    return record;
  }

  /** Adds a subscription; its first notification follows. */
  subscribe(subscription: ConversationSubscription): void {
    this.notifier.conversations.add(subscription);
    subscription.begun = false;
    this.notifier.begin(subscription.client, () => {
      // It may have been given up, or begun anew, before it began.
      if (subscription.begun || this.notifier.conversations.get(subscription.id) !== subscription) return;
      const found = [...this.#index.scope(subscription.filter)].filter((conversation) =>
        matches(subscription, conversation),
      );
      this.notifier.sendConversations(subscription, found, this.maxConversationsPerNotification);
    });
  }

  /** Makes a socket known to the one it belongs to. */
  connected(client: Client): void {
    const party = client.kind === 'agent' ? this.agents.find(client.partyId) : this.consumers.find(client.partyId);
    party?.clients.add(client);
  }

  /** Forgets a socket; an agent without one is OFFLINE until it says otherwise. */
  disconnected(client: Client): void {
    for (const subscription of this.notifier.conversations.ofClient(client)) this.unsubscribe(subscription);
    this.notifier.removeClient(client);
    const agent = client.kind === 'agent' ? this.agents.find(client.partyId) : undefined;
    if (!agent) {
      this.consumers.find(client.partyId)?.clients.delete(client);
      return;
    }
    agent.clients.delete(client);
    if (agent.clients.size === 0) this.setAgentState(agent, 'OFFLINE');
    this.flush();
  }

  unsubscribe(subscription: ConversationSubscription): void {
    this.notifier.conversations.remove(subscription);
    for (const conversation of this.#index.scope(subscription.filter)) conversation.watchers.delete(subscription);
  }

  setAgentState(agent: AgentRecord, availability: string, reasonId?: string): void {
    if (agent.availability === availability && agent.reasonId === reasonId) return;
    agent.availability = availability;
    agent.reasonId = reasonId;
    this.notifier.agentState(agent);
    this.routing.agentChanged(agent);
  }

  #contentAdded(record: EventRecord, dialog: Dialog): void {
    const { conversation } = record;
    conversation.lastUpdateTime = this.clock.now();
    countUnread(record, dialog);
    if (record.audience === 'ALL' && dialog === mainDialog(conversation.meta)) {
      noteMessage(record);
      if (this.quirks.ringOn === 'first-message') this.routing.reconcile(conversation);
    }
    this.notifier.conversation(conversation);
  }

  #indexAgents(conversation: Conversation, before: ConversationMeta): void {
    for (const id of agentsIn(before)) this.agents.find(id)?.conversations.delete(conversation);
    for (const id of agentsIn(conversation.meta)) this.agents.find(id)?.conversations.add(conversation);
  }

  #assign(conversation: Conversation, agent: AgentRecord): void {
    const meta = copyMeta(conversation.meta);
    assignTo(meta, agent.id, this.clock.now());
    this.update(conversation, meta);
  }

  #unsuggest(conversation: Conversation, agentId: string): void {
    const meta = copyMeta(conversation.meta);
    withdrawSuggestion(meta, agentId, this.clock.now());
    this.update(conversation, meta);
  }
}
