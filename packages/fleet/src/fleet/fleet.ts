import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent, ConversationHandler } from '@lp/agent';
import { resolveServeOptions } from '@lp/agent/internal';
import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  ClosedError,
  ConfigError,
  type Logger,
  LpError,
  type Stream,
  type StreamOptions,
  systemClock,
} from '@lp/core';
import { Broadcast, checkStreamOptions, diagnosticsChannel, guardLogger, onAbort, sleep } from '@lp/core/internal';
import type { EngineSetting, FleetEngine } from '../engine/engine.ts';
import { memoryEngine } from '../engine/memory-engine.ts';
import { planDrain, within } from '../worker/drain-plan.ts';
import { createElapsed } from '../worker/elapsed.ts';
import { LoginLimiter } from '../worker/login-limiter.ts';
import { Worker } from '../worker/worker.ts';
import { boundedEngine } from './bounded-engine.ts';
import { respondToProbe } from './health.ts';
import { LoginBook } from './login-book.ts';
import {
  type AgentListener,
  type FleetOptions,
  type FleetServeOptions,
  type ResolvedFleetOptions,
  resolveFleetOptions,
} from './options.ts';
import { Seating } from './seating.ts';
import type { FleetStatusEvent } from './status.ts';
import { makeFolder } from './store.ts';
import { type FleetView, viewOf } from './view.ts';

/** One worker of a fleet. Made by {@link createFleet}. */
export interface Fleet extends AsyncDisposable {
  /** This worker's name. */
  readonly name: string;
  /**
   * Joins the fleet, serves the logins that fall to this worker, and runs `handler` for each of their conversations.
   * Resolves when `signal` is aborted or {@link Fleet.drain} was called, and every login was handed over; rejects then with
   * what a handler threw when `onError` has decided on `stop`, and, without an engine, with a FencedError when another process
   * was started with the same folder. While the engine cannot be reached it waits.
   *
   * @example
   * await fleet.serve(handler, { signal: stopSignal() });
   */
  serve(handler: ConversationHandler, options?: FleetServeOptions): Promise<void>;
  /** Who holds what, as the engine knows it now. */
  view(): Promise<FleetView>;
  /** What happens in this worker. The oldest are dropped when it is read too slowly. */
  status(options?: StreamOptions): Stream<FleetStatusEvent>;
  /** Calls `listener` with each agent as it has connected, before it serves. Returns how to stop it. */
  onAgent(listener: AgentListener): () => void;
  /** Hands every login over, each as soon as its handlers have finished, and leaves the fleet, within one and a half times `drainTimeoutMs`. The second call joins the first. */
  drain(): Promise<void>;
  /** Responds to a probe: 200 while this worker may write, 503 while it joins, may not or has left. For `http.createServer(fleet.health)`. */
  readonly health: (request: IncomingMessage, response: ServerResponse) => void;
}

const STATUS_CAPACITY = 1_024;
const ENGINE_RETRY: BackoffPolicy = { initialMs: 1_000, factor: 2, maxMs: 15_000, jitter: 'full' };

/**
 * Makes this process a worker of a fleet: any number of bot users over any number of processes, each user logged in by one
 * of them at a time. Resolves when the engine is ready, and waits while it cannot be reached, with a warning at each try;
 * {@link Fleet.serve} joins.
 *
 * @example
 * const fleet = await createFleet({
 *   accountId: 'le12345678',
 *   logins: [{ credentials: { username, password } }],
 *   engine: postgresEngine(process.env.DATABASE_URL),
 * });
 *
 * @throws ConfigError for options that cannot work, and, in one sentence, for an engine that can never be used as it is.
 */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const resolved = resolveFleetOptions(options);
  const engine = boundedEngine(options.engine ?? memoryEngine(), resolved.ttlMs / 2);
  const fleet = new LocalFleet(options, resolved, engine);
  await fleet.open();
  return fleet;
}

