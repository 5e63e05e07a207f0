import { type Clock, DrainingError, type Logger, type Stream, type StreamOptions, systemClock } from '@lp/core';
import { createLimiter, guardLogger, sleep, toError } from '@lp/core/internal';
import type { ConnectionState } from '@lp/transport';
import { AccountStreams } from './account-streams.ts';
import type { Agent, AgentConnection } from './agent.ts';
import type { AgentContext } from './context.ts';
import { OwnEvents } from './conversation/own-events.ts';
import { createMemoryCursorStore } from './cursors/index.ts';
import { ConversationStore } from './inbound/conversation-store.ts';
import { OwnIdentity } from './inbound/identity.ts';
import { Lifecycle } from './inbound/lifecycle.ts';
import { Router } from './inbound/router.ts';
import { StatusHub } from './inbound/status.ts';
import type { ResolvedOptions } from './link/agent-options.ts';
import { AgentSocket } from './link/agent-socket.ts';
import { createCall, createSend, type ReportInvalid } from './link/call.ts';
import { DesiredState } from './link/desired-state.ts';
import { createRequests } from './link/requests.ts';
import { type AccountServices, createServices } from './link/services.ts';
import { AgentSurveyClient, HistoryClient } from './rest/index.ts';
import { openRings, type Ring } from './work/ring.ts';
import { type ConversationHandler, ConversationServer, type ServeOptions } from './work/serve.ts';

const REFILL_CONCURRENCY = 8;
const DRAIN_TIMEOUT_MS = 30_000;

