import { describe, expect, it } from '@jest/globals';
import { NotConnectedError } from '@lp/core';
import { createSharedMemory, memoryEngine } from '../../src/index.ts';
import { Lookout } from '../../src/worker/lookout.ts';
import { Timers } from '../../src/worker/timers.ts';
import { createTime } from '../support.ts';

const TTL_MS = 3_000;

async function createLookout(others: number) {
  const { clock, elapsed } = createTime();
  const shared = createSharedMemory();
  const engine = memoryEngine(shared);
  const timers = new Timers(clock);
  const buried: string[] = [];
  const seen = { freed: 0, looks: 0 };
  await engine.join({ incarnation: 'me', name: 'me', ttlMs: 3_000 });
  for (let i = 1; i <= others; i++) await engine.join({ incarnation: `other ${i}`, name: `other ${i}`, ttlMs: TTL_MS });
  const pulse = engine.pulse.bind(engine);
  engine.pulse = () => {
    seen.looks++;
    return pulse();
  };
  const lookout = new Lookout({
    engine,
    elapsed,
    ttlMs: TTL_MS,
    timers,
    me: () => 'me',
    onFreed: () => void seen.freed++,
    onBuried: (incarnation) => buried.push(incarnation),
  });
  lookout.start();
  return { buried, clock, engine, lookout, pulse, seen, shared, timers };
}

describe('the lookout', () => {
  it('buries who has not beaten for a TTL, within one look of it, and says that logins are free', async () => {
    const { buried, clock, seen, shared } = await createLookout(1);
    await clock.advance(TTL_MS);
    expect(buried).toEqual([]);
    await clock.advance(250);
    expect(buried).toEqual(['other 1']);
    expect(seen.freed).toBe(1);
    expect([...shared.workers.keys()]).toEqual(['me']);
  });

  it('never buries itself, however still its own beat stands', async () => {
    const { buried, clock } = await createLookout(0);
    await clock.advance(10 * TTL_MS);
    expect(buried).toEqual([]);
  });

  it('leaves who beats, and knows how old each beat is', async () => {
    const { buried, clock, engine, lookout } = await createLookout(1);
    for (let i = 0; i < 10; i++) {
      await engine.beat('other 1', {});
      await clock.advance(TTL_MS / 2);
    }
    expect(buried).toEqual([]);
    expect(lookout.ageMs('other 1')).toBeGreaterThan(TTL_MS / 2 - 100);
    expect(lookout.ageMs('nobody')).toBe(0);
  });

  it('counts no time in which the engine was away', async () => {
    const { buried, clock, engine, pulse } = await createLookout(1);
    await clock.advance(TTL_MS - 100);
    engine.pulse = () => Promise.reject(new NotConnectedError('away'));
    await clock.advance(10 * TTL_MS);
    engine.pulse = pulse;
    await clock.advance(TTL_MS - 100);
    expect(buried).toEqual([]);
    await clock.advance(400);
    expect(buried).toEqual(['other 1']);
  });

  it('begins anew when what was seen proves nothing any more', async () => {
    const { buried, clock, lookout } = await createLookout(1);
    await clock.advance(TTL_MS - 100);
    lookout.interrupt();
    await clock.advance(TTL_MS - 100);
    expect(buried).toEqual([]);
  });

  it('says that logins are free although another has buried it first', async () => {
    const { buried, clock, engine, seen } = await createLookout(1);
    const remove = engine.remove.bind(engine);
    engine.remove = async (incarnation, beat) => {
      await remove(incarnation, beat);
      return false;
    };
    await clock.advance(TTL_MS + 250);
    expect([buried, seen.freed]).toEqual([[], 1]);
  });

  it.each([
    [0, 4, 6],
    [2, 20, 26],
    [19, 9, 11],
    [199, 1, 2],
  ])('with %i others looks %i to %i times a second', async (others, least, most) => {
    const { clock, engine, seen } = await createLookout(others);
    const beat = setBeats(engine, others);
    await clock.advance(1_000);
    seen.looks = 0;
    for (let i = 0; i < 4; i++) {
      await beat();
      await clock.advance(500);
    }
    expect(seen.looks / 2).toBeGreaterThanOrEqual(least);
    expect(seen.looks / 2).toBeLessThanOrEqual(most);
  });

  it('looks no more once the timers are closed', async () => {
    const { clock, seen, timers } = await createLookout(1);
    timers.close();
    await clock.advance(TTL_MS);
    expect([seen.looks, clock.pendingTimers]).toEqual([0, 0]);
  });
});

function setBeats(engine: ReturnType<typeof memoryEngine>, others: number) {
  return async () => {
    for (let i = 1; i <= others; i++) await engine.beat(`other ${i}`, {});
  };
}
