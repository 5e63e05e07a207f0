import { ConfigError } from '@lp/core';
import { abortable, jsonText, optionsChecker, timeLeft } from '@lp/core/internal';
import type { PublishableEvent, QuickReplies, RichContent } from '@lp/schemas';
import { type QuickRepliesInput, toQuickReplies } from '../content/quick-replies.ts';
import { isContent } from '../inbound/content.ts';
import type { ConversationStore } from '../inbound/conversation-store.ts';
import { type AnswerWait, endOf, noAnswer, waitForAnswer } from './answer-wait.ts';
import { choiceReplies, chosen } from './choices.ts';
import type { Published } from './confirmed-publish.ts';
import type { Inbox } from './inbox.ts';
import type { InboxParts } from './inbox-options.ts';
import { type Message, ReceivedMessage } from './message.ts';
import { reply } from './reply.ts';
import { questionId } from './send-ids.ts';
import { publishOnce } from './sending.ts';
import { MAX_TEXT_LENGTH } from './split-text.ts';
import { isValidation, type Validation, validate } from './validation.ts';

/** What a question takes besides its content. */
export interface AskOptions {
  /** Said when an answer does not count. Default: what the schema says, else the question. */
  retry?: string | undefined;
  /** How many answers are looked at; default 3. */
  attempts?: number | undefined;
  /**
   * How long an answer is waited for once the question is said or found, all attempts together, in milliseconds; default:
   * without end.
   */
  timeoutMs?: number | undefined;
  /** Gives the question up: the promise rejects with `signal.reason`, a later message goes to the loop. */
  signal?: AbortSignal | undefined;
  /** Whether a message asks to leave the question instead of answering it: the promise rejects, the loop gets the message next. */
  escape?: ((message: Message) => boolean) | undefined;
  /** Names the question, for wording that changes between versions of the program. Default: its text. */
  key?: string | undefined;
  /** Buttons below the question. */
  quickReplies?: QuickRepliesInput | undefined;
  /** Which dialog it is asked in. Default: the main one. */
  dialogId?: string | undefined;
  /** Whose messages are answers; default `others`: everybody's but this agent's. */
  from?: 'consumer' | 'others' | undefined;
}

/** A question as the public overloads put it. */
export interface Question extends AskOptions {
  choices?: readonly string[] | undefined;
  validate?: Validation<unknown> | undefined;
}

/** What asking needs. */
export type AskParts = InboxParts & { readonly store: ConversationStore };

const OPTIONS = [
  'retry',
  'attempts',
  'timeoutMs',
  'signal',
  'escape',
  'key',
  'quickReplies',
  'dialogId',
  'from',
  'choices',
  'validate',
] as const satisfies readonly (keyof Question)[];
const BEFORE_THE_LOOP = -1;

/** Says a question and gives its answer; see `Conversation.ask`. */
export async function ask(
  parts: AskParts,
  { inbox, conversationId }: { inbox: () => Inbox; conversationId: string },
  content: string | RichContent,
  options: Question,
): Promise<unknown> {
  check(content, options);
  options.signal?.throwIfAborted();
  const event = eventOf(content, options);
  const box = inbox();
  if (box.reading) {
    throw new ConfigError(
      'ask: the loop waits for a message, so that none is being handled: ask in the body of the loop',
    );
  }
  const { body } = box;
  if (body.asking) throw new ConfigError(`ask: a question is open in dialog ${box.dialogId}: await it`);
  body.asking = true;
  try {
    await abortable(box.open(), options.signal);
    return await new Asking(parts, box, conversationId, { content, event, options }).run();
  } finally {
    body.asking = false;
  }
}

/** One question on its way to an answer. */
class Asking {
  readonly #parts: AskParts;
  readonly #inbox: Inbox;
  readonly #conversationId: string;
  readonly #content: string | RichContent;
  readonly #event: PublishableEvent;
  readonly #options: Question;
  readonly #wait: AnswerWait;
  /** When the question was said or found. */
  #askedAt: number | undefined;

