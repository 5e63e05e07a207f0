import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** What an HTTP request gets instead of the platform's response; `never`: not at all, `cut`: the connection ends. */
export type HttpResponse =
  | { readonly status: number; readonly body: string | Buffer; readonly headers?: object }
  | 'never'
  | 'cut';

interface Link {
  readonly agent: WebSocket;
  readonly upstream: WebSocket;
  readonly wire: Socket;
  stalled: boolean;
}

/** Stands between an agent and the simulator: adds, changes and holds back what the simulator's own faults cannot. */
export class WireProxy {
  /** `127.0.0.1:PORT`, over TLS `localhost:PORT`. */
  readonly host: string;
  /** What becomes of each frame to the agent; by default it goes on as it is. */
  toAgent: (text: string) => readonly (string | Buffer)[] = (text) => [text];
  /** What an HTTP request gets; by default the platform's response. */
  respond: (path: string, method: string) => HttpResponse | undefined = () => undefined;
  /** What an upgrade gets; undefined: the platform's response. */
  refuseUpgrade: () => { readonly status: number; readonly body: string; readonly headers: object } | undefined = () =>
    undefined;
  /** Changes the platform's response to an HTTP request. */
  rewrite: (path: string, body: string) => string = (_path, body) => body;
  /** Whether sockets can be asked for; `never`: the upgrade gets no response. */
  upgradable: boolean | 'never' = true;
  /** Every body of the platform's responses to HTTP requests is shown here. */
  onHttpBody: (path: string, body: string, cookies: readonly string[]) => void = () => undefined;
  readonly #server: Server;
  readonly #target: string;
  readonly #links = new Set<Link>();
  readonly #sockets = new Set<Socket>();
  readonly #accepts = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  private constructor(server: Server, target: string, overTls: boolean) {
    this.#server = server;
    this.#target = target;
    this.host = `${overTls ? 'localhost' : '127.0.0.1'}:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  /** `tls`: what the agent's side is served with; the platform's side is plain. */
  static async start(target: string, tls?: { key: string; cert: string }): Promise<WireProxy> {
    const server = tls ? createTlsServer(tls) : createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WireProxy(server, target, tls !== undefined);
  }

  /** How many agents' sockets are open and served. */
  get links(): number {
    return [...this.#links].filter(({ stalled }) => !stalled).length;
  }

  /** How many bytes wait to be taken by the agents' sockets. */
  get waiting(): number {
    return [...this.#links].reduce((sum, { agent }) => sum + agent.bufferedAmount, 0);
  }

  /** Sends a frame of its own to every agent. */
  send(frame: string | Buffer, options: { binary?: boolean } = {}): void {
    for (const { agent } of this.#links) agent.send(frame, { binary: options.binary ?? false });
  }

  /** Ends the agents' connections with a TCP reset. */
  reset(): void {
    // Under TLS, of the connection below.
    const ports = new Set([...this.#links].map(({ wire }) => wire.remotePort));
    for (const socket of this.#sockets) if (ports.has(socket.remotePort)) socket.resetAndDestroy();
  }

  /** From now on nothing is read from the agents' connections that are open now, and nothing written to them: the other end is gone without a word. */
  stall(): void {
    for (const link of this.#links) {
      link.stalled = true;
      link.agent.pause();
    }
  }

  /** Puts bytes that are no frames on the agents' connections. */
  writeRaw(bytes: Buffer): void {
    for (const { wire } of this.#links) wire.write(bytes);
  }

  async close(): Promise<void> {
    for (const { agent, upstream } of this.#links) {
      agent.terminate();
      upstream.terminate();
    }
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { url = '/', method = 'GET', headers } = request;
    const own = this.respond(url, method);
    if (own === 'never') return;
    if (own === 'cut') {
      request.socket.destroy();
      return;
    }
    if (own) {
      request.resume();
      response.writeHead(own.status, { 'content-type': 'application/json', ...own.headers });
      response.end(own.body);
      return;
    }
    const onward = forward(`http://${this.#target}${url}`, {
      method,
      headers: { ...headers, host: this.#target },
      agent: false,
    });
    onward.on('response', (given) => {
      const chunks: Buffer[] = [];
      given.on('data', (chunk: Buffer) => chunks.push(chunk));
      given.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const { 'content-length': _, 'transfer-encoding': __, ...rest } = given.headers;
        this.onHttpBody(url, body, given.headers['set-cookie'] ?? []);
        response.writeHead(given.statusCode ?? 502, rest);
        response.end(this.rewrite(url, body));
      });
      given.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  #upgrade(request: IncomingMessage, wire: Socket, head: Buffer): void {
    if (this.upgradable === 'never') return;
    if (!this.upgradable) {
      wire.destroy();
      return;
    }
    const refusal = this.refuseUpgrade();
    if (refusal) {
      const lines = Object.entries({ connection: 'close', 'content-length': refusal.body.length, ...refusal.headers });
      const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      wire.end(`HTTP/1.1 ${refusal.status} Refused\r\n${text}\r\n${refusal.body}`);
      return;
    }
    const upstream = new WebSocket(`ws://${this.#target}${request.url ?? '/'}`, { perMessageDeflate: false });
    // What the platform sends before the agent's side is open must not be lost.
    const early: string[] = [];
    let deliver = (text: string): void => void early.push(text);
    upstream.on('message', (data: RawData) => deliver((data as Buffer).toString()));
    upstream.on('error', () => undefined);
    upstream.on('unexpected-response', (_, given) => {
      given.resume();
      wire.end(`HTTP/1.1 ${given.statusCode ?? 502} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      upstream.terminate();
    });
    wire.on('close', () => upstream.terminate());
    upstream.once('open', () => {
      this.#accepts.handleUpgrade(request, wire, head, (agent) => {
        const link: Link = { agent, upstream, wire, stalled: false };
        this.#links.add(link);
        deliver = (text) => {
          for (const frame of link.stalled ? [] : this.toAgent(text)) agent.send(frame, { binary: false });
        };
        for (const text of early) deliver(text);
        agent.on('message', (data: RawData) => {
          if (upstream.readyState === upstream.OPEN) upstream.send((data as Buffer).toString());
        });
        agent.on('error', () => undefined);
        agent.on('close', (code, reason) => {
          this.#links.delete(link);
          if (code === 1005 || code === 1006) upstream.terminate();
          else upstream.close(code, reason);
        });
        upstream.on('close', (code, reason) => {
          this.#links.delete(link);
          if (code === 1005 || code === 1006) agent.terminate();
          else agent.close(code, reason);
        });
      });
    });
  }
}
