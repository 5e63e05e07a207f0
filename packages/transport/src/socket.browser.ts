import WebSocket from 'isomorphic-ws';
import { adaptSocket } from './socket-adapter.ts';
import type { OpenSocket } from './socket-types.ts';

/** True where there are no ping frames, no TLS settings, and an upgrade's response cannot be seen. */
export const isBrowser: boolean = true;

/** Opens a socket with the browser's own WebSocket, the browser build of isomorphic-ws. */
export const openSocket: OpenSocket = (url, _options, handlers) => {
  const webSocket = new WebSocket(url);
  webSocket.binaryType = 'arraybuffer';
  return adaptSocket(webSocket, handlers, {
    onMessage(listener) {
      webSocket.onmessage = (event) => listener(event.data);
    },
    send: (text) => webSocket.send(text),
    ping: () => undefined,
    // There is no way to drop a connection at once: the browser closes it in the background.
    drop: () => webSocket.close(),
    lastError: () => undefined,
  }).socket;
};
