import type { Clock } from '@lp/core';
import type { Conversation } from './model.ts';

/** Calls `close` when nothing has happened for `idleMs` in a conversation whose survey is open. */
export function watchSurvey(conversation: Conversation, idleMs: number, clock: Clock, close: () => void): void {
  const watch = (afterMs: number): void => {
    clock.setTimer(check, afterMs, { background: true });
  };
  const check = (): void => {
    if (conversation.meta.stage === 'CLOSE') return;
    const rest = conversation.lastUpdateTime + idleMs - clock.now();
    if (rest > 0) watch(rest);
    else close();
  };
  watch(idleMs);
}
