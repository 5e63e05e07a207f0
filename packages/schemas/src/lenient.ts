import type * as z from 'zod';
import { isValid } from './checks.ts';
import { describeIssues, flattenIssues, type SchemaIssue } from './issues.ts';

/** What reading a value by a schema gave: the value, or what is wrong with it. */
export type LenientResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** An item of a list that could not be read and was left out; or, when it was `kept`, fields of it that were. */
export interface InvalidItem {
  readonly issues: readonly SchemaIssue[];
  /** True when only the fields at these places were set aside: the item itself is there. */
  readonly kept?: true;
}

/** A value, and what is wrong with the fields of it that were set aside. */
export type SparingResult<T> =
  | { readonly ok: true; readonly value: T; readonly aside: readonly SchemaIssue[] }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

// Each round can reach one level deeper: a bare element must be wrapped before what is inside it can be read.
const MAX_ROUNDS = 6;
// Each round sets all fields aside that are wrong; what then lacks one it must have is set aside in the next.
const MAX_SPARING_ROUNDS = 8;

// What is left of an object without one of these would be taken for something else: an event without its number for one
// that has none, a conversation without its participants for one that this agent is not in.
const NEEDED: ReadonlySet<PropertyKey> = new Set([
  'sequence',
  'dialogId',
  'event',
  'result',
  'conversationDetails',
  'participants',
  'participantsDetails',
  'dialogs',
  'state',
  'stage',
]);

const NONE: readonly SchemaIssue[] = Object.freeze([]);

/**
 * Reads a value by an inbound schema as the platform asks its clients to: a number where text is meant, digits where a
 * number is meant, one bare element where a list is meant, JSON text where an object is meant and null where nothing is
 * meant are all taken. A value that needs none of that is
 * given back as it is, at the price of one check; the given value is never changed.
 */
export function parseLenient<S extends z.ZodType>(schema: S, value: unknown): LenientResult<z.output<S>> {
  if (isValid(schema, value)) return { ok: true, value };
  const { result } = coerceAll(schema, value);
  return result.success ? { ok: true, value: result.data } : { ok: false, issues: describeIssues(result.error) };
}

/**
 * As {@link parseLenient}; and what still is not as its schema says is set aside where nobody needs it, since a message
 * must not be lost for the sake of a time or a note. A field goes alone when it need not be there, else together with the
 * smallest part around it that need not: an item of a list, an object.
 */
export function parseSparing<S extends z.ZodType>(schema: S, value: unknown): SparingResult<z.output<S>> {
  if (isValid(schema, value)) return { ok: true, value, aside: NONE };
  let { current, result } = coerceAll(schema, value);
  if (result.success) return { ok: true, value: result.data, aside: NONE };
  const issues = describeIssues(result.error);
  for (let round = 0; !result.success && round < MAX_SPARING_ROUNDS; round++) {
    const spared = setAside(current, result.error);
    if (spared === undefined) break;
    ({ current, result } = coerceAll(schema, spared.value));
  }
  return result.success ? { ok: true, value: result.data, aside: issues } : { ok: false, issues };
}

/** Reads the items of a list one by one, so that a bad one does not take the others with it. */
export function parseEach<S extends z.ZodType>(
  item: S,
  list: readonly unknown[],
  path: string,
): { items: z.output<S>[]; invalid: InvalidItem[] } {
  const items: z.output<S>[] = [];
  const invalid: InvalidItem[] = [];
  for (const [index, element] of list.entries()) {
    const result = parseSparing(item, element);
    const issues = (result.ok ? result.aside : result.issues).map((issue) => placeUnder(`${path}${index}`, issue));
    if (result.ok) items.push(result.value);
    if (issues.length > 0) invalid.push(result.ok ? { issues, kept: true } : { issues });
  }
  return { items, invalid };
}

/** An issue of a part, as an issue of the whole. */
export function placeUnder(prefix: string, { path, expected }: SchemaIssue): SchemaIssue {
  return { path: path === '' ? prefix : `${prefix}.${path}`, expected };
}

