import type { ConversationChangeRecord } from '@lp/schemas';

// A conversation's description has about 2,000 characters; what is longer by far would take more room than it spares.
const LONGEST = 10_000;
// Every whole number of so many digits is exact.
const MOST_DIGITS = 15;

const DETAILS = '"conversationDetails":';
const UPDATED = '"metaDataLastUpdateTs":';
/** How the notification begins. */
const HEAD = '{"kind":"notification","type":".ams.aam.ExConversationChangeNotification",';
/** How it ends: the result, the change, the list of changes, the body, the frame. */
const END = '}}]}}';
/** The kinds of changes, by words that are soon seen to be missing: hardly any text has their capitals. */
const CHANGED = 'UPSERT"';
const TAKEN_AWAY = 'DELETE"';
const ID = '"convId":"';
const LAST_EVENT = '"lastContentEventNotification":';
const SEQUENCE = '{"sequence":';

/** A character that takes two bytes. */
const WIDE = /[\u0100-\uffff]/;

const ZERO = 0x30;
const BLANK = 0x20;
const COMMA = 0x2c;
const BRACE = 0x7d;
/** Where the name of the notification differs from those of all that come often: what is none of these costs a look. */
const TELLING = HEAD.indexOf('aam');

/** The conversation that the text of a frame is about, when it is a notification about one. */
export function conversationIn(text: string): string | undefined {
  if (text.charCodeAt(TELLING) !== HEAD.charCodeAt(TELLING) || text.slice(0, HEAD.length) !== HEAD) return undefined;
  const start = text.indexOf(ID, HEAD.length) + ID.length;
  return start < ID.length ? undefined : text.slice(start, text.indexOf('"', start));
}

/** What the text of a notification says beside what is known. */
export interface Repeat {
  /** When the conversation was last updated, in milliseconds since 1970; undefined for what is known, or when it does not say so. */
  readonly updated: number | undefined;
  /** The last event's number in the conversation's own dialog; -1 when there is none. */
  readonly sequence: number;
  /** When the conversation and its dialogs were updated, in the order of the text. */
  readonly times: readonly number[];
}

/**
 * The description of a conversation as the text of a notification has it, with places for the times of updates: the next
 * notification may have others there and yet tell nothing new. What else a notification says (how many messages are
 * unread, when an answer is due, the last event, which has come by itself) is kept by nobody.
 *
 * Keys are looked for in the text. In the strings of a JSON text a quotation mark is escaped, so what is found is a key.
 */
export class ToldText {
  readonly #text: string;
  /** Where the times begin and end, one after the other. */
  readonly #places: readonly number[];
  /** Which of the times is the conversation's own; -1 for none. */
  readonly #own: number;
  #times: readonly number[];

  private constructor(text: string, places: readonly Place[], own: number) {
    this.#text = text;
    this.#places = sharedLayout(places.flatMap(({ start, end }) => [start, end]));
    this.#own = own;
    this.#times = places.map(({ start, end }) => numberIn(text, start, end));
  }

  /** What the text has that was parsed to this change, the only one of its notification. Nothing where that cannot be told. */
  static of(text: string, { result }: ConversationChangeRecord): ToldText | undefined {
    const { conversationDetails: details } = result;
    const start = text.indexOf(DETAILS) + DETAILS.length;
    const end = endOfDetails(text, result);
    const part = text.slice(start, end);
    if (details === undefined || part.length > LONGEST || !isJson(part)) return undefined;
    // A text of its own: a slice would keep the whole frame. One wide character, in a message say, makes all of that two
    // bytes wide, and what is cut out of it; what is parsed is as narrow as it can be.
    const told = WIDE.test(text) ? (JSON.parse(JSON.stringify(part)) as string) : ` ${part}`.slice(1);
    const { dialogs = [], metaDataLastUpdateTs: own } = details;
    const others = dialogs.filter(({ metaDataLastUpdateTs }) => metaDataLastUpdateTs !== undefined).length;
    const places = placesOf(told, UPDATED);
    const keys = Object.keys(details);
    const isFirst = keys.indexOf('metaDataLastUpdateTs') < keys.indexOf('dialogs');
    const index = own === undefined ? -1 : isFirst ? 0 : others;
    const known = new ToldText(told, places, index);
    const isClear = places.length === others + (own === undefined ? 0 : 1) && known.#times[index] === own;
    // Something else is called so, or it is no number: the text has to be the same then.
    return isClear ? known : new ToldText(told, [], -1);
  }

