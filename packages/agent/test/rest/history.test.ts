import { describe, expect, it } from '@jest/globals';
import { ConfigError, ProtocolError } from '@lp/core';
import type { Advice, HistorySearch, InvalidItem } from '@lp/schemas';
import { HistoryClient } from '../../src/rest/index.ts';
import { ACCOUNT, type ReceivedRequest, type ServiceResponse, startRestService } from './rest-service.ts';

/** Who searches, where nobody has said otherwise. */
const source = 'lp_agent_history';
const base = `/messaging_history/api/account/${ACCOUNT}`;
const record = (id: number) => ({ info: { conversationId: `c${id}` } });
const ids = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index);

/** Responds with a page of so many conversations, as the query asks. */
const pagesOf =
  (total: number) =>
  ({ query }: ReceivedRequest): ServiceResponse => {
    const [offset, limit] = [Number(query['offset']), Number(query['limit'])];
    const records = ids(total)
      .slice(offset, offset + limit)
      .map(record);
    return { body: { _metadata: { count: total }, conversationHistoryRecords: records } };
  };

interface Told {
  readonly invalid: { request: string; invalid: readonly InvalidItem[] }[];
  readonly advice: Advice[];
}

async function withHistory<T>(
  response: ServiceResponse | ((request: ReceivedRequest) => ServiceResponse),
  use: (history: HistoryClient, requests: ReceivedRequest[], told: Told) => Promise<T>,
): Promise<T> {
  const service = await startRestService(typeof response === 'function' ? response : () => response);
  try {
    const told: Told = { invalid: [], advice: [] };
    const ports = {
      reportInvalid: (request: string, invalid: readonly InvalidItem[]) => void told.invalid.push({ request, invalid }),
      advise: (advice: Advice) => void told.advice.push(advice),
    };
    return await use(new HistoryClient(service.rest, ACCOUNT, ports), service.requests, told);
  } finally {
    await service[Symbol.asyncDispose]();
  }
}

async function idsOf(records: AsyncIterable<{ info: { conversationId: string } }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { info } of records) found.push(info.conversationId);
  return found;
}

