import { type Clock, ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { type Limiter, readOutOf } from '@lp/core/internal';
import type { CursorStore } from '../cursors/index.ts';
import { isContent } from '../inbound/content.ts';
import type { ConversationState, ConversationStore } from '../inbound/conversation-store.ts';
import type { Ending, Lifetime } from '../inbound/lifecycle.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Router } from '../inbound/router.ts';
import type { AgentRequests } from '../link/requests.ts';
import { readHistory } from './history.ts';
import {
  createResyncStream,
  type Gap,
  type HistoryPage,
  type ResyncReport,
  type ResyncRetry,
  type ResyncSink,
  type ResyncSource,
  type ResyncStreamOptions,
  type StreamStart,
} from './index.ts';

/**
 * Where a stream of a dialog begins: `beginning`, `live` (from now on), after a sequence number, or `unhandled`: after
 * the cursor store's entry, without what this agent has marked READ in the history.
 */
export type Start = 'unhandled' | 'beginning' | 'live' | number;

/** What the streams of dialogs are made of. */
export interface DialogParts {
  readonly requests: Pick<AgentRequests, 'queryMessages'>;
  readonly router: Pick<Router, 'attach'>;
  readonly store: ConversationStore;
  readonly lifetime: Lifetime;
  readonly cursors: CursorStore;
  /** Lets only a few streams query the history at once. */
  readonly backfills: Limiter;
  readonly report: Reporter;
  readonly clock: Clock;
}

/** Which dialog, from where, and what of it. */
export interface DialogStreamOptions extends StreamOptions {
  readonly dialogId: string;
  /** The conversation's state when asked. */
  readonly state: () => ConversationState;
  readonly start: Start;
  /** What the consumer wants; the default is everything. */
  readonly accept?: (event: MessagingEvent) => boolean;
}

/** What is handed out instead of events: gaps are then told as status events only. */
interface DialogItems<I> {
  /** `recovered`: the event came from the history. */
  readonly toItem: (event: MessagingEvent, recovered: boolean) => I;
  /** Called with each item as it is handed to the consumer. */
  readonly onTake: (item: I) => void;
  /** Called once when the consumer has read the end or has left. */
  readonly onReadOut?: () => void;
}

const BEFORE_THE_FIRST = -1;

/** The durable stream of one dialog: its history comes from the platform, its live side from the router. */
export function openDialogStream<I>(parts: DialogParts, options: DialogStreamOptions, items: DialogItems<I>): Stream<I>;
export function openDialogStream(parts: DialogParts, options: DialogStreamOptions): Stream<MessagingEvent | Gap>;
export function openDialogStream(
  parts: DialogParts,
  options: DialogStreamOptions,
  items?: DialogItems<unknown>,
): Stream<unknown> {
  return new DialogSource(parts, options, items).stream;
}

/**
 * One dialog, as what its stream is made of. An object with methods, where closures would read more easily: there is one
 * for each of many thousands of idle streams, and each closure of it would take 64 bytes.
 */
class DialogSource implements ResyncStreamOptions<MessagingEvent>, ResyncSource<MessagingEvent> {
  readonly stream: Stream<unknown>;
  readonly start: ResyncStreamOptions<MessagingEvent>['start'];
  readonly onTake: ((item: never) => void) | undefined;
  readonly onReadOut: (() => void) | undefined;
  readonly #parts: DialogParts;
  readonly #options: DialogStreamOptions;
  readonly #items: DialogItems<unknown> | undefined;
  // Made when there is something to put in.
  #recovered: WeakSet<MessagingEvent> | undefined;
  #alreadyRead: ReadonlySet<number> | undefined;

  constructor(parts: DialogParts, options: DialogStreamOptions, items: DialogItems<unknown> | undefined) {
    this.#parts = parts;
    this.#options = options;
    this.#items = items;
    this.onTake = items?.onTake;
    this.onReadOut = items?.onReadOut;
    this.start = startOf(options.start, (signal) => this.#unhandled(signal));
    this.stream = createResyncStream<MessagingEvent, unknown>(this);
  }

  get source(): ResyncSource<MessagingEvent> {
    return this;
  }

  get dialogId(): string {
    return this.#options.dialogId;
  }

  get capacity(): number | undefined {
    return this.#options.capacity;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  get limiter(): Limiter {
    return this.#parts.backfills;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get sequenceOf(): typeof sequenceOf {
    return sequenceOf;
  }

  get everyNumberPushed(): typeof isReceipt {
    return isReceipt;
  }

  toItem(event: MessagingEvent): unknown {
    return this.#items ? this.#items.toItem(event, this.#recovered?.has(event) === true) : event;
  }

  gapItem(gap: Gap): Gap | undefined {
    return this.#items ? undefined : gap;
  }

  accept(event: MessagingEvent): boolean {
    return this.#isUnhandled(event) && (this.#options.accept?.(event) ?? true);
  }

  async query({ after, signal }: { after: number; signal: AbortSignal }): Promise<HistoryPage<MessagingEvent>> {
    // The platform does not say whether more follow.
    return { events: this.#marked(await this.#read(after, signal)), complete: undefined };
  }

  onAttach(sink: ResyncSink<MessagingEvent>): () => void {
    const { lifetime, router, store } = this.#parts;
    const { dialogId, state } = this.#options;
    const detach = [
      router.attach(dialogId, sink),
      lifetime.onConnection(sink),
      lifetime.onEnd((ending) => this.#end(sink, ending)),
      store.watch(state().conversationId, (changed) => {
        if (isClosed(changed, dialogId)) sink.ended();
      }),
    ];
    if (isClosed(state(), dialogId)) sink.ended();
    return () => {
      for (const stop of detach) stop();
    };
  }

  onGap({ after, before }: Gap): void {
    const { dialogId } = this;
    this.#parts.report.status({ type: 'gap', dialogId, after, before });
  }

  onResync({ cause, from, to, queries }: ResyncReport): void {
    if (cause === 'start') return;
    const { dialogId } = this;
    this.#parts.report.status({ type: 'resynced', dialogId, cause, from, to, queries });
  }

  onRetry({ attempt, delayMs }: ResyncRetry): void {
    const { dialogId } = this;
    const facts = { dialogId, attempt, delayMs };
    this.#parts.report.logger.warn('the history of a dialog could not be read, it will be asked again', facts);
  }

  onPressure(): void {
    const { dialogId } = this;
    this.#parts.report.status({ type: 'slowConsumer', stream: 'messages', dialogId });
  }

  #end(sink: ResyncSink<MessagingEvent>, { error, drop }: Ending): Promise<void> {
    if (error) sink.failed(error);
    else if (drop) void this.stream[Symbol.asyncDispose]();
    else this.stream.close();
    return readOutOf(this.stream);
  }

  #read(after: number, signal: AbortSignal): Promise<MessagingEvent[]> {
    const { dialogId } = this;
    return this.#parts.requests.queryMessages({ dialogId, newerThanSequence: after }, { signal });
  }

  /** Notes of events that they came from the history; of those only that will be handed out, for a note takes memory. */
  #marked(events: MessagingEvent[]): MessagingEvent[] {
    if (!this.#items) return events;
    for (const event of events) {
      if (!this.accept(event)) continue;
      this.#recovered ??= new WeakSet();
      this.#recovered.add(event);
    }
    return events;
  }

  /** Reads the history to its end first: the mark that says a message was read may stand on any later page. */
  async #unhandled(signal: AbortSignal): Promise<StreamStart<MessagingEvent>> {
    const { cursors, backfills } = this.#parts;
    const sequence = (await cursors.get(this.dialogId)) ?? BEFORE_THE_FIRST;
    // One turn for all pages: were they to queue up one by one, the first pages of all dialogs would wait for their second.
    const events = await backfills.run(() => readHistory((after) => this.#read(after, signal), sequence), signal);
    if (events.length > 0) this.#alreadyRead = new Set(readByMe(events));
    return { kind: 'after', sequence, page: { events: this.#marked(events), complete: true } };
  }

  #isUnhandled({ sequence, event }: MessagingEvent): boolean {
    return sequence === undefined || this.#alreadyRead?.has(sequence) !== true || !isContent(event);
  }
}

/** A typing event says 0 on some servers, which is no place in the order. */
function sequenceOf({ sequence, event }: MessagingEvent): number | undefined {
  return event.type === 'ChatStateEvent' ? undefined : sequence;
}

/** Only those who are pushed every event see receipts. */
function isReceipt({ event }: MessagingEvent): boolean {
  return event.type === 'AcceptStatusEvent';
}

function startOf(
  start: Start,
  unhandled: (signal: AbortSignal) => Promise<StreamStart<MessagingEvent>>,
): ResyncStreamOptions<MessagingEvent>['start'] {
  if (start === 'unhandled') return unhandled;
  if (start === 'live') return { kind: 'live' };
  if (start !== 'beginning' && !(Number.isSafeInteger(start) && start >= BEFORE_THE_FIRST)) {
    throw new ConfigError(
      "start must be 'unhandled', 'beginning', 'live' or a sequence number, a whole one from -1 on",
    );
  }
  return { kind: 'after', sequence: start === 'beginning' ? BEFORE_THE_FIRST : start };
}

function* readByMe(events: readonly MessagingEvent[]): Iterable<number> {
  for (const { event, isMe } of events) {
    if (isMe && event.type === 'AcceptStatusEvent' && event.status === 'READ') yield* event.sequenceList;
  }
}

/** Whether nothing more can be said in a dialog: it, or its whole conversation, was closed. */
export function isClosed(state: ConversationState, dialogId: string): boolean {
  return state.ended || state.details?.dialogs.find((dialog) => dialog.dialogId === dialogId)?.state === 'CLOSE';
}
