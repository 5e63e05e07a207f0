import { type Logger, LpError, type SafeContext, type Stream, type StreamOptions } from '@lp/core';
import { Broadcast, checkStreamOptions } from '@lp/core/internal';
import { channels } from './diagnostics.ts';
import type { ConnectionEvent, StatusEvent } from './status.ts';
import { Taps } from './taps.ts';

const CAPACITY = 256;

/** Tells what happens to the connection: to the status streams, the diagnostics channel and the log. */
export class StatusBoard {
  readonly #logger: Logger;
  readonly #streams = new Broadcast<StatusEvent>();

  readonly #taps: Taps<StatusEvent>;
  readonly #connectionTaps: Taps<ConnectionEvent>;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#taps = new Taps('onStatus', logger);
    this.#connectionTaps = new Taps('onConnection', logger);
  }

  get listenerErrors(): number {
    return this.#taps.errors + this.#connectionTaps.errors;
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    return this.#taps.listen(listener);
  }

  onConnection(listener: (event: ConnectionEvent) => void): () => void {
    return this.#connectionTaps.listen(listener);
  }

  subscribe(options: StreamOptions = {}): Stream<StatusEvent> {
    checkStreamOptions('status', options);
    return this.#streams.subscribe({ capacity: CAPACITY, ...options, overflow: 'drop-oldest' });
  }

  publish(event: StatusEvent): void {
    if (event.type === 'connected' || event.type === 'reconnected' || event.type === 'disconnected') {
      this.#connectionTaps.tell(event);
    }
    this.#taps.tell(event);
    this.#streams.publish(event);
    if (channels.status.hasSubscribers) channels.status.publish(event);
    logStatus(this.#logger, event);
  }

  end(): void {
    this.#taps.end();
    this.#connectionTaps.end();
    this.#streams.end();
  }
}

/** Writes a status event as one log line of safe facts. */
function logStatus(logger: Logger, event: StatusEvent): void {
  switch (event.type) {
    case 'connecting':
      return logger.debug('connecting', { attempt: event.attempt, reason: event.reason });
    case 'connected':
      return logger.info('connected', { epoch: event.epoch, host: event.host });
    case 'disconnected': {
      const { closeCode, classification, willReconnect } = event;
      return logger.warn('disconnected', { closeCode, classification, willReconnect, ...factsOf(event.error) });
    }
    case 'reconnecting': {
      const { attempt, attemptsLeft, delayMs, reason } = event;
      return logger.info('connecting again after a wait', {
        attempt,
        attemptsLeft,
        delayMs,
        reason,
        ...factsOf(event.error),
      });
    }
    case 'reconnected': {
      const { epoch, host, gapMs, attempts } = event;
      return logger.info('connected again', { epoch, host, gapMs, attempts });
    }
    case 'invalidFrame': {
      // A line for the 1st, 2nd, 4th, 8th … says as much as one for each.
      if ((event.count & (event.count - 1)) !== 0) return;
      return logger.warn('left out an invalid frame', { reason: event.reason, bytes: event.bytes, count: event.count });
    }
    case 'slowConsumer':
      return logger.warn('a stream of notifications is not read fast enough', { capacity: event.capacity });
    case 'listenerError':
      return logger.error('a notification listener threw', {
        notificationType: event.notificationType,
        ...factsOf(event.error),
      });
    case 'closed':
      return event.error ? logger.error('closed', factsOf(event.error)) : logger.info('closed');
  }
}

// The message of a foreign error may hold anything; its name and code do not.
function factsOf(error: Error | undefined): SafeContext {
  if (!error) return {};
  if (LpError.isInstance(error)) return { ...error.context, error: error.name, code: error.code };
  return { error: error.name };
}
