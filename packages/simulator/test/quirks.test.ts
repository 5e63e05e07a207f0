import { afterEach, describe, expect, it } from '@jest/globals';
import { type Quirks, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, type RawClient } from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const EVENTS = '.ams.ms.OnlineEventDistribution';
const PUBLISH = '.ams.ms.PublishEvent';
let simulator: Simulator;
let agent: RawClient;
let dialogId: string;
afterEach(() => simulator.close());

async function start(quirks: Partial<Quirks>): Promise<void> {
  simulator = await startSimulator({ quirks });
  agent = await connectAgent(simulator);
  [dialogId = ''] = simulator.openConversations(1, { assignedTo: 'bot@example.com', message: 'hi' });
  await agent.request('.ams.aam.SubscribeExConversations', {});
}
const say = () =>
  agent.request(PUBLISH, { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message: 'a' } });
const update = (field: object) =>
  agent.request('.ams.cm.UpdateConversationField', { conversationId: dialogId, conversationField: [field] });
const latest = () => agent.changes(CONVERSATIONS).at(-1)?.result as Record<string, unknown>;
const details = () => latest()['conversationDetails'] as Record<string, unknown>;

describe('quirks', () => {
  // verifies: quirk:last-event
  it('leave the last message out of a share of conversations', async () => {
    await start({ omitLastContentEvent: 0.5 });
    for (let i = 0; i < 20; i++) await say();
    await agent.settle();
    const shown = agent.changes(CONVERSATIONS).filter((c) => 'lastContentEventNotification' in c.result).length;
    expect(shown).toBeGreaterThan(3);
    expect(shown).toBeLessThan(18);
  });

  // verifies: quirk:order
  it('send the conversation before the event', async () => {
    await start({ notificationOrder: 'conversation-first' });
    await agent.settle();
    const before = agent.frames.length;
    await say();
    await agent.settle();
    expect(
      agent.frames
        .slice(before)
        .map((f) => f.type)
        .slice(1, 3),
    ).toEqual([CONVERSATIONS, EVENTS]);
  });

  // verifies: quirk:answers
  it('respond after what the request has caused', async () => {
    await start({ answerOrder: 'last' });
    await agent.settle();
    const before = agent.frames.length;
    await say();
    expect(agent.frames.slice(before).map((f) => f.type)).toEqual([
      EVENTS,
      CONVERSATIONS,
      '.ams.ms.PublishEvent$Response',
    ]);
  });

  // verifies: sim:quirks, quirk:ids
  it('give ids back as numbers', async () => {
    await start({ numericIds: true });
    agent.send({ kind: 'req', id: '17', type: '.GetClock' });
    agent.send({ kind: 'req', id: 'a17', type: '.GetClock' });
    await agent.frame((frame) => frame.reqId === 'a17');
    expect(agent.frames.map((frame) => frame.reqId)).toContain(17);
  });

  // verifies: quirk:bare
  it('send a list of one as its element', async () => {
    await start({ bareElements: true });
    await agent.settle();
    expect(agent.notifications(CONVERSATIONS)).toMatchObject([{ body: { changes: { type: 'UPSERT' } } }]);
    const chat = await simulator.consumer().startConversation({ message: 'still readable' });
    expect(chat.transcript).toHaveLength(1);
  });

  // verifies: quirk:extra
  it('add fields nobody knows', async () => {
    await start({ extraFields: true });
    await say();
    await agent.settle();
    for (const frame of agent.frames) {
      const holder = frame.kind === 'resp' ? frame : (frame.body as object);
      expect(holder).toHaveProperty('unknownField');
    }
    expect(latest()).toHaveProperty('unknownField');
  });

  // verifies: quirk:pid
  it.each([
    [
      'without-controller',
      { CONSUMER: [expect.any(String)], ASSIGNED_AGENT: [expect.any(String)], MANAGER: [expect.any(String)] },
    ],
    ['missing', undefined],
  ] as const)('show PIDs %s', async (participantsPId, expected) => {
    await start({ participantsPId });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'CONTROLLER' });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' });
    await agent.settle();
    expect(details()).toMatchObject({ participants: { CONTROLLER: [expect.any(String)] } });
    expect(details()['participantsPId']).toEqual(expected);
  });

  // verifies: quirk:newer
  it('send the fewer fields of older servers', async () => {
    await start({ newerEventFields: false });
    await say();
    const { body } = await agent.frame((frame) => frame.type === EVENTS);
    expect(body).not.toHaveProperty('conversationId');
    expect(body).not.toHaveProperty('messageAudience');
  });

  // verifies: quirk:echo
  it('keep typing states from their sender', async () => {
    await start({ chatStateEcho: false });
    await agent.request(PUBLISH, { dialogId, event: { type: 'ChatStateEvent', chatState: 'COMPOSING' } });
    await say();
    await agent.settle();
    const types = agent.notifications(EVENTS).map((frame) => (frame.body as { event: { type: string } }).event.type);
    expect(types).not.toContain('ChatStateEvent');
    expect(types).toContain('ContentEvent');
  });

  // verifies: quirk:dialogs
  it('show the main dialog first', async () => {
    await start({ dialogOrder: 'main-first' });
    await update({ field: 'DialogChange', type: 'CREATE', dialog: { dialogType: 'OTHER' } });
    await agent.settle();
    expect(details()).toMatchObject({ dialogs: [{ dialogType: 'MAIN' }, { dialogType: 'OTHER' }] });
  });

  // verifies: quirk:ring-times, quirk:ring-delete
  it('end a ring without a DELETE, and after a time of one’s own', async () => {
    await start({ ringDelete: false, ringExpirationMs: 30 });
    await agent.request('.ams.routing.SubscribeRoutingTasks', {});
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    simulator.openConversations(1);
    const ROUTING = '.ams.routing.RoutingTaskNotification';
    type Ring = { type: string; result: { ringsDetails: { ringState: string; ringExpiration: number }[] } };
    await agent.change<Ring>(ROUTING, (c) => c.result.ringsDetails[0]?.ringState === 'EXPIRED');
    expect(agent.changes<Ring>(ROUTING).every(({ type }) => type === 'UPSERT')).toBe(true);
    expect(agent.changes<Ring>(ROUTING)[0]?.result.ringsDetails[0]?.ringExpiration).toBe(30);
  });
});
