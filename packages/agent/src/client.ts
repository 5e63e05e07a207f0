import {
  createDomainResolver,
  createHttpClient,
  createRestClient,
  createSessionManager,
  type DomainResolver,
  type HttpClient,
  type Session,
  type SessionManager,
} from '@lp/auth';
import { type Clock, type Logger, LpError, type Stream, type StreamOptions, systemClock } from '@lp/core';
import { createLimiter, guardLogger, sleep, toError } from '@lp/core/internal';
import { type ConnectionState, createTransport, type PreparingConnection, type Transport } from '@lp/transport';
import type { Agent, AgentConnection, MessagingEventsOptions } from './agent.ts';
import type { ResolvedOptions } from './agent-options.ts';
import { createCall, createSend, type ReportInvalid } from './call.ts';
import type { AgentContext, ConnectionListener } from './context.ts';
import { Conversation } from './conversation.ts';
import { type ConversationQuery, openConversations } from './conversation-query.ts';
import { ConversationStore } from './conversation-store.ts';
import { createMemoryCursorStore } from './cursors/index.ts';
import { DesiredState } from './desired-state.ts';
import { openDialogStream } from './dialog-stream.ts';
import { OwnIdentity } from './identity.ts';
import { createRequests } from './requests.ts';
import { AgentSurveyClient, HistoryClient } from './rest/index.ts';
import { openRings, type Ring } from './ring.ts';
import { type Notification, Router } from './router.ts';
import { type ConversationHandler, ConversationServer, type ServeOptions } from './serve.ts';
import { type StatusEvent, StatusHub } from './status.ts';
import type { Gap } from './streams/index.ts';
import {
  type AgentStateChange,
  type ConversationChange,
  describeRejection,
  type MessagingEvent,
  type RoutingTaskChange,
} from './user-form/index.ts';

const REFILL_CONCURRENCY = 8;
const DRAIN_TIMEOUT_MS = 30_000;