describe('the conversations of a consumer', () => {
  it('are read page by page to the end', async () => {
    await withHistory(pagesOf(7), async (history, requests) => {
      const search = { consumer: 'ada', status: ['OPEN' as const], contentToRetrieve: ['messageRecords' as const] };
      expect(await idsOf(history.consumerConversations(search, { pageSize: 3 }))).toEqual(ids(7).map((id) => `c${id}`));
      expect(requests.map(({ method, path, query }) => [method, path, query])).toEqual(
        ['0', '3', '6'].map((offset) => [
          'POST',
          `${base}/conversations/consumer/search`,
          { offset, limit: '3', source },
        ]),
      );
      expect(requests.map(({ body }) => body)).toEqual([search, search, search]);
    });
  });

  it('are asked for no more than they are read', async () => {
    await withHistory(pagesOf(500), async (history, requests) => {
      for await (const { info } of history.consumerConversations({ consumer: 'ada' }))
        if (info.conversationId === 'c50') break;
      expect(requests.map(({ query }) => query['offset'])).toEqual(['0', '50']);
    });
  });

  it('end with a full page when that was the last', async () => {
    await withHistory(pagesOf(6), async (history, requests) => {
      expect(await idsOf(history.consumerConversations({ consumer: 'ada' }, { pageSize: 3 }))).toHaveLength(6);
      expect(requests).toHaveLength(2);
    });
  });

  it('come once when others begin meanwhile', async () => {
    let calls = 0;
    const response = (): ServiceResponse => ({
      body: { conversationHistoryRecords: ([ids(2, 0), ids(2, 1), ids(1, 3)][calls++] ?? []).map(record) },
    });
    await withHistory(response, async (history) => {
      expect(await idsOf(history.consumerConversations({ consumer: 'ada' }, { pageSize: 2 }))).toEqual([
        'c0',
        'c1',
        'c2',
        'c3',
      ]);
    });
  });

  it.each([
    ['with a count', true],
    ['without a count', false],
  ])('are read to the end from a service that gives smaller pages than asked for, %s', async (_name, counted) => {
    const response = ({ query }: ReceivedRequest): ServiceResponse => ({
      body: {
        ...(counted && { _metadata: { count: 7 } }),
        conversationHistoryRecords: ids(7)
          .slice(Number(query['offset']), Number(query['offset']) + 3)
          .map(record),
      },
    });
    await withHistory(response, async (history, requests) => {
      expect(await idsOf(history.consumerConversations({ consumer: 'ada' }))).toEqual(ids(7).map((id) => `c${id}`));
      expect(requests.map(({ query }) => query['offset'])).toEqual(['0', '3', '6', ...(counted ? [] : ['7'])]);
    });
  });

  it('end when a service without a count gives a page again', async () => {
    await withHistory({ body: { conversationHistoryRecords: ids(3).map(record) } }, async (history, requests) => {
      expect(await idsOf(history.consumerConversations({ consumer: 'ada' }))).toHaveLength(3);
      expect(requests).toHaveLength(2);
    });
  });

  it('end with an error when a service says that there is more, and gives the same for ever', async () => {
    const body = { _metadata: { count: 1e9 }, conversationHistoryRecords: ids(3).map(record) };
    await withHistory({ body }, async (history, requests) => {
      const found: string[] = [];
      const reading = (async () => {
        for await (const { info } of history.consumerConversations({ consumer: 'ada' }))
          found.push(info.conversationId);
      })();
      await expect(reading).rejects.toThrow(ProtocolError);
      expect(found).toEqual(['c0', 'c1', 'c2']);
      expect(requests.length).toBeLessThan(20);
    });
  });

  it('go on past pages that others have moved on whole', async () => {
    const given = [0, 0, 0, 1, 2];
    const response = ({ query }: ReceivedRequest): ServiceResponse => ({
      body: {
        _metadata: { count: given.length },
        conversationHistoryRecords: given.slice(Number(query['offset'])).slice(0, 1).map(record),
      },
    });
    await withHistory(response, async (history) => {
      expect(await idsOf(history.consumerConversations({ consumer: 'ada' }, { pageSize: 1 }))).toEqual([
        'c0',
        'c1',
        'c2',
      ]);
    });
  });

  it('can be read twice, from the beginning each time', async () => {
    await withHistory(pagesOf(2), async (history) => {
      const conversations = history.consumerConversations({ consumer: 'ada' });
      expect(await idsOf(conversations)).toEqual(await idsOf(conversations));
    });
  });
});

