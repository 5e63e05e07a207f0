import type { Publisher } from './confirmed-publish.ts';
import { type Answerable, READER } from './message-reader.ts';
import { OwnWords } from './own-words.ts';
import { textParts } from './paragraphs.ts';
import { ReplyEnding } from './reply-ending.ts';
import type { ReplyOptions } from './reply-options.ts';
import { publishPart, textEvent } from './reply-part.ts';
import { findSaid, placedParts, type Said, type SaidPart, saidOf } from './said.ts';
import { partId } from './send-ids.ts';
import { withContext } from './sending.ts';
import { readPieces, SaidPrefix, type TextSource } from './text-source.ts';
import { withTyping } from './typing.ts';

/** Says an answer that comes in pieces, once, under ids made of `id`. The options have been checked. */
export function sayStream(
  publisher: Publisher,
  message: Answerable,
  source: TextSource,
  { id, options }: { id: string; options: ReplyOptions },
): Promise<Said> {
  return new StreamReply(publisher, message, { id, options }).say(source);
}

/** One answer on its way. Between its messages others may be sent: a source may itself have something to say. */
class StreamReply {
  readonly #publisher: Publisher;
  readonly #message: Answerable;
  readonly #options: ReplyOptions;
  readonly #id: string;
  readonly #joint: string;
  #parts: SaidPart[] = [];
  #fresh = 0;

  constructor(publisher: Publisher, message: Answerable, { id, options }: { id: string; options: ReplyOptions }) {
    this.#publisher = publisher;
    this.#message = message;
    this.#options = options;
    this.#id = id;
    this.#joint = options.deliver === 'paragraphs' ? '\n\n' : '\n';
  }

  async say(source: TextSource): Promise<Said> {
    const { audience, interruptible = false, signal, typing = audience !== 'AGENTS_AND_MANAGERS' } = this.#options;
    signal?.throwIfAborted();
    const words = await this.#words();
    const { ownEvents } = this.#publisher;
    const { dialogId, sequence } = this.#message;
    const { isWhole, parts } = findSaid(words, this.#id);
    this.#parts = parts.length > 0 ? parts : placedParts(words, Math.max(sequence, ownEvents.outside(dialogId)));
    const { sequence: last } = this.#parts.at(-1) ?? {};
    if (last !== undefined) this.#message[READER]?.noteSaid(last);
    if (isWhole) return this.#said('complete');
    const ending = new ReplyEnding(this.#publisher, this.#message, { interruptible, signal });
    try {
      ending.signal.throwIfAborted();
      const work = () => this.#sayPieces(source, ending);
      return typing
        ? await withTyping(this.#publisher.clock, (state) => this.#show(state, ending), work)
        : await work();
    } catch (error) {
      if (ending.interrupted) return this.#said('interrupted');
      // A source that is told to stop ends with an error of its own.
      if (ending.signal.aborted) throw ending.signal.reason;
      ending.abort(error);
      throw error;
    } finally {
      ending.dispose();
    }
  }

  async #sayPieces(source: TextSource, ending: ReplyEnding): Promise<Said> {
    const { deliver = 'whole', maxLength } = this.#options;
    const said = this.#parts.map(({ text }) => text).join(this.#joint);
    // A producer goes on from what was said; any other source begins anew, and may be another text.
    const prefix = new SaidPrefix(typeof source === 'function' ? '' : said);
    const texts = textParts(deliver, maxLength);
    for await (const piece of readPieces(source, said, ending.signal)) {
      const rest = prefix.rest(piece);
      if (prefix.differs) return this.#said('cut');
      for (const text of texts.push(rest)) await this.#sayPart(text, false, ending.signal);
    }
    if (!prefix.passed) return this.#said('cut');
    const rest = texts.end();
    const total = this.#parts.length + rest.length;
    for (const text of rest) await this.#sayPart(text, this.#parts.length === total - 1, ending.signal, total);
    return this.#said('complete');
  }

  async #sayPart(text: string, isLast: boolean, signal: AbortSignal, total?: number): Promise<void> {
    const { lanes } = this.#publisher;
    const index = this.#parts.length;
    const id = isLast && index === 0 ? this.#id : partId(this.#id, index, isLast);
    const part = { event: textEvent(text), id, isLast, mayBeThere: false };
    try {
      const publish = async () => {
        signal.throwIfAborted();
        return await publishPart(this.#publisher, this.#message, this.#options, part);
      };
      const { sequence } = await lanes.confirmed(this.#message.dialogId, publish, signal);
      this.#parts.push({ sequence, text });
      this.#fresh++;
    } catch (error) {
      throw withContext(error, { partsSent: index, ...(total !== undefined && { parts: total }) });
    }
  }

  async #show(chatState: 'COMPOSING' | 'ACTIVE', ending: ReplyEnding): Promise<void> {
    if (ending.left) return;
    const { dialogId } = this.#message;
    await this.#publisher.requests.publishEvent({ dialogId, event: { type: 'ChatStateEvent', chatState } });
  }

  /** What this agent has said behind the message: the reader knows, else the history, in one look. */
  async #words(): Promise<OwnWords | undefined> {
    const { history, lookUp } = this.#publisher;
    const { [READER]: reader, dialogId, recovered, sequence: after } = this.#message;
    if (lookUp() === 'recovered') {
      if (reader) return reader.words;
      if (!recovered) return undefined;
    }
    const own = [];
    for await (const page of history.pages({ dialogId, after }, this.#options.signal)) {
      own.push(...page.filter(({ isMe }) => isMe));
    }
    return new OwnWords(own);
  }

  #said(outcome: Said['outcome']): Said {
    const repeated = this.#fresh === 0 && this.#parts.length > 0;
    return saidOf(this.#parts, outcome, { repeated, joint: this.#joint });
  }
}
