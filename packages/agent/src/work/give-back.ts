import { RequestRejectedError, RequestTimeoutError } from '@lp/core';
import { createLimiter, toError } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import { backToQueueFields } from '../conversation/transfer.ts';
import { briefOf } from '../inbound/conversation-store.ts';
import { saysHasLeft } from '../inbound/mapping/index.ts';
import { patiently } from '../link/patiently.ts';
import type { WorkParts } from './conversation-query.ts';

// The platform refuses bursts: it counts the requests of a kind that are under way at once.
const AT_ONCE = 8;
// Some requests may get no response: the others are to have their turn in the five seconds that there are.
const RESPONSE_MS = 1_500;

/**
 * Gives conversations back to their queue, a few at a time, each again and again while its failure may pass, until `over`
 * is aborted: those that are known as this agent's, and `accepted` ones, of which nothing may be known yet. Never rejects:
 * those that stay are told.
 */
export async function giveBack(
  parts: WorkParts,
  known: readonly string[],
  accepted: readonly string[],
  over: AbortSignal,
): Promise<void> {
  const limiter = createLimiter(AT_ONCE);
  const stayed: string[] = [];
  let failure: unknown;
  // A handler may have closed it or handed it on, and a lost response have been a success. The last word counts, however old.
  function isMine(conversationId: string): boolean {
    if (accepted.includes(conversationId)) return true;
    return briefOf(parts.store.get(conversationId))?.myRoles.includes('ASSIGNED_AGENT') === true;
  }
  async function attempt(conversationId: string): Promise<void> {
    if (!isMine(conversationId)) return;
    await new Conversation(parts, conversationId).update(backToQueueFields(), { signal: over, timeoutMs: RESPONSE_MS });
  }
  async function giveOneBack(conversationId: string): Promise<void> {
    // Not while it pauses: one that is refused again and again must not take the turn of others.
    const inTurn = () => limiter.run(() => attempt(conversationId), over);
    try {
      await patiently(parts, 'updateConversationField', inTurn, over);
    } catch (error) {
      if (!isMine(conversationId) || (RequestRejectedError.isInstance(error) && saysHasLeft(error))) return;
      stayed.push(conversationId);
      // What the platform said tells more than that there was no time left.
      if (failure === undefined || error !== over.reason) failure = error;
    }
  }
  await Promise.all([...new Set([...known, ...accepted])].map(giveOneBack));
  if (stayed.length === 0) return;
  const error = toError(failure);
  const facts = { conversations: stayed.length, conversationIds: stayed, error: error.name };
  parts.report.logger.warn('conversations could not be given back to their queue: they stay with this agent', facts);
  parts.report.status({ type: 'notGivenBack', conversationIds: stayed, error });
}

/** Why an attempt ends that the end of all attempts has overtaken. */
export function noTimeLeft(): RequestTimeoutError {
  return new RequestTimeoutError('there was no time left to give all conversations back: serving had to stop');
}
