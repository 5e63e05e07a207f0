import type { Event, MessageAudience, Role } from '@lp/schemas';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { type Click, clickOf } from './click.ts';
import type { Publisher } from './confirmed-publish.ts';
import { type FileParts, fileOf, type SentFile } from './files.ts';
import { type MessageReader, READER } from './message-reader.ts';
import { reply } from './reply.ts';
import type { AnswerTo, ReplyOptions } from './reply-options.ts';
import type { Said } from './said.ts';

/** Something a person or a bot said: text, rich content, a file or a secure form. */
export interface Message {
  /** `dialogId:sequence`: the same in every process, a key for side effects that must not happen twice. */
  readonly id: string;
  /** The conversation it was said in. */
  readonly conversationId: string;
  /** The dialog it was said in: the main one, or a survey. */
  readonly dialogId: string;
  /** Its number in the dialog. Numbers grow, but not by one: other kinds of events take numbers too. */
  readonly sequence: number;
  /** The text; undefined for rich content, files and forms: see `event`. */
  readonly text: string | undefined;
  /** What was said, as the platform has it: text, file, structured content. */
  readonly event: Event;
  /** Who said it; `id` is the PID. */
  readonly originator: { readonly id: string | undefined; readonly role: Role | undefined };
  /** Whether this agent said it. */
  readonly isMe: boolean;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly serverTimestamp: number | undefined;
  /** `AGENTS_AND_MANAGERS` for a private message, else `ALL`. */
  readonly audience: MessageAudience;
  /** Typed objects that came beside the event; undefined when there were none. */
  readonly metadata: MessagingEvent['metadata'];
  /** What the consumer pressed to say this: its id, as the builders set it, and all metadata of the press. */
  readonly click: Click | undefined;
  /** The file that was sent. */
  readonly file: SentFile | undefined;
  /**
   * The messages that it is made of with the option `settle`, in order, itself the last: then `text` is what all of them
   * say, joined by line breaks. Without, itself alone.
   */
  readonly burst: readonly Message[];
  /** True when it came from the history: it was sent before the stream began or while the connection was down. */
  readonly recovered: boolean;
  /**
   * Answers it, once: the answer carries an id made of this message's number and its place among the answers to it, so a
   * bot that is killed and started again finds what it has said and does not say it again, nor wait for it.
   *
   * A text over `maxLength` is said in several messages; of one that is blank nothing is said. A text that comes in pieces (an async iterable, or a
   * {@link Producer} that makes one) is gathered and said, or with `deliver: 'paragraphs'` said by paragraphs; meanwhile
   * `COMPOSING` shows. After a crash between its messages a producer is called with what was `said` and goes on from
   * there; of an iterable the rest is said if it begins with the same text, else nothing more (`cut`). Once the last of
   * them is in the dialog, a producer is not called again. What is sent meanwhile, as by the source itself, does not wait
   * for such an answer. With `interruptible` the rest stays unsaid when the consumer has written again. An answer that is not awaited is waited for when the loop asks
   * for the next message.
   *
   * @example
   * for await (const message of conversation.messages()) await message.reply(`echo: ${message.text ?? 'no text'}`);
   *
   * @throws what the source throws; NotInConversationError when the conversation ends or leaves while a source is read;
   * what `conversation.send` throws, for the first part that could not be said; `context` then has `partsSent`
   * and `parts`.
   */
  reply(content: AnswerTo, options?: ReplyOptions): Promise<Said>;
  /** Tells the others that this agent has read it; the loop does so by itself when it asks for the next message. */
  markRead(): Promise<void>;
  /** Tells the others that this agent has received it. */
  markAccepted(): Promise<void>;
}

/** A {@link Message} made of an event; what the event holds is not copied. */
export class ReceivedMessage implements Message {
  readonly conversationId: string;
  readonly dialogId: string;
  readonly sequence: number;
  text: string | undefined;
  readonly event: Event;
  readonly originator: Message['originator'];
  readonly isMe: boolean;
  readonly serverTimestamp: number | undefined;
  readonly audience: MessageAudience;
  readonly metadata: MessagingEvent['metadata'];
  readonly recovered: boolean;
  readonly #publisher: Publisher & FileParts;
  /** The reader that delivered it. */
  readonly [READER]: MessageReader | undefined;
  #replies = 0;
  #burst: readonly Message[] | undefined;

  constructor(
    publisher: Publisher & FileParts,
    conversationId: string,
    source: MessagingEvent,
    { recovered, reader }: { recovered: boolean; reader?: MessageReader | undefined },
  ) {
    const { event } = source;
    this.#publisher = publisher;
    this[READER] = reader;
    // One text for equal ids: each frame has copies of its own.
    this.conversationId = asKnown(source.conversationId ?? conversationId, conversationId);
    this.dialogId = asKnown(source.dialogId, conversationId);
    this.sequence = source.sequence as number;
    this.text = event.type === 'ContentEvent' && typeof event.message === 'string' ? event.message : undefined;
    this.event = event;
    this.originator = { id: source.originatorId, role: source.originatorMetadata?.role };
    this.isMe = source.isMe;
    this.serverTimestamp = source.serverTimestamp;
    this.audience = source.messageAudience ?? 'ALL';
    this.metadata = source.metadata;
    this.recovered = recovered;
  }

  get click(): Click | undefined {
    return clickOf(this);
  }

  get file(): SentFile | undefined {
    return fileOf(this.#publisher, this.event);
  }

  get id(): string {
    return `${this.dialogId}:${this.sequence}`;
  }

  get burst(): readonly Message[] {
    return this.#burst ?? [this];
  }

  /** Becomes a burst, of which it is the last message. */
  join(earlier: readonly Message[]): void {
    // One that a question has given back may be another burst now.
    if (earlier.length === 0 && !this.#burst) return;
    this.#burst = [...earlier, this.#byItself()];
    const texts = this.#burst.flatMap(({ text }) => text ?? []);
    this.text = texts.length > 0 ? texts.join('\n') : undefined;
  }

  #byItself(): Message {
    const { audience, conversationId, event, isMe, metadata, originator, recovered } = this;
    const { dialogId, sequence, serverTimestamp } = this;
    const source: MessagingEvent = {
      ...{ conversationId, dialogId, event, isMe, metadata, sequence, serverTimestamp },
      messageAudience: audience,
      originatorId: originator.id,
      originatorMetadata: originator.role === undefined ? undefined : { role: originator.role },
    } as MessagingEvent;
    return new ReceivedMessage(this.#publisher, conversationId, source, { recovered, reader: this[READER] });
  }

  // Not async: the promise of a reply that nobody awaits is the loop's.
  reply(content: AnswerTo, options: ReplyOptions = {}): Promise<Said> {
    const key = (options as ReplyOptions | null)?.key ?? `r${this.#replies++}`;
    return reply(this.#publisher, this, content, { key, options });
  }

  async markRead(): Promise<void> {
    const marks = this[READER]?.marks;
    // Before it is told: a loop that goes on meanwhile would tell it too.
    marks?.noteTold(this.sequence);
    try {
      await this.#acknowledge('READ');
    } catch (error) {
      marks?.noteUntold(this.sequence);
      throw error;
    }
  }

  async markAccepted(): Promise<void> {
    await this.#acknowledge('ACCEPT');
  }

  #acknowledge(status: 'READ' | 'ACCEPT'): Promise<unknown> {
    const { dialogId, sequence } = this;
    return this.#publisher.requests.publishEvent({
      dialogId,
      event: { type: 'AcceptStatusEvent', status, sequenceList: [sequence] },
    });
  }
}

function asKnown(id: string, known: string): string {
  return id === known ? known : id;
}
