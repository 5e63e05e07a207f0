// Over 300 lines: the one place where all that an agent is made of is put together.
import { AuthError, ClosedError, ConfigError, DrainingError, systemClock } from '@lp/core';
import {
  abortable,
  checkOptionNames,
  createLimiter,
  guardLogger,
  optionsChecker,
  sleep,
  timeLeft,
} from '@lp/core/internal';
import { compileCheck, compileChecksWith } from '@lp/schemas/internal';
import { createAccountStreams } from './account-streams.ts';
import type { Agent, AgentConnection } from './agent.ts';
import { consumerOf } from './conversation/consumer.ts';
import { InboxRegistry } from './conversation/inbox-registry.ts';
import { OwnEvents } from './conversation/own-events.ts';
import { SendGate } from './conversation/send-gate.ts';
import { SendLanes } from './conversation/send-lanes.ts';
import { createPositions } from './cursors/positions.ts';
import { StoreHealth } from './cursors/store-health.ts';
import { AgentDialogPort } from './dialog/dialog-port.ts';
import { HistoryReader, pageSizeFor } from './dialog/history.ts';
import { fitsFilter } from './inbound/conversation-filter.ts';
import { briefOf, ConversationStore } from './inbound/conversation-store.ts';
import { Lifecycle } from './inbound/lifecycle.ts';
import { Identities } from './inbound/mapping/index.ts';
import { PlatformClock } from './inbound/platform-clock.ts';
import { createReporter } from './inbound/reporter.ts';
import { Router } from './inbound/router.ts';
import { StatusHub, toStatusEvent } from './inbound/status.ts';
import { type AgentOptions, type ResolvedOptions, resolveOptions } from './link/agent-options.ts';
import { AgentSocket } from './link/agent-socket.ts';
import { createCall, createRawRequest } from './link/call.ts';
import { Coverage } from './link/coverage.ts';
import { DesiredState } from './link/desired-state.ts';
import { createFirstConnectLog } from './link/first-connect-log.ts';
import { createAdviceLog, createAdviser } from './link/outbound-advice.ts';
import { knownAgentId } from './link/own-ids.ts';
import { patiently } from './link/patiently.ts';
import { createRequests } from './link/requests.ts';
import { createServices } from './link/services.ts';
import { steadinessOf } from './link/steadiness.ts';
import { AgentSurveyClient, HistoryClient, type ReportInvalid } from './rest/index.ts';
import type { WorkParts } from './work/conversation-query.ts';
import { openRings } from './work/ring-stream.ts';
import { ConversationServer } from './work/serve.ts';

const BACKFILL_CONCURRENCY = 8;
const DRAIN_TIMEOUT_MS = 30_000;
// The transport's own default.
const DEFAULT_MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/** An agent that is not connected yet. */
interface UnconnectedAgent {
  readonly agent: Agent;
  /** Connects; everything is released when it fails. */
  readonly connect: () => Promise<void>;
}

/**
 * Logs an agent in and connects it. Resolves when a request on the socket has got its response.
 *
 * Looks the account's hosts up, logs in, opens the socket. From then on the connection replaces itself when it is lost,
 * the session is kept fresh, and subscriptions, the agent's state and streams are restored.
 *
 * @example
 * const agent = await connectAgent({ accountId: 'le12345678', credentials: { username, clientId, clientSecret } });
 * const same = await connectAgent(credentialsFromEnv());
 *
 * @throws ConfigError for options that cannot work; InvalidCredentialsError, never retried; DomainLookupError for an
 * unknown account; any other failure of the first connection as it is, with `retryable` saying whether trying again can
 * help (see `firstConnect`). An aborted `signal` rejects with its reason. Whatever was begun is released.
 */
export async function connectAgent(options: AgentOptions): Promise<Agent> {
  compileChecksWith(compileCheck);
  const resolved = resolveOptions(options);
  resolved.signal?.throwIfAborted();
  const { agent, connect } = createAgent(resolved);
  await connect();
  return agent;
}

