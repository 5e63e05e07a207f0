import { EventEmitter } from 'node:events';
import { type AgentConfig, loginKindOf, optionsIn } from './config.ts';
import type { CsdsClient } from './csds-client.ts';
import { Engine } from './engine.ts';
import type { SDKError } from './errors.ts';
import type { AgentEmitter, OwnField, RequestFunctions } from './legacy-agent.ts';
import { REQUEST_FUNCTIONS, type RequestFunction } from './request-names.ts';
import { TransportFacade } from './transport-facade.ts';

const REFRESH_INTERVAL_MS = 600_000;

// What is known of an agent beyond its methods, without a second declaration of the events.
const TypedEmitter = EventEmitter as unknown as new () => AgentEmitter & RequestFunctions;

/**
 * An agent or a bot of an account, with the callbacks and the events of node-agent-sdk. It connects by itself, and again
 * when the connection is lost.
 *
 * The constructor throws for a `conf` without an account or a way to log in, and emits nothing yet.
 */
export class Agent extends TypedEmitter {
  /** What the agent was made from: the caller's own object. */
  conf: AgentConfig;
  accountId: AgentConfig['accountId'];
  refreshSessionInterval: number;
  /** The hosts of the account's services: `getAll(callback)`. */
  readonly csdsClient: CsdsClient;
  /** Null after `dispose()`. */
  transport: TransportFacade | null;
  connected = false;
  /** The agent's own PID. Undefined before the login, and with a bearer of your own until an event has shown it. */
  declare readonly agentId: string;
  /** `ACCOUNT.USER`. */
  declare readonly __oldAgentId: string;
  declare readonly userId: string;
  /** The present bearer. */
  declare readonly token: string;
  /** The program's own: timers and state have been kept on agents under such names since the first examples. */
  [own: `_${string}`]: OwnField;
  readonly #engine: Engine;
  #life = {};

  constructor(conf: AgentConfig) {
    super();
    const kind = loginKindOf(conf);
    if (!Object.hasOwn(conf, 'refreshSessionToken')) conf.refreshSessionToken = true;
    this.conf = conf;
    this.accountId = conf.accountId;
    this.refreshSessionInterval = conf.refreshSessionInterval || REFRESH_INTERVAL_MS;
    this.#engine = new Engine(this, kind);
    this.csdsClient = this.#engine.csds;
    this.transport = this.#createTransport();
    const functions = Object.fromEntries(
      REQUEST_FUNCTIONS.map((name: RequestFunction) => [
        name,
        (...given: unknown[]) => this.#engine.request(name, given),
      ]),
    );
    Object.assign(this, functions);
    // Listeners of a subclass are attached after `super()`.
    const life = this.#life;
    setImmediate(() => {
      if (this.#life === life) this.connect(() => undefined);
    });
  }

  /**
   * Connects, unless that is done or under way: the constructor does. The callback is given what stands in the way, or
   * null when the login is done.
   */
  connect(callback?: (error: SDKError | null) => void): void {
    this.transport ??= this.#createTransport();
    this.#engine.open(callback);
  }

  /**
   * Replaces the connection, or hurries the dial under way; never a second connection beside it. A new token is made
   * unless the present one is younger than 5 s, or `keepToken` is true. After `dispose()` it does nothing: a program's
   * retry that is still to come must not bring the agent back.
   */
  reconnect(keepToken?: boolean): void {
    if (keepToken === true) this.transport?.reconnect();
    else this.#engine.reconnect(false);
  }

  /** Ends the connection, all timers and all listeners. Callbacks that wait are given an error. */
  dispose(): void {
    this.#life = {};
    this.#engine.close();
    this.removeAllListeners();
    this.transport = null;
  }

  /** The present bearer. */
  getBearerToken(): string {
    return this.token;
  }

  /**
   * Has the session refreshed every `refreshSessionInterval` from now on: where `conf` turned that off, or the field was
   * changed since. Else it is done anyway.
   */
  startPeriodicRefreshSession(): void {
    const { refreshSessionInterval, refreshSessionToken } = this.conf;
    const isNew = this.refreshSessionInterval !== (refreshSessionInterval || REFRESH_INTERVAL_MS);
    if (refreshSessionToken === false || isNew) this.#engine.keepRefreshing(this.refreshSessionInterval);
  }

  /** Refreshes the session now. A session that the platform no longer knows is replaced; the socket stays. */
  refreshSession(callback?: (error: SDKError | null) => void): void {
    void this.#engine.refresh.now(callback);
  }

  #createTransport(): TransportFacade {
    const { apiVersion } = optionsIn(this.conf);
    return new TransportFacade(this.#engine, { accountId: this.conf.accountId, apiVersion });
  }
}
