// Over 300 lines: the one object that users type against; most of it is what they read, the work is done in the files beside it.
import { ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { checkObject, checkOptionNames, checkStreamOptions, optionsChecker, toError } from '@lp/core/internal';
import type { PublishableEvent, RichContent, Role } from '@lp/schemas';
import type { Gap } from '../dialog/dialog-types.ts';
import { briefOf, type ConversationState } from '../inbound/conversation-store.ts';
import type {
  AgentStateChange,
  ConversationChange,
  ConversationDetails,
  ConversationField,
  MessagingEvent,
  RoutingTaskChange,
} from '../inbound/mapping/index.ts';
import type { Notification } from '../inbound/router.ts';
import { checkOptions } from '../link/call.ts';
import type { RequestOptions } from '../link/request-options.ts';
import type { UserProfile } from '../link/user-profile.ts';
import { type AskOptions, ask, type Question } from './ask.ts';
import { consumerOf } from './consumer.ts';
import type { ConversationParts } from './conversation-parts.ts';
import {
  agentStatesOf,
  type ChatStateChange,
  changesOf,
  conversationNeed,
  notificationsOf,
  routingTasksOf,
  typingOf,
} from './conversation-streams.ts';
import { checkDefinition, type DataDefinition } from './data.ts';
import { type FileData, fetchFile } from './files.ts';
import { type HandOffOptions, type HandOffTarget, handOff } from './hand-off.ts';
import type { Inbox } from './inbox.ts';
import { located } from './located.ts';
import { dialogIdsOf, mainDialogIdOf, unknownDetails } from './main-dialog.ts';
import type { Message } from './message.ts';
import type { OpenStreams } from './open-streams.ts';
import { PlainPlaces } from './plain-places.ts';
import {
  type EventsOptions,
  type MessagesOptions,
  type NewestOptions,
  newestMessages,
  openEventsAndGaps,
  openMessages,
} from './reading.ts';
import type { AnswerTo, TextOptions } from './reply-options.ts';
import type { Said } from './said.ts';
import { richEvent, say } from './say.ts';
import { NO_OPTIONS, planSend, publishInOrder, type SendOptions } from './sending.ts';
import type { TextSource } from './text-source.ts';
import { backToQueueFields, transferToAgentFields, transferToSkillFields } from './transfer.ts';
import { withTyping } from './typing.ts';
import { type UploadOptions, upload } from './upload.ts';
import type { StandardSchema, Validation } from './validation.ts';

/** A role that can be taken. */
export type JoinRole = 'MANAGER' | 'READER' | 'ASSIGNED_AGENT' | 'AGENT' | 'CONTROLLER';

/** One conversation: what is known of it, what happens in it, and what can be done in it. */
export class Conversation {
  /** The platform's id of the conversation; that of its main dialog is the same. */
  readonly conversationId: string;
  readonly #parts: ConversationParts;
  readonly #streams: OpenStreams | undefined;
  #state: ConversationState;
  #inbox: Inbox | undefined;
  /** Opened before any loop. */
  #early: Inbox | undefined;
  // Made when one is answered: there may be many thousands of conversations.
  #places: PlainPlaces | undefined;

  /** @internal Use `agent.conversation(id)`. With `streams`, every stream opened through this object is noted there. */
  constructor(parts: ConversationParts, conversationId: string, streams?: OpenStreams) {
    this.conversationId = conversationId;
    this.#parts = parts;
    this.#streams = streams;
    this.#state = parts.store.get(conversationId);
  }

  /**
   * The newest the platform has told of it. Empty but for the id until a subscription covers the conversation; stays at
   * the last known when none does any more. Whoever asks gets the same object until there is news: do not write into it.
   */
  get details(): ConversationDetails {
    return this.#current().details ?? unknownDetails(this.conversationId);
  }

  /** What this agent is in it: undefined for somebody who takes no part. A suggested agent takes no part yet. */
  get myRole(): Role | undefined {
    return briefOf(this.#current())?.myRole;
  }

  /** The consumer's id, the same in both id spaces; undefined while nothing is known of it. */
  get consumerId(): string | undefined {
    return consumerOf(briefOf(this.#current()));
  }

  /**
   * What is said in it, in order, each once, across reconnects; see docs/streams.md. Ends when the dialog has ended.
   * Asking for the next message says that the one before was handled: until then it comes again after a restart.
   *
   * @example
   * for await (const message of conversation.messages({ from: 'consumer' })) await message.reply('I have read it.');
   *
   * @throws ConfigError for wrong options; at the first read when the dialog has a reader that handles it already.
   */
  messages(options: MessagesOptions = {}): Stream<Message> {
    checkObject('messages', options);
    const place = this.#place(options.dialogId);
    const early = (options.start ?? 'unhandled') === 'unhandled' ? this.#leaveEarly(place.dialogId) : undefined;
    const { stream, inbox } = openMessages(this.#parts, place, options, early);
    if (inbox && !this.#early?.asking) this.#inbox = inbox;
    // A loop that begins anew says anew what it had said.
    if (inbox) this.#places = undefined;
    return this.#note(this.#covered(stream, 'conversation.messages'));
  }

  /**
   * Says a question and gives its answer, which no loop sees: the first message after the question. In the body of a
   * loop, the question belongs to the message being handled; before any loop it is asked and answered once in the dialog.
   * A bot that is killed and started again finds what it has asked and what was answered, and goes on from there; code
   * between two questions runs again.
   *
   * @example
   * const size = await conversation.ask('Which size?', { choices: ['S', 'M', 'L'] });
   * const mail = await conversation.ask('Your e-mail?', { validate: z.email(), retry: 'That is no address.' });
   *
   * @throws NoAnswerError whose `reason` says why there is none. @throws ConfigError for wrong options, a second question
   * while one is open, and outside of the body of a loop that waits.
   */
  ask<const C extends string>(
    question: string | RichContent,
    options: {
      /** The answers that count, shown as quick replies; a pressed one and a typed one are told by the text, in any case and as phones write it. */
      choices: readonly C[];
    } & AskOptions,
  ): Promise<C>;
  // Before functions: schemas of some libraries are functions too, which give their complaints instead of throwing them.
  ask<T>(question: string | RichContent, options: { validate: StandardSchema<T> } & AskOptions): Promise<T>;
  ask<T>(
    question: string | RichContent,
    options: {
      /** Checks an answer: a schema, or a function that gives the value or throws. */
      validate: Validation<T>;
    } & AskOptions,
  ): Promise<T>;
  ask(question: string | RichContent, options?: AskOptions): Promise<string>;
  ask(question: string | RichContent, options: Question = {}): Promise<unknown> {
    const { conversationId } = this;
    return ask(
      this.#parts,
      {
        inbox: () => this.#handling(options.dialogId),
        /** The platform's id of the conversation; that of its main dialog is the same. */
        conversationId,
      },
      question,
      options,
    );
  }

  /**
   * What the bot remembers of a dialog, the one named by `dialogId` (default: the main one): a draft to be changed in place, the same object within
   * one body. It is kept together with the position when the message is handled, and dropped when the body fails. At most
   * 16 KiB of JSON a dialog (`maxDataBytes`), all definitions together.
   *
   * @example
   * const cart = await conversation.data(Cart); // made by `defineData`
   * cart.items.push('book');
   *
   * @throws ConfigError when what is kept fits neither the schema nor `migrate`, and where the store keeps positions only.
   */
  async data<T>(definition: DataDefinition<T>, options: { dialogId?: string } = {}): Promise<T> {
    checkDefinition(definition);
    const check = optionsChecker(options, 'data');
    check.texts(['dialogId']);
    check.nothingElse();
    return await this.#handling(options.dialogId).data(definition);
  }

  /**
   * What was said last, by all, oldest first: `last` messages (50) below `before` (a sequence, excluded), fewer when there
   * are fewer. Own private messages are among them, see `audience`. Moves no position and marks nothing as read.
   *
   * @example
   * for (const message of await conversation.history({ last: 10 })) console.log(message.text);
   */
  async history(options: NewestOptions = {}): Promise<readonly Message[]> {
    checkObject('history', options);
    return await newestMessages(this.#parts, this.#place(options.dialogId), options);
  }

  /** Everything that happens in a dialog (content, receipts, typing), in order, each once; a hole that cannot be filled is a {@link Gap}. */
  events(options: EventsOptions = {}): Stream<MessagingEvent | Gap> {
    checkStreamOptions('events', options, ['start'], ['dialogId']);
    const stream = openEventsAndGaps(this.#parts, this.#place(options.dialogId), options);
    return this.#note(this.#covered(stream, 'conversation.events'));
  }

  /**
   * @internal The message that the reader which handles has delivered last, until it is handled.
   */
  get current(): Message | undefined {
    return this.#inbox?.current;
  }

  /** @internal Up to which number the reader that handles is done; undefined where that is not known. */
  get handledThrough(): number | undefined {
    return this.#inbox?.handledThrough;
  }

  /** @internal What was delivered last counts as handled, since the handler that got it has ended well, or it is skipped. */
  async settle(outcome: 'handled' | 'skipped' = 'handled'): Promise<void> {
    await this.#inbox?.settle(outcome);
  }

  /**
   * Every change of it from now on; subscribes to it when it is read first, unless that was done. Above high-water only the
   * newest is kept: each holds the whole conversation.
   */
  changes(options: StreamOptions = {}): Stream<ConversationChange> {
    checkStreamOptions('changes', options);
    return this.#note(changesOf(this.#parts, this.conversationId, options));
  }

  /** Changes of its rings from now on, and the rings that wait; subscribes to them when it is read first. */
  routingTasks(options: StreamOptions = {}): Stream<RoutingTaskChange> {
    checkStreamOptions('routingTasks', options);
    return this.#note(routingTasksOf(this.#parts, this.conversationId, options));
  }

  /** Changes of the states of the agents that take part in it; subscribes to them when it is read first. */
  agentStates(options: StreamOptions = {}): Stream<AgentStateChange> {
    checkStreamOptions('agentStates', options);
    return this.#note(agentStatesOf(this.#parts, this.conversationId, options));
  }

  /**
   * Every notification about it, as received, of unknown types too; of one that tells of several conversations its own
   * part. Subscribes to the conversation when it is read first, unless that was done. The oldest are dropped above high-water.
   */
  notifications(options: StreamOptions = {}): Stream<Notification> {
    checkStreamOptions('notifications', options);
    return this.#note(notificationsOf(this.#parts, this.conversationId, options));
  }

  /** Who of the others types from now on, in the dialog named by `dialogId` (default: the main one). The oldest are dropped above high-water. */
  typing(options: StreamOptions & { dialogId?: string } = {}): Stream<ChatStateChange> {
    checkStreamOptions('typing', options, [], ['dialogId']);
    const { dialogId = this.#mainDialogId(), ...rest } = options;
    return this.#note(this.#covered(typingOf(this.#parts, dialogId, rest), 'conversation.typing'));
  }

  /**
   * Says a text, or shows structured content. A text over 8,000 characters is said in several messages, after paragraphs, lines, sentences or words; the
   * sequence given is the last one's. Of a blank text nothing is said, and the sequence is -1.
   *
   * A text that comes in pieces (an async iterable, or a function that gives one) is said as `message.reply` says it:
   * whole or by paragraphs, and once with a `key` or in reply to a message.
   *
   * @example
   * await conversation.send('Which one?', { quickReplies: ['Red', 'Blue'] });
   * await conversation.send(card({ title: 'Blue', buttons: [button('Buy', { id: 'buy-7' })] }));
   * await conversation.send(() => askModel(question), { deliver: 'paragraphs', key: 'greeting' });
   *
   * @throws what the platform or the connection says, and what a source throws; `context` then has `partsSent` and `parts` for a text in several.
   */
  send(content: TextSource, options?: SendOptions & TextOptions): Promise<Said>;
  send(content: AnswerTo, options?: SendOptions & TextOptions): Promise<{ sequence: number }>;
  async send(content: AnswerTo, options: SendOptions & TextOptions = NO_OPTIONS): Promise<{ sequence: number }> {
    const { conversationId } = this;
    try {
      const place = { conversationId, dialogId: this.#mainDialogId() };
      return await say(this.#parts, place, content, this.#counted(options));
    } catch (error) {
      throw located(error, conversationId);
    }
  }

  /**
   * Shows structured content of at most 15,000 characters of JSON.
   *
   * @example
   * await conversation.sendRichContent({ type: 'vertical', elements: [{ type: 'text', text: 'Order 4711' }] });
   */
  async sendRichContent(content: RichContent, options?: SendOptions): Promise<{ sequence: number }> {
    return await this.#publish(richEvent(content, options?.quickReplies), options);
  }

  /** Says a text that the brand's own people see, and the consumer does not. */
  async sendPrivate(text: string, options: SendOptions = {}): Promise<{ sequence: number }> {
    checkObject('sendPrivate', options);
    return await this.send(text, { ...options, audience: 'AGENTS_AND_MANAGERS' });
  }

  /** Shows the others that this agent writes (`COMPOSING`), pauses or is there. */
  async setTyping(chatState: 'ACTIVE' | 'INACTIVE' | 'GONE' | 'COMPOSING' | 'PAUSE'): Promise<void> {
    await this.#publish({ type: 'ChatStateEvent', chatState });
  }

  /** Tells the others that this agent has read these messages of the main dialog. */
  markRead(sequences: number | readonly number[]): Promise<void> {
    return this.#acknowledge('READ', sequences);
  }

  /** Tells the others that this agent has received these messages of the main dialog. */
  markAccepted(sequences: number | readonly number[]): Promise<void> {
    return this.#acknowledge('ACCEPT', sequences);
  }

  /**
   * Shows `COMPOSING` while `work` runs, repeats it, and clears it however that ends. Gives what `work` gives.
   *
   * @example
   * const order = await conversation.withTyping(() => findOrder('4711'));
   */
  async withTyping<T>(work: () => Promise<T>): Promise<T> {
    if (typeof work !== 'function') throw new ConfigError('withTyping: work must be a function');
    return await withTyping(this.#parts.clock, (chatState) => this.setTyping(chatState), work);
  }

  /**
   * Takes part, as `MANAGER` when no role is named. With `dialogId` (default: the main one) in that dialog, as a survey bot
   * does as `AGENT`.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  async join(role: JoinRole = 'MANAGER', options: { dialogId?: string } = {}): Promise<string> {
    checkOptionNames('join', options, ['dialogId']);
    return await this.update({ field: 'ParticipantsChange', type: 'ADD', role, ...options });
  }

  /**
   * Takes part no more, in whatever roles it had; as `MANAGER` when none is known.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  leave(): Promise<string> {
    const { myRoles } = this.details;
    const roles = (myRoles.length > 0 ? myRoles : ['MANAGER']) as JoinRole[];
    return this.update(roles.map((role) => ({ field: 'ParticipantsChange', type: 'REMOVE', role })));
  }

  /**
   * Gives the conversation back to its queue.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  backToQueue(): Promise<string> {
    return this.update(backToQueueFields());
  }

  /**
   * Sends the conversation to the queue of a skill; the assigned agent leaves it.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  transferToSkill(skillId: string): Promise<string> {
    return this.update(transferToSkillFields(this.details, skillId));
  }

  /**
   * Offers the conversation to another agent, by old id (`account.userId`), or by PID where conversations have shown both: the
   * platform takes no PID. The assigned agent leaves it. With `skillId` it changes its skill too.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  async transferToAgent(agentId: string, options: { skillId?: string } = {}): Promise<string> {
    checkOptionNames('transferToAgent', options, ['skillId']);
    return await this.update(transferToAgentFields(this.details, { agentId, ...options }, this.#parts));
  }

  /**
   * Hands the conversation to a skill, an agent, or back to its queue. In this order: nothing else of this agent gets out
   * any more and what is under way is awaited; `say` is said; the summary is told to colleagues alone; the transfer is
   * asked for; the platform shows that this agent has left. Then the messages so far count as handled and the loop ends:
   * just return from the handler. What is sent, typed or marked afterwards rejects with a NotInConversationError, until
   * this agent has a role in the conversation again.
   *
   * A bot that was killed in between finds what it has said. Where the transfer is refused, or not seen in time, the call
   * rejects and the bot may go on; nothing is said for you. That this agent has left is seen where a subscription covers
   * the conversation, as in a handler of `serve`.
   *
   * @example
   * await conversation.handOff({ skillId: '42' }, { say: 'A colleague takes over.', summary: 'Wants a refund.' });
   * return;
   */
  async handOff(to: HandOffTarget, options: HandOffOptions = {}): Promise<void> {
    const dialogId = this.#mainDialogId();
    const inbox = this.#inbox?.dialogId === dialogId ? this.#inbox : undefined;
    try {
      await handOff(this.#parts, { dialogId, inbox, state: this.#current() }, to, options);
    } catch (error) {
      throw located(error, this.conversationId);
    }
  }

  /**
   * Replaces the conversation's note, at most 5,000 characters.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  setNote(note: string): Promise<string> {
    return this.update({ field: 'Note', note });
  }

  /**
   * Sets how soon an answer is due: by name, or `CUSTOM` with a number of seconds.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  setTtr(
    ttr: { ttrType: 'URGENT' | 'NORMAL' | 'PRIORITIZED' } | { ttrType: 'CUSTOM'; value: number },
  ): Promise<string> {
    return this.update({ field: 'TTRField', ...ttr });
  }

  /**
   * Resolves the conversation: closes everything, without a survey.
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  close(): Promise<string> {
    return this.update({ field: 'ConversationStateField', conversationState: 'CLOSE' });
  }

  /**
   * Closes one dialog; for the main one, a survey follows where the account has one. `why` is kept with the dialog: `closedBy`
   * says who did it, `closedCause` the reason in your words (default: what the platform puts there).
   * @returns the platform's own words, see `update`.
   * @throws what `update` throws.
   */
  async closeDialog(
    dialogId: string = this.#mainDialogId(),
    why: { closedBy?: 'AGENT' | 'CONSUMER' | 'SYSTEM'; closedCause?: string } = {},
  ): Promise<string> {
    checkOptionNames('closeDialog', why, ['closedBy', 'closedCause']);
    return await this.update({ field: 'DialogChange', type: 'UPDATE', dialog: { dialogId, state: 'CLOSE', ...why } });
  }

  /**
   * Makes any changes of the conversation in one request: all of them, or none when one is refused. It takes its place behind
   * confirmed sends of the conversation that were called before it and are under way, and goes all the same when they are
   * not settled in `timeoutMs` (at most 10,000): a goodbye that is not awaited arrives before the close.
   * @returns the platform's own words, which say no more than that it is done.
   * @throws RequestRejectedError when the platform refuses, with `context.conversationId`; ConfigError for a wrong input;
   * ConnectionLostError, OutcomeUnknownError or RequestTimeoutError when there is no response.
   */
  async update(
    conversationField: ConversationField | ConversationField[],
    options: RequestOptions = {},
  ): Promise<string> {
    const { conversationId } = this;
    const { clock, lanes, requests } = this.#parts;
    const change = () => requests.updateConversationField({ conversationId, conversationField }, options);
    try {
      checkOptions('updateConversationField', options);
      const { signal, timeoutMs } = options;
      const dialogIds = dialogIdsOf(briefOf(this.#current()), conversationId);
      return await lanes.across(dialogIds, change, { clock, signal, timeoutMs });
    } catch (error) {
      throw located(error, conversationId);
    }
  }

  /** The consumer's profile. @throws ConfigError while nothing is known of who the consumer is. */
  async consumer(options?: RequestOptions): Promise<UserProfile> {
    const { consumerId } = this;
    if (consumerId === undefined) {
      throw new ConfigError('the consumer is not known: subscribe to the conversation first');
    }
    return await this.#parts.requests.getUserProfile(consumerId, options);
  }

  /**
   * Sends a file of at most 5 MB; what is sent after it waits until it is stored and shown.
   *
   * @throws ConfigError for a type or a size the platform does not take and for wrong options, before anything is sent;
   * NotConnectedError when a portal's page came in the storage's place: nothing is published then.
   */
  async uploadFile(data: FileData, file: UploadOptions): Promise<{ sequence: number; relativePath: string }> {
    try {
      return await upload(this.#parts, this.#mainDialogId(), data, this.#counted(file));
    } catch (error) {
      throw located(error, this.conversationId);
    }
  }

  /**
   * The bytes of a file that was published in a conversation: `relativePath` stands in its event, and its end says of which
   * type the file is. @throws NotConnectedError when a portal's page came in the storage's place.
   */
  downloadFile(relativePath: string, options?: RequestOptions): Promise<Uint8Array> {
    return fetchFile(this.#parts, relativePath, options);
  }

  async #publish(event: PublishableEvent, options?: SendOptions): Promise<{ sequence: number }> {
    try {
      const planned = planSend(this.#parts, this.#mainDialogId(), event, this.#counted(options));
      return await publishInOrder(this.#parts, [planned]);
    } catch (error) {
      throw located(error, this.conversationId);
    }
  }

  #counted<T extends SendOptions | undefined>(options: T): T {
    if (options?.inReplyTo === undefined) return options;
    this.#places ??= new PlainPlaces();
    return this.#places.in(options);
  }

  async #acknowledge(status: 'READ' | 'ACCEPT', sequences: number | readonly number[]): Promise<void> {
    await this.#publish({ type: 'AcceptStatusEvent', status, sequenceList: [sequences].flat() });
  }

  /** The reader that handles a dialog, opened when there is none. */
  #handling(dialogId = this.#mainDialogId()): Inbox {
    if (this.#inbox?.dialogId === dialogId) return this.#inbox;
    const { stream, inbox } = openMessages(this.#parts, this.#place(dialogId), {});
    this.#note(stream);
    this.#inbox = this.#early = inbox;
    return inbox as Inbox;
  }

  /** What came before the loop is handled when the loop begins. */
  #leaveEarly(dialogId: string): Promise<void> | undefined {
    const early = this.#early;
    // While a question of it is open it stays, and the loop is refused.
    if (early?.dialogId !== dialogId || early.asking) return undefined;
    this.#early = undefined;
    const settled = early.ended ? undefined : early.settle();
    // Its failure is that of the loop, which may never be read.
    settled?.catch(() => undefined);
    early.stream.close();
    return settled;
  }

  #place(dialogId = this.#mainDialogId()) {
    return {
      dialogId,
      /** The platform's id of the conversation; that of its main dialog is the same. */
      conversationId: this.conversationId,
      state: () => this.#current(),
    };
  }

  /** The main dialog has the conversation's own id, unless the platform says otherwise. */
  #mainDialogId(): string {
    return mainDialogIdOf(briefOf(this.#current()), this.conversationId);
  }

  #current(): ConversationState {
    const current = this.#parts.store.get(this.conversationId);
    if (briefOf(current)) this.#state = current;
    return this.#state;
  }

  /**
   * A stream of a conversation that nothing tells of would be silent once its history is read: the conversation is
   * subscribed to, or the status says that it cannot be.
   */
  #covered<T>(stream: Stream<T>, name: string): Stream<T> {
    const { coverage, report, store } = this.#parts;
    const { conversationId } = this;
    // What is served is covered for as long: nothing need be kept or looked at for each of many thousands.
    if (this.#streams?.open === true && briefOf(store.get(conversationId))) return stream;
    const release = coverage.bring(conversationNeed(store, conversationId), (error) => {
      const facts = { stream: name, conversationId, error: toError(error).name };
      report.logger.warn('a conversation is read that nothing tells of, and cannot be subscribed to', facts);
      report.status({ type: 'uncovered', stream: name });
    });
    void stream.closed.then(release);
    return stream;
  }

  #note<S extends Stream<unknown>>(stream: S): S {
    this.#streams?.add(stream);
    return stream;
  }
}
