import { describe, expect, it } from '@jest/globals';
import { createMemoryDialogStore, type DialogRecord, type DialogStore } from '@lp/agent';
import { createManualClock, FencedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { Position } from '../../src/cursors/position.ts';
import { createPositions } from '../../src/cursors/positions.ts';

const KEY = { agentId: 'a', dialogId: 'd' };

/** A store whose saves stand still when that is wanted, each until it is let go on; it reads all the while. */
function slowStore() {
  const kept = createMemoryDialogStore();
  const held: (() => Promise<void>)[] = [];
  let holds = false;
  const store: DialogStore = {
    load: (key) => kept.load(key),
    async save(key, record) {
      if (!holds) return await kept.save(key, record);
      const done = createDeferred<void>();
      held.push(async () => kept.save(key, record).then(done.resolve, done.reject));
      await done.promise;
    },
    delete: (key) => kept.delete(key),
  };
  return { kept, store, held, hold: (on: boolean) => (holds = on) };
}

async function positionIn(store: DialogStore) {
  const clock = createManualClock();
  const fenced: unknown[] = [];
  const health = { worked: () => undefined, failed: () => undefined, fenced: (error: unknown) => fenced.push(error) };
  const positions = createPositions({ store, clock, agentId: () => 'a', health });
  return { clock, fenced, position: new Position(positions, 'd', await positions.load('d')) };
}

const handle = (position: Position, sequence: number) => {
  position.moveTo(sequence);
  return position.save() ?? Promise.resolve();
};

/** Has a save that is not waited for any longer. */
async function giveUp(position: Position, sequence: number, clock: ReturnType<typeof createManualClock>) {
  const saving = expect(handle(position, sequence)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
  await clock.advance(5_000);
  await saving;
}

describe('a save that was given up, and is carried out late', () => {
  // verifies: store:fenced
  it.each([0, 1])('is this process’s own, when the next was asked for before: behind %d others', async (others) => {
    const { held, hold, kept, store } = slowStore();
    const { clock, fenced, position } = await positionIn(store);
    if (others > 0) await handle(position, 1);
    hold(true);
    await giveUp(position, 2, clock);
    const next = handle(position, 3);
    await clock.advance(0);
    expect(held).toHaveLength(2);
    hold(false);
    for (const goOn of held) await goOn();
    await next;
    await handle(position, 4);
    expect(await kept.load(KEY)).toMatchObject({ sequence: 4, revision: others + 3 });
    expect(fenced).toEqual([]);
  });

  it('is found by the next save, also of several the second', async () => {
    const { held, hold, kept, store } = slowStore();
    const { clock, fenced, position } = await positionIn(store);
    await handle(position, 1);
    hold(true);
    await giveUp(position, 2, clock);
    await giveUp(position, 3, clock);
    await held[1]?.();
    hold(false);
    await handle(position, 4);
    expect(await kept.load(KEY)).toMatchObject({ sequence: 4, revision: 3 });
    expect(fenced).toEqual([]);
  });

  it('is told from what another process has kept under the same number', async () => {
    const { hold, kept, store } = slowStore();
    const { clock, fenced, position } = await positionIn(store);
    await handle(position, 1);
    hold(true);
    await giveUp(position, 2, clock);
    hold(false);
    const theirs: DialogRecord = { revision: 2, sequence: 2, ahead: [], said: 7, attempts: 0, data: {} };
    await kept.save(KEY, theirs);
    await expect(handle(position, 3)).rejects.toThrow(FencedError);
    expect(await kept.load(KEY)).toEqual(theirs);
    expect(fenced).toHaveLength(1);
  });

  it('is its own also where the database keeps what is in it in another order', async () => {
    const { held, hold, kept, store } = slowStore();
    const reordered: DialogStore = {
      ...store,
      async load(key) {
        const record = await kept.load(key);
        const data = Object.fromEntries(Object.entries(record?.data ?? {}).reverse());
        return record && { ...record, ahead: [...record.ahead].reverse(), data };
      },
    };
    const { clock, fenced, position } = await positionIn(reordered);
    position.data = { a: { version: 1, value: { x: 1, y: 2 } }, b: { version: 1, value: [2, 1] } };
    for (const ahead of [8, 9]) position.takeAhead(ahead);
    await handle(position, 1);
    hold(true);
    await giveUp(position, 2, clock);
    await held[0]?.();
    hold(false);
    await handle(position, 3);
    expect(fenced).toEqual([]);
  });
});

describe('a record that could not be read at first', () => {
  it('is taken over as a whole by the first save', async () => {
    const store = createMemoryDialogStore();
    const data = { cart: { version: 1, value: ['shoes'] } };
    await store.save(KEY, { revision: 1, sequence: 4, ahead: [7], said: 5, attempts: 1, data });
    const clock = createManualClock();
    const positions = createPositions({ store, clock, agentId: () => 'a' });
    const position = new Position(positions, 'd', undefined, { unread: true });
    position.attempts = 1;
    await position.save();
    const whole = { revision: 2, sequence: 4, ahead: [7], said: 5, attempts: 2, data };
    expect(await store.load(KEY)).toEqual(whole);
    await handle(position, 6);
    expect(await store.load(KEY)).toEqual({ ...whole, revision: 3, sequence: 6, attempts: 0 });
  });
});
