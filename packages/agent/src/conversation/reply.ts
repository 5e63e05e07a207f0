import { ConfigError } from '@lp/core';
import type { PublishableEvent } from '@lp/schemas';
import type { Publisher } from './confirmed-publish.ts';
import { located } from './located.ts';
import { type Answerable, READER } from './message-reader.ts';
import { textParts } from './paragraphs.ts';
import { type AnswerTo, checkReplyOptions, type ReplyOptions } from './reply-options.ts';
import { publishPart, textEvent } from './reply-part.ts';
import { findSaid, type Said, type SaidPart, saidOf } from './said.ts';
import { partId, replyId } from './send-ids.ts';
import { withContext } from './sending.ts';
import { isBlank, splitText } from './split-text.ts';
import { sayStream } from './stream-reply.ts';
import { inOnePiece, isTextSource } from './text-source.ts';

/** Says an answer to a message, once; see `Message.reply`. */
export function reply(
  publisher: Publisher,
  message: Answerable,
  content: AnswerTo,
  { key, options }: { key: string; options: ReplyOptions },
): Promise<Said> {
  const say = async () => {
    try {
      return await sayOnce(publisher, message, content, { key, options });
    } catch (error) {
      throw located(error, message.conversationId ?? message.dialogId);
    }
  };
  return message[READER]?.pending.add(say) ?? say();
}

/** May throw at once: who waits for it takes both alike. */
function sayOnce(
  publisher: Publisher,
  message: Answerable,
  content: AnswerTo,
  { key, options }: { key: string; options: ReplyOptions },
): Promise<Said> {
  if (typeof key !== 'string' || key === '') throw new ConfigError('reply: key must be a text that is not empty');
  checkReplyOptions(options);
  const id = replyId(message.sequence, key);
  if (isTextSource(content)) return sayStream(publisher, message, content, { id, options });
  if (typeof content === 'string' && options.interruptible === true) {
    return sayStream(publisher, message, inOnePiece(content), { id, options: { typing: false, ...options } });
  }
  const whole = new WholeReply(publisher, message, { id, options });
  return publisher.lanes.confirmed(message.dialogId, () => whole.say(content), options.signal);
}

/** An answer that is known as a whole, on its way. */
class WholeReply {
  readonly #publisher: Publisher;
  readonly #message: Answerable;
  readonly #options: ReplyOptions;
  readonly #id: string;

  constructor(publisher: Publisher, message: Answerable, { id, options }: { id: string; options: ReplyOptions }) {
    this.#publisher = publisher;
    this.#message = message;
    this.#options = options;
    this.#id = id;
  }

  async say(content: Exclude<AnswerTo, AsyncIterable<string> | ((...run: never) => unknown)>): Promise<Said> {
    if (typeof content !== 'string') return await this.#sayOne({ type: 'RichContentEvent', content }, '');
    const { isWhole, parts: begun } = findSaid(this.#message[READER]?.words, this.#id);
    const { sequence: last } = begun.at(-1) ?? {};
    if (last !== undefined) this.#message[READER]?.noteSaid(last);
    if (isWhole) return saidOf(begun, 'complete', { repeated: true });
    const texts = this.#split(content);
    if (texts.length === 0 && begun.length === 0) return saidOf([], 'complete', { repeated: false });
    if (texts.length === 1 && begun.length === 0) return await this.#sayOne(textEvent(content), content);
    // What was begun is gone on with when this is the same text.
    if (begun.some(({ text }, index) => text !== texts[index])) return saidOf(begun, 'cut', { repeated: true });
    return await this.#sayParts(texts);
  }

  #split(content: string): string[] {
    const { deliver, maxLength } = this.#options;
    if (isBlank(content)) return [];
    if (deliver !== 'paragraphs') return splitText(content, maxLength);
    const parts = textParts(deliver, maxLength);
    return [...parts.push(content), ...parts.end()];
  }

  async #sayOne(event: PublishableEvent, text: string): Promise<Said> {
    const { sequence, repeated } = await this.#publish(event, this.#id, true);
    return { sequence, sequences: [sequence], text, outcome: 'complete', repeated };
  }

  async #sayParts(texts: readonly string[]): Promise<Said> {
    const parts: SaidPart[] = [];
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
    return saidOf(parts, 'complete', { repeated });
  }

  #publish(event: PublishableEvent, id: string, isLast: boolean) {
    const isKnown = this.#message[READER] !== undefined;
    const mayBeThere = this.#publisher.lookUp() === 'always' || (this.#message.recovered && !isKnown);
    return publishPart(this.#publisher, this.#message, this.#options, { event, id, isLast, mayBeThere });
  }
}
