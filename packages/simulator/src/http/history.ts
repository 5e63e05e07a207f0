import { isObject } from '../handlers/call.ts';
import { type Conversation, effectiveTtr } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { authorize } from './authorization.ts';
import { type Exchange, jsonBody, sendError, sendJson } from './exchange.ts';
import { historyRecord } from './history-record.ts';

const THREE_MONTHS_MS = 92 * 24 * 60 * 60_000;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;

type Fields = Record<string, unknown>;

/** The conversations of one consumer. */
export function searchByConsumer(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const { consumer } = body;
    if (typeof consumer !== 'string') return sendError(exchange.response, 400, 'consumer is missing');
    return answer(exchange, platform, body, platform.consumers.find(consumer)?.conversations ?? []);
  });
}

/** One conversation. The id is accepted in both spellings of the documentation. */
export function searchByConversation(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const id = body['conversationId'] ?? body['conversationID'];
    if (typeof id !== 'string') return sendError(exchange.response, 400, 'conversationId is missing');
    const conversation = platform.conversations.get(id);
    return answer(exchange, platform, body, conversation ? [conversation] : []);
  });
}

/** The conversations of a time span of at most three months. */
export function searchConversations(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const { from, to } = isObject(body['start']) ? body['start'] : {};
    if (typeof from !== 'number' || typeof to !== 'number' || to < from || to - from > THREE_MONTHS_MS) {
      return sendError(exchange.response, 400, 'start must be a span of at most three months');
    }
    const found = [...platform.conversations.values()].filter((c) => c.startTs >= from && c.startTs <= to);
    return answer(exchange, platform, body, found);
  });
}

/** What agents are doing now. */
export function agentStatus(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const statuses = texts(body['status']);
    const ids = texts(body['agentIds']);
    const agents = platform.agents.all.filter(
      ({ availability, account }) =>
        (!statuses || statuses.includes(availability)) && (!ids || ids.includes(account.userId)),
    );
    sendJson(exchange.response, 200, {
      _metadata: { count: agents.length },
      accountID: platform.accountId,
      agentStatusRecords: agents.map(({ account, pid, availability, clients, assigned }) => ({
        agentId: account.userId,
        agentPid: pid,
        agentLoginName: account.username,
        agentNickname: account.username,
        currentStatus: availability,
        connectionState: clients.size > 0 ? 'CONNECTED' : 'DISCONNECTED',
        load: assigned,
        skillIds: account.skills ?? [],
      })),
    });
  });
}

/** The events of a consumer's own conversation, for the consumer's token. */
export function consumerContent({ request, response, url }: Exchange, platform: Platform): void {
  const token = /^(?:jwt|bearer)\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const consumer = platform.consumers.verifyToken(token);
  if (typeof consumer === 'string') return sendError(response, 401, 'The token is not valid');
  const id = url.searchParams.get('conversationId') ?? '';
  const conversation = consumer.conversations.find((each) => each.id === id);
  if (!conversation) return sendError(response, 404, 'Conversation does not exist');
  const records = conversation.meta.dialogs.flatMap((dialog) => conversation.events.get(dialog.dialogId) ?? []);
  const messageEventRecords = records
    .filter((record) => record.audience === 'ALL')
    .map(({ sequence, originatorId, serverTimestamp, event }) => ({
      sequence,
      originatorId: platform.agents.pidOf(originatorId),
      serverTimestamp,
      event: event.type === 'RichContentEvent' ? { ...event, content: JSON.stringify(event['content']) } : event,
    }));
  return sendJson(response, 200, { messageEventRecords });
}

function withBody(exchange: Exchange, platform: Platform, handle: (body: Fields) => void): void {
  const body = jsonBody(exchange);
  if (!authorize(exchange, platform)) sendError(exchange.response, 401, 'The token is not valid');
  else if (!body) sendError(exchange.response, 400, 'The request is not JSON');
  else handle(body);
}

function answer({ response, url }: Exchange, platform: Platform, body: Fields, found: readonly Conversation[]): void {
  const { searchParams } = url;
  const offset = Number(searchParams.get('offset') ?? 0);
  const limit = Number(searchParams.get('limit') ?? DEFAULT_LIMIT);
  if (!(offset >= 0) || !(limit >= 1 && limit <= MAX_LIMIT)) {
    return sendError(response, 400, `offset must be at least 0, limit 1 to ${MAX_LIMIT}`);
  }
  const statuses = texts(body['status']);
  const skills = texts(body['skillIds']);
  const wanted = texts(body['contentToRetrieve']);
  const chosen = found
    .filter(({ meta }) => !statuses || statuses.includes(meta.stage))
    .filter(({ meta }) => !skills || skills.includes(meta.skillId))
    .sort((a, b) => b.startTs - a.startTs);
  const page = chosen.slice(offset, offset + limit);
  return sendJson(response, 200, {
    _metadata: { count: chosen.length },
    conversationHistoryRecords: page.map((conversation) =>
      historyRecord(conversation, platform, wanted, effectiveTtr(conversation)),
    ),
  });
}

/** A list of texts, numbers among them written out; undefined when there is no list. */
function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}
