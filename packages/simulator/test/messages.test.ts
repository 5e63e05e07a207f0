import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type SimulatedChat, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const PUBLISH = '.ams.ms.PublishEvent';
const QUERY = '.ams.ms.QueryMessages';
const EVENTS = '.ams.ms.OnlineEventDistribution';
const clock = createManualClock();

let simulator: Simulator;
let agent: RawClient;
let chat: SimulatedChat;
let dialogId: string;

async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }], ...options });
  agent = await connectAgent(simulator);
  chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation();
  dialogId = chat.conversationId;
  await join();
}
const join = (client = agent, role = 'ASSIGNED_AGENT') =>
  client.request('.ams.cm.UpdateConversationField', {
    conversationId: dialogId,
    conversationField: [{ field: 'ParticipantsChange', type: 'ADD', role }],
  });
beforeEach(() => start());
afterEach(() => simulator.close());

const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });
const say = (message: string, more: object = {}, top: object = {}) =>
  agent.request(PUBLISH, { dialogId, event: text(message), ...more }, top);
const sequences = (frame: { body?: unknown }) => (frame.body as { sequence: number }[]).map((r) => r.sequence);
async function details() {
  const response = await agent.request('.ams.aam.SubscribeExConversations', { conversationId: dialogId });
  const { subscriptionId } = response.body as { subscriptionId: string };
  const found = await agent.frame(
    (frame) =>
      (frame.body as { subscriptionId?: string } | undefined)?.subscriptionId === subscriptionId &&
      frame.kind === 'notification',
  );
  return (found.body as { changes: [{ result: Record<string, unknown> }] }).changes[0].result;
}

describe('publishing', () => {
  it('numbers content and status events of a dialog from 0, and typing states not at all', async () => {
    expect(await say('a')).toMatchObject({ body: { sequence: 0 } });
    const read = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] };
    expect(await agent.request(PUBLISH, { dialogId, event: read })).toMatchObject({ body: { sequence: 1 } });
    const typing = { type: 'ChatStateEvent', chatState: 'COMPOSING' };
    expect(await agent.request(PUBLISH, { dialogId, event: typing })).toMatchObject({ body: { sequence: 0 } });
    const rich = { type: 'RichContentEvent', content: { type: 'text', text: 'b' } };
    expect(await agent.request(PUBLISH, { dialogId, event: rich })).toMatchObject({ body: { sequence: 2 } });
    await agent.settle();
    const events = agent.notifications(EVENTS).map((frame) => frame.body as Record<string, unknown>);
    expect(events.map((record) => record['sequence'])).toEqual([0, 1, undefined, 2]);
    expect(events[2]).not.toHaveProperty('serverTimestamp');
  });

  it('responds before the event, and sends the event before the changed conversation', async () => {
    await agent.request('.ams.aam.SubscribeExConversations', {});
    await agent.settle();
    const before = agent.frames.length;
    await say('a');
    await agent.settle();
    const types = agent.frames.slice(before).map((frame) => frame.type);
    expect(types.slice(0, 3)).toEqual([
      '.ams.ms.PublishEvent$Response',
      EVENTS,
      '.ams.aam.ExConversationChangeNotification',
    ]);
  });

  it('carries metadata beside the event', async () => {
    const metadata = [{ type: 'ActionReason', reason: 'test', reasonId: '3' }];
    await say('a', {}, { metadata });
    expect(await chat.next()).toMatchObject({ metadata });
    expect(await agent.request(QUERY, { dialogId })).toMatchObject({ body: [{ metadata }] });
  });

  it('reaches every socket of those who take part, and nobody else', async () => {
    const other = await connectAgent(simulator, 1);
    await say('before');
    await other.settle();
    expect(other.notifications(EVENTS)).toHaveLength(0);
    await join(other, 'MANAGER');
    await say('after');
    await other.settle();
    expect(other.notifications(EVENTS)).toHaveLength(1);
  });

  it.each([
    ['an unknown dialog', { dialogId: 'nope', event: text('a') }],
    ['no dialog', { dialogId: '', event: text('a') }],
    ['no event', {}],
    ['an unknown event', { event: { type: 'Shout' } }],
    ['a text that is not one', { event: { type: 'ContentEvent', contentType: 'text/plain', message: 1 } }],
    ['a text that is too long', { event: text('x'.repeat(8_001)) }],
    [
      'structured content that is too long',
      { event: { type: 'RichContentEvent', content: { text: 'x'.repeat(15_000) } } },
    ],
    ['structured content without a type', { event: { type: 'RichContentEvent', content: {} } }],
    ['a sequence beyond all', { event: { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [1e300] } }],
    ['structured content that is missing', { event: { type: 'RichContentEvent' } }],
    ['a file that is a text', { event: { type: 'ContentEvent', contentType: 'hosted/file', message: 'x' } }],
    ['an unknown status', { event: { type: 'AcceptStatusEvent', status: 'SEEN', sequenceList: [0] } }],
    ['a status about nothing', { event: { type: 'AcceptStatusEvent', status: 'READ' } }],
    ['an unknown typing state', { event: { type: 'ChatStateEvent', chatState: 'THINKING' } }],
    ['an unknown audience', { event: text('a'), messageAudience: 'FRIENDS' }],
    ['another conversation', { event: text('a'), conversationId: 'other' }],
  ])('refuses %s', async (_what, body) => {
    const refused = await agent.request(PUBLISH, { dialogId, ...body });
    expect(refused).toMatchObject({ code: 400, type: '.ReqBody$StringResp', body: expect.any(String) });
    expect(await agent.request(QUERY, { dialogId })).toMatchObject({ body: [] });
  });

  it('is refused to who does not take part, and in a closed dialog, except for marks', async () => {
    const other = await connectAgent(simulator, 1);
    expect(await other.request(PUBLISH, { dialogId, event: text('a') })).toMatchObject({
      code: 400,
      body: 'Agent does not exist in conversation',
    });
    await say('a');
    await agent.request('.ams.cm.UpdateConversationField', {
      conversationId: dialogId,
      conversationField: [{ field: 'ConversationStateField', conversationState: 'CLOSE' }],
    });
    expect(await say('b')).toMatchObject({ code: 400 });
    const accept = { type: 'AcceptStatusEvent', status: 'ACCEPT', sequenceList: [0] };
    expect(await agent.request(PUBLISH, { dialogId, event: accept })).toMatchObject({ code: 200 });
  });
});

