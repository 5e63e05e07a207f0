import WebSocket from 'isomorphic-ws';
import type { OpenSocket, SocketLoss } from './socket-types.ts';

/** True where there are no ping frames, no TLS settings, and an upgrade's answer cannot be seen. */
export const isBrowser: boolean = false;

/** Opens a socket with `ws`, the Node build of isomorphic-ws. */
export const openSocket: OpenSocket = (url, options, handlers) => {
  const { ca } = options.tls;
  const socket = new WebSocket(url, {
    followRedirects: false,
    // Compression of small frames costs many times what sending them does.
    perMessageDeflate: false,
    maxPayload: options.maxPayloadBytes,
    closeTimeout: options.closeTimeoutMs,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: ca as string }),
    ...(options.agent === undefined ? {} : { agent: options.agent as never }),
  } as WebSocket.ClientOptions);
  let error: Error | undefined;
  let over = false;

  const lose = (loss: SocketLoss) => {
    if (over) return;
    over = true;
    handlers.lost(loss);
  };
  const alive = () => {
    if (!over) handlers.alive();
  };
  socket.onopen = () => {
    if (!over) handlers.opened();
  };
  socket.onmessage = (event) => {
    if (!over) handlers.message(event.data);
  };
  // Stays for good: ws still emits `error` after a connecting socket has been terminated.
  socket.onerror = (event) => {
    error = event.error as Error;
  };
  socket.onclose = (event) => lose({ code: event.code, reason: event.reason, error });
  socket.on('ping', alive);
  socket.on('pong', alive);
  socket.on('unexpected-response', (_request, response) => {
    socket.terminate();
    lose({
      code: 1006,
      reason: '',
      httpStatus: response.statusCode,
      retryAfter: response.headers['retry-after'],
    });
  });

  return {
    get writable() {
      return socket.readyState === WebSocket.OPEN;
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (text) => socket.send(text),
    ping: () => socket.ping(),
    close: (code) => socket.close(code),
    terminate() {
      over = true;
      socket.terminate();
    },
  };
};