  constructor(
    parts: AskParts,
    inbox: Inbox,
    conversationId: string,
    { content, event, options }: { content: string | RichContent; event: PublishableEvent; options: Question },
  ) {
    this.#parts = parts;
    this.#inbox = inbox;
    this.#conversationId = conversationId;
    this.#content = content;
    this.#event = event;
    this.#options = options;
    const { from = 'others', signal } = options;
    const fits = ({ isMe, originator }: Message) => (from === 'consumer' ? originator.role === 'CONSUMER' : !isMe);
    const state = () => parts.store.get(conversationId);
    const onEvent: AnswerWait['onEvent'] = (listener) =>
      parts.router.attach(inbox.dialogId, { live: listener, hint: listener });
    const search: AnswerWait['search'] = (after) => this.#answerInHistory(after);
    const { clock } = parts;
    const patienceMs = () => options.timeoutMs && timeLeft(this.#askedAt, options.timeoutMs, clock.now());
    this.#wait = { inbox, clock, state, patienceMs, signal, fits, onEvent, search };
  }

  async run(): Promise<unknown> {
    const { attempts = 3, escape, retry } = this.#options;
    // Nothing is asked that nobody waits for.
    if (this.#inbox.ended) throw endOf(this.#wait);
    const { repeated, sequence } = await this.#say();
    this.#askedAt = this.#parts.clock.now();
    let after = sequence;
    for (let attempt = 1; ; attempt++) {
      const known = repeated && !this.#inbox.current ? await this.#answerInHistory(after) : undefined;
      const answer = known ?? (await waitForAnswer(this.#wait, after));
      if (escape?.(answer) === true)
        throw noAnswer(this.#inbox, 'escaped', 'the consumer has left the question', answer);
      this.#inbox.claim(answer);
      const result = await this.#check(answer);
      if ('value' in result) return result.value;
      if (attempt === attempts) throw noAnswer(this.#inbox, 'attempts', `none of ${attempts} answers counted`, answer);
      const { signal } = this.#options;
      const quickReplies = this.#quickReplies;
      await reply(this.#parts, answer as ReceivedMessage, retry ?? result.issue ?? this.#content, {
        key: 'retry',
        options: { quickReplies, signal },
      });
      after = answer.sequence;
    }
  }

  /** Says the question, unless an earlier run has. */
  #say(): Promise<Published> {
    const { key, signal } = this.#options;
    const { current, dialogId, body } = this.#inbox;
    const name = jsonText('ask: the question', key === undefined ? [this.#content] : [key, true]);
    const after = current?.sequence ?? BEFORE_THE_LOOP;
    const id = questionId(after, name, body.countAsked(name));
    // Behind a message that is handled its reader knows everything; what comes before the loop may stand anywhere.
    const mayBeThere = current === undefined || this.#parts.lookUp() === 'always';
    const anchor = current as ReceivedMessage | undefined;
    const publish = () =>
      publishOnce(this.#parts, { dialogId, event: this.#event }, { signal }, { after, id, mayBeThere }, anchor);
    return this.#parts.lanes.confirmed(dialogId, publish, signal);
  }

  async #check(answer: Message): Promise<{ value: unknown } | { issue: string | undefined }> {
    const { choices, validate: validation } = this.#options;
    if (validation) return await validate(validation, answer);
    const value = choices ? chosen(choices, answer) : answer.text;
    return value === undefined ? { issue: undefined } : { value };
  }

  /** An answer that was handled by an earlier run of a handler, whose position is behind it. */
  async #answerInHistory(after: number): Promise<ReceivedMessage | undefined> {
    const { dialogId } = this.#inbox;
    for await (const page of this.#parts.history.pages({ dialogId, after }, this.#options.signal)) {
      for (const event of page) {
        if (!isContent(event.event) || event.isMe) continue;
        const message = new ReceivedMessage(this.#parts, this.#conversationId, event, { recovered: true });
        if (this.#wait.fits(message))
          return this.#inbox.find(after, (one) => one.sequence === message.sequence) ?? message;
      }
    }
    return undefined;
  }

  get #quickReplies(): QuickReplies | undefined {
    return quickRepliesOf(this.#options);
  }
}

function check(content: string | RichContent, options: Question): void {
  const checker = optionsChecker(options, 'ask');
  checker.signals(['signal']);
  checker.texts(['dialogId']);
  checker.known(OPTIONS);
  checker.nothingElse();
  const { attempts = 1, choices, escape, from, key, retry, timeoutMs, validate: validation } = options;
  const rules: [boolean, string][] = [
    [
      typeof content === 'object' ? content !== null : typeof content === 'string' && content.trim() !== '',
      'the question must be a text or structured content',
    ],
    [
      typeof content !== 'string' || content.length <= MAX_TEXT_LENGTH,
      `the question must have at most ${MAX_TEXT_LENGTH} characters`,
    ],
    [Number.isSafeInteger(attempts) && attempts >= 1, 'attempts must be a whole number of at least 1'],
    [
      timeoutMs === undefined || (Number.isFinite(timeoutMs) && timeoutMs > 0),
      'timeoutMs must be a number of milliseconds above 0',
    ],
    [
      choices === undefined || (Array.isArray(choices) && choices.length > 0 && choices.every(isText)),
      'choices must be a list of texts that is not empty',
    ],
    [choices === undefined || validation === undefined, 'give either choices or validate'],
    [
      choices === undefined || options.quickReplies === undefined,
      'choices are shown as quick replies: leave quickReplies out',
    ],
    [validation === undefined || isValidation(validation), 'validate must be a function or a Standard Schema'],
    [escape === undefined || typeof escape === 'function', 'escape must be a function'],
    [key === undefined || (typeof key === 'string' && key !== ''), 'key must be a text that is not empty'],
    [
      retry === undefined || (typeof retry === 'string' && retry.trim() !== ''),
      'retry must be a text that is not empty',
    ],
    [from === undefined || from === 'consumer' || from === 'others', "from must be 'consumer' or 'others'"],
  ];
  for (const [holds, rule] of rules) if (!holds) throw new ConfigError(`ask: ${rule}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function eventOf(content: string | RichContent, options: Question): PublishableEvent {
  const quickReplies = quickRepliesOf(options);
  const event =
    typeof content === 'string'
      ? { type: 'ContentEvent', contentType: 'text/plain', message: content }
      : { type: 'RichContentEvent', content };
  return (quickReplies ? { ...event, quickReplies } : event) as PublishableEvent;
}

function quickRepliesOf({ choices, quickReplies }: Question): QuickReplies | undefined {
  if (choices) return choiceReplies(choices);
  return quickReplies && toQuickReplies(quickReplies);
}
