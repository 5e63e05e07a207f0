import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { KeepAlive } from '../src/keepalive.ts';

function setUp(times = { idleMs: 25_000, timeoutMs: 15_000 }) {
  const clock = createManualClock();
  const log: string[] = [];
  const start = clock.now();
  const record = (what: string) => void log.push(`${what} at ${clock.now() - start}`);
  const keepAlive = new KeepAlive(clock, times, {
    probe() {
      record('probe');
      keepAlive.sent();
    },
    dead: () => record('dead'),
  });
  keepAlive.start();
  return { clock, log, keepAlive };
}

describe('the keep-alive', () => {
  it('probes within the idle time and gives up within the timeout after that', async () => {
    const { clock, log } = setUp();
    await clock.advance(45_000);
    expect(log).toEqual(['probe at 18750', 'dead at 33750']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes any frame for a response and begins again', async () => {
    const { clock, log, keepAlive } = setUp();
    await clock.advance(20_000);
    keepAlive.received();
    await clock.advance(20_000);
    expect(log).toEqual(['probe at 18750']);
    await clock.advance(30_000);
    expect(log.map((line) => line.split(' ')[0])).toEqual(['probe', 'probe', 'dead']);
  });

  it('leaves a busy connection alone, and never takes it for dead', async () => {
    const { clock, log, keepAlive } = setUp();
    for (let second = 0; second < 300; second++) {
      keepAlive.received();
      keepAlive.sent();
      await clock.advance(1_000);
    }
    expect(log).toEqual([]);
  });

  it('probes a connection that only receives, so that the server is sent something within a minute', async () => {
    const { clock, log, keepAlive } = setUp();
    for (let second = 0; second < 120; second++) {
      keepAlive.received();
      await clock.advance(1_000);
    }
    expect(log.length).toBeGreaterThanOrEqual(4);
    expect(log.every((line) => line.startsWith('probe'))).toBe(true);
  });

  it('notices a dead link within a second when told to', async () => {
    const { clock, log } = setUp({ idleMs: 500, timeoutMs: 500 });
    await clock.advance(1_000);
    expect(log.at(-1)).toBe('dead at 875');
  });

  it('does not take a clock that is set, in either direction, for silence', async () => {
    const { clock, log, keepAlive } = setUp();
    for (let second = 0; second < 60; second++) {
      clock.jump(second % 2 === 0 ? 3_600_000 : -3_600_000);
      keepAlive.received();
      keepAlive.sent();
      await clock.advance(1_000);
    }
    expect(log).toEqual([]);
  });

  it('gives the response that waits in the network a chance after the process was suspended', async () => {
    const { clock, log, keepAlive } = setUp();
    await clock.advance(18_750);
    // A suspended process finds its timer due, and the response not read yet.
    await clock.advance(3_750);
    keepAlive.received();
    await clock.advance(3_750);
    expect(log).toEqual(['probe at 18750']);
  });

  it('leaves no timer behind when stopped', () => {
    const { clock, keepAlive } = setUp();
    keepAlive.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
