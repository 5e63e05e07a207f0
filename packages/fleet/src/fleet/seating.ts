import { type Agent, type ConversationHandler, connectAgent } from '@lp/agent';
import type { Credentials } from '@lp/auth';
import {
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  ConfigError,
  FencedError,
  type Logger,
  type LogMethod,
} from '@lp/core';
import { abortable, codeOf, onAbort, sleep, stackOf, thrownError, timeLeft } from '@lp/core/internal';
import type { Claim, FleetEngine, Release } from '../engine/engine.ts';
import { Caution } from '../worker/caution.ts';
import { DialogRecords } from '../worker/dialog-records.ts';
import type { Elapsed } from '../worker/elapsed.ts';
import { LoginGate } from '../worker/lease.ts';
import { LoadMeter } from '../worker/load-meter.ts';
import type { LoginLimiter } from '../worker/login-limiter.ts';
import { Seat } from '../worker/seat.ts';
import type { Worker } from '../worker/worker.ts';
import { isSame } from './login-book.ts';
import type { FleetLogin } from './logins.ts';
import type { FleetServeOptions, ResolvedFleetOptions } from './options.ts';
import type { FleetStatusEvent } from './status.ts';
import { type LoginStore, openFile, storeOf } from './store.ts';
import { watchLoad } from './watch-load.ts';
import { watchRepetitions } from './watch-repetitions.ts';

export interface SeatingParts {
  readonly options: ResolvedFleetOptions;
  readonly engine: FleetEngine;
  /** Whether records are kept at the engine; else in files. */
  readonly keepsRecords: boolean;
  readonly limiter: LoginLimiter;
  readonly elapsed: Elapsed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly find: (login: string) => FleetLogin | undefined;
  /** Called with each agent before it serves. */
  readonly prepare: (agent: Agent, login: string) => Promise<void>;
  readonly publish: (event: FleetStatusEvent) => void;
  /** The worker stops: `onError` has decided so, or another process has its files. */
  readonly onStop: (error: unknown) => void;
}

/** What conversations are served with, known once `serve` was called. */
export interface Service {
  readonly handler: ConversationHandler;
  readonly options: FleetServeOptions;
}

interface Place {
  readonly login: string;
  readonly gate: LoginGate;
  readonly caution: Caution;
  readonly store: LoginStore;
  loggedInAt?: number;
  /** How often in a row a listener of agents has thrown. */
  listenerErrors: number;
  /** What one has thrown last: it is in the log. */
  listenerError?: Error;
}

const DIAL_RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 15_000, jitter: 'full' };
const RELEASE_RETRY: BackoffPolicy = { initialMs: 100, factor: 2, maxMs: 1_000, jitter: 'full' };
const LOGIN_SPACING_MS = 5_000;
// What a system was given to send may be sent again and again for about that long before the link counts as dead.
const SHORTEST_CAUTION_MS = 60_000;

/** Brings agent, gate, store and limits together for each login that this worker claims. */
export class Seating {
  readonly #parts: SeatingParts;
  #service: Service | undefined;

  constructor(parts: SeatingParts) {
    this.#parts = parts;
  }

  get service(): Service | undefined {
    return this.#service;
  }

  set service(service: Service) {
    this.#service = service;
  }

  /** Begins to serve a login. Rejects when its records cannot be read. */
  async seat(worker: Worker, { login, epoch, clean }: Claim): Promise<Seat> {
    const { clock, elapsed, engine, limiter, options, publish } = this.#parts;
    const { drainTimeoutMs, maxFailedDials, name, ttlMs } = options;
    const load = new LoadMeter();
    const gate = new LoginGate(worker.lease);
    const caution = new Caution(elapsed, Math.max(SHORTEST_CAUTION_MS, 4 * ttlMs));
    if (!clean) caution.begin();
    const onHandled = (dialogId: string, sequence: number) => load.handled(dialogId, sequence);
    const kept = await engine.load(login);
    for (const [dialogId, { sequence }] of kept) onHandled(dialogId, sequence);
    const records = new DialogRecords({ login, epoch, records: kept, commits: worker.committer, onHandled });
    const { folder } = options;
    const store = this.#parts.keepsRecords ? storeOf(records) : openFile({ folder, login, onHandled });
    const place: Place = { login, gate, caution, store, listenerErrors: 0 };
    let used: Credentials | undefined;
    return new Seat({
      login,
      epoch,
      gate,
      load,
      caution,
      elapsed,
      connect: async (signal) => {
        used = this.#parts.find(login)?.credentials;
        return await this.#connect(place, signal);
      },
      hasNewCredentials: () => {
        const { credentials } = this.#parts.find(login) ?? {};
        return used !== undefined && credentials !== undefined && !isSame(used, credentials);
      },
      serve: (agent, signal) => this.#serve(agent, load, signal),
      release: async (release) => {
        await store.close();
        await this.#release(worker, release);
      },
      pause: (failures, signal) =>
        sleep(clock, backoffDelay(DIAL_RETRY, failures) + this.#untilLogin(place), { signal }),
      onTooMany: (error) => limiter.refused(error),
      onState: (state, error) => {
        publish({ type: 'login', at: clock.now(), worker: name, login, epoch, state, ...(error && { error }) });
        if (state === 'serving') worker.served();
        if (error) this.#tell(error, place);
        const fenced = this.#parts.keepsRecords ? undefined : fencedOf(error);
        // Without an engine nobody tells this process when the other one ends: all it could do is try for ever.
        if (fenced) this.#parts.onStop(fenced);
      },
      maxFailedDials,
      hasOthers: () => worker.hasOthers,
      drainTimeoutMs,
    });
  }

  async #connect(place: Place, signal: AbortSignal): Promise<Agent> {
    const { clock, find, limiter, logger, options, publish } = this.#parts;
    const { caution, gate, login, store } = place;
    const entry = find(login);
    if (!entry) throw new ConfigError(`the login ${login} is no longer among the logins of this worker`);
    const { login: _, credentials, ...own } = entry;
    const agent = await connectAgent({
      ...options.agent,
      ...own,
      accountId: options.accountId,
      credentials,
      gate,
      store: store.store,
      lookUp: () => (options.lookUp === 'always' || !caution.isOver ? 'always' : 'recovered'),
      beforeLogin: (context) => limiter.pass(context.signal, gate),
      firstConnect: 'fail',
      signal,
      clock,
      logger: loggerOf(login, logger, () => gate.hasEnded || signal.aborted),
    });
    place.loggedInAt = clock.now();
    // A listener that never ends must not keep a login that is given back, or lost.
    const stop = onAbort(signal, () => agent.terminate());
    try {
      await this.#prepare(agent, place, signal);
      if (options.availability !== false) await agent.setAgentState({ availability: options.availability });
      signal.throwIfAborted();
    } catch (error) {
      await agent.close();
      throw error;
    } finally {
      stop();
    }
    void watchRepetitions(agent, caution, (dialogId, sequence) => {
      publish({ type: 'answeredTwice', at: clock.now(), worker: options.name, login, dialogId, sequence });
      logger.warn('a message was answered twice, by this worker and the one before', { login, dialogId, sequence });
    });
    return agent;
  }

