import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import type { Transport } from '@lp/transport';
import { steadinessOf } from '../../src/link/steadiness.ts';

type Listener = Parameters<Transport['onStatus']>[0];

function follow() {
  const clock = createManualClock();
  let listener: Listener | undefined;
  let setBackMs = 0;
  const transport: Pick<Transport, 'onStatus'> = {
    onStatus(given) {
      listener = given;
      return () => undefined;
    },
  };
  const own = { now: () => clock.now() - setBackMs, setTimer: clock.setTimer.bind(clock) };
  return {
    clock,
    steadiness: steadinessOf(transport, own),
    tell: (type: string) => listener?.({ type } as never),
    setBack: (ms: number) => void (setBackMs += ms),
  };
}

describe('how long it is until a connection has lasted', () => {
  it('is two seconds from when it became usable, and nothing after that', async () => {
    const { clock, steadiness, tell } = follow();
    tell('connected');
    const seen = [steadiness.inMs()];
    await clock.advance(500);
    seen.push(steadiness.inMs());
    await clock.advance(1_500);
    seen.push(steadiness.inMs());
    await clock.advance(60_000);
    expect([...seen, steadiness.inMs()]).toEqual([2_000, 1_500, 0, 0]);
  });

  it('begins anew with each connection, and is whole while there is none', async () => {
    const { clock, steadiness, tell } = follow();
    const seen = [steadiness.inMs()];
    tell('connected');
    await clock.advance(2_000);
    tell('disconnected');
    await clock.advance(2_000);
    seen.push(steadiness.inMs());
    tell('reconnected');
    await clock.advance(1);
    expect([...seen, steadiness.inMs()]).toEqual([2_000, 2_000, 1_999]);
  });

  it('is no longer when the clock is set back', () => {
    const { setBack, steadiness, tell } = follow();
    tell('connected');
    setBack(3_600_000);
    expect(steadiness.inMs()).toBe(2_000);
  });

  it('is twice as long as the last one had lasted where it has to last clearly, 30 s at most', async () => {
    const { clock, steadiness, tell } = follow();
    const seen: number[] = [];
    for (const lastedMs of [0, 700, 2_300, 40_000]) {
      tell('reconnected');
      await clock.advance(lastedMs);
      tell('disconnected');
      seen.push(steadiness.inMs(true));
    }
    expect([seen, steadiness.losses]).toEqual([[2_000, 2_000, 4_600, 30_000], 4]);
  });
});
