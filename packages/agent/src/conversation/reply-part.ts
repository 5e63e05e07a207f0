import type { PublishableEvent } from '@lp/schemas';
import { toQuickReplies } from '../content/quick-replies.ts';
import type { Published, Publisher } from './confirmed-publish.ts';
import type { Answerable } from './message-reader.ts';
import type { ReplyOptions } from './reply-options.ts';
import { publishOnce } from './sending.ts';

/** One message of an answer. */
export interface ReplyPart {
  readonly event: PublishableEvent;
  readonly id: string;
  /** Quick replies stand below the last one. */
  readonly isLast: boolean;
  /** Whether the history has to be asked first. */
  readonly mayBeThere: boolean;
}

export function textEvent(message: string): PublishableEvent {
  return { type: 'ContentEvent', contentType: 'text/plain', message };
}

/** Publishes one message of an answer, once. */
export function publishPart(
  publisher: Publisher,
  message: Answerable,
  options: ReplyOptions,
  { event, id, isLast, mayBeThere }: ReplyPart,
): Promise<Published> {
  const {
    audience,
    deliver: _,
    interruptible: __,
    key: ___,
    maxLength: ____,
    quickReplies,
    typing: _____,
    ...request
  } = options;
  const { dialogId, sequence: after } = message;
  const shown = isLast && quickReplies ? { ...event, quickReplies: toQuickReplies(quickReplies) } : event;
  const body = {
    dialogId,
    event: shown as PublishableEvent,
    ...(audience !== undefined && { messageAudience: audience }),
  };
  return publishOnce(publisher, body, request, { after, id, mayBeThere }, message);
}
