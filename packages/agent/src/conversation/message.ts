import type { Event, MessageAudience, Role } from '@lp/schemas';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { AgentRequests } from '../link/requests.ts';

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

/** A {@link Message} made of an event; what the event holds is not copied. */
export class ReceivedMessage implements Message {
  readonly conversationId: string;
  readonly dialogId: string;
  readonly sequence: number;
  readonly text: string | undefined;
  readonly event: Event;
  readonly originator: Message['originator'];
  readonly serverTimestamp: number | undefined;
  readonly audience: MessageAudience;
  readonly metadata: MessagingEvent['metadata'];
  readonly recovered: boolean;
  readonly #requests: Pick<AgentRequests, 'publishEvent'>;

  constructor(
    requests: Pick<AgentRequests, 'publishEvent'>,
    conversationId: string,
    source: MessagingEvent,
    recovered: boolean,
  ) {
    const { event } = source;
    this.#requests = requests;
    this.conversationId = source.conversationId ?? conversationId;
    this.dialogId = source.dialogId;
    this.sequence = source.sequence as number;
    this.text = event.type === 'ContentEvent' && typeof event.message === 'string' ? event.message : undefined;
    this.event = event;
    this.originator = { id: source.originatorId, role: source.originatorMetadata?.role };
    this.serverTimestamp = source.serverTimestamp;
    this.audience = source.messageAudience ?? 'ALL';
    this.metadata = source.metadata;
    this.recovered = recovered;
  }

  markRead(): Promise<void> {
    return this.#acknowledge('READ');
  }

  markAccepted(): Promise<void> {
    return this.#acknowledge('ACCEPT');
  }

  async #acknowledge(status: 'READ' | 'ACCEPT'): Promise<void> {
    const { dialogId, sequence } = this;
    await this.#requests.publishEvent({
      dialogId,
      event: { type: 'AcceptStatusEvent', status, sequenceList: [sequence] },
    });
  }
}
