import { afterEach, describe, expect, it } from '@jest/globals';
import { type Quirks, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent, connectConsumer, type RawClient } from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const SUBSCRIBE = '.ams.aam.SubscribeExConversations';
const PUBLISH = '.ams.ms.PublishEvent';
const UPDATE = '.ams.cm.UpdateConversationField';

let simulator: Simulator;
afterEach(() => simulator.close());

const start = async (options: SimulatorOptions = {}) => {
  simulator = await startSimulator(options);
};
const withQuirks = (quirks: Partial<Quirks>) => start({ quirks });
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('a subscription', () => {
  /** How many first notifications come when a client that awaits the response knows their subscription. */
  async function known(agent: RawClient, type: string, body: object): Promise<number> {
    let count = 0;
    for (let i = 0; i < 5; i++) {
      const ids = new Set<string>();
      const listen = (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as { kind: string; body: { subscriptionId: string } };
        if (frame.kind === 'notification' && ids.has(frame.body.subscriptionId)) count++;
      };
      agent.socket.on('message', listen);
      const response = await agent.request(type, body);
      ids.add((response.body as { subscriptionId: string }).subscriptionId);
      await agent.settle();
      agent.socket.off('message', listen);
    }
    return count;
  }

  it.each([
    [SUBSCRIBE, { stage: ['OPEN'] }],
    ['.ams.routing.SubscribeRoutingTasks', {}],
    ['.ams.routing.SubscribeAgentsState', {}],
  ])('is known to its client when its first notification comes: %s', async (type, body) => {
    await start();
    expect(await known(await connectAgent(simulator), type, body)).toBe(5);
  });

  // verifies: quirk:first
  it('gets its response and begins in one write by a quirk', async () => {
    await withQuirks({ firstNotification: 'with-response' });
    expect(await known(await connectAgent(simulator), SUBSCRIBE, {})).toBe(0);
  });

  it('misses no change between the two, and repeats none', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const [first] = simulator.openConversations(1);
    const subscribed = agent.request(SUBSCRIBE, {});
    await simulator.waitForRequest('SubscribeExConversations');
    const [second] = simulator.openConversations(1);
    await subscribed;
    await agent.settle();
    const ids = agent.changes(CONVERSATIONS).map(({ result }) => result['convId']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set([first, second]));
  });

  it('that is given up before it began says nothing', async () => {
    await start();
    const agent = await connectAgent(simulator);
    simulator.openConversations(1);
    agent.socket.once('message', (data: Buffer) => {
      const { body } = JSON.parse(data.toString()) as { body: object };
      agent.send({ kind: 'req', id: 'u', type: '.ams.aam.UnsubscribeExConversations', body });
    });
    // Both requests are read before the first notification is due.
    agent.send({ kind: 'req', id: 's', type: SUBSCRIBE, body: {} });
    await agent.frame((frame) => frame.reqId === 'u');
    await agent.settle();
    const later = agent.changes(CONVERSATIONS).length;
    simulator.openConversations(1);
    await agent.settle();
    expect(agent.changes(CONVERSATIONS)).toHaveLength(later);
  });

  it('to a dialog replays what was said, and goes on without a gap or a repetition', async () => {
    await start();
    const [dialogId = ''] = simulator.openConversations(1, { message: 'a' });
    const agent = await connectAgent(simulator);
    const subscribed = agent.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 0 });
    await simulator.waitForRequest('SubscribeMessagingEvents');
    simulator.sayAsConsumer(dialogId, 'b');
    await subscribed;
    await agent.settle();
    simulator.sayAsConsumer(dialogId, 'c');
    await agent.settle();
    const events = agent.notifications('.ams.ms.OnlineEventDistribution');
    expect(events.map(({ body }) => (body as { sequence: number }).sequence)).toEqual([0, 1, 2]);
  });
});

