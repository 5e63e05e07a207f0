import { BoundedMap, Broadcast } from '@lp/core/internal';
import { decodeNotification, type InvalidItem, type NotificationBody, type SchemaIssue } from '@lp/schemas';
import type { NotificationFrame } from '@lp/transport';
import { ConversationBatches } from './conversation-batches.ts';
import type { ConversationStore } from './conversation-store.ts';
import { KeyedListeners } from './keyed-listeners.ts';
import type { Ending } from './lifecycle.ts';
import {
  type AgentStateChange,
  type ConversationChange,
  type Identities,
  type MessagingEvent,
  Pairings,
  type RoutingTaskChange,
  toAgentStateChanges,
  toConversationChanges,
  toMessagingEvents,
  toRoutingTaskChanges,
} from './mapping/index.ts';
import { type PlatformClock, plausibleTime } from './platform-clock.ts';
import { Repeats } from './repeats.ts';
import type { Reporter } from './reporter.ts';

/** The live side of one dialog's stream. */
export interface DialogSink {
  /** An event as it happens. */
  live(event: MessagingEvent, epoch: number): void;
  /** An event that is known from somewhere else. */
  hint(event: MessagingEvent, epoch: number): void;
}

/** A notification as it was received; `known` says whether its type has a schema. */
export interface Notification {
  /** The platform's name of the notification. */
  readonly type: string;
  /** Its body as received. */
  readonly body: unknown;
  /** Whether its type has a schema here, and the body is as that says. */
  readonly known: boolean;
}

/** What the router needs of the agent. */
export interface RouterParts {
  readonly identities: Identities;
  readonly store: ConversationStore;
  readonly report: Reporter;
  readonly platformClock: PlatformClock;
}

type ConversationsBody = NotificationBody<'.ams.aam.ExConversationChangeNotification'>;

const MOST_SEQUENCES = 100_000;
// Of fields that could not be read: the keys of maps are the platform's.
const MOST_FIELDS = 1_000;

