import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a server as pgbouncer does in transaction mode. */
export interface TransactionPooler {
  readonly port: number;
  close(): Promise<void>;
}

interface Server {
  readonly socket: Socket;
  client: Client | undefined;
}

interface Client {
  readonly socket: Socket;
  waiting: Buffer[];
  server: Server | undefined;
}

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

/**
 * Shares few connections to a server on 127.0.0.1 among its clients, a transaction each, and never the same twice in a row:
 * whatever a session would keep from one transaction to the next (LISTEN, settings, locks, prepared statements) is not there.
 */
export async function startTransactionPooler(targetPort: number, size = 3): Promise<TransactionPooler> {
  const clients = new Set<Client>();
  const queue: Client[] = [];
  const servers = await Promise.all(Array.from({ length: size }, () => connectServer(targetPort)));
  let turn = 0;

  function serveNext(): void {
    while (queue.length > 0) {
      const free = Array.from({ length: size }, (_, i) => servers[(turn + i) % size] as Server).find(
        ({ client }) => !client,
      );
      if (!free) return;
      turn = (servers.indexOf(free) + 1) % size;
      const client = queue.shift() as Client;
      client.server = free;
      free.client = client;
      for (const message of client.waiting.splice(0)) free.socket.write(message);
    }
  }

  for (const server of servers) {
    eachMessage(server.socket, (message) => {
      // What nobody waits for, as a notification, goes nowhere.
      server.client?.socket.write(message);
      if (message[0] !== 0x5a || message[5] !== 0x49 || !server.client) return;
      server.client.server = undefined;
      server.client = undefined;
      serveNext();
    });
  }

  const listener = createServer((socket) => {
    const client: Client = { socket, waiting: [], server: undefined };
    clients.add(client);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clients.delete(client);
      // Nobody is there to end its transaction.
      if (client.server) client.server.socket.write(query('rollback'));
    });
    socket.once('data', (startup: Buffer) => {
      socket.write(Buffer.concat([AUTHENTICATED, READY]));
      eachMessage(
        socket,
        (message) => {
          if (message[0] === 0x58) return void socket.end();
          if (client.server) return void client.server.socket.write(message);
          client.waiting.push(message);
          if (!queue.includes(client)) queue.push(client);
          serveNext();
        },
        startup.subarray(startup.readInt32BE(0)),
      );
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      for (const { socket } of [...clients, ...servers]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

async function connectServer(port: number): Promise<Server> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const body = Buffer.from('\0\x03\0\0user\0lp\0database\0postgres\0\0', 'latin1');
  const head = Buffer.alloc(4);
  head.writeInt32BE(body.length + 4);
  socket.write(Buffer.concat([head, body]));
  await new Promise<void>((resolve) => {
    socket.on('data', function ready(chunk: Buffer) {
      if (!chunk.includes(READY)) return;
      socket.removeListener('data', ready);
      resolve();
    });
  });
  return { socket, client: undefined };
}

/** Calls back with each whole message: a type, and a length that counts itself. */
function eachMessage(socket: Socket, onMessage: (message: Buffer) => void, first: Buffer = Buffer.alloc(0)): void {
  let rest: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const end = 1 + rest.readInt32BE(1);
      if (rest.length < end) return;
      const message = rest.subarray(0, end);
      rest = rest.subarray(end);
      onMessage(message);
    }
  };
  socket.on('data', read);
  if (first.length > 0) read(first);
}

function query(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.write('Q');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
