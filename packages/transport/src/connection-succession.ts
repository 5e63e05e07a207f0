import type { Connection } from './connection.ts';

/** The connections of a transport, one after the other: none opens its socket before those before it are gone. */
export class ConnectionSuccession {
  #current: Connection | undefined;
  /** Settles when every earlier socket is gone. */
  #earlierGone: Promise<unknown> = Promise.resolve();
  /** Those that were given up and whose sockets may wait for the server's close frame. */
  readonly #parting = new Set<Connection>();

  get current(): Connection | undefined {
    return this.#current;
  }

  /** Resolves when every socket that was given up so far is gone. */
  get gone(): Promise<unknown> {
    return this.#earlierGone;
  }

  begin(connection: Connection): void {
    this.#current = connection;
    void connection.resolve();
  }

  open(): void {
    const connection = this.#current;
    void this.#earlierGone.then(() => connection?.open());
  }

  /** Gives the present one up, and returns it. */
  abandon(graceful: boolean): Connection | undefined {
    const connection = this.#current;
    this.#current = undefined;
    if (!connection) return undefined;
    this.#parting.add(connection);
    const gone = connection.abandon(graceful).finally(() => this.#parting.delete(connection));
    this.#earlierGone = Promise.all([this.#earlierGone, gone]);
    return connection;
  }

  /** Ends every socket at once, without waiting for the server. */
  drop(): void {
    this.#current?.drop();
    for (const connection of this.#parting) connection.drop();
  }
}
