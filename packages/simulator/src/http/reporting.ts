import { textOf } from '../json.ts';
import { assignedAgent, type Conversation, effectiveTtr, latestAgent, Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import { requireBrand } from './authorization.ts';
import { type Exchange, jsonBody, sendJson } from './exchange.ts';

const SOON_MS = 5 * 60_000;
const MAX_TIMEFRAME_MINUTES = 1_440;

/** Which skills are at work now. */
export function shiftStatus(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  const shifts = platform.skills.all.map(({ id, shift: { onShift = true, nextOn = null, nextOff = null } = {} }) => ({
    skillId: id,
    onShift,
    nextOn,
    nextOff,
  }));
  sendJson(exchange.response, 200, shifts);
}

/** How many open conversations there are and how they stand: of the account, or of one agent. */
export function messageStatistics(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  const { userId } = exchange.params;
  const agent = userId === undefined ? undefined : platform.agents.find(`${platform.accountId}.${userId}`);
  if (userId !== undefined && !agent) throw new Refusal(404, 'Agent does not exist');
  const mine = [...platform.open].filter(({ meta }) => !agent || assignedAgent(meta) === agent.id);
  const now = platform.clock.now();
  const count = (fits: (due: number, isAssigned: boolean) => boolean): number =>
    mine.filter((each) => fits(effectiveTtr(each), assignedAgent(each.meta) !== undefined)).length;
  sendJson(exchange.response, 200, {
    active: count((due, isAssigned) => isAssigned && due !== -1),
    pending: count((due, isAssigned) => isAssigned && due === -1),
    unassigned: count((_, isAssigned) => !isAssigned),
    overdue: count((due) => due !== -1 && due <= now),
    soonToOverdue: count((due) => due > now && due <= now + SOON_MS),
  });
}

/** How many conversations were closed in the last minutes, by whom, and how long they took; by skill and agent if asked. */
export function resolvedConversations(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  const { timeframe, interval, skillIds, agentIds, v } = parametersOf(exchange);
  const minutes = Number(timeframe);
  const isWhole = Number.isInteger(minutes) && minutes >= 1 && minutes <= MAX_TIMEFRAME_MINUTES;
  if (!isWhole) throw new Refusal(400, `timeframe must be 1 to ${MAX_TIMEFRAME_MINUTES} minutes`);
  if (v !== '1') throw new Refusal(400, 'v must be 1');
  if (interval !== undefined && !(minutes % Number(interval) === 0)) {
    throw new Refusal(400, 'interval must divide timeframe');
  }
  const since = platform.clock.now() - minutes * 60_000;
  const closed = [...platform.conversations.values()].filter(({ meta }) => (meta.endTs ?? 0) >= since);
  const byAgent = (list: readonly Conversation[], ids: string) =>
    grouped(list, ids, ({ meta }) => platform.agents.find(latestAgent(meta) ?? '')?.account.userId, metrics);
  const skillsOf = (make: (list: Conversation[]) => object) => {
    const { groups, chosen } = grouped(closed, skillIds ?? 'all', ({ meta }) => meta.skillId, make);
    return { metricsPerSkill: groups, metricsTotals: metrics(chosen) };
  };
  const agentsOf = (list: readonly Conversation[], ids: string) => {
    const { groups, chosen } = byAgent(list, ids);
    return { metricsPerAgent: groups, metricsTotals: metrics(chosen) };
  };
  const bySkill =
    skillIds === undefined
      ? {}
      : agentIds === undefined
        ? { skillsMetrics: skillsOf(metrics) }
        : { skillsMetricsPerAgent: skillsOf((list) => agentsOf(list, agentIds)) };
  const byAgents = agentIds === undefined ? {} : { agentsMetrics: agentsOf(closed, agentIds) };
  const parts = { ...bySkill, ...byAgents };
  sendJson(exchange.response, 200, Object.keys(parts).length > 0 ? parts : { metricsTotals: metrics(closed) });
}

/** From the query or, for long lists, from the body. */
function parametersOf(exchange: Exchange): Record<string, string | undefined> {
  const body = exchange.request.method === 'POST' ? (jsonBody(exchange) ?? {}) : {};
  // Clients that write every field write null into those that were not asked for.
  const given = Object.entries(body)
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, string] => [name, textOf(value)]);
  return { ...Object.fromEntries(exchange.url.searchParams), ...Object.fromEntries(given) };
}

/** `ids` separates ids by commas, or is `all`. Conversations without a key are in no group. */
function grouped<T>(
  list: readonly Conversation[],
  ids: string,
  keyOf: (conversation: Conversation) => string | undefined,
  make: (group: Conversation[]) => T,
): { groups: Record<string, T>; chosen: Conversation[] } {
  const wanted = ids === 'all' ? undefined : ids.split(',');
  const groups = new Map<string, Conversation[]>();
  for (const conversation of list) {
    const key = keyOf(conversation);
    if (key === undefined || (wanted && !wanted.includes(key))) continue;
    const group = groups.get(key);
    if (group) group.push(conversation);
    else groups.set(key, [conversation]);
  }
  const entries = [...groups].map(([key, group]): [string, T] => [key, make(group)]);
  return { groups: Object.fromEntries(entries), chosen: [...groups.values()].flat() };
}

/** Times are in seconds. */
function metrics(list: readonly Conversation[]): Record<string, number> {
  const closers = { _byCCP: ['AGENT'], _byConsumer: ['CONSUMER'], _bySystem: ['SYSTEM', 'TIMEOUT'] };
  const kinds: [suffix: string, conversations: readonly Conversation[]][] = [
    ...Object.entries(closers).map(([suffix, reasons]): [string, Conversation[]] => [
      suffix,
      list.filter(({ meta }) => reasons.includes(meta.closeReason ?? '')),
    ]),
    ['', list],
  ];
  const result: Record<string, number> = {};
  for (const [suffix, conversations] of kinds) {
    const time = conversations.reduce((sum, { meta, startTs }) => sum + ((meta.endTs ?? startTs) - startTs) / 1_000, 0);
    result[suffix === '' ? 'totalResolvedConversations' : `resolvedConversations${suffix}`] = conversations.length;
    result[`totalHandlingTime_resolvedConversations${suffix}`] = time;
    result[`avgTime_resolvedConversations${suffix}`] = conversations.length === 0 ? 0 : time / conversations.length;
  }
  return result;
}
