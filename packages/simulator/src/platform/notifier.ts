import type { Clock } from '@lp/core';
import type { Quirks } from '../quirks.ts';
import type { Random } from '../random.ts';
import { nextTurn } from '../turns.ts';
import type { Dialect, NOTIFICATIONS } from '../wire.ts';
import { type AgentSubscription, AgentSubscriptions } from './agent-subscriptions.ts';
import type { AgentDirectory, AgentRecord } from './agents.ts';
import { ConversationSubscriptions, matches } from './conversation-subscriptions.ts';
import type { Client, Conversation, ConversationSubscription, EventRecord, Ring } from './model.ts';
import { Multimap } from './multimap.ts';
import { type ChangeType, change, NotificationText } from './notification-text.ts';
import type { FrameListener, Observer } from './observer.ts';
import type { Renderer } from './render.ts';

/** Faults that change what notifications hold. */
export interface ContentFaults {
  omitsLastContent(): boolean;
}

/**
 * Tells subscribers what changed. Changes are collected until `flush`, so that a request's response goes out first and a
 * conversation that changed several times is told about once. Each text is made once for all who get it.
 */
export class Notifier {
  readonly conversations = new ConversationSubscriptions();
  readonly routing = new AgentSubscriptions();
  readonly agentStates = new AgentSubscriptions();
  observer: Observer | undefined;
  readonly listeners = new Set<FrameListener>();
  /** Sockets that asked for the events of a dialog. */
  readonly #dialogs = new Multimap<string, Client>();
  readonly #dialogsOf = new Multimap<Client, string>();
  readonly #quirks: Quirks;
  readonly #random: Random;
  readonly #agents: AgentDirectory;
  readonly #renderer: Renderer;
  readonly #texts: NotificationText;
  readonly #faults: ContentFaults;
  #snapshots: (() => void)[] = [];
  #events: EventRecord[] = [];
  #changed = new Set<Conversation>();
  #rings: { ring: Ring; type: ChangeType; result: object }[] = [];
  #states = new Set<AgentRecord>();

  constructor(parts: {
    clock: Clock;
    quirks: Quirks;
    random: Random;
    agents: AgentDirectory;
    renderer: Renderer;
    faults: ContentFaults;
  }) {
    this.#quirks = parts.quirks;
    this.#random = parts.random;
    this.#agents = parts.agents;
    this.#renderer = parts.renderer;
    this.#texts = new NotificationText(parts.quirks, parts.clock);
    this.#faults = parts.faults;
  }

  /**
   * Sends the first notification of a subscription. It leaves after the response has arrived, in a turn and a write of its
   * own: clients register a subscription when they know its id.
   */
  begin(client: Client, send: () => void): void {
    const { firstNotification, answerOrder } = this.#quirks;
    const begin = () => {
      if (client.open) send();
    };
    if (firstNotification === 'with-response' || answerOrder === 'last') this.#snapshots.push(begin);
    else afterResponse(begin);
  }

