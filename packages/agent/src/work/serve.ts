import { type BackoffPolicy, backoffDelay, type ClockTimer, ConfigError, FencedError, type Stream } from '@lp/core';
import { createDeferred, sleep, toError } from '@lp/core/internal';
import type { RequestBody, Role } from '@lp/schemas';
import { Conversation } from '../conversation/conversation.ts';
import type { ConversationState } from '../inbound/conversation-store.ts';
import { isRefusal } from '../link/call.ts';
import { checkKeys } from '../link/check-keys.ts';
import type { SubscriptionHandle } from '../link/desired-state.ts';
import { openConversations, type WorkParts } from './conversation-query.ts';
import type { Ring } from './ring.ts';

type Availability = RequestBody<'setAgentState'>['availability'];

/** How conversations are taken and given back. */
export interface ServeOptions {
  /** Stops serving: rings are no longer accepted, handlers get what they have still to read, then their streams end. */
  signal?: AbortSignal | undefined;
  /** How many conversations are handled at once; further rings are rejected, so that other agents get them. Default: no limit. */
  concurrency?: number | undefined;
  /** Only rings of these skills are accepted; others are rejected. Default: all. */
  skillIds?: readonly string[] | undefined;
  /** Decides on each ring that the options above let through. Default: accept. When it throws, the ring is left to expire. */
  acceptRing?: ((ring: Ring) => boolean | Promise<boolean>) | undefined;
  /** The roles whose conversations are handled; default `ASSIGNED_AGENT` only. */
  roles?: readonly Role[] | undefined;
  /** Set while `concurrency` is reached, and `ONLINE` again after. Default: the state is left alone. */
  availabilityWhenFull?: Availability | undefined;
  /** How long handlers may take to finish when serving stops, in milliseconds; default 30,000. */
  drainTimeoutMs?: number | undefined;
  /** Gives the conversations back to the queue when serving stops; default false. */
  returnToQueue?: boolean | undefined;
  /**
   * How often the platform is asked which conversations have changed lately, in milliseconds; default 60,000, `false` =
   * never. A notification that got lost on a connection that lives is found out this way, at two requests each time.
   */
  auditIntervalMs?: number | false | undefined;
  /** Set when serving stops; default: the state is left alone. */
  availabilityAfter?: Availability | undefined;
}

/** Handles one conversation; ends when the conversation has ended or has left this agent. */
export type ConversationHandler = (conversation: Conversation) => Promise<void>;

interface Service {
  readonly conversationId: string;
  readonly streams: Set<Stream<unknown>>;
  /** Ends the pause before the handler is run again. One for each: a signal that all shared would warn of its listeners. */
  readonly pause: AbortController;
  /** False once the conversation has left this agent. */
  mine: boolean;
}

const SERVE_OPTIONS: readonly (keyof ServeOptions)[] = [
  'signal',
  'concurrency',
  'skillIds',
  'acceptRing',
  'roles',
  'availabilityWhenFull',
  'drainTimeoutMs',
  'returnToQueue',
  'auditIntervalMs',
  'availabilityAfter',
];
const DEFAULT_DRAIN_MS = 30_000;
const DEFAULT_AUDIT_MS = 60_000;
// The platform's clock may differ from this machine's.
const AUDIT_MARGIN_MS = 60_000;
const LONGEST_ARRIVAL_MS = 30_000;
// A handler that failed is run again, for a conversation must not go deaf; slower and slower, for it may never succeed.
const HANDLER_RETRY: BackoffPolicy = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 'full' };

/** Runs one serial handler for each conversation of this agent, and accepts the rings that lead to them. */
export class ConversationServer {
  readonly #parts: WorkParts;
  readonly #handler: ConversationHandler;
  readonly #options: ServeOptions;
  readonly #roles: ReadonlySet<Role>;
  readonly #services = new Map<string, Service>();
  readonly #expected = new Map<string, ClockTimer>();
  readonly #running = new Map<Service, Promise<void>>();
  readonly #stopped = createDeferred<void>();
  readonly #abort = new AbortController();
  #full = false;

  constructor(parts: WorkParts, handler: ConversationHandler, options: ServeOptions) {
    const { auditIntervalMs = DEFAULT_AUDIT_MS, concurrency } = options;
    if (concurrency !== undefined && !(concurrency >= 1))
      throw new ConfigError('serve: concurrency must be at least 1');
    if (typeof handler !== 'function') throw new ConfigError('serve: the handler must be a function');
    checkKeys('serve', options, SERVE_OPTIONS);
    if (auditIntervalMs !== false && !(auditIntervalMs > 0))
      throw new ConfigError('serve: auditIntervalMs must be above 0, or false for never');
    this.#parts = parts;
    this.#handler = handler;
    this.#options = options;
    this.#roles = new Set(options.roles ?? ['ASSIGNED_AGENT']);
  }

