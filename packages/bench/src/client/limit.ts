import { once } from 'node:events';
import WebSocket from 'ws';
import { conversationId } from '../server/frames.ts';
import { Loop } from './loop.ts';
import type { ClientSubject, Done } from './subject.ts';

interface Frame {
  readonly kind: string;
  readonly type: string;
  readonly reqId: string;
  readonly body: unknown;
}

type EventBody = { readonly dialogId: string; readonly sequence: number; readonly event: unknown };
type ChangesBody = {
  readonly changes: readonly { readonly result: { readonly convId: string; readonly conversationDetails: unknown } }[];
};

/**
 * The `ws` client alone. With `parse`, each frame is read by `JSON.parse` and responses are matched by a Map; without, frames
 * are only counted. With `hand`, it does besides what nobody can leave out who hands messages to one `for await` loop a
 * conversation and knows the newest state of each: no check, no order, no recovery.
 */
export class Limit implements ClientSubject {
  readonly #parse: boolean;
  readonly #hand: boolean;
  readonly #loops = new Map<string, Loop<Pick<EventBody, 'sequence' | 'event'>>>();
  readonly #newest = new Map<string, unknown>();
  #notified: (body: unknown) => void = () => this.#each();
  readonly #pending = new Map<string, Done>();
  #socket: WebSocket | undefined;
  #each: () => void = () => undefined;
  #lastId = 0;

  constructor({ parse, hand = false }: { parse: boolean; hand?: boolean }) {
    this.#parse = parse;
    this.#hand = hand;
  }

  async connect(port: number): Promise<void> {
    const url = `wss://localhost:${port}/ws_api/account/le12345678/messaging/brand/bench-0?v=2.1`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    const receive = (data: WebSocket.RawData) => this.#receive((data as Buffer).toString());
    socket.on('message', this.#parse ? receive : () => this.#each());
    await once(socket, 'open');
  }

  readMessages(conversations: number, each: () => void): Promise<void> {
    this.#each = each;
    if (!this.#hand) return Promise.resolve();
    for (let index = 0; index < conversations; index++) {
      const loop = new Loop<Pick<EventBody, 'sequence' | 'event'>>();
      this.#loops.set(conversationId(index), loop);
      void (async () => {
        for await (const _ of loop) each();
      })();
    }
    this.#notified = (body) => {
      const { dialogId, sequence, event } = body as EventBody;
      this.#loops.get(dialogId)?.push({ sequence, event });
    };
    return Promise.resolve();
  }

  readAllMessages(each: () => void): void {
    this.#each = each;
  }

  readChanges(each: () => void): void {
    this.#each = each;
    if (!this.#hand) return;
    this.#notified = (body) => {
      for (const { result } of (body as ChangesBody).changes) {
        this.#newest.set(result.convId, result.conversationDetails);
        each();
      }
    };
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
      this.#notified(frame.body);
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