/** Wires session, socket, requests and streams into one agent. */
export class AgentClient implements AgentConnection {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #identity: OwnIdentity;
  readonly #http: HttpClient;
  readonly #domains: DomainResolver;
  readonly #sessions: SessionManager;
  readonly #transport: Transport;
  readonly survey: AgentSurveyClient;
  readonly history: HistoryClient;
  readonly #status = new StatusHub();
  readonly #store = new ConversationStore();
  readonly #router: Router;
  readonly #desired: DesiredState;
  readonly #context: AgentContext;
  readonly #connectionListeners = new Set<ConnectionListener>();
  readonly #endListeners = new Set<(error: Error | undefined) => Promise<void>>();
  readonly #serving = new Set<Promise<void>>();
  readonly #ended: Promise<Error | undefined>;
  readonly #reportInvalid: ReportInvalid = (type, invalid) => this.#router.reportInvalid(type, invalid);
  #dialed: Session | undefined;
  #firstFailure: Error | undefined;
  #streamsEnding: Promise<unknown> | undefined;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    const { accountId, csds, interceptors = [] } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    this.#identity = new OwnIdentity(accountId);
    const shared = { clock: this.#clock, logger: this.#logger };
    this.#http = createHttpClient({
      ...shared,
      dispatcher: options.dispatcher,
      tls: options.tls,
      timeoutMs: options.requestTimeoutMs,
    });
    this.#domains = createDomainResolver({
      ...shared,
      accountId,
      csdsDomain: csds.host,
      insecure: csds.insecure,
      domains: options.domains,
      http: this.#http,
    });
    this.#sessions = createSessionManager({
      ...shared,
      accountId,
      credentials: options.credentials,
      domains: this.#domains,
      http: this.#http,
      refreshIntervalMs: options.refreshSessionIntervalMs,
      logoutOnClose: options.logoutOnClose,
      renewSpacingMs: options.reconnect ? options.reconnect.loginSpacingMs : undefined,
    });
    const rest = createRestClient({
      accountId,
      http: this.#http,
      domains: this.#domains,
      sessions: this.#sessions,
      clock: this.#clock,
    });
    this.survey = new AgentSurveyClient(rest, accountId);
    this.history = new HistoryClient(rest, accountId);
    this.#transport = this.#createTransport();
    const directory = this.#identity.createDirectory();
    this.#router = new Router({
      identity: this.#identity,
      directory,
      store: this.#store,
      status: this.#status,
      now: () => this.#clock.now(),
    });
    const send = createSend((frame, request) => this.#transport.request(frame, request), interceptors);
    const call = createCall(send, this.#identity, this.#reportInvalid);
    this.#desired = new DesiredState(call);
    const requests = createRequests({
      call,
      send,
      desired: this.#desired,
      identity: this.#identity,
      directory,
      replay: (events) => this.#router.replay(events, this.#transport.epoch),
    });
    this.#context = {
      ...shared,
      requests,
      http: this.#http,
      domains: this.#domains,
      identity: this.#identity,
      directory,
      router: this.#router,
      store: this.#store,
      status: this.#status,
      cursors: options.cursors ?? createMemoryCursorStore(),
      refills: createLimiter(options.refillConcurrency ?? REFILL_CONCURRENCY),
      onConnection: (listener) => {
        this.#connectionListeners.add(listener);
        return () => this.#connectionListeners.delete(listener);
      },
      onEnd: (listener) => {
        this.#endListeners.add(listener);
        if (this.#streamsEnding) void listener(undefined);
        return () => this.#endListeners.delete(listener);
      },
      reportHandlerError: (where, error, conversationId) => this.#reportHandlerError(where, error, conversationId),
    };
    Object.assign(this, requests);
    this.#transport.onNotification((frame) => this.#router.route(frame, this.#transport.epoch));
    void this.#followTransport();
    this.#sessions.onChange((event) => {
      if (event.type === 'sessionFailed') return;
      const { type, at, reason = 'schedule' } = event;
      this.#status.publish(type === 'sessionRenewed' ? { type, at, reason } : { type, at });
    });
    this.#ended = this.#transport.closed.then(async (error) => {
      await this.#shutDown(error);
      return error;
    });
  }

  get accountId(): string {
    return this.#options.accountId;
  }

  get agentId(): string {
    return this.#identity.agentId ?? '';
  }

  get userId(): string {
    return this.#identity.userId;
  }

  get state(): ConnectionState {
    return this.#transport.state;
  }

  get closed(): Promise<Error | undefined> {
    return this.#ended;
  }

  /** Connects; everything is released when it fails. */
  async connect(): Promise<Agent> {
    try {
      await this.#transport.connect();
    } catch (error) {
      await this.close();
      throw this.#firstFailure ?? error;
    }
    return this as unknown as Agent;
  }

  conversationChanges(options: { conversationId?: string } & StreamOptions = {}): Stream<ConversationChange> {
    const { conversationId, ...rest } = options;
    if (conversationId !== undefined) return this.conversation(conversationId).changes(rest);
    return this.#router.conversationChanges.subscribe({
      ...rest,
      overflow: { latest: (change) => change.result.convId },
      onPressure: () => this.#reportSlow('conversationChanges'),
    });
  }

  messagingEvents(options: MessagingEventsOptions = {}): Stream<MessagingEvent | Gap> {
    const { dialogId, fromSequence, start = 'unhandled', ...rest } = options;
    if (dialogId === undefined) {
      return this.#router.messagingEvents.subscribe({
        ...rest,
        overflow: 'fail',
        onPressure: () => this.#reportSlow('messagingEvents'),
      });
    }
    return openDialogStream(this.#context, {
      ...rest,
      dialogId,
      start: fromSequence === undefined ? start : fromSequence - 1,
      state: () => this.#store.get(dialogId),
    }).stream;
  }

  routingTasks(options: StreamOptions = {}): Stream<RoutingTaskChange> {
    return this.#router.routingTasks.subscribe({
      ...options,
      overflow: { latest: (change) => change.result.conversationId },
      onPressure: () => this.#reportSlow('routingTasks'),
    });
  }

  agentStates(options: StreamOptions = {}): Stream<AgentStateChange> {
    return this.#router.agentStates.subscribe({
      ...options,
      overflow: { latest: (change) => change.result.agentUserId },
      onPressure: () => this.#reportSlow('agentStates'),
    });
  }

  notifications(options: StreamOptions = {}): Stream<Notification> {
    return this.#router.notifications.subscribe({
      ...options,
      overflow: 'drop-oldest',
      onPressure: () => this.#reportSlow('notifications'),
    });
  }

  status(options: StreamOptions = {}): Stream<StatusEvent> {
    return this.#status.stream(options);
  }

  conversation(conversationId: string): Conversation {
    return new Conversation(this.#context, conversationId);
  }

  conversations(query: ConversationQuery = {}): Stream<Conversation> {
    return openConversations(this.#context, query);
  }

  rings(options: StreamOptions = {}): Stream<Ring> {
    const subscribe = async () => {
      const { subscriptionId } = await this.#desired.subscribe('subscribeRoutingTasks', {});
      return () => this.#desired.forget(subscriptionId);
    };
    return openRings({ context: this.#context, subscribe }, options);
  }

  async serve(handler: ConversationHandler, options: ServeOptions = {}): Promise<void> {
    const server = new ConversationServer(this.#context, handler, options);
    const { requests, identity } = this.#context;
    const mine = { stage: ['OPEN' as const], agentIds: [identity.oldId] };
    const serving = server.run(this.rings(), () => requests.subscribeExConversations(mine));
    const settled = serving.then(
      () => undefined,
      () => undefined,
    );
    this.#serving.add(settled);
    await serving.finally(() => this.#serving.delete(settled));
  }

  getBearerToken(): string {
    return this.#sessions.current?.bearer ?? '';
  }

  async refreshSession(): Promise<void> {
    await this.#sessions.refresh();
  }

  async reconnect(options: { renewToken?: boolean } = {}): Promise<void> {
    await this.#transport.reconnect({ reauth: options.renewToken ?? false });
  }

  drain({ timeoutMs = DRAIN_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    this.#draining ??= this.#drain(timeoutMs);
    return this.#draining;
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  #createTransport(): Transport {
    const { signal, requestTimeoutMs, reconnect, keepAlive, tls } = this.#options;
    return createTransport({
      url: ({ reason, signal: abort }) => this.#url(reason, abort),
      prepare: (connection) => this.#prepare(connection),
      describeRejection,
      clock: this.#clock,
      logger: this.#logger,
      ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
      ...(reconnect !== undefined && { reconnect }),
      ...(keepAlive !== undefined && { keepAlive }),
      ...(tls !== undefined && { tls }),
      ...(signal !== undefined && { signal }),
    });
  }

  /** The bearer stands in the URL's path: that is the platform's way. The URL is used at once and kept nowhere. */
  async #url(reason: 'first' | 'retry' | 'reauth', signal: AbortSignal): Promise<string> {
    const { accountId, apiVersion, csds, wsDomainType } = this.#options;
    const session =
      reason === 'reauth'
        ? this.#sessions.renew('the socket refused the token', { signal, unless: this.#dialed })
        : this.#sessions.session({ signal });
    const [{ bearer }, host] = await Promise.all([session, this.#domains.resolve(wsDomainType, { signal })]);
    this.#dialed = this.#sessions.current;
    this.#adopt(this.#dialed);
    const scheme = csds.insecure ? 'ws' : 'wss';
    return `${scheme}://${host}/ws_api/account/${accountId}/messaging/brand/${encodeURIComponent(bearer)}?v=${apiVersion}`;
  }

  /** The server may accept a socket and drop it: only an answer shows that it is usable. */
  async #prepare(connection: PreparingConnection): Promise<void> {
    const send = createSend(connection.request, this.#options.interceptors ?? []);
    const call = createCall(send, this.#identity, this.#reportInvalid);
    await call('getClock', undefined, { signal: connection.signal });
    if (connection.reconnected) await this.#desired.restore(call);
  }

  #adopt(session: Session | undefined): void {
    if (session) this.#identity.apply(session);
  }

  async #followTransport(): Promise<void> {
    for await (const event of this.#transport.status()) {
      if (event.type === 'reconnecting') this.#checkFirstConnect(event.error);
      if (event.type === 'disconnected') for (const listener of this.#connectionListeners) listener.connectionLost();
      if (event.type === 'reconnected') {
        for (const listener of this.#connectionListeners) listener.connectionRestored(event.epoch);
      }
      this.#status.publish(event);
    }
  }

  /** A script must not seem to hang while the transport tries again and again to connect for the first time. */
  #checkFirstConnect(error: Error | undefined): void {
    if (this.#transport.state !== 'connecting' || this.#options.firstConnect === 'retry') return;
    // The transport says which dial failed; why it did is more use to who reads it.
    this.#firstFailure = LpError.isInstance(error?.cause) ? error.cause : error;
    void this.#transport.close();
  }

  #reportSlow(stream: string): void {
    this.#status.publish({ type: 'slowConsumer', at: this.#clock.now(), stream });
  }

  #reportHandlerError(where: string, thrown: unknown, conversationId: string | undefined): void {
    const error = toError(thrown);
    const safe = { where, error: error.name, ...(conversationId !== undefined && { conversationId }) };
    this.#logger.error('code of the application failed', safe);
    const known = conversationId === undefined ? {} : { conversationId };
    this.#status.publish({ type: 'handlerError', at: this.#clock.now(), where, ...known, error });
  }

  /** Streams first, so that what they still hold can be answered; then the requests that are due; then the rest. */
  async #drain(timeoutMs: number): Promise<void> {
    const startedAt = this.#clock.now();
    const finished = new AbortController();
    const tooLate = sleep(this.#clock, timeoutMs, { signal: finished.signal }).catch(() => undefined);
    await Promise.race([Promise.all([this.#endStreams(undefined), ...this.#serving]), tooLate]);
    finished.abort();
    await this.#transport.drain({ timeoutMs: Math.max(0, startedAt + timeoutMs - this.#clock.now()) });
    await this.#ended;
  }

  /** Ends every stream after what it holds, or with an error. Resolves when all have been read out. */
  #endStreams(error: Error | undefined): Promise<unknown> {
    this.#streamsEnding ??= Promise.all([this.#router.end(error), ...[...this.#endListeners].map((end) => end(error))]);
    return this.#streamsEnding;
  }

  #shutDown(error: Error | undefined): Promise<void> {
    this.#closing ??= (async () => {
      void this.#endStreams(error);
      await this.#sessions.close();
      await this.#http.close();
      this.#status.end();
    })();
    return this.#closing;
  }
}
