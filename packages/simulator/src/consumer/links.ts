import { createDeferred, type Deferred } from '@lp/core/internal';
import type { Frame } from '../journal.ts';
import type { Platform } from '../platform/platform.ts';
import { nextTurn } from '../turns.ts';
import { simulatorClosed } from '../wait-timeout.ts';
import type { LocalSocket } from '../ws/local-socket.ts';

/** Opens a socket to the platform with a consumer's token. @throws Error when the platform takes none, or refuses the token. */
export type ConsumerConnect = (token: string, clientProperties: object) => LocalSocket;

/** A consumer's socket to the platform. */
export interface ConsumerLink {
  readonly open: boolean;
  /** The response's body. @throws Error when the platform refuses, or the connection is lost before it responds. */
  request(type: string, body?: object, metadata?: readonly object[]): Promise<unknown>;
  close(): void;
}

/**
 * Opens consumers' sockets within this process: the frames are those of every client, without ports, file descriptors and bytes.
 * Ten thousand consumers fit one process so.
 */
export class ConsumerLinks {
  readonly platform: Platform;
  readonly #connect: ConsumerConnect;
  readonly #sockets = new Set<LocalSocket>();
  /** Called with the error of every wait when the simulator closes. */
  readonly endings = new Set<(error: Error) => void>();
  /** True once the simulator closes. */
  closed = false;

  constructor(options: { platform: Platform; connect: ConsumerConnect }) {
    this.platform = options.platform;
    this.#connect = options.connect;
  }

  async open(options: {
    token: string;
    clientProperties: object;
    notified: (frame: Frame) => void;
    /** Called when a connection that was open has been ended by the platform, or cut. */
    lost: () => void;
  }): Promise<ConsumerLink> {
    // What the connection is made with is not kept with it.
    const { notified, lost } = options;
    if (this.closed) throw new Error('the consumer could not connect: the simulator is closed');
    let socket: LocalSocket;
    try {
      socket = this.#connect(options.token, options.clientProperties);
    } catch (error) {
      throw new Error(`the consumer could not connect: ${(error as Error).message}`, { cause: error });
    }
    this.#sockets.add(socket);
    /** Few at a time. */
    let pending: readonly { id: string; type: string; response: Deferred<unknown> }[] = [];
    let count = 0;
    let ending = false;
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const { type, response } of pending) {
        response.reject(new Error(`the consumer's connection was lost before the response to ${type} came`));
      }
      pending = [];
      if (!ending && !this.closed) lost();
    });
    socket.on('message', (text: string) => {
      const frame = JSON.parse(text) as Frame;
      if (frame.kind !== 'resp') return notified(frame);
      const request = pending.find(({ id }) => id === String(frame.reqId));
      if (!request) return undefined;
      pending = pending.filter((other) => other !== request);
      if ((frame.code ?? 200) < 400) return request.response.resolve(frame.body);
      return request.response.reject(
        new Error(`the platform refused ${request.type} with ${frame.code}: ${String(frame.body)}`),
      );
    });
    // As over a network, nobody is connected in the turn in which he asks for it.
    await new Promise((resolve) => nextTurn(resolve));
    return {
      get open() {
        return socket.readyState === socket.OPEN;
      },
      request(type, body, metadata) {
        if (socket.readyState !== socket.OPEN) {
          return Promise.reject(new Error(`the consumer's connection was lost before ${type} was sent`));
        }
        const id = String(++count);
        const response = createDeferred<unknown>();
        pending = [...pending, { id, type, response }];
        socket.send(JSON.stringify({ kind: 'req', id, type, body, metadata }));
        return response.promise;
      },
      close() {
        ending = true;
        socket.close();
      },
    };
  }

  close(): void {
    this.closed = true;
    for (const end of this.endings) end(simulatorClosed());
    for (const socket of this.#sockets) socket.terminate();
  }
}