it('tells 0 for a typing state, also for one whose encoded metadata is wrong', async () => {
  await say('a');
  const event = { type: 'ChatStateEvent', chatState: 'ACTIVE' };
  const more = { encodedMetadata: '***' };
  expect(await agent.request(PUBLISH, { dialogId, event }, more)).toMatchObject({ body: { sequence: 0 } });
});

it('refuses messages in a dialog of co-browsing', async () => {
  const dialog = { dialogId: 'shared', dialogType: 'OTHER', channelType: 'COBROWSE' };
  await agent.request('.ams.cm.UpdateConversationField', {
    conversationId: dialogId,
    conversationField: [{ field: 'DialogChange', type: 'CREATE', dialog }],
  });
  expect(await agent.request(PUBLISH, { dialogId: 'shared', event: text('a') })).toMatchObject({ code: 400 });
});

describe('private messages', () => {
  it('reach agents and managers and never the consumer', async () => {
    await say('psst', { messageAudience: 'AGENTS_AND_MANAGERS' });
    await say('aloud');
    expect(await chat.next()).toMatchObject({ text: 'aloud', sequence: 1 });
    expect(chat.transcript).toHaveLength(1);
    const own = await agent.frame((frame) => frame.type === EVENTS);
    expect(own.body).toMatchObject({ messageAudience: 'AGENTS_AND_MANAGERS', event: { message: 'psst' } });
    expect(sequences(await agent.request(QUERY, { dialogId }))).toEqual([0, 1]);
  });

  it('leave the time to respond and the last message alone', async () => {
    await chat.say('help');
    const { effectiveTTR } = await details();
    await say('psst', { messageAudience: 'AGENTS_AND_MANAGERS' });
    expect(await details()).toMatchObject({
      effectiveTTR,
      lastContentEventNotification: { event: { message: 'help' } },
    });
  });
});

