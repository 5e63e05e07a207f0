import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { createInbox, type Inbox } from './inbox.ts';

/** What an upgrade gets. */
export type UpgradeResponse =
  | 'accept'
  /** No response ever. */
  | 'hang'
  /** The TCP connection is reset. */
  | 'reset'
  | { status: number; headers?: Record<string, string>; body?: string };

export interface ReceivedRequest {
  kind: string;
  id: string;
  type: string;
  body?: unknown;
  [key: string]: unknown;
}

export interface CloseFrame {
  code: number;
  reason: string;
}

/** The server's end of one accepted socket. */
export interface ServerClient {
  readonly path: string;
  readonly socket: WebSocket;
  /** The requests received, in order; each is handed out once. */
  readonly requests: Inbox<ReceivedRequest>;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<CloseFrame>;
  /** Sends an object as JSON and a text or bytes as they are. */
  send(frame: unknown): void;
  /** Responds to a request. */
  respond(request: ReceivedRequest, body?: unknown, code?: unknown): void;
  notify(type: string, body?: unknown): void;
  /** Takes nothing from the network any more and gives nothing: the peer of a half-open link. */
  freeze(): void;
  /** Drops the TCP connection without a close frame. */
  drop(): void;
}

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** How many upgrades were asked for. */
  readonly upgrades: number;
  /** How many accepted sockets are open. */
  readonly open: number;
  readonly clients: Inbox<ServerClient>;
  /** The responses to the next upgrades; when used up, `accept`. */
  script(...responses: UpgradeResponse[]): void;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** Responds to each request at once; default: they wait in `requests`. */
  onRequest?: (request: ReceivedRequest, client: ServerClient) => void;
  tls?: { key: string; cert: string };
}

/** A WebSocket server whose every response the test decides. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const responses: UpgradeResponse[] = [];
  const clients = createInbox<ServerClient>();
  const streams = new Set<Duplex>();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  const http: Server = options.tls ? createTlsServer(options.tls) : createServer();
  let upgrades = 0;
  let closing = false;

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    upgrades++;
    stream.on('error', () => undefined);
    const response = responses.shift() ?? 'accept';
    if (response === 'accept') {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        clients.put(toClient(socket, stream, request.url ?? '', options.onRequest));
      });
    } else if (response === 'reset') {
      stream.destroy();
    } else if (response !== 'hang') {
      const headers = Object.entries(response.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      stream.end(
        `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? 'Other'}\r\n${headers.join('')}\r\n${response.body ?? ''}`,
      );
    }
  });
  // Before its upgrade is read, a connection is one already: it may only be seen after the server was told to close.
  http.on('connection', (stream: Duplex) => {
    if (closing) stream.destroy();
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;

  const close = async (): Promise<void> => {
    closing = true;
    for (const stream of streams) stream.destroy();
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
    });
  };
  return {
    port,
    url: `${options.tls ? 'wss' : 'ws'}://127.0.0.1:${port}/messaging`,
    get upgrades() {
      return upgrades;
    },
    get open() {
      return sockets.clients.size;
    },
    clients,
    script: (...next) => void responses.push(...next),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function toClient(
  socket: WebSocket,
  stream: Duplex,
  path: string,
  onRequest: TestServerOptions['onRequest'],
): ServerClient {
  const requests = createInbox<ReceivedRequest>();
  const send = (frame: unknown): void =>
    socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  const client: ServerClient = {
    path,
    socket,
    requests,
    closed: new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    }),
    send,
    respond: (request, body, code = 200) =>
      send({ kind: 'resp', reqId: request.id, type: `${request.type}$Response`, code, body }),
    notify: (type, body = {}) => send({ kind: 'notification', type, body }),
    freeze: () => socket.pause(),
    drop: () => void stream.destroy(),
  };
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => {
    // The platform's frames are texts.
    if (isBinary) return socket.close(1003);
    const request = JSON.parse((data as Buffer).toString()) as ReceivedRequest;
    if (onRequest) onRequest(request, client);
    else requests.put(request);
  });
  return client;
}
