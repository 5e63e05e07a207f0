import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';

export const ACCOUNT = '12345';
export const USER = '777';
export const PID = 'pid-of-the-bot';

/** A platform of few words that shares nothing with the simulator: look-up, login, refresh, users, and a socket that answers. */
export interface RawPlatform extends AsyncDisposable {
  readonly host: string;
  /** Bodies of the logins, in order. */
  readonly logins: Record<string, unknown>[];
  readonly requests: { type: string; body?: unknown }[];
  readonly refreshes: { body: string; cookie: string | undefined }[];
  /** Answers an HTTP request in its own way when it gives something. */
  http: (request: IncomingMessage, path: string) => { status: number; body?: unknown } | 'silence' | undefined;
  /** The body that answers a socket's request of a type. */
  readonly answers: Map<string, unknown>;
  /** Resolves when a request whose path holds this has arrived since the start. */
  arrived(part: string): Promise<void>;
  /** Resolves when nothing has happened here for some turns. */
  quiet(): Promise<void>;
  /** Ends the sockets of all tokens but this one. */
  revokeAllBut(bearer: string, code?: number): void;
}

/** Starts a {@link RawPlatform}. With `single`, a login makes the token of the one before invalid and ends its socket. */
export async function startRawPlatform({ single = false } = {}): Promise<RawPlatform> {
  const sockets = new Map<WebSocket, string>();
  const paths: string[] = [];
  const watchers = new Set<() => void>();
  let valid: string | undefined;
  let count = 0;
  const happened = () => void count++;
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const upgrades = new WebSocketServer({ noServer: true });
  const platform: RawPlatform = {
    host: '',
    logins: [],
    requests: [],
    refreshes: [],
    http: () => undefined,
    answers: new Map<string, unknown>([['.GetClock', { currentTime: 1_700_000_000_000 }]]),
    arrived: (part) =>
      new Promise((resolve) => {
        const watch = () => {
          if (!paths.some((path) => path.includes(part))) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    async quiet() {
      for (let turns = 0; turns < 40; turns++) {
        const before = count;
        await turn();
        if (count !== before) turns = 0;
      }
    },
    revokeAllBut(bearer, code = 4401) {
      valid = bearer;
      for (const [socket, token] of sockets) if (token !== bearer) socket.close(code);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.keys()) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const [path = ''] = (request.url ?? '').split('?');
    const reply = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    happened();
    paths.push(path);
    for (const watch of [...watchers]) watch();
    const own = platform.http(request, path);
    if (own === 'silence') return;
    if (own) reply(own.status, own.body);
    else if (path.endsWith('baseURI.json')) {
      const services = ['agentVep', 'facadeMsg', 'msgHist', 'accountConfigReadOnly', 'sentinel'];
      const baseURIs = services.map((service) => ({ service, account: ACCOUNT, baseURI: platform.host }));
      reply(200, { baseURIs });
    } else if (path.endsWith('/login')) {
      platform.logins.push(JSON.parse(text) as Record<string, unknown>);
      const bearer = `bearer-${platform.logins.length}`;
      if (single) platform.revokeAllBut(bearer);
      reply(200, {
        bearer,
        csrf: 'csrf',
        sessionTTl: '28800000',
        config: { loginName: 'bot', userId: USER, userPid: PID },
      });
    } else if (path.endsWith('/refresh')) {
      platform.refreshes.push({ body: text, cookie: request.headers.cookie });
      reply(200);
    } else reply(404);
  }

  server.on('upgrade', (request, socket, head) => {
    happened();
    const token = /\/brand\/([^?]*)/.exec(request.url ?? '')?.[1] ?? '';
    if (single && token !== valid) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (opened) => {
      sockets.set(opened, token);
      opened.on('close', () => {
        happened();
        sockets.delete(opened);
      });
      opened.on('error', () => undefined);
      opened.on('message', (data: Buffer) => {
        const { id, type, body } = JSON.parse(data.toString()) as { id: string; type: string; body?: unknown };
        happened();
        platform.requests.push({ type, body });
        const result = platform.answers.get(type) ?? 'OK';
        opened.send(JSON.stringify({ kind: 'resp', reqId: id, code: 200, type: 'any', body: result }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(platform, { host: `127.0.0.1:${(server.address() as AddressInfo).port}` });
  return platform;
}