describe('reading back', () => {
  beforeEach(async () => {
    for (const message of ['0', '1', '2', '3']) await say(message);
  });
  const query = async (body: object) => sequences(await agent.request(QUERY, { dialogId, ...body }));

  it('gives everything without bounds, in the form of live events', async () => {
    const response = await agent.request(QUERY, { dialogId });
    expect(response.type).toBe('.ams.ms.QueryMessages$Response');
    expect(sequences(response)).toEqual([0, 1, 2, 3]);
    expect(response.body).toMatchObject([
      { originatorId: oldId(simulator), originatorPId: simulator.agents[0]?.pid, dialogId, event: { message: '0' } },
      {},
      {},
      {},
    ]);
  });

  it('leaves out the events that bounds name', async () => {
    expect(await query({ newerThanSequence: 0 })).toEqual([1, 2, 3]);
    expect(await query({ newerThanSequence: -1 })).toEqual([0, 1, 2, 3]);
    expect(await query({ olderThanSequence: 2 })).toEqual([0, 1]);
    expect(await query({ newerThanSequence: 0, olderThanSequence: 3 })).toEqual([1, 2]);
    expect(await query({ newerThanSequence: 3 })).toEqual([]);
  });

  it('gives at most the quantity asked for: the next ones after a lower bound, the last ones before an upper bound', async () => {
    expect(await query({ newerThanSequence: 0, maxQuantity: 2 })).toEqual([1, 2]);
    expect(await query({ olderThanSequence: 3, maxQuantity: 2 })).toEqual([1, 2]);
    expect(await query({ maxQuantity: 0 })).toEqual([]);
  });

  // verifies: quirk:bounds, quirk:page
  it('holds its own page size and includes the bounds where told so', async () => {
    await simulator.close();
    await start({ quirks: { queryBounds: 'inclusive', queryPageSize: 2 } });
    for (const message of ['0', '1', '2', '3']) await say(message);
    expect(await query({})).toEqual([0, 1]);
    expect(await query({ newerThanSequence: 1, maxQuantity: 50 })).toEqual([1, 2]);
    expect(await query({ newerThanSequence: 3, olderThanSequence: 3 })).toEqual([3]);
  });

  // verifies: quirk:pages
  it.each<['by-bound' | 'oldest' | 'newest', number[][]]>([
    [
      'by-bound',
      [
        [0, 1],
        [2, 3],
        [2, 3],
        [1, 2],
      ],
    ],
    [
      'oldest',
      [
        [0, 1],
        [2, 3],
        [0, 1],
        [1, 2],
      ],
    ],
    [
      'newest',
      [
        [3, 4],
        [3, 4],
        [2, 3],
        [2, 3],
      ],
    ],
  ])('takes a page from the end that it is told: %s', async (queryPages, expected) => {
    await simulator.close();
    await start({ quirks: { queryPages } });
    for (const message of ['0', '1', '2', '3', '4']) await say(message);
    const asked = [
      {},
      { newerThanSequence: 1 },
      { olderThanSequence: 4 },
      { newerThanSequence: 0, olderThanSequence: 4 },
    ];
    const pages = await Promise.all(asked.map((bounds) => query({ ...bounds, maxQuantity: 2 })));
    expect(pages).toEqual(expected);
  });

  it('gives as many as are asked for, none for none, and refuses halves', async () => {
    for (const message of ['0', '1', '2']) await say(message);
    expect(await query({ maxQuantity: 2 })).toEqual([0, 1]);
    expect(await query({ maxQuantity: 0 })).toEqual([]);
    expect(await query({ maxQuantity: -1 })).toEqual([]);
    expect(await query({ olderThanSequence: 3, maxQuantity: 0 })).toEqual([]);
    for (const wrong of [{ maxQuantity: 1.5 }, { newerThanSequence: 0.5 }, { olderThanSequence: '3' }]) {
      expect(await agent.request(QUERY, { dialogId, ...wrong })).toMatchObject({ code: 400 });
    }
  });

  it('replays to an agent who asks for a dialog without taking part, then sends live events', async () => {
    const other = await connectAgent(simulator, 1);
    const response = await other.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 2 });
    expect(response).toMatchObject({ code: 200, type: '.ams.GenericSubscribeResponse' });
    await say('4');
    await other.settle();
    const seen = other.notifications(EVENTS).map((frame) => (frame.body as { sequence: number }).sequence);
    expect(seen).toEqual([2, 3, 4]);
  });

  it('refuses a dialog that is not there', async () => {
    expect(await agent.request(QUERY, { dialogId: 'nope' })).toMatchObject({ code: 400 });
  });
});

describe('what is due', () => {
  it('counts what each side has not read, until it is marked as read', async () => {
    const self = oldId(simulator);
    await chat.say('a');
    await chat.say('b');
    expect(await details()).toMatchObject({ numberOfunreadMessages: { [self]: 2 } });
    const read = (list: number[]) => ({ type: 'AcceptStatusEvent', status: 'READ', sequenceList: list });
    await agent.request(PUBLISH, { dialogId, event: read([0]) });
    expect(await details()).toMatchObject({ numberOfunreadMessages: { [self]: 1 } });
    await agent.request(PUBLISH, { dialogId, event: read([1]) });
    expect(await details()).toMatchObject({ numberOfunreadMessages: { [self]: 0 } });
    await say('c');
    expect(await details()).toMatchObject({ numberOfunreadMessages: { 'c-1': 1, [self]: 0 } });
    await chat.next();
    await chat.read();
    expect(await details()).toMatchObject({ numberOfunreadMessages: { 'c-1': 0 } });
  });

  it('is a response within the time to respond of the consumer’s last message, and nothing after it', async () => {
    const now = clock.now();
    await chat.say('help');
    expect(await details()).toMatchObject({ effectiveTTR: now + 600_000 });
    await say('here');
    expect(await details()).toMatchObject({ effectiveTTR: -1 });
    await clock.advance(5_000);
    await chat.say('more');
    expect(await details()).toMatchObject({ effectiveTTR: now + 605_000 });
  });
});
