import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultRules } from '../faults/rules.ts';
import { MAX_FILE_BYTES } from '../platform/files.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { send, sendError } from './exchange.ts';
import type { Guard } from './guard.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const ACCOUNT = /^[a-zA-Z0-9_]{1,20}$/;

/** The platform's REST services on one host. */
export class HttpApi {
  readonly #platform: Platform;
  readonly #guard: Guard;
  readonly #routes: readonly Route[];

  constructor(platform: Platform, rules: FaultRules, guard: Guard, host: () => string) {
    this.#platform = platform;
    this.#guard = guard;
    this.#routes = routes(platform, rules, guard, host);
  }

  /** Responds to one request, whatever happens. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(this.#guard.headers(request))) response.setHeader(name, value);
    try {
      if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
        return send(response, 204, '', this.#guard.preflightHeaders(request));
      }
      // One byte more than a file may have, so that the storage itself can refuse it.
      const body = await readBody(request, MAX_FILE_BYTES + 1);
      if (!body) throw new Refusal(413, 'The request is too large');
      return this.#route(request, response, body);
    } catch (error) {
      if (response.headersSent) return undefined;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'Internal server error');
      return sendError(response, this.#platform.clock.now(), refusal);
    } finally {
      this.#platform.flush();
    }
  }

  #route(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = urlOf(request, this.#guard.scheme);
    let pathKnown = false;
    for (const { method, path, handle, forAll } of this.#routes) {
      const match = path.exec(url.pathname);
      if (!match) continue;
      pathKnown = true;
      if (method !== request.method) continue;
      const params = decoded(match.groups ?? {});
      const accountId = forAll ? this.#platform.accountId : (params['accountId'] ?? request.headers['brand-id']);
      if (typeof accountId !== 'string' || !ACCOUNT.test(accountId)) {
        throw new Refusal(400, 'The account id is malformed');
      }
      if (accountId !== this.#platform.accountId) throw new Refusal(401, 'The account does not exist');
      return handle({ request, response, url, accountId, params, body });
    }
    throw pathKnown ? new Refusal(405, 'Method not allowed') : new Refusal(404, 'Not found');
  }
}

/** @throws Refusal for what is no URL. */
function urlOf({ url = '/', headers: { host = 'localhost' } }: IncomingMessage, scheme: string): URL {
  try {
    return new URL(url, `${scheme}://${host}`);
  } catch (error) {
    throw new Refusal(400, 'The path is malformed', { cause: error });
  }
}

/** @throws Refusal for parts that are no text in percent encoding. */
function decoded(groups: Record<string, string | undefined>): Record<string, string | undefined> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, value === undefined ? value : decodeURIComponent(value)]),
    );
  } catch (error) {
    throw new Refusal(400, 'The path is malformed', { cause: error });
  }
}

/** The request's body; undefined when it is longer. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