/** Makes an agent out of its requests, its streams, its work, and its connection's life. */
function createAgent(options: ResolvedOptions): UnconnectedAgent {
  let draining: Promise<void> | undefined;
  const serving = new Set<Promise<void>>();
  const wired = wire(options, () => draining !== undefined);
  const { atFirst, closed, lifecycle, logger, parts, reportInvalid, services, socket, status } = wired;
  const { clock, identities, requests, subscriptions } = parts;
  const { accountId } = options;
  const { transport } = socket;

  const rings: AgentConnection['rings'] = (streamOptions = {}) => {
    const subscribe = async (onLost: (error: Error) => void, signal: AbortSignal) => {
      const ask = () => subscriptions.subscribe('subscribeRoutingTasks', {}, undefined, onLost);
      const { subscriptionId } = await patiently(parts, 'subscribeRoutingTasks', ask, signal);
      return () => subscriptions.forget(subscriptionId);
    };
    return openRings({ parts, subscribe }, streamOptions);
  };

  const serve: AgentConnection['serve'] = async (handler, serveOptions = {}) => {
    const server = new ConversationServer(parts, handler, serveOptions);
    // Serving that is under way ends quietly with the agent; once the end has begun, none begins.
    if (agent.state === 'draining') throw new DrainingError('the agent is draining: it begins to serve no more');
    if (lifecycle.ending) {
      const lost = await closed;
      throw lost === undefined || options.signal?.aborted ? lifecycle.closed.reason : lost;
    }
    if (serving.size > 0) throw new ConfigError('serve: this agent serves already; end the first before the second');
    const run = server.run(rings({ capacity: Number.MAX_SAFE_INTEGER }));
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    serving.add(settled);
    await run.finally(() => serving.delete(settled));
  };

  /** Streams first, so that what they still hold can be answered; then the requests that are due; then the rest. */
  const drainAll = async (timeoutMs: number): Promise<void> => {
    const startedAt = clock.now();
    const finished = new AbortController();
    const tooLate = sleep(clock, timeoutMs, { signal: finished.signal }).catch(() => undefined);
    await Promise.race([Promise.all([lifecycle.endStreams({ drop: false }), ...serving]), tooLate, closed]);
    finished.abort();
    await transport.drain({ timeoutMs: timeLeft(startedAt, timeoutMs, clock.now()) });
    await closed;
  };

  const drain: AgentConnection['drain'] = async (drainOptions = {}) => {
    const check = optionsChecker(drainOptions, 'drain');
    check.durations(['timeoutMs'], { zero: true });
    check.nothingElse();
    draining ??= drainAll(drainOptions.timeoutMs ?? DRAIN_TIMEOUT_MS);
    await draining;
  };

  const close = async (): Promise<void> => {
    // First of all: a stream whose query is cut off would take that for a failure.
    void lifecycle.endStreams({ drop: true });
    await transport.close();
    await closed;
  };

  const terminate = (): void => {
    transport.terminate();
    void lifecycle.endStreams({ drop: true });
  };

  const agent: Agent = {
    ...requests,
    ...createAccountStreams(parts, status),
    accountId,
    get agentId() {
      return knownAgentId(identities.agentId);
    },
    get userId() {
      return identities.userId;
    },
    get state() {
      return draining && transport.state !== 'closed' ? 'draining' : transport.state;
    },
    closed,
    rings,
    serve,
    survey: new AgentSurveyClient(services.rest, accountId),
    history: new HistoryClient(services.rest, accountId, {
      reportInvalid,
      advise: createAdviceLog(logger, 'a search of the history'),
    }),
    getBearerToken: () => services.sessions.current?.bearer ?? '',
    async refreshSession() {
      await services.sessions.refresh();
    },
    async reconnect(reconnectOptions = {}) {
      checkOptionNames('reconnect', reconnectOptions, ['renewToken']);
      const { renewToken = false } = reconnectOptions;
      if (typeof renewToken !== 'boolean' && renewToken !== 'ifOld') {
        throw new ConfigError("reconnect.renewToken must be true, false or 'ifOld'");
      }
      if (draining) throw new DrainingError('the agent is draining and does not reconnect');
      if (renewToken !== false && !services.renewable) {
        throw new AuthError(
          'a token of your own cannot be renewed: call reconnect() without renewToken, or connect again with a new token',
        );
      }
      services.sessions.hurry();
      await transport.reconnect({ reauth: renewToken });
    },
    drain,
    close,
    terminate,
    [Symbol.asyncDispose]: () => drain(),
  };

  // It throws while it is not known, which must not come upon who only prints the agent.
  Object.defineProperty(agent, 'agentId', { enumerable: false });

  const connect = async (): Promise<void> => {
    try {
      // Loading a library is no part of the time that the platform has.
      await services.http.ready();
      options.signal?.throwIfAborted();
      await socket.connect();
      atFirst.speak();
      await abortable(parts.positions.check(), options.signal);
    } catch (error) {
      await close();
      throw error;
    }
  };
  return { agent, connect };
}