describe('the conversations of a time span', () => {
  const start = { from: 1, to: 2 };

  it('are searched with any filter of the platform', async () => {
    await withHistory(pagesOf(1), async (history, requests) => {
      const search = { start, skillIds: ['7'] };
      expect(await idsOf(history.conversations(search, { pageSize: 100, offset: 0, sort: 'start:desc' }))).toEqual([
        'c0',
      ]);
      expect(requests).toMatchObject([
        {
          path: `${base}/conversations/search`,
          query: { offset: '0', limit: '100', sort: 'start:desc' },
          body: search,
        },
      ]);
    });
  });

  it.each([
    ['a span that ends before it begins', { start: { from: 2, to: 1 } }, {}],
    ['no span', {}, {}],
    ['a beginning in words', { start: { from: 'yesterday', to: 2 } }, {}],
    ['an empty text for a time', { start: { from: 1, to: '' } }, {}],
    ['texts in the wrong order', { start: { from: '10', to: '9' } }, {}],
    ['a content that is no name', { start, contentToRetrieve: [7] }, {}],
    ['a content that is no list', { start, contentToRetrieve: 'campaign' }, {}],
    ['a page of none', { start }, { pageSize: 0 }],
    ['a page past the limit', { start }, { pageSize: 101 }],
    ['an offset before the beginning', { start }, { offset: -1 }],
  ])('are refused for %s', async (_name, search, options) => {
    await withHistory({}, (history, requests) => {
      expect(() => history.conversations(search as never, options)).toThrow(ConfigError);
      expect(requests).toEqual([]);
      return Promise.resolve();
    });
  });

  it.each([
    ['a span that is still open', { start: { from: 1_518_411_320_000, to: -1 } }],
    ['times as texts', { start: { from: '999', to: '1000' }, messageContentTypes: ['TEXT_PLAIN'] }],
    ['an open span as a text', { start: { from: '999', to: '-1' } }],
    [
      'every content that is documented',
      {
        start,
        contentToRetrieve: [
          'dialogs',
          'skillChanges',
          'intents',
          'uniqueIntents',
          'latestAgentSurvey',
          'previouslySubmittedAgentSurveys',
          'responseTime',
        ],
      },
    ],
  ] satisfies [string, HistorySearch][])('are searched as they are asked for: %s', async (_name, search) => {
    await withHistory(pagesOf(1), async (history, requests, { advice }) => {
      expect(await idsOf(history.conversations(search))).toHaveLength(1);
      expect(requests).toMatchObject([{ body: search }]);
      expect(advice).toEqual([]);
    });
  });

  it.each([
    ['skillIDs', 'skillIds'],
    ['statuss', 'status'],
    ['stats', 'status'],
    ['kewyord', 'keyword'],
    ['agentsIds', 'agentIds'],
  ])('are not searched by %s, which was meant to be %s', async (name, meant) => {
    await withHistory({}, (history, requests) => {
      const search = () => history.conversations({ start, [name]: ['7'] });
      expect(search).toThrow(new ConfigError(`a search of the history has no filter ${name}; did you mean ${meant}?`));
      expect(requests).toEqual([]);
      return Promise.resolve();
    });
  });

  it('are searched by a filter that is not known here too, and that is told', async () => {
    await withHistory(pagesOf(1), async (history, requests, { advice }) => {
      const search = { start, latestAgentGroupIds: ['7'], keyword: 'parcel' };
      await idsOf(history.conversations(search));
      expect(requests).toMatchObject([{ body: search }]);
      expect(advice).toEqual([{ path: 'latestAgentGroupIds', advice: 'is not known here and goes out as it is' }]);
    });
  });

  it('are asked for a content that is not known here too, and that is told', async () => {
    const contentToRetrieve = ['summary', 'gossip'];
    await withHistory(pagesOf(1), async (history, requests, { advice }) => {
      await idsOf(history.conversations({ start, contentToRetrieve }));
      await idsOf(history.consumerConversations({ consumer: 'ada', contentToRetrieve }));
      await history.conversation({ conversationId: 'c1', contentToRetrieve });
      expect(requests.map(({ body }) => body)).toMatchObject(Array(3).fill({ contentToRetrieve }));
      const unknown = { path: 'contentToRetrieve.1', advice: 'is not known here and goes out as it is' };
      expect(advice).toEqual([unknown, unknown, unknown]);
    });
  });

  it('reject with what the platform refused', async () => {
    await withHistory({ status: 400, body: { error: 'no' } }, async (history) => {
      await expect(idsOf(history.conversations({ start }))).rejects.toMatchObject({
        code: 'REQUEST_REJECTED',
        status: 400,
      });
    });
  });
});

