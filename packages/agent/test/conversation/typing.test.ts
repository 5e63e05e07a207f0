import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { withTyping } from '../../src/conversation/typing.ts';

describe('withTyping', () => {
  it('repeats the typing state while the work takes long, and leaves no timer', async () => {
    const clock = createManualClock();
    const shown: string[] = [];
    let finish = () => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const working = withTyping(
      clock,
      async (state) => void shown.push(state),
      () => work,
    );
    await clock.advance(17_000);
    finish();
    await working;
    expect(shown).toEqual(['COMPOSING', 'COMPOSING', 'COMPOSING', 'ACTIVE']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('clears the typing state when the work throws at once', async () => {
    const clock = createManualClock();
    const shown: string[] = [];
    const failing = withTyping(
      clock,
      async (state) => void shown.push(state),
      () => {
        throw new Error('no idea');
      },
    );
    await expect(failing).rejects.toThrow('no idea');
    expect(shown).toEqual(['COMPOSING', 'ACTIVE']);
    expect(clock.pendingTimers).toBe(0);
  });
});
