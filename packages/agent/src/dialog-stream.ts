import { ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { readOutOf } from '@lp/core/internal';
import type { AgentContext } from './context.ts';
import type { ConversationState } from './conversation-store.ts';
import { readHistory } from './history.ts';
import { isContent } from './message.ts';
import { createResyncStream, type Gap, type ResyncStreamOptions, type StreamStart } from './streams/index.ts';
import type { MessagingEvent } from './user-form/index.ts';

/**
 * Where a stream of a dialog begins: `beginning`, `live` (from now on), after a sequence number, or `unhandled`: after
 * the cursor store's entry, without what this agent has marked READ in the history.
 */
export type Start = 'unhandled' | 'beginning' | 'live' | number;

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
export function openDialogStream<I>(
  context: AgentContext,
  options: DialogStreamOptions,
  items: DialogItems<I>,
): Stream<I>;
export function openDialogStream(context: AgentContext, options: DialogStreamOptions): Stream<MessagingEvent | Gap>;
export function openDialogStream(
  context: AgentContext,
  options: DialogStreamOptions,
  items?: DialogItems<unknown>,
): Stream<unknown> {
  const { accept, capacity, dialogId, signal, state } = options;
  const { clock, logger, status } = context;
  // Made when there is something to put in: an idle stream is to cost little.
  let recovered: WeakSet<MessagingEvent> | undefined;
  let alreadyRead: ReadonlySet<number> | undefined;

  async function query(after: number, abort: AbortSignal) {
    const events = await context.requests.queryMessages({ dialogId, newerThanSequence: after }, { signal: abort });
    if (items && events.length > 0) recovered ??= new WeakSet();
    for (const event of events) recovered?.add(event);
    return events;
  }

  /** Reads the history to its end first: the mark that says a message was read may stand on any later page. */
  async function unhandled(abort: AbortSignal) {
    const sequence = (await context.cursors.get(dialogId)) ?? BEFORE_THE_FIRST;
    const events = await readHistory((after) => context.refills.run(() => query(after, abort), abort), sequence);
    if (events.length > 0) alreadyRead = new Set(readByMe(events));
    return { kind: 'after', sequence, page: { events, complete: true } } as const;
  }

  const isUnhandled = ({ sequence, event }: MessagingEvent) =>
    sequence === undefined || alreadyRead?.has(sequence) !== true || !isContent(event);

  // One literal, whatever is asked for: keys that are added to a copy give each stream a hidden class of its own.
  const stream: Stream<unknown> = createResyncStream<MessagingEvent, unknown>({
    toItem: items ? (event) => items.toItem(event, recovered?.has(event) === true) : itself,
    gapItem: items ? nothing : itself,
    onTake: items?.onTake,
    onReadOut: items?.onReadOut,
    dialogId,
    capacity,
    signal,
    start: startOf(options.start, unhandled),
    source: {
      // The platform does not say whether more follow.
      query: async ({ after, signal: abort }) => ({ events: await query(after, abort), complete: undefined }),
    },
    limiter: context.refills,
    clock,
    accept: (event) => isUnhandled(event) && (accept?.(event) ?? true),
    sequenceOf,
    everyNumberPushed: isReceipt,
    onAttach(sink) {
      const detach = [
        context.router.attach(dialogId, sink),
        context.onConnection(sink),
        context.onEnd(({ error, drop }) => {
          if (error) sink.failed(error);
          else if (drop) void stream[Symbol.asyncDispose]();
          else stream.close();
          return readOutOf(stream);
        }),
        context.store.watch(state().conversationId, (changed) => {
          if (isClosed(changed, dialogId)) sink.ended();
        }),
      ];
      if (isClosed(state(), dialogId)) sink.ended();
      return () => {
        for (const stop of detach) stop();
      };
    },
    onGap: ({ after, before }) => status.publish({ type: 'gap', at: clock.now(), dialogId, after, before }),
    onResync: ({ cause, from, to, queries }) => {
      if (cause !== 'start') status.publish({ type: 'resynced', at: clock.now(), dialogId, cause, from, to, queries });
    },
    onRetry: ({ attempt, delayMs }) =>
      logger.warn('the history of a dialog could not be read, it will be asked again', { dialogId, attempt, delayMs }),
    onPressure: () => status.publish({ type: 'slowConsumer', at: clock.now(), stream: 'messages', dialogId }),
  });
  return stream;
}

const itself = <T>(value: T): T => value;
const nothing = (): undefined => undefined;

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
