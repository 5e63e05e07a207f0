/** The least that `for await` can be fed with: a buffer and the promise that waits. */
export class Loop<T> implements AsyncIterableIterator<T> {
  readonly #buffer: T[] = [];
  #waiter: ((result: IteratorResult<T>) => void) | undefined;

  push(value: T): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter) waiter({ done: false, value });
    else this.#buffer.push(value);
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#buffer.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