  /** Serves until stopped. `rings` ends with the agent. */
  async run(
    rings: Stream<Ring>,
    subscribe: (onLost: (error: Error) => void) => Promise<SubscriptionHandle>,
  ): Promise<void> {
    const { signal } = this.#options;
    if (signal?.aborted === true) return rings.close();
    const stop = () => this.#stopped.resolve();
    signal?.addEventListener('abort', stop, { once: true });
    const unwatch = this.#parts.store.onChange((state) => this.#see(state));
    const ringLoop = this.#takeRings(rings);
    let subscription: SubscriptionHandle | undefined;
    try {
      subscription = await subscribe((error) => this.#stopped.reject(error));
      for (const state of this.#parts.store.all()) this.#see(state);
      void this.#findOlder();
      void this.#audit();
      await Promise.race([this.#stopped.promise, ringLoop]);
    } finally {
      signal?.removeEventListener('abort', stop);
      unwatch();
      await rings[Symbol.asyncDispose]();
      await this.#drain();
      await this.#unsubscribe(subscription);
    }
  }

  /** A conversation that is this agent's gets a handler; one that is no longer ends its handler's streams. */
  #see(state: ConversationState): void {
    const { conversationId, details, ended, gone } = state;
    const service = this.#services.get(conversationId);
    const mine = !ended && !gone && details?.myRoles.some((role) => this.#roles.has(role)) === true;
    if (mine && !service) this.#start(conversationId);
    if (mine || !service) return;
    service.mine = false;
    service.pause.abort();
    // A conversation that has ended ends its streams itself, after their last event.
    if (!ended) closeAll(service.streams);
    if (!this.#running.has(service)) this.#services.delete(conversationId);
  }

  #start(conversationId: string): void {
    const service: Service = { conversationId, streams: new Set(), pause: new AbortController(), mine: true };
    this.#services.set(conversationId, service);
    this.#forget(conversationId);
    const run = this.#serve(service).finally(() => this.#finished(service));
    this.#running.set(service, run);
    this.#updateFullness();
  }

  async #serve(service: Service): Promise<void> {
    const { conversationId, streams, pause } = service;
    for (let failures = 1; ; failures++) {
      const startedAt = this.#parts.clock.now();
      try {
        const conversation = new Conversation(this.#parts, conversationId, streams);
        await this.#handler(conversation);
        return await conversation.settle();
      } catch (error) {
        // Another process goes on in this one's place: nothing more is to be handled here.
        if (FencedError.isInstance(error)) this.#stopped.reject(error);
        this.#parts.report.handlerError('serve', error, conversationId);
      } finally {
        closeAll(streams);
      }
      if (!service.mine) return;
      if (this.#parts.clock.now() - startedAt > HANDLER_RETRY.maxMs) failures = 1;
      const delayMs = backoffDelay(HANDLER_RETRY, failures);
      try {
        await sleep(this.#parts.clock, delayMs, { signal: pause.signal });
      } catch {
        return;
      }
    }
  }

  #finished(service: Service): void {
    this.#running.delete(service);
    // A handler that has returned is done with its conversation until that leaves and comes back.
    if (!service.mine) {
      this.#services.delete(service.conversationId);
      if (!this.#abort.signal.aborted) this.#see(this.#parts.store.get(service.conversationId));
    }
    this.#updateFullness();
  }

  /** The first notification of a subscription holds about 1,000 conversations, the newest: the others are asked for. Never rejects. */
  async #findOlder(): Promise<void> {
    const { clock, report } = this.#parts;
    const { signal } = this.#abort;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        // Each is seen where the store changes, before it gets here.
        for await (const _ of openConversations(this.#parts, { agentIds: 'me', follow: false, signal }));
        return;
      } catch (error) {
        if (signal.aborted) return;
        report.logger.warn('older conversations could not be asked for', { error: toError(error).name });
      }
      await sleep(clock, backoffDelay(HANDLER_RETRY, failures), { signal }).catch(() => undefined);
    }
  }

  /** Asks again and again for what has changed lately: what that brings goes the way of any notification. Never rejects. */
  async #audit(): Promise<void> {
    const { auditIntervalMs = DEFAULT_AUDIT_MS } = this.#options;
    const { clock, identity, report, requests } = this.#parts;
    const { signal } = this.#abort;
    while (auditIntervalMs !== false && !signal.aborted) {
      try {
        await sleep(clock, auditIntervalMs, { signal, background: true });
        const subscription = await requests.subscribeExConversations(
          {
            stage: ['OPEN'],
            agentIds: [identity.oldId],
            minLastUpdatedTime: Math.max(0, clock.now() - 2 * auditIntervalMs - AUDIT_MARGIN_MS),
          },
          { signal },
        );
        await this.#unsubscribe(subscription);
      } catch (error) {
        if (!signal.aborted)
          report.logger.debug('an audit of the conversations failed', { error: toError(error).name });
      }
    }
  }

  async #takeRings(rings: Stream<Ring>): Promise<void> {
    for await (const ring of rings) void this.#answer(ring);
  }

  async #answer(ring: Ring): Promise<void> {
    try {
      if (!this.#hasRoomFor(ring)) return await ring.reject();
      // The place is taken while the decision is made, so that others do not take it meanwhile.
      this.#expect(ring.conversationId);
      const wanted = (await this.#options.acceptRing?.(ring)) ?? true;
      // Serving may have stopped while the answer was awaited: nobody would handle the conversation.
      if (!wanted || this.#abort.signal.aborted) {
        this.#forget(ring.conversationId);
        this.#updateFullness();
        return await ring.reject();
      }
      await ring.accept({ wait: false });
    } catch (error) {
      this.#forget(ring.conversationId);
      this.#updateFullness();
      // Another agent was faster, or the consumer has left: nothing is wrong.
      if (isRefusal(error))
        this.#parts.report.logger.debug('a ring was gone before it was answered', { ringId: ring.ringId });
      else this.#parts.report.handlerError('acceptRing', error, ring.conversationId);
    }
  }

  /** Counts a conversation that was accepted and has not appeared yet; not for ever, since it may never do. */
  #expect(conversationId: string): void {
    this.#forget(conversationId);
    const late = () => {
      this.#forget(conversationId);
      this.#updateFullness();
    };
    this.#expected.set(conversationId, this.#parts.clock.setTimer(late, LONGEST_ARRIVAL_MS, { background: true }));
    this.#updateFullness();
  }

  #forget(conversationId: string): void {
    this.#expected.get(conversationId)?.cancel();
    this.#expected.delete(conversationId);
  }

  #hasRoomFor({ skillId, conversationId }: Ring): boolean {
    const { skillIds, concurrency = Infinity } = this.#options;
    if (skillIds && (skillId === undefined || !skillIds.includes(skillId))) return false;
    return this.#services.has(conversationId) || this.#load < concurrency;
  }

  get #load(): number {
    return this.#running.size + this.#expected.size;
  }

