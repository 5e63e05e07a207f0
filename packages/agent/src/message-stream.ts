import type { Stream, StreamStats } from '@lp/core';
import type { AgentContext } from './context.ts';
import { type Message, ReceivedMessage } from './message.ts';
import type { Gap } from './streams/index.ts';
import type { MessagingEvent } from './user-form/index.ts';

/** What a message stream is made of. */
export interface MessageStreamParts {
  readonly conversationId: string;
  readonly dialogId: string;
  readonly events: Stream<MessagingEvent | Gap>;
  readonly isRecovered: (event: MessagingEvent) => boolean;
  /** Whether the dialog has ended, so that its cursor is of no more use once the stream has. */
  readonly hasEnded: () => boolean;
}

/**
 * Turns a dialog's events into messages and keeps the dialog's cursor: asking for the next message says that the one
 * before was handled. A loop left early (`break`, an error) leaves the cursor before its last message.
 */
export class MessageStream implements Stream<Message>, AsyncIterator<Message, undefined> {
  readonly #context: AgentContext;
  readonly #parts: MessageStreamParts;
  #events: AsyncIterator<MessagingEvent | Gap, undefined> | undefined;
  #handled: number | undefined;

  constructor(context: AgentContext, parts: MessageStreamParts) {
    this.#context = context;
    this.#parts = parts;
  }

  get closed(): Promise<Error | undefined> {
    return this.#parts.events.closed;
  }

  get stats(): StreamStats {
    return this.#parts.events.stats;
  }

  close(): void {
    this.#parts.events.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#parts.events[Symbol.asyncDispose]());
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    this.#events = this.#parts.events[Symbol.asyncIterator]();
    return this;
  }

  async next(): Promise<IteratorResult<Message, undefined>> {
    this.#events ??= this.#parts.events[Symbol.asyncIterator]();
    await this.#commit();
    for (;;) {
      const { done, value } = await this.#events.next();
      if (done === true) {
        if (this.#parts.hasEnded()) await this.#keep('delete');
        return { done, value: undefined };
      }
      // The stream itself tells of a gap as a status event.
      if ('kind' in value) continue;
      this.#handled = value.sequence;
      return {
        done: false,
        value: new ReceivedMessage(this.#context, this.#parts.conversationId, value, this.#parts.isRecovered(value)),
      };
    }
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#handled = undefined;
    await this.#events?.return?.();
    return { done: true, value: undefined };
  }

  async #commit(): Promise<void> {
    const sequence = this.#handled;
    this.#handled = undefined;
    if (sequence !== undefined) await this.#keep('set', sequence);
  }

  async #keep(...[how, sequence]: ['set', number] | ['delete', undefined?]): Promise<void> {
    const { cursors } = this.#context;
    const { conversationId, dialogId } = this.#parts;
    try {
      const written = how === 'set' ? cursors.set(dialogId, sequence) : cursors.delete?.(dialogId);
      // A store in memory has nothing to wait for.
      if (written instanceof Promise) await written;
    } catch (error) {
      this.#context.reportHandlerError(`cursors.${how}`, error, conversationId);
    }
  }
}
