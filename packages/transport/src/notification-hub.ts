import { type Clock, ConfigError, type Stream, type StreamOptions } from '@lp/core';
import { Broadcast, checkStreamOptions, toError } from '@lp/core/internal';
import type { NotificationFrame } from './frames.ts';
import type { StatusBoard } from './status-board.ts';

type Listener = (frame: NotificationFrame) => void;

const CAPACITY = 1_024;

const ignore: Listener = () => undefined;

/** Hands each notification to the listeners and to the streams. */
export class NotificationHub {
  readonly #clock: Clock;
  readonly #status: StatusBoard;
  readonly #streams = new Broadcast<NotificationFrame>();
  #listeners: readonly { call: Listener }[] = [];
  #listenerErrors = 0;

  constructor(clock: Clock, status: StatusBoard) {
    this.#clock = clock;
    this.#status = status;
  }

  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  listen(call: Listener): () => void {
    if (typeof call !== 'function') throw new ConfigError('the listener of onNotification must be a function');
    const entry = { call };
    this.#listeners = [...this.#listeners, entry];
    return () => {
      // A removed listener is not called again, not even by the delivery under way.
      entry.call = ignore;
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  subscribe(options: StreamOptions = {}): Stream<NotificationFrame> {
    checkStreamOptions('notifications', options);
    const { capacity = CAPACITY } = options;
    return this.#streams.subscribe({
      ...options,
      capacity,
      overflow: 'drop-oldest',
      onHighWater: () =>
        this.#status.publish({ type: 'slowConsumer', at: this.#clock.now(), stream: 'notifications', capacity }),
    });
  }

  deliver(frame: NotificationFrame): void {
    for (const { call } of this.#listeners) {
      try {
        const result: unknown = call(frame);
        if (result instanceof Promise) result.catch((thrown: unknown) => this.#tellFailure(frame.type, thrown));
      } catch (thrown) {
        this.#tellFailure(frame.type, thrown);
      }
    }
    if (this.#streams.size > 0) this.#streams.publish(frame);
  }

  #tellFailure(notificationType: string, thrown: unknown): void {
    this.#listenerErrors++;
    this.#status.publish({ type: 'listenerError', at: this.#clock.now(), notificationType, error: toError(thrown) });
  }

  /** Ends the streams after what they hold; listeners are called on. */
  endStreams(error?: unknown): void {
    this.#streams.end(error);
  }

  end(error: unknown): void {
    this.endStreams(error);
    this.#listeners = [];
  }
}
