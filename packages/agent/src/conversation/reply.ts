import { ConfigError } from '@lp/core';
import type { PublishableEvent, RichContent } from '@lp/schemas';
import { type QuickRepliesInput, toQuickReplies } from '../content/quick-replies.ts';
import { checkKeys } from '../link/check-keys.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { Publisher } from './confirmed-publish.ts';
import { type Answerable, READER } from './message-reader.ts';
import { partId, replyId } from './send-ids.ts';
import { publishOnce, withContext } from './sending.ts';
import { MAX_TEXT_LENGTH, splitText } from './split-text.ts';

/** What a message can be answered with: a text, or structured content. */
export type AnswerTo = string | RichContent;

/** What a reply takes besides its content. */
export interface ReplyOptions extends RequestOptions {
  /** Tells this answer from others to the same message. Default: its place among them. */
  key?: string | undefined;
  /** The longest text of one message, 8,000 by default and at most. */
  maxLength?: number | undefined;
  /** Buttons below the message, the last one when there are several. */
  quickReplies?: QuickRepliesInput | undefined;
  /** `AGENTS_AND_MANAGERS` hides it from the consumer. Default `ALL`. */
  audience?: 'ALL' | 'AGENTS_AND_MANAGERS' | undefined;
}

/** What was said. */
export interface Said {
  /** The number of the (last) message; -1 when nothing was said. */
  readonly sequence: number;
  /** The numbers of all its messages. */
  readonly sequences: readonly number[];
  /** The text as it stands in the dialog, joined; empty for structured content. */
  readonly text: string;
  /** `cut`: an earlier run had said the beginning of another text, which was not gone on with. */
  readonly outcome: 'complete' | 'cut';
  /** Whether all of it had been said before. */
  readonly repeated: boolean;
}

const REPLY_OPTIONS: readonly string[] = [
  'key',
  'maxLength',
  'quickReplies',
  'audience',
  'headers',
  'metadata',
  'encodedMetadata',
  'timeoutMs',
  'signal',
] satisfies (keyof ReplyOptions)[];

/** Says an answer to a message, once; see `Message.reply`. */
export function reply(
  publisher: Publisher,
  message: Answerable,
  content: AnswerTo,
  options: ReplyOptions & { key: string },
): Promise<Said> {
  const say = () =>
    publisher.lanes.confirmed(message.dialogId, () => new Reply(publisher, message, options).say(content));
  return message[READER]?.pending.add(say) ?? say();
}

/** One answer on its way. */
class Reply {
  readonly #publisher: Publisher;
  readonly #message: Answerable;
  readonly #options: ReplyOptions;
  readonly #id: string;

  constructor(publisher: Publisher, message: Answerable, { key, ...options }: ReplyOptions & { key: string }) {
    this.#publisher = publisher;
    this.#message = message;
    this.#options = options;
    if (typeof key !== 'string' || key === '') throw new ConfigError('reply: key must be a text that is not empty');
    this.#id = replyId(message.sequence, key);
  }

  async say(content: AnswerTo): Promise<Said> {
    checkKeys('reply', this.#options, REPLY_OPTIONS);
    const { maxLength = MAX_TEXT_LENGTH } = this.#options;
    if (!Number.isSafeInteger(maxLength) || maxLength < 1 || maxLength > MAX_TEXT_LENGTH) {
      throw new ConfigError(`reply: maxLength must be a whole number from 1 to ${MAX_TEXT_LENGTH}`);
    }
    if (typeof content !== 'string') return this.#sayOne({ type: 'RichContentEvent', content }, '');
    const said = this.#saidBefore();
    if (said) return said;
    const texts = splitText(content, maxLength);
    const begun = this.#begunBefore();
    if (texts.length === 1 && begun.length === 0) return this.#sayOne(textEvent(content), content);
    // What was begun is gone on with when this is the same text.
    if (begun.some(({ text }, index) => text !== texts[index])) return saidOf(begun, 'cut', true);
    return await this.#sayParts(texts);
  }

  async #sayOne(event: PublishableEvent, text: string): Promise<Said> {
    const { sequence, repeated } = await this.#publish(event, this.#id, true);
    return { sequence, sequences: [sequence], text, outcome: 'complete', repeated };
  }

  async #sayParts(texts: readonly string[]): Promise<Said> {
    const parts: { sequence: number; text: string }[] = [];
    let repeated = true;
    for (const [index, text] of texts.entries()) {
      const isLast = index === texts.length - 1;
      try {
        const published = await this.#publish(textEvent(text), partId(this.#id, index, isLast), isLast);
        parts.push({ sequence: published.sequence, text });
        repeated &&= published.repeated;
      } catch (error) {
        throw withContext(error, { partsSent: index, parts: texts.length });
      }
    }
    return saidOf(parts, 'complete', repeated);
  }

  #publish(event: PublishableEvent, id: string, isLast: boolean) {
    const { audience, maxLength: _, quickReplies, ...request } = this.#options;
    const { dialogId, recovered, sequence: after } = this.#message;
    const shown = isLast && quickReplies ? { ...event, quickReplies: toQuickReplies(quickReplies) } : event;
    const body = {
      dialogId,
      event: shown as PublishableEvent,
      ...(audience !== undefined && { messageAudience: audience }),
    };
    const isKnown = this.#message[READER] !== undefined;
    const mayBeThere = this.#publisher.lookUp === 'always' || (recovered && !isKnown);
    return publishOnce(this.#publisher, body, request, { after, id, mayBeThere }, this.#message);
  }

  /** The whole answer, when an earlier run has said it: in one message, or in parts of which the last is there. */
  #saidBefore(): Said | undefined {
    const whole = this.#find(this.#id);
    if (whole) return saidOf([whole], 'complete', true);
    const parts = this.#begunBefore();
    const last = this.#find(partId(this.#id, parts.length, true));
    return last && saidOf([...parts, last], 'complete', true);
  }

  /** The parts that an earlier run has said, the last one left out. */
  #begunBefore(): { sequence: number; text: string }[] {
    const parts: { sequence: number; text: string }[] = [];
    for (let part = this.#find(partId(this.#id, 0, false)); part; ) {
      parts.push(part);
      part = this.#find(partId(this.#id, parts.length, false));
    }
    return parts;
  }

  #find(id: string): { sequence: number; text: string } | undefined {
    const word = this.#message[READER]?.words.find(id);
    if (!word) return undefined;
    const { event, sequence } = word;
    return { sequence, text: event.type === 'ContentEvent' && typeof event.message === 'string' ? event.message : '' };
  }
}

function textEvent(message: string): PublishableEvent {
  return { type: 'ContentEvent', contentType: 'text/plain', message };
}

function saidOf(
  parts: readonly { sequence: number; text: string }[],
  outcome: Said['outcome'],
  repeated: boolean,
): Said {
  const sequences = parts.map(({ sequence }) => sequence);
  return {
    sequence: sequences.at(-1) ?? -1,
    sequences,
    text: parts.map(({ text }) => text).join('\n'),
    outcome,
    repeated,
  };
}
