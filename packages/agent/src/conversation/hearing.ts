import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';

/** What is known of the consumer's newest words, before a loop gets them. */
export class Hearing {
  #newest = -1;
  #answers = -1;
  // Made when somebody listens: there may be many thousands of conversations.
  #listeners: Set<(sequence: number) => void> | undefined;

  /** The number of the newest that is nobody's yet; -1 when there is none. */
  get newest(): number {
    return this.#newest > this.#answers ? this.#newest : -1;
  }

  note({ sequence = -1 }: MessagingEvent): void {
    if (sequence <= this.#newest) return;
    this.#newest = sequence;
    for (const listener of [...(this.#listeners ?? [])]) listener(sequence);
  }

  /** Words up to this one have been taken as answers to questions. */
  pass(sequence: number): void {
    if (sequence > this.#answers) this.#answers = sequence;
  }

  /** Called with the number of all that comes from now on. Returns how to stop. */
  listen(listener: (sequence: number) => void): () => void {
    const listeners = this.#listeners ?? new Set();
    this.#listeners = listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

export function isFromConsumer({ event, originatorMetadata }: MessagingEvent): boolean {
  return originatorMetadata?.role === 'CONSUMER' && isContent(event);
}
