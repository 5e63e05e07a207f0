import { EventEmitter } from 'node:events';

/** What can be done to the connection from `agent.transport`. */
export interface TransportPort {
  drop(code: number, options?: { stay?: boolean }): void;
  reconnect(): void;
  /** The present bearer. */
  readonly bearer: string | undefined;
}

/** What stands at `agent.transport.configuration`. Whoever prints it does not see the token. */
class Configuration {
  readonly accountId: unknown;
  readonly apiVersion: unknown;
  readonly #port: TransportPort;

  constructor(port: TransportPort, accountId: unknown, apiVersion: unknown) {
    this.#port = port;
    this.accountId = accountId;
    this.apiVersion = apiVersion;
  }

  /** The present bearer. */
  get token(): string | undefined {
    return this.#port.bearer;
  }
}

/** What stands at `agent.transport`: enough to end and to replace the connection, and nothing secret. */
export class TransportFacade extends EventEmitter {
  /**
   * The socket; both ways of closing it are a lost connection, which is dialled again. A `ping()` does nothing: the
   * connection has a keep-alive.
   */
  readonly ws: { close(): void; terminate(): void; ping(): void };
  /** `token` is the present bearer. */
  readonly configuration: {
    readonly accountId: unknown;
    readonly apiVersion: unknown;
    readonly token: string | undefined;
  };
  readonly #port: TransportPort;

  /** @internal */
  constructor(port: TransportPort, { accountId, apiVersion }: { accountId: unknown; apiVersion: unknown }) {
    super();
    this.#port = port;
    this.configuration = new Configuration(port, accountId, apiVersion);
    // 1005 stands for a close frame without a code, 1006 for none.
    const drop = (code: number) => void setImmediate(() => port.drop(code));
    this.ws = { close: () => drop(1005), terminate: () => drop(1006), ping: () => undefined };
  }

  /** Replaces the connection with the same token. */
  reconnect(): void {
    this.#port.reconnect();
  }

  /** Ends the connection; it stays closed until the agent's `reconnect()`. */
  close(): void {
    this.#port.drop(1006, { stay: true });
  }
}