/** Connects session, socket, requests and what arrives. */
function wire(options: ResolvedOptions, isDraining: () => boolean) {
  const { accountId, interceptors = [] } = options;
  const shared = { clock: options.clock ?? systemClock, logger: guardLogger(options.logger) };
  const { clock, logger } = shared;
  const status = new StatusHub();
  const report = createReporter({ ...shared, hub: status });
  const lifecycle = new Lifecycle();
  const store = new ConversationStore((state) =>
    subscriptions.has('subscribeExConversations', (filter) => fitsFilter(filter, state)),
  );
  const identities = new Identities(accountId);
  store.onChange((state, _, before) => {
    const { conversationId } = state;
    const [from, to] = [consumerOf(before), consumerOf(briefOf(state))];
    if (from !== undefined && to !== undefined && from !== to) {
      report.status({ type: 'consumerChanged', conversationId, from, to });
    }
  });
  const atFirst = createFirstConnectLog(logger, options.logger === undefined && options.firstConnect === 'fail');
  const services = createServices(options, { clock, logger: atFirst.logger });
  const platformClock = new PlatformClock(clock);
  const router = new Router({ identities, store, report, platformClock });
  const reportInvalid: ReportInvalid = (type, invalid) => router.reportInvalid(type, invalid);
  const socket: AgentSocket = new AgentSocket({
    clock,
    logger: atFirst.logger,
    options,
    services,
    identities,
    platformClock,
    reportInvalid,
    desired: () => subscriptions,
    isKnown: (text) => router.absorb(text, transport.epoch),
  });
  const { transport } = socket;
  const rawRequest = createRawRequest((frame, request) => transport.request(frame, request), interceptors);
  const call = createCall(rawRequest, identities, reportInvalid, createAdviser(logger));
  const subscriptions = new DesiredState({
    call,
    clock,
    refused: (restoration) => {
      const { what, error } = restoration;
      logger.error('the platform refuses to restore what it was asked for', { what, error: error.name });
      report.status({ type: 'restoreRefused', ...restoration });
    },
    delayed: (restoration) => {
      const { what, attempt, error } = restoration;
      logger.warn('something could not be restored and is asked for again', { what, attempt, error: error.name });
      report.status({ type: 'restoreDelayed', ...restoration });
    },
  });
  const pageSize = pageSizeFor(options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES);
  const plainRequests = createRequests({
    call,
    rawRequest,
    desired: subscriptions,
    identities,
    isDraining,
    epoch: () => transport.epoch,
    pageSize,
    replay: (events) => router.replay(events, transport.epoch),
  });
  const gate = new SendGate(plainRequests.publishEvent, store);
  const requests = Object.freeze({ ...plainRequests, publishEvent: gate.publishEvent });
  const backfills = createLimiter(options.refillConcurrency ?? BACKFILL_CONCURRENCY);
  const history = new HistoryReader({
    requests,
    pageSize,
    clock,
    steadiness: steadinessOf(transport, clock),
    isOver: () => transport.state === 'closed',
  });
  const agentId = () => identities.agentId ?? identities.oldId;
  const storeHealth = new StoreHealth(clock);
  const parts: WorkParts = {
    requests,
    history,
    dialogs: new AgentDialogPort({ history, router, store, lifetime: lifecycle, backfills, report, clock }),
    positions: createPositions({ store: options.store, cursors: options.cursors, clock, agentId, health: storeHealth }),
    inboxes: new InboxRegistry(),
    lanes: new SendLanes(),
    gate,
    lookUp:
      typeof options.lookUp === 'function'
        ? options.lookUp
        : () => (options.lookUp === 'always' ? 'always' : 'recovered'),
    maxDataBytes: options.maxDataBytes,
    http: services.http,
    domains: services.domains,
    identities,
    router,
    store,
    subscriptions,
    lifetime: lifecycle,
    report,
    clock,
    platformClock,
    storeHealth,
    coverage: new Coverage({
      subscriptions,
      unsubscribe: (subscriptionId) => requests.unsubscribeExConversations({ subscriptionId }),
      report,
      lifetime: lifecycle,
      clock,
    }),
    ownEvents: new OwnEvents(),
    backfills,
  };
  transport.onNotification((frame) => router.route(frame, transport.epoch));
  services.sessions.onChange((event) => status.publish(toStatusEvent(event)));
  lifecycle.onEnd((ending) => router.end(ending));
  lifecycle.follow(transport, status);
  const release = async (error: Error | undefined) => {
    const { signal } = options;
    // What the transport tells is an Error always; what a signal was aborted with need not be one.
    const cause: unknown = error && signal?.aborted ? signal.reason : error;
    const reason: unknown = signal?.aborted ? signal.reason : new ClosedError('the agent was closed');
    void lifecycle.endStreams({ error: cause, drop: true });
    lifecycle.close(reason);
    await services.sessions.close({ reason });
    await services.http.close({ reason });
  };
  let released: Promise<void> | undefined;
  // At once: until the socket is gone, which a server that hangs puts off, nobody has to wait.
  transport.onStatus((event) => {
    if (event.type === 'closed') released = release(event.error);
  });
  const closed = transport.closed.then(async (error) => {
    await released;
    status.end();
    return error;
  });
  return { atFirst, closed, lifecycle, logger, parts, reportInvalid, services, socket, status };
}
