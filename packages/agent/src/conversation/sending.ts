import { ConfigError, LpError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import type { PublishableEvent, RequestBody } from '@lp/schemas';
import type { QuickRepliesInput } from '../content/quick-replies.ts';
import { isContent } from '../inbound/content.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import { checkOptionValues } from '../link/call.ts';
import type { RequestOptions } from '../link/request-options.ts';
import {
  type Confirmation,
  isContained,
  type Published,
  type Publisher,
  publishConfirmed,
} from './confirmed-publish.ts';
import { type Answerable, READER } from './message-reader.ts';
import { contentId, keyedId, noteFailed } from './send-ids.ts';

/** What a send takes besides its content. */
export interface SendOptions extends RequestOptions {
  /** Buttons below the message: a list of titles, or what `quickReplies` of `@lp/agent/content` has made. */
  quickReplies?: QuickRepliesInput | undefined;
  /** `AGENTS_AND_MANAGERS` hides it from the consumer. Default `ALL`. */
  audience?: 'ALL' | 'AGENTS_AND_MANAGERS' | undefined;
  /** Which dialog it is said in. Default: the main one. */
  dialogId?: string | undefined;
  /**
   * When the outcome of the send is not known (the connection broke, no response came), look the message up in the
   * history, and send it again only if it is not there. It then carries an `ExternalId` of its own, and what is sent later
   * in the same dialog, or changes the conversation (as `close` does), waits for it. Without it the promise rejects with OutcomeUnknownError or
   * RequestTimeoutError, and nothing is sent twice. Default false.
   */
  confirm?: boolean | undefined;
  /**
   * The message this answers: a confirmed send that is said once even by a bot that was killed in between. Its id is made
   * of the message, the content, and how often the same was said to it in this run; what failed counts as the same again. `message.reply` does the same by the
   * answer's place, for answers whose words may differ. The run of a message is that of the loop that gave it; of a place
   * that was written down, that of the `Conversation`, until its `messages()` is called again.
   */
  inReplyTo?: Pick<Answerable, 'dialogId' | 'sequence' | 'recovered'> | undefined;
  /**
   * Names something that is said once in the dialog, whatever restarts: a confirmed send that is looked for in the whole
   * history first, once a run.
   */
  key?: string | undefined;
}

/** The names of {@link SendOptions}. */
export const SEND_OPTIONS = [
  'quickReplies',
  'audience',
  'dialogId',
  'confirm',
  'inReplyTo',
  'key',
  'headers',
  'metadata',
  'encodedMetadata',
  'timeoutMs',
  'signal',
] as const satisfies readonly (keyof SendOptions)[];

/** What a send is made of: where it goes, what is said, how it is asked for, and how it is recognised if that matters. */
export interface PlannedSend {
  readonly body: RequestBody<'publishEvent'>;
  readonly request: RequestOptions;
  readonly confirmation: Confirmation | undefined;
  readonly answers: Answerable | undefined;
}

// Most sends have none: what reads and copies them for each request can be spared.
export const NO_OPTIONS: SendOptions = Object.freeze({});

/** Reads the options of a send. @throws ConfigError for what cannot be. */
export function planSend(
  { lookUp }: Pick<Publisher, 'lookUp'>,
  mainDialogId: string,
  event: PublishableEvent,
  options: SendOptions = NO_OPTIONS,
): PlannedSend {
  if (options === NO_OPTIONS) {
    return {
      body: { dialogId: mainDialogId, event },
      request: NO_OPTIONS,
      confirmation: undefined,
      answers: undefined,
    };
  }
  checkOptionNames('send', options, SEND_OPTIONS);
  checkSendValues('send', options);
  const { audience, confirm = false, inReplyTo, key, quickReplies: _, ...rest } = options;
  const { dialogId = inReplyTo?.dialogId ?? mainDialogId, ...request } = rest;
  const body = { dialogId, event, ...(audience !== undefined && { messageAudience: audience }) };
  if (key !== undefined) {
    const confirmation = { after: -1, id: keyedId(key), mayBeThere: true };
    return { body, request, confirmation, answers: undefined };
  }
  if (inReplyTo) {
    const answers: Answerable = inReplyTo;
    const isKnown = answers[READER] !== undefined;
    const { id, wasTried } = contentId(inReplyTo, event);
    const mayBeThere = wasTried || lookUp() === 'always' || (inReplyTo.recovered && !isKnown);
    return { body, request, answers, confirmation: { after: inReplyTo.sequence, id, mayBeThere } };
  }
  return { body, request, confirmation: confirm ? {} : undefined, answers: undefined };
}

/** Checks what no schema of a request does. @throws ConfigError that names what is wrong. */
export function checkSendValues(path: string, options: SendOptions): void {
  const { confirm, inReplyTo, key } = options;
  if (confirm !== undefined && typeof confirm !== 'boolean') {
    throw new ConfigError(`${path}: confirm must be true or false`);
  }
  if (inReplyTo !== undefined && !isAnswerable(inReplyTo)) {
    throw new ConfigError(`${path}: inReplyTo must be a message, or its dialogId, sequence and recovered`);
  }
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw new ConfigError(`${path}: key must be a text that is not empty`);
  }
  checkOptionValues(path, options);
}

