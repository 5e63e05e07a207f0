import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent } from './support/raw-client.ts';
import { type Delivery, receiveWebhooks, type WebhookReceiver } from './support/webhook-receiver.ts';

const EVENTS = 'ms.MessagingEventNotification';
const CONVERSATIONS = 'cqm.ExConversationChangeNotification';
const SECRET = 'app-secret';

let receiver: WebhookReceiver;
let clock: ManualClock;
let simulator: Simulator;
beforeEach(async () => {
  receiver = await receiveWebhooks();
  clock = createManualClock();
});
afterEach(async () => {
  await simulator.close();
  await receiver[Symbol.asyncDispose]();
});

async function start(webhook: object = {}, options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({
    clock,
    webhooks: [{ url: receiver.url, secret: SECRET, ...webhook }],
    ...options,
  });
}
const eventIn = ({ body }: Delivery) => body.body.changes[0]?.['event'] as Record<string, unknown> | undefined;
const isText = (message: string) => (delivery: Delivery) => eventIn(delivery)?.['message'] === message;
interface Result {
  conversationDetails: Record<string, unknown>;
}
const detailsIn = ({ body }: Delivery): Record<string, unknown> => {
  const { result } = body.body.changes[0] as { result?: Result };
  return result?.conversationDetails ?? {};
};
const isConversation =
  (fits: (details: Record<string, unknown>) => boolean) =>
  (delivery: Delivery): boolean =>
    delivery.body.type === CONVERSATIONS && fits(detailsIn(delivery));

