import type { OpenSocket, Socket, SocketHandlers } from '../../src/socket-types.ts';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  readonly bufferedAmount = 0;
  /** What was written, in order. */
  readonly texts: string[] = [];
  /** True: nothing arrives and nothing responds, as on a link whose other end is gone. */
  frozen = false;
  phase: 'connecting' | 'open' | 'closing' | 'gone' = 'connecting';
  readonly #handlers: SocketHandlers;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
  }

  get writable(): boolean {
    return this.phase === 'open';
  }

  send(text: string): void {
    this.texts.push(text);
  }

  ping(): void {
    queueMicrotask(() => {
      if (this.phase !== 'gone' && !this.frozen) this.#handlers.alive();
    });
  }

  close(code: number): void {
    this.phase = 'closing';
    queueMicrotask(() => this.end(code));
  }

  terminate(): void {
    this.phase = 'gone';
  }

  /** The server accepts the upgrade. */
  open(): void {
    if (this.phase !== 'connecting' || this.frozen) return;
    this.phase = 'open';
    this.#handlers.opened();
  }

  /** The server refuses the upgrade. */
  refuse(httpStatus: number): void {
    if (this.phase === 'connecting' && !this.frozen) this.#lose({ code: 1006, reason: '', httpStatus });
  }

  /** The server ends the connection. */
  end(code: number): void {
    if (this.phase !== 'gone' && this.phase !== 'connecting' && !this.frozen) this.#lose({ code, reason: '' });
  }

  deliver(frame: object): void {
    if (this.phase === 'open' && !this.frozen) this.#handlers.message(JSON.stringify(frame));
  }

  #lose(loss: Parameters<SocketHandlers['lost']>[0]): void {
    this.phase = 'gone';
    this.#handlers.lost(loss);
  }
}

/** Every socket that was opened, in order. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly openSocket: OpenSocket = (_url, _options, handlers) => {
    const socket = new FakeSocket(handlers);
    this.sockets.push(socket);
    return socket;
  };

  get live(): FakeSocket[] {
    return this.sockets.filter(({ phase }) => phase !== 'gone');
  }
}
