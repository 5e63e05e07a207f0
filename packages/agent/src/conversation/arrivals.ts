import type { ReceivedMessage } from './message.ts';

/** Who waits for an answer. */
export interface AnswerListener {
  /** A message has come. */
  offer(message: ReceivedMessage): void;
  /** There is no room for more. */
  full(): void;
  /** No more will come. */
  closed(): void;
}

/** What has come in a dialog and was not delivered: the loop gets it in order, unless a question claims it as its answer. */
export class Arrivals {
  /** In order; undefined when nothing waits, for there may be many thousands of dialogs. */
  #waiting: ReceivedMessage[] | undefined;
  /** Numbers of answers that are still among what is to be delivered. */
  #claimed: Set<number> | undefined;
  #listener: AnswerListener | undefined;
  #newest = -1;

  /** The next message that is not handled; the number behind the newest event when none waits. */
  get firstOpen(): number {
    return this.#waiting?.[0]?.sequence ?? this.#newest + 1;
  }

  /** An event of any kind has come. */
  see(sequence: number): void {
    if (sequence > this.#newest) this.#newest = sequence;
  }

  /** A message is on its way to the loop. */
  add(message: ReceivedMessage): void {
    // One that found no room comes again.
    if (this.#waiting?.at(-1)?.sequence === message.sequence) this.#waiting.pop();
    if (this.#waiting) this.#waiting.push(message);
    else this.#waiting = [message];
    this.#listener?.offer(message);
  }

  /** The loop has got the messages up to this one. */
  deliveredThrough(sequence: number): void {
    const open = this.#waiting?.findIndex((message) => message.sequence > sequence) ?? -1;
    if (open === -1) this.#waiting = undefined;
    else this.#waiting?.splice(0, open);
  }

  /** A message is an answer, and not for the loop. */
  claim(sequence: number): void {
    this.#claimed ??= new Set();
    this.#claimed.add(sequence);
    this.#waiting = this.#waiting?.filter((message) => message.sequence !== sequence);
  }

  /** Whether a message that is to be delivered was claimed; asked once for each. */
  skips(sequence: number): boolean {
    return this.#claimed?.delete(sequence) === true;
  }

  /** The first message above `after` that fits and is nobody's yet. */
  find(after: number, fits: (message: ReceivedMessage) => boolean): ReceivedMessage | undefined {
    return this.#waiting?.find((message) => message.sequence > after && fits(message));
  }

  /** What waits above `after` and fits, in order. */
  all(after: number, fits: (message: ReceivedMessage) => boolean): ReceivedMessage[] {
    return this.#waiting?.filter((message) => message.sequence > after && fits(message)) ?? [];
  }

  /** Tells of every message that comes from now on, before the loop gets it. Returns how to stop. */
  listen(listener: AnswerListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** There is no room for what comes now. */
  fill(): void {
    this.#listener?.full();
  }

  close(): void {
    this.#listener?.closed();
  }
}
