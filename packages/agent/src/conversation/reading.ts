import { ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';
import { BacklogReader } from '../dialog/backlog.ts';
import { DialogStream } from '../dialog/dialog-stream.ts';
import type { DialogPlace, DialogStreamOptions, DialogView, Gap } from '../dialog/dialog-types.ts';
import { DEFAULT_CAPACITY } from '../dialog/sequence-ledger.ts';
import { fixedStart, type Start } from '../dialog/start.ts';
import { findUnhandled, type Unhandled } from '../dialog/unhandled.ts';
import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { Inbox } from './inbox.ts';
import type { InboxParts } from './inbox-options.ts';
import { type Message, ReceivedMessage } from './message.ts';
import { resolveSettle, type Settle } from './settle.ts';

/** Which messages, from where. */
export interface MessagesOptions extends StreamOptions {
  /** Whose messages: the consumer's, everybody's but this agent's, or all. Default `others`. */
  from?: 'consumer' | 'others' | 'all' | undefined;
  /**
   * Where to begin. `unhandled` is the reader that handles: it alone reads and writes the dialog's position, and a dialog
   * has one at a time. Any other start only watches: it moves no position and marks nothing as read. Default `unhandled`.
   */
  start?: Start | undefined;
  /** Which dialog. Default: the main one, whatever other dialogs (surveys, co-browsing) are open. */
  dialogId?: string | undefined;
  /**
   * When the others are told that a message was read: when it is `handled`, that is when the loop asks for the next one;
   * when it is `received`, that is delivered (not with a store in memory: a mark is then all that a restarted bot has); or
   * `never`. Of a reader that only watches: never. Default `handled`.
   */
  read?: 'handled' | 'received' | 'never' | undefined;
  /**
   * What another agent has publicly answered before this is read first, or while the connection was lost and this agent is
   * the assigned one: `skip` it, or `keep` it. Default `skip`.
   */
  answered?: 'skip' | 'keep' | undefined;
  /**
   * Hands out as one message what the consumer writes in several: its text is theirs, joined by line breaks, its `burst`
   * the messages. What a file, structured content or a press ends is handed out at once, and so is what
   * has waited for as long, or has grown as large, as it may. Only for the reader that handles. Default: each by itself.
   */
  settle?: Settle | undefined;
}

/** Which events of a dialog, from where. */
export type EventsOptions = Pick<MessagesOptions, 'start' | 'dialogId'> & StreamOptions;

const isMessage = ({ event, sequence }: MessagingEvent) => isContent(event) && sequence !== undefined;
const WANTED: Readonly<Record<'consumer' | 'others' | 'all', (event: MessagingEvent) => boolean>> = {
  all: isMessage,
  others: (event) => !event.isMe && isMessage(event),
  consumer: (event) => event.originatorMetadata?.role === 'CONSUMER' && isMessage(event),
};

type Place = DialogPlace & { readonly conversationId: string };

/** The messages of a dialog: an inbox for who handles them, a stream for who watches. */
export function openMessages(
  parts: InboxParts,
  place: Place,
  options: MessagesOptions,
  after?: Promise<void>,
): { stream: Stream<Message>; inbox?: Inbox } {
  const check = optionsChecker(options, 'messages');
  check.oneOf('from', ['consumer', 'others', 'all']);
  check.oneOf('read', ['handled', 'received', 'never']);
  check.oneOf('answered', ['skip', 'keep']);
  check.texts(['dialogId']);
  check.known(['start', 'settle', 'signal', 'capacity']);
  check.nothingElse();
  const { answered = 'skip', capacity, from = 'others', read = 'handled', signal, start = 'unhandled' } = options;
  const settle = options.settle && resolveSettle(options.settle);
  if (settle && start !== 'unhandled') {
    throw new ConfigError("messages: settle is for the reader that handles: leave start out, or name 'unhandled'");
  }
  const wants = WANTED[from];
  if (start === 'unhandled') {
    if (read === 'received' && !parts.positions.lasts) {
      throw new ConfigError(
        "messages: read: 'received' needs a store that lasts, since a message that was begun and not handled is then known by nothing else; give connectAgent a store",
      );
    }
    const { conversationId, dialogId, state } = place;
    // Key by key: in V8 each object that begins with a spread and has more keys gets a hidden class of its own.
    const own = { conversationId, dialogId, state, answered, capacity, read, settle, signal, wants, after };
    const inbox = new Inbox(parts, own);
    return { stream: inbox.stream, inbox };
  }
  const view = {
    accept: wants,
    toItem: (event: MessagingEvent, recovered: boolean) =>
      new ReceivedMessage(parts, place.conversationId, event, { recovered }),
    gapItem: () => undefined,
  };
  const watch = { capacity, signal, start: fixedStart(start), ...place };
  return { stream: new DialogStream(parts.dialogs, watch, view).stream };
}

/** The events of a dialog as {@link openEvents} gives them; holes that cannot be filled are items. */
export function openEventsAndGaps(
  parts: InboxParts,
  place: Place,
  options: EventsOptions,
): Stream<MessagingEvent | Gap> {
  return open<MessagingEvent | Gap>(parts, place, options, (gap) => gap);
}

/**
 * The events of a dialog. With `start: 'unhandled'` they begin where the bot would go on, and nothing of that is moved.
 * Holes that cannot be filled are told in the status alone.
 */
export function openEvents(parts: InboxParts, place: Place, options: EventsOptions): Stream<MessagingEvent> {
  return open<MessagingEvent>(parts, place, options, () => undefined);
}

function open<I>(
  parts: InboxParts,
  place: Place,
  { start = 'unhandled', capacity, signal }: EventsOptions,
  gapItem: (gap: Gap) => I | undefined,
): Stream<I | MessagingEvent> {
  let unhandled: Unhandled | undefined;
  const query = { answered: 'keep', capacity: capacity ?? DEFAULT_CAPACITY, ...place } as const;
  const backlogs = new BacklogReader(parts.dialogs.history);
  const findStart = async (abort: AbortSignal, onPage: () => void) => {
    unhandled = await findUnhandled(parts, query, { backlogs, onPage, signal: abort });
    return unhandled.start;
  };
  const options: DialogStreamOptions<MessagingEvent> = {
    capacity,
    signal,
    start: start === 'unhandled' ? findStart : fixedStart(start),
    ...place,
  };
  const view: DialogView<MessagingEvent, I | MessagingEvent> = {
    accept: (event) => unhandled?.isHandled?.(event) !== true,
    toItem: (event) => event,
    gapItem,
  };
  return new DialogStream(parts.dialogs, options, view).stream;
}

/** Which of the messages that were said last. */
export interface NewestOptions {
  /** How many messages; default 50. */
  last?: number;
  /** Only messages before this sequence, which is excluded. */
  before?: number;
  /** The dialog; default: the main one. */
  dialogId?: string;
  /** Gives up: the call rejects with `signal.reason`. */
  signal?: AbortSignal;
}

/** What was said last in a dialog, by all, oldest first. */
export async function newestMessages(
  parts: InboxParts,
  { conversationId, dialogId }: Place,
  options: NewestOptions,
): Promise<readonly Message[]> {
  const check = optionsChecker(options, 'history');
  check.texts(['dialogId']);
  check.signals(['signal']);
  check.known(['last', 'before']);
  check.nothingElse();
  const { last: count = 50, before, signal } = options;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ConfigError('history: last must be a whole number of at least 1');
  }
  if (before !== undefined && !(Number.isSafeInteger(before) && before >= 0)) {
    throw new ConfigError('history: before must be a sequence: a whole number of at least 0');
  }
  const events = await parts.history.newest({ dialogId, before, count }, ({ event }) => isContent(event), signal);
  return events.map((event) => new ReceivedMessage(parts, conversationId, event, { recovered: true }));
}
