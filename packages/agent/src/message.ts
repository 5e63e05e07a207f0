import type { AgentContext } from './context.ts';
import type { Event, MessageAudience, Role } from './schemas/index.ts';
import type { MessagingEvent } from './user-form/index.ts';

/** Something a person or a bot said: text, rich content, a file or a secure form. */
export interface Message {
  readonly conversationId: string;
  readonly dialogId: string;
  /** Its number in the dialog. Numbers grow, but not by one: other kinds of events take numbers too. */
  readonly sequence: number;
  /** The text; undefined for rich content, files and forms: see `event`. */
  readonly text: string | undefined;
  readonly event: Event;
  /** Who said it; `id` is the PID. */
  readonly originator: { readonly id: string | undefined; readonly role: Role | undefined };
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly serverTimestamp: number | undefined;
  /** `AGENTS_AND_MANAGERS` for a private message, else `ALL`. */
  readonly audience: MessageAudience;
  readonly metadata: MessagingEvent['metadata'];
  /** True when it came from the history: it was sent before the stream began or while the connection was down. */
  readonly recovered: boolean;
  /** Tells the others that this agent has read it. A bot restarted without a cursor store skips what it has marked so. */
  markRead(): Promise<void>;
  /** Tells the others that this agent has received it. */
  markAccepted(): Promise<void>;
}

/** Whether an event is something that was said, and not a state or a receipt. */
export function isContent(event: Event): boolean {
  return event.type === 'ContentEvent' || event.type === 'RichContentEvent';
}

/** A {@link Message} over the event it was made of; nothing is copied. */
export class ReceivedMessage implements Message {
  readonly sequence: number;
  readonly recovered: boolean;
  readonly #context: AgentContext;
  readonly #source: MessagingEvent;
  readonly #conversationId: string;

  constructor(context: AgentContext, conversationId: string, source: MessagingEvent, recovered: boolean) {
    this.#context = context;
    this.#conversationId = conversationId;
    this.#source = source;
    this.sequence = source.sequence as number;
    this.recovered = recovered;
  }

  get conversationId(): string {
    return this.#source.conversationId ?? this.#conversationId;
  }

  get dialogId(): string {
    return this.#source.dialogId;
  }

  get event(): Event {
    return this.#source.event;
  }

  get text(): string | undefined {
    const { event } = this.#source;
    return event.type === 'ContentEvent' && typeof event.message === 'string' ? event.message : undefined;
  }

  get originator(): Message['originator'] {
    return { id: this.#source.originatorId, role: this.#source.originatorMetadata?.role };
  }

  get serverTimestamp(): number | undefined {
    return this.#source.serverTimestamp;
  }

  get audience(): MessageAudience {
    return this.#source.messageAudience ?? 'ALL';
  }

  get metadata(): MessagingEvent['metadata'] {
    return this.#source.metadata;
  }

  markRead(): Promise<void> {
    return this.#acknowledge('READ');
  }

  markAccepted(): Promise<void> {
    return this.#acknowledge('ACCEPT');
  }

  /** Plain data for logs of yours; the getters above do not show in `JSON.stringify` by themselves. */
  toJSON(): Omit<Message, 'markRead' | 'markAccepted'> {
    const {
      conversationId,
      dialogId,
      sequence,
      text,
      event,
      originator,
      serverTimestamp,
      audience,
      metadata,
      recovered,
    } = this;
    return {
      conversationId,
      dialogId,
      sequence,
      text,
      event,
      originator,
      serverTimestamp,
      audience,
      metadata,
      recovered,
    };
  }

  async #acknowledge(status: 'READ' | 'ACCEPT'): Promise<void> {
    await this.#context.requests.publishEvent({
      dialogId: this.dialogId,
      event: { type: 'AcceptStatusEvent', status, sequenceList: [this.sequence] },
    });
  }
}
