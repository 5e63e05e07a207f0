import type { ConversationChangeRecord, ConversationDetailsRecord } from '@lp/schemas';

/** A number that nobody keeps, the time of the conversation's own update, or that of a dialog. */
const NUMBER = 0;
const OWN_UPDATE = 1;
const UPDATE = 2;

// A conversation's description has about 2,000 characters; what is longer by far would take more room than it spares.
const LONGEST = 10_000;
// Every whole number of so many digits is exact.
const MOST_DIGITS = 15;

const DETAILS = '"conversationDetails":';
const ID = '"convId":';
const LAST_EVENT = '"lastContentEventNotification":';
const SEQUENCE = '"sequence":';
const DIALOG = '"dialogId":"';

const ZERO = 0x30;
const BLANK = 0x20;
const MINUS = 0x2d;

/** What the text of a notification says beside what is known. */
export interface Repeat {
  /** When the conversation was last updated, in milliseconds since 1970; undefined when it does not say so. */
  readonly updated: number | undefined;
  /** The last event's number; undefined when there is none. */
  readonly sequence: number | undefined;
  /** The last event's dialog; undefined when it is not named. */
  readonly dialogId: string | undefined;
  /** What stands in the places of the text. */
  readonly values: readonly number[];
}

/**
 * The text of a notification about one conversation, up to the end of the conversation's description, and the places in it
 * where the next one may differ and yet tell nothing new: most of all the times of updates. What stands behind it (how many
 * messages are unread, the last event, which has come by itself) is kept by nobody.
 *
 * Keys are looked for in the text. In the strings of a JSON text a quotation mark is escaped, so what is found is a key.
 */
export class ToldText {
  readonly #text: string;
  /** Start, end and kind of each place, one after the other. */
  readonly #places: readonly number[];
  #values: readonly number[];

  private constructor(text: string, places: readonly Place[]) {
    this.#text = text;
    this.#places = places.flatMap(({ start, end, kind }) => [start, end, kind]);
    this.#values = places.map(({ start, end }) => Number(text.slice(start, end)));
  }

  /** The text that was parsed to this change, the only one of its notification. Nothing for a text that cannot be compared. */
  static of(text: string, { result }: ConversationChangeRecord): ToldText | undefined {
    const { conversationDetails: details } = result;
    const end = endOfDetails(text, result);
    if (details === undefined || end === undefined || end > LONGEST) return undefined;
    // A text of its own: a slice would keep the whole frame.
    const told = ` ${text.slice(0, end)}`.slice(1);
    if (!isJson(told.slice(told.indexOf(DETAILS) + DETAILS.length))) return undefined;
    const places = [
      ...only(placesOf(told, '"sentTs":', NUMBER)),
      ...only(placesOf(told, '"effectiveTTR":', NUMBER)),
      ...updatePlaces(told, details),
    ];
    places.sort((one, other) => one.start - other.start);
    return new ToldText(told, places);
  }

  /** What another text says beside this one; nothing when it differs elsewhere, or has more than one change. */
  compare(text: string): Repeat | undefined {
    const known = this.#text;
    const places = this.#places;
    const values: number[] = [];
    let updated: number | undefined;
    let at = 0;
    let from = 0;
    for (let index = 0; index < places.length; index += 3) {
      const start = places[index] as number;
      const next = at + start - from;
      // Compared as slices: `startsWith` takes ten times as long.
      if (text.slice(at, next) !== known.slice(from, start)) return undefined;
      from = places[index + 1] as number;
      at = endOfNumber(text, next);
      if (at < 0) return undefined;
      const value = Number(text.slice(next, at));
      values.push(value);
      if (places[index + 2] === OWN_UPDATE) updated = value;
    }
    const end = at + known.length - from;
    if (text.slice(at, end) !== known.slice(from) || text.includes(ID, end)) return undefined;
    const last = lastEventIn(text, end);
    return last && { ...last, updated, values };
  }

