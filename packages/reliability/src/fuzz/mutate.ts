import type { Random } from '../lib/random.ts';

const HOSTILE_TEXT = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\u0000',
  '\ud800',
  '𝒳'.repeat(50),
  '-1',
  '1e309',
  '2030-01-01T00:00:00Z',
  'a'.repeat(20_000),
  `${'a'.repeat(5_000)}!`,
  '/'.repeat(5_000),
  '../../../etc/passwd',
  'x\r\nSet-Cookie: y',
  '{"a":1}',
  `${'[0,'.repeat(2_000)}`,
  '9'.repeat(400),
  '1.'.repeat(3_000),
  '"\\'.repeat(3_000),
];

const HOSTILE_VALUE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1.7976931348623157e308,
  5e-324,
  [],
  {},
  [[]],
  [null],
  [{}],
  { type: 'UPSERT' },
  { length: 1e9 },
  { toString: null, valueOf: null },
  { toJSON: 'x', then: 'x' },
  ...HOSTILE_TEXT,
];

const HOSTILE_KEY = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  'then',
  'toJSON',
  '0',
  '',
  'convId',
  'dialogId',
  'sequence',
  'event',
];

// These cannot be written as values: they only exist as text.
const HOSTILE_SPLICE = [
  '"__proto__":{"polluted":1},',
  '"constructor":{"prototype":{"polluted":1}},',
  `"deep":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)},`,
  `"deep":${'['.repeat(5_000)}${']'.repeat(5_000)},`,
  `"n":${'9'.repeat(5_000)},`,
  '"n":1e999,',
  '"n":-1e-999,',
  `"n":${'1'.repeat(20)}.${'1'.repeat(20)}e${'1'.repeat(20)},`,
  '"body":null,"body":[],',
  '"type":1,',
];

type Container = Record<string, unknown> | unknown[];

/** A frame's text with a few things changed, most of the time still JSON. */
export function mutateText(text: string, random: Random): string {
  const kind = random.below(10);
  if (kind === 0) return mutateBytes(text, random);
  if (kind === 1) return splice(text, random);
  const value = JSON.parse(text) as unknown;
  const changed = mutateValue(value, random, 1 + random.below(3));
  return JSON.stringify(changed) ?? 'null';
}

/** A value with a few places changed; changes the value itself. */
export function mutateValue(value: unknown, random: Random, times: number): unknown {
  const root: Record<string, unknown> = { value };
  for (let n = 0; n < times; n++) {
    const containers: Container[] = [];
    collect(root, containers);
    changeOne(random.pick(containers), containers, random);
  }
  return root['value'];
}

function collect(value: unknown, found: Container[]): void {
  if (typeof value !== 'object' || value === null) return;
  found.push(value as Container);
  for (const item of Object.values(value)) collect(item, found);
}

function changeOne(container: Container, all: readonly Container[], random: Random): void {
  const keys = Object.keys(container);
  const target = container as Record<string, unknown>;
  const key = keys.length === 0 ? '0' : random.pick(keys);
  switch (random.below(8)) {
    case 0:
      delete target[key];
      return;
    case 1:
      define(target, random.pick(HOSTILE_KEY), target[key]);
      return;
    case 2:
      define(target, random.pick(HOSTILE_KEY), copy(random.pick(HOSTILE_VALUE)));
      return;
    case 3:
      target[key] = [target[key]];
      return;
    case 4:
      // A part of the frame in a place of another, as a copy: a circle would have no text.
      target[key] = copy(random.pick(all.slice(1).length > 0 ? all.slice(1) : [{}]));
      return;
    case 5:
      if (Array.isArray(container)) container.push(...(copy(container) as unknown[]).slice(0, 50));
      else target[key] = JSON.stringify(target[key]);
      return;
    default:
      target[key] = copy(random.pick(HOSTILE_VALUE));
  }
}

// `target['__proto__'] = …` would set the prototype and leave no trace in the text.
function define(target: object, key: string, value: unknown): void {
  if (Array.isArray(target) && key === 'length') return;
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  // Parts that were doubled again and again would fill the memory with one frame.
  return text.length > 50_000 ? null : (JSON.parse(text) as unknown);
}

function splice(text: string, random: Random): string {
  const braces = [...text.matchAll(/\{(?=")/g)].map(({ index }) => index);
  if (braces.length === 0) return text;
  const at = random.pick(braces) + 1;
  return text.slice(0, at) + random.pick(HOSTILE_SPLICE) + text.slice(at);
}

function mutateBytes(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(40));
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(to);
    case 3:
      return text.slice(0, to) + text.slice(at);
    default:
      return text.slice(0, at) + random.pick(HOSTILE_TEXT) + text.slice(at);
  }
}

/** Bytes of no meaning, as text. */
export function randomText(random: Random): string {
  const bytes = Buffer.alloc(random.below(200));
  for (let n = 0; n < bytes.length; n++) bytes[n] = random.below(256);
  return bytes.toString(random.below(2) === 0 ? 'utf8' : 'latin1');
}
