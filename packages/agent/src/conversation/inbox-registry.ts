import { ConfigError, type Stream } from '@lp/core';
import { BoundedMap } from '@lp/core/internal';
import type { MessageReader } from './message-reader.ts';

/** What the registry knows of an inbox. */
interface RegisteredInbox extends MessageReader {
  readonly stream: Stream<unknown>;
  /** Whether it was closed; what it holds may still be read. */
  readonly ended: boolean;
  /** Whether a question of it is open. */
  readonly asking: boolean;
  /** Resolves when nothing of what it handled is still to be written. */
  readonly idle: Promise<void>;
  /** Another one handles its dialog, although a body of this one may be at work. */
  replace(): void;
}

const MOST_BEGUN = 100_000;

/** Who handles which dialog: one reader at a time, since a dialog has one position. */
export class InboxRegistry {
  readonly #claims = new Map<string, RegisteredInbox>();
  readonly #leaving = new Map<string, Promise<unknown>>();
  /** The message of each dialog that this process has begun last. */
  readonly #begun = new BoundedMap<string, number>(MOST_BEGUN);

  /** @throws ConfigError when the dialog has an inbox that has not ended. */
  claim(dialogId: string, inbox: RegisteredInbox): void {
    const claimed = this.#claims.get(dialogId);
    if (claimed && !claimed.ended && claimed.asking) {
      throw new ConfigError(`ask: a question is open in dialog ${dialogId}: await it before the loop begins`);
    }
    if (claimed && !claimed.ended) {
      throw new ConfigError(
        `dialog ${dialogId} has a reader that handles its messages already: to watch it, name start: 'live', 'beginning' or a number`,
        { context: { dialogId } },
      );
    }
    // One that was closed and is still read delivers no more: what it holds is the new one's.
    if (claimed) {
      claimed.replace();
      this.#leave(dialogId, claimed, claimed.stream[Symbol.asyncDispose]());
    }
    this.#claims.set(dialogId, inbox);
  }

  /** Who handles a dialog now. */
  reader(dialogId: string): MessageReader | undefined {
    const claimed = this.#claims.get(dialogId);
    return claimed?.ended === false ? claimed : undefined;
  }

  /** A message is begun; false when this process has begun it before. */
  begins(dialogId: string, sequence: number): boolean {
    if (this.#begun.get(dialogId) === sequence) return false;
    this.#begun.set(dialogId, sequence);
    return true;
  }

  /** What was begun of a dialog last is to be begun anew. */
  forgetBegun(dialogId: string): void {
    this.#begun.delete(dialogId);
  }

  /** The inbox handles the dialog no more. */
  release(dialogId: string, inbox: RegisteredInbox): void {
    if (this.#claims.get(dialogId) !== inbox) return;
    this.#claims.delete(dialogId);
    this.#leave(dialogId, inbox);
  }

  /** Resolves when the inbox before has written what it handled. */
  async settled(dialogId: string): Promise<void> {
    await this.#leaving.get(dialogId);
  }

  #leave(dialogId: string, inbox: RegisteredInbox, before?: PromiseLike<void>): void {
    const left = Promise.all([before, inbox.idle])
      .catch(() => undefined)
      .then(() => {
        if (this.#leaving.get(dialogId) === left) this.#leaving.delete(dialogId);
      });
    this.#leaving.set(dialogId, left);
  }
}
