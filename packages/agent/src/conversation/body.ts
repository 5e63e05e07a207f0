import { Drafts } from './drafts.ts';
import type { Message } from './message.ts';

/** What the code that handles a message (or that before the loop) has done so far; dropped when it fails. */
export class Body {
  /** The answers that its questions have got: they are handled together with its message. */
  readonly answers: Message[] = [];
  /** What it has changed in the data. */
  readonly drafts = new Drafts();
  /** Whether a question of it is open. */
  asking = false;
  readonly #asked = new Map<string, number>();

  /** How often this was asked before, in this body. */
  countAsked(question: string): number {
    const count = this.#asked.get(question) ?? 0;
    this.#asked.set(question, count + 1);
    return count;
  }
}
