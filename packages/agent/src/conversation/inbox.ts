// Over 300 lines: one state holder. What is handled, asked and said of a dialog moves together here, in an order that a crash may cut anywhere.
import { type BackoffPolicy, backoffDelay, ConfigError, type Stream } from '@lp/core';
import { createDeferred, type Deferred, sleep } from '@lp/core/internal';
import type { Position } from '../cursors/position.ts';
import { isFenced, type Positions } from '../cursors/positions.ts';
import { isClosed } from '../dialog/dialog-port.ts';
import { DialogStream } from '../dialog/dialog-stream.ts';
import type { DialogPlace, DialogStreamOptions, DialogView, StreamStart } from '../dialog/dialog-types.ts';
import { DEFAULT_CAPACITY } from '../dialog/sequence-ledger.ts';
import { findUnhandled, type Unhandled, type UnhandledParts } from '../dialog/unhandled.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { Body } from './body.ts';
import type { Publisher } from './confirmed-publish.ts';
import type { DataDefinition } from './data.ts';
import type { Drafts } from './drafts.ts';
import type { FileParts } from './files.ts';
import { Hearing, isFromConsumer } from './hearing.ts';
import type { InboxRegistry } from './inbox-registry.ts';
import { type Message, ReceivedMessage } from './message.ts';
import type { MessageReader } from './message-reader.ts';
import { OwnWords } from './own-words.ts';
import { PendingSends } from './pending-sends.ts';
import { type ReadMarkParts, ReadMarks } from './read-marks.ts';

const MAX_DATA_BYTES = 16_384;
const DATA_PATIENCE_MS = 30_000;
const SAVE_RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 5_000, jitter: 'full' };

/** What inboxes are made of. */
export type InboxParts = UnhandledParts &
  Publisher &
  ReadMarkParts &
  FileParts & {
    readonly positions: Positions;
    readonly inboxes: InboxRegistry;
    /** How much of a dialog's data is kept, in bytes of JSON. */
    readonly maxDataBytes?: number | undefined;
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
  /** What has to be written before this one begins. */
  readonly after?: Promise<void> | undefined;
}

/** Who waits for an answer. */
export interface AnswerListener {
  /** A message has come. */
  offer(message: ReceivedMessage): void;
  /** No more will come. */
  closed(): void;
}

/**
 * The reader that handles a dialog's messages: it owns the dialog's position. Asking for the next message says that the
 * one before was handled: first the record is written, then READ is told. A mark that came first would hide a message
 * whose record was lost. A loop left early (`break`, an error) leaves the position before its last message, unless
 * {@link Inbox.settle} says that it was handled.
 */
export class Inbox implements DialogStreamOptions<MessagingEvent>, DialogView<MessagingEvent>, MessageReader {
  readonly stream: Stream<Message>;
  readonly #dialog: DialogStream<MessagingEvent>;
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
  #hearing: Hearing | undefined;
  #body: Body | undefined;
  #ready: Deferred<void> | undefined;
  /** What has come and was not handed out, in order. */
  #waiting: ReceivedMessage[] | undefined;
  /** Numbers of answers that are still among what is to be handed out. */
  #taken: Set<number> | undefined;
  #listener: AnswerListener | undefined;
  #lastSeen = -1;
  #reading = false;
  #warned = false;
  #current: ReceivedMessage | undefined;
  #saving: Promise<void> | undefined;
  /** What was marked READ, where no record tells what is handled. */
  #read: ReadonlySet<number> | undefined;