describe('a webhook', () => {
  it('is told of a new conversation and of each message, in the consumers’ form and without a subscription', async () => {
    await start();
    const chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation({ message: 'hi' });
    const opened = await receiver.delivery(isConversation(() => true));
    expect(opened.body).toEqual({
      kind: 'notification',
      type: CONVERSATIONS,
      body: {
        sentTs: expect.any(Number),
        changes: [
          {
            type: 'UPSERT',
            result: {
              convId: chat.conversationId,
              effectiveTTR: expect.any(Number),
              conversationDetails: {
                skillId: '-1',
                participants: [{ id: 'c-1', role: 'CONSUMER' }],
                dialogs: [
                  {
                    dialogId: chat.conversationId,
                    participantsDetails: [{ id: 'c-1', role: 'CONSUMER', state: 'ACTIVE' }],
                    dialogType: 'MAIN',
                    channelType: 'MESSAGING',
                    state: 'OPEN',
                    creationTs: expect.any(Number),
                    metaDataLastUpdateTs: expect.any(Number),
                  },
                ],
                brandId: simulator.accountId,
                state: 'OPEN',
                stage: 'OPEN',
                startTs: expect.any(Number),
                metaDataLastUpdateTs: expect.any(Number),
                ttr: { ttrType: 'PRIORITIZED', value: 600 },
                conversationHandlerDetails: { accountId: simulator.accountId, skillId: '-1' },
              },
            },
          },
        ],
      },
    });
    const said = await receiver.delivery(isText('hi'));
    expect(said.body).toEqual({
      kind: 'notification',
      type: EVENTS,
      body: {
        sentTs: expect.any(Number),
        changes: [
          {
            sequence: 0,
            originatorId: 'c-1',
            originatorMetadata: { id: 'c-1', role: 'CONSUMER' },
            serverTimestamp: expect.any(Number),
            event: { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' },
            conversationId: chat.conversationId,
            dialogId: chat.conversationId,
            messageAudience: 'ALL',
          },
        ],
      },
    });
  });

  // verifies: sim:webhooks, rest:webhooks
  it('names the account and the app, and signs what it posts with the app’s secret', async () => {
    await start({}, { apps: [{ clientId: 'app-1' }] });
    await simulator.consumer().startConversation({ message: 'grüße' });
    const { headers, text } = await receiver.delivery(isText('grüße'));
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-liveperson-account-id': simulator.accountId,
      'x-liveperson-client-id': 'app-1',
      'x-liveperson-signature': `sha1=${createHmac('sha1', SECRET).update(text).digest('base64')}`,
    });
  });

  it.each([
    ['sha1', 'hex'],
    ['sha256', 'base64'],
    ['sha256', 'hex'],
  ] as const)('signs with %s in %s where the account has it so', async (hash, encoding) => {
    await start({ hash, encoding });
    await simulator.consumer().startConversation({ message: 'a' });
    const { headers, text } = await receiver.delivery(isText('a'));
    expect(headers['x-liveperson-signature']).toBe(`${hash}=${createHmac(hash, SECRET).update(text).digest(encoding)}`);
  });

  it.each([{ hash: 'md5' }, { encoding: 'latin1' }])('has no other signature: %p', async (wrong) => {
    await expect(start(wrong)).rejects.toThrow('must be one of');
    await start();
  });

  it('can belong to another app', async () => {
    await start({ clientId: 'app-2' }, { apps: [{ clientId: 'app-1' }, { clientId: 'app-2' }] });
    await simulator.consumer().startConversation();
    const { headers } = await receiver.delivery();
    expect(headers['x-liveperson-client-id']).toBe('app-2');
  });

  it('is told of assignment, marks, typing and the end, with PIDs for agents', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const chat = await simulator.consumer().startConversation({ message: 'hi' });
    const { conversationId } = chat;
    const update = (...conversationField: object[]) =>
      agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
    const publish = (event: object) => agent.request('.ams.ms.PublishEvent', { dialogId: conversationId, event });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await publish({ type: 'ChatStateEvent', chatState: 'COMPOSING' });
    await publish({ type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] });
    await update({ field: 'ConversationStateField', conversationState: 'CLOSE' });
    const pid = simulator.agents[0]?.pid;
    const assigned = await receiver.delivery(
      isConversation(({ participants }) =>
        (participants as { role: string }[]).some((p) => p.role === 'ASSIGNED_AGENT'),
      ),
    );
    expect(detailsIn(assigned)['participants']).toContainEqual({ id: pid, role: 'ASSIGNED_AGENT' });
    const typing = await receiver.delivery((delivery) => eventIn(delivery)?.['chatState'] === 'COMPOSING');
    expect(typing.body.body.changes[0]).not.toHaveProperty('sequence');
    expect(typing.body.body.changes[0]).not.toHaveProperty('serverTimestamp');
    const mark = await receiver.delivery((delivery) => eventIn(delivery)?.['status'] === 'READ');
    expect(mark.body.body.changes[0]).toMatchObject({ sequence: 1, originatorId: pid });
    const closed = await receiver.delivery(isConversation(({ stage }) => stage === 'CLOSE'));
    expect(detailsIn(closed)).toMatchObject({ state: 'CLOSE', closeReason: 'AGENT', endTs: expect.any(Number) });
  });

  it('never hears what agents say to each other', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const [dialogId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    const say = (message: string, messageAudience: string) => {
      const event = { type: 'ContentEvent', contentType: 'text/plain', message };
      return agent.request('.ams.ms.PublishEvent', { dialogId, event, messageAudience });
    };
    await say('psst', 'AGENTS_AND_MANAGERS');
    await say('hello', 'ALL');
    await receiver.delivery(isText('hello'));
    expect(receiver.deliveries.map(({ text }) => text).join()).not.toContain('psst');
  });

  it('gets everything in the order in which it happened', async () => {
    await start();
    const chat = await simulator.consumer().startConversation();
    const said = Array.from({ length: 30 }, (_, i) => `message ${i}`);
    for (const message of said) simulator.sayAsConsumer(chat.conversationId, message);
    await receiver.delivery(isText('message 29'));
    expect(receiver.deliveries.flatMap((delivery) => eventIn(delivery)?.['message'] ?? [])).toEqual(said);
  });

  it('is one of several, each with its own signature', async () => {
    await using second = await receiveWebhooks();
    await start(
      {},
      {
        webhooks: [
          { url: receiver.url, secret: 'one' },
          { url: second.url, secret: 'two' },
        ],
      },
    );
    await simulator.consumer().startConversation({ message: 'hi' });
    const [a, b] = [await receiver.delivery(isText('hi')), await second.delivery(isText('hi'))];
    expect(a.text).toBe(b.text);
    expect(a.headers['x-liveperson-signature']).not.toBe(b.headers['x-liveperson-signature']);
  });
});

