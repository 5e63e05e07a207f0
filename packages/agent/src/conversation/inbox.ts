import type { Stream } from '@lp/core';
import type { Position } from '../cursors/position.ts';
import { isFenced, type Positions } from '../cursors/positions.ts';
import { isClosed } from '../dialog/dialog-port.ts';
import { DialogStream } from '../dialog/dialog-stream.ts';
import type { DialogPlace, DialogStreamOptions, DialogView, StreamStart } from '../dialog/dialog-types.ts';
import { DEFAULT_CAPACITY } from '../dialog/sequence-ledger.ts';
import { findUnhandled, type Unhandled, type UnhandledParts } from '../dialog/unhandled.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Publisher } from './confirmed-publish.ts';
import type { InboxRegistry } from './inbox-registry.ts';
import { type Message, ReceivedMessage } from './message.ts';
import type { MessageReader } from './message-reader.ts';
import { OwnWords } from './own-words.ts';
import { PendingSends } from './pending-sends.ts';
import { type ReadMarkParts, ReadMarks } from './read-marks.ts';

/** What inboxes are made of. */
export type InboxParts = UnhandledParts &
  Publisher &
  ReadMarkParts & {
    readonly positions: Positions;
    readonly inboxes: InboxRegistry;
  };

/** Which inbox. */
export interface InboxOptions extends DialogPlace {
  readonly conversationId: string;
  readonly capacity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** When messages are told to have been read. */
  readonly read: 'handled' | 'received' | 'never';
  /** What becomes of messages that another agent has publicly answered before the inbox was opened. */
  readonly answered: 'skip' | 'keep';
  /** Which of a dialog's messages are wanted. */
  readonly wants: (event: MessagingEvent) => boolean;
}

/**
 * The reader that handles a dialog's messages: it owns the dialog's position. Asking for the next message says that the
 * one before was handled: first the record is written, then READ is told. A mark that came first would hide a message
 * whose record was lost. A loop left early (`break`, an error) leaves the position before its last message, unless
 * {@link Inbox.settle} says that it was handled.
 */
export class Inbox implements DialogStreamOptions<MessagingEvent>, DialogView<MessagingEvent>, MessageReader {
  readonly stream: Stream<Message>;
  readonly #parts: InboxParts;
  readonly #options: InboxOptions;
  #position: Position | undefined;
  #isHandled: Unhandled['isHandled'];
  ended = false;
  #tellsAtOnce = false;
  // Made when there is something to put in: there may be many thousands of idle inboxes.
  #words: OwnWords | undefined;
  #marks: ReadMarks | undefined;
  #pending: PendingSends | undefined;
  #current: ReceivedMessage | undefined;
  #saving: Promise<void> | undefined;

  constructor(parts: InboxParts, options: InboxOptions) {
    this.#parts = parts;
    this.#options = options;
    this.stream = new DialogStream(parts.dialogs, this, this).stream as Stream<Message>;
  }

  get dialogId(): string {
    return this.#options.dialogId;
  }

  get state(): DialogPlace['state'] {
    return this.#options.state;
  }

  get capacity(): number | undefined {
    return this.#options.capacity;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  get words(): OwnWords {
    this.#words ??= new OwnWords([]);
    return this.#words;
  }

  get marks(): ReadMarks {
    this.#marks ??= new ReadMarks(this.#parts, this.#options.dialogId);
    return this.#marks;
  }

  get pending(): PendingSends {
    this.#pending ??= new PendingSends();
    return this.#pending;
  }

  /** The message that was handed out last, until it is handled. */
  get current(): Message | undefined {
    return this.#current;
  }

  /** Resolves when nothing of what was handled is still to be written. */
  get idle(): Promise<void> {
    return this.#saving ?? Promise.resolve();
  }

  /** The message that was handed out last counts as handled, whether the loop asks for another or not. */
  async settle(): Promise<void> {
    await this.#pending?.settle();
    await this.#handled();
  }

  onStart(): void {
    this.#parts.inboxes.claim(this.#options.dialogId, this);
  }

  accept(event: MessagingEvent): boolean {
    this.#marks?.see(event);
    return this.#options.wants(event) && this.#isHandled?.(event) !== true;
  }

  toItem(event: MessagingEvent): Message {
    const recovered = this.#parts.dialogs.isRecovered(event);
    return new ReceivedMessage(this.#parts, this.#options.conversationId, event, { recovered, reader: this });
  }

  // Gaps are told as status events.
  gapItem(): undefined {
    return undefined;
  }

  beforeNext(): Promise<void> | undefined {
    const pending = this.#pending?.settle();
    if (pending) return pending.then(() => this.#handled());
    return this.#current && this.#handled();
  }

  onTake(item: unknown): void {
    this.#current = item as ReceivedMessage;
    if (this.#tellsAtOnce) this.#tellRead(this.#current);
  }

  onReadOut(complete: boolean): void {
    const { dialogId, state } = this.#options;
    this.#parts.inboxes.release(dialogId, this);
    // When the messages of a dialog that has ended were all read, its record is of no more use.
    if (complete && isClosed(state(), dialogId)) this.#saving = this.#forget();
  }

  onClose(): void {
    this.ended = true;
  }

  noteSaid(sequence: number): void {
    if (this.#position && sequence > this.#position.said) this.#position.said = sequence;
  }

  async start(signal: AbortSignal): Promise<StreamStart<MessagingEvent>> {
    const { answered, capacity = DEFAULT_CAPACITY, conversationId, dialogId } = this.#options;
    await this.#parts.inboxes.settled(dialogId);
    const query = { answered, capacity, conversationId, dialogId };
    const { isHandled, own, position, read, start } = await findUnhandled(this.#parts, query, signal);
    this.#position = position;
    this.#isHandled = isHandled;
    if (own.length > 0) this.#words = new OwnWords(own);
    if (this.#options.read === 'received') this.#tellsAtOnce = await this.#beginRecord(position, read);
    return start;
  }

  #handled(): Promise<void> {
    const message = this.#current;
    this.#current = undefined;
    if (!message) return this.idle;
    this.#saving = this.#keep(message);
    return this.#saving;
  }

  async #keep(message: ReceivedMessage): Promise<void> {
    this.#position?.moveTo(message.sequence);
    this.#words?.dropThrough(message.sequence);
    try {
      await this.#position?.save();
    } catch (error) {
      this.#report('cursors.set', error);
      // Somebody else goes on here: what this process would say is said by the other.
      if (isFenced(error)) throw error;
    }
    if (this.#options.read !== 'never' && !this.#tellsAtOnce) this.#tellRead(message);
  }

  /** A mark at hand-out hides a message from who goes by marks: it needs a record that counts instead. False when there is none. */
  async #beginRecord(position: Position, read: ReadonlySet<number>): Promise<boolean> {
    if (position.known) return true;
    if (this.#parts.positions.positionOnly) return false;
    // From now on the record counts, so it takes over what the marks said.
    for (const sequence of read) if (!position.takeAhead(sequence)) position.moveTo(sequence);
    try {
      await position.save();
      return true;
    } catch (error) {
      this.#report('cursors.set', error);
      if (isFenced(error)) throw error;
      return false;
    }
  }

  async #forget(): Promise<void> {
    try {
      await this.#position?.forget();
    } catch (error) {
      this.#report('cursors.delete', error);
    }
  }

  #tellRead({ isMe, sequence }: Message): void {
    if (!isMe) this.marks.add(sequence);
  }

  #report(where: string, error: unknown): void {
    this.#parts.report.handlerError(where, error, this.#options.conversationId);
  }
}