  constructor(parts: InboxParts, options: InboxOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#dialog = new DialogStream(parts.dialogs, this, this);
    this.stream = this.#dialog.stream as Stream<Message>;
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

  get hearing(): Hearing {
    this.#hearing ??= new Hearing();
    return this.#hearing;
  }

  get pending(): PendingSends {
    this.#pending ??= new PendingSends();
    return this.#pending;
  }

  /** What the code that handles has done so far. */
  get body(): Body {
    this.#body ??= new Body();
    return this.#body;
  }

  /** Whether the loop waits for a message, so that nothing is being handled. */
  get reading(): boolean {
    return this.#reading;
  }

  /** The draft of what the bot remembers here under a name; see `Conversation.data`. */
  async data<T>(definition: DataDefinition<T>): Promise<T> {
    const { dialogId } = this.#options;
    if (this.#reading) {
      throw new ConfigError(
        `data: the loop waits for a message in dialog ${dialogId}: change data where one is handled`,
      );
    }
    if (this.#parts.positions.positionOnly) {
      throw new ConfigError('data: cursors keep positions alone: give connectAgent a store instead');
    }
    const { body } = this;
    await this.open();
    return await body.drafts.get(definition, this.#position?.data ?? {}, dialogId);
  }

  /** The message that was handed out last, until it is handled. */
  get current(): Message | undefined {
    return this.#current;
  }

  /** Resolves when nothing of what was handled is still to be written. */
  get idle(): Promise<void> {
    return this.#saving ?? Promise.resolve();
  }

  /**
   * The message that was handed out last counts as handled, whether the loop asks for another or not; with `skipped`
   * nothing of what its body has changed in the data is kept.
   */
  settle(outcome: 'handled' | 'skipped' = 'handled'): Promise<void> {
    const pending = outcome === 'handled' ? this.#pending?.settle() : undefined;
    return pending ? pending.then(() => this.#handled(outcome)) : this.#handled(outcome);
  }

  /**
   * The conversation was handed off: all up to `sequence` is handled by others from now on, nothing is marked, and the
   * loop ends. What the body has changed in the data is kept.
   */
  async leave(sequence = -1): Promise<void> {
    const body = this.#body;
    const current = this.#current;
    this.#current = this.#body = undefined;
    try {
      const position = this.#position;
      if (!position) return;
      const data = body?.drafts.size ? await this.#collect(body.drafts) : undefined;
      position.moveTo(Math.max(sequence, current?.sequence ?? -1, position.said));
      if (data) position.data = data;
      await this.#save(position, { tryMs: data ? DATA_PATIENCE_MS : 0 });
    } catch (error) {
      this.#report('cursors.set', error);
    } finally {
      await this.stream[Symbol.asyncDispose]();
    }
  }

  /** Begins without a loop; resolves when the bot's place in the dialog is known. */
  async open(): Promise<void> {
    if (this.#position) return;
    this.#ready ??= createDeferred();
    this.#dialog.onStart();
    await this.#ready.promise;
    const error = this.ended ? await this.stream.closed : undefined;
    if (error) throw error;
  }

  /** The first message above `after` that fits, has come, and is nobody's yet. */
  find(after: number, fits: (message: Message) => boolean): ReceivedMessage | undefined {
    return this.#waiting?.find((message) => message.sequence > after && fits(message));
  }

  /** Tells of every message that comes from now on, before a loop gets it. */
  listen(listener: AnswerListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** A message is the answer to a question: no loop gets it, and it is handled together with the message in hand. */
  take(message: Message): void {
    if (this.#position?.isHandled(message.sequence) === true) return;
    this.body.answers.push(message);
    this.#taken ??= new Set();
    this.#taken.add(message.sequence);
    this.hearing.pass(message.sequence);
    this.#waiting = this.#waiting?.filter(({ sequence }) => sequence !== message.sequence);
  }

  onStart(): void {
    this.#parts.inboxes.claim(this.#options.dialogId, this);
  }

  accept(event: MessagingEvent): boolean {
    this.#marks?.see(event);
    if (isFromConsumer(event)) this.hearing.note(event);
    const { sequence = -1 } = event;
    if (sequence > this.#lastSeen) this.#lastSeen = sequence;
    // One that was taken while there was no room to hand it out.
    if (this.#taken?.delete(sequence) === true) return false;
    return this.#options.wants(event) && this.#isHandled?.(event) !== true;
  }

  toItem(event: MessagingEvent): Message {
    const recovered = this.#parts.dialogs.isRecovered(event);
    const message = new ReceivedMessage(this.#parts, this.#options.conversationId, event, { recovered, reader: this });
    this.#waiting ??= [];
    // One that found no room comes again.
    if (this.#waiting.at(-1)?.sequence === message.sequence) this.#waiting.pop();
    this.#waiting.push(message);
    this.#listener?.offer(message);
    return message;
  }

  skips(item: unknown): boolean {
    return this.#taken?.delete((item as Message).sequence) === true;
  }

  // Gaps are told as status events.
  gapItem(): undefined {
    return undefined;
  }

  beforeNext(): Promise<void> | undefined {
    if (this.#body?.asking === true) {
      const { dialogId } = this.#options;
      return Promise.reject(new ConfigError(`ask: a question is open in dialog ${dialogId}: await it`));
    }
    const pending = this.#pending?.settle();
    this.#reading = true;
    if (pending) return pending.then(() => this.#handled());
    return this.#current || this.#body ? this.#handled() : undefined;
  }

  onTake(item: unknown): void {
    this.#current = item as ReceivedMessage;
    this.#reading = false;
    const { sequence } = this.#current;
    this.#waiting = this.#waiting?.filter((message) => message.sequence > sequence);
    if (this.#waiting?.length === 0) this.#waiting = undefined;
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
    this.#ready?.resolve();
    this.#listener?.closed();
  }

  noteSaid(sequence: number): void {
    if (this.#position && sequence > this.#position.said) this.#position.said = sequence;
  }

  async start(signal: AbortSignal): Promise<StreamStart<MessagingEvent>> {
    const { answered, capacity = DEFAULT_CAPACITY, conversationId, dialogId } = this.#options;
    await this.#options.after;
    await this.#parts.inboxes.settled(dialogId);
    const query = { answered, capacity, conversationId, dialogId };
    const { isHandled, own, position, read, start } = await findUnhandled(this.#parts, query, signal);
    this.#position = position;
    this.#isHandled = isHandled;
    if (!position.known && read.size > 0) this.#read = read;
    if (own.length > 0) this.#words = new OwnWords(own);
    if (this.#options.read === 'received') this.#tellsAtOnce = await this.#beginRecord(position, read);
    this.#ready?.resolve();
    return start;
  }

  #handled(outcome: 'handled' | 'skipped' = 'handled'): Promise<void> {
    const [message, body] = [this.#current, this.#body];
    if (!message && !body) return this.idle;
    const keep = (data?: Position['data']) => {
      this.#current = this.#body = undefined;
      return this.#keep(message, body?.answers ?? [], data);
    };
    const changes = outcome === 'handled' && body?.drafts.size ? this.#collect(body.drafts) : undefined;
    this.#saving = changes ? changes.then(keep) : keep();
    return this.#saving;
  }

  async #collect(drafts: Drafts): Promise<Position['data'] | undefined> {
    const { dialogId } = this.#options;
    const { maxDataBytes = MAX_DATA_BYTES, report } = this.#parts;
    const changed = await drafts.collect(this.#position?.data ?? {}, { dialogId, maxBytes: maxDataBytes });
    if (changed && !this.#warned && changed.bytes > maxDataBytes / 2) {
      this.#warned = true;
      const { bytes } = changed;
      report.logger.warn("a dialog's data take more than half of the room for them", { dialogId, bytes, maxDataBytes });
    }
    return changed?.data;
  }

  async #keep(
    message: ReceivedMessage | undefined,
    answers: readonly Message[],
    data: Position['data'] | undefined,
  ): Promise<void> {
    const position = this.#position;
    if (message) position?.moveTo(message.sequence);
    this.#takeAhead(answers);
    if (message) this.#words?.dropThrough(message.sequence);
    if (data && position) position.data = data;
    try {
      if (position) await this.#save(position, { tryMs: data ? DATA_PATIENCE_MS : 0 });
    } catch (error) {
      this.#report('cursors.set', error);
      // Somebody else goes on here: what this process would say is said by the other. Data that are lost were not changed.
      if (isFenced(error) || data) throw error;
    }
    if (this.#options.read === 'never' || this.#tellsAtOnce) return;
    for (const handled of message ? [message, ...answers] : answers) this.#tellRead(handled);
  }

  async #save(position: Position, { tryMs }: { tryMs: number }): Promise<void> {
    const { clock, lifetime } = this.#parts;
    const until = clock.now() + tryMs;
    for (let tries = 1; ; tries++) {
      try {
        return await position.save();
      } catch (error) {
        const delayMs = backoffDelay(SAVE_RETRY, tries);
        if (isFenced(error) || clock.now() + delayMs >= until) throw error;
        await sleep(clock, delayMs, { signal: lifetime.closed });
      }
    }
  }

  /** Answers lie beyond messages that came before their question and are still open. */
  #takeAhead(answers: readonly Message[]): void {
    const position = this.#position;
    if (!position || (answers.length === 0 && !position.hasAhead)) return;
    // The record counts from now on, so it takes over what the marks said.
    for (const sequence of this.#read ?? []) if (!position.takeAhead(sequence)) position.moveTo(sequence);
    this.#read = undefined;
    for (const { sequence } of answers) position.takeAhead(sequence);
    position.closeUp(this.#waiting?.[0]?.sequence ?? this.#lastSeen + 1);
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
