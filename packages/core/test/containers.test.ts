import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { BoundedMap, createChannel } from '@lp/core/internal';
import * as fc from 'fast-check';
import { LatestIndex } from '../src/latest-index.ts';
import { Ring } from '../src/ring.ts';

describe('a bounded map', () => {
  it('forgets its oldest entry beyond the bound', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('c', 3);
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('keeps the age of an entry that is set again', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map.keys()]).toEqual(['b', 'c']);
  });

  it('forgets an entry that was renewed last', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2);
    map.renew('a', 3);
    map.set('c', 4);
    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });

  it('holds what a plain list of the newest holds, whatever is done to it', () => {
    const step = fc.record({ key: fc.nat(11), how: fc.constantFrom('set', 'renew', 'delete') });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 9 }), (steps, bound) => {
        const map = new BoundedMap<number, number>(bound);
        let model: [number, number][] = [];
        for (const [at, { key, how }] of steps.entries()) {
          const known = model.findIndex(([other]) => other === key);
          if (how === 'delete') {
            map.delete(key);
            model = model.filter(([other]) => other !== key);
          } else if (how === 'set' || 2 * model.length <= bound) {
            // Below half of the bound an entry that is renewed keeps its age too.
            if (how === 'set') map.set(key, at);
            else map.renew(key, at);
            if (known === -1) model.push([key, at]);
            else model[known] = [key, at];
          } else {
            map.renew(key, at);
            model = [...model.filter(([other]) => other !== key), [key, at]];
          }
          model = model.slice(-bound);
          expect([...map]).toEqual(model);
        }
      }),
    );
  });
});

describe('a ring', () => {
  it('gives items in the order of their coming, and replaces those in between, across every growth', () => {
    const step = fc.oneof(
      fc.record({ how: fc.constant('push' as const) }),
      fc.record({ how: fc.constant('shift' as const) }),
      fc.record({ how: fc.constant('replace' as const), at: fc.nat(40) }),
      fc.record({ how: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const ring = new Ring<number>();
        let model: number[] = [];
        const pairs: [number, number | undefined][] = [];
        for (const [n, given] of steps.entries()) {
          if (given.how === 'push') {
            pairs.push([ring.push(n), ring.head + model.length]);
            model.push(n);
          } else if (given.how === 'clear') {
            ring.clear();
            model = [];
          } else if (model.length > 0 && given.how === 'shift') {
            pairs.push([ring.shift(), model.shift()]);
          } else if (model.length > 0 && given.how === 'replace') {
            const at = given.at % model.length;
            ring.replace(ring.head + at, n);
            model[at] = n;
          }
          const seen: number[] = [];
          ring.forEach((item) => seen.push(item));
          expect(seen).toEqual(model);
          expect(ring.size).toBe(model.length);
        }
        expect(pairs.filter(([given, expected]) => given !== expected)).toEqual([]);
      }),
    );
  });
});

describe('the index of the newest items', () => {
  it('puts each item in the place of the one of its key, or at the end', () => {
    const buffer = new Ring<{ key: string; n: number }>();
    for (const [n, key] of ['a', 'b', 'a'].entries()) buffer.push({ key, n });
    const index = new LatestIndex(buffer, ({ key }) => key);
    expect(index.put(buffer, { key: 'b', n: 3 })).toBe(true);
    expect(index.put(buffer, { key: 'a', n: 4 })).toBe(true);
    expect(index.put(buffer, { key: 'c', n: 5 })).toBe(false);
    const left = Array.from({ length: buffer.size }, () => buffer.shift());
    expect(left.map(({ key, n }) => `${key}${n}`)).toEqual(['a0', 'b3', 'a4', 'c5']);
  });

  it('forgets an item that has left the buffer, and not the newer one of its key', () => {
    const buffer = new Ring<string>();
    const [first, second] = [buffer.push('a'), buffer.push('a')];
    const index = new LatestIndex(buffer, (item) => item);
    index.removed(buffer.shift(), first);
    expect(index.put(buffer, 'a')).toBe(true);
    index.removed(buffer.shift(), second);
    expect(index.put(buffer, 'a')).toBe(false);
  });
});

describe('the capacity of a stream', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null])('cannot be %p', (capacity) => {
    expect(() => createChannel({ capacity: capacity as never })).toThrow(ConfigError);
  });

  it('is told by the error of a stream that is full and fails', async () => {
    const channel = createChannel<number>({ capacity: 2, overflow: 'fail' });
    for (const item of [1, 2, 3]) channel.push(item);
    expect(await channel.stream.closed).toMatchObject({
      code: 'SLOW_CONSUMER',
      message: 'the stream was not read fast enough: 2 items are unread',
      context: { capacity: 2 },
    });
  });
});
