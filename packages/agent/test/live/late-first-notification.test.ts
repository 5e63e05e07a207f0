import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { first } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';
import { writeFrame } from '../support/raw-server.ts';

let raw: RawPlatform;
const subscribed: string[] = [];

beforeEach(async () => {
  raw = await RawPlatform.start();
  subscribed.length = 0;
  const givenUp = new Set<unknown>();
  raw.hooks.set('UnsubscribeExConversations', ({ body }) => {
    givenUp.add((body as { subscriptionId?: string }).subscriptionId);
    return undefined;
  });
  raw.hooks.set('SubscribeExConversations', ({ body }, socket) => {
    const subscriptionId = `subscription-${subscribed.push(JSON.stringify(body))}`;
    const tell = () => {
      if (givenUp.has(subscriptionId)) return;
      const type = '.ams.aam.ExConversationChangeNotification';
      writeFrame(socket, {
        kind: 'notification',
        type,
        body: raw.changes(subscriptionId, [...raw.conversations.values()]),
      });
    };
    return { body: { subscriptionId }, after: () => void setTimeout(tell, 20) };
  });
});

afterEach(async () => {
  await raw[Symbol.asyncDispose]();
});

// A subscription that is given up before it began tells nothing.
describe('a first notification that comes later than its subscription was responded to', () => {
  it('is waited for by an audit', async () => {
    const agent = await raw.connect();
    const handled: string[] = [];
    const serving = new AbortController();
    void agent.serve(async ({ conversationId }) => void handled.push(conversationId), {
      auditIntervalMs: 1,
      signal: serving.signal,
    });
    await until(() => subscribed.length > 2);
    expect(subscribed.at(-1)).toContain('minLastUpdatedTime');
    raw.conversations.set('c0', { id: 'c0', log: [], mine: true, closed: false });
    await until(() => handled.length > 0);
    expect(handled).toEqual(['c0']);
  });

  it('is waited for by a ring that is accepted', async () => {
    raw.hooks.set('SubscribeRoutingTasks', (_request, socket) => ({
      body: { subscriptionId: 'rings' },
      after: () => {
        const ring = { ringId: 'r', ringState: 'WAITING', ringExpiration: Date.now() + 60_000, skillId: '1' };
        const changes = [
          { type: 'UPSERT', result: { conversationId: 'c0', consumerId: 'consumer', ringsDetails: [ring] } },
        ];
        const type = '.ams.routing.RoutingTaskNotification';
        writeFrame(socket, { kind: 'notification', type, body: { subscriptionId: 'rings', changes } });
      },
    }));
    const agent = await raw.connect();
    const ring = await first(agent.rings());
    raw.conversations.set('c0', { id: 'c0', log: [], mine: true, closed: false });
    expect((await ring.accept()).myRole).toBe('ASSIGNED_AGENT');
  });
});
