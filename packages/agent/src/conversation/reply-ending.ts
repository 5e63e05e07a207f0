import { NotInConversationError } from '@lp/core';
import { onAbort } from '@lp/core/internal';
import { isClosed } from '../dialog/dialog-port.ts';
import { briefOf, type ConversationState } from '../inbound/conversation-store.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Publisher } from './confirmed-publish.ts';
import { Hearing, isFromConsumer } from './hearing.ts';
import { type Answerable, READER } from './message-reader.ts';

/** What may end an answer early, besides its source. */
export interface EndingOptions {
  readonly interruptible: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Watches for what ends an answer early: the consumer's words, the conversation's end, the agent's, or the caller's signal. */
export class ReplyEnding {
  readonly #abort = new AbortController();
  readonly #stops: (() => void)[] = [];
  /** Whether it was the consumer's words. */
  interrupted = false;
  /** Whether nothing can be sent there any more. */
  left = false;

  constructor(publisher: Publisher, message: Answerable, { interruptible, signal }: EndingOptions) {
    this.#watchSignal(signal, () => signal?.reason);
    this.#watchSignal(publisher.lifetime.closed, () => {
      this.left = true;
      return publisher.lifetime.closed.reason;
    });
    this.#watchCutOff(publisher, message);
    this.#watchConversation(publisher, message);
    this.#stops.push(publisher.gate.onShut(message.dialogId, () => this.#leave(message, 'was handed off')));
    if (interruptible) this.#watchConsumer(publisher, message);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Nobody wants the rest any more. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  #watchSignal(signal: AbortSignal | undefined, reason: () => unknown): void {
    if (!signal) return;
    if (signal.aborted) this.abort(reason());
    else this.#stops.push(onAbort(signal, () => this.abort(reason())));
  }

  /** The handler is at work although its `serve` has ended. */
  #watchCutOff({ cutOff }: Publisher, { dialogId }: Answerable): void {
    if (!cutOff) return;
    const look = () => {
      const refused = cutOff.refusal(dialogId);
      if (refused) this.abort(refused);
    };
    look();
    this.#stops.push(onAbort(cutOff.signal, look));
  }

  #watchConversation({ store }: Publisher, { conversationId, dialogId }: Answerable): void {
    const id = conversationId ?? dialogId;
    // One that is not known to take part may still speak, as a manager's tool does.
    const hadRole = (briefOf(store.get(id))?.myRoles.length ?? 0) > 0;
    const look = (state: ConversationState) => {
      const hasEnded = isClosed(state, dialogId);
      if (!hasEnded && !(hadRole && briefOf(state)?.myRoles.length === 0)) return;
      this.#leave({ conversationId: id }, hasEnded ? 'has ended' : 'has left this agent');
    };
    this.#stops.push(store.watch(id, look));
    look(store.get(id));
  }

  #leave({ conversationId, dialogId }: Partial<Answerable>, what: string): void {
    const id = conversationId ?? dialogId ?? '';
    this.left = true;
    this.abort(
      new NotInConversationError(`conversation ${id} ${what}: the rest of the answer was not said`, {
        context: { conversationId: id },
      }),
    );
  }

  #watchConsumer({ router }: Publisher, message: Answerable): void {
    const interrupt = (sequence: number) => {
      if (this.signal.aborted || sequence <= message.sequence) return;
      this.interrupted = true;
      this.abort(new DOMException('the consumer has written again', 'AbortError'));
    };
    const reader = message[READER];
    const hearing = reader?.hearing ?? new Hearing();
    if (!reader) {
      const live = (event: MessagingEvent) => {
        if (isFromConsumer(event)) hearing.note(event);
      };
      this.#stops.push(router.attach(message.dialogId, { live, hint: () => undefined }));
    }
    this.#stops.push(hearing.listen(interrupt));
    interrupt(hearing.newest);
  }
}
