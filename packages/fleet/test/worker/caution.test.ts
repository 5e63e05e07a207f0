import { describe, expect, it } from '@jest/globals';
import { Caution } from '../../src/worker/caution.ts';
import { createElapsed } from '../../src/worker/elapsed.ts';

function createCaution() {
  const at = { monotonic: 0, wall: 0, uptime: 0 };
  const elapsed = createElapsed({ monotonic: () => at.monotonic, wall: () => at.wall, uptime: () => at.uptime });
  return { at, caution: new Caution(elapsed, 1_000) };
}

describe('caution after a takeover', () => {
  it('is over as long as nobody has begun it', () => {
    expect(createCaution().caution.isOver).toBe(true);
  });

  it('lasts for its time from when it was begun last', () => {
    const { at, caution } = createCaution();
    caution.begin();
    at.monotonic = 999;
    expect(caution.isOver).toBe(false);
    caution.begin();
    at.monotonic = 1_998;
    expect(caution.isOver).toBe(false);
    at.monotonic = 1_999;
    expect(caution.isOver).toBe(true);
  });

  it('is not cut short by a wall clock that is set forward', () => {
    const { at, caution } = createCaution();
    caution.begin();
    at.wall = 3_600_000;
    expect(caution.isOver).toBe(false);
  });
});