describe('a delivery that fails', () => {
  const HALF_MINUTE_MS = 30_000;
  const texts = () => receiver.deliveries.flatMap((delivery) => eventIn(delivery)?.['message'] ?? []);
  /** The conversation itself is delivered first. */
  async function say(...messages: string[]): Promise<void> {
    const [conversationId = ''] = simulator.openConversations(1);
    await receiver.delivery(isConversation(() => true));
    for (const message of messages) simulator.sayAsConsumer(conversationId, message);
  }

  /** The platform learns of a failure a moment after the receiver has caused it; only then does its clock matter. */
  async function passTimeUntil(count: number): Promise<void> {
    while (receiver.deliveries.length < count) {
      await clock.advance(HALF_MINUTE_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it.each([500, 302, 404, 0])('with %i is dropped, and what follows goes on', async (status) => {
    await start();
    receiver.responses.push(200, status);
    await say('first', 'second');
    await receiver.delivery(isText('second'));
    await clock.advance(10 * HALF_MINUTE_MS);
    await receiver.delivery(isText('second'));
    expect(texts().filter((text) => text === 'first')).toHaveLength(1);
  });

  // verifies: sim:webhooks
  it('is tried again after half a minute, as often as told', async () => {
    await start({ maxRetries: 2 });
    receiver.responses.push(200, 500, 201, 201, 201, 500);
    await say('first', 'second');
    await receiver.delivery(isText('second'));
    // First, its conversation, second, its conversation: then the first again.
    await receiver.count(5);
    await passTimeUntil(6);
    await passTimeUntil(7);
    expect(texts()).toEqual(['first', 'second', 'first', 'first']);
  });

  it('does not come again once it has arrived', async () => {
    await start({ maxRetries: 5 });
    receiver.responses.push(200, 503);
    await say('once');
    await receiver.count(3);
    await passTimeUntil(4);
    await clock.advance(10 * HALF_MINUTE_MS);
    await say('later');
    await receiver.delivery(isText('later'));
    expect(texts()).toEqual(['once', 'once', 'later']);
  });

  it('does not stop the platform, and closing does not wait for it', async () => {
    await start({ url: 'http://127.0.0.1:9/nobody-listens' });
    const chat = await simulator.consumer().startConversation({ message: 'hi' });
    expect(chat.transcript).toMatchObject([{ text: 'hi' }]);
    await simulator.close();
  });
});

describe('options of webhooks and apps', () => {
  beforeEach(() => start());

  it.each<[string, SimulatorOptions | object]>([
    ['webhooks must be a list', { webhooks: {} }],
    ['webhooks[0].url must be an address of this machine', { webhooks: [{ url: 'https://example.com', secret: 'a' }] }],
    ['webhooks[0].url must be an address of this machine', { webhooks: [{ url: 'nowhere', secret: 'a' }] }],
    ['webhooks[0].url must be an address of this machine', { webhooks: [{ url: 'ftp://127.0.0.1/', secret: 'a' }] }],
    ['webhooks[0].secret is missing', { webhooks: [{ url: 'http://127.0.0.1:1/' }] }],
    ['webhooks[0].clientId must be text', { webhooks: [{ url: 'http://localhost:1/', secret: 'a', clientId: 1 }] }],
    ['webhooks[0].maxRetries must be', { webhooks: [{ url: 'http://[::1]:1/', secret: 'a', maxRetries: 6 }] }],
    ['apps must be a list', { apps: {} }],
    ['apps[0].clientId must be text', { apps: [{ clientId: 1 }] }],
    ['apps[1].clientSecret must be text', { apps: [{}, { clientSecret: {} }] }],
    ['two apps have the same clientId', { apps: [{ clientId: 'a' }, { clientId: 'a' }] }],
    ['quirks.rateLimit must be a number', { quirks: { rateLimit: 'few' } }],
  ])('that are wrong are refused: %s', async (message, options) => {
    await expect(startSimulator(options as SimulatorOptions)).rejects.toThrow(message);
  });
});
