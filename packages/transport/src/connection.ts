import type { SafeContext } from '@lp/core';
import { createDeferred, toError } from '@lp/core/internal';
import pTimeout from 'p-timeout';
import { CLOSE_CLASSES, type CloseClass, classifyClose } from './close-codes.ts';
import { decodeEnvelope, utf8Length } from './codec.ts';
import {
  checkUrl,
  type Failure,
  handshakeFailure,
  lossFailure,
  oversizedFailure,
  prepareFailure,
  silenceFailure,
  timeoutError,
  urlFailure,
} from './failures.ts';
import type { InvalidFrameReason, NotificationFrame, ResponseFrame } from './frames.ts';
import { KeepAlive } from './keepalive.ts';
import type { Dial, MachineEvent } from './machine-types.ts';
import type { PreparingConnection } from './options.ts';
import type { Wire } from './pending.ts';
import type { Settings } from './resolve-options.ts';
import type { OpenSocket, Socket, SocketLoss } from './socket-types.ts';
import { timersOf } from './timers.ts';

/** What a connection tells its transport. */
export interface ConnectionEvents {
  dispatch(event: MachineEvent): void;
  response(frame: ResponseFrame): void;
  notification(frame: NotificationFrame): void;
  invalidFrame(reason: InvalidFrameReason, bytes: number): void;
  /** One that nobody needs to read. */
  skipped(): void;
  probe(connection: Connection): void;
  /** The server has closed the connection over the size of what was written. */
  refusedAsTooLarge(connection: Connection): void;
}

const TOO_LARGE = 1009;

/** One dial's life: its URL, its socket, its preparation, its keep-alive. Once abandoned it says nothing more. */
export class Connection implements Wire {
  readonly dial: Dial;
  readonly #settings: Settings;
  readonly #openSocket: OpenSocket;
  readonly #events: ConnectionEvents;
  readonly #abort = new AbortController();
  readonly #keepAlive: KeepAlive;
  readonly #timers: ReturnType<typeof timersOf>;
  #url: URL | undefined;
  #socket: Socket | undefined;
  readonly #handshake = createDeferred<void>();
  readonly #gone = createDeferred<void>();
  #isOpen = false;
  #over = false;

