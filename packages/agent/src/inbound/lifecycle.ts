import type { Channel } from '@lp/core/internal';
import type { Transport } from '@lp/transport';
import type { StatusHub } from './status.ts';

/** How the streams of an agent end. */
export interface Ending {
  /** What ended the agent when it was not asked to, or the reason of its signal: streams fail with it, after what they hold. */
  readonly error?: unknown;
  /** Whether what streams hold is dropped, since the agent was closed and not drained. */
  readonly drop: boolean;
}

type EndListener = (ending: Ending) => Promise<void>;

/** What lives as long as its agent, and is told of its connection's fate: the message streams. */
export interface Dependant {
  connectionLost(): void;
  connectionRestored(epoch: number): void;
  /** The agent ends its streams. Draining waits for what it returns. */
  stop(ending: Ending): Promise<void>;
}

/** The life of an agent, for what lives as long as it or as its connection. */
export interface Lifetime {
  /** Aborted when the agent has closed for good; its reason is what waits then rejects with. */
  readonly closed: AbortSignal;
  /** Whether the end has begun: what fails from now on fails because of that. */
  readonly ending: boolean;
  /** Registers for the fate of connection and agent; at once told of the end when that has begun. */
  join(dependant: Dependant): void;
  /** Ends what `join` began. */
  leave(dependant: Dependant): void;
  /**
   * Calls `listener` when the agent ends its streams; at once when that has begun. Draining waits for what it returns.
   * Returns how to stop.
   */
  onEnd(listener: EndListener): () => void;
}

/** Ends a channel with the agent. Returns how to undo that, for when the channel ends first. */
export function endWithAgent(
  lifetime: Pick<Lifetime, 'onEnd'>,
  channel: Pick<Channel<never>, 'end' | 'fail' | 'drained'> & { readonly stream: AsyncDisposable },
): () => void {
  return lifetime.onEnd(({ error, drop }) => {
    if (error !== undefined) channel.fail(error);
    else if (drop) void channel.stream[Symbol.asyncDispose]();
    else channel.end();
    return channel.drained;
  });
}

/** Tells the streams of an agent of its connection's fate, and ends them with it. */
export class Lifecycle implements Lifetime {
  readonly #dependants = new Set<Dependant>();
  readonly #endListeners = new Set<EndListener>();
  readonly #closed = new AbortController();
  #ending: Promise<unknown> | undefined;
  #hasBegunToEnd = false;
  #transport: Pick<Transport, 'state'> | undefined;

  get ending(): boolean {
    return this.#hasBegunToEnd || this.#transport?.state === 'closed';
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  join(dependant: Dependant): void {
    this.#dependants.add(dependant);
    if (this.#ending) void dependant.stop({ drop: true });
  }

  leave(dependant: Dependant): void {
    this.#dependants.delete(dependant);
  }

  onEnd(listener: EndListener): () => void {
    this.#endListeners.add(listener);
    if (this.#ending) void listener({ drop: true });
    return () => this.#endListeners.delete(listener);
  }

  /** Passes on what the transport tells, to the streams and as status, in the turn in which it happens: as frames come too. */
  follow(transport: Pick<Transport, 'onConnection' | 'onStatus' | 'state'>, status: StatusHub): void {
    this.#transport = transport;
    transport.onConnection((event) => {
      if (event.type === 'disconnected') for (const dependant of this.#dependants) dependant.connectionLost();
      if (event.type === 'reconnected') {
        for (const dependant of this.#dependants) dependant.connectionRestored(event.epoch);
      }
    });
    transport.onStatus((event) => status.publish(event));
  }

  /** Ends every stream; the first call decides how. Resolves when all are drained. */
  endStreams(ending: Ending): Promise<unknown> {
    // Before the first stream ends: who ends with it asks why.
    this.#hasBegunToEnd = true;
    this.#ending ??= Promise.all([
      ...[...this.#endListeners].map((end) => end(ending)),
      ...[...this.#dependants].map((dependant) => dependant.stop(ending)),
    ]);
    return this.#ending;
  }

  /** The agent is closed for good: what waits still rejects with `reason`. */
  close(reason: unknown): void {
    this.#closed.abort(reason);
  }
}
