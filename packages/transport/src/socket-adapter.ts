import type WebSocket from 'isomorphic-ws';
import type { Socket, SocketHandlers, SocketLoss } from './socket-types.ts';

/** What the standard interface of a WebSocket does not have. */
export interface PlatformSocket {
  send(text: string): void;
  ping(): void;
  /** Hands each frame to the listener: a text as it is, anything else as bytes. */
  onMessage(listener: (data: unknown) => void): void;
  /** Drops the connection as fast as the platform can. */
  drop(): void;
  /** The last error, where errors are told. */
  lastError(): Error | undefined;
}

/** Connects a WebSocket's standard interface to the handlers. `lose` ends it before the WebSocket itself does. */
export function adaptSocket(
  webSocket: WebSocket,
  handlers: SocketHandlers,
  platform: PlatformSocket,
): { socket: Socket; lose: (loss: SocketLoss) => void } {
  let over = false;
  const lose = (loss: SocketLoss) => {
    if (over) return;
    over = true;
    handlers.lost(loss);
  };
  webSocket.onopen = () => {
    if (!over) handlers.opened();
  };
  platform.onMessage((data) => {
    if (!over) handlers.message(data);
  });
  webSocket.onclose = ({ code, reason }) => lose({ code, reason, error: platform.lastError() });

  const socket: Socket = {
    get writable() {
      return webSocket.readyState === OPEN;
    },
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send: (text) => platform.send(text),
    ping: () => platform.ping(),
    close: (code) => webSocket.close(code),
    terminate() {
      over = true;
      platform.drop();
    },
  };
  return { socket, lose };
}

const OPEN = 1;
