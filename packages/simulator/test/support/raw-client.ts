import { once } from 'node:events';
import type { Simulator } from '@lp/simulator';
import { fetch } from 'undici';
import { WebSocket } from 'ws';

export interface WireFrame {
  kind: string;
  type: string;
  reqId?: string | number;
  code?: number;
  body?: unknown;
  [field: string]: unknown;
}

/** A client that knows nothing of the SDK: frames out, frames in. */
export class RawClient {
  readonly socket: WebSocket;
  readonly frames: WireFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #responses = new Map<string, (frame: WireFrame) => void>();
  #waiters: (() => void)[] = [];
  #count = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      const frame = parse(text);
      this.frames.push(frame);
      if (frame.kind === 'resp') {
        this.#responses.get(String(frame.reqId))?.(frame);
        this.#responses.delete(String(frame.reqId));
      }
      for (const waiter of this.#waiters.splice(0)) waiter();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const waiter of this.#waiters.splice(0)) waiter();
      });
    });
    socket.on('error', () => undefined);
  }

  /** Sends a request and gives its response. */
  async request(type: string, body?: unknown, more: object = {}): Promise<WireFrame> {
    const id = `r${++this.#count}`;
    const response = new Promise<WireFrame>((resolve) => this.#responses.set(id, resolve));
    this.send({ kind: 'req', id, type, body, ...more });
    return response;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame received that fits, or the next to come. */
  async frame(fits: (frame: WireFrame) => boolean): Promise<WireFrame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found) return found;
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the socket closed first');
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** The change, in a notification of this type, that fits. */
  async change<T = Change>(type: string, fits: (change: T) => boolean = () => true): Promise<T> {
    const changes = (frame: WireFrame) => {
      if (frame.type !== type) return [];
      const { changes: list } = frame.body as { changes: T | T[] };
      return Array.isArray(list) ? list : [list];
    };
    const found = await this.frame((frame) => changes(frame).some(fits));
    return changes(found).find(fits) as T;
  }

  /** Every change of the notifications of this type. */
  changes<T = Change>(type: string): T[] {
    return this.notifications(type).flatMap((frame) => (frame.body as { changes: T | T[] }).changes);
  }

  notifications(type: string): WireFrame[] {
    return this.frames.filter((frame) => frame.kind === 'notification' && frame.type === type);
  }

  /** Waits until everything sent so far has its response and first notifications have come, so that nothing more is on its way. */
  async settle(): Promise<void> {
    await this.request('.GetClock');
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    await this.request('.GetClock');
  }

  close(): void {
    this.socket.terminate();
  }
}

export interface Change {
  type: 'UPSERT' | 'DELETE';
  result: Record<string, unknown>;
}

function parse(text: string): WireFrame {
  try {
    return JSON.parse(text) as WireFrame;
  } catch {
    return { kind: 'unreadable', type: '', text };
  }
}

export interface LoginResponse {
  bearer: string;
  csrf: string;
  sessionTTl: string;
  config: { loginName: string; userId: string; userPid: string };
  csdsCollectionResponse: { baseURIs: { service: string; baseURI: string }[] };
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Logs in the agent at `index` with the password. */
export async function logIn(simulator: Simulator, index = 0): Promise<LoginResponse> {
  const { username, password } = simulator.agents[index] ?? {};
  const response = await post(`${simulator.url}/api/account/${simulator.accountId}/login?v=1.3`, {
    username,
    password,
  });
  return (await response.json()) as LoginResponse;
}

export function agentUrl(simulator: Simulator, bearer: string, version = '2.1'): string {
  const base = simulator.url.replace('http', 'ws');
  return `${base}/ws_api/account/${simulator.accountId}/messaging/brand/${bearer}?v=${version}`;
}

/** Logs in and opens an agent's socket. */
export async function connectAgent(simulator: Simulator, index = 0, version = '2.1'): Promise<RawClient> {
  const { bearer } = await logIn(simulator, index);
  return open(agentUrl(simulator, bearer, version));
}

/** A consumer's socket with a token from the identity service. */
export async function connectConsumer(simulator: Simulator): Promise<RawClient> {
  const response = await post(`${simulator.url}/api/account/${simulator.accountId}/signup`, {});
  const { jwt } = (await response.json()) as { jwt: string };
  return open(consumerUrl(simulator), { authorization: `jwt ${jwt}` });
}

export function consumerUrl(simulator: Simulator): string {
  return `${simulator.url.replace('http', 'ws')}/ws_api/account/${simulator.accountId}/messaging/consumer?v=3`;
}

export async function open(url: string, headers: Record<string, string> = {}): Promise<RawClient> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  const client = new RawClient(socket);
  await once(socket, 'open');
  return client;
}

/** The HTTP status an upgrade is refused with. */
export async function refusedWith(url: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.terminate();
  return response.statusCode;
}

/** The old id of an agent. */
export const oldId = (simulator: Simulator, index = 0): string =>
  `${simulator.accountId}.${simulator.agents[index]?.userId ?? ''}`;
