import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Simulator } from '@lp/simulator';
import { fetch, type RequestInit, type Response } from 'undici';
import { WebSocket } from 'ws';
import type { Actions, FeedMessage, FeedRequest } from '../../src/web/page-api.ts';

type Of<T extends FeedMessage['type']> = Extract<FeedMessage, { type: T }>;

/** Speaks to the page's server as the page does. */
export class PageClient implements AsyncDisposable {
  readonly messages: FeedMessage[] = [];
  readonly socket: WebSocket;
  readonly #simulator: Simulator;
  #wake: (() => void)[] = [];

  private constructor(simulator: Simulator, socket: WebSocket) {
    this.#simulator = simulator;
    this.socket = socket;
    socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()) as FeedMessage);
      for (const wake of this.#wake.splice(0)) wake();
    });
    socket.on('error', () => undefined);
  }

  static async open(simulator: Simulator): Promise<PageClient> {
    const options = { origin: simulator.url, ...(simulator.ca === undefined ? {} : { ca: simulator.ca }) };
    const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/simulator/feed`, options);
    const client = new PageClient(simulator, socket);
    await once(socket, 'open');
    return client;
  }

  ask(request: FeedRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  /** The first message of this type that fits, or the next to come. */
  async message<T extends FeedMessage['type']>(
    type: T,
    fits: (message: Of<T>) => boolean = () => true,
  ): Promise<Of<T>> {
    for (;;) {
      const found = this.messages.find((message): message is Of<T> => message.type === type && fits(message as Of<T>));
      if (found) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  act<A extends keyof Actions>(action: A, body: Actions[A]): Promise<Response> {
    return act(this.#simulator, action, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.socket.readyState === WebSocket.CLOSED ? undefined : once(this.socket, 'close');
    this.socket.terminate();
    await closed;
  }
}

/** Asks for an action as the page does, or with other headers. */
export function act(
  simulator: Simulator,
  action: string,
  body: unknown,
  headers: Record<string, string> = { origin: simulator.url },
): Promise<Response> {
  const init: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
  return fetch(`${simulator.url}/simulator/do/${action}`, init);
}

/** The status of a GET with any Host header, and any others that `fetch` would set by itself. */
export function statusAs(
  simulator: Simulator,
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(simulator.url + path, { headers: { ...headers, host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}
