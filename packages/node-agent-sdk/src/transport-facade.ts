import { EventEmitter } from 'node:events';

/** What can be done to the connection from `agent.transport`. */
export interface TransportPort {
  drop(code: number, options?: { stay?: boolean }): void;
  reconnect(): void;
}

/** What stands at `agent.transport`: enough to end and to replace the connection, and nothing secret. */
export class TransportFacade extends EventEmitter {
  /** The socket; both ways of closing it are a lost connection, which is dialled again. */
  readonly ws: { close(): void; terminate(): void };
  readonly configuration: { readonly accountId: unknown; readonly apiVersion: unknown };
  readonly #port: TransportPort;

  /** @internal */
  constructor(port: TransportPort, configuration: { accountId: unknown; apiVersion: unknown }) {
    super();
    this.#port = port;
    this.configuration = configuration;
    // 1005 stands for a close frame without a code, 1006 for none.
    const drop = (code: number) => void setImmediate(() => port.drop(code));
    this.ws = { close: () => drop(1005), terminate: () => drop(1006) };
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
