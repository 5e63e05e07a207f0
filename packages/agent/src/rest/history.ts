import { ConfigError, ProtocolError } from '@lp/core';
import { editDistance } from '@lp/core/internal';
import {
  type Advice,
  type AgentStatus,
  AgentStatusSchema,
  type AgentStatusSearch,
  AgentStatusSearchSchema,
  adviceOn,
  type ConsumerSearch,
  ConsumerSearchSchema,
  type ConversationSearch,
  ConversationSearchSchema,
  type HistoryConversation,
  HistoryPageSchema,
  type HistorySearch,
  HistorySearchSchema,
  listIssues,
} from '@lp/schemas';
import type * as z from 'zod';
import {
  checkCallOptions,
  checkInput,
  type ListResponse,
  type ReportInvalid,
  type RestCallOptions,
  type RestPort,
  type RestRequest,
  type RestResponse,
  readList,
} from './exchange.ts';
import { readPages } from './pages.ts';

const SERVICE = 'msgHist';
const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 50;
const DEFAULT_SOURCE = 'lp_agent_history';
const MAX_SOURCE_LENGTH = 20;
/** The most agents that the service gives at a time. */
const MAX_AGENTS = 1_000;
/** The filters of a search that are documented; the platform has others. */
const FILTERS = [
  'start',
  'end',
  'status',
  'skillIds',
  'latestSkillIds',
  'agentIds',
  'latestAgentIds',
  'agentGroupIds',
  'keyword',
  'summary',
  'duration',
  'mcs',
  'alertedMcsValues',
  'csat',
  'source',
  'device',
  'messageContentTypes',
  'latestConversationQueueState',
  'sdeSearch',
  'responseTime',
  'contentToRetrieve',
  'latestUpdateTime',
  'nps',
  'surveyBotConversations',
  'surveyIds',
  'fcr',
  'answerText',
  'intentName',
];

// Made when they are needed, as the schemas are.
const conversationList = () => ({
  what: 'the history',
  whole: HistoryPageSchema,
  field: 'conversationHistoryRecords',
  list: HistoryPageSchema.shape.conversationHistoryRecords,
});
const agentList = () => ({
  what: 'the agent status',
  whole: AgentStatusSchema,
  field: 'agentStatusRecords',
  list: AgentStatusSchema.shape.agentStatusRecords,
});

/** Whom to tell. */
export interface HistoryPorts {
  readonly reportInvalid: ReportInvalid;
  readonly advise: (advice: Advice) => void;
}

/** How to search a history. */
export interface HistoryCallOptions extends RestCallOptions {
  /** Which program searches, for the platform: 1 to 20 characters, one name for each program of an account. Default `lp_agent_history`. */
  readonly source?: string | undefined;
}

/** How to go through a history. */
export interface HistoryPageOptions extends HistoryCallOptions {
  /** How many conversations to ask for at a time: 1 to 100, default 50. */
  readonly pageSize?: number | undefined;
  /** How many conversations to pass over first. Default 0. */
  readonly offset?: number | undefined;
  /** As the platform words it, for example `start:desc`. */
  readonly sort?: string | undefined;
}

/** The platform refuses a search that does not say who searches. */
function checkSource(source: string = DEFAULT_SOURCE): string {
  if (typeof source === 'string' && source.length >= 1 && source.length <= MAX_SOURCE_LENGTH) return source;
  throw new ConfigError(`source must be a text of 1 to ${MAX_SOURCE_LENGTH} characters`);
}

/**
 * The messaging history. A conversation appears in it some time after it happened. Every call rejects with a
 * RequestRejectedError when the platform refuses it. A record that cannot be read is left out, and told in the agent's
 * status as `invalidFrame`; the others are given.
 */
export class HistoryClient {
  readonly #rest: RestPort;
  readonly #path: string;
  readonly #ports: HistoryPorts;

  /** @internal */
  constructor(rest: RestPort, accountId: string, ports: HistoryPorts) {
    this.#rest = rest;
    this.#ports = ports;
    this.#path = `/messaging_history/api/account/${encodeURIComponent(accountId)}`;
  }

  /** The conversations of a consumer, page by page as they are read. Each conversation comes once. */
  consumerConversations(search: ConsumerSearch, options?: HistoryPageOptions): AsyncIterable<HistoryConversation> {
    const body = this.#checked(ConsumerSearchSchema, search);
    return this.#pages('consumerConversations', '/conversations/consumer/search', {}, body, options);
  }

