import type { Transport } from '@lp/transport';
import type { ConnectionListener, Ending } from '../context.ts';
import type { StatusHub } from './status.ts';

type EndListener = (ending: Ending) => Promise<void>;

/** Tells the streams of an agent of its connection's fate, and ends them with it. */
export class Lifecycle {
  readonly #connectionListeners = new Set<ConnectionListener>();
  readonly #endListeners = new Set<EndListener>();
  #ending: Promise<unknown> | undefined;

  /** Registers for the connection's fate; returns how to stop. */
  onConnection(listener: ConnectionListener): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  /** Registers for the end of the streams; at once when that has begun. Returns how to stop. */
  onEnd(listener: EndListener): () => void {
    this.#endListeners.add(listener);
    if (this.#ending) void listener({ drop: true });
    return () => this.#endListeners.delete(listener);
  }

  /** Passes on what the transport tells, to the streams and as status. Resolves when the transport has ended. */
  async follow(transport: Transport, status: StatusHub): Promise<void> {
    for await (const event of transport.status()) {
      if (event.type === 'disconnected') for (const listener of this.#connectionListeners) listener.connectionLost();
      if (event.type === 'reconnected') {
        for (const listener of this.#connectionListeners) listener.connectionRestored(event.epoch);
      }
      status.publish(event);
    }
  }

  /** Ends every stream; the first call decides how. Resolves when all have been read out. */
  endStreams(ending: Ending): Promise<unknown> {
    this.#ending ??= Promise.all([...this.#endListeners].map((end) => end(ending)));
    return this.#ending;
  }
}
