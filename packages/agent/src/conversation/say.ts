import { checkObject } from '@lp/core/internal';
import type { PublishableEvent, RichContent } from '@lp/schemas';
import { toQuickReplies } from '../content/quick-replies.ts';
import type { Publisher } from './confirmed-publish.ts';
import { type AnswerTo, TEXT_OPTIONS, type TextOptions } from './reply-options.ts';
import { textEvent } from './reply-part.ts';
import { saidOf } from './said.ts';
import { sendStream } from './send-stream.ts';
import { checkSendValues, NO_OPTIONS, planSend, publishInOrder, type SendOptions } from './sending.ts';
import { isBlank, splitText } from './split-text.ts';
import { inOnePiece, isTextSource } from './text-source.ts';

/** Where something is said. */
interface Place {
  readonly conversationId: string;
  readonly dialogId: string;
}

/** Says something that is not a reply; see `Conversation.send`. May throw at once: who waits for it takes both alike. */
export function say(
  publisher: Publisher,
  place: Place,
  content: AnswerTo,
  options: SendOptions & TextOptions,
): Promise<{ sequence: number }> {
  checkObject('send', options);
  if (options.key === undefined) return sayNow(publisher, place, content, options);
  checkSendValues('send', options);
  const { dialogId = place.dialogId, key, signal } = options;
  // Where the same is sent twice at once, the second one finds what the first has said.
  const keyed = JSON.stringify([dialogId, key]);
  return publisher.lanes.confirmed(keyed, () => sayNow(publisher, place, content, options), signal);
}

function sayNow(
  publisher: Publisher,
  place: Place,
  content: AnswerTo,
  options: SendOptions & TextOptions,
): Promise<{ sequence: number }> {
  if (isTextSource(content)) return sendStream(publisher, place, content, options);
  if (typeof content === 'string' && takesTextOptions(options)) {
    return sendStream(publisher, place, inOnePiece(content), { typing: false, ...options });
  }
  if (typeof content !== 'object') return sayText(publisher, place, content, options);
  const event = richEvent(content, options.quickReplies);
  return publishInOrder(publisher, [planSend(publisher, place.dialogId, event, options)]);
}

/** Structured content as an event. */
export function richEvent(content: RichContent, quickReplies: SendOptions['quickReplies']): PublishableEvent {
  return withQuickReplies({ type: 'RichContentEvent', content } as PublishableEvent, quickReplies);
}

function sayText(
  publisher: Publisher,
  { dialogId }: Place,
  text: string,
  options: SendOptions,
): Promise<{ sequence: number }> {
  const { quickReplies, key, ...others } = options;
  const rest = options === NO_OPTIONS ? options : others;
  // What is not a text is told by the schema of what is sent.
  const texts = typeof text === 'string' ? splitText(text) : [text];
  const planned = texts.map((message, index) => {
    const event = withQuickReplies(textEvent(message), index === texts.length - 1 ? quickReplies : undefined);
    const own = key === undefined || texts.length === 1 ? key : `${key}.${index}`;
    return planSend(publisher, dialogId, event, own === undefined ? rest : { ...rest, key: own });
  });
  if (typeof text === 'string' && isBlank(text)) return Promise.resolve(saidOf([], 'complete', { repeated: false }));
  return publishInOrder(publisher, planned);
}

function withQuickReplies(event: PublishableEvent, quickReplies: SendOptions['quickReplies']): PublishableEvent {
  return quickReplies ? ({ ...event, quickReplies: toQuickReplies(quickReplies) } as PublishableEvent) : event;
}

/** Whether the text is to be said as one that comes in pieces is. */
function takesTextOptions(options: SendOptions & TextOptions): boolean {
  return options !== NO_OPTIONS && TEXT_OPTIONS.some((name) => name in options);
}
