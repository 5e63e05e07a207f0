import type { ConversationChange, ConversationDetails } from './user-form/index.ts';

/** What is known of one conversation: the newest notification of it. */
export interface ConversationState {
  readonly conversationId: string;
  change: ConversationChange | undefined;
  details: ConversationDetails | undefined;
  /** True once its last dialog was closed: nothing more can happen in it. */
  ended: boolean;
  /** True once a subscription let it go without a word about its participants: who it belongs to is not known any more. */
  gone: boolean;
}

/** Called with a state and the change that was applied to it. */
export type StateListener = (state: ConversationState, change: ConversationChange) => void;

/** The newest state of every conversation the platform tells of. Closed ones, and ones that left every subscription, are let go. */
export class ConversationStore {
  readonly #states = new Map<string, ConversationState>();
  readonly #listeners = new Set<StateListener>();
  readonly #watchers = new Map<string, Set<StateListener>>();

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
    const watchers = this.#watchers.get(conversationId) ?? new Set();
    this.#watchers.set(conversationId, watchers.add(listener));
    return () => {
      watchers.delete(listener);
      if (watchers.size === 0 && this.#watchers.get(conversationId) === watchers) this.#watchers.delete(conversationId);
    };
  }

  /** Takes in a change; false when it is older than what is known and was left out. Notifications may arrive out of order. */
  apply(change: ConversationChange): boolean {
    const state = this.get(change.result.convId);
    const details = change.result.conversationDetails;
    if (details && isOlder(details, state.details)) return false;
    if (details) state.details = details;
    state.change = change;
    state.ended = state.details?.stage === 'CLOSE';
    state.gone = change.type === 'DELETE' && details === undefined;
    // A DELETE says that a subscription no longer covers it: nothing more will be told, so nothing can be kept current.
    if (change.type === 'DELETE' || state.ended) this.#states.delete(state.conversationId);
    else this.#states.set(state.conversationId, state);
    for (const listener of this.#watchers.get(state.conversationId) ?? []) listener(state, change);
    for (const listener of this.#listeners) listener(state, change);
    return true;
  }
}

function createState(conversationId: string): ConversationState {
  return { conversationId, change: undefined, details: undefined, ended: false, gone: false };
}

function isOlder(details: ConversationDetails, known: ConversationDetails | undefined): boolean {
  const time = details.metaDataLastUpdateTs;
  const knownTime = known?.metaDataLastUpdateTs;
  return time !== undefined && knownTime !== undefined && time < knownTime;
}
