import type { Duplex } from 'node:stream';
import { createDeferred, type Deferred } from '@lp/core/internal';
import { WebSocket } from 'ws';
import type { Frame } from '../journal.ts';
import type { Platform } from '../platform/platform.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A consumer's socket to the platform. */
export interface ConsumerLink {
  readonly open: boolean;
  /** The answer's body. @throws Error when the platform refuses, or the connection is lost before it answers. */
  request(type: string, body?: object, metadata?: readonly object[]): Promise<unknown>;
  close(): void;
}

/**
 * Opens consumers' sockets: WebSocket as any client speaks it, on connections within this process, which need neither ports nor
 * file descriptors. Ten thousand consumers fit one process so.
 */
export class ConsumerLinks {
  readonly platform: Platform;
  readonly #domain: string;
  readonly #connect: () => Duplex;
  readonly #sockets = new Set<WebSocket>();
  /** True once the simulator closes. */
  closed = false;

  constructor(options: { platform: Platform; domain: string; connect: () => Duplex }) {
    this.platform = options.platform;
    this.#domain = options.domain;
    this.#connect = options.connect;
  }

  async open(options: {
    token: string;
    clientProperties: object;
    notified: (frame: Frame) => void;
    /** Called when a connection that was open has been ended by the platform, or cut. */
    lost: () => void;
  }): Promise<ConsumerLink> {
    const path = `/ws_api/account/${this.platform.accountId}/messaging/consumer?v=3`;
    const socket = new WebSocket(`ws://${this.#domain}${path}`, {
      headers: { authorization: `jwt ${options.token}`, 'client-properties': JSON.stringify(options.clientProperties) },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      createConnection: this.#connect,
    });
    this.#sockets.add(socket);
    const pending = new Map<string, { type: string; answer: Deferred<unknown> }>();
    const opened = createDeferred<void>();
    let count = 0;
    let wasOpen = false;
    let ending = false;
    socket.on('open', () => {
      wasOpen = true;
      opened.resolve();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      opened.reject(new Error(`the consumer could not connect: ${error.code ?? error.message}`, { cause: error }));
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      for (const { type, answer } of pending.values()) {
        answer.reject(new Error(`the consumer's connection was lost before ${type} was answered`));
      }
      pending.clear();
      if (wasOpen && !ending && !this.closed) options.lost();
    });
    socket.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as Frame;
      if (frame.kind !== 'resp') return options.notified(frame);
      const request = pending.get(String(frame.reqId));
      if (!request) return undefined;
      pending.delete(String(frame.reqId));
      if ((frame.code ?? 200) < 400) return request.answer.resolve(frame.body);
      return request.answer.reject(
        new Error(`the platform refused ${request.type} with ${frame.code}: ${String(frame.body)}`),
      );
    });
    await opened.promise;
    return {
      get open() {
        return socket.readyState === socket.OPEN;
      },
      request(type, body, metadata) {
        if (socket.readyState !== socket.OPEN) {
          return Promise.reject(new Error(`the consumer's connection was lost before ${type} was sent`));
        }
        const id = String(++count);
        const answer = createDeferred<unknown>();
        pending.set(id, { type, answer });
        socket.send(JSON.stringify({ kind: 'req', id, type, body, metadata }));
        return answer.promise;
      },
      close() {
        ending = true;
        socket.close();
      },
    };
  }

  close(): void {
    this.closed = true;
    for (const socket of this.#sockets) socket.terminate();
  }
}
