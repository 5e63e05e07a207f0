import { setImmediate as turn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { type RawHttpRequest, type RawHttpResponse, RawServer, writeFrame } from './raw-server.ts';

export const ACCOUNT = '12345';
export const USER = '777';
export const PID = 'pid-of-the-bot';

/** A platform of few words that shares nothing with the simulator: look-up, login, refresh, users, and a socket that responds. */
export interface RawPlatform extends AsyncDisposable {
  readonly host: string;
  /** Bodies of the logins, in order. */
  readonly logins: Record<string, unknown>[];
  readonly requests: { type: string; body?: unknown }[];
  readonly refreshes: { body: string; cookie: string | undefined }[];
  /** Responds to an HTTP request in its own way when it gives something. */
  http: (request: RawHttpRequest, path: string) => RawHttpResponse | undefined;
  /** The body of the response to a socket's request of a type. */
  readonly responses: Map<string, unknown>;
  /** Refusals of the next upgrades. */
  readonly upgrades: RawHttpResponse[];
  /** The codes of the next responses to a socket's requests of a type; 200 when none is left. */
  readonly codes: Map<string, number[]>;
  /** Resolves when a request whose path holds this has arrived since the start. */
  arrived(part: string): Promise<void>;
  /** Resolves when nothing has happened here for some turns. */
  quiet(): Promise<void>;
  /** Ends the sockets of all tokens but this one. */
  revokeAllBut(bearer: string, code?: number): void;
}

/** Starts a {@link RawPlatform}. With `single`, a login makes the token of the one before invalid and ends its socket. */
export async function startRawPlatform({ single = false } = {}): Promise<RawPlatform> {
  const tokens = new Map<WebSocket, string>();
  const paths: string[] = [];
  const watchers = new Set<() => void>();
  let valid: string | undefined;
  let count = 0;
  const happened = () => void count++;
  const server = await RawServer.start({
    http(request) {
      const { path } = request;
      happened();
      paths.push(path);
      for (const watch of [...watchers]) watch();
      return platform.http(request, path) ?? usual(request);
    },
    upgrade(path) {
      happened();
      return platform.upgrades.shift() ?? (single && tokenOf(path) !== valid ? { status: 401 } : undefined);
    },
    opened: (socket, path) => void tokens.set(socket, tokenOf(path)),
    closed(socket) {
      happened();
      tokens.delete(socket);
    },
    frame(socket, text) {
      const { id, type, body } = JSON.parse(text) as { id: string; type: string; body?: unknown };
      happened();
      platform.requests.push({ type, body });
      const result = platform.responses.get(type) ?? 'OK';
      writeFrame(socket, {
        kind: 'resp',
        reqId: id,
        code: platform.codes.get(type)?.shift() ?? 200,
        type: 'any',
        body: result,
      });
    },
  });
  const platform: RawPlatform = {
    host: server.host,
    logins: [],
    requests: [],
    refreshes: [],
    http: () => undefined,
    responses: new Map<string, unknown>([['.GetClock', { currentTime: 1_700_000_000_000 }]]),
    upgrades: [],
    codes: new Map(),
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
      for (const [socket, token] of tokens) if (token !== bearer) socket.close(code);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  function usual({ path, body, headers }: RawHttpRequest): RawHttpResponse {
    if (path.endsWith('baseURI.json')) {
      const services = ['agentVep', 'facadeMsg', 'msgHist', 'accountConfigReadOnly', 'sentinel'];
      const baseURIs = services.map((service) => ({ service, account: ACCOUNT, baseURI: platform.host }));
      return { status: 200, body: { baseURIs } };
    }
    if (path.endsWith('/login')) {
      platform.logins.push(JSON.parse(body) as Record<string, unknown>);
      const bearer = `bearer-${platform.logins.length}`;
      if (single) platform.revokeAllBut(bearer);
      const config = { loginName: 'bot', userId: USER, userPid: PID };
      return { status: 200, body: { bearer, csrf: 'csrf', sessionTTl: '28800000', config } };
    }
    if (!path.endsWith('/refresh')) return { status: 404 };
    platform.refreshes.push({ body, cookie: headers.cookie });
    return { status: 200 };
  }
  return platform;
}

function tokenOf(path: string): string {
  return /\/brand\/([^?]*)/.exec(path)?.[1] ?? '';
}
