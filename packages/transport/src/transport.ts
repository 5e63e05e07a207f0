// Over 300 lines: what wires machine, connections, correlator and taps together; each of them is in a file of its own.
import { ClosedError, ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { checkOptionNames, createDeferred, type Deferred, onAbort, optionsChecker, toError } from '@lp/core/internal';
import pTimeout from 'p-timeout';
import { Connection, type ConnectionEvents } from './connection.ts';
import { ConnectionSuccession } from './connection-succession.ts';
import { Correlator } from './correlator.ts';
import type { InvalidFrameReason, NotificationFrame, RequestFrame, ResponseFrame } from './frames.ts';
import { transition } from './machine.ts';
import { type Effect, INITIAL, type MachineEvent, type MachineState } from './machine-types.ts';
import { NotificationHub } from './notification-hub.ts';
import { endReason, refusalOf } from './request-errors.ts';
import type { Settings } from './resolve-options.ts';
import type { OpenSocket } from './socket-types.ts';
import type { ConnectionEvent, StatusEvent } from './status.ts';
import { StatusBoard } from './status-board.ts';
import { lossEvent, readyEvent } from './status-events.ts';
import { timersOf } from './timers.ts';
import type { ConnectionState, RequestOptions, Transport, TransportStats } from './transport-types.ts';

const DRAIN_TIMEOUT_MS = 30_000;

/** Where the platform's part comes from: a socket, and whether it hides why an upgrade was refused. */
export interface SocketPlatform {
  readonly openSocket: OpenSocket;
  readonly isBrowser: boolean;
}

/** Runs what the machine decides, and hands frames to whoever waits for them. */
export class MessagingTransport implements Transport {
  readonly closed: Promise<Error | undefined>;
  readonly #settings: Settings;
  readonly #platform: SocketPlatform;
  readonly #correlator: Correlator;
  readonly #status: StatusBoard;
  readonly #hub: NotificationHub;
  readonly #finished = createDeferred<Error | undefined>();
  readonly #counts = { framesReceived: 0, invalidFrames: 0 };
  readonly #events: ConnectionEvents;
  readonly #queue: MachineEvent[] = [];
  #dispatching = false;
  #machine: MachineState = INITIAL;
  readonly #connections = new ConnectionSuccession();
  /** The connection once it is usable: requests go straight to it. */
  #wire: Connection | undefined;
  #ready: Deferred<void> | undefined;
  #draining: Promise<void> | undefined;
  /** Cancels the wait between dials, or the wait for stability. */
  #cancelTimer: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #leaveGate: (() => void) | undefined;

  constructor(settings: Settings, platform: SocketPlatform) {
    this.#settings = settings;
    this.#platform = platform;
    this.closed = this.#finished.promise;
    this.#correlator = new Correlator(settings);
    this.#status = new StatusBoard(settings.logger);
    this.#hub = new NotificationHub(settings.clock, this.#status);
    this.#events = {
      dispatch: (event) => this.#dispatch(event),
      response: (frame) => {
        this.#counts.framesReceived++;
        this.#correlator.settle(frame);
      },
      notification: (frame) => {
        this.#counts.framesReceived++;
        this.#hub.deliver(frame);
      },
      skipped: () => {
        this.#counts.framesReceived++;
      },
      invalidFrame: (reason, bytes) => this.#leaveOut(reason, bytes),
      probe: (connection) => this.#probe(connection),
      refusedAsTooLarge: (connection) => this.#correlator.refuseLargest(connection),
    };
    const { signal, gate } = settings;
    this.#leaveGate = gate?.onOpen(() => this.#correlator.opened(this.#wire));
    if (!signal) return;
    const close = () => this.#dispatch({ type: 'close', error: signal.reason });
    if (signal.aborted) close();
    else this.#stopListening = onAbort(signal, close);
  }

  get state(): ConnectionState {
    const { phase, gap } = this.#machine;
    if (phase.name === 'closed') return 'closed';
    if (this.#draining) return 'draining';
    if (phase.name === 'idle' || phase.name === 'connected') return phase.name;
    return gap ? 'reconnecting' : 'connecting';
  }

  get epoch(): number {
    return this.#machine.epoch;
  }

  get stats(): TransportStats {
    const { inFlight, queuedBytes, counts } = this.#correlator;
    const listenerErrors = this.#hub.listenerErrors + this.#status.listenerErrors;
    return { inFlight, queuedBytes, ...counts, ...this.#counts, listenerErrors };
  }

  connect(): Promise<void> {
    if (this.state === 'connected') return Promise.resolve();
    return this.#whenReady({ type: 'connect' });
  }

  async reconnect(options: { reauth?: boolean | 'ifOld' } = {}): Promise<void> {
    checkOptionNames('reconnect', options, ['reauth']);
    const { reauth = false } = options;
    if (typeof reauth !== 'boolean' && reauth !== 'ifOld') {
      throw new ConfigError("reconnect.reauth must be true, false or 'ifOld'");
    }
    await this.#whenReady({ type: 'reconnect', reauth });
  }

  request<T = ResponseFrame>(frame: RequestFrame, options: RequestOptions<T> = {}): Promise<T> {
    return this.#refused() ?? this.#correlator.request(frame, options, this.#wire);
  }

  onNotification(listener: (frame: NotificationFrame) => void): () => void {
    return this.#hub.listen(listener);
  }

  onConnection(listener: (event: ConnectionEvent) => void): () => void {
    return this.#status.onConnection(listener);
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    return this.#status.onStatus(listener);
  }

  notifications(options?: StreamOptions): Stream<NotificationFrame> {
    return this.#hub.subscribe(options);
  }

  status(options?: StreamOptions): Stream<StatusEvent> {
    return this.#status.subscribe(options);
  }

  async drain(options: { timeoutMs?: number } = {}): Promise<void> {
    const check = optionsChecker(options, 'drain');
    check.durations(['timeoutMs'], { zero: true });
    check.nothingElse();
    if (this.#machine.phase.name === 'closed') return this.close();
    this.#draining ??= this.#drain(options.timeoutMs ?? DRAIN_TIMEOUT_MS);
    await this.#draining;
  }

  async close(): Promise<void> {
    this.#dispatch({ type: 'close', error: undefined });
    await this.closed;
  }

  terminate(): void {
    this.#dispatch({ type: 'close', error: undefined, abrupt: true });
    this.#connections.drop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #drain(timeoutMs: number): Promise<void> {
    this.#hub.endStreams();
    if (timeoutMs > 0) {
      await pTimeout(Promise.race([this.#correlator.whenEmpty(), this.closed]), {
        milliseconds: timeoutMs,
        customTimers: timersOf(this.#settings.clock),
        fallback: () => undefined,
      });
    }
    await this.close();
  }

  #whenReady(event: MachineEvent): Promise<void> {
    const refused = this.state === 'idle' ? undefined : this.#refused();
    if (refused) return refused;
    // Made first: the dial may end before `dispatch` returns.
    this.#ready ??= createDeferred<void>();
    const { promise } = this.#ready;
    this.#dispatch(event);
    return promise;
  }

  /** Why nothing is taken any more, or not yet, as a rejection: what a signal was aborted with may be anything. */
  #refused(): Promise<never> | undefined {
    const { phase } = this.#machine;
    if (phase.name === 'closed' && this.#isAborted(phase.error)) return Promise.reject(phase.error);
    const refusal = refusalOf(phase, this.#draining !== undefined);
    return refusal && Promise.reject(refusal);
  }

  /** Whether what ended the transport is its signal. */
  #isAborted(error: unknown): boolean {
    const { signal } = this.#settings;
    return signal?.aborted === true && error === signal.reason;
  }

  /** Feeds the machine. An event that arises while effects run waits for them. */
  #dispatch(event: MachineEvent): void {
    this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const { policy, reconnects } = this.#settings;
        const environment = { now: this.#now(), policy, reconnects, blind: this.#platform.isBrowser };
        const { state, effects } = transition(this.#machine, next, environment);
        this.#machine = state;
        for (const effect of effects) this.#run(effect);
      }
    } finally {
      this.#dispatching = false;
    }
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'wait': {
        const { type: _, dialId, error, ...facts } = effect;
        this.#status.publish({ type: 'reconnecting', at: this.#now(), ...facts, ...(error ? { error } : {}) });
        this.#after(effect.delayMs, { type: 'waited', dialId });
        return;
      }
      case 'resolve': {
        const { number: attempt, reason } = effect.dial;
        this.#status.publish({ type: 'connecting', at: this.#now(), attempt, reason });
        this.#connections.begin(new Connection(effect.dial, this.#settings, this.#platform.openSocket, this.#events));
        return;
      }
      case 'open':
        this.#connections.open();
        return;
      case 'prepare': {
        const connection = this.#connections.current;
        void connection?.prepare({
          epoch: effect.epoch,
          reconnected: effect.reconnected,
          request: (frame, options = {}) => this.#correlator.request(frame, options, connection, connection),
        });
        return;
      }
      case 'ready':
        this.#becomeReady(effect.gapMs, effect.attempts);
        return;
      case 'lost':
        this.#status.publish(lossEvent(this.#now(), effect));
        return;
      case 'abandon':
        this.#abandon(effect.graceful);
        return;
      case 'end':
        this.#end(effect.error);
        return;
    }
  }

  #becomeReady(gapMs: number | undefined, attempts: number): void {
    const connection = this.#connections.current;
    if (!connection) return;
    this.#wire = connection;
    this.#correlator.flush(connection);
    const facts = { at: this.#now(), epoch: this.epoch, host: connection.host };
    this.#status.publish(readyEvent(facts, gapMs, attempts));
    const stable: MachineEvent = { type: 'stable', dialId: connection.dial.id };
    this.#after(this.#settings.policy.stableMs, stable, { background: true });
    this.#ready?.resolve();
    this.#ready = undefined;
  }

  #abandon(graceful: boolean): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#wire = undefined;
    const connection = this.#connections.abandon(graceful);
    if (connection) this.#correlator.lose(connection);
  }

  #end(error: unknown): void {
    const aborted = this.#isAborted(error);
    this.#stopListening?.();
    this.#leaveGate?.();
    const shown = error === undefined ? undefined : toError(error);
    this.#correlator.end((pending) => endReason(pending, aborted, error));
    this.#status.publish({ type: 'closed', at: this.#now(), ...(shown ? { error: shown } : {}) });
    this.#hub.end(error);
    this.#status.end();
    this.#ready?.reject(error === undefined ? new ClosedError('the client was closed while it was connecting') : error);
    this.#ready = undefined;
    // After the effects that follow: they may have a socket to close.
    // A promise and not queueMicrotask, which fake timers replace.
    void Promise.resolve().then(() => this.#connections.gone.then(() => this.#finished.resolve(shown)));
  }

  #leaveOut(reason: InvalidFrameReason, bytes: number): void {
    this.#counts.framesReceived++;
    const count = ++this.#counts.invalidFrames;
    this.#status.publish({ type: 'invalidFrame', at: this.#now(), reason, bytes, count });
  }

  #probe(connection: Connection): void {
    const { probeRequest, timeoutMs } = this.#settings.keepAlive;
    // Whether it gets through shows in the frames that arrive.
    this.#correlator.request(probeRequest, { timeoutMs }, connection, connection, true).catch(() => undefined);
  }

  #after(delayMs: number, event: MachineEvent, options: { background?: boolean } = {}): void {
    const timer = this.#settings.clock.setTimer(() => this.#dispatch(event), delayMs, options);
    this.#cancelTimer = () => timer.cancel();
  }

  #now(): number {
    return this.#settings.clock.now();
  }
}