class LocalFleet implements Fleet {
  readonly health: Fleet['health'];
  readonly #resolved: ResolvedFleetOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #engine: FleetEngine;
  readonly #keepsRecords: boolean;
  readonly #worker: Worker;
  readonly #book: LoginBook;
  readonly #seating: Seating;
  readonly #status = new Broadcast<FleetStatusEvent>();
  readonly #channel = diagnosticsChannel('lp:fleet:status');
  readonly #listeners = new Set<AgentListener>();
  #drained: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: FleetOptions, resolved: ResolvedFleetOptions, engine: FleetEngine) {
    const clock = options.clock ?? systemClock;
    const elapsed = createElapsed();
    const logger = guardLogger(options.logger);
    const { beatMs, drainTimeoutMs, loginsPerSecond, margin, maxLogins, name, ttlMs } = resolved;
    this.#clock = clock;
    this.#logger = logger;
    this.#resolved = resolved;
    this.#engine = engine;
    this.#keepsRecords = options.engine !== undefined;
    this.#seating = new Seating({
      options: resolved,
      engine,
      keepsRecords: this.#keepsRecords,
      limiter: new LoginLimiter(engine, { loginsPerSecond, clock }),
      elapsed,
      clock,
      logger,
      find: (login) => this.#book.get(login),
      prepare: (agent, login) => this.#prepare(agent, login),
      publish: (event) => this.#publish(event),
      onStop: (error) => this.#stop(error),
    });
    this.#book = new LoginBook({
      read: resolved.readLogins,
      clock,
      onFailure: (error) => {
        this.#publish({ type: 'loginsFailed', at: clock.now(), error });
        const facts = { error: error.name, reason: error.message };
        logger.warn('the logins could not be read: those known before stay', facts);
      },
      onNewCredentials: (login) => void this.#readmit(login),
      onChange: () => this.#worker.wake(),
    });
    this.#worker = new Worker({
      name,
      engine,
      clock,
      elapsed,
      logger,
      ttlMs,
      beatMs,
      validShare: 1 - margin,
      maxLogins,
      drainTimeoutMs,
      logins: () => this.#book.names,
      list: () => this.#book.list,
      seat: (worker, claim) => this.#seating.seat(worker, claim),
      onState: (state) => this.#publish({ type: 'worker', at: clock.now(), worker: name, state }),
      onBuried: (incarnation) => this.#publish({ type: 'buried', at: clock.now(), worker: name, incarnation }),
    });
    this.health = respondToProbe(this.#worker);
  }

  get name(): string {
    return this.#resolved.name;
  }

  async open(): Promise<void> {
    const { accountId, folder, ttlMs } = this.#resolved;
    await this.#book.open();
    try {
      if (!this.#keepsRecords) await makeFolder(folder);
      await this.#openEngine({ accountId, callTimeoutMs: ttlMs / 3 });
    } catch (error) {
      this.#book.close();
      throw error;
    }
  }

  /** Waits while the engine is away, as a worker that runs does. */
  async #openEngine(setting: EngineSetting): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.#engine.open(setting);
      } catch (error) {
        if (!LpError.isInstance(error) || !error.retryable) throw error;
        const facts = { worker: this.name, error: error.name, reason: error.message };
        this.#logger.warn('the engine cannot be opened yet', facts);
        await sleep(this.#clock, backoffDelay(ENGINE_RETRY, failures));
      }
    }
  }

  async serve(handler: ConversationHandler, options: FleetServeOptions = {}): Promise<void> {
    // What `agent.serve` would refuse later, for each login and again and again.
    resolveServeOptions(handler, options);
    if ('drainTimeoutMs' in options) throw new ConfigError('serve.drainTimeoutMs is an option of createFleet');
    if (this.#drained) throw new ClosedError('the fleet was drained: make a new one to serve again');
    if (this.#seating.service) throw new ConfigError('fleet.serve was called before: a worker serves once');
    const { signal } = options;
    this.#seating.service = { handler, options };
    if (signal?.aborted === true) return;
    const unlisten = signal && onAbort(signal, () => void this.drain());
    try {
      await this.#worker.start();
      await this.#worker.left;
    } finally {
      unlisten?.();
    }
    await this.drain();
    if (this.#failure) throw this.#failure.error;
  }

  async view(): Promise<FleetView> {
    return viewOf(await this.#engine.read(), (incarnation) => this.#worker.beatAgeMs(incarnation));
  }

  status(options: StreamOptions = {}): Stream<FleetStatusEvent> {
    checkStreamOptions('status', options);
    return this.#status.subscribe({ capacity: STATUS_CAPACITY, ...options, overflow: 'drop-oldest' });
  }

  onAgent(listener: AgentListener): () => void {
    if (typeof listener !== 'function') throw new ConfigError('fleet.onAgent: the listener must be a function');
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

  /** The login's new credentials are told once, and the engine may be away then. */
  async #readmit(login: string): Promise<void> {
    for (let failures = 1; !this.#drained; failures++) {
      try {
        return await this.#engine.readmit(login);
      } catch {
        await sleep(this.#clock, backoffDelay(ENGINE_RETRY, failures));
      }
    }
  }

  #stop(error: unknown): void {
    this.#failure ??= { error };
    void this.drain();
  }

  async #drain(): Promise<void> {
    await this.#worker.drain();
    this.#book.close();
    const { lastCallMs } = planDrain(this.#resolved.drainTimeoutMs);
    const close = async (): Promise<boolean> => {
      await this.#engine.close();
      return true;
    };
    if (!(await within(this.#clock, lastCallMs, close())))
      this.#logger.warn('the engine could not be closed in good order');
    this.#status.end();
  }

  async #prepare(agent: Agent, login: string): Promise<void> {
    for (const listener of this.#listeners) await listener(agent, login);
  }

  #publish(event: FleetStatusEvent): void {
    this.#status.publish(event);
    if (this.#channel.hasSubscribers) this.#channel.publish(event);
  }
}