  async #prepare(agent: Agent, place: Place, signal: AbortSignal): Promise<void> {
    const { login } = place;
    const { clock, logger, options, prepare } = this.#parts;
    const where = { where: 'fleet.onAgent', login };
    const tell = () => logger.warn('code of the application takes long: the login is served when it returns', where);
    const late = clock.setTimer(tell, options.ttlMs, { background: true });
    try {
      await abortable(prepare(agent, login), signal);
      place.listenerErrors = 0;
    } catch (thrown) {
      const failure = thrownError(thrown);
      if (!signal.aborted) {
        const { name: error, message: reason } = failure;
        const stack = place.listenerErrors++ === 0 ? stackOf(failure) : undefined;
        logger.error('code of the application failed', { ...where, error, reason, stack });
        place.listenerError = failure;
      }
      throw failure;
    } finally {
      late.cancel();
    }
  }

  /** Tells people of a try that has failed, but of what a listener has thrown: that is in the log. */
  #tell(error: Error, { listenerError, login }: Place): void {
    if (error === listenerError) return;
    const facts = { login, code: codeOf(error), error: error.name, reason: error.message };
    this.#parts.logger.warn('a login could not be served', facts);
  }

  /** How long the platform wants no login yet, since one was made that did not last. */
  #untilLogin({ loggedInAt, login }: Place): number {
    const { clock, find, options } = this.#parts;
    const { reconnect } = { ...options.agent, ...find(login) };
    const { loginSpacingMs = LOGIN_SPACING_MS } = reconnect || {};
    return timeLeft(loggedInAt, loginSpacingMs, clock.now());
  }

  async #serve(agent: Agent, load: LoadMeter, signal: AbortSignal): Promise<void> {
    const { handler, options } = this.#service as Service;
    const { onStop, options: fleet } = this.#parts;
    const { onError } = options;
    const decide: typeof onError = async (failure) => {
      const decision = await onError?.(failure);
      if (decision === 'stop') onStop(failure.error);
      return decision ?? '';
    };
    void watchLoad(agent, load);
    await agent.serve((conversation) => load.during(() => handler(conversation)), {
      ...options,
      ...(onError && { onError: decide }),
      drainTimeoutMs: fleet.drainTimeoutMs,
      signal,
    });
  }

  /**
   * Tries until it is given back, or somebody else has it: nobody may claim it before. A worker that drains gives up after a
   * TTL, or when it has no time left: it will be buried, and its process has to end.
   */
  async #release(worker: Worker, release: Release): Promise<void> {
    const { clock, elapsed, engine, logger, options, publish } = this.#parts;
    const { incarnation, noTimeLeft } = worker;
    const since = elapsed.mark();
    const isOver = () => noTimeLeft.aborted || (worker.isDraining && elapsed.atLeast(since) > options.ttlMs);
    for (let failures = 1; worker.incarnation === incarnation && !isOver(); failures++) {
      try {
        await abortable(engine.release(incarnation, release), noTimeLeft);
        break;
      } catch {
        await sleep(clock, backoffDelay(RELEASE_RETRY, failures), { signal: noTimeLeft }).catch(() => undefined);
      }
    }
    const { aside: code, login } = release;
    if (code === undefined) return;
    publish({ type: 'setAside', at: clock.now(), login, code });
    logger.error('a login is set aside until its credentials change, or somebody asks to move it', { login, code });
  }
}

/**
 * Says whose line it is, of many logins in one log. An agent that was ended since its login is another's, or goes to another,
 * has much to complain of, and nobody can do anything about it.
 */
function loggerOf(login: string, logger: Logger, isOver: () => boolean): Logger {
  const pass =
    (name: keyof Logger): LogMethod =>
    (message, fields) => {
      if (!isOver()) logger[name](message, { login, ...fields });
    };
  return { debug: pass('debug'), info: pass('info'), warn: pass('warn'), error: pass('error') };
}

/** The error that says that another process has the files, where it is one or was caused by one. */
function fencedOf(error: Error | undefined): FencedError | undefined {
  return [error, error?.cause].find((each) => FencedError.isInstance(each));
}
