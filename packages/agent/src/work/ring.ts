import { ClosedError, type Stream, type StreamOptions } from '@lp/core';
import { createChannel, createDeferred, toError } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import type { RoutingTaskChange } from '../inbound/mapping/index.ts';
import type { WorkParts } from './conversation-query.ts';

type RingDetails = NonNullable<RoutingTaskChange['result']['ringsDetails']>[number];

// A subscription that covers the conversation tells of it at once.
const ASK_AFTER_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** The platform's offer of a conversation to this agent. */
export class Ring {
  readonly ringId: string;
  readonly conversationId: string;
  readonly consumerId: string | undefined;
  readonly skillId: string | undefined;
  /** When the offer goes to the next agent. The platform gives 72 seconds. */
  readonly expiresAt: Date | undefined;
  readonly #parts: WorkParts;
  #answer: Promise<void> | undefined;

  /** @internal */
  constructor(parts: WorkParts, change: RoutingTaskChange, details: RingDetails) {
    const { result } = change;
    this.ringId = details.ringId;
    this.conversationId = result.conversationId ?? details.convId ?? '';
    this.consumerId = result.consumerId ?? details.consumerId;
    this.skillId = result.skillId ?? details.skillId;
    this.expiresAt = details.ringExpirationTs === undefined ? undefined : new Date(details.ringExpirationTs);
    this.#parts = parts;
  }

  /**
   * Takes the conversation and gives it, once the platform has told of it with this agent in it: asked for when no
   * subscription does so by itself, and waited for no longer than 5 seconds. `wait: false` gives it at once. Sends no
   * second answer when this ring was answered before.
   */
  async accept({ wait = true }: { wait?: boolean } = {}): Promise<Conversation> {
    await this.#answerWith('ACCEPTED');
    if (wait) await waitForOwnConversation(this.#parts, this.conversationId);
    return new Conversation(this.#parts, this.conversationId);
  }

  /** Leaves the conversation to the next agent. Sends nothing when this ring was answered before. */
  reject(): Promise<void> {
    return this.#answerWith('REJECTED');
  }

  #answerWith(ringState: 'ACCEPTED' | 'REJECTED'): Promise<void> {
    this.#answer ??= this.#send(ringState);
    return this.#answer;
  }

  async #send(ringState: 'ACCEPTED' | 'REJECTED'): Promise<void> {
    try {
      await this.#parts.requests.updateRingState({ ringId: this.ringId, ringState });
    } catch (error) {
      // A failed answer is none: the caller may try again.
      this.#answer = undefined;
      throw error;
    }
  }
}

/** Resolves when the conversation is known with this agent in it, or after a while. */
async function waitForOwnConversation(parts: WorkParts, conversationId: string): Promise<void> {
  const isOwn = () => (parts.store.get(conversationId).details?.myRoles.length ?? 0) > 0;
  if (isOwn()) return;
  const appeared = createDeferred<void>();
  const unwatch = parts.store.watch(conversationId, () => isOwn() && appeared.resolve());
  const timers = [
    parts.clock.setTimer(() => void askFor(parts, conversationId), ASK_AFTER_MS),
    parts.clock.setTimer(() => appeared.resolve(), LONGEST_WAIT_MS),
  ];
  const stop = () => appeared.resolve();
  parts.lifetime.closed.addEventListener('abort', stop, { once: true });
  try {
    await appeared.promise;
  } finally {
    unwatch();
    for (const timer of timers) timer.cancel();
    parts.lifetime.closed.removeEventListener('abort', stop);
  }
}

/** Has the platform tell of one conversation, once. */
async function askFor({ report, requests }: WorkParts, conversationId: string): Promise<void> {
  try {
    await requests.unsubscribeExConversations(await requests.subscribeExConversations({ conversationId }));
  } catch (error) {
    report.logger.debug('a conversation could not be asked for', { conversationId, error: toError(error).name });
  }
}

/** What {@link openRings} needs. */
export interface RingSource {
  readonly parts: WorkParts;
  /** Asks the platform for rings; the waiting ones follow. Returns how to give the subscription up. */
  readonly subscribe: (onLost: (error: Error) => void) => Promise<() => void>;
}

/** A stream of rings, each once however often the platform tells of it. Subscribes when it is read first. */
export function openRings({ parts, subscribe }: RingSource, options: StreamOptions): Stream<Ring> {
  const seen = new Set<string>();
  const changes = parts.router.routingTasks.subscribe({ overflow: 'drop-oldest' });
  let unsubscribe: (() => void) | undefined;
  const channel = createChannel<Ring>({
    ...options,
    // A ring that was not looked at for so long has expired.
    overflow: 'drop-oldest',
    onStart: () => void start(),
    onClose: () => {
      changes.close();
      unsubscribe?.();
    },
  });

  async function start(): Promise<void> {
    try {
      const [stop] = await Promise.all([
        subscribe((error) => channel.fail(error)),
        Promise.resolve().then(() => void forward()),
      ]);
      if (channel.open) unsubscribe = stop;
      else stop();
    } catch (error) {
      if (ClosedError.isInstance(error)) channel.end();
      else channel.fail(toError(error));
    }
  }

  async function forward(): Promise<void> {
    try {
      for await (const change of changes) offer(change);
      channel.end();
    } catch (error) {
      channel.fail(toError(error));
    }
  }

  function offer(change: RoutingTaskChange): void {
    for (const details of change.result.ringsDetails) {
      if (details.ringState !== 'WAITING') seen.delete(details.ringId);
      else if (!seen.has(details.ringId)) {
        seen.add(details.ringId);
        channel.push(new Ring(parts, change, details));
      }
    }
  }

  return channel.stream;
}
