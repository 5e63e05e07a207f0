import type * as z from 'zod';
import { isValid } from './checks.ts';
import { describeIssues, flattenIssues, type SchemaIssue } from './issues.ts';

/** What reading a value by a schema gave: the value, or what is wrong with it. */
export type LenientResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** An item of a list that could not be read and was left out. */
export interface InvalidItem {
  readonly issues: readonly SchemaIssue[];
}

// Each round can reach one level deeper: a bare element must be wrapped before what is inside it can be read.
const MAX_ROUNDS = 6;

/**
 * Reads a value by an inbound schema as the platform asks its clients to: a number where text is meant, digits where a
 * number is meant, one bare element where a list is meant, JSON text where an object is meant and null where nothing is
 * meant are all taken. A value that needs none of that is
 * given back as it is, at the price of one check; the given value is never changed.
 */
export function parseLenient<S extends z.ZodType>(schema: S, value: unknown): LenientResult<z.output<S>> {
  if (isValid(schema, value)) return { ok: true, value };
  let result = schema.safeParse(value);
  let current = value;
  for (let round = 0; !result.success && round < MAX_ROUNDS; round++) {
    const coerced = coerceIssues(current, result.error);
    if (coerced === undefined) break;
    current = coerced.value;
    result = schema.safeParse(current);
  }
  return result.success ? { ok: true, value: result.data } : { ok: false, issues: describeIssues(result.error) };
}

/**
 * Reads the items of a list one by one, so that a bad one does not take the others with it. What stands at `spare` in an
 * item is left out alone when nothing else is wrong with the item.
 */
export function parseEach<S extends z.ZodType>(
  item: S,
  list: readonly unknown[],
  path: string,
  spare?: readonly string[],
): { items: z.output<S>[]; invalid: InvalidItem[] } {
  const items: z.output<S>[] = [];
  const invalid: InvalidItem[] = [];
  for (const [index, element] of list.entries()) {
    let result = parseLenient(item, element);
    if (!result.ok) {
      invalid.push({ issues: result.issues.map((issue) => placeUnder(`${path}${index}`, issue)) });
      if (spare) result = parseLenient(item, replaceAt(element, spare, undefined));
    }
    if (result.ok) items.push(result.value);
  }
  return { items, invalid };
}

/** An issue of a part, as an issue of the whole. */
export function placeUnder(prefix: string, { path, expected }: SchemaIssue): SchemaIssue {
  return { path: path === '' ? prefix : `${prefix}.${path}`, expected };
}

function coerceIssues(value: unknown, error: z.core.$ZodError): { value: unknown } | undefined {
  let coerced = value;
  let changed = false;
  for (const { path, issue } of flattenIssues(error.issues)) {
    if (issue.code !== 'invalid_type') continue;
    const found = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), coerced);
    const replacement = coerce(found, issue.expected);
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
