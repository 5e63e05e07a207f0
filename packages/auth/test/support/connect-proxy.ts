import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An HTTP proxy that knows CONNECT. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** The targets of the tunnels that were asked for, refused ones too. */
  readonly targets: string[];
  /** Requests that came as they are, without a tunnel. */
  readonly plain: string[];
  /** Refuses the next tunnels with this status; undefined: opens them. */
  refuseWith(status: number | undefined): void;
  /** Cuts every tunnel. */
  cut(): void;
}

/** Starts a {@link ConnectProxy} on this machine; with `credentials` (`user:password`) it asks for them, with `tls` it is spoken to in TLS. */
export async function startConnectProxy(
  credentials?: string,
  tls?: { key: string; cert: string },
): Promise<ConnectProxy> {
  const targets: string[] = [];
  const plain: string[] = [];
  const sockets = new Set<Duplex>();
  let refusal: number | undefined;
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    plain.push(request.url ?? '');
    response.writeHead(405).end();
  };
  const server = tls ? createTlsServer(tls, refuse) : createServer(refuse);
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => undefined);
    targets.push(request.url ?? '');
    const given = request.headers['proxy-authorization'];
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    const status = refusal ?? (wanted && given !== wanted ? 407 : undefined);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const target: Socket = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        target.destroy();
        client.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const login = credentials === undefined ? '' : `${credentials.split(':').map(encodeURIComponent).join(':')}@`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${tls ? 'https' : 'http'}://${login}127.0.0.1:${port}`,
    targets,
    plain,
    refuseWith: (status) => {
      refusal = status;
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
