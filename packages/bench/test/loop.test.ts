import { describe, expect, it } from '@jest/globals';
import { Loop } from '../src/client/loop.ts';

describe('the least that feeds a loop', () => {
  it('gives what waits, and what comes while it is waited for, in order', async () => {
    const loop = new Loop<number>();
    loop.push(0);
    loop.push(1);
    const seen: number[] = [];
    for await (const value of loop) {
      seen.push(value);
      if (value === 1) queueMicrotask(() => loop.push(2));
      if (value === 2) break;
    }
    expect(seen).toEqual([0, 1, 2]);
  });
});
