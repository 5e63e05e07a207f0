import type { TlsOptions } from './options.ts';

/** How a socket ended, or that it never opened. */
export interface SocketLoss {
  /** The close frame's code; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /** The response to the upgrade, where it can be seen. */
  readonly httpStatus?: number | undefined;
  /** Its `Retry-After` header. */
  readonly retryAfter?: string | undefined;
  /** Its `Content-Type` header. */
  readonly contentType?: string | undefined;
  /** How its body begins. */
  readonly text?: string | undefined;
  /** Its `Date` header. */
  readonly date?: string | undefined;
  readonly error?: (Error & { code?: string }) | undefined;
}

export interface SocketHandlers {
  opened(): void;
  message(data: unknown): void;
  /** A ping or pong was received. */
  alive(): void;
  /** Called once, whether the socket had opened or not; not after `terminate`. */
  lost(loss: SocketLoss): void;
}

export interface SocketOptions {
  readonly maxPayloadBytes: number;
  readonly closeTimeoutMs: number;
  readonly tls: TlsOptions;
  readonly agent: object | undefined;
}

/** One WebSocket, reduced to what a connection needs. */
export interface Socket {
  /** True between the handshake and the first close frame. */
  readonly writable: boolean;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  /** Starts the closing handshake. */
  close(code: number): void;
  /** Drops the connection without one. No handler is called any more. */
  terminate(): void;
}

/** Opens a socket. Handlers are never called before this returns. */
export type OpenSocket = (url: string, options: SocketOptions, handlers: SocketHandlers) => Socket;