  /**
   * What the text of another notification about the conversation says beside this one; nothing when it describes the
   * conversation otherwise, or has more than one change.
   */
  compare(text: string, conversationId: string): Repeat | undefined {
    const known = this.#text;
    const places = this.#places;
    // As large as it has to be: one that grows would keep room for more, in each of thousands of conversations.
    const times = this.#times.slice();
    const key = text.indexOf(DETAILS, HEAD.length);
    if (key < 0) return undefined;
    let at = key + DETAILS.length;
    let from = 0;
    for (let index = 0; index < places.length; index += 2) {
      const start = places[index] as number;
      const next = at + start - from;
      // Compared as slices: `startsWith` takes ten times as long.
      if (text.slice(at, next) !== known.slice(from, start)) return undefined;
      from = places[index + 1] as number;
      at = endOfNumber(text, next);
      if (at < 0) return undefined;
      times[index / 2] = numberIn(text, next, at);
    }
    const end = at + known.length - from;
    if (text.slice(at, end) !== known.slice(from)) return undefined;
    const changed = text.indexOf(CHANGED);
    const isOneChange = changed >= 0 && changed < key && !text.includes(CHANGED, end) && !text.includes(TAKEN_AWAY);
    if (!isOneChange) return undefined;
    const sequence = lastSequenceIn(text, end, conversationId);
    return sequence === undefined ? undefined : { sequence, updated: times[this.#own], times };
  }

  /** Takes over the times of a text that was compared. False when they are those that are known. */
  update({ times }: Repeat): boolean {
    if (times.every((time, index) => time === this.#times[index])) return false;
    this.#times = times;
    return true;
  }

  /** The newest description as JSON text. */
  get json(): string {
    const text = this.#text;
    let json = '';
    let from = 0;
    for (const [index, time] of this.#times.entries()) {
      json += text.slice(from, this.#places[2 * index]) + String(time);
      from = this.#places[2 * index + 1] as number;
    }
    return json + text.slice(from);
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
}

let layout: readonly number[] = [];

/** Most descriptions of a brand have their times at the same places: a list for each would be as large as what it is for. */
function sharedLayout(places: readonly number[]): readonly number[] {
  const isSame = places.length === layout.length && places.every((place, index) => place === layout[index]);
  if (!isSame) layout = places;
  return layout;
}

/** Where the description ends: before the next key of the result, or where only brackets follow; -1 where neither is clear. */
function endOfDetails(text: string, result: ConversationChangeRecord['result']): number {
  if (!isOnce(text, DETAILS)) return -1;
  const keys = Object.keys(result);
  const following = keys[keys.indexOf('conversationDetails') + 1];
  if (following === undefined) return text.endsWith(END) ? text.length - END.length : -1;
  const key = `,${JSON.stringify(following)}:`;
  return isOnce(text, key) ? text.indexOf(key) : -1;
}

/** That what was cut out is the description and no more: a JSON text ends where it is whole. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isOnce(text: string, part: string): boolean {
  const at = text.indexOf(part);
  return at >= 0 && text.indexOf(part, at + 1) < 0;
}

/** Where the numbers of a key stand; none when something else stands at one of them. */
function placesOf(text: string, key: string): Place[] {
  const places: Place[] = [];
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const start = at + key.length;
    const end = endOfNumber(text, start);
    if (end < 0) return [];
    places.push({ start, end });
  }
  return places;
}

/** The number of the last event in the conversation's own dialog, -1 without one; nothing when that stands elsewhere. */
function lastSequenceIn(text: string, from: number, dialogId: string): number | undefined {
  const start = text.indexOf(LAST_EVENT, from) + LAST_EVENT.length;
  // It may stand before the description, where it has not been looked for.
  if (start < LAST_EVENT.length) return text.includes(LAST_EVENT) ? undefined : -1;
  const at = start + SEQUENCE.length;
  const end = text.slice(start, at) === SEQUENCE ? endOfNumber(text, at) : -1;
  const tail = `"dialogId":"${dialogId}"}${END}`;
  const isOwn = text.slice(-tail.length) === tail;
  return end >= 0 && text.charCodeAt(end) === COMMA && isOwn ? numberIn(text, at, end) : undefined;
}

/** Where the whole number that begins here ends, blanks before it included; -1 when there is none, or it goes on. */
function endOfNumber(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === BLANK) at++;
  const first = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const digits = at - first;
  const isNumber = digits > 0 && digits <= MOST_DIGITS && (digits === 1 || text.charCodeAt(first) !== ZERO);
  const next = text.charCodeAt(at);
  // Else a fraction may follow, or an exponent.
  return isNumber && (next === COMMA || next === BRACE) ? at : -1;
}

/** The whole number that stands there, blanks before it included. `Number` would have to be given a text of its own. */
function numberIn(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== BLANK) number = 10 * number + unit - ZERO;
  }
  return number;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= ZERO + 9;
}
