import { setMaxListeners } from 'node:events';
import type { Agent } from '@lp/agent';
import { AuthError, ClosedError, LpError } from '@lp/core';
import { toError } from '@lp/core/internal';
import type { LoginLoad, Release } from '../engine/engine.ts';
import type { Caution } from './caution.ts';
import type { Elapsed, Mark } from './elapsed.ts';
import type { LoginGate } from './lease.ts';
import type { LoadMeter } from './load-meter.ts';

/** What a login is doing at its worker. */
export type LoginState = 'claimed' | 'connecting' | 'serving' | 'suspended' | 'draining' | 'free' | 'lost';

export interface SeatParts {
  readonly login: string;
  readonly epoch: number;
  readonly gate: LoginGate;
  readonly load: LoadMeter;
  readonly caution: Caution;
  readonly elapsed: Elapsed;
  /** Logs the login in. Aborted when it is given back or lost. */
  readonly connect: (signal: AbortSignal) => Promise<Agent>;
  /** Serves until the signal is aborted or the agent has ended. */
  readonly serve: (agent: Agent, signal: AbortSignal) => Promise<void>;
  /** Gives the login back at the engine. Never rejects. */
  readonly release: (release: Release) => Promise<void>;
  /** Waits before the next try, after so many failures. */
  readonly pause: (failures: number, signal: AbortSignal) => Promise<void>;
  /** The platform refused a login because of too many. */
  readonly onTooMany: (error: LpError) => Promise<void>;
  readonly onState: (state: LoginState, error?: Error) => void;
  /** Whether it is known by others by now than those that it was connected with last. */
  readonly hasNewCredentials: () => boolean;
  readonly maxFailedDials: number;
  /** Whether another worker could have the login. */
  readonly hasOthers: () => boolean;
  readonly drainTimeoutMs: number;
}

// What the platform refuses at once, as a subscription, comes soon after the login; whoever counted that as served would log in for ever.
const LASTING_MS = 60_000;

/** One login, from its claim by this worker to its end here. */
export class Seat {
  readonly ended: Promise<void>;
  readonly #parts: SeatParts;
  readonly #end = new AbortController();
  readonly #stopServing = new AbortController();
  #state: LoginState = 'claimed';
  #stateSince: Mark;
  #stoppedAt: Mark | undefined;
  #agent: Agent | undefined;
  #handOver: { avoidMe?: boolean; aside?: string } | undefined;
  #lost = false;
  /** How often in a row it could not be connected, or not be served for a minute. */
  #failures = 0;

  constructor(parts: SeatParts) {
    this.#parts = parts;
    this.#stateSince = parts.elapsed.mark();
    // All parts of an agent listen to it.
    setMaxListeners(0, this.#end.signal, this.#stopServing.signal);
    this.#stopServing.signal.addEventListener('abort', () => {
      this.#stoppedAt = parts.elapsed.mark();
      if (!this.#lost && this.#agent) this.#become('draining');
    });
    parts.onState('claimed');
    this.ended = this.#live();
  }

  get login(): string {
    return this.#parts.login;
  }

  get epoch(): number {
    return this.#parts.epoch;
  }

  get state(): LoginState {
    return this.#state;
  }

  /** Whether it could not be connected, or not be served for a minute, when that was tried last. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** How long it has been logging in, in milliseconds; 0 when it has. */
  get connectingMs(): number {
    const isConnecting = this.#state === 'claimed' || this.#state === 'connecting';
    return isConnecting ? this.#parts.elapsed.atLeast(this.#stateSince) : 0;
  }

  get load(): LoginLoad {
    return this.#parts.load.read();
  }

  /** Whether it has logged in, and not begun to log out. */
  get isOnline(): boolean {
    return this.#agent !== undefined;
  }

  get agent(): Agent | undefined {
    return this.#agent;
  }

  /** Lets handlers finish, then gives the login back: another worker should have it, with `avoidMe`. */
  async giveBack(options: { avoidMe?: boolean } = {}): Promise<void> {
    this.#handOver ??= options;
    this.#stopServing.abort(new Error('the login is given to another worker'));
    if (!this.#agent) this.#end.abort(this.#stopServing.signal.reason);
    await this.ended;
  }

  /** The login is another's: nothing more is written, read or handed out. */
  lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#parts.gate.end();
    this.#agent?.terminate();
    const reason = new Error('another worker has taken over the login');
    this.#stopServing.abort(reason);
    this.#end.abort(reason);
  }

