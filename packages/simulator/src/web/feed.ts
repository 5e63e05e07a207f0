import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Conversation, EventRecord } from '../platform/model.ts';
import { type FeedSources, Viewer } from './viewer.ts';

const MAX_REQUEST_BYTES = 4 * 1024;

/** Tells every open page what happens on the platform. While no page is open, it costs nothing. */
export class Feed {
  readonly #sources: FeedSources;
  readonly #viewers = new Set<Viewer>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_REQUEST_BYTES,
  });

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#opened(connection));
  }

  /** Tells the pages of what no change of the platform announces. */
  refresh(): void {
    for (const viewer of this.#viewers) viewer.refresh();
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.close();
  }

  #opened(socket: WebSocket): void {
    const viewer = new Viewer(socket, this.#sources);
    this.#viewers.add(viewer);
    this.#observe();
    socket.on('close', () => {
      viewer.close();
      this.#viewers.delete(viewer);
      this.#observe();
    });
    socket.on('error', () => undefined);
  }

  #observe(): void {
    const each = (tell: (viewer: Viewer) => void) => this.#viewers.forEach(tell);
    this.#sources.platform.notifier.observer =
      this.#viewers.size === 0
        ? undefined
        : {
            conversation: (conversation: Conversation) => each((viewer) => viewer.conversation(conversation)),
            event: (record: EventRecord) => each((viewer) => viewer.event(record)),
            agents: () => this.refresh(),
          };
  }
}
