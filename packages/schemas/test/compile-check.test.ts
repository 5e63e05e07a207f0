import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { compileCheck } from '../src/compile-check.ts';
import {
  NotificationSchemas,
  type NotificationType,
  RequestBodySchemas,
  type RequestName,
  requestRegistry,
} from '../src/index.ts';
import { notifications } from './fixtures/notifications.ts';
import { requests } from './fixtures/requests.ts';

const REPLACEMENTS: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  'x',
  'x'.repeat(8_001),
  'UPSERT',
  'AcceptStatusEvent',
  'forms/secure-invitation',
  true,
  [],
  [1],
  ['x'],
  [{}],
  {},
  { x: 1 },
  { x: ['y'] },
  { type: 'RichContentEvent', content: { type: 'text', text: 'a' } },
  JSON.parse('{"__proto__":1}'),
];

type Key = string | number;

function pathsOf(value: unknown, at: readonly Key[] = []): (readonly Key[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly Key[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<Key, unknown>;
  copy[key] = replaced(copy[key], rest, replacement);
  return copy;
}

/** The value itself, every value with one place changed, with one place gone, and with one key more. */
function* variantsOf(value: unknown): Generator<unknown> {
  yield value;
  for (const path of pathsOf(value)) {
    for (const replacement of REPLACEMENTS) yield replaced(value, path, replacement);
    const parent = path.slice(0, -1).reduce((at, key) => (at as Record<Key, unknown>)[key], value);
    const last = path.at(-1);
    if (last === undefined || Array.isArray(parent)) continue;
    const { [last]: _gone, ...rest } = parent as Record<Key, unknown>;
    yield replaced(value, path.slice(0, -1), rest);
    yield replaced(value, path.slice(0, -1), { ...rest, [last]: _gone, another: 1 });
  }
}

/** The values of which the generated check says something else than the schema. */
function differences(
  schema: z.ZodType,
  values: Iterable<unknown>,
): { wrong: unknown[]; passed: number; failed: number } {
  const check = compileCheck(schema);
  const found = { wrong: [] as unknown[], passed: 0, failed: 0 };
  for (const value of values) {
    const { success } = schema.safeParse(value);
    if (check(value) !== success) found.wrong.push(value);
    found[success ? 'passed' : 'failed']++;
  }
  return found;
}

describe('the generated check', () => {
  it.each(Object.entries(notifications))('says what the schema says of %s and everything like it', (_name, frame) => {
    const schema: z.ZodType = NotificationSchemas[frame.type as NotificationType];
    const { wrong, passed, failed } = differences(schema, variantsOf(frame.body));
    expect(wrong).toEqual([]);
    expect(Math.min(passed, failed)).toBeGreaterThan(10);
  });

  it.each(Object.entries(requests))(
    'says what the schemas say of %s, its response, and everything like them',
    (name, { body, response }) => {
      const schema: z.ZodType = RequestBodySchemas[name as RequestName];
      const responseSchema: z.ZodType = requestRegistry[name as RequestName].response;
      expect(differences(schema, variantsOf(body)).wrong).toEqual([]);
      expect(differences(responseSchema, variantsOf(response)).wrong).toEqual([]);
    },
  );

  it.each([
    ['a refinement', z.string().refine((text) => text !== 'x'), 'x', 'y'],
    ['a format', z.email(), 'x', 'a@example.com'],
    ['a whole number', z.int(), 1.5, 1],
    ['a bounded number', z.number().min(1), 0, 1],
    ['a bounded list', z.array(z.string()).min(1), [], ['x']],
    ['a pattern', z.string().regex(/^a/), 'b', 'a'],
    ['an object that takes no other keys', z.strictObject({ a: z.string() }), { a: 'a', b: 1 }, { a: 'a' }],
    [
      'an object with a rule of its own',
      z.looseObject({ a: z.string() }).refine(({ a }) => a !== ''),
      { a: '' },
      { a: 'a' },
    ],
    ['keys with a rule', z.record(z.string().min(2), z.number()), { a: 1 }, { aa: 1 }],
    ['other keys with a rule', z.object({ a: z.string() }).catchall(z.number()), { a: 'a', b: 'b' }, { a: 'a', b: 1 }],
    ['numbers among literals', z.literal([1, 'a']), 2, 1],
    ['a value that is turned into a number', z.coerce.number(), 'x', '5'],
    ['keys that may be missing', z.partialRecord(z.enum(['a', 'b']), z.number()), { a: 'x' }, { a: 1 }],
    ['keys that are not looked at', z.looseRecord(z.string().regex(/^n_/), z.number()), { n_a: 'x' }, { other: 'x' }],
    [
      'a choice of exactly one',
      z.xor([z.looseObject({ a: z.string() }), z.looseObject({ b: z.string() })]),
      { a: '', b: '' },
      { a: '' },
    ],
    ['a date', z.date(), 1, new Date(0)],
    ['a tuple', z.tuple([z.string()]), [1], ['a']],
  ] as const)('leaves %s to the schema, when it cannot write it itself', (_what, schema, bad, good) => {
    const check = compileCheck(schema as z.ZodType);
    expect([check(bad), check(good)]).toEqual([false, true]);
  });

  it('leaves a schema to itself whose definition says something that is not known here', () => {
    const schema = z.looseObject({ a: z.string() });
    Object.assign(schema._zod.def, { fewestKeys: 2 });
    Object.assign(schema, { validate: (value: object) => Object.keys(value).length >= 2 });
    const check = compileCheck(schema);
    expect([check({ a: 'a' }), check({ a: 'a', b: 1 })]).toEqual([false, true]);
  });
});