  /** The worker may not write for now, or may again. */
  suspend(suspended: boolean): void {
    if (suspended && this.#state === 'serving') this.#become('suspended');
    if (suspended || this.#state !== 'suspended') return;
    // An engine that has lost its last commits may have had another owner of this login meanwhile.
    this.#parts.caution.begin();
    this.#become('serving');
  }

  async #live(): Promise<void> {
    while (!this.#handOver && !this.#lost) {
      try {
        await this.#serveOnce();
      } catch (error) {
        if (this.#handOver || this.#lost) break;
        this.#failures++;
        await this.#failed(toError(error), this.#failures);
      }
    }
    if (this.#lost) return this.#become('lost');
    this.#parts.gate.end();
    await this.#parts.release({ login: this.login, epoch: this.epoch, ...this.#handOver });
    this.#become(this.#isLost() ? 'lost' : 'free');
  }

  async #serveOnce(): Promise<void> {
    const { connect, elapsed, serve } = this.#parts;
    this.#become('connecting');
    const agent = await connect(this.#end.signal);
    this.#agent = agent;
    const connectedAt = elapsed.mark();
    try {
      if (this.#isLost()) return agent.terminate();
      if (!this.#stopServing.signal.aborted) {
        this.#become('serving');
        const serving = serve(agent, this.#stopServing.signal);
        void this.#handOverWhenUnreachable(agent);
        await serving;
      }
    } finally {
      this.#agent = undefined;
      if (elapsed.atLeast(connectedAt) >= LASTING_MS) this.#failures = 0;
      if (!this.#isLost()) await agent.drain({ timeoutMs: this.#drainLeftMs });
    }
    const ending = await agent.closed;
    if (!this.#handOver && !this.#lost)
      throw ending ?? new ClosedError('the agent was closed by the application, and its login is to be served');
  }

  /** A worker that is cut off from the platform alone keeps its lease: somebody else may reach it. */
  async #handOverWhenUnreachable(agent: Agent): Promise<void> {
    let dials = 0;
    for await (const event of agent.status()) {
      if (event.type === 'connected' || event.type === 'reconnected') dials = 0;
      if (event.type !== 'reconnecting') continue;
      if (isTooMany(event.error)) {
        await this.#parts.onTooMany(event.error);
        continue;
      }
      dials++;
      if (dials > this.#parts.maxFailedDials && this.#parts.hasOthers()) {
        this.#handOver ??= { avoidMe: true };
        this.#stopServing.abort(new Error('the platform cannot be reached from here'));
        return;
      }
    }
  }

  async #failed(error: Error, failures: number): Promise<void> {
    const { hasNewCredentials, hasOthers, maxFailedDials, onState, onTooMany, pause } = this.#parts;
    onState('connecting', error);
    if (AuthError.isInstance(error) && !error.retryable && !hasNewCredentials()) {
      // Every other worker would be refused as well, and the platform might block the user.
      this.#handOver = { aside: error.code };
      return;
    }
    if (isTooMany(error)) await onTooMany(error);
    else if (failures >= maxFailedDials && hasOthers()) this.#handOver = { avoidMe: true };
    else await pause(failures, this.#end.signal).catch(() => undefined);
  }

  /** What its handlers have left over of the time that they had together with its agent. */
  get #drainLeftMs(): number {
    const { drainTimeoutMs, elapsed } = this.#parts;
    return this.#stoppedAt ? Math.max(0, drainTimeoutMs - elapsed.atLeast(this.#stoppedAt)) : drainTimeoutMs;
  }

  // Behind a call, since it changes while something is awaited.
  #isLost(): boolean {
    return this.#lost;
  }

  #become(state: LoginState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#stateSince = this.#parts.elapsed.mark();
    this.#parts.onState(state);
  }
}

/** The platform wants fewer logins. */
const isTooMany = (error: Error | undefined): error is LpError =>
  LpError.isInstance(error) && error.context['status'] === 429;
