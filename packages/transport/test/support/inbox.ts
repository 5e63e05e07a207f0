/** Hands out what is put in, in order, to whoever waits for it. */
export interface Inbox<T> {
  /** How many items wait. */
  readonly size: number;
  put(item: T): void;
  next(): Promise<T>;
}

export function createInbox<T>(): Inbox<T> {
  const items: T[] = [];
  const waiters: ((item: T) => void)[] = [];
  return {
    get size() {
      return items.length;
    },
    put(item) {
      const waiter = waiters.shift();
      if (waiter) waiter(item);
      else items.push(item);
    },
    next() {
      const item = items.shift();
      return item === undefined ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve(item);
    },
  };
}
