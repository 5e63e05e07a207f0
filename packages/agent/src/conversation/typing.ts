import type { Clock, ClockTimer } from '@lp/core';

// Receivers take a typing state back after a while when it is not repeated.
const REPEAT_MS = 8_000;

/**
 * Shows `COMPOSING` while `work` runs, repeats it while that takes long, and clears it with `ACTIVE` however it ends.
 * A typing state that cannot be sent does not disturb the work.
 */
export async function withTyping<T>(
  clock: Clock,
  publish: (chatState: 'COMPOSING' | 'ACTIVE') => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const show = (chatState: 'COMPOSING' | 'ACTIVE') => publish(chatState).catch(() => undefined);
  let timer: ClockTimer | undefined;
  const repeat = () => {
    timer = clock.setTimer(
      () => {
        void show('COMPOSING');
        repeat();
      },
      REPEAT_MS,
      { background: true },
    );
  };
  // Written before anything that the work sends; its response is not waited for.
  void show('COMPOSING');
  repeat();
  try {
    return await work();
  } finally {
    timer?.cancel();
    void show('ACTIVE');
  }
}
