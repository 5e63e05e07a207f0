import WebSocket from 'isomorphic-ws';
import type { OpenSocket } from './socket-types.ts';

/** True where there are no ping frames, no TLS settings, and an upgrade's answer cannot be seen. */
export const isBrowser: boolean = true;

/** Opens a socket with the browser's own WebSocket, the browser build of isomorphic-ws. */
export const openSocket: OpenSocket = (url, _options, handlers) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  let over = false;
  socket.onopen = () => {
    if (!over) handlers.opened();
  };
  socket.onmessage = (event) => {
    if (!over) handlers.message(event.data);
  };
  socket.onclose = (event) => {
    if (over) return;
    over = true;
    handlers.lost({ code: event.code, reason: event.reason });
  };

  return {
    get writable() {
      return socket.readyState === WebSocket.OPEN;
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (text) => socket.send(text),
    ping: () => undefined,
    close: (code) => socket.close(code),
    terminate() {
      over = true;
      // There is no way to drop a connection at once: the browser closes it in the background.
      socket.close();
    },
  };
};
