// Over 300 lines: one state machine: a conversation on its way through its handler, with all the ways in which that may fail.
import { ConfigError, HandlerKilledError, LpError, NoAnswerError } from '@lp/core';
import { createDeferred, type Deferred, onAbort, readable, retryAfterOf, sleep, thrownError } from '@lp/core/internal';
import { Conversation } from '../conversation/conversation.ts';
import { CutOff } from '../conversation/cut-off.ts';
import { mainDialogIdOf, mainDialogOf } from '../conversation/main-dialog.ts';
import type { Message } from '../conversation/message.ts';
import { OpenStreams } from '../conversation/open-streams.ts';
import { isFenced } from '../cursors/positions.ts';
import { isContent } from '../inbound/content.ts';
import { briefOf, type ConversationState } from '../inbound/conversation-store.ts';
import { Attempts, isRetryable } from './attempts.ts';
import type { WorkParts } from './conversation-query.ts';
import type { ConversationHandler, Decision, Failure, ServeSettings } from './serve-options.ts';

const CUT_OFF =
  'the end of the agent or of serving has cut a handler off, its message comes again where the conversation is served next';

const RETURNED = 'a handler has returned, what is said in its conversation from now on is not handled';

// Twice as many as histories are read at once by default: more would only wait, and take room meanwhile.
const STARTED_AT_ONCE = 16;

/** A conversation that is handled, or was and is still this agent's. */
interface Service {
  readonly conversationId: string;
  /** The main dialog that the handler was started for, until it is closed: it may be opened again, or another one. */
  mainDialogId: string | undefined;
  /**
   * Ends the pause before the handler is run again; made when one has failed, for there may be many thousands. One for each:
   * a signal that all shared would warn of its listeners.
   */
  pause: AbortController | undefined;
  streams: OpenStreams | undefined;
  attempts: Attempts | undefined;
  /** False while the conversation is not this agent's. */
  mine: boolean;
  /** True once it has left this agent: its handler ends, and another one begins where it has come back meanwhile. */
  left: boolean;
  /** Whether its handler runs, or is about to. */
  works: boolean;
}

/** Runs one serial handler for each conversation of this agent. */
export class HandlerRunner {
  readonly #parts: WorkParts;
  readonly #cutOff = new CutOff();
  readonly #handler: ConversationHandler;
  readonly #settings: ServeSettings;
  readonly #services = new Map<string, Service>();
  #working = 0;
  #idle: Deferred<void> | undefined;
  readonly #onChange: (conversationId: string | undefined) => void;
  readonly #onStop: (error: unknown) => void;
  readonly #due: Service[] = [];
  readonly #halted = createDeferred<void>();
  #wake = createDeferred<void>();
  #stopped = false;

  constructor(parts: {
    work: WorkParts;
    handler: ConversationHandler;
    settings: ServeSettings;
    /** Called when the number of running handlers has changed, with the conversation that has got one, or gets it next. */
    onChange: (conversationId?: string) => void;
    /** Called with an error that no conversation can survive. */
    onStop: (error: unknown) => void;
  }) {
    const { maxAttempts } = parts.settings;
    this.#parts = { ...this.#cutOff.guard(parts.work), cutOff: this.#cutOff, maxAttempts };
    this.#handler = parts.handler;
    this.#settings = parts.settings;
    this.#onChange = parts.onChange;
    this.#onStop = parts.onStop;
  }

  /** How many handlers run, those included that are about to begin. */
  get size(): number {
    return this.#working;
  }

  /** Whether the handler of a conversation runs, or is about to. */
  runs(conversationId: string): boolean {
    return this.#services.get(conversationId)?.works === true;
  }

  /** Whether a conversation is known as this agent's, and handled. */
  holds(conversationId: string): boolean {
    return this.#services.get(conversationId)?.mine === true && this.runs(conversationId);
  }

