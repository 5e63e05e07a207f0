import { NotInConversationError } from '@lp/core';
import { BoundedMap, createDeferred, type Deferred } from '@lp/core/internal';
import { briefOf, type ConversationStore } from '../inbound/conversation-store.ts';
import type { AgentRequests } from '../link/requests.ts';

// Handed off and not come back; what is forgotten the platform refuses.
const MOST_SHUT = 10_000;

/** Why a dialog may not be written to. */
interface Shut {
  readonly conversationId: string;
  /** Whether this agent has left: a role in the conversation then opens the gate. */
  left: boolean;
}

/** A gate that one hand-off has shut. */
export interface ShutGate {
  /** Publishes although the gate is shut. */
  readonly publishEvent: AgentRequests['publishEvent'];
  /** Resolves when nothing that was sent before is under way. */
  settled(): Promise<void>;
  /** This agent has left: shut until it has a role again. */
  leave(): void;
  open(): void;
}

/** Keeps words, typing states and marks out of conversations that were handed off. */
export class SendGate {
  readonly #publish: AgentRequests['publishEvent'];
  readonly #store: Pick<ConversationStore, 'get'>;
  readonly #shut = new BoundedMap<string, Shut>(MOST_SHUT);
  /** The dialogs of what is being published, in places that are used again: only a hand-off asks for them. */
  readonly #underWay: (string | undefined)[] = [];
  readonly #places: number[] = [];
  readonly #waiting = new Map<string, Deferred<void>>();
  /** Who is told when a dialog is shut. */
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(publish: AgentRequests['publishEvent'], store: Pick<ConversationStore, 'get'>) {
    this.#publish = publish;
    this.#store = store;
  }

  /** Publishes an event, unless its conversation was handed off. */
  readonly publishEvent: AgentRequests['publishEvent'] = (body, options) => {
    const dialogId = (body as Partial<typeof body> | undefined)?.dialogId;
    if (dialogId === undefined) return this.#publish(body, options);
    const refused = this.refusal(dialogId);
    if (refused) return Promise.reject(refused);
    const place = this.#places.pop() ?? this.#underWay.length;
    this.#underWay[place] = dialogId;
    const sent = this.#publish(body, options);
    const settled = () => this.#done(place, dialogId);
    sent.then(settled, settled);
    return sent;
  };

  /** Why nothing can be published in a dialog; undefined when it can. */
  refusal(dialogId: string): NotInConversationError | undefined {
    const shut = this.#shut.size > 0 ? this.#shut.get(dialogId) : undefined;
    return shut && !this.#isBack(dialogId, shut) ? refusal(shut) : undefined;
  }

  /** Resolves when nothing is being published in a dialog. */
  settled(dialogId: string): Promise<void> {
    if (!this.#underWay.includes(dialogId)) return Promise.resolve();
    const waiting = this.#waiting.get(dialogId) ?? createDeferred<void>();
    this.#waiting.set(dialogId, waiting);
    return waiting.promise;
  }

  /** Calls `listener` when a dialog is shut. Returns how to stop. */
  onShut(dialogId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(dialogId) ?? new Set();
    this.#listeners.set(dialogId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(dialogId) === listeners) this.#listeners.delete(dialogId);
    };
  }

  /** What is being said in the dialogs is told to stop. @throws NotInConversationError when they are shut already. */
  shut(conversationId: string, dialogIds: readonly string[]): ShutGate {
    const shut: Shut = { conversationId, left: false };
    for (const dialogId of dialogIds) {
      const refused = this.refusal(dialogId);
      if (refused) throw refused;
    }
    for (const dialogId of dialogIds) this.#shut.set(dialogId, shut);
    for (const dialogId of dialogIds) for (const listener of [...(this.#listeners.get(dialogId) ?? [])]) listener();
    return {
      publishEvent: this.#publish,
      settled: async () => {
        await Promise.all(dialogIds.map((dialogId) => this.settled(dialogId)));
      },
      leave: () => {
        shut.left = true;
      },
      open: () => {
        for (const dialogId of dialogIds) this.#shut.delete(dialogId);
      },
    };
  }

  #isBack(dialogId: string, { conversationId, left }: Shut): boolean {
    const state = this.#store.get(conversationId);
    const isBack = left && !state.gone && (briefOf(state)?.myRoles.length ?? 0) > 0;
    if (isBack) this.#shut.delete(dialogId);
    return isBack;
  }

  #done(place: number, dialogId: string): void {
    this.#underWay[place] = undefined;
    this.#places.push(place);
    if (this.#waiting.size === 0 || this.#underWay.includes(dialogId)) return;
    this.#waiting.get(dialogId)?.resolve();
    this.#waiting.delete(dialogId);
  }
}

function refusal({ conversationId, left }: Shut): NotInConversationError {
  const what = left ? 'was handed off' : 'is being handed off';
  return new NotInConversationError(
    `conversation ${conversationId} ${what}: nothing was sent, return from the handler`,
    {
      context: { conversationId },
    },
  );
}
