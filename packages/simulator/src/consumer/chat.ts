// Over 300 lines: the one object that tests of bots talk through; what it stands on is in the files beside it.
import { checkOptionNames, createDeferred } from '@lp/core/internal';
import { isContent } from '../platform/messages.ts';
import type { MessageEvent } from '../platform/model.ts';
import { checkPredicate, startWaitTimer, timeoutOf } from '../wait-timeout.ts';
import { clickable, findClick } from './click.ts';
import type { ChatEvent, ConversationUpdate } from './notifications.ts';

/** A message in a chat. */
export interface ChatMessage {
  /** The text of a plain message, else undefined. */
  readonly text: string | undefined;
  /** The event as it came over the wire. */
  readonly event: MessageEvent;
  /** Its number in the dialog. */
  readonly sequence: number;
  /** The dialog it was said in. */
  readonly dialogId: string;
  /** Who said it. */
  readonly originator: { readonly id: string; readonly role: string };
  /** When, in milliseconds since 1970. */
  readonly serverTimestamp: number;
  /** The metadata that came with it. */
  readonly metadata: readonly unknown[];
}

/** One line of a chat's transcript. */
export interface TranscriptEntry {
  /** On which side it was said. */
  readonly from: 'consumer' | 'agent';
  /** In which role. */
  readonly role: string;
  /** The text, where it is one. */
  readonly text: string | undefined;
  /** Its number in the dialog. */
  readonly sequence: number;
  /** The dialog it was said in. */
  readonly dialogId: string;
  /** The event as it came over the wire. */
  readonly event: MessageEvent;
}

/** The title of a quick reply, a button or another element that can be pressed. */
export type ClickTarget = string;

interface ChatPort {
  readonly conversationId: string;
  readonly consumerId: string;
  request(type: string, body?: object, metadata?: readonly object[]): Promise<unknown>;
  storeFile(relativePath: string, content: Buffer): void;
  dispose(): Promise<void>;
}

interface Waiter {
  readonly fits: (event: ChatEvent) => boolean;
  readonly found: (event: ChatEvent) => void;
  readonly failed: (error: unknown) => void;
}

interface FollowedDialog {
  nextSequence: number;
}

/** A conversation as its consumer has it. */
export class SimulatedChat implements AsyncDisposable {
  /** The conversation it is. */
  readonly conversationId: string;
  /** Every message so far, one's own too, in order of arrival. */
  readonly transcript: TranscriptEntry[] = [];
  readonly #port: ChatPort;
  readonly #dialogs = new Map<string, FollowedDialog>();
  readonly #unread: ChatMessage[] = [];
  readonly #events: ChatEvent[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #closed = createDeferred<void>();
  #update: ConversationUpdate | undefined;
  #ended: Error | undefined;

  /** @internal */
  constructor(port: ChatPort) {
    this.#port = port;
    this.conversationId = port.conversationId;
    this.#dialogs.set(port.conversationId, { nextSequence: 0 });
  }

  /** `OPEN` or `CLOSE`: the state of the main dialog. */
  get state(): string {
    return this.#update?.state ?? 'OPEN';
  }

  /** `OPEN` until the last dialog, a survey's included, is closed. */
  get stage(): string {
    return this.#update?.stage ?? 'OPEN';
  }

  /** Resolves when the conversation is closed altogether. @throws Error when the simulator is closed first. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Says a text in the dialog that is open: the conversation itself or, after it, a survey. `metadata` travels beside it, as
   * the press of a button has it.
   */
  async say(text: string, options: { metadata?: readonly object[] } = {}): Promise<{ sequence: number }> {
    checkOptionNames('say', options, ['metadata']);
    return this.publish({ type: 'ContentEvent', contentType: 'text/plain', message: text }, options);
  }

  /** Shares a file: it is put into the platform's storage, then sent as a message. `fileType` is the end of its name (default `PNG`). `caption`: a line below it. */
  async sendFile(
    content: Uint8Array,
    options: { fileType?: string; caption?: string } = {},
  ): Promise<{ sequence: number; relativePath: string }> {
    checkOptionNames('sendFile', options, ['fileType', 'caption']);
    const { fileType = 'PNG', caption = '' } = options;
    const request = { fileType, fileSize: content.length };
    const response = await this.#port.request('ms.GenerateURLForUploadFile', request);
    const { relativePath } = response as { relativePath: string };
    this.#port.storeFile(relativePath, Buffer.from(content));
    const message = { caption, relativePath, fileType };
    return { relativePath, ...(await this.publish({ type: 'ContentEvent', contentType: 'hosted/file', message })) };
  }