  /**
   * The conversations that began in a span of at most three months, page by page as they are read, each once. It is the
   * second version of the service, which alone has `unAuthSdes`, and gives engagement attributes in types of their own.
   * A filter that is not documented goes out as it is, and the log tells of it. @throws ConfigError for one that is but a
   * letter or its case away from one that is: the platform would pass over it, and give all.
   */
  conversations(search: HistorySearch, options?: HistoryPageOptions): AsyncIterable<HistoryConversation> {
    const body = this.#checked(HistorySearchSchema, search);
    this.#checkFilters(Object.keys(body));
    return this.#pages('conversations', '/conversations/search', { v: 2 }, body, options);
  }

  /** One conversation; undefined when history does not know it (yet). */
  async conversation(
    search: ConversationSearch,
    options: HistoryCallOptions = {},
  ): Promise<HistoryConversation | undefined> {
    checkCallOptions('conversation', options, ['source']);
    const { source, ...call } = options;
    const query = { source: checkSource(source) };
    const body = this.#checked(ConversationSearchSchema, search);
    const response = await this.#post('/conversations/conversation/search', body, query, call);
    const { items, received, invalid } = this.#read(conversationList(), response);
    if (items.length > 0 || received === 0) return items[0];
    const issues = invalid.flatMap((entry) => entry.issues);
    throw new ProtocolError(`the conversation in the history is not what it should be: ${listIssues(issues)}`);
  }

  /** What the agents who are logged in are doing now: all of them that fit the search, each once. */
  async agentStatus(search: AgentStatusSearch = {}, options?: RestCallOptions): Promise<AgentStatus> {
    checkCallOptions('agentStatus', options);
    const body = checkInput(AgentStatusSearchSchema, search, 'the search');
    let whole: AgentStatus | undefined;
    const ask = async (offset: number) => {
      const response = await this.#post('/agent-view/status', body, { offset, limit: MAX_AGENTS }, options);
      const page = this.#read(agentList(), response);
      whole ??= page.whole;
      return { ...page, total: page.whole._metadata?.count };
    };
    const idOf = ({ agentId }: AgentStatus['agentStatusRecords'][number]) => agentId;
    const agentStatusRecords: AgentStatus['agentStatusRecords'] = [];
    for await (const record of readPages({ what: 'agentStatus', first: 0, ask, idOf })) agentStatusRecords.push(record);
    return { ...whole, agentStatusRecords };
  }

  #pages(
    name: string,
    path: string,
    version: { readonly v?: number },
    body: object,
    options: HistoryPageOptions = {},
  ): AsyncIterable<HistoryConversation> {
    checkCallOptions(name, options, ['pageSize', 'offset', 'sort', 'source']);
    const { pageSize: limit = DEFAULT_PAGE_SIZE, offset: first = 0, sort, source: given, ...call } = options;
    const source = checkSource(given);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
      throw new ConfigError(`pageSize must be a whole number from 1 to ${MAX_PAGE_SIZE}`);
    if (!Number.isInteger(first) || first < 0) throw new ConfigError('offset must be a whole number from 0 on');
    const ask = async (offset: number) => {
      const response = await this.#post(path, body, { offset, limit, sort, source, ...version }, call);
      const page = this.#read(conversationList(), response);
      return { ...page, total: page.whole._metadata?.count };
    };
    const idOf = ({ info }: HistoryConversation) => info.conversationId;
    return { [Symbol.asyncIterator]: () => readPages({ what: name, first, ask, idOf }) };
  }

  /** What a caller searches for. Other filters may be any of the platform's; of the content, what is not known here is told. */
  #checked<T extends { contentToRetrieve?: string[] | undefined }>(schema: z.ZodType<T>, search: unknown): T {
    const body = checkInput(schema, search, 'the search');
    const { contentToRetrieve } = body;
    for (const advice of adviceOn(ConversationSearchSchema, { contentToRetrieve })) this.#ports.advise(advice);
    return body;
  }

  #checkFilters(names: readonly string[]): void {
    for (const name of names) {
      if (FILTERS.includes(name)) continue;
      const meant = FILTERS.find((known) => editDistance(name.toLowerCase(), known.toLowerCase()) <= 1);
      if (meant !== undefined)
        throw new ConfigError(`a search of the history has no filter ${name}; did you mean ${meant}?`);
      this.#ports.advise({ path: name, advice: 'is not known here and goes out as it is' });
    }
  }

  #read<W extends z.ZodType, S extends z.ZodType>(form: ListResponse<W, S>, response: RestResponse) {
    const page = readList(form, response);
    if (page.invalid.length > 0) this.#ports.reportInvalid(`POST ${SERVICE}`, page.invalid);
    return page;
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