describe('what consumers are shown', () => {
  async function shown(quirks: Partial<Quirks>) {
    await withQuirks(quirks);
    const consumer = await connectConsumer(simulator);
    await consumer.request('cqm.SubscribeExConversations', { stage: ['OPEN'] });
    const { body } = await consumer.request('cm.ConsumerRequestConversation', { skillId: 7 });
    const { conversationId: dialogId } = body as { conversationId: string };
    await consumer.request('ms.SubscribeMessagingEvents', { dialogId });
    await consumer.request('ms.PublishEvent', { dialogId, event: text('a') });
    const { result } = await consumer.change('cqm.ExConversationChangeNotification');
    const [event] = consumer.notifications('ms.MessagingEventNotification');
    return { details: result['conversationDetails'], event: event?.body };
  }

  it('has the participants’ states, who handles the conversation, and when it was sent', async () => {
    const { details, event } = await shown({});
    expect(details).toMatchObject({
      skillId: '7',
      conversationHandlerDetails: { accountId: simulator.accountId, skillId: '7' },
      ttr: { value: 600 },
      dialogs: [{ participantsDetails: [{ role: 'CONSUMER', state: 'ACTIVE' }] }],
    });
    expect(event).toMatchObject({ sentTs: expect.any(Number) });
  });

  // verifies: quirk:consumer-frames
  it('lacks them by a quirk, as in 2018', async () => {
    const { details, event } = await shown({ consumerFrames: '2018' });
    expect(details).not.toHaveProperty('conversationHandlerDetails');
    expect(JSON.stringify(details)).not.toContain('ACTIVE');
    expect(event).not.toHaveProperty('sentTs');
  });
});

describe('what agents are shown', () => {
  // verifies: quirk:events
  it('are events under the name that the server has for them', async () => {
    await withQuirks({ eventNotification: 'ms.OnlineEventDistribution' });
    const agent = await connectAgent(simulator);
    simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
    await agent.settle();
    expect(agent.notifications('ms.OnlineEventDistribution')).toHaveLength(1);
    expect(agent.notifications('.ams.ms.OnlineEventDistribution')).toHaveLength(0);
  });
});

describe('a skill', () => {
  it('may be a number, as the history shows it', async () => {
    await start();
    const agent = await connectAgent(simulator);
    const [conversationId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    await agent.request(SUBSCRIBE, {});
    const change = (skill: unknown) =>
      agent.request(UPDATE, { conversationId, conversationField: [{ field: 'Skill', type: 'UPDATE', skill }] });
    expect(await change(8)).toMatchObject({ code: 200 });
    await agent.settle();
    expect(agent.changes(CONVERSATIONS).at(-1)?.result).toMatchObject({ conversationDetails: { skillId: '8' } });
    for (const wrong of [1.5, '', null, {}]) expect(await change(wrong)).toMatchObject({ code: 400 });
  });
});

describe('encoded metadata', () => {
  const encoded = (bytes: number) => Buffer.from('x'.repeat(bytes)).toString('base64');
  async function arrives(encodedMetadata: unknown, quirks: Partial<Quirks> = {}): Promise<boolean> {
    await withQuirks(quirks);
    const agent = await connectAgent(simulator);
    const [dialogId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com' });
    const response = await agent.request(PUBLISH, { dialogId, event: text('a') }, { encodedMetadata });
    expect(response).toMatchObject({ code: 200 });
    await agent.settle();
    return agent.notifications('.ams.ms.OnlineEventDistribution').length === 1;
  }

  // verifies: quirk:encoded
  it.each<[string, unknown, Partial<Quirks>, boolean]>([
    ['base64', encoded(30), {}, true],
    ['as long as may be', encoded(3_840), {}, true],
    ['too long', encoded(3_841), {}, false],
    ['not base64', '{"a":1}', {}, false],
    ['cut off', encoded(30).slice(0, -1), {}, false],
    ['empty', '', {}, false],
    ['no text', { a: 1 }, {}, false],
    ['without the feature', encoded(30), { encodedMetadata: false }, false],
    ['missing, without the feature', undefined, { encodedMetadata: false }, true],
  ])('that is %s decides whether its message comes, never the response', async (_, value, quirks, comes) => {
    expect(await arrives(value, quirks)).toBe(comes);
  });
});