/** Wires session, socket, requests and streams into one agent. */
export class AgentClient extends AccountStreams implements AgentConnection {
  readonly accountId: string;
  readonly survey: AgentSurveyClient;
  readonly history: HistoryClient;
  readonly closed: Promise<Error | undefined>;
  protected readonly context: AgentContext;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #identity: OwnIdentity;
  readonly #services: AccountServices;
  readonly #socket: AgentSocket;
  readonly #status = new StatusHub();
  readonly #desired: DesiredState;
  readonly #lifecycle = new Lifecycle();
  readonly #closed = new AbortController();
  readonly #serving = new Set<Promise<void>>();
  #draining: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    super();
    const { accountId, interceptors = [] } = options;
    const shared = { clock: options.clock ?? systemClock, logger: guardLogger(options.logger) };
    const { clock } = shared;
    const store = new ConversationStore();
    const identity = new OwnIdentity(accountId);
    const directory = identity.createDirectory();
    const services = createServices(options, shared);
    const reportInvalid: ReportInvalid = (type, invalid) => router.reportInvalid(type, invalid);
    const socket = new AgentSocket({ ...shared, options, services, identity, reportInvalid, desired: () => desired });
    const { transport } = socket;
    const router = new Router({ identity, directory, store, status: this.#status, now: () => clock.now() });
    const send = createSend((frame, request) => transport.request(frame, request), interceptors);
    const call = createCall(send, identity, reportInvalid);
    const desired = new DesiredState(call, ({ what, subscriptionId, error }) => {
      shared.logger.error('the platform refuses to restore what it was asked for', { what, error: error.name });
      const id = subscriptionId === undefined ? {} : { subscriptionId };
      this.#status.publish({ type: 'restoreRefused', at: clock.now(), what, ...id, error });
    });
    const requests = createRequests({
      call,
      send,
      desired,
      identity,
      directory,
      isDraining: () => this.#draining !== undefined,
      epoch: () => transport.epoch,
      replay: (events) => router.replay(events, transport.epoch),
    });
    this.accountId = accountId;
    this.#clock = clock;
    this.#logger = shared.logger;
    this.#identity = identity;
    this.#services = services;
    this.#socket = socket;
    this.#desired = desired;
    this.survey = new AgentSurveyClient(services.rest, accountId);
    this.history = new HistoryClient(services.rest, accountId);
    this.context = {
      ...shared,
      requests,
      http: services.http,
      domains: services.domains,
      identity,
      directory,
      router,
      store,
      subscriptions: desired,
      closed: this.#closed.signal,
      status: this.#status,
      cursors: options.cursors ?? createMemoryCursorStore(),
      ownEvents: new OwnEvents(),
      refills: createLimiter(options.refillConcurrency ?? REFILL_CONCURRENCY),
      onConnection: (listener) => this.#lifecycle.onConnection(listener),
      onEnd: (listener) => this.#lifecycle.onEnd(listener),
      reportHandlerError: (where, error, conversationId) => this.#reportHandlerError(where, error, conversationId),
    };
    Object.assign(this, requests);
    transport.onNotification((frame) => router.route(frame, transport.epoch));
    services.sessions.onChange((event) => {
      if (event.type === 'sessionFailed') return;
      const { type, at, reason = 'schedule' } = event;
      this.#status.publish(type === 'sessionRenewed' ? { type, at, reason } : { type, at });
    });
    this.#lifecycle.onEnd((ending) => router.end(ending));
    const told = this.#lifecycle.follow(transport, this.#status);
    this.closed = transport.closed.then(async (error) => {
      void this.#lifecycle.endStreams({ error, drop: true });
      this.#closed.abort();
      await services.sessions.close();
      await services.http.close();
      await told;
      this.#status.end();
      return error;
    });
  }

  get agentId(): string {
    return this.#identity.agentId ?? '';
  }

  get userId(): string {
    return this.#identity.userId;
  }

  get state(): ConnectionState {
    const { state } = this.#socket.transport;
    return this.#draining && state !== 'closed' ? 'draining' : state;
  }

  /** Connects; everything is released when it fails. */
  async connect(): Promise<Agent> {
    try {
      await this.#socket.connect();
    } catch (error) {
      await this.close();
      throw error;
    }
    return this as unknown as Agent;
  }

  rings(options: StreamOptions = {}): Stream<Ring> {
    const subscribe = async (onLost: (error: Error) => void) => {
      const { subscriptionId } = await this.#desired.subscribe('subscribeRoutingTasks', {}, undefined, onLost);
      return () => this.#desired.forget(subscriptionId);
    };
    return openRings({ context: this.context, subscribe }, options);
  }

  async serve(handler: ConversationHandler, options: ServeOptions = {}): Promise<void> {
    const server = new ConversationServer(this.context, handler, options);
    const { identity } = this.context;
    const mine = { stage: ['OPEN' as const], agentIds: [identity.oldId] };
    const serving = server.run(this.rings(), (onLost) =>
      this.#desired.subscribe('subscribeExConversations', mine, undefined, onLost),
    );
    const settled = serving.then(
      () => undefined,
      () => undefined,
    );
    this.#serving.add(settled);
    await serving.finally(() => this.#serving.delete(settled));
  }

  getBearerToken(): string {
    return this.#services.sessions.current?.bearer ?? '';
  }

  async refreshSession(): Promise<void> {
    await this.#services.sessions.refresh();
  }

  async reconnect(options: { renewToken?: boolean } = {}): Promise<void> {
    if (this.#draining) throw new DrainingError('The agent is draining and does not reconnect');
    await this.#socket.transport.reconnect({ reauth: options.renewToken ?? false });
  }

  drain({ timeoutMs = DRAIN_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    this.#draining ??= this.#drain(timeoutMs);
    return this.#draining;
  }

  async close(): Promise<void> {
    // First of all: a stream whose query is cut off would take that for a failure.
    void this.#lifecycle.endStreams({ drop: true });
    await this.#socket.transport.close();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  /** Streams first, so that what they still hold can be answered; then the requests that are due; then the rest. */
  async #drain(timeoutMs: number): Promise<void> {
    const startedAt = this.#clock.now();
    const finished = new AbortController();
    const tooLate = sleep(this.#clock, timeoutMs, { signal: finished.signal }).catch(() => undefined);
    const closed = this.closed;
    await Promise.race([Promise.all([this.#lifecycle.endStreams({ drop: false }), ...this.#serving]), tooLate, closed]);
    finished.abort();
    await this.#socket.transport.drain({ timeoutMs: Math.max(0, startedAt + timeoutMs - this.#clock.now()) });
    await closed;
  }

  #reportHandlerError(where: string, thrown: unknown, conversationId: string | undefined): void {
    const error = toError(thrown);
    const known = conversationId === undefined ? {} : { conversationId };
    this.#logger.error('code of the application failed', { where, error: error.name, ...known });
    this.#status.publish({ type: 'handlerError', at: this.#clock.now(), where, ...known, error });
  }
}