  #updateFullness(): void {
    const { availabilityWhenFull, concurrency = Infinity } = this.#options;
    const full = this.#load >= concurrency;
    if (!availabilityWhenFull || full === this.#full || this.#abort.signal.aborted) return;
    this.#full = full;
    void this.#setAvailability(full ? availabilityWhenFull : 'ONLINE');
  }

  async #setAvailability(availability: Availability): Promise<void> {
    try {
      await this.#parts.requests.setAgentState({ availability });
    } catch (error) {
      this.#parts.report.handlerError('setAgentState', error);
    }
  }

  async #drain(): Promise<void> {
    const { availabilityAfter, drainTimeoutMs = DEFAULT_DRAIN_MS, returnToQueue = false } = this.#options;
    this.#abort.abort(new Error('serving has stopped'));
    for (const { pause } of this.#services.values()) pause.abort();
    for (const conversationId of [...this.#expected.keys()]) this.#forget(conversationId);
    if (availabilityAfter) await this.#setAvailability(availabilityAfter);
    const mine = [...this.#services.values()].filter((service) => service.mine);
    // Those of conversations that have ended come to their own end.
    for (const { streams } of mine) closeAll(streams);
    const done = new AbortController();
    const stop = () => done.abort();
    this.#parts.lifetime.closed.addEventListener('abort', stop, { once: true });
    if (this.#parts.lifetime.closed.aborted) stop();
    const late = sleep(this.#parts.clock, drainTimeoutMs, { signal: done.signal }).then(
      () =>
        this.#parts.report.logger.warn('handlers were still at work when serving stopped', {
          handlers: this.#running.size,
        }),
      () => undefined,
    );
    await Promise.race([Promise.all(this.#running.values()), late]);
    this.#parts.lifetime.closed.removeEventListener('abort', stop);
    done.abort();
    if (returnToQueue) await Promise.all(mine.map(({ conversationId }) => this.#giveBack(conversationId)));
  }

  async #unsubscribe(subscription: SubscriptionHandle | undefined): Promise<void> {
    try {
      if (subscription) await this.#parts.requests.unsubscribeExConversations(subscription);
    } catch (error) {
      // The connection may be gone already, and the subscription with it.
      this.#parts.report.logger.debug('a subscription could not be given up', { error: toError(error).name });
    }
  }

  async #giveBack(conversationId: string): Promise<void> {
    try {
      await new Conversation(this.#parts, conversationId).backToQueue();
    } catch (error) {
      this.#parts.report.logger.warn('a conversation could not be given back to its queue', {
        conversationId,
        error: toError(error).name,
      });
    }
  }
}

function closeAll(streams: ReadonlySet<Stream<unknown>>): void {
  for (const stream of streams) stream.close();
}
