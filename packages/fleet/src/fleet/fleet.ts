import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Agent, type ConversationHandler, connectAgent } from '@lp/agent';
import {
  type BackoffPolicy,
  backoffDelay,
  ConfigError,
  type Logger,
  type LogMethod,
  type Stream,
  type StreamOptions,
  systemClock,
} from '@lp/core';
import { Broadcast, diagnosticsChannel, guardLogger, sleep } from '@lp/core/internal';
import type { Claim, FleetEngine } from '../engine/engine.ts';
import { memoryEngine } from '../engine/memory-engine.ts';
import { DialogRecords } from '../worker/dialog-records.ts';
import { createElapsed } from '../worker/elapsed.ts';
import { LoginGate } from '../worker/lease.ts';
import { LoadMeter } from '../worker/load-meter.ts';
import { LoginLimiter } from '../worker/login-limiter.ts';
import { Seat } from '../worker/seat.ts';
import { Worker } from '../worker/worker.ts';
import { answerHealth } from './health.ts';
import { LoginBook } from './login-book.ts';
import {
  type AgentListener,
  type FleetOptions,
  type FleetServeOptions,
  type ResolvedFleetOptions,
  resolveFleetOptions,
} from './options.ts';
import type { FleetStatusEvent } from './status.ts';
import { type LoginStore, openStore } from './store.ts';
import { type FleetView, viewOf } from './view.ts';
import { watchLoad } from './watch-load.ts';

/** One worker of a fleet. Made by {@link createFleet}. */
export interface Fleet extends AsyncDisposable {
  /** This worker's name. */
  readonly name: string;
  /**
   * Joins the fleet, serves the logins that fall to this worker, and runs `handler` for each of their conversations.
   * Resolves when `signal` is aborted or {@link Fleet.drain} was called, and every login was handed over.
   */
  serve(handler: ConversationHandler, options?: FleetServeOptions): Promise<void>;
  /** Who holds what, as the engine knows it now. */
  view(): Promise<FleetView>;
  /** What happens in this worker. The oldest are dropped under pressure. */
  status(options?: StreamOptions): Stream<FleetStatusEvent>;
  /** Calls `listener` with each agent as it has connected, before it serves. Returns how to stop it. */
  onAgent(listener: AgentListener): () => void;
  /** Hands every login over, each as soon as its handlers have finished, and leaves the fleet. The second call joins the first. */
  drain(): Promise<void>;
  /** Answers a probe: 200 while this worker may serve, 503 while it joins, is suspended or has left. For `http.createServer(fleet.health)`. */
  readonly health: (request: IncomingMessage, response: ServerResponse) => void;
}

const STATUS_CAPACITY = 1_024;
const DIAL_RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 15_000, jitter: 'full' };

/**
 * Makes this process a worker of a fleet: any number of bot users over any number of processes, each user logged in by one
 * of them at a time. Resolves when the engine is ready; {@link Fleet.serve} joins.
 *
 * @throws ConfigError for options that cannot work, and, in one sentence, for an engine that cannot be used; NotConnectedError
 * when the engine cannot be reached.
 */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const resolved = resolveFleetOptions(options);
  const engine = options.engine ?? memoryEngine();
  const fleet = new LocalFleet(options, resolved, engine);
  await fleet.open();
  return fleet;
}

class LocalFleet implements Fleet {
  readonly health: Fleet['health'];
  readonly #options: FleetOptions;
  readonly #resolved: ResolvedFleetOptions;
  readonly #engine: FleetEngine;
  readonly #worker: Worker;
  readonly #book: LoginBook;
  readonly #limiter: LoginLimiter;
  readonly #status = new Broadcast<FleetStatusEvent>();
  readonly #logger: Logger;
  readonly #channel = diagnosticsChannel('lp:fleet:status');
  readonly #listeners = new Set<AgentListener>();
  #handler: ConversationHandler | undefined;
  #serveOptions: FleetServeOptions = {};
  #drained: Promise<void> | undefined;

