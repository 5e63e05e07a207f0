import type { IncomingMessage } from 'node:http';
import WebSocket from 'isomorphic-ws';
import { adaptSocket } from './socket-adapter.ts';
import type { OpenSocket } from './socket-types.ts';

/** True where there are no ping frames, no TLS settings, and an upgrade's response cannot be seen. */
export const isBrowser: boolean = false;

const AS_TEXT = { binary: false };

/** Opens a socket with `ws`, the Node build of isomorphic-ws. */
export const openSocket: OpenSocket = (url, options, handlers) => {
  const { ca } = options.tls;
  const webSocket = new WebSocket(url, {
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
  // Stays for good: ws still emits `error` after a connecting socket has been terminated.
  webSocket.onerror = (event) => {
    error = event.error as Error;
  };
  const { socket, lose } = adaptSocket(webSocket, handlers, {
    // An event object for each frame, as the standard has it, would only cost time.
    onMessage(listener) {
      webSocket.on('message', (data, isBinary) => listener(isBinary ? data : (data as Buffer).toString()));
    },
    // Bytes leave with their header in one write; a text takes two.
    send: (text) => webSocket.send(Buffer.from(text), AS_TEXT),
    ping: () => webSocket.ping(),
    drop: () => webSocket.terminate(),
    lastError: () => error,
  });
  webSocket.on('ping', () => handlers.alive());
  webSocket.on('pong', () => handlers.alive());
  webSocket.on('unexpected-response', (_request, response) => {
    const { statusCode, headers } = response;
    void startOf(response).then((text) => {
      webSocket.terminate();
      lose({
        code: 1006,
        reason: '',
        httpStatus: statusCode,
        contentType: headers['content-type'],
        text,
        retryAfter: headers['retry-after'],
        date: headers.date,
      });
    });
  });
  return socket;
};

const MOST_CHARACTERS = 16_384;
const LONGEST_WAIT_MS = 1_000;

/** How a body begins: who has responded shows there. What comes slowly is not waited for. */
async function startOf(response: IncomingMessage): Promise<string> {
  let text = '';
  const tooSlow = setTimeout(() => response.destroy(), LONGEST_WAIT_MS);
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > MOST_CHARACTERS) break;
    }
  } catch {
    // What has come says it, or nothing does.
  }
  clearTimeout(tooSlow);
  return text;
}
