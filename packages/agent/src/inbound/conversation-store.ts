import { BoundedMap } from '@lp/core/internal';
import { KeyedListeners } from './keyed-listeners.ts';
import type { ConversationChange, ConversationDetails } from './mapping/index.ts';
import { isEarlier, plausibleTime } from './platform-clock.ts';
import type { Brief, Told } from './told.ts';

/** What is known of one conversation. The notification itself is let go: its last event, above all, would be kept for nothing. */
export interface ConversationState {
  readonly conversationId: string;
  /** Undefined when nothing was told of it yet. May have to be read from a text first: see {@link briefOf}. */
  readonly details: ConversationDetails | undefined;
  /** True once its last dialog was closed: nothing more can happen in it. */
  readonly ended: boolean;
  /** True once a subscription let it go without a word about its participants: who it belongs to is not known any more. */
  readonly gone: boolean;
  /** True while what is known may be of subscriptions that are gone: the next word of it is news, though it be the same. */
  readonly doubted?: boolean;
  /** Its details as text, where they were told in a way that lets repetitions be known. */
  readonly told?: Told | undefined;
}

/** The part of a conversation's details that costs nothing to ask for. */
export function briefOf(state: ConversationState): Brief | undefined {
  return state.told?.brief ?? state.details;
}

/** Called with a state, the change that was applied to it, and what was known before. */
export type StateListener = (state: ConversationState, change: ConversationChange, before: Brief | undefined) => void;

// Notifications that come late come within seconds; this many conversations may end or leave in that time.
const MOST_TOMBSTONES = 10_000;

/** What is kept of a conversation that was let go, so that a late notification does not bring it back. */
interface Tombstone {
  readonly time: number | undefined;
  readonly ended: boolean;
}

/** The newest state of every conversation the platform tells of. Closed ones, and ones that left every subscription, are let go. */
export class ConversationStore {
  readonly #tombstones = new BoundedMap<string, Tombstone>(MOST_TOMBSTONES);
  readonly #states = new Map<string, State>();
  readonly #listeners = new Set<StateListener>();
  readonly #watchers = new KeyedListeners<StateListener>();
  readonly #followers = new KeyedListeners<StateListener>();
  readonly #isCovered: (state: ConversationState) => boolean;

  /** `isCovered`: whether something that is subscribed to tells of a conversation that is as the state says. */
  constructor(isCovered: (state: ConversationState) => boolean = () => false) {
    this.#isCovered = isCovered;
  }

  get size(): number {
    return this.#states.size;
  }

  /** The state of a conversation, empty when nothing was told of it yet. Not kept for asking. */
  get(conversationId: string): ConversationState {
    return this.#states.get(conversationId) ?? new State(conversationId);
  }

  /** Everything that is known now. */
  all(): ConversationState[] {
    return [...this.#states.values()];
  }

  /** Called for every change that is not stale and tells something new, in the order of arrival. Returns how to stop that. */
  onChange(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As `onChange`, for one conversation; however many are watched, a change costs one look-up. */
  watch(conversationId: string, listener: StateListener): () => void {
    return this.#watchers.add(conversationId, listener);
  }

  /** Ends what `watch` began. */
  unwatch(conversationId: string, listener: StateListener): void {
    this.#watchers.remove(conversationId, listener);
  }

  /** As `watch`, also for changes that tell nothing new. Returns how to stop that. */
  follow(conversationId: string, listener: StateListener): () => void {
    return this.#followers.add(conversationId, listener);
  }

  /** Whether somebody wants to hear of all changes of a conversation. */
  isFollowed(conversationId: string): boolean {
    return this.#followers.of(conversationId).length > 0;
  }

  /** Who begins to work with one conversation, or with all, hears the next word of it, though it repeat what is known. */
  doubt(conversationId?: string): void {
    const doubted = conversationId === undefined ? this.#states.values() : [this.#states.get(conversationId)];
    for (const state of doubted) if (state) state.doubted = true;
  }

  /** Keeps the details of a conversation as text alone. */
  condense(conversationId: string, told: Told): void {
    this.#states.get(conversationId)?.condense(told);
  }

  /** Takes in a change; false when it is older than what is known and was left out. Notifications may arrive out of order. */
  apply(change: ConversationChange): boolean {
    const { convId, conversationDetails: details } = change.result;
    const known = this.#states.get(convId);
    const state = known ?? new State(convId);
    const isLate = known
      ? isEarlier(details?.metaDataLastUpdateTs, known.updated)
      : this.#comesTooLate(details, convId);
    if (isLate) return false;
    const before = briefOf(state);
    state.take(change);
    // A DELETE says that a subscription no longer covers it. Where none does nothing more will be told, so nothing can be
    // kept current.
    const isOver = change.type === 'DELETE' && (state.gone || !this.#isCovered(state));
    if (isOver || state.ended) this.#letGo(state);
    else if (!known) this.#states.set(convId, state);
    for (const listener of this.#watchers.of(state.conversationId)) listener(state, change, before);
    for (const listener of this.#followers.of(state.conversationId)) listener(state, change, before);
    for (const listener of this.#listeners) listener(state, change, before);
    return true;
  }

  #letGo({ conversationId, ended, updated }: State): void {
    this.#states.delete(conversationId);
    this.#tombstones.delete(conversationId);
    this.#tombstones.set(conversationId, { time: plausibleTime(updated), ended });
  }

  /** One that left comes back only with news; one that has ended only when the news is that it was opened again. */
  #comesTooLate(details: ConversationDetails | undefined, conversationId: string): boolean {
    const tombstone = details && this.#tombstones.get(conversationId);
    if (!tombstone) return false;
    const time = plausibleTime(details.metaDataLastUpdateTs);
    const isKnown = time !== undefined && tombstone.time !== undefined;
    if (tombstone.ended && details.stage === 'OPEN') return !isKnown || time <= tombstone.time;
    if (tombstone.ended) return details.stage !== 'CLOSE';
    return isKnown && time < tombstone.time;
  }
}

/** What is kept of a conversation: its details, or the text that they can be read from. */
class State implements ConversationState {
  readonly conversationId: string;
  ended = false;
  gone = false;
  doubted = false;
  #details: ConversationDetails | undefined;
  #told: Told | undefined;

  constructor(conversationId: string) {
    this.conversationId = conversationId;
  }

  get details(): ConversationDetails | undefined {
    return this.#details ?? this.#told?.detailsOf(this.conversationId);
  }

  get told(): Told | undefined {
    return this.#told;
  }

  /** When it was changed last, in milliseconds since 1970. */
  get updated(): number | undefined {
    return this.#told ? this.#told.updated : this.#details?.metaDataLastUpdateTs;
  }

  take({ type, result: { conversationDetails: details } }: ConversationChange): void {
    if (details) {
      this.#details = details;
      this.#told = undefined;
      this.ended = details.stage === 'CLOSE';
    }
    this.gone = type === 'DELETE' && details === undefined;
    this.doubted = false;
  }

  condense(told: Told): void {
    this.#told = told;
    this.#details = undefined;
  }
}