describe('who searches the history', () => {
  const search = (history: HistoryClient, options?: { source?: string }) => [
    () => idsOf(history.conversations({ start: { from: 1, to: 2 } }, options)),
    () => idsOf(history.consumerConversations({ consumer: 'ada' }, options)),
    () => history.conversation({ conversationId: 'c0' }, options),
  ];
  /** As the platform does. */
  const strict = (request: ReceivedRequest): ServiceResponse => {
    const { source: name = '' } = request.query;
    return name.length > 0 && name.length <= 20 ? pagesOf(1)(request) : { status: 400, body: { error: 'source' } };
  };

  it.each([
    ['this library', {}, source],
    ['the program that says so', { source: 'LP_AgentUI_History' }, 'LP_AgentUI_History'],
  ])('is told to be %s', async (_name, options, expected) => {
    await withHistory(strict, async (history, requests) => {
      for (const ask of search(history, options)) await ask();
      expect(requests.map(({ query }) => query['source'])).toEqual([expected, expected, expected]);
    });
  });

  it.each(['', 'a name of 21 letters.', 7 as never])('is not told as %j', async (name) => {
    await withHistory(strict, async (history, requests) => {
      for (const ask of search(history, { source: name }))
        await expect((async () => await ask())()).rejects.toThrow(ConfigError);
      expect(requests).toEqual([]);
    });
  });

  it('gets attributes of consumers who were not signed in too, where a time span is searched', async () => {
    await withHistory(strict, async (history, requests) => {
      for (const ask of search(history)) await ask();
      expect(requests.map(({ query }) => query['v'])).toEqual(['2', undefined, undefined]);
    });
  });
});

describe('a record that is not what it should be', () => {
  const span = { start: { from: 1, to: 2 } };
  const pageWith = (odd: unknown) => ({
    _metadata: { count: 3 },
    conversationHistoryRecords: [record(0), odd, record(2)],
  });

  it.each<[string, unknown]>([
    ['has no info', { campaign: {} }],
    ['has no id', { info: { status: 'OPEN' } }],
    ['is null', null],
    ['is a text', 'c1'],
  ])('is left out and told when it %s', async (_name, odd) => {
    await withHistory({ body: pageWith(odd) }, async (history, requests, { invalid }) => {
      expect(await idsOf(history.conversations(span))).toEqual(['c0', 'c2']);
      expect(requests).toHaveLength(1);
      const issues = [{ path: expect.stringMatching(/^conversationHistoryRecords\.1/) }];
      expect(invalid).toMatchObject([{ request: 'POST msgHist', invalid: [{ issues }] }]);
      expect(invalid[0]?.invalid[0]?.kept).toBeUndefined();
    });
  });

  it.each<[string, object]>([
    ['a message', { messageRecords: [{ seq: 'x', messageData: 'text' }] }],
    ['its parts', { consumerParticipants: 'none', summary: 7, transfers: 'null' }],
    ['its score', { info: { conversationId: 'c1', mcs: 'high' } }],
  ])('is given without what is odd of %s', async (_name, odd) => {
    await withHistory({ body: pageWith({ ...record(1), ...odd }) }, async (history, _requests, { invalid }) => {
      expect(await idsOf(history.conversations(span))).toEqual(['c0', 'c1', 'c2']);
      expect(invalid).toMatchObject([{ request: 'POST msgHist', invalid: [{ kept: true }] }]);
    });
  });

  it('costs the status of no other agent', async () => {
    const body = { _metadata: { count: 'many' }, agentStatusRecords: [{ agentId: '1' }, 7, { agentId: '2' }] };
    await withHistory({ body }, async (history, _requests, { invalid }) => {
      expect((await history.agentStatus()).agentStatusRecords).toEqual([{ agentId: '1' }, { agentId: '2' }]);
      expect(invalid.length).toBeGreaterThan(0);
    });
  });

  it('is an error where the list itself is missing', async () => {
    await withHistory({ body: { _metadata: { count: 3 } } }, async (history) => {
      await expect(idsOf(history.conversations(span))).rejects.toThrow(ProtocolError);
      await expect(history.agentStatus()).rejects.toThrow(ProtocolError);
    });
  });
});