  constructor(options: FleetOptions, resolved: ResolvedFleetOptions, engine: FleetEngine) {
    const clock = options.clock ?? systemClock;
    const { beatMs, loginsPerSecond, margin, maxLogins, name, ttlMs } = resolved;
    this.#options = options;
    this.#logger = guardLogger(options.logger);
    this.#resolved = resolved;
    this.#engine = engine;
    this.#limiter = new LoginLimiter(engine, { loginsPerSecond, clock });
    this.#book = new LoginBook({
      read: resolved.readLogins,
      clock,
      onFailure: (error) => this.#publish({ type: 'loginsFailed', at: clock.now(), error }),
      onNewCredentials: (login) => void engine.readmit(login).catch(() => undefined),
      onChange: () => this.#worker.wake(),
    });
    this.#worker = new Worker({
      name,
      engine,
      clock,
      elapsed: createElapsed(),
      logger: this.#logger,
      ttlMs,
      beatMs,
      validShare: 1 - margin,
      maxLogins,
      logins: () => this.#book.names,
      seat: (worker, claim) => this.#seat(worker, claim),
      onState: (state) => this.#publish({ type: 'worker', at: clock.now(), worker: name, state }),
      onBuried: (incarnation) => this.#publish({ type: 'buried', at: clock.now(), worker: name, incarnation }),
    });
    this.health = answerHealth(this.#worker);
  }

  get name(): string {
    return this.#resolved.name;
  }

  async open(): Promise<void> {
    const { accountId, ttlMs } = this.#resolved;
    await this.#book.open();
    await this.#engine.open({ accountId, callTimeoutMs: ttlMs / 3 });
  }

  async serve(handler: ConversationHandler, options: FleetServeOptions = {}): Promise<void> {
    if (typeof handler !== 'function') throw new ConfigError('fleet.serve: the handler must be a function');
    if (this.#handler) throw new ConfigError('fleet.serve was called before: a worker serves once');
    const { signal } = options;
    this.#handler = handler;
    this.#serveOptions = options;
    if (signal?.aborted === true) return;
    const stop = () => void this.drain();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await this.#worker.start();
      await this.#worker.left;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    await this.drain();
  }

  async view(): Promise<FleetView> {
    return viewOf(await this.#engine.read(), (incarnation) => this.#worker.beatAgeMs(incarnation));
  }

  status(options: StreamOptions = {}): Stream<FleetStatusEvent> {
    return this.#status.subscribe({ capacity: STATUS_CAPACITY, ...options, overflow: 'drop-oldest' });
  }

  onAgent(listener: AgentListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #drain(): Promise<void> {
    if (this.#handler) await this.#worker.drain();
    this.#book.close();
    await this.#engine.close();
    this.#status.end();
  }

  async #seat(worker: Worker, { login, epoch, clean }: Claim): Promise<Seat> {
    const { drainTimeoutMs, maxFailedDials } = this.#resolved;
    const clock = this.#options.clock ?? systemClock;
    const load = new LoadMeter();
    const gate = new LoginGate(worker.lease);
    const store = await openStore({
      engine: this.#options.engine,
      folder: this.#resolved.folder,
      login,
      records: new DialogRecords({
        login,
        epoch,
        records: await this.#engine.load(login),
        commits: worker.committer,
        onHandled: (dialogId, sequence) => load.handled(dialogId, sequence),
      }),
    });
    return new Seat({
      login,
      epoch,
      gate,
      load,
      connect: (signal) =>
        this.#connect(login, { gate, store, signal, clean, logger: quietOnceEnded(this.#logger, gate) }),
      serve: (agent, signal) => this.#serveLogin(agent, load, signal),
      release: async (release) => {
        await store.close();
        await this.#release(worker, release);
      },
      pause: (failures, signal) => sleep(clock, backoffDelay(DIAL_RETRY, failures), { signal }),
      onTooMany: (error) => this.#limiter.refused(error),
      onState: (state, error) =>
        this.#publish({
          type: 'login',
          at: clock.now(),
          worker: this.name,
          login,
          epoch,
          state,
          ...(error && { error }),
        }),
      maxFailedDials,
      hasOthers: () => worker.hasOthers,
      drainTimeoutMs,
    });
  }

  async #connect(
    login: string,
    {
      clean,
      gate,
      logger,
      signal,
      store,
    }: { gate: LoginGate; store: LoginStore; logger: Logger; signal: AbortSignal; clean: boolean },
  ): Promise<Agent> {
    const entry = this.#book.get(login);
    if (!entry) throw new ConfigError(`the login ${login} is no longer among the logins of this worker`);
    const { login: _, credentials, ...own } = entry;
    const { accountId, agent: shared, availability } = this.#resolved;
    const { clock } = this.#options;
    const agent = await connectAgent({
      ...shared,
      ...own,
      accountId,
      credentials,
      gate,
      store: store.store,
      lookUp: this.#resolved.lookUp === 'always' || !clean ? 'always' : 'recovered',
      beforeLogin: ({ signal: over }) => this.#limiter.pass(over),
      firstConnect: 'fail',
      signal,
      ...(clock && { clock }),
      logger,
    });
    try {
      for (const listener of this.#listeners) await listener(agent, login);
      if (availability !== false) await agent.setAgentState({ availability });
    } catch (error) {
      await agent.close();
      throw error;
    }
    return agent;
  }

  async #serveLogin(agent: Agent, load: LoadMeter, signal: AbortSignal): Promise<void> {
    const handler = this.#handler as ConversationHandler;
    const { drainTimeoutMs } = this.#resolved;
    void watchLoad(agent, load);
    await agent.serve((conversation) => load.during(() => handler(conversation)), {
      ...this.#serveOptions,
      drainTimeoutMs,
      signal,
    });
  }

  /** Tries until it is given back, or somebody else has it: nobody may claim it before. */
  async #release(worker: Worker, release: Parameters<FleetEngine['release']>[1]): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const { incarnation } = worker;
    for (let failures = 1; worker.incarnation === incarnation; failures++) {
      try {
        await this.#engine.release(incarnation, release);
        break;
      } catch {
        await sleep(clock, backoffDelay({ ...DIAL_RETRY, initialMs: 100, maxMs: 1_000 }, failures));
      }
    }
    if (release.aside !== undefined)
      this.#publish({ type: 'setAside', at: clock.now(), login: release.login, code: release.aside });
  }

  #publish(event: FleetStatusEvent): void {
    this.#status.publish(event);
    if (this.#channel.hasSubscribers) this.#channel.publish(event);
  }
}

/** An agent that was ended since its login is another's has much to complain of, and nobody can do anything about it. */
function quietOnceEnded(logger: Logger, gate: LoginGate): Logger {
  const pass =
    (name: keyof Logger): LogMethod =>
    (message, fields) => {
      if (!gate.hasEnded) logger[name](message, fields);
    };
  return { debug: pass('debug'), info: pass('info'), warn: pass('warn'), error: pass('error') };
}
