import { ConfigError } from '@lp/core';
import {
  type AgentStatus,
  AgentStatusSchema,
  type AgentStatusSearch,
  AgentStatusSearchSchema,
  type ConsumerSearch,
  ConsumerSearchSchema,
  type ConversationSearch,
  ConversationSearchSchema,
  type HistoryConversation,
  HistoryPageSchema,
  type HistorySearch,
  HistorySearchSchema,
} from '@lp/schemas';
import {
  checkCallOptions,
  checkInput,
  type RestCallOptions,
  type RestPort,
  type RestRequest,
  type RestResponse,
  readResponse,
} from './exchange.ts';

const SERVICE = 'msgHist';
const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 50;

/** How to go through a history. */
export interface HistoryPageOptions extends RestCallOptions {
  /** How many conversations to ask for at a time: 1 to 100, default 50. */
  readonly pageSize?: number | undefined;
  /** How many conversations to pass over first. Default 0. */
  readonly offset?: number | undefined;
  /** As the platform words it, for example `start:desc`. */
  readonly sort?: string | undefined;
}

/**
 * The messaging history. A conversation appears in it some time after it happened. Every call rejects with a
 * RequestRejectedError when the platform refuses it.
 */
export class HistoryClient {
  readonly #rest: RestPort;
  readonly #path: string;

  constructor(rest: RestPort, accountId: string) {
    this.#rest = rest;
    this.#path = `/messaging_history/api/account/${encodeURIComponent(accountId)}`;
  }

  /** The conversations of a consumer, page by page as they are read. Each conversation comes once. */
  consumerConversations(search: ConsumerSearch, options?: HistoryPageOptions): AsyncIterable<HistoryConversation> {
    const body = checkInput(ConsumerSearchSchema, search, 'the search');
    return this.#pages('consumerConversations', '/conversations/consumer/search', body, options);
  }

  /** The conversations that began in a span of at most three months, page by page as they are read, each once. */
  conversations(search: HistorySearch, options?: HistoryPageOptions): AsyncIterable<HistoryConversation> {
    const body = checkInput(HistorySearchSchema, search, 'the search');
    return this.#pages('conversations', '/conversations/search', body, options);
  }

  /** One conversation; undefined when history does not know it (yet). */
  async conversation(search: ConversationSearch, options?: RestCallOptions): Promise<HistoryConversation | undefined> {
    checkCallOptions('conversation', options);
    const body = checkInput(ConversationSearchSchema, search, 'the search');
    const response = await this.#post('/conversations/conversation/search', body, {}, options);
    return readResponse(HistoryPageSchema, response, 'the history').conversationHistoryRecords[0];
  }

  /** What agents are doing now. */
  async agentStatus(search: AgentStatusSearch = {}, options?: RestCallOptions): Promise<AgentStatus> {
    checkCallOptions('agentStatus', options);
    const body = checkInput(AgentStatusSearchSchema, search, 'the search');
    return readResponse(
      AgentStatusSchema,
      await this.#post('/agent-view/status', body, {}, options),
      'the agent status',
    );
  }

  #pages(
    name: string,
    path: string,
    body: object,
    options: HistoryPageOptions = {},
  ): AsyncIterable<HistoryConversation> {
    checkCallOptions(name, options, ['pageSize', 'offset', 'sort']);
    const { pageSize: limit = DEFAULT_PAGE_SIZE, offset: first = 0, sort, ...call } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
      throw new ConfigError(`pageSize must be a whole number from 1 to ${MAX_PAGE_SIZE}`);
    if (!Number.isInteger(first) || first < 0) throw new ConfigError('offset must be a whole number from 0 on');
    const page = async (offset: number) =>
      readResponse(HistoryPageSchema, await this.#post(path, body, { offset, limit, sort }, call), 'the history');
    return {
      async *[Symbol.asyncIterator]() {
        // A conversation that begins meanwhile moves the others on by one, so one may come again on the next page.
        const seen = new Set<string>();
        for (let offset = first; ; offset += limit) {
          const { conversationHistoryRecords: records, _metadata } = await page(offset);
          for (const record of records) {
            if (seen.has(record.info.conversationId)) continue;
            seen.add(record.info.conversationId);
            yield record;
          }
          if (records.length < limit || offset + limit >= (_metadata?.count ?? Infinity)) return;
        }
      },
    };
  }

  #post(
    path: string,
    body: object,
    query: NonNullable<RestRequest['query']>,
    options: RestCallOptions = {},
  ): Promise<RestResponse> {
    // A search changes nothing, so an exchange that broke off may be repeated.
    return this.#rest.request({
      ...options,
      service: SERVICE,
      method: 'POST',
      path: `${this.#path}${path}`,
      query,
      body,
      idempotent: true,
      success: [200],
    });
  }
}
