import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';
import { type WebSocket, WebSocketServer } from 'ws';

export interface RawRequest {
  readonly kind: 'req';
  readonly id: string;
  readonly type: string;
  readonly body?: unknown;
}

/** The responses to the next calls of a kind; when used up, good ones. */
export type ScriptedResponse =
  | 'good'
  | 'hang'
  | 'reset'
  | { status: number; body?: string; headers?: Record<string, string> };

type Kind = 'csds' | 'login' | 'refresh' | 'upgrade';

/** A platform whose every frame and every response the test decides. */
export interface RawPlatform {
  readonly accountId: string;
  readonly csdsDomain: string;
  readonly ca: string;
  /** How often each was called. */
  readonly calls: Readonly<Record<Kind, number>>;
  /** The tokens that sockets were asked for with. */
  readonly tokens: readonly string[];
  readonly sockets: ReadonlySet<WebSocket>;
  /** The requests that were received, in order. */
  readonly requests: readonly RawRequest[];
  script(kind: Kind, ...responses: ScriptedResponse[]): void;
  /** Responds to each request that is received from now on; undefined leaves it without one. */
  onRequest: (request: RawRequest, socket: WebSocket) => void;
  notify(type: string, body?: unknown): void;
  respond(request: RawRequest, body: unknown, code?: unknown, type?: string): void;
  /** Sends text to every socket, as it is. */
  send(text: string): void;
  close(): Promise<void>;
}

export const OWN_USER = '4711';
export const OWN_PID = 'pid-of-the-bot';

const certificates = generate([{ name: 'commonName', value: 'localhost' }], {
  algorithm: 'sha256',
  keyType: 'ec',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
});

export async function startRawPlatform({ port = 0 } = {}): Promise<RawPlatform> {
  const { private: key, cert } = await certificates;
  const scripts: Record<Kind, ScriptedResponse[]> = { csds: [], login: [], refresh: [], upgrade: [] };
  const calls: Record<Kind, number> = { csds: 0, login: 0, refresh: 0, upgrade: 0 };
  const tokens: string[] = [];
  const requests: RawRequest[] = [];
  const sockets = new Set<WebSocket>();
  const connections = new Set<Socket>();
  const upgrades = new WebSocketServer({ noServer: true });
  const server = createServer({ key, cert });
  let domain = '';

  const next = (kind: Kind): ScriptedResponse => {
    calls[kind]++;
    return scripts[kind].shift() ?? 'good';
  };
  const bodies: Record<Exclude<Kind, 'upgrade'>, () => unknown> = {
    csds: () => ({
      baseURIs: ['agentVep', 'facadeMsg', 'asyncMessagingEnt', 'runtimeFormLogic', 'accountConfigReadOnly'].map(
        (service) => ({
          service,
          baseURI: domain,
        }),
      ),
    }),
    login: () => ({
      csrf: 'csrf',
      bearer: `bearer-${calls.login}`,
      config: { userId: OWN_USER, userPid: OWN_PID, loginName: 'bot' },
    }),
    refresh: () => ({ csrf: 'csrf' }),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const kind = request.url?.includes('/login') ? 'login' : request.url?.includes('/refresh') ? 'refresh' : 'csds';
    const scripted = next(kind);
    if (scripted === 'hang') return;
    if (scripted === 'reset') {
      request.socket.destroy();
      return;
    }
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (scripted === 'good') response.end(JSON.stringify(bodies[kind]()));
    else response.writeHead(scripted.status, scripted.headers).end(scripted.body ?? '');
  });
  server.on('upgrade', (request: IncomingMessage, stream: Socket, head: Buffer) => {
    const scripted = next('upgrade');
    tokens.push(/brand\/([^?]*)/.exec(request.url ?? '')?.[1] ?? '');
    if (scripted === 'hang') return;
    if (scripted === 'reset') stream.destroy();
    else if (scripted !== 'good') stream.end(`HTTP/1.1 ${scripted.status} No\r\ncontent-length: 0\r\n\r\n`);
    else upgrades.handleUpgrade(request, stream, head, (socket) => accept(socket));
  });
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
  });

  function accept(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const request = JSON.parse(data.toString()) as RawRequest;
      requests.push(request);
      platform.onRequest(request, socket);
    });
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  domain = `localhost:${(server.address() as AddressInfo).port}`;

  const platform: RawPlatform = {
    accountId: 'le4711',
    csdsDomain: domain,
    ca: cert,
    calls,
    tokens,
    sockets,
    requests,
    script: (kind, ...responses) => void scripts[kind].push(...responses),
    onRequest: (request) => platform.respond(request, 'done'),
    notify: (type, body) => platform.send(JSON.stringify({ kind: 'notification', type, body })),
    respond: ({ id }, body, code = 200, type = '.ReqBody$StringResp') =>
      platform.send(JSON.stringify({ kind: 'resp', reqId: id, code, type, body })),
    send: (text) => sockets.forEach((socket) => socket.send(text)),
    async close() {
      for (const connection of connections) connection.destroy();
      upgrades.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return platform;
}
