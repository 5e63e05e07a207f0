import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { kind: string; type: string; body: { changes: Record<string, unknown>[] } };
}

/** A connector's endpoint on this machine. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** What the next deliveries get, one each; 200 afterwards. A status of 0 cuts the connection. */
  readonly responses: number[];
  /** The first delivery that fits, or the next to come. */
  delivery(fits?: (delivery: Delivery) => boolean): Promise<Delivery>;
  /** Resolves when there are so many. */
  count(least: number): Promise<void>;
}

export async function receiveWebhooks(): Promise<WebhookReceiver> {
  const deliveries: Delivery[] = [];
  const responses: number[] = [];
  let waiters: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      deliveries.push({ headers: request.headers, text, body: JSON.parse(text) as Delivery['body'] });
      const status = responses.shift() ?? 200;
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
      for (const waiter of waiters.splice(0)) waiter();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return {
    url: `http://127.0.0.1:${port}/hook`,
    deliveries,
    responses,
    async delivery(fits = () => true) {
      await until(() => deliveries.some(fits));
      return deliveries.find(fits) as Delivery;
    },
    count: (least) => until(() => deliveries.length >= least),
    async [Symbol.asyncDispose]() {
      waiters = [];
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