/** Hands each notification to those who asked for it: one decode, one look-up by dialog, nothing awaited. */
export class Router {
  readonly notifications = new Broadcast<Notification>();
  readonly conversationChanges = new Broadcast<ConversationChange>();
  readonly messagingEvents = new Broadcast<MessagingEvent>();
  readonly routingTasks = new Broadcast<RoutingTaskChange>();
  readonly agentStates = new Broadcast<AgentStateChange>();
  readonly #parts: RouterParts;
  readonly #sinks = new KeyedListeners<DialogSink>();
  readonly #batches = new Set<ConversationBatches>();
  readonly #lastSequences = new BoundedMap<string, number>(MOST_SEQUENCES);
  /** The dialogs with somebody who came after their last event: what the history lacks, only that event may tell of. */
  readonly #newcomers = new Set<string>();
  readonly #pairings = new Pairings();
  readonly #toldFields = new BoundedMap<string, true>(MOST_FIELDS);
  readonly #repeats: Repeats;
  /** The text of the frame that is being read, and what it tells again. */
  #text: string | undefined;
  #repetition: ReturnType<Repeats['find']>;
  #invalidItems = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#repeats = new Repeats({
      pairings: this.#pairings,
      lastSequence: (dialogId) => (this.#newcomers.has(dialogId) ? undefined : this.lastSequence(dialogId)),
      ...parts,
    });
  }

  /** Registers a dialog's stream; returns how to take it off. */
  attach(dialogId: string, sink: DialogSink): () => void {
    this.#newcomers.add(dialogId);
    this.#sinks.add(dialogId, sink);
    return () => this.detach(dialogId, sink);
  }

  /** Takes a dialog's stream off. */
  detach(dialogId: string, sink: DialogSink): void {
    this.#sinks.remove(dialogId, sink);
    if (this.#sinks.of(dialogId).length === 0) this.#newcomers.delete(dialogId);
  }

  /** The highest sequence that was seen of a dialog lately. */
  lastSequence(dialogId: string): number | undefined {
    return this.#lastSequences.get(dialogId);
  }

  /**
   * Sees a frame's text before it is parsed. True when it repeats what is known of a conversation and nobody wants to hear
   * that: it need not be read.
   */
  absorb(text: string, epoch: number): boolean {
    const repetition = this.#repeats.find(text, epoch);
    this.#text = text;
    this.#repetition = repetition;
    const isHeard = this.notifications.size > 0 || this.conversationChanges.size > 0 || this.#batches.size > 0;
    if (!repetition || isHeard || !this.#repeats.isKnownWhole(repetition)) return false;
    this.#repeats.keep(repetition);
    return true;
  }

  /** Takes in one notification of the socket with the given epoch. */
  route(frame: NotificationFrame, epoch: number): void {
    const decoded = decodeNotification(frame);
    const dropped = decoded.kind === 'invalid' ? [decoded] : decoded.invalid;
    if (dropped.length > 0) this.reportInvalid(frame.type, dropped);
    if (decoded.kind === 'invalid') return;
    if (this.notifications.size > 0) {
      this.notifications.publish({ type: frame.type, body: frame.body, known: decoded.known });
    }
    if (!decoded.known) return;
    const { identities } = this.#parts;
    switch (decoded.topic) {
      case 'messaging':
        for (const event of toMessagingEvents(decoded.body, identities)) this.#routeEvent(event, epoch);
        break;
      case 'conversations':
        if (this.#batches.size > 0) this.#noteBatch(decoded.body);
        this.#takeIn(decoded.body, epoch, decoded.body === frame.body);
        break;
      case 'routingTasks':
        for (const change of toRoutingTaskChanges(decoded.body, identities)) this.routingTasks.publish(change);
        break;
      case 'agentStates':
        for (const change of toAgentStateChanges(decoded.body, identities)) this.agentStates.publish(change);
        break;
    }
  }

  /** Collects how many conversations the first notification of each new subscription holds, until it is stopped. */
  collectConversationBatches(): ConversationBatches {
    return new ConversationBatches((collector) => {
      this.#batches.add(collector);
      return () => this.#batches.delete(collector);
    });
  }

  /** Tells of items of a frame that could not be read and were left out; of fields that were set aside once for each. */
  reportInvalid(type: string, invalid: readonly InvalidItem[]): void {
    const issuesOf = (items: readonly InvalidItem[]) => items.flatMap(({ issues }) => issues);
    const dropped = invalid.filter(({ kept }) => kept !== true);
    this.#invalidItems += dropped.length;
    this.#tellInvalid(type, 'body', issuesOf(dropped));
    const aside = issuesOf(invalid.filter(({ kept }) => kept === true));
    this.#tellInvalid(
      type,
      'field',
      aside.filter(({ path }) => this.#isNews(`${type} ${path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, '*')}`)),
    );
  }

  #tellInvalid(frameType: string, reason: 'body' | 'field', issues: readonly SchemaIssue[]): void {
    if (issues.length === 0) return;
    this.#parts.report.status({ type: 'invalidFrame', reason, frameType, issues, count: this.#invalidItems });
  }

  #isNews(place: string): boolean {
    if (this.#toldFields.get(place) === true) return false;
    this.#toldFields.set(place, true);
    return true;
  }

  /** Hands on events that were asked for, as if they had been pushed. */
  replay(events: readonly MessagingEvent[], epoch: number): void {
    for (const event of events) this.#routeEvent(event, epoch, 'hint');
  }

  /** Ends every stream that lives of this router. Resolves when all of them are drained. */
  async end({ error, drop }: Ending): Promise<void> {
    const { notifications, conversationChanges, messagingEvents, routingTasks, agentStates } = this;
    const all = [notifications, conversationChanges, messagingEvents, routingTasks, agentStates];
    const drained = all.map((broadcast) => broadcast.drained());
    for (const broadcast of all) broadcast.end(error, { drop });
    await Promise.all(drained);
  }

  #routeEvent(event: MessagingEvent, epoch: number, how: 'live' | 'hint' = 'live'): void {
    for (const sink of this.#sinks.of(event.dialogId)) sink[how](event, epoch);
    this.#noteSequence(event);
    this.#parts.platformClock.see(event.serverTimestamp);
    this.messagingEvents.publish(event);
  }

  /** With `isWhole` nothing was set aside or put right in the frame: its text may be what the next one is compared with. */
  #takeIn(body: ConversationsBody, epoch: number, isWhole: boolean): void {
    const { identities } = this.#parts;
    let isNews = false;
    for (const change of toConversationChanges(body, identities, this.#pairings)) {
      isNews = this.#routeConversation(change, epoch);
    }
    const [change] = body.changes;
    if (this.#text === undefined || !isNews || !isWhole || !change || body.changes.length > 1) return;
    if (this.#repetition) this.#repeats.keep(this.#repetition);
    else this.#repeats.learn(this.#text, epoch, change);
  }

  /** False for one that is older than what is known. */
  #routeConversation(change: ConversationChange, epoch: number): boolean {
    const last = change.result.lastContentEventNotification;
    if (last) {
      for (const sink of this.#sinks.of(last.dialogId)) sink.hint(last, epoch);
      this.#noteSequence(last);
    }
    const isNews = this.#parts.store.apply(change);
    if (isNews) this.conversationChanges.publish(change);
    return isNews;
  }

  #noteSequence({ dialogId, sequence }: MessagingEvent): void {
    const known = this.#lastSequences.get(dialogId);
    if (sequence === undefined || (known !== undefined && known > sequence)) return;
    this.#newcomers.delete(dialogId);
    if (known !== sequence) this.#lastSequences.set(dialogId, sequence);
  }

  #noteBatch({ subscriptionId, changes }: ConversationsBody): void {
    if (subscriptionId === undefined) return;
    const times = changes.flatMap(({ result }) => plausibleTime(result.lastUpdateTime) ?? []);
    const oldest = times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
    const conversationIds = changes.map(({ result }) => result.convId);
    for (const collector of this.#batches) collector.note(subscriptionId, { conversationIds, oldest });
  }
}
