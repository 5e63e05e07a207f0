import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that takes connections, counts them, and does with each what it is told, once something was sent to it. */
export interface RawServer extends AsyncDisposable {
  readonly host: string;
  /** How many connections were made to it. */
  readonly connections: number;
  /** Those that stand. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves once something was sent on a connection of number `count` or a later one. */
  asked(count?: number): Promise<void>;
}

/** Starts a {@link RawServer} on this machine. */
export async function startRawServer(
  respond: (socket: Socket, sent: string) => void = () => undefined,
): Promise<RawServer> {
  const open = new Set<Socket>();
  const waiting = new Set<() => void>();
  let connections = 0;
  let asked = 0;
  const server = createServer((socket) => {
    const number = ++connections;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.once('data', (sent) => {
      respond(socket, String(sent));
      asked = Math.max(asked, number);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    open,
    asked: (count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          if (asked < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
