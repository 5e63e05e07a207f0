import type { Stream, StreamStats } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { type DialogParts, type DialogStreamOptions, isClosed, openDialogStream } from '../dialog/dialog-stream.ts';
import type { AgentRequests } from '../link/requests.ts';
import { type Message, ReceivedMessage } from './message.ts';

type Parts = DialogParts & { readonly requests: Pick<AgentRequests, 'publishEvent'> };

/**
 * The messages of a dialog. Keeps the dialog's cursor: asking for the next message says that the one before was handled.
 * A loop left early (`break`, an error) leaves the cursor before its last message.
 */
export class MessageStream implements Stream<Message>, AsyncIterator<Message, undefined> {
  readonly #parts: Parts;
  readonly #conversationId: string;
  readonly #source: DialogStreamOptions;
  readonly #messages: Stream<Message>;
  #iterator: AsyncIterator<Message, undefined> | undefined;
  #handled: number | undefined;
  #left = false;
  #giveUpWriting: (() => void) | undefined;

  constructor(parts: Parts, conversationId: string, source: DialogStreamOptions) {
    this.#parts = parts;
    this.#conversationId = conversationId;
    this.#source = source;
    this.#messages = openDialogStream(parts, source, {
      toItem: (event, recovered): Message => new ReceivedMessage(parts.requests, conversationId, event, recovered),
      onTake: ({ sequence }) => {
        this.#handled = sequence;
      },
      onReadOut: () => void this.#forgetAtEnd(),
    });
  }

  get closed(): Promise<Error | undefined> {
    return this.#messages.closed;
  }

  get stats(): StreamStats {
    return this.#messages.stats;
  }

  close(): void {
    this.#messages.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#left = true;
    this.#giveUpWriting?.();
    return Promise.resolve(this.#messages[Symbol.asyncDispose]());
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    this.#begin();
    return this;
  }

  // Not async: with a store in memory a message costs the one promise of the stream below.
  next(): Promise<IteratorResult<Message, undefined>> {
    const iterator = this.#iterator ?? this.#begin();
    const sequence = this.#handled;
    this.#handled = undefined;
    const written = sequence === undefined ? undefined : this.#keep('set', sequence);
    return written ? this.#afterwards(written, iterator) : iterator.next();
  }

  /** Waits for the cursor to be written, but for no longer than somebody reads: a store may hang. */
  async #afterwards(
    written: Promise<void>,
    iterator: AsyncIterator<Message, undefined>,
  ): Promise<IteratorResult<Message, undefined>> {
    const gone = createDeferred<void>();
    this.#giveUpWriting = gone.resolve;
    const { closed } = this.#parts.lifetime;
    const stop = () => gone.resolve();
    closed.addEventListener('abort', stop, { once: true });
    await Promise.race([written, gone.promise]);
    closed.removeEventListener('abort', stop);
    return await iterator.next();
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.#left = true;
    this.#giveUpWriting?.();
    this.#handled = undefined;
    await this.#iterator?.return?.();
    return { done: true, value: undefined };
  }

  #begin(): AsyncIterator<Message, undefined> {
    this.#iterator = this.#messages[Symbol.asyncIterator]();
    return this.#iterator;
  }

  /** When the messages of a dialog that has ended were all read, its cursor is of no more use. */
  async #forgetAtEnd(): Promise<void> {
    if (!this.#iterator || this.#left || (await this.#messages.closed)) return;
    const { dialogId, state } = this.#source;
    if (isClosed(state(), dialogId)) await this.#keep('delete');
  }

  /** Tells the cursor store; gives a promise when that has to be waited for. Never fails. */
  #keep(how: 'set' | 'delete', sequence = 0): Promise<void> | undefined {
    const { cursors } = this.#parts;
    const { dialogId } = this.#source;
    try {
      const written = how === 'set' ? cursors.set(dialogId, sequence) : cursors.delete?.(dialogId);
      return written instanceof Promise ? written.catch((error) => this.#report(how, error)) : undefined;
    } catch (error) {
      this.#report(how, error);
      return undefined;
    }
  }

  #report(how: 'set' | 'delete', error: unknown): void {
    this.#parts.report.handlerError(`cursors.${how}`, error, this.#conversationId);
  }
}
