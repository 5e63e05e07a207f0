import { describe, expect, it } from '@jest/globals';
import { createMemoryDialogStore, type DialogStore } from '@lp/agent';
import { createManualClock, FencedError } from '@lp/core';
import { Position } from '../../src/cursors/position.ts';
import { createPositions } from '../../src/cursors/positions.ts';

const fenced: unknown[] = [];
const positionsOf = (store: DialogStore) =>
  createPositions({
    store,
    clock: createManualClock(),
    agentId: () => 'a',
    health: { worked: () => undefined, failed: () => undefined, fenced: (error) => fenced.push(error) },
  });

describe('a place that is kept in memory', () => {
  it('is kept when saving returns, with the data as they were then', async () => {
    const store = createMemoryDialogStore();
    const position = new Position(positionsOf(store), 'd', undefined);
    const value = { size: 'S' };
    position.data = { order: { version: 1, value } };
    position.moveTo(4);
    position.takeAhead(7);
    expect(position.save()).toBeUndefined();
    value.size = 'L';
    expect(await store.load({ agentId: 'a', dialogId: 'd' })).toEqual({
      ...{ revision: 1, sequence: 4, ahead: [7], said: -1, attempts: 0 },
      data: { order: { version: 1, value: { size: 'S' } } },
    });
  });

  it('is fenced when somebody else has gone on, which is told', async () => {
    const store = createMemoryDialogStore();
    const [one, other] = [0, 0].map(() => new Position(positionsOf(store), 'd', undefined)) as [Position, Position];
    expect(one.save()).toBeUndefined();
    await expect(other.save()).rejects.toThrow(FencedError);
    await expect(other.save()).rejects.toThrow(FencedError);
    expect(fenced).toHaveLength(1);
  });

  it('is saved by the function that somebody has put in the place of the own one', async () => {
    const store = createMemoryDialogStore();
    const saved: number[] = [];
    store.save = (_, { sequence }) => Promise.resolve(void saved.push(sequence));
    const position = new Position(positionsOf(store), 'd', undefined);
    position.moveTo(3);
    await position.save();
    expect(saved).toEqual([3]);
  });
});
