import { RequestRejectedError } from '@lp/core';
import { describeRejection } from '../inbound/mapping/index.ts';

/**
 * A refusal with the conversation it is about. Made where the caller waits, so that its stack leads there: the refusal
 * itself is made where the response is read. Anything else as it is.
 */
export function located(error: unknown, conversationId: string): unknown {
  if (!RequestRejectedError.isInstance(error)) return error;
  const { body, context, retryable, status, type } = error;
  const hint = describeRejection({ status, type, body }) ?? error.hint;
  return new RequestRejectedError(
    { status, type, body, ...(hint !== undefined && { hint }) },
    { cause: error.cause, retryable, context: { ...context, conversationId } },
  );
}
