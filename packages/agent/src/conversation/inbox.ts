// Over 300 lines: one state holder. What is handled, asked and said of a dialog moves together here, in an order that a crash may cut anywhere.
import { ConfigError, HandlerKilledError, RequestTimeoutError, type Stream } from '@lp/core';
import { createDeferred, type Deferred } from '@lp/core/internal';
import type { Position } from '../cursors/position.ts';
import { BacklogReader } from '../dialog/backlog.ts';
import { isClosed } from '../dialog/dialog-port.ts';
import { DialogStream } from '../dialog/dialog-stream.ts';
import type { DialogPlace, DialogStreamOptions, DialogView, HistoryPage, StreamStart } from '../dialog/dialog-types.ts';
import { DEFAULT_CAPACITY } from '../dialog/sequence-ledger.ts';
import { findUnhandled, readMissed, type Unhandled } from '../dialog/unhandled.ts';
import { briefOf } from '../inbound/conversation-store.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { type AnswerListener, Arrivals } from './arrivals.ts';
import { Body } from './body.ts';
import type { DataDefinition } from './data.ts';
import { DialogRecordKeeper } from './dialog-record-keeper.ts';
import { Hearing, isFromConsumer } from './hearing.ts';
import type { InboxOptions, InboxParts } from './inbox-options.ts';
import { takeLoneTurn } from './lone-turn.ts';
import { type Message, ReceivedMessage } from './message.ts';
import type { MessageReader } from './message-reader.ts';
import { type OwnWord, OwnWords } from './own-words.ts';
import { PendingSends } from './pending-sends.ts';
import { ReadMarks } from './read-marks.ts';
import { Settling } from './settling.ts';

/**
 * The reader that handles a dialog's messages: it owns the dialog's position. Asking for the next message says that the
 * one before was handled: first the record is written, then READ is told. A mark that came first would hide a message
 * whose record was lost. A loop left early (`break`, an error) leaves the position before its last message, unless
 * {@link Inbox.settle} says that it was handled.
 */
