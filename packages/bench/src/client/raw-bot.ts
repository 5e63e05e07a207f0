import { once } from 'node:events';
import https from 'node:https';
import WebSocket from 'ws';
import { ACCOUNT, userOf } from '../server/frames.ts';
import { Loop } from './loop.ts';
import type { BotSubject } from './subject.ts';

interface Frame {
  readonly kind: string;
  readonly type: string;
  readonly reqId: string;
  readonly body: unknown;
}
interface Said {
  readonly dialogId: string;
  readonly sequence: number;
  readonly originatorId: string;
  readonly event: { readonly type: string; readonly message?: string; readonly sequenceList?: readonly number[] };
}
type Changes = { readonly changes: readonly { readonly result: { convId: string; conversationDetails: unknown } }[] };

/**
 * The steps of the README's bot with `ws` and nothing else: look-up, login, a Map of the requests under way, the newest of
 * each conversation, one `for await` loop for each, which waits for the response to its read mark and to its message.
 * It checks, orders and recovers nothing. What it costs nobody can save who takes these steps with promises.
 */
export class RawBot implements BotSubject {
  readonly #pending = new Map<string, (body: unknown) => void>();
  readonly #loops = new Map<string, Loop<Said>>();
  readonly #newest = new Map<string, unknown>();
  #socket: WebSocket | undefined;
  #oldId = '';
  #lastId = 0;

  async connect(port: number, user: number): Promise<void> {
    this.#oldId = userOf(user).oldId;
    const base = `https://localhost:${port}`;
    await ask(`${base}/api/account/${ACCOUNT}/service/baseURI?version=1.0`);
    const { bearer } = await ask(`${base}/api/account/${ACCOUNT}/login?v=1.3`, { username: `bench-${user}` });
    const url = `wss://localhost:${port}/ws_api/account/${ACCOUNT}/messaging/brand/${bearer}?v=2.1`;
    this.#socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#receive(JSON.parse((data as Buffer).toString()) as Frame));
    await once(this.#socket, 'open');
    await this.#request('.GetClock', {});
  }

  async startEchoBot(): Promise<void> {
    await this.#request('.ams.aam.SubscribeExConversations', { convState: ['OPEN'], agentIds: [this.#oldId] });
  }

  close(): Promise<void> {
    this.#socket?.terminate();
    return Promise.resolve();
  }

  async #converse(dialogId: string, loop: Loop<Said>): Promise<void> {
    const query = { dialogId, maxQuantity: 200, newerThanSequence: -1 };
    const history = (await this.#request('.ams.ms.QueryMessages', query)) as Said[];
    const read = new Set(history.flatMap(({ event }) => event.sequenceList ?? []));
    for (const said of history) if (!read.has(said.sequence)) this.#hear(said);
    for await (const { sequence, event } of loop) {
      await this.#publish(dialogId, { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [sequence] });
      const message = `echo: ${event.message}`;
      await this.#publish(dialogId, { type: 'ContentEvent', contentType: 'text/plain', message });
    }
  }

  #receive({ kind, type, reqId, body }: Frame): void {
    if (kind === 'resp') {
      this.#pending.get(reqId)?.(body);
      this.#pending.delete(reqId);
    } else if (type === '.ams.ms.OnlineEventDistribution') this.#hear(body as Said);
    else for (const { result } of (body as Changes).changes) this.#see(result.convId, result.conversationDetails);
  }

  #hear(said: Said): void {
    if (said.event.type === 'ContentEvent' && said.originatorId !== this.#oldId)
      this.#loops.get(said.dialogId)?.push(said);
  }

  #see(conversationId: string, details: unknown): void {
    this.#newest.set(conversationId, details);
    if (this.#loops.has(conversationId)) return;
    const loop = new Loop<Said>();
    this.#loops.set(conversationId, loop);
    void this.#converse(conversationId, loop);
  }

  #publish(dialogId: string, event: object): Promise<unknown> {
    return this.#request('.ams.ms.PublishEvent', { dialogId, event });
  }

  #request(type: string, body: object): Promise<unknown> {
    const id = String(++this.#lastId);
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#socket?.send(JSON.stringify({ kind: 'req', id, type, body }));
    });
  }
}

/** GET, or with a body POST; gives the response's JSON. */
async function ask(url: string, body?: object): Promise<{ readonly bearer?: string }> {
  const request = https.request(url, { method: body ? 'POST' : 'GET' });
  request.end(body && JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as { bearer?: string };
}
