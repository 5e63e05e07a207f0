import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { Timers } from '../../src/worker/timers.ts';

function createTimers() {
  const clock = createManualClock();
  const ran: string[] = [];
  const timers = new Timers(clock);
  return { clock, ran, timers, run: (name: string) => () => void ran.push(name) };
}

describe('timers by kind', () => {
  it('run each once, when due', async () => {
    const { clock, ran, run, timers } = createTimers();
    timers.set('beat', 20, run('beat'));
    timers.set('look', 10, run('look'));
    await clock.advance(9);
    expect(ran).toEqual([]);
    await clock.advance(100);
    expect(ran).toEqual(['look', 'beat']);
  });

  it('replace what was to be run of the same kind', async () => {
    const { clock, ran, run, timers } = createTimers();
    timers.set('beat', 10, run('first'));
    timers.set('beat', 20, run('second'));
    await clock.advance(100);
    expect(ran).toEqual(['second']);
  });

  it('keep what is due sooner, when asked to', async () => {
    const { clock, ran, run, timers } = createTimers();
    timers.set('tick', 10, run('sooner'));
    timers.set('tick', 20, run('later'), { keep: true });
    await clock.advance(100);
    expect(ran).toEqual(['sooner']);
    timers.set('tick', 20, run('later'));
    timers.set('tick', 10, run('sooner'), { keep: true });
    await clock.advance(100);
    expect(ran).toEqual(['sooner', 'sooner']);
  });

  it('do not wait for an hour since the time of day was set back by one', async () => {
    const { clock, ran, run, timers } = createTimers();
    timers.set('tick', 10_000, run('old'));
    clock.jump(-3_600_000);
    timers.set('tick', 10, run('new'), { keep: true });
    await clock.advance(10);
    expect(ran).toEqual(['new']);
  });

  it('are none any more once closed', async () => {
    const { clock, ran, run, timers } = createTimers();
    timers.set('beat', 10, run('beat'));
    timers.close();
    timers.set('look', 10, run('look'));
    await clock.advance(100);
    expect([ran, clock.pendingTimers]).toEqual([[], 0]);
  });
});
