import { onAbort } from '@lp/core/internal';

interface Flight<T> {
  readonly controller: AbortController;
  result: Promise<T>;
  waiting: number;
}

/**
 * Lets any number of callers share one run of a task. Each caller's signal ends only that caller's waiting; the task is
 * aborted when the last one has gone, and a caller after that starts a new run.
 */
export class SingleFlight<T> {
  #flight: Flight<T> | undefined;

  get active(): boolean {
    return this.#flight !== undefined;
  }

  /** Joins the run under way, or starts `task`. */
  run(task: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const flight = this.#flight ?? this.#start(task);
    flight.waiting++;
    return new Promise((resolve, reject) => {
      const stop =
        signal &&
        onAbort(signal, () => {
          flight.waiting--;
          if (flight.waiting === 0) this.#drop(flight, signal.reason);
          reject(signal.reason);
        });
      flight.result.then(resolve, reject).finally(stop);
    });
  }

  /** Aborts the run under way; its callers get what the task makes of that. */
  abort(reason: unknown): void {
    if (this.#flight) this.#drop(this.#flight, reason);
  }

  #start(task: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = {
      controller,
      waiting: 0,
      // Deferred by a microtask, so that a task which asks for this very flight joins it.
      result: Promise.resolve()
        .then(() => task(controller.signal))
        .finally(() => {
          if (this.#flight === flight) this.#flight = undefined;
        }),
    };
    this.#flight = flight;
    return flight;
  }

  #drop(flight: Flight<T>, reason: unknown): void {
    if (this.#flight === flight) this.#flight = undefined;
    flight.controller.abort(reason);
  }
}
