import type { Clock, NoAnswerReason } from '@lp/core';
import { onAbort } from '@lp/core/internal';
import { isClosed } from '../dialog/dialog-port.ts';
import { briefOf, type ConversationState } from '../inbound/conversation-store.ts';
import type { Inbox } from './inbox.ts';
import type { Message, ReceivedMessage } from './message.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** What an answer is waited for with. */
export interface AnswerWait {
  readonly inbox: Inbox;
  readonly clock: Clock;
  /** The newest state of the conversation. */
  readonly state: () => ConversationState;
  /** How long it is waited for from now on, in milliseconds; undefined: without end. */
  readonly patienceMs: () => number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fits: (message: Message) => boolean;
  /** Calls a function whenever something has been said in the dialog. Returns how to stop. */
  readonly onEvent: (listener: () => void) => () => void;
  /** The first message above a number that fits, in the history. */
  readonly search: (after: number) => Promise<ReceivedMessage | undefined>;
}

/** The answer to what was asked at a number: the first message above it that fits, and with `settle` what is said with it. */
export async function waitForAnswer(wait: AnswerWait, after: number): Promise<Message> {
  const here = wait.inbox.find(after, wait.fits);
  if (!here) await wait.inbox.isPatient();
  const first = here ?? (await firstAnswer(wait, after));
  return await wait.inbox.settled(first, wait.fits, wait.signal);
}

/** The first message above a number that fits: one that has come already counts, however late this is. */
function firstAnswer(wait: AnswerWait, after: number): Promise<ReceivedMessage> {
  const { clock, fits, inbox, onEvent, patienceMs, search, signal } = wait;
  signal?.throwIfAborted();
  const found = inbox.find(after, fits);
  if (found) return Promise.resolve(found);
  if (inbox.ended) return Promise.reject(endOf(wait));
  return new Promise<ReceivedMessage>((resolve, reject) => {
    let [searching, again] = [false, false];
    const stop = () => {
      unlisten();
      unwatch();
      timer?.cancel();
      unabort?.();
    };
    const fail = (error: unknown) => {
      stop();
      reject(error as Error);
    };
    const offer = (message: ReceivedMessage | undefined) => {
      if (!message || message.sequence <= after || !fits(message)) return;
      stop();
      resolve(message);
    };
    // Behind more messages than there is room for, an answer shows in the history alone.
    const look = () => {
      again = searching;
      if (searching || !inbox.full) return;
      searching = true;
      const found = (message: ReceivedMessage | undefined) => {
        searching = false;
        offer(message);
        if (again) look();
      };
      search(after).then(found, fail);
    };
    const unwatch = onEvent(look);
    const unlisten = inbox.listen({
      offer,
      full: look,
      closed: () => fail(endOf(wait)),
    });
    const leftMs = patienceMs();
    const late = () => fail(noAnswer(inbox, 'timeout', 'no answer came in time'));
    const timer = leftMs === undefined ? undefined : clock.setTimer(late, leftMs);
    const unabort = signal && onAbort(signal, () => fail(signal.reason));
    look();
  });
}

/** The error of a question of this dialog. */
export function noAnswer(inbox: Inbox, reason: NoAnswerReason, what: string, answer?: Message): NoAnswerError {
  const { dialogId } = inbox;
  const message = `ask: ${what} in dialog ${dialogId}`;
  return new NoAnswerError(message, { reason, ...(answer && { answer }), context: { dialogId, reason } });
}

/** Why no answer can come any more. */
export function endOf({ inbox, state }: AnswerWait): NoAnswerError {
  const now = state();
  if (isClosed(now, inbox.dialogId) || isClosed(inbox.state(), inbox.dialogId)) {
    return noAnswer(inbox, 'ended', 'the conversation ended while a question was open');
  }
  if (now.gone || (briefOf(now)?.myRoles.length ?? 0) === 0) {
    return noAnswer(inbox, 'left', 'the conversation left this agent while a question was open');
  }
  return noAnswer(inbox, 'stopping', 'the loop has ended, so that no answer can come,');
}
