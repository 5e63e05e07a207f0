import { RequestTimeoutError } from '@lp/core';
import { createLimiter, toError } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import { backToQueueFields } from '../conversation/transfer.ts';
import { briefOf } from '../inbound/conversation-store.ts';
import { patiently } from '../link/patiently.ts';
import type { WorkParts } from './conversation-query.ts';

// The platform refuses bursts: it counts the requests of a kind that are under way at once.
const AT_ONCE = 8;

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
  // A handler may have closed it or handed it on, and a lost response have been a success.
  function isMine(conversationId: string): boolean {
    const state = parts.store.get(conversationId);
    const brief = briefOf(state);
    if (!brief || state.doubted) return accepted.includes(conversationId);
    return brief.myRoles.includes('ASSIGNED_AGENT');
  }
  async function attempt(conversationId: string): Promise<void> {
    if (!isMine(conversationId)) return;
    await new Conversation(parts, conversationId).update(backToQueueFields(), { signal: over });
  }
  async function giveOneBack(conversationId: string): Promise<void> {
    // Not while it pauses: one that is refused again and again must not take the turn of others.
    const inTurn = () => limiter.run(() => attempt(conversationId), over);
    try {
      await patiently(parts, 'updateConversationField', inTurn, over);
    } catch (error) {
      if (!isMine(conversationId)) return;
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
