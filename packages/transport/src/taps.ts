import { ConfigError, type Logger } from '@lp/core';
import { toError } from '@lp/core/internal';

/** Listeners that are called while something happens, each whatever the others throw. */
export class Taps<T> {
  readonly #name: string;
  readonly #logger: Logger;
  #listeners: readonly { call: (item: T) => void }[] = [];
  errors = 0;

  constructor(name: string, logger: Logger) {
    this.#name = name;
    this.#logger = logger;
  }

  listen(call: (item: T) => void): () => void {
    if (typeof call !== 'function') throw new ConfigError(`the listener of ${this.#name} must be a function`);
    const entry = { call };
    this.#listeners = [...this.#listeners, entry];
    return () => {
      // A removed listener is not called again, not even by the delivery under way.
      entry.call = () => undefined;
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  tell(item: T): void {
    for (const { call } of this.#listeners) {
      try {
        call(item);
      } catch (thrown) {
        this.errors++;
        this.#logger.error('a listener threw', { listener: this.#name, error: toError(thrown).name });
      }
    }
  }

  end(): void {
    this.#listeners = [];
  }
}
