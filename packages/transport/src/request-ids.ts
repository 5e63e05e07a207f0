import { ConfigError } from '@lp/core';

// Ids are told apart from unknown ones while they are among the last this many.
const REMEMBERED = 1_024;

/** A set that forgets its oldest member when it is full. */
class RecentIds {
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  delete(id: string): boolean {
    return this.#ids.delete(id);
  }

  clear(): void {
    this.#ids.clear();
  }
}

/** Names requests, and knows what became of the names. */
export class RequestIds {
  readonly #givenUp = new RecentIds();
  readonly #own = new RecentIds();
  #last = 0;

  /** The next free number, or the caller's own id. @throws ConfigError for one that is not a text or was used before. */
  next(own: string | undefined, pending: { has(id: string): boolean }): string {
    if (own === undefined) {
      let id = String(++this.#last);
      while (pending.has(id)) id = String(++this.#last);
      return id;
    }
    if (typeof own !== 'string' || own === '') throw new ConfigError('id must be a text of at least one character');
    if (pending.has(own) || this.#own.has(own) || this.#isNumbered(own)) {
      throw new ConfigError('id was used on this connection before; give each request one of its own');
    }
    this.#own.add(own);
    return own;
  }

  /** A request that was written gets no response any more. */
  giveUp(id: string): void {
    this.#givenUp.add(id);
  }

  /** What a response without a pending request belongs to. */
  kindOf(id: string): 'lateResponses' | 'duplicateResponses' | 'unknownResponses' {
    if (this.#givenUp.delete(id)) return 'lateResponses';
    return this.#isNumbered(id) || this.#own.has(id) ? 'duplicateResponses' : 'unknownResponses';
  }

  /** A new connection knows none of the ids. */
  forgetOwn(): void {
    this.#own.clear();
  }

  #isNumbered(id: string): boolean {
    return /^[1-9]\d{0,15}$/.test(id) && Number(id) <= this.#last;
  }
}
