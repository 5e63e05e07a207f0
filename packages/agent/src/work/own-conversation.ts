import { createDeferred, onAbort, toError } from '@lp/core/internal';
import { briefOf } from '../inbound/conversation-store.ts';
import { ConversationPages, type PageParts } from './conversation-pages.ts';
import type { WorkParts } from './conversation-query.ts';

// A subscription that covers the conversation tells of it at once.
const ASK_AFTER_MS = 100;
const LONGEST_WAIT_MS = 5_000;

type WaitParts = PageParts & Pick<WorkParts, 'lifetime' | 'store'>;

/** Resolves when the conversation is known with this agent in it, or after a while. */
export async function waitForOwnConversation(parts: WaitParts, conversationId: string): Promise<void> {
  const isOwn = () => (briefOf(parts.store.get(conversationId))?.myRoles.length ?? 0) > 0;
  if (isOwn()) return;
  const appeared = createDeferred<void>();
  const stop = () => appeared.resolve();
  const unwatch = parts.store.watch(conversationId, () => isOwn() && stop());
  const timers = [
    parts.clock.setTimer(() => void askFor(parts, conversationId), ASK_AFTER_MS),
    parts.clock.setTimer(stop, LONGEST_WAIT_MS),
  ];
  const { closed } = parts.lifetime;
  const stopListening = onAbort(closed, stop);
  if (closed.aborted) stop();
  try {
    await appeared.promise;
  } finally {
    unwatch();
    stopListening();
    for (const timer of timers) timer.cancel();
  }
}

/** Has the platform tell of one conversation, once. */
async function askFor(parts: WaitParts, conversationId: string): Promise<void> {
  const { lifetime, report } = parts;
  const pages = new ConversationPages(parts, { conversationId }, { keep: false });
  const stopListening = onAbort(lifetime.closed, () => void pages.close());
  try {
    await pages.newest();
  } catch (error) {
    report.logger.debug('a conversation could not be asked for', { conversationId, error: toError(error).name });
  } finally {
    stopListening();
  }
}
