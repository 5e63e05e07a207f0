import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConsumerLinks } from '../consumer/links.ts';
import type { FaultsPort } from '../faults/create-faults.ts';
import type { Faults } from '../faults/faults.ts';
import { send, sendJson } from '../http/exchange.ts';
import { type Guard, refuseUpgrade } from '../http/guard.ts';
import { readBody } from '../http/server.ts';
import type { Journal } from '../journal.ts';
import { readJson } from '../json.ts';
import { Refusal } from '../platform/model.ts';
import { actionsOf } from './actions.ts';
import { asset } from './assets.ts';
import { FaultPanel } from './fault-panel.ts';
import { Feed } from './feed.ts';
import { Person } from './person.ts';
import { securityHeaders } from './security-headers.ts';

export interface WebPageOptions {
  readonly guard: Guard;
  readonly journal: Journal;
  readonly links: ConsumerLinks;
  readonly faults: Faults;
  readonly faultsPort: FaultsPort;
}

const MAX_BODY_BYTES = 64 * 1024;
const ROOT = '/simulator/';
const IMAGE_TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
]);

/**
 * The page on which a person plays consumers: its files, its feed and its actions, all below one path. Feed and actions
 * are for the page itself: not for programs, and for no other page.
 */
export class WebPage {
  readonly #options: WebPageOptions;
  readonly #feed: Feed;
  readonly #actions: ReturnType<typeof actionsOf>;
  /** Remote ports of the page's own connections; a platform that is down spares them. */
  readonly #ports = new Map<number, number>();

  constructor(options: WebPageOptions) {
    const { links, journal, faults, faultsPort } = options;
    this.#options = options;
    const panel = new FaultPanel(faults, faultsPort);
    this.#feed = new Feed({ platform: links.platform, journal, panel });
    this.#actions = actionsOf(new Person(links), panel);
  }

  /** Whether the request is for the page and not for the platform. */
  serves({ url = '' }: IncomingMessage): boolean {
    return url === '/' || url === '/simulator' || url.startsWith(ROOT) || url.startsWith('/simulator?');
  }

  /** Whether a connection is one of the page's own. */
  owns({ remotePort = 0 }: { readonly remotePort?: number | undefined }): boolean {
    return this.#ports.has(remotePort);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#hold(request, response);
    for (const [name, value] of Object.entries(securityHeaders(request))) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof Refusal) sendJson(response, error.code, { error: error.message });
      else sendJson(response, 409, { error: error instanceof Error ? error.message : 'It did not work' });
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#options.guard.isOwnOrigin(request)) return refuseUpgrade(socket, '403 Forbidden');
    if (request.url !== `${ROOT}feed`) return refuseUpgrade(socket, '404 Not Found');
    socket.on('error', () => undefined);
    this.#hold(request, socket);
    return this.#feed.upgrade(request, socket, head);
  }

  close(): void {
    this.#feed.close();
  }

  #hold({ socket: { remotePort = 0 } }: IncomingMessage, until: NodeJS.EventEmitter): void {
    this.#ports.set(remotePort, (this.#ports.get(remotePort) ?? 0) + 1);
    until.once('close', () => {
      const left = (this.#ports.get(remotePort) ?? 1) - 1;
      if (left === 0) this.#ports.delete(remotePort);
      else this.#ports.set(remotePort, left);
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(ROOT)) return send(response, 302, '', { location: ROOT });
    const name = url.pathname.slice(ROOT.length);
    if (name.startsWith('do/')) return this.#act(name.slice('do/'.length), request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refusal(405, 'Method not allowed');
    if (name === 'file') return this.#file(url.searchParams.get('path') ?? '', response);
    return this.#asset(name || 'index.html', response);
  }

  async #act(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') throw new Refusal(405, 'Method not allowed');
    if (!this.#options.guard.isOwnOrigin(request)) throw new Refusal(403, 'Only the page itself may ask for this');
    if (request.headers['content-type'] !== 'application/json') throw new Refusal(415, 'Only JSON is read');
    if (!this.#actions.knows(name)) throw new Refusal(404, 'There is no such action');
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) throw new Refusal(413, 'The request is too large');
    sendJson(response, 200, await this.#actions.perform(name, readJson(body.toString())));
    this.#feed.refresh();
  }

  /** A file of the conversations: pictures are shown, everything else is only saved. */
  #file(path: string, response: ServerResponse): void {
    const content = this.#options.links.platform.files.get(path);
    if (!content) throw new Refusal(404, 'There is no such file');
    const type = IMAGE_TYPES.get(path.split('.').at(-1)?.toLowerCase() ?? '');
    if (type !== undefined) return send(response, 200, content, { 'content-type': type });
    return send(response, 200, content, {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
    });
  }

  async #asset(name: string, response: ServerResponse): Promise<void> {
    const found = await asset(name).catch(() => 'not built' as const);
    if (found === 'not built') throw new Refusal(503, 'The page has not been built: run its build script');
    if (!found) throw new Refusal(404, 'Not found');
    send(response, 200, found.content, { 'content-type': found.type });
  }
}
