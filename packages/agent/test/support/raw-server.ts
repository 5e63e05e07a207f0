import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** An HTTP request as it came. */
export interface RawHttpRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A response; a body that is not a text is sent as JSON. `silence`: none at all; `cut`: the connection ends. */
export type RawHttpResponse =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'silence'
  | 'cut';

/** What makes a platform of a {@link RawServer}. */
export interface RawBehaviour {
  readonly http: (request: RawHttpRequest) => RawHttpResponse;
  /** Refuses an upgrade; undefined lets it pass. */
  readonly upgrade?: (path: string) => RawHttpResponse | undefined;
  readonly opened?: (socket: WebSocket, path: string) => void;
  readonly closed?: (socket: WebSocket) => void;
  readonly frame: (socket: WebSocket, text: string) => void;
}

/** HTTP and WebSocket on one port of this machine. It believes nothing: what is said is its behaviour's, and nothing is the simulator's. */
export class RawServer {
  readonly sockets = new Set<WebSocket>();
  /** All connections: those of upgrades that were never responded to are nobody's. */
  readonly #wires = new Set<Socket>();
  readonly #behaviour: RawBehaviour;
  readonly #server = createServer((request, response) => {
    void this.#respond(request, response).catch(() => response.destroy());
  });
  readonly #upgrades = new WebSocketServer({ noServer: true, maxPayload: 1 << 27 });

  private constructor(behaviour: RawBehaviour) {
    this.#behaviour = behaviour;
    this.#server.on('connection', (wire: Socket) => {
      this.#wires.add(wire);
      wire.on('error', () => undefined);
      wire.on('close', () => this.#wires.delete(wire));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  static async start(behaviour: RawBehaviour): Promise<RawServer> {
    const server = new RawServer(behaviour);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends every socket without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#upgrades.close();
    for (const wire of this.#wires) wire.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = 'GET', headers } = request;
    const result = this.#behaviour.http({ method, path: pathOf(request), headers, body });
    if (result === 'silence') return;
    if (result === 'cut') return void response.destroy();
    response.writeHead(result.status, { 'content-type': 'application/json', ...result.headers });
    response.end(textOf(result.body));
  }

  #upgrade(request: IncomingMessage, wire: Socket, head: Buffer): void {
    const path = pathOf(request);
    const refusal = this.#behaviour.upgrade?.(path);
    if (refusal === 'silence') return;
    if (refusal === 'cut') return void wire.destroy();
    if (refusal) {
      const lines = Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      const text = textOf(refusal.body);
      const head = `HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
      wire.end(`${head}${lines.join('')}\r\n${text}`);
      return;
    }
    this.#upgrades.handleUpgrade(request, wire, head, (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.#behaviour.closed?.(socket);
      });
      socket.on('message', (data: Buffer) => this.#behaviour.frame(socket, data.toString()));
      this.#behaviour.opened?.(socket, path);
    });
  }
}

/** Writes a frame, unless the socket is gone. */
export function writeFrame(socket: WebSocket, frame: object): void {
  if (socket.readyState === 1) socket.send(JSON.stringify(frame));
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? '';
}

function textOf(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