  constructor(dial: Dial, settings: Settings, openSocket: OpenSocket, events: ConnectionEvents) {
    this.dial = dial;
    this.#settings = settings;
    this.#openSocket = openSocket;
    this.#events = events;
    this.#timers = timersOf(settings.clock);
    this.#keepAlive = new KeepAlive(settings.clock, settings.keepAlive, {
      probe: () => this.#probe(),
      dead: () => this.#fail(silenceFailure(this.#context)),
    });
  }

  get host(): string {
    return this.#url?.host ?? '';
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get writable(): boolean {
    return !this.#over && this.#socket?.writable === true;
  }

  /** Asks for the URL. */
  async resolve(): Promise<void> {
    const { number, reason } = this.dial;
    const { signal } = this.#abort;
    try {
      const asked = Promise.resolve(this.#settings.url({ number, reason, signal }));
      this.#url = checkUrl(await this.#within(this.#settings.urlTimeoutMs, 'Asking for the URL', asked));
    } catch (cause) {
      this.#fail(urlFailure(cause, this.#context));
    }
    this.#dispatch('resolved');
  }

  /** Opens the socket. */
  async open(): Promise<void> {
    if (this.#over || !this.#url) return;
    const { connectTimeoutMs, clock } = this.#settings;
    try {
      const { agent, ...settings } = this.#settings;
      const through = typeof agent === 'function' ? await agent({ origin: this.#url.origin }) : agent;
      if (this.#over) return;
      this.#socket = this.#openSocket(
        this.#url.href,
        { ...settings, agent: through },
        {
          opened: () => this.#openedSocket(),
          message: (data) => this.#receive(data),
          alive: () => this.#keepAlive.received(),
          lost: (loss) => this.#lost(loss),
        },
      );
    } catch {
      // What a WebSocket constructor throws quotes the URL.
      this.#fail(handshakeFailure({ code: 1006, reason: '' }, this.#context, clock.now()));
      return;
    }
    try {
      await this.#within(connectTimeoutMs, 'Opening the socket', this.#handshake.promise);
    } catch (cause) {
      this.#fail({ error: toError(cause), verdict: 'retry' });
    }
  }

  /** Runs the caller's own preparation. */
  async prepare(connection: Pick<PreparingConnection, 'epoch' | 'reconnected' | 'request'>): Promise<void> {
    try {
      const prepared = Promise.resolve(this.#settings.prepare?.({ ...connection, signal: this.#abort.signal }));
      await this.#within(this.#settings.prepareTimeoutMs, 'Preparing the connection', prepared);
    } catch (cause) {
      this.#fail(prepareFailure(cause, this.#context));
    }
    this.#dispatch('prepared');
  }

  send(text: string): boolean {
    if (this.#over || this.#socket?.writable !== true) return false;
    this.#socket.send(text);
    this.#keepAlive.sent();
    return true;
  }

  /** Gives the connection up. Resolves when the socket is gone: at once, or after the server has responded to the close frame. */
  async abandon(graceful: boolean): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#keepAlive.stop();
    this.#abort.abort();
    const socket = this.#socket;
    if (!socket) return;
    if (graceful && this.#isOpen) {
      socket.close(1000);
      await pTimeout(this.#gone.promise, {
        milliseconds: this.#settings.closeTimeoutMs,
        customTimers: this.#timers,
        fallback: () => undefined,
      });
    }
    socket.terminate();
  }

  /** Destroys the socket now, a close that waits for the server included. */
  drop(): void {
    this.#socket?.terminate();
    this.#gone.resolve();
  }

  get #context(): SafeContext {
    return { host: this.#url?.host, attempt: this.dial.number };
  }

  #within<T>(milliseconds: number, step: string, promise: Promise<T>): Promise<T> {
    return pTimeout(promise, {
      milliseconds,
      customTimers: this.#timers,
      signal: this.#abort.signal,
      fallback: () => {
        throw timeoutError(step, milliseconds, this.#context);
      },
    });
  }

  #openedSocket(): void {
    if (this.#over) return;
    this.#isOpen = true;
    this.#handshake.resolve();
    this.#keepAlive.start();
    this.#dispatch('opened');
  }

  #receive(data: unknown): void {
    if (this.#over) return;
    this.#keepAlive.received();
    if (typeof data !== 'string') {
      this.#events.invalidFrame('binary', (data as { byteLength?: number }).byteLength ?? 0);
      return;
    }
    if (this.#skips(data)) {
      this.#events.skipped();
      return;
    }
    const frame = decodeEnvelope(data);
    if (typeof frame === 'string') this.#events.invalidFrame(frame, utf8Length(data));
    else if (frame.kind === 'resp') this.#events.response(frame as ResponseFrame);
    else this.#events.notification(frame as NotificationFrame);
  }

  #skips(text: string): boolean {
    try {
      return this.#settings.skipFrame?.(text) === true;
    } catch (thrown) {
      this.#settings.logger.error('skipFrame failed; the frame was read', { error: toError(thrown).name });
      return false;
    }
  }

  #lost(loss: SocketLoss): void {
    this.#gone.resolve();
    if (this.#over) return;
    if (loss.error?.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      const { maxPayloadBytes } = this.#settings;
      this.#events.invalidFrame('tooLarge', maxPayloadBytes);
      this.#fail(oversizedFailure(maxPayloadBytes, this.#context));
      return;
    }
    if (this.#isOpen && loss.code === TOO_LARGE) this.#events.refusedAsTooLarge(this);
    this.#fail(
      this.#isOpen
        ? lossFailure(loss, this.#classify(loss), this.#context)
        : handshakeFailure(loss, this.#context, this.#settings.clock.now()),
    );
  }

  #classify({ code, reason }: SocketLoss): CloseClass {
    try {
      const verdict = this.#settings.classifyClose(code, reason);
      if (CLOSE_CLASSES.includes(verdict)) return verdict;
    } catch {
      // Told below.
    }
    this.#settings.logger.error('classifyClose failed; the default table was used', { closeCode: code });
    return classifyClose(code);
  }

  #probe(): void {
    if (this.#settings.keepAlive.probe === 'request') {
      this.#events.probe(this);
    } else if (this.#socket?.writable === true) {
      this.#socket.ping();
      this.#keepAlive.sent();
    }
  }

  #fail(failure: Failure): void {
    if (!this.#over) this.#events.dispatch({ type: 'failed', dialId: this.dial.id, failure });
  }

  #dispatch(type: 'resolved' | 'opened' | 'prepared'): void {
    if (!this.#over) this.#events.dispatch({ type, dialId: this.dial.id });
  }
}