  /**
   * Sends any event; resolves when it is in the conversation. It goes to the dialog named by `dialogId` (default: the one
   * that is open). `metadata` travels beside it.
   */
  async publish(
    event: MessageEvent,
    options: { metadata?: readonly object[]; dialogId?: string } = {},
  ): Promise<{ sequence: number }> {
    checkOptionNames('publish', options, ['dialogId', 'metadata']);
    const { dialogId = this.#openDialog(), metadata } = options;
    const body = { dialogId, conversationId: this.conversationId, event };
    const response = (await this.#port.request('ms.PublishEvent', body, metadata)) as { sequence: number };
    // The event follows the response: waiting for it keeps the transcript complete.
    if (event.type !== 'ChatStateEvent') {
      await this.waitForEvent((seen) => seen.dialogId === dialogId && seen.sequence === response.sequence);
    }
    return response;
  }

  /**
   * The next message of somebody else that has not been given yet, waited for `timeoutMs` of real time at most (default 5,000).
   * @throws Error that lists what was seen instead, after a time-out.
   */
  async next(options: { timeoutMs?: number } = {}): Promise<ChatMessage> {
    checkOptionNames('next', options, ['timeoutMs']);
    const timeoutMs = timeoutOf('next', options);
    while (this.#unread.length === 0) await this.#wait((event) => this.#isFromOthers(event), timeoutMs, 'message');
    return this.#unread.shift() as ChatMessage;
  }

  /**
   * The latest event that fits or, when there is none yet, the next one: a typing state, a read mark, anything. It is waited
   * for `timeoutMs` of real time at most (default 5,000).
   */
  async waitForEvent(fits: (event: ChatEvent) => boolean, options: { timeoutMs?: number } = {}): Promise<ChatEvent> {
    checkOptionNames('waitForEvent', options, ['timeoutMs']);
    checkPredicate('waitForEvent', fits);
    const timeoutMs = timeoutOf('waitForEvent', options);
    return this.#events.findLast(fits) ?? this.#wait(fits, timeoutMs, 'event that fits');
  }

  /** Shows a typing state; `COMPOSING` by default. */
  async typing(chatState = 'COMPOSING'): Promise<void> {
    await this.publish({ type: 'ChatStateEvent', chatState });
  }

  /** Marks messages as read: those of others in the open dialog, or the given sequences. */
  async read(sequences?: readonly number[]): Promise<void> {
    await this.#accept('READ', sequences);
  }

  /** Marks messages as arrived. */
  async accept(sequences?: readonly number[]): Promise<void> {
    await this.#accept('ACCEPT', sequences);
  }

  /** Presses the element of this title in the newest message that has one. @throws Error that lists what can be pressed. */
  async click(title: ClickTarget): Promise<void> {
    for (const { event, sequence, dialogId } of [...this.transcript].reverse()) {
      const click = findClick(event, title);
      if (!click) continue;
      const options = { metadata: click.metadata, dialogId };
      await this.publish({ type: 'AcceptStatusEvent', status: 'ACTION', sequenceList: [sequence] }, options);
      for (const message of click.texts) {
        await this.publish({ type: 'ContentEvent', contentType: 'text/plain', message }, options);
      }
      return;
    }
    const titles = this.transcript.flatMap(({ event }) => clickable(event));
    throw new Error(`there is nothing to press with that title; there are: ${titles.join(', ') || 'none'}`);
  }

  /** Rates the conversation, 1 to 5; with `resolved` it says too whether its matter was settled. */
  async rate(csatRate: number, options: { resolved?: boolean } = {}): Promise<void> {
    checkOptionNames('rate', options, ['resolved']);
    await this.#updateField({
      field: 'CSATRate',
      csatRate,
      csatResolutionConfirmation: options.resolved ?? true,
      status: 'FILLED',
    });
  }

  /** Ends the conversation as a consumer does: its main dialog is closed, and a survey follows where the skill has one. */
  async close(): Promise<void> {
    const dialog = { dialogId: this.#openDialog(), state: 'CLOSE', closedBy: 'CONSUMER' };
    await this.#updateField({ field: 'DialogChange', type: 'UPDATE', dialog });
  }

  /** Closes the consumer's socket. The conversation stays as it is: use `close()` to end it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#port.dispose();
  }

  /** @internal The dialogs whose events are asked for, and from where on. */
  get followed(): { dialogId: string; fromSeq: number }[] {
    return [...this.#dialogs].map(([dialogId, { nextSequence }]) => ({ dialogId, fromSeq: nextSequence }));
  }

  /** @internal Whether a dialog is one of this conversation. */
  owns(dialogId: string): boolean {
    return this.#dialogs.has(dialogId);
  }

  /** @internal Asks for a dialog's events. */
  async follow(dialogId: string): Promise<void> {
    if (!this.#dialogs.has(dialogId)) this.#dialogs.set(dialogId, { nextSequence: 0 });
    await this.#port.request('ms.SubscribeMessagingEvents', {
      dialogId,
      conversationId: this.conversationId,
      fromSeq: 0,
    });
  }

  /** @internal Takes in what comes over the consumer's socket; what has been seen is left out. */
  received(event: ChatEvent): void {
    const dialog = this.#dialogs.get(event.dialogId);
    const { sequence } = event;
    if (!dialog || (sequence !== undefined && sequence < dialog.nextSequence)) return;
    if (sequence !== undefined) dialog.nextSequence = sequence + 1;
    this.#shareIds(event);
    this.#events.push(event);
    if (isContent(event.event)) this.#messageReceived(event);
    for (const waiter of [...this.#waiters]) {
      // The predicate is a test's own: what it throws is its wait's, and nobody else's.
      try {
        if (waiter.fits(event)) waiter.found(event);
      } catch (error) {
        waiter.failed(error);
      }
    }
  }

  /** @internal Ends every wait: nothing more comes. */
  ended(error: Error): void {
    this.#ended = error;
    for (const waiter of [...this.#waiters]) waiter.failed(error);
    this.#closed.promise.catch(() => undefined);
    this.#closed.reject(error);
  }

  /** @internal Takes in how the conversation stands, and follows dialogs that were opened. */
  updated(update: ConversationUpdate): void {
    this.#update = update;
    for (const { dialogId, state } of update.dialogs) {
      if (this.#dialogs.has(dialogId) || state !== 'OPEN') continue;
      // The socket may be closing; then the dialog is asked for after the next connect.
      this.follow(dialogId).catch(() => undefined);
    }
    if (update.stage === 'CLOSE') this.#closed.resolve();
  }

  /** Each frame was parsed with ids of its own: those of the chat take their place, as ten thousand chats hold many. */
  #shareIds(event: { -readonly [K in keyof ChatEvent]: ChatEvent[K] } & { conversationId?: string }): void {
    const { conversationId, consumerId } = this.#port;
    if (event.dialogId === conversationId) event.dialogId = conversationId;
    if (event.conversationId === conversationId) event.conversationId = conversationId;
    if (event.originatorId === consumerId) event.originatorId = consumerId;
    if (event.originatorMetadata.id === event.originatorId) {
      event.originatorMetadata = { ...event.originatorMetadata, id: event.originatorId };
    }
  }

  #messageReceived(event: ChatEvent): void {
    const { sequence = -1, serverTimestamp = 0, dialogId, originatorMetadata } = event;
    const { message } = event.event as { message?: unknown };
    const text = typeof message === 'string' ? message : undefined;
    const { role } = originatorMetadata;
    const line = { text, sequence, dialogId, event: event.event };
    this.transcript.push({ from: role === 'CONSUMER' ? 'consumer' : 'agent', role, ...line });
    if (!this.#isFromOthers(event)) return;
    this.#unread.push({ ...line, originator: originatorMetadata, serverTimestamp, metadata: event.metadata ?? [] });
  }

  #isFromOthers(event: ChatEvent): boolean {
    return isContent(event.event) && event.originatorId !== this.#port.consumerId;
  }

  async #wait(fits: (event: ChatEvent) => boolean, timeoutMs: number, what: string): Promise<ChatEvent> {
    const deferred = createDeferred<ChatEvent>();
    if (this.#ended) throw this.#ended;
    const waiter: Waiter = { fits, found: deferred.resolve, failed: deferred.reject };
    const timer = startWaitTimer(timeoutMs, () =>
      deferred.reject(new Error(`no ${what} came within ${timeoutMs} ms; seen: ${this.#seen()}`)),
    );
    this.#waiters.push(waiter);
    try {
      return await deferred.promise;
    } finally {
      timer.cancel();
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    }
  }

  /** What happened, without what was said: the transcript has that. */
  #seen(): string {
    const lines = this.#events.map(({ event, sequence, originatorMetadata }) => {
      const detail = (event['status'] ?? event['chatState'] ?? event['contentType'] ?? '') as string;
      const number = sequence === undefined ? '' : `#${sequence} `;
      return `${number}${event.type} ${detail} by ${originatorMetadata.role}`;
    });
    return [...lines, `conversation ${this.state}`].join('; ');
  }

  #openDialog(): string {
    return this.#update?.dialogs.find((dialog) => dialog.state === 'OPEN')?.dialogId ?? this.conversationId;
  }

  async #accept(status: string, sequences?: readonly number[]): Promise<void> {
    const dialogId = this.#openDialog();
    const others = this.transcript.filter((entry) => entry.dialogId === dialogId && entry.from === 'agent');
    const sequenceList = sequences ?? others.map((entry) => entry.sequence);
    if (sequenceList.length > 0) await this.publish({ type: 'AcceptStatusEvent', status, sequenceList }, { dialogId });
  }

  async #updateField(conversationField: object): Promise<void> {
    await this.#port.request('cm.UpdateConversationField', {
      conversationId: this.conversationId,
      conversationField: [conversationField],
    });
  }
}
