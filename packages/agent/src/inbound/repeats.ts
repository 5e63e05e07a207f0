import type { ConversationChangeRecord, ConversationDetailsRecord } from '@lp/schemas';
import type { ConversationStore } from './conversation-store.ts';
import { type Identities, type Pairings, toConversationDetails } from './mapping/index.ts';
import { type ReadDetails, Told } from './told.ts';
import { conversationIn, type Repeat, ToldText } from './told-text.ts';

/** What {@link Repeats} look things up in. */
interface RepeatParts {
  readonly identities: Identities;
  readonly pairings: Pairings;
  readonly store: Pick<ConversationStore, 'condense' | 'get' | 'isFollowed'>;
  /** The highest sequence that was seen of a dialog lately, by everybody who listens. */
  readonly lastSequence: (dialogId: string) => number | undefined;
}

/** A notification that tells again what is known of a conversation. */
interface Repetition {
  readonly conversationId: string;
  readonly told: Told;
  readonly repeat: Repeat;
}

// So many notifications may be kept without being repeated; then it is one in so many, until others are.
const CREDIT = 10_000;
const ONE_IN = 16;

/**
 * With each message the platform tells the whole of its conversation again. Where the times of updates alone are new, and
 * the last event has come by itself, there is nothing to parse, to check and to map: the text is compared with that of the
 * notification before, which was. That text is then all that is kept of the conversation; its details are read from it
 * when somebody asks for them.
 */
export class Repeats {
  readonly #parts: RepeatParts;
  // One function for all: there may be many thousands of texts.
  readonly #read: ReadDetails;
  #credit = CREDIT;
  #passedOver = 0;

  constructor(parts: RepeatParts) {
    this.#parts = parts;
    const { identities, pairings } = parts;
    this.#read = (json, conversationId) =>
      toConversationDetails(JSON.parse(json) as ConversationDetailsRecord, identities, pairings.of(conversationId));
  }

  /** What a frame's text tells again; nothing when it tells something else, or somebody follows the conversation. */
  find(text: string, epoch: number): Repetition | undefined {
    const id = conversationIn(text);
    if (id === undefined) return undefined;
    const { identities, store } = this.#parts;
    // The id as the store has it: maps find it sooner than a piece of the frame's text.
    const { conversationId, doubted, told } = store.get(id);
    if (doubted || told?.epoch !== epoch || told.version !== identities.version) return undefined;
    if (store.isFollowed(conversationId)) return undefined;
    const repeat = told.text.compare(text, conversationId);
    return repeat && { conversationId, told, repeat };
  }

  /** Whether it needs no reading: its last event has come by itself. */
  isKnownWhole({ conversationId, repeat }: Repetition): boolean {
    return repeat.sequence <= (this.#parts.lastSequence(conversationId) ?? -1);
  }

  /** Takes over the times of what was told again, and goes on keeping the text alone, whether it was read or not. */
  keep({ conversationId, told, repeat }: Repetition): void {
    told.repeat(repeat);
    this.#parts.store.condense(conversationId, told);
    this.#credit = Math.min(this.#credit + 1, CREDIT);
  }

  /**
   * Keeps the text of a notification whose one change was taken in, to compare the next one with. Not where somebody
   * follows the conversation: he is given everything, and asks for its details with each.
   */
  learn(text: string, epoch: number, change: ConversationChangeRecord): void {
    const { identities, store } = this.#parts;
    const { version } = identities;
    const { convId } = change.result;
    if (store.isFollowed(convId)) return;
    const { details } = store.get(convId);
    const told = details && this.#isWorthwhile() ? ToldText.of(text, change) : undefined;
    if (!details || !told) return;
    store.condense(convId, new Told(told, details, { epoch, version, read: this.#read }));
  }

  #isWorthwhile(): boolean {
    if (this.#credit > 0) {
      this.#credit--;
      return true;
    }
    this.#passedOver = (this.#passedOver + 1) % ONE_IN;
    return this.#passedOver === 0;
  }
}