  /** This agent has taken it anew, so it has been away, told or not: whoever was done with it is so no longer. */
  renew(conversationId: string): void {
    if (this.runs(conversationId)) return;
    this.#services.delete(conversationId);
    const state = this.#parts.store.get(conversationId);
    // The word of it may have come before the response.
    if (state.doubted !== true) this.see(state);
  }

  /** The conversations that are this agent's. */
  mine(): string[] {
    return [...this.#services.values()].filter(({ mine }) => mine).map(({ conversationId }) => conversationId);
  }

  /**
   * Starts handlers until stopped; of very many at once a few at a time, as their histories are read, so that those which
   * wait for that take no room yet. They run in the asynchronous context of this call, that is of `serve()`: where a frame
   * is routed, it would be that of the first `connectAgent`, or of whoever caused a reconnect.
   */
  async start(): Promise<void> {
    while (!this.#stopped) {
      for (const service of this.#due.splice(0, STARTED_AT_ONCE)) this.#serve(service);
      if (this.#due.length > 0) await this.#turn();
      else {
        await this.#wake.promise;
        this.#wake = createDeferred();
      }
    }
  }

  /** Resolves when the histories that are waited for now have had their turn, or serving stops. */
  async #turn(): Promise<void> {
    const { backfills } = this.#parts;
    await Promise.race([backfills.run(() => Promise.resolve()), this.#halted.promise]);
  }

  /** A conversation that is this agent's gets a handler; one that is no longer ends its handler's streams. */
  see(state: ConversationState): void {
    if (this.#stopped) return;
    const { conversationId, ended, gone } = state;
    const known = briefOf(state);
    const service = this.#services.get(conversationId);
    const mine = !ended && !gone && known?.myRoles.some((role) => this.#settings.roles.includes(role)) === true;
    if (mine) {
      const main = mainDialogOf(known);
      const isClosed = main !== undefined && main.state !== 'OPEN';
      const mainDialogId = isClosed ? undefined : mainDialogIdOf(known, conversationId);
      if (service && isClosed) service.mainDialogId = undefined;
      // A handler that has returned is done with its dialog, and not with another one, or with this one opened again.
      const isAnother = main?.state === 'OPEN' && mainDialogId !== service?.mainDialogId;
      if (!service || (isAnother && !service.works)) this.#start(conversationId, mainDialogId);
      else if (!service.mine) {
        service.mine = true;
        this.#onChange(conversationId);
      }
      return;
    }
    if (!service) return;
    service.mine = false;
    service.left = true;
    service.pause?.abort();
    // A conversation that has ended ends its streams itself, after their last event.
    if (!ended) service.streams?.close();
    if (!service.works) this.#services.delete(conversationId);
  }

  /** Ends the streams of all; those of conversations that have ended come to their own end. */
  stop(): void {
    this.#stopped = true;
    for (const service of this.#due.splice(0)) this.#rest(service);
    this.#wake.resolve();
    this.#halted.resolve();
    for (const { mine, pause, streams } of this.#services.values()) {
      pause?.abort();
      if (mine) streams?.close();
    }
  }

  /** Resolves when every handler has ended. */
  async finished(): Promise<void> {
    if (this.#working === 0) return;
    this.#idle ??= createDeferred();
    await this.#idle.promise;
  }

  /** Those that are still at work have no time left: whoever serves next does what they would do. */
  cutOff(): void {
    const atWork = [...this.#services.values()].filter(({ works }) => works);
    const ids = atWork.map(({ conversationId }) => [
      conversationId,
      ...(briefOf(this.#parts.store.get(conversationId))?.dialogs.map(({ dialogId }) => dialogId) ?? []),
    ]);
    this.#cutOff.cut(ids.flat());
  }

  #start(conversationId: string, mainDialogId: string | undefined): void {
    // Key by key: what is spread into an object is kept beside it.
    const service: Service = {
      conversationId,
      mainDialogId,
      pause: undefined,
      streams: undefined,
      attempts: undefined,
      mine: true,
      left: false,
      works: true,
    };
    this.#services.set(conversationId, service);
    this.#working++;
    this.#due.push(service);
    this.#wake.resolve();
    this.#onChange(conversationId);
  }

  /** Runs the handler, as long as there is something to run it for. */
  #serve(service: Service): void {
    if (service.left || this.#stopped) return this.#done(service);
    service.streams = new OpenStreams();
    const conversation = new Conversation(this.#parts, service.conversationId, service.streams);
    const run = begin(this.#handler, conversation);
    // Instead of a function that waits: each takes room, for each conversation.
    const ended = () => void this.#ended(service, conversation, run);
    run.then(ended, ended);
  }

  async #ended(service: Service, conversation: Conversation, run: Promise<void>): Promise<void> {
    let again = false;
    try {
      let failed: { readonly error: unknown } | undefined;
      try {
        await run;
        await conversation.settle();
      } catch (error) {
        // Whatever the application throws is looked at in many places.
        failed = { error: readable(error) };
      }
      service.streams?.close();
      service.streams = undefined;
      if (failed && !this.#isEndOfWork(failed.error, service))
        again = await this.#goOn(service, conversation, failed.error);
    } finally {
      if (again) this.#serve(service);
      else this.#done(service);
    }
  }

  /** Does what is decided about a failure. False when the handler is not to run again. */
  async #goOn(service: Service, conversation: Conversation, error: unknown): Promise<boolean> {
    const { conversationId } = service;
    service.attempts ??= new Attempts();
    const { attempts } = service;
    const { current: message } = conversation;
    const { lifetime, report } = this.#parts;
    attempts.add(error, conversation);
    const isCutOff = LpError.isInstance(error) && (lifetime.ending || this.#isRefused(error, conversationId));
    if (isCutOff) report.logger.warn(CUT_OFF, { conversationId, error: error.name });
    else report.handlerError('serve', error, conversationId, { repeated: attempts.count > 1 });
    const fenced = isFenced(error);
    if (fenced) this.#onStop(error);
    // Nothing is decided any more: the message comes again where the conversation is served next. What an agent that ends
    // refuses to send arrives here before serving has stopped.
    if (service.left || this.#stopped || fenced || lifetime.ending) return false;
    const attempt = HandlerKilledError.isInstance(error) ? error.attempts : attempts.count;
    service.pause ??= new AbortController();
    const { pause } = service;
    const news = message ? undefined : this.#listen(conversation, pause.signal);
    try {
      const failure = { error, retryable: isRetryable(error), attempt, conversation, message };
      const { decision, cause } = await this.#decide(failure, attempts.spent);
      if (decision === 'stop') this.#onStop(error);
      if (decision === 'stop' || service.left || this.#stopped) return false;
      if (decision === 'retry') return await this.#sleep(attempts.pauseAfter(error), pause.signal);
      await this.#skip(conversation, message, { attempts: attempt, error, cause });
      await news?.heard;
      // What has come is worth as many attempts again.
      if (news) service.attempts = undefined;
      return !pause.signal.aborted;
    } finally {
      news?.stop();
    }
  }

  /**
   * A question that got no answer because nobody is there any more, or this process stops: the handler need not catch that.
   * One that was asked in another conversation says nothing of this one.
   */
  #isEndOfWork(error: unknown, { conversationId, mainDialogId }: Service): boolean {
    if (!NoAnswerError.isInstance(error) || !['ended', 'left', 'stopping'].includes(error.reason)) return false;
    const { dialogId } = error.context;
    const dialogs = briefOf(this.#parts.store.get(conversationId))?.dialogs ?? [];
    const own = [conversationId, mainDialogId, ...dialogs.map((dialog) => dialog.dialogId)];
    return this.#stopped || own.some((id) => id === dialogId);
  }

  /** What it asked for was refused, since it was cut off. */
  #isRefused({ code }: LpError, conversationId: string): boolean {
    return code === 'DRAINING' && this.#cutOff.refusal(conversationId) !== undefined;
  }

  async #skip(
    conversation: Conversation,
    message: Message | undefined,
    { attempts, error, cause }: { attempts: number; error: unknown; cause: unknown },
  ): Promise<void> {
    const { report } = this.#parts;
    const { conversationId, details } = conversation;
    // One that has failed before its loop, or in one that watches, has handled what it has asked and nothing else.
    const none = { dialogId: mainDialogIdOf(details, conversationId), sequence: -1 };
    const { dialogId, sequence } = message ?? none;
    await this.#settle(conversation);
    const facts = { conversationId, dialogId, sequence, attempts };
    report.logger.warn('a message was skipped, its handler failed', facts);
    const skipped = cause === undefined ? thrownError(error) : new Error('onError failed', { cause });
    report.status({ type: 'messageSkipped', ...facts, error: skipped });
  }

  /** The message counts as handled. A failure of the store was reported; one that says that another process goes on here ends all. */
  async #settle(conversation: Conversation): Promise<void> {
    try {
      await conversation.settle('skipped');
    } catch (error) {
      if (isFenced(error)) this.#onStop(error);
    }
  }

  /** `spent` are the failures that count for `maxAttempts`. */
  async #decide(failure: Failure, spent: number): Promise<{ decision: Decision; cause?: unknown }> {
    const { maxAttempts, onError } = this.#settings;
    // Without a message nothing can be skipped: a dialog that cannot be read now must not be left for good.
    const { error, message } = failure;
    const isOurs = message === undefined && LpError.isInstance(error);
    const mayBeRead = isOurs && (failure.retryable || retryAfterOf(error) > 0);
    // Right after an accept the platform may refuse what it allows a moment later; a wrong call stays wrong.
    const mayPass = failure.retryable || (isOurs && !ConfigError.isInstance(error));
    const usual = mayBeRead || (mayPass && spent < maxAttempts) ? 'retry' : 'skip';
    if (!onError) return { decision: usual };
    try {
      const decision: unknown = await onError(failure);
      if (decision === 'retry' || decision === 'skip' || decision === 'stop') return { decision };
      throw new TypeError("onError must give 'retry', 'skip' or 'stop'");
    } catch (thrown) {
      const cause = readable(thrown);
      this.#parts.report.handlerError('onError', cause, failure.conversation.conversationId);
      return { decision: 'skip', cause };
    }
  }

  /** Listens for something new to be said: a handler that fails without a message would fail again at once. */
  #listen({ conversationId, details }: Conversation, signal: AbortSignal): { heard: Promise<void>; stop: () => void } {
    const said = createDeferred<void>();
    const hear: Parameters<WorkParts['router']['attach']>[1]['live'] = ({ event, isMe }) => {
      if (!isMe && isContent(event)) said.resolve();
    };
    const dialogId = mainDialogIdOf(details, conversationId);
    const detach = this.#parts.router.attach(dialogId, { live: hear, hint: hear });
    const stop = () => {
      said.resolve();
      detach();
      stopListening();
    };
    const stopListening = onAbort(signal, stop);
    return { heard: said.promise, stop };
  }

  async #sleep(delayMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await sleep(this.#parts.clock, delayMs, { signal });
      return true;
    } catch {
      return false;
    }
  }

  #done(service: Service): void {
    this.#rest(service);
    this.#finished(service);
  }

  #rest(service: Service): void {
    service.works = false;
    this.#working--;
    if (this.#working > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #finished(service: Service): void {
    const { conversationId } = service;
    // A handler that has returned is done with its conversation until that leaves and comes back, or a dialog is opened.
    if (service.left) this.#services.delete(conversationId);
    this.see(this.#parts.store.get(conversationId));
    if (service.mine && !service.works && !this.#stopped && service.mainDialogId !== undefined) {
      this.#parts.report.logger.debug(RETURNED, { conversationId });
    }
    this.#onChange(undefined);
  }
}

/** Calls the handler; what it throws at once rejects too. */
function begin(handler: ConversationHandler, conversation: Conversation): Promise<void> {
  try {
    return Promise.resolve(handler(conversation));
  } catch (error) {
    return Promise.reject(error);
  }
}