describe('one conversation', () => {
  const full = {
    info: { conversationId: 'c1', latestSkillId: -1, startTimeL: '1900000000000', mcs: 'undefined', csatRate: 'null' },
    messageRecords: [
      {
        type: 'TEXT_PLAIN',
        messageData: { msg: { text: 'hi' } },
        messageId: 'ms::conv:c1::msg:0',
        seq: 0,
        sentBy: 'Bot',
      },
    ],
    transfers: [{ reason: 'back2Q', by: 'agent' }],
    somethingNew: [1],
  };

  it('is read whole, what is missing in words left out', async () => {
    await withHistory({ body: { conversationHistoryRecords: full } }, async (history, requests) => {
      expect(await history.conversation({ conversationId: 'c1' })).toEqual({
        ...full,
        info: { conversationId: 'c1', latestSkillId: '-1', startTimeL: 1_900_000_000_000 },
      });
      expect(requests).toMatchObject([
        { path: `${base}/conversations/conversation/search`, query: { source }, body: { conversationId: 'c1' } },
      ]);
    });
  });

  // verifies: refusal:404
  it('is undefined when history does not know it', async () => {
    await withHistory({ body: { conversationHistoryRecords: [] } }, async (history) => {
      expect(await history.conversation({ conversationId: 'c9' })).toBeUndefined();
    });
  });

  it('is refused when the response is none', async () => {
    await withHistory({ body: { conversationHistoryRecords: [{ info: {} }] } }, async (history) => {
      await expect(history.conversation({ conversationId: 'c1' })).rejects.toThrow(ProtocolError);
    });
  });
});

describe('the status of agents', () => {
  const status = (id: number) => ({ agentId: String(id), currentStatus: 'ONLINE' });

  it('is read', async () => {
    const body = {
      _metadata: { count: 1 },
      accountID: ACCOUNT,
      agentStatusRecords: [{ agentId: 7, currentStatus: 'ONLINE', load: 3 }],
    };
    await withHistory({ body }, async (history, requests) => {
      expect(await history.agentStatus({ agentIds: ['7'] })).toMatchObject({
        accountID: ACCOUNT,
        agentStatusRecords: [{ agentId: '7', currentStatus: 'ONLINE', load: 3 }],
      });
      await history.agentStatus();
      expect(requests).toMatchObject([{ path: `${base}/agent-view/status`, body: { agentIds: ['7'] } }, { body: {} }]);
    });
  });

  it('is asked for by ids of either kind', async () => {
    const search = { agentIds: [3_249_823, '7'], skillIds: [2], agentGroupIds: [1] };
    await withHistory({ body: { agentStatusRecords: [] } }, async (history, requests) => {
      await history.agentStatus(search);
      expect(requests).toMatchObject([{ body: search }]);
      await expect(history.agentStatus({ agentIds: [true as never] })).rejects.toThrow(ConfigError);
    });
  });

  it('is that of all agents, however many there are and however few come at a time', async () => {
    const response = ({ query }: ReceivedRequest): ServiceResponse => {
      const [offset, limit] = [Number(query['offset'] ?? 0), Math.min(Number(query['limit'] ?? 50), 1_000)];
      const records = ids(1_203)
        .slice(offset, offset + Math.min(limit, 700))
        .map(status);
      return { body: { _metadata: { count: 1_203 }, accountID: ACCOUNT, agentStatusRecords: records } };
    };
    await withHistory(response, async (history, requests) => {
      const { accountID, agentStatusRecords } = await history.agentStatus();
      expect(accountID).toBe(ACCOUNT);
      expect(agentStatusRecords.map(({ agentId }) => agentId)).toEqual(ids(1_203).map(String));
      expect(requests.map(({ query }) => query)).toEqual([
        { offset: '0', limit: '1000' },
        { offset: '700', limit: '1000' },
      ]);
    });
  });

  it('names each agent once, also when a service without a count gives them again', async () => {
    await withHistory({ body: { agentStatusRecords: ids(3).map(status) } }, async (history, requests) => {
      expect((await history.agentStatus()).agentStatusRecords).toHaveLength(3);
      expect(requests).toHaveLength(2);
    });
  });

  it('is none where nobody is logged in', async () => {
    await withHistory({ body: { accountID: ACCOUNT, agentStatusRecords: [] } }, async (history) => {
      expect(await history.agentStatus()).toEqual({ accountID: ACCOUNT, agentStatusRecords: [] });
    });
  });
});
