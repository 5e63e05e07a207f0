import { once } from 'node:events';
import WebSocket from 'ws';
import type { Done, Subject } from './subject.ts';

interface Frame {
  readonly kind: string;
  readonly type: string;
  readonly reqId: string;
}

/** The `ws` client alone. With `parse`, each frame is read by `JSON.parse` and answers are matched by a Map; without, frames are only counted. */
export class Limit implements Subject {
  readonly #parse: boolean;
  readonly #pending = new Map<string, Done>();
  #socket: WebSocket | undefined;
  #each: () => void = () => undefined;
  #lastId = 0;

  constructor({ parse }: { parse: boolean }) {
    this.#parse = parse;
  }

  async connect(port: number): Promise<void> {
    const url = `wss://localhost:${port}/ws_api/account/le12345678/messaging/brand/bearer?v=2.1`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    const receive = (data: WebSocket.RawData) => this.#receive((data as Buffer).toString());
    socket.on('message', this.#parse ? receive : () => this.#each());
    await once(socket, 'open');
  }

  readMessages(_conversations: number, each: () => void): Promise<void> {
    this.#each = each;
    return Promise.resolve();
  }

  readChanges(each: () => void): void {
    this.#each = each;
  }

  getClock(done: Done): void {
    this.#request('.GetClock', {}, done);
  }

  publish(dialogId: string, message: string, done: Done): void {
    const event = { type: 'ContentEvent', contentType: 'text/plain', message };
    this.#request('.ams.ms.PublishEvent', { dialogId, event }, done);
  }

  close(): Promise<void> {
    this.#socket?.terminate();
    return Promise.resolve();
  }

  #receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.kind === 'notification') {
      this.#each();
      return;
    }
    const done = this.#pending.get(frame.reqId);
    this.#pending.delete(frame.reqId);
    done?.();
  }

  #request(type: string, body: object, done: Done): void {
    const id = String(++this.#lastId);
    this.#pending.set(id, done);
    this.#socket?.send(JSON.stringify({ kind: 'req', id, type, body }));
  }
}
