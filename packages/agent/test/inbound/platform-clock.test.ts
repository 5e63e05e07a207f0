import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { PlatformClock, plausibleTime } from '../../src/inbound/platform-clock.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 1);

async function clockAt(now: number) {
  const clock = createManualClock();
  await clock.advance(now - clock.now());
  return { clock, platform: new PlatformClock(clock) };
}

describe("the platform's clock", () => {
  it("is this machine's until the platform has told its own", async () => {
    const { platform } = await clockAt(NOW);
    expect(platform.now()).toBe(NOW);
  });

  it.each([DAY, -DAY, 0])('is told by the platform to a machine that is off by %d ms', async (skew) => {
    const { clock, platform } = await clockAt(NOW + skew);
    platform.learn(NOW);
    await clock.advance(1_000);
    expect(platform.now()).toBe(NOW + 1_000);
  });

  it.each([-1, 0, 1e300, Number.NaN, Number.POSITIVE_INFINITY])('sets a time of %d aside', async (absurd) => {
    const { platform } = await clockAt(NOW + DAY);
    platform.learn(NOW);
    platform.learn(absurd);
    platform.see(absurd);
    expect(platform.now()).toBe(NOW);
    expect(plausibleTime(absurd)).toBeUndefined();
  });

  it('is told in whole milliseconds, which is what the platform takes', async () => {
    const { platform } = await clockAt(NOW + DAY);
    platform.see(NOW - 0.3);
    expect(platform.now()).toBe(NOW);
    platform.learn(NOW + 0.7);
    expect(platform.now()).toBe(NOW + 1);
  });

  it('goes by the latest time seen in frames until it is told', async () => {
    const { platform } = await clockAt(NOW + DAY);
    platform.see(NOW - 5_000);
    platform.see(NOW);
    platform.see(NOW - 60_000);
    platform.see(undefined);
    expect(platform.now()).toBe(NOW);
    platform.learn(NOW + 10);
    platform.see(NOW + DAY);
    expect(platform.now()).toBe(NOW + 10);
  });
});