/** Whether something names a message as `inReplyTo` does. */
export function isAnswerable(value: unknown): value is Answerable {
  const { dialogId, sequence } = (value ?? {}) as Partial<Answerable>;
  return typeof dialogId === 'string' && dialogId !== '' && Number.isSafeInteger(sequence);
}

/** Publishes what was planned, in its place among the sends of the dialog; of several each after the response to the one before. */
export function publishInOrder(publisher: Publisher, planned: readonly PlannedSend[]): Promise<{ sequence: number }> {
  const [first] = planned as [PlannedSend, ...PlannedSend[]];
  const { dialogId } = first.body;
  const { signal } = first.request;
  if (planned.length > 1) return publisher.lanes.confirmed(dialogId, () => publishEach(publisher, planned), signal);
  const lane = first.confirmation ? 'confirmed' : 'plain';
  return publisher.lanes[lane](dialogId, () => publishOne(publisher, first), signal);
}

async function publishEach(publisher: Publisher, planned: readonly PlannedSend[]): Promise<{ sequence: number }> {
  let sequence = -1;
  for (const [index, part] of planned.entries()) {
    try {
      ({ sequence } = await publishOne(publisher, part));
    } catch (error) {
      throw withContext(error, { partsSent: index, parts: planned.length });
    }
  }
  return { sequence };
}

/** Publishes what was planned, outside of any order. */
export async function publishOne(publisher: Publisher, planned: PlannedSend): Promise<{ sequence: number }> {
  try {
    return await publishNow(publisher, planned);
  } catch (error) {
    const { answers, confirmation } = planned;
    if (answers && confirmation?.id !== undefined) noteFailed(answers, confirmation.id);
    throw error;
  }
}

async function publishNow(
  publisher: Publisher,
  { body, request, confirmation, answers }: PlannedSend,
): Promise<{ sequence: number }> {
  request.signal?.throwIfAborted();
  const isNamed = confirmation?.id !== undefined;
  const reader = isNamed || !isContent(body.event) ? undefined : publisher.inboxes.reader(body.dialogId);
  // It is sent again by every run: what a killed one had said in its place is not to be taken for what comes next.
  const after = Math.max(reader?.current?.sequence ?? -1, publisher.ownEvents.outside(body.dialogId));
  const passed = reader?.words?.passPlaced(after, (said) => isContained(body.event, said));
  if (passed) reader?.noteSaid(passed.sequence);
  const { sequence } = isNamed
    ? await publishOnce(publisher, body, request, confirmation, answers)
    : await publishUnnamed(publisher, body, request, confirmation);
  if (!isNamed && isContent(body.event)) publisher.ownEvents.claim(body.dialogId, sequence);
  reader?.noteSaid(sequence);
  return { sequence };
}

function publishUnnamed(
  publisher: Publisher,
  body: PlannedSend['body'],
  request: RequestOptions,
  confirmation: Confirmation | undefined,
): Promise<{ sequence: number }> {
  if (!confirmation) return publisher.requests.publishEvent(body, request === NO_OPTIONS ? undefined : request);
  return publishConfirmed(publisher, body, request, confirmation);
}

/** Publishes one event, unless the reader of the message it answers knows it as said. */
export async function publishOnce(
  publisher: Publisher,
  body: PlannedSend['body'],
  request: RequestOptions,
  confirmation: Confirmation,
  answers: Answerable | undefined,
): Promise<Published> {
  request.signal?.throwIfAborted();
  const reader = answers?.[READER];
  if (reader?.replaced === true) throw publisher.cutOff?.refusal(body.dialogId) ?? replaced(body.dialogId);
  if (reader && answers && confirmation.id !== undefined) {
    const isSame = (said: unknown) => isContained(body.event, said);
    const { words } = reader;
    const from = Math.max(answers.sequence, publisher.ownEvents.outside(body.dialogId));
    const placed = () => words?.takePlaced(from) ?? words?.takeNameless(answers.sequence, isSame);
    const word = words?.find(confirmation.id) ?? placed();
    if (word) {
      // Said by this body all the same: what comes later is told from it by its place.
      reader.noteSaid(word.sequence);
      publisher.ownEvents.claim(body.dialogId, word.sequence, confirmation.id);
      return { sequence: word.sequence, repeated: true };
    }
  }
  const published = await publishConfirmed(publisher, body, request, confirmation);
  if (reader) reader.noteSaid(published.sequence);
  else publisher.ownEvents.noteOutside(body.dialogId, published.sequence);
  if (confirmation.id !== undefined) {
    reader?.noteWord(confirmation.id, { sequence: published.sequence, event: body.event as MessagingEvent['event'] });
  }
  return published;
}

function replaced(dialogId: string): ConfigError {
  return new ConfigError(
    `dialog ${dialogId} has another reader by now, which gets what this one had in hand: nothing was sent`,
    { context: { dialogId } },
  );
}

/** The same error with facts added: what an error is told by is its class and code. */
export function withContext(error: unknown, facts: Readonly<Record<string, number>>): unknown {
  if (LpError.isInstance(error)) Object.assign(error, { context: { ...error.context, ...facts } });
  return error;
}
