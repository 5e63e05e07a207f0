import { ClosedError, DrainingError, type Stream } from '@lp/core';
import { createDeferred, onAbort, sleep } from '@lp/core/internal';
import { Auditor } from './auditor.ts';
import { Capacity } from './capacity.ts';
import { ConversationPages } from './conversation-pages.ts';
import type { WorkParts } from './conversation-query.ts';
import { Departures } from './departures.ts';
import { giveBack, noTimeLeft } from './give-back.ts';
import { HandlerRunner } from './handler-runner.ts';
import type { Ring } from './ring.ts';
import { RingTaker } from './ring-taker.ts';
import {
  type ConversationHandler,
  resolveServeOptions,
  type ServeOptions,
  type ServeSettings,
} from './serve-options.ts';

// Beyond what handlers may take: within the ten seconds that a container is given for the whole end.
const GIVE_BACK_MS = 5_000;

/** Serves the conversations of one agent: takes rings, runs handlers, looks for what got lost, and stops in good order. */
export class ConversationServer {
  readonly #parts: WorkParts;
  readonly #settings: ServeSettings;
  readonly #runner: HandlerRunner;
  readonly #capacity: Capacity;
  readonly #taker: RingTaker;
  readonly #stopped = createDeferred<void>();
  readonly #abort = new AbortController();

  /** @throws ConfigError for options that cannot work. */
  constructor(parts: WorkParts, handler: ConversationHandler, options: ServeOptions) {
    this.#parts = parts;
    this.#settings = resolveServeOptions(handler, options);
    this.#runner = new HandlerRunner({
      work: parts,
      handler,
      settings: this.#settings,
      onChange: (arrived) => (arrived === undefined ? this.#capacity.update() : this.#capacity.forget(arrived)),
      onStop: (error) => this.#stopped.reject(error),
    });
    this.#capacity = new Capacity(parts, this.#settings, this.#runner);
    this.#taker = new RingTaker(parts, this.#settings, this.#capacity, this.#runner);
    // It may be rejected before anybody waits for it.
    this.#stopped.promise.catch(() => undefined);
  }

  /** Serves until stopped. `rings` ends with the agent. */
  async run(rings: Stream<Ring>): Promise<void> {
    const { signal } = this.#settings;
    if (signal?.aborted === true) return rings.close();
    const { identities, lifetime, storeHealth, store } = this.#parts;
    const mine = { stage: ['OPEN' as const], agentIds: [identities.oldId] };
    const pages = new ConversationPages(this.#parts, mine, { keep: false, signal: this.#abort.signal });
    const stop = () => this.#stopped.resolve();
    const stopListening = signal && onAbort(signal, stop);
    const unfence = storeHealth.onFenced((error) => this.#stopped.reject(error));
    const departures = new Departures(this.#parts, () => this.#runner.mine(), this.#abort.signal);
    lifetime.join(departures);
    // What is known already may be of subscriptions that are gone: what is this agent's is told again by its own.
    store.doubt();
    const unwatch = store.onChange((state) => {
      departures.see(state);
      this.#runner.see(state);
    });
    void this.#runner.start();
    const ringLoop = this.#taker.take(rings);
    // It may fail while the subscription is still awaited.
    ringLoop.catch(() => undefined);
    try {
      await Promise.race([pages.first((error) => this.#stopped.reject(error)), this.#stopped.promise, ringLoop]);
      this.#audit(pages, departures);
      await Promise.race([this.#stopped.promise, ringLoop]);
    } catch (error) {
      // The agent was closed or drained: that is how serving ends, and nobody need have waited for it.
      if (!ClosedError.isInstance(error) && !DrainingError.isInstance(error)) throw error;
    } finally {
      stopListening?.();
      unfence();
      unwatch();
      lifetime.leave(departures);
      await rings[Symbol.asyncDispose]();
      await this.#drain();
      // Not awaited: there may be no connection, and then the subscription is gone with it.
      void pages.close();
    }
  }

  #audit(pages: ConversationPages, departures: Departures): void {
    const { auditIntervalMs } = this.#settings;
    const auditor = new Auditor(this.#parts, departures, this.#abort.signal);
    void auditor.findOlder(pages);
    if (auditIntervalMs !== false) void auditor.repeat(auditIntervalMs);
  }

  async #drain(): Promise<void> {
    const { drainTimeoutMs, returnToQueue = false } = this.#settings;
    const { clock } = this.#parts;
    const mine = this.#runner.mine();
    const over = new AbortController();
    const end = clock.setTimer(() => over.abort(noTimeLeft()), drainTimeoutMs + GIVE_BACK_MS);
    this.#abort.abort(new Error('serving has stopped'));
    this.#taker.stop();
    this.#runner.stop();
    await this.#capacity.close();
    await this.#waitForWork(drainTimeoutMs);
    // What was accepted at the last moment is this agent's too, and may not have been told of.
    if (returnToQueue) await giveBack(this.#parts, mine, this.#capacity.expected, over.signal);
    end.cancel();
  }

  async #waitForWork(timeoutMs: number): Promise<void> {
    const { clock, lifetime, report } = this.#parts;
    const done = new AbortController();
    const stopListening = onAbort(lifetime.closed, () => done.abort());
    if (lifetime.closed.aborted) done.abort();
    const late = sleep(clock, timeoutMs, { signal: done.signal }).then(
      () => report.logger.warn('handlers were still at work when serving stopped', { handlers: this.#runner.size }),
      () => undefined,
    );
    await Promise.race([Promise.all([this.#runner.finished(), this.#taker.finished()]), late]);
    stopListening();
    done.abort();
    this.#runner.cutOff();
  }
}
