import type { Stream } from '@lp/agent';
import { LpError } from '@lp/core';
import { memoryInUse } from '../lib/resources.ts';
import { World } from '../lib/world.ts';

const CAPACITY = 1_024;
const CONVERSATIONS = 1_000;
const BATCH = 2_000;
const GROWTH_LIMIT = 12 * 1024 * 1024;

/** What a flood that nobody reads came to. */
export interface UnreadResult {
  readonly notifications: number;
  readonly perSecond: number;
  /** How many items each stream held in the end, and how many it had dropped or replaced. */
  readonly streams: Readonly<Record<string, { readonly buffered: number; readonly dropped: number }>>;
  /** Messages of the dialog whose reader had stopped, and how many of them it got in the end. */
  readonly durable: { readonly said: number; readonly read: number };
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly failures: readonly string[];
}

/** Streams of every kind are open and not read, while `count` notifications arrive and `said` messages in one dialog. */
export async function runUnread({ count, said }: { count: number; said: number }): Promise<UnreadResult> {
  const world = await World.start({ proxy: true });
  const { proxy, simulator, time } = world;
  const [id = ''] = await world.serve(1);
  const { agent } = world;
  if (!agent || !proxy) throw new Error('no agent');
  const [dialogId = ''] = simulator.openConversations(1);
  await time.while(agent.conversation(dialogId).join(), 'joining');
  const durable = agent.messagingEvents({ dialogId, fromSequence: 0 });
  const reader = durable[Symbol.asyncIterator]();
  simulator.sayAsConsumer(dialogId, 'first');
  let read = (await time.while(reader.next(), 'the first event')).done === true ? 0 : 1;
  const streams: Record<string, Stream<unknown>> = {
    notifications: agent.notifications(),
    conversationChanges: agent.conversationChanges(),
    messagingEvents: agent.messagingEvents(),
    routingTasks: agent.routingTasks(),
    agentStates: agent.agentStates(),
    status: agent.status(),
    'conversation().changes()': agent.conversation(id).changes(),
    'conversation().typing()': agent.conversation(id).typing(),
  };
  const frames = floodOf(id);
  await send(frames.slice(0, BATCH));
  const memoryBefore = await memoryInUse();
  const startedAt = performance.now();
  let saidCount = 1;
  for (let sent = BATCH; sent < count; sent += BATCH) {
    await send(frames.slice(sent % frames.length, (sent % frames.length) + BATCH));
    for (const due = Math.floor((said * sent) / count); saidCount < due; saidCount++)
      simulator.sayAsConsumer(dialogId, `${saidCount}`);
    await time.run(10);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  for (; saidCount < said; saidCount++) simulator.sayAsConsumer(dialogId, `${saidCount}`);
  await time.run(1_000);
  const memoryAfter = await memoryInUse();
  await time.while(agent.getClock(), 'a request');

  const failures: string[] = [];
  const held: Record<string, { buffered: number; dropped: number }> = {};
  for (const [name, { stats }] of Object.entries(streams)) {
    held[name] = { buffered: stats.buffered, dropped: stats.dropped };
    if (stats.buffered > CAPACITY) failures.push(`${name} holds ${stats.buffered} items`);
  }
  held['messagingEvents({ dialogId })'] = { buffered: durable.stats.buffered, dropped: durable.stats.dropped };
  if (durable.stats.buffered > CAPACITY) failures.push(`the durable stream holds ${durable.stats.buffered} items`);
  const slow = world.statuses.get('slowConsumer') ?? 0;
  if (slow < 4) failures.push(`only ${slow} slow consumers were told of`);
  const ended = await time.while(
    Promise.resolve(streams['messagingEvents']?.closed),
    'the end of the account-wide stream',
  );
  if (!LpError.isInstance(ended) || ended.code !== 'SLOW_CONSUMER')
    failures.push('the account-wide stream did not fail');
  let last = -1;
  const readRest = (async () => {
    while (read < said) {
      const { value } = await reader.next();
      if (value === undefined || 'kind' in value) throw new Error('a gap, or an early end');
      if ((value.sequence ?? -1) <= last) throw new Error('out of order');
      last = value.sequence ?? -1;
      if (value.event.type === 'ContentEvent') read++;
    }
  })();
  await time.while(readRest, 'what had not been read');
  for (const stream of [durable, ...Object.values(streams)]) stream.close();
  if (world.statuses.has('disconnected')) failures.push('the connection was lost');
  if (memoryAfter - memoryBefore > GROWTH_LIMIT) failures.push(`${memoryAfter - memoryBefore} bytes more`);
  await world.closeAgent();
  await world.closePlatform();
  return {
    notifications: count,
    perSecond: Math.round(count / seconds),
    streams: held,
    durable: { said, read },
    memoryBefore,
    memoryAfter,
    failures,
  };

  async function send(batch: readonly string[]): Promise<void> {
    for (const frame of batch) proxy?.send(frame);
    while ((proxy?.waiting ?? 0) > 0) await time.settle();
    await time.settle();
  }
}

/** Notifications of every kind, of many conversations and of one that is followed. */
function floodOf(followed: string): string[] {
  const frame = (type: string, body: unknown) => JSON.stringify({ kind: 'notification', type, body });
  return Array.from({ length: 10 * BATCH }, (_, n) => {
    const convId = n % 50 === 0 ? followed : `flood-${n % CONVERSATIONS}`;
    const message = { type: 'ContentEvent', contentType: 'text/plain', message: `CANARY ${'x'.repeat(200)}` };
    const record = {
      sequence: n,
      dialogId: `flood-${n % CONVERSATIONS}`,
      originatorId: 'c',
      serverTimestamp: n,
      event: message,
    };
    switch (n % 6) {
      case 0:
      case 1:
        return frame('.ams.ms.OnlineEventDistribution', record);
      case 2:
        return frame('.ams.aam.ExConversationChangeNotification', {
          changes: [
            {
              type: 'UPSERT',
              result: {
                convId: `flood-${n % CONVERSATIONS}`,
                conversationDetails: { convId, stage: 'OPEN', participants: {}, metaDataLastUpdateTs: n },
              },
            },
          ],
        });
      case 3:
        return frame('.ams.routing.RoutingTaskNotification', {
          changes: [{ type: 'UPSERT', result: { conversationId: `flood-${n % CONVERSATIONS}`, ringsDetails: [] } }],
        });
      case 4:
        return frame('.ams.routing.AgentStateNotification', {
          changes: [
            { type: 'UPSERT', result: { agentUserId: `a${n % 500}`, availability: 'ONLINE', channels: ['MESSAGING'] } },
          ],
        });
      default:
        return n % 12 === 5
          ? frame('.ams.ms.OnlineEventDistribution', {
              dialogId: followed,
              originatorId: 'c',
              event: { type: 'ChatStateEvent', chatState: 'COMPOSING' },
            })
          : frame('unknown.Type', { text: 'x'.repeat(100), n });
    }
  });
}
