import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Stream } from '@lp/core';
import { checkOptionNames, createDeferred } from '@lp/core/internal';
import { ConsumerLinks } from './consumer/links.ts';
import { type ConsumerProfile, SimulatedConsumer } from './consumer/simulated-consumer.ts';
import { createFaults, type FaultsPort } from './faults/create-faults.ts';
import type { Faults } from './faults/faults.ts';
import { FaultRules } from './faults/rules.ts';
import { sendError } from './http/exchange.ts';
import { Guard, refuseUpgrade } from './http/guard.ts';
import { HttpApi } from './http/server.ts';
import { Journal, type JournalEntry, type WaitOptions } from './journal.ts';
import { resolveOptions, type SimulatorOptions } from './options.ts';
import { ownClock } from './owned-clock.ts';
import type { AgentAccount } from './platform/agents.ts';
import type { InstalledApp } from './platform/apps.ts';
import { Refusal } from './platform/model.ts';
import { Platform } from './platform/platform.ts';
import {
  lockConversation,
  type PopulateOptions,
  populate,
  sayAsConsumer,
  sayAsController,
} from './platform/populate.ts';
import { Webhook } from './platform/webhooks.ts';
import { createRandom } from './random.ts';
import { createCertificates } from './tls.ts';
import { simulatorClosed, startWaitTimer, timeoutOf } from './wait-timeout.ts';
import { WebPage } from './web/web-page.ts';
import type { Session } from './ws/session.ts';
import { SocketServer } from './ws/upgrade.ts';

/** What an agent needs to connect to the simulator; fits the options of `connectAgent`. */
export interface SimulatorConnectOptions {
  /** The account. */
  accountId: string;
  /** Those of the first agent. */
  credentials: { username: string; password: string };
  /** Where the look-up is. */
  csdsDomain: string;
  /** Set without TLS. */
  insecure?: true;
  /** Set with TLS. */
  tls?: { ca: string };
}

/** An agent's socket on the platform. */
export interface SimulatedClient {
  /** The number of the socket. */
  readonly id: string;
  /** The agent who opened it. */
  readonly username: string;
}

/** The platform on one machine. Its state lives as long as it does, whatever happens to the sockets. */
export interface Simulator extends AsyncDisposable {
  /** The account it plays. */
  readonly accountId: string;
  /** Where services are looked up: `127.0.0.1:PORT`, with TLS `localhost:PORT`. All services live there. */
  readonly csdsDomain: string;
  /** `http://127.0.0.1:PORT`, with TLS `https://localhost:PORT`. */
  readonly url: string;
  /** Where the page for people is; undefined without the option `web`. */
  readonly pageUrl: string | undefined;
  /** The certificate of the authority to trust, in PEM; undefined without TLS. */
  readonly ca: string | undefined;
  /** The account's agents with all their credentials. */
  readonly agents: readonly AgentAccount[];
  /** The account's server applications with their secrets. */
  readonly apps: readonly InstalledApp[];
  /** Connects as the first agent. */
  readonly connectOptions: SimulatorConnectOptions;
  /** What can be broken, and made whole again. */
  readonly faults: Faults;
  /**
   * Every frame in and out: the last 1,000 when reading begins, then all that follow. Each access gives a stream of its
   * own; the oldest unread frames are dropped when 10,000 or 64 MiB wait. A frame is parsed when somebody looks at it.
   */
  readonly journal: Stream<JournalEntry>;
  /** The last 1,000 frames, oldest first. */
  readonly recentFrames: readonly JournalEntry[];
  /** A consumer to script. Nothing is connected until the first conversation. */
  consumer(profile?: ConsumerProfile): SimulatedConsumer;
  /**
   * Puts `count` open conversations into the account at once, without consumers' sockets, and gives their ids: for
   * tests of scale and of start-up.
   */
  openConversations(count: number, options?: PopulateOptions): string[];
  /** Adds a consumer's text to any open conversation, without a consumer's socket, and gives its sequence. */
  sayAsConsumer(conversationId: string, text: string): number;
  /**
   * Adds an automatic message to a conversation, as the platform sends them while a consumer waits, and gives its sequence.
   * It comes from the role CONTROLLER, and changes neither whose turn it is nor when a response is due.
   */
  sayAsController(conversationId: string, text: string): number;
  /** Locks an open conversation (state LOCKED: nobody can write, nobody is looked for), or opens it again with `false`. */
  lockConversation(conversationId: string, locked?: boolean): void;
  /**
   * The first request of a wire type (of either dialect, or its last part, as `PublishEvent`) that `predicate` accepts:
   * one of the last 1,000 frames, or one that is yet to come. @throws Error that lists what was seen, after `timeoutMs`.
   */
  waitForRequest(
    type: string,
    predicate?: (entry: JournalEntry) => boolean,
    options?: WaitOptions,
  ): Promise<JournalEntry>;
  /**
   * The first agent's socket that is open, or the next to open; with `username` that of this agent. When none opens, it
   * rejects after `timeoutMs` (default 5,000).
   */
  waitForClient(options?: { username?: string; timeoutMs?: number }): Promise<SimulatedClient>;
  /** Closes every socket and the server. Does nothing the second time. */
  close(): Promise<void>;
}

