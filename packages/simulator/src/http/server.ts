import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultRules } from '../faults/rules.ts';
import { MAX_FILE_BYTES } from '../platform/files.ts';
import type { Platform } from '../platform/platform.ts';
import { surveyState, wholeSurvey } from './agent-survey.ts';
import { lookUpAll, lookUpOne, lookUpScript } from './domains.ts';
import { type Exchange, sendError } from './exchange.ts';
import { storage } from './files.ts';
import {
  agentStatus,
  consumerContent,
  searchByConsumer,
  searchByConversation,
  searchConversations,
} from './history.ts';
import { authenticate, authorizeAnonymously, signUp } from './identity.ts';
import { logIn, logOut, refresh } from './login.ts';

type Route = readonly [method: string, path: RegExp, handle: (exchange: Exchange) => void];

const ACCOUNT = /^[a-zA-Z0-9_]{1,20}$/;

const SURVEY_STATE = /^\/api\/account\/([^/]+)\/forms\/agent_survey\/state$/;
const history = (path: string): RegExp => new RegExp(`^/messaging_history/api/account/([^/]+)/${path}$`);

/** The platform's REST services on one host. */
export class HttpApi {
  readonly #platform: Platform;
  readonly #rules: FaultRules;
  readonly #routes: readonly Route[];

  constructor(platform: Platform, rules: FaultRules, host: () => string) {
    this.#platform = platform;
    this.#rules = rules;
    this.#routes = [
      ['GET', /^\/(?:api|csdr)\/account\/([^/]+)\/service\/baseURI\.json$/, this.#lookUp(lookUpAll, host)],
      ['GET', /^\/(?:api|csdr)\/account\/([^/]+)\/service\/([^/]+)\/baseURI\.json$/, this.#lookUp(lookUpOne, host)],
      [
        'GET',
        /^\/(?:api|csdr)\/account\/([^/]+)\/service\/(?:([^/]+)\/)?baseURI\.lpCsds$/,
        this.#lookUp(lookUpScript, host),
      ],
      ['POST', /^\/api\/account\/([^/]+)\/login$/, (exchange) => this.#logIn(exchange, host())],
      ['POST', /^\/api\/account\/([^/]+)\/refresh$/, (exchange) => refresh(exchange, platform)],
      ['POST', /^\/api\/account\/([^/]+)\/logout$/, (exchange) => logOut(exchange, platform)],
      ['POST', /^\/api\/account\/([^/]+)\/signup$/, (exchange) => signUp(exchange, platform)],
      [
        'POST',
        /^\/api\/account\/([^/]+)\/anonymous\/authorize$/,
        (exchange) => authorizeAnonymously(exchange, platform),
      ],
      [
        'POST',
        /^\/api\/account\/([^/]+)\/(?:app\/[^/]+\/)?authenticate$/,
        (exchange) => authenticate(exchange, platform),
      ],
      ['POST', /^\/api\/account\/([^/]+)\/consumer$/, (exchange) => authenticate(exchange, platform)],
      ...['GET', 'POST', 'PUT', 'DELETE'].map(
        (method): Route => [method, SURVEY_STATE, (exchange) => surveyState(exchange, platform)],
      ),
      ['GET', /^\/api\/account\/([^/]+)\/forms\/agent_survey$/, (exchange) => wholeSurvey(exchange, platform)],
      ['POST', history('conversations/consumer/search'), (exchange) => searchByConsumer(exchange, platform)],
      ['POST', history('conversations/conversation/search'), (exchange) => searchByConversation(exchange, platform)],
      ['POST', history('conversations/search'), (exchange) => searchConversations(exchange, platform)],
      ['POST', history('agent-view/status'), (exchange) => agentStatus(exchange, platform)],
      ['GET', history('conversations/conversation/content/search'), (exchange) => consumerContent(exchange, platform)],
      ['PUT', /^\/v1\/AUTH_async-images\/([^/]+)\/[^/]+$/, (exchange) => storage(exchange, platform)],
      ['GET', /^\/v1\/AUTH_async-images\/([^/]+)\/[^/]+$/, (exchange) => storage(exchange, platform)],
    ];
  }

  /** Answers one request; whatever happens, it gets an answer. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      // One byte more than a file may have, so that the storage itself can refuse it.
      const body = await readBody(request, MAX_FILE_BYTES + 1);
      if (!body) return sendError(response, 413, 'The request is too large');
      return this.#route(request, response, body);
    } catch {
      if (!response.headersSent) sendError(response, 500, 'Internal server error');
      return undefined;
    }
  }

  #route(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    let pathKnown = false;
    for (const [method, path, handle] of this.#routes) {
      const match = path.exec(url.pathname);
      if (!match) continue;
      pathKnown = true;
      if (method !== request.method) continue;
      const [, accountId = '', ...parts] = match;
      if (!ACCOUNT.test(accountId)) return sendError(response, 400, 'The account id is malformed');
      if (accountId !== this.#platform.accountId) return sendError(response, 401, 'The account does not exist');
      return handle({ request, response, url, accountId, parts, body });
    }
    return sendError(response, pathKnown ? 405 : 404, pathKnown ? 'Method not allowed' : 'Not found');
  }

  #lookUp(lookUp: (exchange: Exchange, host: string) => void, host: () => string) {
    return (exchange: Exchange) => {
      const failing = this.#rules.strike('failCsds');
      if (failing) sendError(exchange.response, failing.value, 'Simulated failure');
      else lookUp(exchange, host());
    };
  }

  #logIn(exchange: Exchange, host: string): void {
    const failing = this.#rules.strike('failLogin');
    if (failing) sendError(exchange.response, failing.value, 'Simulated failure');
    else logIn(exchange, this.#platform, host);
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
