import type { Conversation } from '@lp/agent';
import type { Simulator } from '@lp/simulator';

const EACH_MS = 10;
const TIMES_AFTERWARDS = 40;

/** What must not be heard of conversations that were handed off. */
export class Silence {
  /** What the library itself has refused to send afterwards. */
  refused = 0;
  /** Frames that were dropped before they were looked at. */
  missed = 0;
  readonly #handedOff = new Set<string>();
  /** How much was heard of each conversation behind the last transfer that was asked for. */
  readonly #heard = new Map<string, number>();
  readonly #disturbances = new Map<string, ReturnType<typeof setInterval>>();
  readonly #simulator: Simulator;
  readonly #journal: Simulator['journal'];
  readonly #watching: Promise<void>;
  #seen = 0;
  #underWay = 0;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#journal = simulator.journal;
    this.#watching = this.#watch();
  }

  /** Conversations that were handed off. */
  get ids(): readonly string[] {
    return [...this.#handedOff];
  }

  /** How much reached the platform behind the transfers that took conversations away. */
  get late(): number {
    return this.ids.reduce((sum, id) => sum + (this.#heard.get(id) ?? 0), 0);
  }

  /** Says, shows and marks something again and again, also after the hand-off. */
  disturb(conversation: Conversation): void {
    const { conversationId } = conversation;
    this.stop(conversationId);
    let [times, afterwards] = [0, 0];
    const attempt = async (send: Promise<unknown>) => {
      this.#underWay++;
      try {
        await send;
      } catch {
        if (this.#handedOff.has(conversationId)) this.refused++;
      }
      this.#underWay--;
    };
    const disturb = () => {
      void attempt(conversation.send(`Still here ${times++}.`));
      void attempt(conversation.setTyping('COMPOSING'));
      // Marked as read before, the message would count as handled.
      void attempt(afterwards > 0 ? conversation.markRead(0) : conversation.markAccepted(0));
      if (this.#handedOff.has(conversationId) && ++afterwards > TIMES_AFTERWARDS) this.stop(conversationId);
    };
    this.#disturbances.set(conversationId, setInterval(disturb, EACH_MS));
  }

  /** Disturbs no longer. */
  stop(conversationId: string): void {
    clearInterval(this.#disturbances.get(conversationId));
    this.#disturbances.delete(conversationId);
  }

  /** A conversation was handed off. */
  begin(conversationId: string): void {
    this.#handedOff.add(conversationId);
  }

  /** Resolves when nobody disturbs any more, and all that came of it was looked at. */
  async end(): Promise<void> {
    const isBehind = () => this.#seen < (this.#simulator.recentFrames.at(-1)?.number ?? 0);
    while (this.#disturbances.size + this.#underWay > 0 || isBehind()) {
      await new Promise((resolve) => setTimeout(resolve, EACH_MS));
    }
    this.#journal.close();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    for await (const { direction, frame, number, type = '' } of this.#journal) {
      this.missed += number - this.#seen - 1;
      this.#seen = number;
      if (direction !== 'in') continue;
      const { conversationId = '', dialogId = '' } = (frame?.body ?? {}) as Partial<
        Record<'conversationId' | 'dialogId', string>
      >;
      if (type.endsWith('UpdateConversationField')) this.#heard.set(conversationId, 0);
      if (type.endsWith('PublishEvent')) this.#heard.set(dialogId, (this.#heard.get(dialogId) ?? 0) + 1);
    }
  }
}
