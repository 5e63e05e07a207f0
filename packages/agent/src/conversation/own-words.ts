import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { idsOf } from './send-ids.ts';

/** Something this agent has said before, found in the history. */
export interface OwnWord {
  readonly sequence: number;
  readonly event: MessagingEvent['event'];
}

/** A message of somebody else's. */
interface Heard {
  readonly sequence: number;
  readonly recovered: boolean;
}

/**
 * What this agent had said behind the place a reader starts from: under ids it chose, and without any where the history
 * leaves metadata out. Kept until the reader has passed it.
 */
export class OwnWords {
  // Made when there is something to put in: there may be many thousands of readers that have said nothing before.
  #named: Map<unknown, OwnWord> | undefined;
  #nameless: OwnWord[] = [];
  /** What was let go of last. */
  #passed: OwnWord | undefined;
  /** The number above which what has no id is known by its place; undefined where it is not. */
  readonly #placedAbove: number | undefined;

  /**
   * With `said`, the last own number when a body had ended, what has no id is known by its place where nothing has any:
   * bodies are serial, so what was said behind this and behind the message in hand is its body's, in order.
   */
  constructor(events: readonly MessagingEvent[], said?: number) {
    for (const { event, metadata, sequence = -1 } of events) {
      const names = metadata?.filter(({ type }) => type === 'ExternalId') ?? [];
      for (const name of names) this.note(name['id'], { sequence, event });
      if (names.length === 0) this.#nameless.push({ sequence, event });
    }
    if (!this.#named) this.#placedAbove = said;
  }

  /** What was said under this id. */
  find(id: string): OwnWord | undefined {
    return this.#named?.get(id);
  }

  /** How many of these messages an earlier run has answered as one; undefined when it has answered none of them. */
  countAnswered(messages: readonly Heard[]): number | undefined {
    const last = messages.findIndex(({ recovered, sequence }) => recovered && this.#answers(sequence));
    return last === -1 ? undefined : last + 1;
  }

  /** How many of these messages had come when an earlier run said what comes next; undefined when it has said nothing. */
  countBeforeNext([first, ...rest]: readonly Heard[]): number | undefined {
    if (first?.recovered !== true) return undefined;
    const all = [...(this.#named?.values() ?? []), ...this.#nameless].map(({ sequence }) => sequence);
    const above = all.filter((sequence) => sequence > first.sequence);
    if (above.length === 0) return undefined;
    const later = rest.findIndex(({ sequence }) => sequence > Math.min(...above));
    return later === -1 ? rest.length + 1 : later + 1;
  }

  #answers(sequence: number): boolean {
    const prefix = idsOf(sequence);
    for (const id of this.#named?.keys() ?? []) if (typeof id === 'string' && id.startsWith(prefix)) return true;
    return false;
  }

  /** Something that was said since, under an id. */
  note(id: unknown, word: OwnWord): void {
    this.#named ??= new Map();
    this.#named.set(id, word);
  }

  /** Takes out what was said first in answer to a message, where its place tells. */
  takePlaced(after: number): OwnWord | undefined {
    const index = this.#indexPlaced(after);
    return index === -1 ? undefined : this.#nameless.splice(index, 1)[0];
  }

  /**
   * Lets go of what was said where something is sent that every run sends again: all that is the same, for several may have
   * been killed behind it; what is not the same, once. Gives the last of it.
   */
  passPlaced(after: number, isSame: (event: MessagingEvent['event']) => boolean): OwnWord | undefined {
    const isNext = () => {
      const next = this.#nameless[this.#indexPlaced(after)];
      return next !== undefined && isSame(next.event);
    };
    const wasPassed = this.#passed !== undefined && isSame(this.#passed.event);
    if (!isNext() && !wasPassed) this.#passed = this.takePlaced(after);
    while (isNext()) this.#passed = this.takePlaced(after);
    return this.#passed;
  }

  #indexPlaced(after: number): number {
    if (this.#placedAbove === undefined) return -1;
    const from = Math.max(this.#placedAbove, after);
    return this.#nameless.findIndex(({ sequence }) => sequence > from);
  }

  /** Takes out what was said above `after`, without an id, and is the same: each is found once. */
  takeNameless(after: number, isSame: (event: MessagingEvent['event']) => boolean): OwnWord | undefined {
    const index = this.#nameless.findIndex(({ sequence, event }) => sequence > after && isSame(event));
    return index === -1 ? undefined : this.#nameless.splice(index, 1)[0];
  }

  /** Lets go of what can be no answer to a message that is still to be handled. */
  dropThrough(sequence: number): void {
    for (const [id, word] of this.#named ?? []) if (word.sequence <= sequence) this.#named?.delete(id);
    if (this.#named?.size === 0) this.#named = undefined;
    if (this.#nameless.length > 0) this.#nameless = this.#nameless.filter((word) => word.sequence > sequence);
  }
}
