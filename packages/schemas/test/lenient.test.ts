import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { describeIssues, parseLenient } from '../src/index.ts';

const schema = z.looseObject({
  id: z.string(),
  count: z.number().optional(),
  done: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  inner: z.looseObject({ id: z.string() }).optional(),
  byRole: z.record(z.string(), z.array(z.string())).optional(),
  either: z.union([z.array(z.looseObject({ id: z.string() })), z.string()]).optional(),
});

describe('parseLenient takes', () => {
  it.each([
    ['a number for a text', { id: 7 }, { id: '7' }],
    ['a negative number for a text', { id: -1 }, { id: '-1' }],
    ['digits for a number', { id: 'a', count: '-12.5' }, { id: 'a', count: -12.5 }],
    ['words for a truth', { id: 'a', done: 'false' }, { id: 'a', done: false }],
    ['null for what may be missing', { id: 'a', count: null, inner: null }, { id: 'a' }],
    ['the word for null for what may be missing', { id: 'a', count: 'null', inner: 'undefined' }, { id: 'a' }],
    ['null for no items', { id: 'a', tags: null }, { id: 'a', tags: [] }],
    ['one item for a list of one', { id: 'a', tags: 'x' }, { id: 'a', tags: ['x'] }],
    ['one number for a list of one text', { id: 'a', tags: 5 }, { id: 'a', tags: ['5'] }],
    ['numbers in a list of texts', { id: 'a', tags: [1, 'b', 2] }, { id: 'a', tags: ['1', 'b', '2'] }],
    [
      'JSON text for an object',
      { id: 'a', inner: '{"id":3,"more":true}' },
      { id: 'a', inner: { id: '3', more: true } },
    ],
    ['one item in a map of lists', { id: 'a', byRole: { R: 1, S: null } }, { id: 'a', byRole: { R: ['1'], S: [] } }],
    ['one of either kind', { id: 'a', either: { id: 4 } }, { id: 'a', either: [{ id: '4' }] }],
    [
      'several of all that',
      { id: 1, count: '2', tags: 3, inner: { id: 4 } },
      { id: '1', count: 2, tags: ['3'], inner: { id: '4' } },
    ],
  ])('%s', (_name, value, expected) => {
    const before = structuredClone(value);
    expect(parseLenient(schema, value)).toEqual({ ok: true, value: expected });
    expect(value).toEqual(before);
  });

  it('what fits as it is, fields that no schema names included', () => {
    const value = { id: 'a', count: 1, extra: { deep: [null] }, either: 'text' };
    expect(parseLenient(schema, value)).toEqual({ ok: true, value });
  });
});

describe('parseLenient refuses', () => {
  it.each([
    ['what is required and missing', {}, 'id', 'string'],
    ['what is required and null', { id: null }, 'id', 'string'],
    ['a truth for a text', { id: true }, 'id', 'string'],
    ['an object for a text', { id: {} }, 'id', 'string'],
    ['words for a number', { id: 'a', count: 'many' }, 'count', 'number'],
    ['half a number', { id: 'a', count: '12 px' }, 'count', 'number'],
    ['nothing for a number', { id: 'a', count: '' }, 'count', 'number'],
    ['a number for a truth', { id: 'a', done: 1 }, 'done', 'boolean'],
    ['text that is not JSON for an object', { id: 'a', inner: '{' }, 'inner', 'object'],
    ['JSON text of a list for an object', { id: 'a', inner: '5' }, 'inner', 'object'],
    ['a bad item of a list', { id: 'a', tags: ['b', {}] }, 'tags.1', 'string'],
    ['a bad item inside an object', { id: 'a', inner: {} }, 'inner.id', 'string'],
  ])('%s', (_name, value, path, expected) => {
    expect(parseLenient(schema, value)).toEqual({ ok: false, issues: [{ path, expected }] });
  });

  it('all that is wrong at once, and coerces nothing then', () => {
    expect(parseLenient(schema, { id: {}, count: 'x', tags: 'ok' })).toEqual({
      ok: false,
      issues: [
        { path: 'id', expected: 'string' },
        { path: 'count', expected: 'number' },
      ],
    });
  });
});

describe('describeIssues words every kind of issue', () => {
  it.each([
    ['a type', z.string(), 1, 'string'],
    ['a literal', z.literal('a'), 'b', '"a"'],
    ['an enumeration', z.enum(['a', 'b']), 'c', '"a" | "b"'],
    ['a text too long', z.string().max(2), 'abc', 'at most 2 characters'],
    ['a text too short', z.string().min(2), 'a', 'at least 2 characters'],
    ['a list too long', z.array(z.number()).max(1), [1, 2], 'at most 1 items'],
    ['a number too great', z.number().lt(2), 2, 'less than 2'],
    ['a number too small', z.number().gt(2), 2, 'more than 2'],
    ['a number of odd steps', z.number().multipleOf(5), 7, 'a multiple of 5'],
    ['no whole number', z.int(), 1.5, 'int'],
    ['a foreign key', z.strictObject({}), { a: 1 }, 'no key "a"'],
    ['a form', z.ipv4(), 'x', 'ipv4'],
    ['a pattern', z.string().regex(/^a/), 'b', 'another form'],
    ['a bad key', z.record(z.string().max(1), z.number()), { abc: 1 }, 'invalid_key'],
    ['a bad key of a map', z.map(z.string(), z.number()), new Map([['a', 'x']]), 'number'],
    ['an own rule', z.string().refine(() => false, 'something better'), 'x', 'something better'],
    ['a discriminator', z.discriminatedUnion('t', [z.object({ t: z.literal('a') })]), { t: 'b' }, '"a"'],
  ])('%s', (_name, one, value, expected) => {
    const { error } = one.safeParse(value);
    expect(error && describeIssues(error).map((issue) => issue.expected)).toEqual([expected]);
  });
});
