import { describe, expect, it } from '@jest/globals';
import type { CursorStore } from '@lp/agent';
import { createManualClock, type ManualClock, RequestTimeoutError } from '@lp/core';
import { createPositions } from '../../src/cursors/positions.ts';
import { StoreHealth } from '../../src/cursors/store-health.ts';

/** A store that takes as long as the test says, and what a bot sees of it. */
function slowStore() {
  const clock = createManualClock();
  const took = { ms: 0 };
  const wait = () => new Promise<void>((resolve) => void clock.setTimer(resolve, took.ms));
  const kept = new Map<string, number>();
  const cursors: CursorStore = {
    async get(dialogId) {
      await wait();
      return kept.get(dialogId);
    },
    async set(dialogId, sequence) {
      await wait();
      kept.set(dialogId, sequence);
    },
  };
  const health = new StoreHealth(clock);
  return { clock, health, positions: createPositions({ cursors, clock, agentId: () => 'a', health }), took };
}

type Slow = ReturnType<typeof slowStore>;

/** How a call ends, and how long it was waited for. */
async function load({ clock, positions, took }: Slow, ms: number): Promise<[outcome: string, afterMs: number]> {
  took.ms = ms;
  return await timed(clock, positions.load('d'));
}

async function timed(clock: ManualClock, call: Promise<unknown>): Promise<[outcome: string, afterMs: number]> {
  const since = clock.now();
  let end: [string, number] | undefined;
  const ended = call.then(
    () => (end = ['responds', clock.now() - since]),
    (error: unknown) => {
      expect(error).toBeInstanceOf(RequestTimeoutError);
      end = ['is given up', clock.now() - since];
    },
  );
  while (end === undefined) await clock.advance(10);
  await ended;
  return end;
}

describe('a store that takes its time', () => {
  // verifies: store:fails
  it('is waited for as before after one call that hung, and not less than it takes', async () => {
    const store = slowStore();
    expect(await load(store, 150)).toEqual(['responds', 150]);
    expect(await load(store, 7_000)).toEqual(['is given up', 5_000]);
    expect(await load(store, 150)).toEqual(['responds', 150]);
    expect(await load(store, 4_000)).toEqual(['responds', 4_000]);
  });

  // verifies: store:fails
  it('holds up no message for long while it hangs', async () => {
    const store = slowStore();
    await load(store, 20);
    expect(await load(store, 60_000)).toEqual(['is given up', 5_000]);
    expect(await load(store, 60_000)).toEqual(['is given up', 100]);
    expect(await load(store, 60_000)).toEqual(['is given up', 100]);
  });

  it('that has become slower is waited for again once a response has come, too late as it was', async () => {
    const store = slowStore();
    await load(store, 60_000);
    expect(await load(store, 400)).toEqual(['is given up', 100]);
    expect(store.health.failing).toBe(true);
    await store.clock.advance(400);
    expect(store.health.failing).toBe(false);
    expect(await load(store, 400)).toEqual(['responds', 400]);
  });

  it('is not waited for again because a call has ended at last that took longer than any may', async () => {
    const store = slowStore();
    await load(store, 6_000);
    await store.clock.advance(2_000);
    expect(await load(store, 60_000)).toEqual(['is given up', 100]);
  });

  it('is not waited for long for good because it was slow once', async () => {
    const store = slowStore();
    await load(store, 4_000);
    for (let calls = 0; calls < 60; calls++) await load(store, 10);
    await load(store, 60_000);
    expect(await load(store, 60_000)).toEqual(['is given up', 100]);
  });

  it('is judged by what it takes, not by a clock that is set back or forth meanwhile', async () => {
    const store = slowStore();
    for (const jump of [-3_600_000, 3_600_000]) {
      store.took.ms = 50;
      const loading = store.positions.load('d');
      store.clock.jump(jump);
      await store.clock.advance(50);
      await loading;
      expect(await load(store, 60_000)).toEqual(['is given up', 5_000]);
      expect(await load(store, 60)).toEqual(['responds', 60]);
    }
  });
});
