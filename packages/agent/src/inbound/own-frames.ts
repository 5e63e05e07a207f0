import { EventSchema } from '@lp/schemas';
import { isValid } from '@lp/schemas/internal';
import type { Identities, MessagingEvent } from './mapping/index.ts';
import { endOfNumber, numberIn } from './number-text.ts';

/** How a message begins on the agents' socket. */
const HEAD = '{"kind":"notification","type":".ams.ms.OnlineEventDistribution","body":{"sequence":';
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
  /** That of the pairs of ids that were known. */
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
    const { event, idLength, middle, tail } = known;
    const numberEnd = text.slice(0, HEAD.length) === HEAD ? endOfNumber(text, HEAD.length) : -1;
    const timeAt = numberEnd + middle.length;
    if (numberEnd < 0 || text.slice(numberEnd, timeAt) !== middle || !this.#isValid(known)) return undefined;
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

  /** Whether it still is this agent's, and nothing has been learnt of ids that would make another event of it. */
  #isValid({ event: { originatorId: id, originatorUserId: userId }, version }: Known): boolean {
    return version === this.#identities.version && this.#identities.isOwn({ id, userId });
  }

  /** Keeps what the texts of own events have in common, of one that was read whole. One with metadata is like no other. */
  learn(text: string, event: MessagingEvent): void {
    const { conversationId, dialogId, isMe, metadata, sequence } = event;
    if (!isMe || sequence === undefined || metadata !== undefined || this.#credit === 0) return;
    const credit = this.#credit - 1;
    const entries = Object.entries(event);
    const behind = entries.slice(entries.findIndex(([key]) => key === 'event') + 1);
    const tail = behind.map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`).join('') + END;
    const middleAt = endOfNumber(text, HEAD.length);
    const before = this.#known;
    this.#known = {
      event: copyOf({ ...event, event: undefined } as unknown as MessagingEvent),
      middle: text.slice(middleAt, text.indexOf(TIME, middleAt) + TIME.length),
      tail: tail.split(dialogId),
      idLength: dialogId.length,
      version: this.#identities.version,
    };
    // Whether all of that stands where it is looked for, is seen by what is read.
    const isAlike = JSON.stringify(this.read(text)) === JSON.stringify(event);
    const places = conversationId === undefined ? 1 : 2;
    if (!isAlike || this.#known.tail.length !== places + 1) this.#known = before;
    this.#credit = credit;
  }
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