  /** Sends what is collected in a turn and a write of its own, where a subscription's first notification leaves so too. */
  flushLater(): void {
    if (this.#quirks.firstNotification === 'with-response') this.flush();
    else afterResponse(() => this.flush());
  }

  event(record: EventRecord): void {
    this.#events.push(record);
    this.observer?.event(record);
  }

  conversation(conversation: Conversation): void {
    this.#changed.add(conversation);
    this.observer?.conversation(conversation);
  }

  ring(ring: Ring, type: ChangeType): void {
    // Rendered now: the ring may have moved on until the flush.
    this.#rings.push({ ring, type, result: this.#renderer.ring(ring) });
    this.observer?.conversation(ring.conversation);
  }

  agentState(agent: AgentRecord): void {
    this.#states.add(agent);
    this.observer?.agents();
  }

  /** From now on the socket gets the events of the dialog. */
  subscribeDialog(client: Client, dialogId: string): void {
    this.#dialogs.put(dialogId, client);
    this.#dialogsOf.put(client, dialogId);
  }

  /** The socket gets the dialog's events no longer. */
  unsubscribeDialog(client: Client, dialogId: string): void {
    this.#dialogs.remove(dialogId, client);
    this.#dialogsOf.remove(client, dialogId);
  }

  /** Ends what a closed socket was told about dialogs, rings and states. */
  removeClient(client: Client): void {
    for (const dialogId of this.#dialogsOf.take(client)) this.#dialogs.remove(dialogId, client);
    this.routing.removeOf(client);
    this.agentStates.removeOf(client);
  }

  /** Sends everything collected. */
  flush(): void {
    const snapshots = this.#snapshots;
    if (snapshots.length > 0) {
      this.#snapshots = [];
      for (const send of snapshots) send();
    }
    if (this.#quirks.notificationOrder === 'conversation-first') this.#flushConversations();
    if (this.#events.length > 0) {
      const events = this.#events;
      this.#events = [];
      for (const record of events) this.#sendEvent(record);
    }
    this.#flushConversations();
    if (this.#rings.length > 0) {
      const rings = this.#rings;
      this.#rings = [];
      for (const { ring, type, result } of rings) this.#sendRing(ring, type, result);
    }
    if (this.#states.size > 0) {
      const states = this.#states;
      this.#states = new Set();
      for (const agent of states) this.#sendAgentState(agent);
    }
  }

  /** The first notification of a subscription: the newest of its conversations, up to `limit`. */
  sendConversations(subscription: ConversationSubscription, found: Conversation[], limit: number): void {
    subscription.begun = true;
    found.sort((a, b) => b.lastUpdateTime - a.lastUpdateTime);
    for (const conversation of found) conversation.watchers.add(subscription);
    const changes = found
      .slice(0, limit)
      .map((conversation) => change('UPSERT', this.#conversationText(conversation, subscription)));
    this.#sendChanges(subscription, 'conversations', changes);
  }

  /** The first notification of a routing subscription: the rings that wait. */
  sendRings(subscription: AgentSubscription, rings: readonly Ring[]): void {
    subscription.begun = true;
    const changes = rings
      .filter((ring) => concerns(subscription, ring))
      .map((ring) => change('UPSERT', this.#texts.object(this.#renderer.ring(ring))));
    this.#sendChanges(subscription, 'routing', changes);
  }

  sendAgentState(subscription: AgentSubscription, agent: AgentRecord): void {
    subscription.begun = true;
    this.#sendChanges(subscription, 'agentState', [
      change('UPSERT', this.#texts.object(this.#renderer.agentState(agent))),
    ]);
  }

  /** Events as a socket gets them after asking for a dialog: a consumer's in one notification, also where there is none. */
  sendReplay(client: Client, records: readonly EventRecord[]): void {
    if (client.kind === 'consumer') {
      if (records.length === 0 && this.#quirks.consumerFrames === '2018') return;
      const changes = records.map((record) => this.#texts.object(this.#renderer.event(record, 'v3', 'replay')));
      client.notify(this.#texts.toConsumer('events', changes));
    } else {
      for (const record of records) {
        client.notify(this.#texts.event(this.#renderer.event(record, 'v2')));
      }
    }
  }

  #flushConversations(): void {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const conversation of changed) this.#sendConversation(conversation);
  }

  #sendEvent(record: EventRecord): void {
    const { dialogId, conversation } = record;
    const forBrand = record.audience !== 'ALL';
    const texts = new Map<Dialect, string>();
    const sent = new Set<Client>();
    const textIn = (dialect: Dialect): string => {
      let text = texts.get(dialect);
      if (text === undefined) {
        const shown = this.#renderer.event(record, dialect);
        text =
          dialect === 'v2' ? this.#texts.event(shown) : this.#texts.toConsumer('events', [this.#texts.object(shown)]);
        texts.set(dialect, text);
      }
      return text;
    };
    const send = (client: Client) => {
      if (sent.has(client)) return;
      sent.add(client);
      if (forBrand && client.kind === 'consumer') return;
      if (record.sequence === undefined && !this.#quirks.chatStateEcho && client.partyId === record.originatorId)
        return;
      client.notify(textIn(client.kind === 'agent' ? 'v2' : 'v3'));
    };
    const dialog = conversation.meta.dialogs.find((d) => d.dialogId === dialogId);
    for (const { id, state } of dialog?.participants ?? []) {
      const agent = state === 'ACTIVE' ? this.#agents.find(id) : undefined;
      if (agent) for (const client of agent.clients) send(client);
    }
    for (const client of this.#dialogs.get(dialogId)) send(client);
    if (!forBrand) for (const listener of this.listeners) listener.send(textIn('v3'));
  }

  #sendConversation(conversation: Conversation): void {
    const texts = new Map<string, string>();
    for (const subscription of this.conversations.candidates(conversation)) {
      if (!subscription.begun) continue;
      const held = conversation.watchers.has(subscription);
      const matching = matches(subscription, conversation);
      if (!held && !matching) continue;
      if (matching) conversation.watchers.add(subscription);
      else conversation.watchers.delete(subscription);
      const form = `${subscription.dialect} ${subscription.client.seesSuggested}`;
      let text = texts.get(form);
      if (text === undefined) {
        text = this.#conversationText(conversation, subscription);
        texts.set(form, text);
      }
      this.#sendChanges(subscription, 'conversations', [change(matching ? 'UPSERT' : 'DELETE', text)]);
    }
    if (this.listeners.size === 0) return;
    const shown = this.#renderer.conversation(conversation, 'v3', { suggested: false, lastContent: false });
    const text = this.#texts.toConsumer('conversations', [change('UPSERT', this.#texts.object(shown))]);
    for (const listener of this.listeners) listener.send(text);
  }

  #sendRing(ring: Ring, type: ChangeType, result: object): void {
    const text = change(type, this.#texts.object(result));
    for (const subscription of this.routing.of(ring.agentId)) {
      if (subscription.begun && concerns(subscription, ring)) this.#sendChanges(subscription, 'routing', [text]);
    }
  }

  #sendAgentState(agent: AgentRecord): void {
    for (const subscription of this.agentStates.of(agent.id)) {
      if (subscription.begun) this.sendAgentState(subscription, agent);
    }
  }

  #conversationText(conversation: Conversation, { dialect, client }: ConversationSubscription): string {
    const { omitLastContentEvent } = this.#quirks;
    // Nothing is drawn without need: ids stay the same whatever is sent.
    const omit =
      (omitLastContentEvent > 0 && this.#random.next() < omitLastContentEvent) || this.#faults.omitsLastContent();
    const options = { suggested: client.seesSuggested, lastContent: !omit };
    return this.#texts.object(this.#renderer.conversation(conversation, dialect, options));
  }

  #sendChanges(
    { id, client, dialect }: { id: string; client: Client; dialect: Dialect },
    kind: Exclude<keyof typeof NOTIFICATIONS, 'events'>,
    changes: string[],
  ): void {
    client.notify(this.#texts.toSubscription(kind, dialect, id, changes));
  }
}

/** A response leaves in this turn of the event loop and is read in the next. */
const afterResponse = (send: () => void): void => {
  nextTurn(() => nextTurn(send));
};

function concerns({ skillId, conversationId }: AgentSubscription, ring: Ring): boolean {
  return (
    (skillId === undefined || skillId === ring.skillId) &&
    (conversationId === undefined || conversationId === ring.conversation.id)
  );
}
