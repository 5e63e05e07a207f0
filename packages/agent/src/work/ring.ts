import { optionsChecker } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import type { RoutingTaskChange } from '../inbound/mapping/index.ts';
import { plausibleTime } from '../inbound/platform-clock.ts';
import type { WorkParts } from './conversation-query.ts';
import { waitForOwnConversation } from './own-conversation.ts';

export type RingDetails = NonNullable<RoutingTaskChange['result']['ringsDetails']>[number];

/** The platform's offer of a conversation to this agent. */
export class Ring {
  /** The platform's id of the offer. */
  readonly ringId: string;
  /** The conversation that is offered. */
  readonly conversationId: string;
  /** Its consumer, when the offer names one. */
  readonly consumerId: string | undefined;
  /** The skill that it waits in, when the offer names one. */
  readonly skillId: string | undefined;
  /** When the offer goes to the next agent, by the platform's clock. The platform gives 72 seconds. */
  readonly expiresAt: Date | undefined;
  readonly #parts: WorkParts;
  readonly #onAnswer: (isGiven: boolean) => void;
  #answer: Promise<void> | undefined;

  /** @internal `onAnswer` is called with whether an answer could be given: if not, the ring may be offered again. */
  constructor(parts: WorkParts, change: RoutingTaskChange, details: RingDetails, onAnswer: (isGiven: boolean) => void) {
    const { result } = change;
    const expiresAt = plausibleTime(details.ringExpirationTs);
    this.ringId = details.ringId;
    this.conversationId = result.conversationId ?? details.convId ?? '';
    this.consumerId = result.consumerId ?? details.consumerId;
    this.skillId = result.skillId ?? details.skillId;
    this.expiresAt = expiresAt === undefined ? undefined : new Date(expiresAt);
    this.#parts = parts;
    this.#onAnswer = onAnswer;
  }

  /**
   * Takes the conversation and gives it, once the platform has told of it with this agent in it: asked for when no
   * subscription does so by itself, and waited for no longer than 5 seconds. Without `wait` (default true) it is given at once. Sends no
   * second answer when this ring was answered before; after one that failed it may be tried again.
   */
  async accept(options: { wait?: boolean } = {}): Promise<Conversation> {
    const check = optionsChecker(options, 'accept');
    check.booleans(['wait']);
    check.nothingElse();
    const { wait = true } = options;
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
      await this.#parts.requests.updateRingState({
        /** The platform's id of the offer. */
        ringId: this.ringId,
        ringState,
      });
      this.#onAnswer(true);
    } catch (error) {
      // A failed answer is none: the caller may try again.
      this.#answer = undefined;
      this.#onAnswer(false);
      throw error;
    }
  }
}
