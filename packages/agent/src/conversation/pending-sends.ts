/**
 * Promises of one body that may not have been awaited. A promise of this class notes whether anybody waits for it: then
 * its rejection is theirs, else it is the body's.
 */
class WatchedPromise<T> extends Promise<T> {
  watched = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.watched = true;
    return super.then(onFulfilled, onRejected);
  }

  /** Waits without being the one who waits. */
  look(): Promise<{ readonly error: unknown } | undefined> {
    return super.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
  }
}

/** The sends of a body. */
export class PendingSends {
  /** Made with the first send: a conversation that waits has none. */
  #open: Set<WatchedPromise<unknown>> | undefined;

  /** The promise of a send, to be handed to the body. */
  add<T>(send: () => Promise<T>): Promise<T> {
    const promise = new WatchedPromise<T>((resolve, reject) => {
      send().then(resolve, reject);
    });
    this.#open ??= new Set();
    const open = this.#open.add(promise);
    void promise.look().then((failed) => {
      if (!failed || promise.watched) open.delete(promise);
    });
    return promise;
  }

  /** Undefined when there is nothing to wait for. Rejects with the first failure that nobody waited for. */
  settle(): Promise<void> | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open === undefined || open.size === 0 ? undefined : this.#settleAll([...open]);
  }

  async #settleAll(open: readonly WatchedPromise<unknown>[]): Promise<void> {
    for (const promise of open) {
      const failed = await promise.look();
      if (failed && !promise.watched) throw failed.error;
    }
  }
}
