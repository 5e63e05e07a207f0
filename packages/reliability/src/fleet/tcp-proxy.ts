import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between two programs and can be taken away, as a network can. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #targetPort: number;
  #state: 'open' | 'cut' | 'stalled' = 'open';
  #delayMs = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near) => this.#accept(near));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, targetPort);
  }

  /** Ends all connections and refuses new ones. */
  cut(): void {
    this.#state = 'cut';
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Passes nothing on any more and says nothing: links are half open, new ones too. */
  stall(): void {
    this.#state = 'stalled';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** What is passed on comes so much later, in order. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** All is well again; connections that were stalled are ended, as those of a network that was away so long are. */
  open(): void {
    this.#delayMs = 0;
    if (this.#state === 'stalled') for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#state = 'open';
  }

  /** New connections lead there from now on; those that are open end. */
  retarget(port: number): void {
    this.#targetPort = port;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(this.#targetPort, '127.0.0.1');
    far.on('error', () => near.destroy());
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (this.#delayMs === 0) to.write(chunk);
        else setTimeout(() => to.write(chunk), this.#delayMs).unref();
      });
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#state === 'stalled') from.pause();
    }
  }
}