/** Coerces until the schema is content, or nothing more can be coerced. */
function coerceAll<S extends z.ZodType>(
  schema: S,
  value: unknown,
): { current: unknown; result: z.ZodSafeParseResult<z.output<S>> } {
  let current = value;
  let result = schema.safeParse(current);
  for (let round = 0; !result.success && round < MAX_ROUNDS; round++) {
    const coerced = coerceIssues(current, result.error);
    if (coerced === undefined) break;
    current = coerced.value;
    result = schema.safeParse(current);
  }
  return { current, result };
}

/** The value without what is wrong in it; undefined when something is wrong that it cannot do without. */
function setAside(value: unknown, error: z.core.$ZodError): { value: unknown } | undefined {
  const places = new Map<string, readonly PropertyKey[]>();
  for (const { path } of flattenIssues(error.issues)) {
    const place = sparePlace(value, path);
    if (place === undefined) return undefined;
    places.set(place.map(String).join('.'), place);
  }
  // Items last, and the later ones of a list first: an item that goes moves those behind it.
  const isItem = (place: readonly PropertyKey[]) => Array.isArray(valueAt(value, place.slice(0, -1)));
  const items = [...places.values()].filter(isItem).reverse();
  const fields = [...places.values()].filter((place) => !isItem(place));
  const without = fields.reduce((current, place) => replaceAt(current, place, undefined), value);
  return { value: items.reduce(removeItem, without) };
}

/** The smallest part around a place that is there and can be done without. */
function sparePlace(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  for (let length = path.length; length > 0; length--) {
    const place = path.slice(0, length);
    const owner = valueAt(value, place.slice(0, -1));
    const isItem = Array.isArray(owner);
    // A conversation without one of its dialogs is another one.
    const isNeeded = isItem ? place.at(-2) === 'dialogs' : NEEDED.has(place.at(-1) ?? '');
    if (!isNeeded && valueAt(value, place) !== undefined) return place;
  }
  return undefined;
}

function removeItem(value: unknown, place: readonly PropertyKey[]): unknown {
  const list = valueAt(value, place.slice(0, -1));
  if (!Array.isArray(list)) return value;
  return replaceAt(
    value,
    place.slice(0, -1),
    list.filter((_, index) => index !== place.at(-1)),
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);
}

function coerceIssues(value: unknown, error: z.core.$ZodError): { value: unknown } | undefined {
  let coerced = value;
  let changed = false;
  for (const { path, issue } of flattenIssues(error.issues)) {
    if (issue.code !== 'invalid_type') continue;
    const replacement = coerce(valueAt(coerced, path), issue.expected);
    if (replacement === undefined) continue;
    coerced = replaceAt(coerced, path, replacement.value);
    changed = true;
  }
  return changed ? { value: coerced } : undefined;
}

function coerce(value: unknown, expected: string): { value: unknown } | undefined {
  if (value === undefined) return undefined;
  if (expected === 'array') return { value: value === null ? [] : [value] };
  if (value === null) return { value: undefined };
  if (expected === 'string') return typeof value === 'number' ? { value: String(value) } : undefined;
  if (typeof value !== 'string') return undefined;
  // History writes what is missing in words.
  if (value === 'null' || value === 'undefined') return { value: undefined };
  if (expected === 'number') return /^-?\d+(\.\d+)?$/.test(value) ? { value: Number(value) } : undefined;
  if (expected === 'boolean') return value === 'true' || value === 'false' ? { value: value === 'true' } : undefined;
  return expected === 'object' ? parseObject(value) : undefined;
}

function parseObject(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function replaceAt(value: unknown, path: readonly PropertyKey[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? replaceAt(item, rest, replacement) : item));
  if (!isRecord(value)) return value;
  return { ...value, [key]: replaceAt(value[key], rest, replacement) };
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}
