import { BoundedMap } from '@lp/core/internal';
import { KeyedListeners } from './keyed-listeners.ts';
import type { ConversationChange, ConversationDetails } from './mapping/index.ts';
import { plausibleTime } from './platform-clock.ts';

/** What is known of one conversation. The notification itself is let go: its last event, above all, would be kept for nothing. */
export interface ConversationState {
  readonly conversationId: string;
  details: ConversationDetails | undefined;
  /** True once its last dialog was closed: nothing more can happen in it. */
  ended: boolean;
  /** True once a subscription let it go without a word about its participants: who it belongs to is not known any more. */
  gone: boolean;
}

/** Called with a state, the change that was applied to it, and the details before. */
export type StateListener = (
  state: ConversationState,
  change: ConversationChange,
  before: ConversationDetails | undefined,
) => void;

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
  readonly #states = new Map<string, ConversationState>();
  readonly #listeners = new Set<StateListener>();
  readonly #watchers = new KeyedListeners<StateListener>();

  get size(): number {
    return this.#states.size;
  }

  /** The state of a conversation, empty when nothing was told of it yet. Not kept for asking. */
  get(conversationId: string): ConversationState {
    return this.#states.get(conversationId) ?? createState(conversationId);
  }

  /** Everything that is known now. */
  all(): ConversationState[] {
    return [...this.#states.values()];
  }

  /** Called for every change that is not stale, in the order of arrival. Returns how to stop that. */
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

  /** Takes in a change; false when it is older than what is known and was left out. Notifications may arrive out of order. */
  apply(change: ConversationChange): boolean {
    const { convId, conversationDetails: details } = change.result;
    const known = this.#states.get(convId);
    const state = known ?? createState(convId);
    if (details && (known ? isOlder(details, known.details) : this.#comesTooLate(details, convId))) return false;
    const before = state.details;
    if (details) state.details = details;
    state.ended = state.details?.stage === 'CLOSE';
    state.gone = change.type === 'DELETE' && details === undefined;
    // A DELETE says that a subscription no longer covers it: nothing more will be told, so nothing can be kept current.
    if (change.type === 'DELETE' || state.ended) this.#letGo(state);
    else if (!known) this.#states.set(convId, state);
    for (const listener of this.#watchers.of(state.conversationId)) listener(state, change, before);
    for (const listener of this.#listeners) listener(state, change, before);
    return true;
  }

  #letGo({ conversationId, details, ended }: ConversationState): void {
    this.#states.delete(conversationId);
    this.#tombstones.delete(conversationId);
    this.#tombstones.set(conversationId, { time: timeOf(details), ended });
  }

  /** One that left comes back only with news; one that has ended only when the news is that it was opened again. */
  #comesTooLate(details: ConversationDetails, conversationId: string): boolean {
    const tombstone = this.#tombstones.get(conversationId);
    if (!tombstone) return false;
    const time = timeOf(details);
    const isKnown = time !== undefined && tombstone.time !== undefined;
    if (tombstone.ended && details.stage === 'OPEN') return !isKnown || time <= tombstone.time;
    if (tombstone.ended) return details.stage !== 'CLOSE';
    return isKnown && time < tombstone.time;
  }
}

function createState(conversationId: string): ConversationState {
  return { conversationId, details: undefined, ended: false, gone: false };
}

/** When it was changed last. A time that cannot be one would make everything after it look old. */
function timeOf(details: ConversationDetails | undefined): number | undefined {
  return plausibleTime(details?.metaDataLastUpdateTs);
}

function isOlder(details: ConversationDetails, known: ConversationDetails | undefined): boolean {
  const time = timeOf(details);
  const knownTime = timeOf(known);
  return time !== undefined && knownTime !== undefined && time < knownTime;
}
