import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Caller } from '../handlers/call.ts';
import { refuseUpgrade } from '../http/guard.ts';
import type { AgentSession } from '../platform/sessions.ts';
import { fromUpgrade, initialise } from './init-connection.ts';
import { type FrameSocket, LocalSocket } from './local-socket.ts';
import { Session, type SessionContext, type SessionStart } from './session.ts';

const PATH = /^\/ws_api\/account\/([^/]+)\/messaging\/(?:brand\/([^/]+)|(consumer))$/;
const MAX_FRAME_BYTES = 1024 * 1024;

/** The sockets of the platform: agents' with the bearer in the path, consumers' with a token in a header or a request. */
export class SocketServer {
  readonly sessions = new Set<Session>();
  readonly #context: SessionContext;
  readonly #connected: (session: Session) => void;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  readonly #hanging = new Set<() => void>();
  #count = 0;

  constructor(context: Omit<SessionContext, 'ended'>, connected: (session: Session) => void) {
    this.#context = { ...context, ended: (session) => this.sessions.delete(session) };
    this.#connected = connected;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    try {
      this.#upgrade(request, socket, head);
    } catch {
      // A path that is not one.
      refuse(socket, 400);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { rules, platform } = this.#context;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, accountId, bearer, consumer] = PATH.exec(url.pathname) ?? [];
    if (accountId === undefined) return refuse(socket, 404);
    if (accountId !== platform.accountId) return refuse(socket, 401);
    const version = url.searchParams.get('v') ?? '';
    // The first version is gone, in every spelling of it.
    if (/^1(\.0*)?$/.test(version)) return refuse(socket, 400);
    const login = bearer === undefined ? undefined : platform.sessions.find(decodeURIComponent(bearer));
    if (bearer !== undefined && !login) return refuse(socket, 401);
    const identity = login ? { caller: agentCaller(login), credential: login } : this.#consumer(request, url);
    if (identity && 'close' in identity) return refuse(socket, 401);
    const username = login?.agent.account.username;
    if (username !== undefined && rules.active) {
      const failing = rules.strike('failUpgrade', username);
      if (failing) return refuse(socket, failing.value);
      if (rules.strike('hangUpgrade', username)) {
        this.#hanging.add(() => socket.destroy());
        return undefined;
      }
    }
    const kind = consumer === undefined ? 'agent' : 'consumer';
    this.#server.handleUpgrade(request, socket, head, (connection) => {
      this.#begin(connection, socket, { kind, version, ...identity });
    });
    return undefined;
  }

  /** The socket of a consumer in this process. @throws Error when the token is refused. */
  openConsumer(token: string, clientProperties: object): LocalSocket {
    const identity = initialise(this.#context.platform, [
      { ...clientProperties, type: 'ClientProperties' },
      { type: 'ConsumerAuthentication', jwt: token },
    ]);
    if ('close' in identity) throw new Error('the platform refused the token (401)');
    const [ours, theirs] = LocalSocket.pair();
    this.#begin(ours, undefined, { kind: 'consumer', version: '3', ...identity });
    return theirs;
  }

  #begin(socket: FrameSocket, stream: Duplex | undefined, start: Omit<SessionStart, 'id'>): void {
    const session = new Session(this.#context, socket, stream, { id: `${start.kind}-${++this.#count}`, ...start });
    this.sessions.add(session);
    this.#connected(session);
  }

  /** Ends the connection attempts that were left waiting. */
  releaseHanging(): void {
    for (const end of this.#hanging) end();
    this.#hanging.clear();
  }

  closeAll(): void {
    this.releaseHanging();
    for (const session of this.sessions) session.terminate();
  }

  #consumer(request: IncomingMessage, url: URL): ReturnType<typeof fromUpgrade> {
    const { authorization = '' } = request.headers;
    const header = request.headers['client-properties'];
    const properties = typeof header === 'string' ? header : (url.searchParams.get('client-properties') ?? '{}');
    return fromUpgrade(this.#context.platform, authorization, properties);
  }
}

const agentCaller = ({ agent }: AgentSession): Caller => ({ kind: 'agent', agent });

function refuse(socket: Duplex, status: number): void {
  refuseUpgrade(socket, `${status} ${STATUS_CODES[status] ?? 'Error'}`);
}
