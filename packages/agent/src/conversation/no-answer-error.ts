import { NoAnswerError as CoreNoAnswerError, type LpErrorOptions, type NoAnswerReason } from '@lp/core';
import type { Message } from './message.ts';

/**
 * `conversation.ask` got no answer that counts: in time (`timeout`), after all `attempts`, because the consumer `escaped`,
 * because the conversation has `ended` or has `left` this agent, or because `serve` is `stopping`. Of the last three
 * nothing need be caught: `serve` takes them for a normal end.
 */
export class NoAnswerError extends CoreNoAnswerError {
  static override readonly errorName: string = 'NoAnswerError';
  /** The last message that was no answer; of `attempts` and `escaped`. Not among what a log shows of the error. */
  declare readonly answer: Message | undefined;

  constructor(message: string, { answer, ...options }: LpErrorOptions & { reason: NoAnswerReason; answer?: Message }) {
    super(message, options);
    Object.defineProperty(this, 'answer', { value: answer, enumerable: false });
  }
}
