import { describe, expect, it } from '@jest/globals';
import { createChannel, type Overflow } from '@lp/core/internal';
import fc from 'fast-check';

interface Item {
  readonly key: number;
  readonly value: number;
}

type Policy = 'refuse' | 'drop-oldest' | 'drop-newest' | 'latest';

/** What a channel must do, said in the plainest way. */
class Model {
  readonly buffer: Item[] = [];
  dropped = 0;
  full = false;
  readonly #policy: Policy;
  readonly #capacity: number;
  readonly #lowWater: number;

  constructor(policy: Policy, capacity: number, lowWater: number) {
    this.#policy = policy;
    this.#capacity = capacity;
    this.#lowWater = lowWater;
  }

  push(item: Item): boolean {
    if (this.buffer.length < this.#capacity) {
      this.buffer.push(item);
      return true;
    }
    this.full = true;
    if (this.#policy === 'refuse') return false;
    if (this.#policy === 'latest') return this.#keepLatest(item);
    this.dropped++;
    if (this.#policy === 'drop-newest') return false;
    this.buffer.shift();
    this.buffer.push(item);
    return true;
  }

  shift(): Item | undefined {
    const item = this.buffer.shift();
    if (item && this.buffer.length <= this.#lowWater) this.full = false;
    return item;
  }

  #keepLatest(item: Item): boolean {
    const index = this.buffer.findLastIndex(({ key }) => key === item.key);
    if (index === -1) this.buffer.push(item);
    else {
      this.buffer[index] = item;
      this.dropped++;
    }
    return true;
  }
}

const policies: Policy[] = ['refuse', 'drop-oldest', 'drop-newest', 'latest'];
const overflowOf = (policy: Policy): Overflow<Item> => (policy === 'latest' ? { latest: ({ key }) => key } : policy);

describe.each(policies)('a channel that does "%s" when full', (policy) => {
  it('does what its model does, whatever is pushed and read', async () => {
    const pushing = fc.nat(5);
    const reading = fc.constant('read' as const);
    const step = fc.oneof({ arbitrary: pushing, weight: 3 }, { arbitrary: reading, weight: 2 });
    let full = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 40, maxLength: 200 }),
        fc.integer({ min: 1, max: 10 }),
        fc.nat(10),
        async (script, capacity, low) => {
          const lowWater = Math.min(low, capacity - 1);
          const model = new Model(policy, capacity, lowWater);
          const seen: unknown[] = [];
          const expected: unknown[] = [];
          const channel = createChannel<Item>({
            capacity,
            lowWater,
            overflow: overflowOf(policy),
            onHighWater: () => void seen.push('high-water'),
            onLowWater: () => void seen.push('low-water'),
          });
          const iterator = channel.stream[Symbol.asyncIterator]();
          let value = 0;
          const push = (key: number) => {
            const item = { key, value: value++ };
            const before = model.full;
            const accepted = model.push(item);
            if (model.full !== before) expected.push('high-water');
            expected.push(accepted);
            seen.push(channel.push(item));
          };
          const read = async () => {
            const before = model.full;
            const item = model.shift();
            if (model.full !== before) expected.push('low-water');
            expected.push(item);
            seen.push((await iterator.next()).value);
          };
          for (const action of script) {
            if (action !== 'read') push(action);
            else if (model.buffer.length > 0) await read();
          }
          channel.end();
          for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
            seen.push(next.value);
          expected.push(...model.buffer);
          if (expected.includes('high-water')) full++;
          expect(channel.stream.stats.dropped).toBe(model.dropped);
          expect(seen.filter((entry) => entry !== 'low-water')).toEqual(
            expected.filter((entry) => entry !== 'low-water'),
          );
        },
      ),
      { numRuns: 400 },
    );
    // Weak randomness would show as runs that never fill a buffer.
    expect(full).toBeGreaterThan(200);
  });
});
