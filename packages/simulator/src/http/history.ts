import { isObject } from '../handlers/call.ts';
import { textOf } from '../json.ts';
import type { AgentRecord } from '../platform/agents.ts';
import { type Conversation, latestAgent, Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { requireBrand } from './authorization.ts';
import { type Exchange, jsonBody, sendJson } from './exchange.ts';
import { agentFields } from './history-parts.ts';
import { historyRecord } from './history-record.ts';

const THREE_MONTHS_MS = 92 * 24 * 60 * 60_000;
/** The end of a span that goes on until now. */
const OPEN_END = -1;
const MAX_LIMIT = 100;
const MAX_AGENTS = 1_000;
const DEFAULT_LIMIT = 50;

type Fields = Record<string, unknown>;

/** The conversations of one consumer. */
export function searchByConsumer(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const { consumer } = body;
    if (typeof consumer !== 'string') throw new Refusal(400, 'consumer is missing');
    return respond(exchange, platform, body, platform.consumers.find(consumer)?.conversations ?? []);
  });
}

/** One conversation. The id is accepted in both spellings of the documentation. */
export function searchByConversation(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const id = body['conversationId'] ?? body['conversationID'];
    if (typeof id !== 'string') throw new Refusal(400, 'conversationId is missing');
    const conversation = platform.conversations.get(id);
    return respond(exchange, platform, body, conversation ? [conversation] : []);
  });
}

/** The conversations of a time span of at most three months. */
export function searchConversations(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const start = isObject(body['start']) ? body['start'] : {};
    const [from, end] = [timeOf(start['from']), timeOf(start['to'])];
    const to = end === OPEN_END ? Math.max(from, platform.clock.now()) : end;
    if (!(to >= from) || (end !== OPEN_END && to - from > THREE_MONTHS_MS)) {
      throw new Refusal(400, 'start must be a span of at most three months');
    }
    const found = [...platform.conversations.values()].filter((c) => c.startTs >= from && c.startTs <= to);
    return respond(exchange, platform, body, found);
  });
}

/** A time as a number or its digits; NaN for anything else. */
const timeOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value)) ? Number(value) : Number.NaN;

/** What agents are doing now. */
export function agentStatus(exchange: Exchange, platform: Platform): void {
  withBody(exchange, platform, (body) => {
    const { offset, limit } = pageOf(exchange, MAX_AGENTS);
    const [statuses, ids, skills, connections] = ['status', 'agentIds', 'skillIds', 'connectionStates'].map((name) =>
      texts(body[name]),
    );
    const agents = platform.agents.all.filter(
      (agent) =>
        (!statuses || statuses.includes(agent.availability)) &&
        (!ids || ids.includes(agent.account.userId)) &&
        (!skills || !agent.account.skills || agent.account.skills.some((skill) => skills.includes(skill))) &&
        (!connections || connections.includes(connectionOf(agent))),
    );
    sendJson(exchange.response, 200, {
      _metadata: { count: agents.length },
      accountID: platform.accountId,
      agentStatusRecords: agents.slice(offset, offset + limit).map((agent) => ({
        ...agentFields(agent),
        currentStatus: agent.availability,
        connectionState: connectionOf(agent),
        load: agent.assigned,
        skillIds: agent.account.skills ?? [],
      })),
    });
  });
}

const connectionOf = ({ clients }: AgentRecord): string => (clients.size > 0 ? 'CONNECTED' : 'DISCONNECTED');

/** The events of a consumer's own conversation, for the consumer's token. */
export function consumerContent({ request, response, url }: Exchange, platform: Platform): void {
  const token = /^(?:jwt|bearer)\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const consumer = platform.consumers.verifyToken(token);
  if (typeof consumer === 'string') throw new Refusal(401, 'The token is not valid');
  const id = url.searchParams.get('conversationId') ?? '';
  const conversation = consumer.conversations.find((each) => each.id === id);
  if (!conversation) throw new Refusal(404, 'Conversation does not exist');
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
  requireBrand(exchange, platform);
  const body = jsonBody(exchange);
  if (!body) throw new Refusal(400, 'The request is not JSON');
  handle(body);
}

/** Which part of a list is asked for. @throws Refusal for what is no part, or more than is given at a time. */
function pageOf({ url: { searchParams } }: Exchange, most: number): { offset: number; limit: number } {
  const offset = Number(searchParams.get('offset') ?? 0);
  const limit = Number(searchParams.get('limit') ?? DEFAULT_LIMIT);
  if (offset >= 0 && limit >= 1 && limit <= most) return { offset, limit };
  throw new Refusal(400, `offset must be at least 0, limit 1 to ${most}`);
}

function respond(exchange: Exchange, platform: Platform, body: Fields, found: readonly Conversation[]): void {
  const { offset, limit } = pageOf(exchange, MAX_LIMIT);
  const { response, url } = exchange;
  const wanted = texts(body['contentToRetrieve']);
  const chosen = found
    .filter((conversation) => fits(conversation, platform, body))
    .sort(order(url.searchParams.get('sort') ?? 'start:desc'));
  const page = chosen.slice(offset, offset + limit);
  return sendJson(response, 200, {
    _metadata: { count: chosen.length },
    conversationHistoryRecords: page.map((conversation) => historyRecord(conversation, platform, wanted)),
  });
}

/** Whether a conversation passes the filters of a search; what is not asked for does not matter. */
function fits({ meta, events, departures }: Conversation, platform: Platform, body: Fields): boolean {
  const among = (name: string, ...values: (string | undefined)[]): boolean => {
    const wanted = texts(body[name]);
    return !wanted || values.some((value) => value !== undefined && wanted.includes(value));
  };
  const userId = (id: string): string | undefined => platform.agents.find(id)?.account.userId;
  const { keyword } = body;
  return (
    among('status', meta.stage) &&
    among('skillIds', meta.skillId) &&
    among('latestSkillIds', meta.skillId) &&
    among('latestAgentIds', userId(latestAgent(meta) ?? '')) &&
    among('agentIds', ...[...meta.participants, ...departures].map(({ id }) => userId(id))) &&
    (typeof keyword !== 'string' ||
      [...events.values()].flat().some(({ event }) => textOf(event['message']).includes(keyword)))
  );
}

/** `start` or `end`, then `:asc` or `:desc`. @throws Refusal for anything else. */
function order(sort: string): (a: Conversation, b: Conversation) => number {
  const [, by, direction] = /^(start|end):(asc|desc)$/.exec(sort) ?? [];
  if (by === undefined) throw new Refusal(400, 'sort must be start or end, then :asc or :desc');
  const time = ({ startTs, meta }: Conversation) => (by === 'start' ? startTs : (meta.endTs ?? 0));
  return direction === 'asc' ? (a, b) => time(a) - time(b) : (a, b) => time(b) - time(a);
}

/** A list of texts, numbers among them written out; undefined when there is no list. */
function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(textOf) : undefined;
}