export class Inbox
  implements DialogStreamOptions<MessagingEvent>, DialogView<MessagingEvent, ReceivedMessage>, MessageReader
{
  readonly stream: Stream<Message>;
  readonly #dialog: DialogStream<MessagingEvent, ReceivedMessage>;
  readonly #parts: InboxParts;
  readonly #options: InboxOptions;
  #record: DialogRecordKeeper | undefined;
  #isHandled: Unhandled['isHandled'];
  #backlogs: BacklogReader | undefined;
  /** What another agent has answered while the connection was lost. */
  #answeredThrough = -1;
  ended = false;
  replaced = false;
  #tellsAtOnce = false;
  // Made when there is something to put in: there may be many thousands of idle inboxes.
  words: OwnWords | undefined;
  #marks: ReadMarks | undefined;
  #pending: PendingSends | undefined;
  #hearing: Hearing | undefined;
  #arrivals: Arrivals | undefined;
  #body: Body | undefined;
  #ready: Deferred<void> | undefined;
  #reading = false;
  #current: ReceivedMessage | undefined;
  #saving: Promise<void> | undefined;
  readonly #settling: Settling | undefined;
  /** What is handed out as one, the last message being the one that is. */
  #burst: readonly ReceivedMessage[] | undefined;
  /** Lets the next message have its last chance. */
  #endTurn: (() => void) | undefined;
  /** Handled, and not told yet. */
  #untold: readonly Message[] | undefined;

  constructor(parts: InboxParts, options: InboxOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#dialog = new DialogStream(parts.dialogs, this, this);
    this.stream = this.#dialog.stream;
    const { capacity = DEFAULT_CAPACITY, settle } = options;
    if (settle) {
      const { clock, platformClock } = parts;
      const isCatchingUp = () => this.#dialog.catchingUp;
      this.#settling = new Settling(settle, { clock, platformClock, capacity, isCatchingUp });
    }
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

  get marks(): ReadMarks {
    this.#marks ??= new ReadMarks(this.#parts, this.#options.dialogId);
    return this.#marks;
  }

  get hearing(): Hearing {
    this.#hearing ??= new Hearing();
    return this.#hearing;
  }

  get #arriving(): Arrivals {
    this.#arrivals ??= new Arrivals();
    return this.#arrivals;
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

  get asking(): boolean {
    return this.#body?.asking === true;
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
    await this.#record?.read();
    const { sequence } = this.#current ?? {};
    if (sequence !== undefined && this.#record?.isHandled(sequence) === true) {
      throw new RequestTimeoutError(
        `data: the store has told too late that message ${sequence} of dialog ${dialogId} is handled: the handler has to begin anew`,
        { retryable: true, context: { dialogId, sequence } },
      );
    }
    return await body.drafts.get(definition, this.#record?.data ?? {}, dialogId);
  }

  /** The message that was delivered last, until it is handled. */
  get current(): Message | undefined {
    return this.#current;
  }

  /** Up to which number everything is handled; undefined until that was read. */
  get handledThrough(): number | undefined {
    return this.#record?.sequence;
  }

  /** Resolves when nothing of what was handled is still to be written. */
  get idle(): Promise<void> {
    return this.#saving ?? Promise.resolve();
  }

  /**
   * The message that was delivered last counts as handled, whether the loop asks for another or not; with `skipped`
   * nothing of what its body has changed in the data is kept.
   */
  async settle(outcome: 'handled' | 'skipped' = 'handled'): Promise<void> {
    if (outcome === 'handled') await this.#pending?.settle();
    await this.#handled(outcome);
  }

  /**
   * The conversation was handed off: all up to `sequence` is handled by others from now on, nothing is marked, and the
   * loop ends. What the body has changed in the data is kept.
   */
  async leave(sequence = -1): Promise<void> {
    const body = this.#body;
    const current = this.#current;
    this.#current = this.#body = undefined;
    // What was being said was told to stop, and nobody need mind.
    this.#pending?.settle()?.catch(() => undefined);
    await this.#record?.leave(Math.max(sequence, current?.sequence ?? -1), body?.drafts);
    await this.stream[Symbol.asyncDispose]();
  }

  /** Begins without a loop; resolves when the bot's place in the dialog is known. */
  async open(): Promise<void> {
    if (this.#record) return;
    this.#ready ??= createDeferred();
    this.#dialog.onStart();
    await this.#ready.promise;
    const error = this.ended ? await this.stream.closed : undefined;
    if (error) throw error;
  }

  /** The first message above `after` that fits, has come, and is nobody's yet. */
  find(after: number, fits: (message: Message) => boolean): ReceivedMessage | undefined {
    return this.#arrivals?.find(after, fits);
  }

  /** The burst that begins with a message, in the form of its last one; the message itself where each is handed out alone. */
  async settled(
    first: ReceivedMessage,
    fits: (message: Message) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<ReceivedMessage> {
    if (!this.#settling) return first;
    const burst = await this.#settling.next({
      messages: () => this.#arriving.all(first.sequence - 1, fits),
      known: (messages) => this.words?.countBeforeNext(messages),
      signal,
    });
    const answer = burst.at(-1) ?? first;
    answer.join(burst.slice(0, -1));
    return answer;
  }

  /** Whether there is no room for more, so that what comes does not show here. */
  get full(): boolean {
    return this.#dialog.full;
  }

  /** Tells of every message that comes from now on, before a loop gets it. Returns how to stop. */
  listen(listener: AnswerListener): () => void {
    return this.#arriving.listen(listener);
  }

  /** A message is the answer to a question: no loop gets it, and it is handled together with the message in hand. */
  claim(message: Message): void {
    const { sequence } = message;
    if (this.#record?.isHandled(sequence) === true) return;
    this.body.answers.push(message);
    this.hearing.pass(sequence);
    for (const one of message.burst) this.#arriving.claim(one.sequence);
  }

  onStart(): void {
    const refused = this.#parts.cutOff?.refusal(this.#options.dialogId);
    if (refused) throw refused;
    this.#parts.inboxes.claim(this.#options.dialogId, this);
  }

  accept(event: MessagingEvent): boolean {
    this.#marks?.see(event);
    if (isFromConsumer(event)) this.hearing.note(event);
    const { event: content, originatorMetadata } = event;
    if (content.type === 'ChatStateEvent' && originatorMetadata?.role === 'CONSUMER') {
      this.#settling?.noteTyping(content.chatState);
    }
    const { sequence = -1 } = event;
    this.#arriving.see(sequence);
    // One that was claimed while there was no room for it.
    if (this.#arriving.skips(sequence)) return false;
    if (sequence <= this.#answeredThrough) return false;
    return this.#options.wants(event) && this.#isHandled?.(event) !== true;
  }

  toItem(event: MessagingEvent, recovered: boolean): ReceivedMessage {
    const message = new ReceivedMessage(this.#parts, this.#options.conversationId, event, { recovered, reader: this });
    this.#arriving.add(message);
    this.#settling?.note(message);
    return message;
  }

  skips({ sequence }: ReceivedMessage): boolean {
    return this.#arrivals?.skips(sequence) === true || sequence <= this.#answeredThrough;
  }

  // Gaps are told as status events.
  gapItem(): undefined {
    return undefined;
  }

  beforeNext(): Promise<void> | undefined {
    if (this.asking) {
      const { dialogId } = this.#options;
      return Promise.reject(new ConfigError(`ask: a question is open in dialog ${dialogId}: await it`));
    }
    const handled = this.#beforeReading();
    return this.#settling ? this.#gather(this.#settling, handled) : handled;
  }

  onDeliver(message: ReceivedMessage): void {
    const burst = this.#burst?.at(-1)?.sequence === message.sequence ? this.#burst : undefined;
    this.#burst = undefined;
    if (burst) message.join(burst.slice(0, -1));
    this.#current = message;
    this.#reading = false;
    this.#arrivals?.deliveredThrough(message.sequence);
    if (this.#countsAttempts) this.#parts.inboxes.begins(this.#options.dialogId, message.sequence);
    if (this.#tellsAtOnce) this.#tellRead(message);
  }

  onFull(): void {
    this.#arrivals?.fill();
  }

  onCaughtUp(): void {
    this.#settling?.changed();
  }

  onDrained(complete: boolean): void {
    const { dialogId, state } = this.#options;
    this.#parts.inboxes.release(dialogId, this);
    // When the messages of a dialog that has ended were all read, its record is of no more use.
    if (complete && isClosed(state(), dialogId)) this.#saving = this.#record?.forget();
  }

  onClose(): void {
    this.ended = true;
    this.#ready?.resolve();
    this.#arrivals?.close();
    this.#settling?.close();
    this.#outliveTurn();
  }

  replace(): void {
    this.replaced = true;
  }

  noteSaid(sequence: number): void {
    this.#record?.noteSaid(sequence);
  }

  noteWord(id: string, word: OwnWord): void {
    this.words ??= new OwnWords([]);
    this.words.note(id, word);
  }

  async start(signal: AbortSignal, onPage: () => void): Promise<StreamStart<MessagingEvent>> {
    const { answered, capacity = DEFAULT_CAPACITY, conversationId, dialogId } = this.#options;
    await this.#options.after;
    await this.#parts.inboxes.settled(dialogId);
    // What another body has under way is in the history then.
    await this.#parts.gate.settled(dialogId);
    const query = { answered, capacity, conversationId, dialogId };
    const { isHandled, own, position, read, start } = await this.#readOn((backlogs) =>
      findUnhandled(this.#parts, query, { backlogs, onPage, signal }),
    );
    this.#record = new DialogRecordKeeper(this.#parts, this.#options, position, read);
    this.#isHandled = isHandled;
    if (own.length > 0) this.words = this.#wordsOf(own, position);
    if (this.#options.read === 'received') this.#tellsAtOnce = await this.#record.begin();
    if (this.#countsAttempts && start.kind === 'after') await this.#count(start.page?.events ?? [], signal);
    this.#ready?.resolve();
    return start;
  }

  /** Who is assigned now, and was answered for meanwhile, was away: what was said then is skipped as it is at a start. */
  async missed(after: number, signal: AbortSignal, onPage: () => void): Promise<HistoryPage<MessagingEvent>> {
    const { answered: rule, capacity = DEFAULT_CAPACITY, dialogId, state } = this.#options;
    // Whoever watches another agent's conversation has been away from nothing.
    const skips = rule === 'skip' && briefOf(state())?.myRoles.includes('ASSIGNED_AGENT') === true;
    if (!skips) return await this.#parts.dialogs.query(dialogId, { after, signal });
    const { answered, page } = await this.#readOn((backlogs) =>
      readMissed({ capacity, dialogId }, after, { backlogs, onPage, signal }),
    );
    this.#answeredThrough = Math.max(this.#answeredThrough, answered);
    this.#arrivals?.deliveredThrough(answered);
    return page;
  }

  /** Reads, and keeps what a failed reading has read for the next one. */
  async #readOn<T>(read: (backlogs: BacklogReader) => Promise<T>): Promise<T> {
    this.#backlogs ??= new BacklogReader(this.#parts.dialogs.history);
    const found = await read(this.#backlogs);
    this.#backlogs = undefined;
    return found;
  }

  get #countsAttempts(): boolean {
    return this.#parts.maxAttempts !== undefined && this.#parts.positions.lasts;
  }

  /** Counts that the first message is begun, which others may have begun. @throws HandlerKilledError when it has ended too many processes. */
  async #count(events: readonly MessagingEvent[], signal: AbortSignal): Promise<void> {
    const { conversationId, dialogId, wants } = this.#options;
    const event = events.find((one) => wants(one) && this.#isHandled?.(one) !== true);
    const { maxAttempts = 0 } = this.#parts;
    if (event?.sequence === undefined || !this.#parts.inboxes.begins(dialogId, event.sequence)) return;
    const attempts = this.#record?.begunBefore(event.sequence) ?? 0;
    if (attempts > 0 && attempts === maxAttempts - 1) await this.#waitForTurn(signal);
    await this.#record?.count(1);
    if (attempts < maxAttempts) return;
    this.#current = new ReceivedMessage(this.#parts, conversationId, event, { recovered: true, reader: this });
    const { sequence } = event;
    throw new HandlerKilledError(
      `message ${sequence} of dialog ${dialogId} has ended its process ${attempts} times: see what it does to the handler`,
      { attempts, context: { dialogId, sequence, attempts } },
    );
  }

  /** Who has been in hand beside what ends processes is not to be skipped for it: the last chance each has alone. */
  async #waitForTurn(signal: AbortSignal): Promise<void> {
    try {
      this.#endTurn = await takeLoneTurn(signal);
    } catch (error) {
      this.#parts.inboxes.forgetBegun(this.#options.dialogId);
      throw error;
    }
    if (signal.aborted) this.#leaveTurn();
  }

  /** The process has outlived the message, whatever became of it. */
  #leaveTurn(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  /** A body that has failed is run again, and has ended no process: it has another chance alone. */
  #outliveTurn(): void {
    if (!this.#endTurn) return;
    const { inboxes, lifetime } = this.#parts;
    if (!this.#current || lifetime.ending) return this.#leaveTurn();
    inboxes.forgetBegun(this.#options.dialogId);
    const counted = this.#record?.count(-1).catch(() => undefined);
    this.#saving = Promise.all([this.#saving, counted]).then(() => this.#leaveTurn());
  }

  /** What was said before; where the history keeps no ids, what was said where tells. */
  #wordsOf(own: readonly MessagingEvent[], { known, said }: Position): OwnWords {
    const { ownEvents, positions } = this.#parts;
    ownEvents.see(own);
    const byPlace = positions.lasts && !positions.positionOnly && known && !ownEvents.keepsIds;
    return new OwnWords(own, byPlace ? said : undefined);
  }

  /** The message in hand waits for an answer that has not come. */
  async isPatient(): Promise<void> {
    if (this.#countsAttempts) await this.#record?.isPatient();
    this.#leaveTurn();
  }

  /** The loop asks for the next message: the one before is handled. */
  #beforeReading(): Promise<void> | undefined {
    const pending = this.#pending?.settle();
    this.#reading = true;
    if (pending) return pending.then(() => this.#handled());
    return this.#current || this.#body ? this.#handled() : undefined;
  }

  /** Waits for a burst, and leaves its last message to be delivered. */
  async #gather(settling: Settling, handled: Promise<void> | undefined): Promise<void> {
    await handled;
    const burst = await settling.next({
      messages: () => this.#arriving.all(-1, () => true),
      known: (messages) => this.words?.countAnswered(messages),
    });
    for (const { sequence } of burst.slice(0, -1)) this.#arriving.claim(sequence);
    this.#burst = burst;
  }

  /** Undefined when what was handled is written already. */
  #handled(outcome: 'handled' | 'skipped' = 'handled'): Promise<void> | undefined {
    const [message, body] = [this.#current, this.#body];
    // The place is another's: what is in hand is handed out there.
    if (this.replaced || (!message && !body)) return this.#saving;
    const keep = (data?: DialogRecordKeeper['data']) => {
      this.#current = this.#body = undefined;
      return this.#keep(message, body?.answers ?? [], data);
    };
    const changes = outcome === 'handled' && body?.drafts.size ? this.#record?.collect(body.drafts) : undefined;
    this.#saving = changes ? changes.then(keep) : keep();
    return this.#saving;
  }

  #keep(
    message: ReceivedMessage | undefined,
    answers: readonly Message[],
    data: DialogRecordKeeper['data'] | undefined,
  ): Promise<void> | undefined {
    if (message) this.words?.dropThrough(message.sequence);
    const keeping = this.#record?.keep({
      message: message?.sequence,
      answers: answers.flatMap(({ burst }) => burst.map(({ sequence }) => sequence)),
      data,
      firstOpen: this.#arriving.firstOpen,
    });
    const tell = () => {
      this.#leaveTurn();
      this.#tellHandled(message, answers);
    };
    if (keeping) return keeping.then(tell);
    tell();
    return undefined;
  }

  #tellHandled(message: ReceivedMessage | undefined, answers: readonly Message[]): void {
    if (this.#options.read === 'never' || this.#tellsAtOnce) return;
    const untold = [...(this.#untold ?? []), ...(message ? [message] : []), ...answers];
    const isKept = this.#record?.isKept !== false;
    this.#untold = isKept ? undefined : untold;
    if (isKept) for (const handled of untold) this.#tellRead(handled);
  }

  #tellRead({ burst }: Message): void {
    for (const { isMe, sequence } of burst) if (!isMe) this.marks.add(sequence);
  }
}