  /** Takes over what stood in the places of a text that was compared. False when that is what is known. */
  update({ values }: Repeat): boolean {
    if (values.every((value, index) => value === this.#values[index])) return false;
    this.#values = values;
    return true;
  }

  /** The newest description as JSON text. */
  get details(): string {
    const text = this.#text;
    const begin = text.indexOf(DETAILS) + DETAILS.length;
    let details = '';
    let from = begin;
    for (const [index, value] of this.#values.entries()) {
      const start = this.#places[3 * index] as number;
      if (start < begin) continue;
      details += text.slice(from, start) + String(value);
      from = this.#places[3 * index + 1] as number;
    }
    return details + text.slice(from);
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly kind: number;
}

/** Where the description ends: before the next key of the result, when that stands in the text once. */
function endOfDetails(text: string, result: ConversationChangeRecord['result']): number | undefined {
  const keys = Object.keys(result);
  const following = keys[keys.indexOf('conversationDetails') + 1];
  const [key, isLone] = [`,${JSON.stringify(following ?? '')}:`, isOnce(text, DETAILS)];
  return following !== undefined && isLone && isOnce(text, key) ? text.indexOf(key) : undefined;
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
function placesOf(text: string, key: string, kind: number): Place[] {
  const places: Place[] = [];
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const start = at + key.length;
    const end = endOfNumber(text, start);
    if (end < 0) return [];
    places.push({ start, end, kind });
  }
  return places;
}

function only(places: Place[]): Place[] {
  return places.length === 1 ? places : [];
}

/** Where the times of updates stand; none when others than the conversation's and its dialogs' are called so. */
function updatePlaces(text: string, details: ConversationDetailsRecord): Place[] {
  const { dialogs = [], metaDataLastUpdateTs: own } = details;
  const places = placesOf(text, '"metaDataLastUpdateTs":', UPDATE);
  const told = dialogs.filter(({ metaDataLastUpdateTs }) => metaDataLastUpdateTs !== undefined).length;
  if (places.length !== told + (own === undefined ? 0 : 1)) return [];
  const keys = Object.keys(details);
  const isFirst = keys.indexOf('metaDataLastUpdateTs') < keys.indexOf('dialogs');
  const index = own === undefined ? -1 : isFirst ? 0 : told;
  return places.map((place, at) => (at === index ? { ...place, kind: OWN_UPDATE } : place));
}

/** The last event behind the description, without reading it; nothing when that cannot be told for certain. */
function lastEventIn(text: string, from: number): Pick<Repeat, 'sequence' | 'dialogId'> | undefined {
  const start = text.indexOf(LAST_EVENT, from);
  if (start < 0) return { sequence: undefined, dialogId: undefined };
  const at = text.indexOf(SEQUENCE, start) + SEQUENCE.length;
  const end = at < SEQUENCE.length ? -1 : endOfNumber(text, at);
  const isWhole = end >= 0 && ',}'.includes(text.charAt(end));
  const sequence = Number(text.slice(at, end));
  if (!isWhole || sequence < 0 || text.includes(SEQUENCE, end)) return undefined;
  const id = text.indexOf(DIALOG, start) + DIALOG.length;
  const isNamed = id >= DIALOG.length;
  if (isNamed && text.includes(DIALOG, id)) return undefined;
  return { sequence, dialogId: isNamed ? text.slice(id, text.indexOf('"', id)) : undefined };
}

/** Where the whole number that begins here ends, blanks before it included; -1 when there is none, or a longer one. */
function endOfNumber(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) === BLANK) at++;
  if (text.charCodeAt(at) === MINUS) at++;
  const first = at;
  while (isDigit(text.charCodeAt(at))) at++;
  const digits = at - first;
  const isNumber = digits > 0 && digits <= MOST_DIGITS && (digits === 1 || text.charCodeAt(first) !== ZERO);
  return isNumber ? at : -1;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= ZERO + 9;
}
