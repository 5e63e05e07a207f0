import type { Clock } from '@lp/core';
import type { Conversation } from './model.ts';

const SURVEY_IDLE_MS = 7 * 24 * 60 * 60_000;

/** Calls `close` when nothing has happened for a week in a conversation whose survey is open. */
export function watchSurvey(conversation: Conversation, clock: Clock, close: () => void): void {
  const watch = (afterMs: number): void => {
    clock.setTimer(check, afterMs, { background: true });
  };
  const check = (): void => {
    if (conversation.meta.stage === 'CLOSE') return;
    const rest = conversation.lastUpdateTime + SURVEY_IDLE_MS - clock.now();
    if (rest > 0) watch(rest);
    else close();
  };
  watch(SURVEY_IDLE_MS);
}