/**
 * Starts the platform on a port of this machine.
 *
 * @example
 * const simulator = await startSimulator({ skills: [{ id: '7', name: 'Sales' }] });
 * const agent = await connectAgent(simulator.connectOptions);
 *
 * @throws ConfigError for wrong options; the system's error for a port in use.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options);
  const { accountId, agents, tls, host, seed } = resolved;
  const clock = ownClock(resolved.clock);
  const rules = new FaultRules(createRandom(seed + 1));
  const faultsInContent = { omitsLastContent: () => rules.active && rules.strike('omitLastContent') !== undefined };
  const platform = new Platform({ ...resolved, clock, faults: faultsInContent });
  const webhooks = resolved.webhooks.map((webhook) => new Webhook(webhook, accountId, resolved.apps, clock));
  for (const webhook of webhooks) platform.notifier.listeners.add(webhook);
  const journal = new Journal();
  const waiters = new Set<(session: Session) => void>();
  const endWaits = new Set<(error: Error) => void>();
  const context = { platform, journal, rules, idleTimeoutMs: resolved.idleTimeoutMs };
  const sockets = new SocketServer(context, (session) => waiters.forEach((tell) => tell(session)));

  const certificates = tls ? await createCertificates() : undefined;
  const server = certificates ? createTlsServer({ key: certificates.key, cert: certificates.cert }) : createServer();
  const connections = new Set<Duplex>();
  let isDown = false;
  let domain = '';
  const scheme = tls ? 'https' : 'http';
  const guard = new Guard(scheme, resolved.allowedOrigins);
  const api = new HttpApi(platform, rules, guard, () => domain);
  let page: WebPage | undefined;
  server.on('request', (request, response) => {
    const forPage = page?.serves(request) === true;
    const refusal = guard.refusal(request, forPage);
    if (isDown && !forPage) request.socket.destroy();
    else if (refusal !== undefined) sendError(response, clock.now(), new Refusal(403, refusal));
    else if (forPage) void page?.handle(request, response);
    else void api.handle(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    const forPage = page?.serves(request) === true;
    if (isDown && !forPage) socket.destroy();
    else if (guard.refusal(request) !== undefined) refuseUpgrade(socket, '403 Forbidden');
    else if (forPage) page?.upgrade(request, socket, head);
    else sockets.upgrade(request, socket, head);
  });
  const track = (socket: Duplex): void => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    // With a page, only the request tells whose connection it is.
    if (isDown && !page) socket.destroy();
  };
  server.on('connection', track);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(resolved.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  domain = tls ? `localhost:${port}` : `${host}:${port}`;

  const faultsPort: FaultsPort = {
    rules,
    sessions: sockets.sessions,
    agents: platform.agents,
    logins: platform.sessions,
    releaseHanging: () => sockets.releaseHanging(),
    setDown(down) {
      isDown = down;
      if (!down) return;
      for (const socket of connections) if (!(socket instanceof Socket && page?.owns(socket))) socket.destroy();
      for (const session of sockets.sessions) if (session.kind === 'consumer') session.terminate();
    },
    isDown: () => isDown,
  };
  const faults = createFaults(faultsPort);
  const links = new ConsumerLinks({
    platform,
    connect(token, clientProperties) {
      if (isDown) throw new Error('the platform is down');
      return sockets.openConsumer(token, clientProperties);
    },
  });
  const url = `${scheme}://${domain}`;
  if (resolved.web) page = new WebPage({ guard, journal, links, faults, faultsPort });
  const [first] = agents as [AgentAccount, ...AgentAccount[]];
  let closing: Promise<void> | undefined;

  async function shutDown(): Promise<void> {
    clock.stopAll();
    page?.close();
    links.close();
    for (const webhook of webhooks) webhook.close();
    sockets.closeAll();
    journal.close();
    for (const end of endWaits) end(simulatorClosed());
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of connections) socket.destroy();
    await closed;
  }

  const simulator: Simulator = {
    accountId,
    csdsDomain: domain,
    url,
    pageUrl: page && `${url}/simulator/`,
    ca: certificates?.ca,
    agents,
    apps: resolved.apps,
    connectOptions: {
      accountId,
      credentials: { username: first.username, password: first.password },
      csdsDomain: domain,
      ...(certificates ? { tls: { ca: certificates.ca } } : { insecure: true }),
    },
    faults,
    get journal() {
      return journal.stream();
    },
    get recentFrames() {
      return journal.recent;
    },
    consumer: (profile) => new SimulatedConsumer(links, profile),
    openConversations: (count, populateOptions = {}) => populate(platform, count, populateOptions),
    sayAsConsumer(conversationId, text) {
      const sequence = sayAsConsumer(platform, conversationId, text);
      platform.flush();
      return sequence;
    },
    sayAsController(conversationId, text) {
      const sequence = sayAsController(platform, conversationId, text);
      platform.flush();
      return sequence;
    },
    lockConversation: (conversationId, locked = true) => lockConversation(platform, conversationId, locked),
    waitForRequest: (type, predicate = () => true, wait = {}) => journal.waitForRequest(type, predicate, wait),
    async waitForClient(waitOptions = {}) {
      checkOptionNames('waitForClient', waitOptions, ['username', 'timeoutMs']);
      const { username } = waitOptions;
      const timeoutMs = timeoutOf('waitForClient', waitOptions);
      if (closing) throw simulatorClosed();
      const fits = (session: Session) =>
        session.open && session.kind === 'agent' && (username === undefined || session.username === username);
      const found = createDeferred<Session>();
      const tell = (session: Session) => {
        if (fits(session)) found.resolve(session);
      };
      for (const session of sockets.sessions) tell(session);
      waiters.add(tell);
      endWaits.add(found.reject);
      const timer = startWaitTimer(timeoutMs, () =>
        found.reject(new Error(`no agent connected within ${timeoutMs} ms`)),
      );
      try {
        const session = await found.promise;
        return { id: session.id, username: session.username ?? '' };
      } finally {
        timer.cancel();
        waiters.delete(tell);
        endWaits.delete(found.reject);
      }
    },
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
  return simulator;
}
