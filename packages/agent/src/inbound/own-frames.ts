import { EventSchema, type MessagingEventRecord } from '@lp/schemas';
import { isValid } from '@lp/schemas/internal';
import type { Identities, MessagingEvent } from './mapping/index.ts';
import { toMessagingEvent } from './mapping/messaging.ts';
import { endOfNumber, numberIn } from './number-text.ts';

/** What an event comes in on the agents' socket. */
export const EVENT_TYPE = '.ams.ms.OnlineEventDistribution';
/** How that begins. */
const HEAD = `{"kind":"notification","type":"${EVENT_TYPE}","body":{"sequence":`;
const TIME = '"serverTimestamp":';
const EVENT = ',"event":';
const END = '}}';
/** Where the name differs from those of other frames that come often: what is none of these costs a look. */
const TELLING = HEAD.indexOf('ms.Online');
const PLAIN_ID = /^[\w.:-]+$/;

// So many events may be kept without helping to read another one.
const CREDIT = 1_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** An own event, and what the texts of those that come after it have in common with its text. */
interface Known {
  /** Without what is another one in each. */
  readonly event: MessagingEvent;
  /** What stands between the number and the time: who said it, and with what. */
  readonly middle: string;
  /** What stands behind what happened, around the dialog's id. */
  readonly tail: readonly string[];
  readonly idLength: number;
  /** That of the ids that were known. */
  readonly version: number;
}

/**
 * With each of its own messages and marks the platform tells an agent who it is, and with what program, at greater length
 * than what it did. Where that is the same text as before, it has been read and checked: then only what happened is parsed
 * and checked, and the event is made of both.
 */
export class OwnFrames {
  readonly #identities: Identities;
  #known: Known | undefined;
  #credit = CREDIT;

  constructor(identities: Identities) {
    this.#identities = identities;
  }

  /** The own event in a frame's text; nothing when it has to be read whole. */
  read(text: string): MessagingEvent | undefined {
    const known = this.#known;
    if (!known || text.charCodeAt(TELLING) !== HEAD.charCodeAt(TELLING)) return undefined;
    const { event, idLength, middle, tail, version } = known;
    const numberEnd = text.slice(0, HEAD.length) === HEAD ? endOfNumber(text, HEAD.length) : -1;
    const timeAt = numberEnd + middle.length;
    if (numberEnd < 0 || text.slice(numberEnd, timeAt) !== middle || version !== this.#identities.version)
      return undefined;
    const timeEnd = endOfNumber(text, timeAt);
    const eventAt = timeEnd + EVENT.length;
    // A text of its own: a piece would keep the whole frame.
    const idAt = text.length - idLength - (tail.at(-1) ?? '').length;
    const id = ` ${text.slice(idAt, idAt + idLength)}`.slice(1);
    const rest = tail.join(id);
    const eventEnd = text.length - rest.length;
    const isAlike = timeEnd >= 0 && text.slice(timeEnd, eventAt) === EVENT && text.slice(eventEnd) === rest;
    const happened = isAlike && PLAIN_ID.test(id) ? parse(text.slice(eventAt, eventEnd)) : undefined;
    if (!isValid(EventSchema, happened)) return undefined;
    const own = copyOf(event) as Writable<MessagingEvent>;
    own.sequence = numberIn(text, HEAD.length, numberEnd);
    own.serverTimestamp = numberIn(text, timeAt, timeEnd);
    own.event = happened;
    own.dialogId = id;
    if (own.conversationId !== undefined) own.conversationId = id;
    this.#credit = Math.min(this.#credit + 1, CREDIT);
    return own;
  }

  /** Keeps what the texts of own events have in common, of one that was read whole. One with metadata is like no other. */
  learn(text: string, event: MessagingEvent): void {
    const { isMe, metadata, sequence } = event;
    if (!isMe || sequence === undefined || metadata !== undefined || this.#credit === 0) return;
    const credit = this.#credit - 1;
    const before = this.#known;
    try {
      const known = knownOf(text, event, this.#identities.version);
      this.#known = known;
      if (!this.read(text) || !this.#readsRight(exampleOf(known, event))) this.#known = before;
    } catch {
      // Nested too deep to be copied or compared, or the id's place is no text: others are read whole as this one was.
      this.#known = before;
    }
    this.#credit = credit;
  }

  /** Whether a text is the same event when it is parsed as a whole. */
  #readsRight(text: string): boolean {
    const { body } = JSON.parse(text) as { body: MessagingEventRecord };
    return JSON.stringify(this.read(text)) === JSON.stringify(toMessagingEvent(body, this.#identities));
  }
}

/** What another text would have in common with this one, if everything stood where it usually does. */
function knownOf(text: string, event: MessagingEvent, version: number): Known {
  const entries = Object.entries(event);
  const behind = entries.slice(entries.findIndex(([key]) => key === 'event') + 1);
  const tail = behind.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join('') + END;
  const middleAt = endOfNumber(text, HEAD.length);
  return {
    event: copyOf({ ...event, event: undefined } as unknown as MessagingEvent),
    middle: text.slice(middleAt, text.indexOf(TIME, middleAt) + TIME.length),
    tail: tail.split(event.dialogId),
    idLength: event.dialogId.length,
    version,
  };
}

/**
 * A text with all of that in common, in which everything else is new. Where the same key comes twice, or the dialog's id
 * somewhere else too, that shows in what is read from it, and not in the text that it was learnt from.
 */
function exampleOf({ idLength, middle, tail }: Known, { dialogId, sequence = 0, serverTimestamp = 0 }: MessagingEvent) {
  const id = (dialogId.startsWith('x') ? 'y' : 'x').repeat(idLength);
  const [number, time] = [sequence + 1, serverTimestamp + 1];
  return `${HEAD}${number}${middle}${time}${EVENT}{"type":"Example"}${tail.join(id)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A copy that shares nothing: somebody may write into what he is given. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy = { ...value };
  for (const key of Object.keys(copy) as (keyof T)[]) copy[key] = copyOf(copy[key]);
  return copy;
}
