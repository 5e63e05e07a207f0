import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Pending } from '../src/pending.ts';
import { PendingRequests } from '../src/pending-requests.ts';

const made = (id: string) => ({ id, place: 0 }) as Pending;

describe('the requests without a response', () => {
  it('are those that a Map would hold, in its order, whatever the ids and however many they are', () => {
    const ids = fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      fc.constantFrom('a', 'b', '__proto__', '1e3', '0x10', '-1', '1.5', 'NaN', '9007199254740993', '64', '128'),
    );
    const step = fc.record({
      own: ids,
      adds: fc.integer({ min: 0, max: 90 }),
      removes: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (steps, stride) => {
        const table = new PendingRequests();
        const model = new Map<string, Pending>();
        let last = 0;
        const add = (id: string) => {
          if (model.has(id)) return;
          const pending = made(id);
          table.add(pending);
          model.set(id, pending);
        };
        for (const { adds, own, removes } of steps) {
          if (own !== undefined) add(own);
          for (let i = 0; i < adds; i++) add(String(++last));
          // Not always the oldest: one that waits for long keeps its place while others come and go.
          const leaving = [...model.values()].filter((_, i) => i % stride === 0).slice(0, removes);
          for (const pending of leaving) {
            table.delete(pending);
            model.delete(pending.id);
          }
          const wrong = [...model].filter(([id, pending]) => table.get(id) !== pending);
          const left = leaving.filter(({ id }) => table.has(id));
          expect([wrong, left, table.size]).toEqual([[], [], model.size]);
          expect(table.list().map(({ id }) => id)).toEqual([...model.keys()]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are not changed by taking one out that is not there, or another of the same id', () => {
    const table = new PendingRequests();
    const [one, other] = [made('1'), made('1')];
    table.add(one);
    table.delete(other);
    table.delete(made('2'));
    expect([table.size, table.get('1')]).toEqual([1, one]);
  });
});
