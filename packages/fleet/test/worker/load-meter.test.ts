import { describe, expect, it } from '@jest/globals';
import { LoadMeter } from '../../src/worker/load-meter.ts';

describe('the meter of a login’s load', () => {
  it('counts handlers while they run, those that fail included', async () => {
    const meter = new LoadMeter();
    const ends: (() => void)[] = [];
    const one = meter.during(() => new Promise<void>((resolve) => ends.push(resolve)));
    const other = meter.during(() => Promise.reject(new Error('failed')));
    expect(meter.read().open).toBe(2);
    await expect(other).rejects.toThrow('failed');
    expect(meter.read().open).toBe(1);
    for (const end of ends) end();
    await one;
    expect(meter.read().open).toBe(0);
  });

  it('says how many consumers wait, and since when the first of them', () => {
    const meter = new LoadMeter();
    meter.said('a', 3, 1_000);
    meter.said('a', 4, 2_000);
    meter.said('b', 1, 1_500);
    expect(meter.read(3_000)).toEqual({ open: 0, unhandled: 2, oldestUnhandledMs: 2_000 });
    meter.handled('a', 4);
    expect(meter.read(3_000)).toEqual({ open: 0, unhandled: 1, oldestUnhandledMs: 1_500 });
  });

  it('goes on waiting when something was said after what is handled', () => {
    const meter = new LoadMeter();
    meter.said('a', 3, 1_000);
    meter.said('a', 4, 2_000);
    meter.handled('a', 3);
    expect(meter.read(3_000).unhandled).toBe(1);
  });

  it('counts nothing that is handled, seen late or twice', () => {
    const meter = new LoadMeter();
    meter.handled('a', 5);
    meter.said('a', 4, 1_000);
    meter.said('a', 5, 1_000);
    expect(meter.read(3_000)).toEqual({ open: 0, unhandled: 0, oldestUnhandledMs: 0 });
    meter.said('a', 6, 2_500);
    expect(meter.read(3_000).oldestUnhandledMs).toBe(500);
  });

  it('forgets a dialog that has ended', () => {
    const meter = new LoadMeter();
    meter.said('a', 3, 1_000);
    meter.ended('a');
    expect(meter.read(3_000).unhandled).toBe(0);
  });
});
