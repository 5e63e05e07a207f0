import type { PublishableEvent, QuickReplies } from '@lp/schemas';
import { checkKeys } from '../link/check-keys.ts';
import type { RequestOptions } from '../link/request-options.ts';
import { answerId, type Publisher, publishConfirmed } from './confirmed-publish.ts';
import type { Message } from './message.ts';

/** What a send takes besides its content. */
export interface SendOptions extends RequestOptions {
  /** Buttons below the message. */
  quickReplies?: QuickReplies | undefined;
  /** `AGENTS_AND_MANAGERS` hides it from the consumer. Default `ALL`. */
  audience?: 'ALL' | 'AGENTS_AND_MANAGERS' | undefined;
  /** Default: the main dialog. */
  dialogId?: string | undefined;
  /**
   * When the outcome of the send is not known (the connection broke, no answer came), look the message up in the
   * history, and send it again only if it is not there. It then carries an `ExternalId` of its own. Default false: the
   * promise rejects with OutcomeUnknownError or RequestTimeoutError, and nothing is sent twice.
   */
  confirm?: boolean | undefined;
  /**
   * The message this answers: a confirmed send that is said once even by a bot that was killed in between. Its id is made
   * of the message and the content, and when the message came from the history, that is searched for the answer first.
   */
  inReplyTo?: Pick<Message, 'dialogId' | 'sequence' | 'recovered'> | undefined;
}

const SEND_OPTIONS: readonly string[] = [
  'quickReplies',
  'audience',
  'dialogId',
  'confirm',
  'inReplyTo',
  'headers',
  'metadata',
  'encodedMetadata',
  'timeoutMs',
  'signal',
] satisfies (keyof SendOptions)[];

/** Publishes an event as its options say, in `mainDialogId` when they do not say where. */
export async function sendEvent(
  publisher: Publisher,
  mainDialogId: string,
  event: PublishableEvent,
  options?: SendOptions,
): Promise<{ sequence: number }> {
  if (options === undefined) return await publisher.requests.publishEvent({ dialogId: mainDialogId, event });
  checkKeys('send', options, SEND_OPTIONS);
  const { audience, confirm = false, inReplyTo, quickReplies: _, ...rest } = options;
  const { dialogId = inReplyTo?.dialogId ?? mainDialogId, ...request } = rest;
  const body = { dialogId, event, ...(audience !== undefined && { messageAudience: audience }) };
  if (inReplyTo) {
    const { sequence: after, recovered: mayBeThere } = inReplyTo;
    return await publishConfirmed(publisher, body, request, { after, id: answerId(inReplyTo, event), mayBeThere });
  }
  if (confirm) return await publishConfirmed(publisher, body, request);
  return await publisher.requests.publishEvent(body, request);
}
