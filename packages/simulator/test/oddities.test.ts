import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import {
  agentUrl,
  type Change,
  connectAgent,
  logIn,
  oldId,
  open,
  post,
  type RawClient,
  refusedWith,
} from './support/raw-client.ts';
import { call } from './support/rest.ts';

/** What surprises those who write their first client, each of which real clients have stumbled over. */

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const ROUTING = '.ams.routing.RoutingTaskNotification';
const EVENTS = '.ams.ms.OnlineEventDistribution';

let simulator: Simulator;
let clock: ManualClock;
let agent: RawClient;
beforeEach(async () => {
  clock = createManualClock();
  simulator = await startSimulator({
    clock,
    agents: [{ username: 'ada' }, { username: 'bob' }],
    skills: [{ id: '7', survey: { appInstallId: 'app-1' } }],
  });
  agent = await connectAgent(simulator);
});
afterEach(() => simulator.close());

interface Details {
  state: string;
  stage: string;
  skillId: string;
  metaDataLastUpdateTs: number;
  participants: Record<string, string[]>;
  dialogs: { dialogType: string; participantsDetails: { id: string; role: string; state: string }[] }[];
}
const detailsOf = ({ result }: Change) => result['conversationDetails'] as Details;
const subscribe = (client: RawClient, filter: object = {}) =>
  client.request('.ams.aam.SubscribeExConversations', filter);
const subscribeRings = (client: RawClient) =>
  client.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
const goOnline = (client: RawClient) => client.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
const update = (conversationId: string, ...conversationField: object[]) =>
  agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
const publish = (dialogId: string, event: object) => agent.request('.ams.ms.PublishEvent', { dialogId, event });
const text = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message });

describe('sequences', () => {
  it('are shared by messages and marks, so that a reader of messages sees gaps', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada', message: 'a' });
    await publish(id, { type: 'AcceptStatusEvent', status: 'ACCEPT', sequenceList: [0] });
    await publish(id, text('b'));
    await publish(id, { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] });
    await publish(id, { type: 'ChatStateEvent', chatState: 'COMPOSING' });
    await publish(id, { type: 'RichContentEvent', content: { type: 'text', text: 'c' } });
    const { body } = await agent.request('.ams.ms.QueryMessages', { dialogId: id });
    const events = body as { sequence: number; event: { type: string } }[];
    const messages = events.filter(({ event }) => event.type.endsWith('ContentEvent'));
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(messages.map(({ sequence }) => sequence)).toEqual([0, 2, 4]);
  });

  it('begin at 0, so that asking for what is newer than 0 misses the very first message', async () => {
    const [id = ''] = simulator.openConversations(1, { message: 'the first' });
    const query = (body: object) => agent.request('.ams.ms.QueryMessages', { dialogId: id, ...body });
    expect((await query({ newerThanSequence: 0 })).body).toEqual([]);
    expect((await query({ newerThanSequence: -1 })).body).toMatchObject([
      { sequence: 0, event: { message: 'the first' } },
    ]);
    await subscribe(agent, { conversationId: id });
    const { result } = await agent.change(CONVERSATIONS);
    expect(result['lastContentEventNotification']).toMatchObject({ sequence: 0, event: { message: 'the first' } });
  });

  it('name a message that arrives three times: live, as the last of its conversation, and when asked for', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await subscribe(agent, { conversationId: id });
    simulator.sayAsConsumer(id, 'once');
    const live = await agent.frame((frame) => frame.type === EVENTS);
    const last = await agent.change(CONVERSATIONS, ({ result }: Change) => 'lastContentEventNotification' in result);
    const { body } = await agent.request('.ams.ms.QueryMessages', { dialogId: id });
    const [asked] = body as object[];
    const name = { sequence: 0, dialogId: id, event: { message: 'once' } };
    for (const seen of [live.body, last.result['lastContentEventNotification'], asked])
      expect(seen).toMatchObject(name);
    expect(last.result['lastContentEventNotification']).not.toHaveProperty('messageAudience');
  });
});

describe('messages that nobody has read', () => {
  it('are counted from the moment somebody takes part, not from the beginning', async () => {
    const [id = ''] = simulator.openConversations(1, { message: 'a' });
    simulator.sayAsConsumer(id, 'b');
    await update(id, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    await publish(id, { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] });
    simulator.sayAsConsumer(id, 'c');
    await subscribe(agent, { conversationId: id });
    const { result } = await agent.change(CONVERSATIONS);
    expect(result['numberOfunreadMessages']).toEqual({ [oldId(simulator)]: 1 });
  });
});

describe('state and stage', () => {
  it('part ways in a survey: who looks for open states loses the conversation, who looks for stages keeps it', async () => {
    const chat = await simulator.consumer().startConversation({ skillId: '7' });
    const { conversationId } = chat;
    await update(conversationId, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    const bob = await connectAgent(simulator, 1);
    await subscribe(agent, { convState: ['OPEN'] });
    await subscribe(bob, { stage: ['OPEN'] });
    await chat.close();
    const lost = await agent.change(CONVERSATIONS, ({ type }: Change) => type === 'DELETE');
    const kept = await bob.change(CONVERSATIONS, (change: Change) => detailsOf(change).state === 'CLOSE');
    expect(lost.result['convId']).toBe(conversationId);
    expect(kept.type).toBe('UPSERT');
    expect(detailsOf(kept)).toMatchObject({ state: 'CLOSE', stage: 'OPEN' });
    expect(detailsOf(kept)).not.toHaveProperty('endTs');
  });

  it('of a DELETE are told whole, because clients read them from it', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await subscribe(agent, { convState: ['OPEN'] });
    await update(id, { field: 'ConversationStateField', conversationState: 'CLOSE' });
    const gone = await agent.change(CONVERSATIONS, ({ type }: Change) => type === 'DELETE');
    expect(detailsOf(gone)).toMatchObject({ state: 'CLOSE', participants: { ASSIGNED_AGENT: [oldId(simulator)] } });
  });
});

describe('agents who are suggested', () => {
  it('look assigned by their role, and only their state tells', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await subscribe(agent, { conversationId: id });
    const suggested = {
      field: 'ParticipantsChange',
      type: 'SUGGEST',
      role: 'ASSIGNED_AGENT',
      userId: oldId(simulator, 1),
    };
    await update(id, { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' }, suggested);
    const change = await agent.change(
      CONVERSATIONS,
      (each: Change) => !('ASSIGNED_AGENT' in detailsOf(each).participants),
    );
    const [main] = detailsOf(change).dialogs;
    const bob = main?.participantsDetails.find((p) => p.id === oldId(simulator, 1));
    expect(bob).toEqual({ id: oldId(simulator, 1), role: 'ASSIGNED_AGENT', state: 'SUGGESTED' });
    expect(detailsOf(change).participants).not.toHaveProperty('ASSIGNED_AGENT');
  });
});

describe('after a lost connection', () => {
  it('nothing is subscribed any more, and a new subscription repeats everything', async () => {
    simulator.openConversations(3, { assignedTo: 'ada' });
    await subscribe(agent);
    await agent.settle();
    expect(agent.changes(CONVERSATIONS)).toHaveLength(3);
    agent.close();
    await agent.closed;
    const again = await connectAgent(simulator);
    simulator.openConversations(1, { assignedTo: 'ada' });
    await again.settle();
    expect(again.notifications(CONVERSATIONS)).toEqual([]);
    await subscribe(again);
    await again.settle();
    expect(again.changes(CONVERSATIONS)).toHaveLength(4);
  });

  it('events come by themselves again, without any subscription', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    agent.close();
    await agent.closed;
    simulator.sayAsConsumer(id, 'missed');
    const again = await connectAgent(simulator);
    simulator.sayAsConsumer(id, 'heard');
    const heard = await again.frame((frame) => frame.type === EVENTS);
    expect(heard.body).toMatchObject({ sequence: 1, event: { message: 'heard' } });
  });

  it('the agent is no longer online, and nothing new rings until that is set again', async () => {
    await subscribeRings(agent);
    await goOnline(agent);
    agent.close();
    await agent.closed;
    const again = await connectAgent(simulator);
    await subscribeRings(again);
    simulator.openConversations(1);
    await again.settle();
    expect(again.changes(ROUTING)).toEqual([]);
    await goOnline(again);
    expect(await again.change(ROUTING)).toMatchObject({ type: 'UPSERT' });
  });

  it('a ring that waited is offered again, under its old id', async () => {
    await subscribeRings(agent);
    await goOnline(agent);
    simulator.openConversations(1);
    const ringId = ({ result }: Change) => (result['ringsDetails'] as { ringId: string }[])[0]?.ringId;
    const before = ringId(await agent.change(ROUTING));
    agent.close();
    await agent.closed;
    const again = await connectAgent(simulator);
    await subscribeRings(again);
    expect(ringId(await again.change(ROUTING))).toBe(before);
  });

  it('a login elsewhere has ended the bearer: the old one is refused with 401, the open socket lived on', async () => {
    const { bearer } = await logIn(simulator);
    const first = await open(agentUrl(simulator, bearer));
    await logIn(simulator);
    expect(await first.request('.GetClock')).toMatchObject({ code: 200 });
    first.close();
    expect(await refusedWith(agentUrl(simulator, bearer))).toBe(401);
  });
});

describe('times', () => {
  it('of metadata never go back, so that an older notification can be told', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await subscribe(agent, { conversationId: id });
    for (let i = 0; i < 5; i++) {
      await update(id, { field: 'Note', note: `note ${i}` });
      await clock.advance(1);
    }
    await agent.settle();
    const times = agent.changes<Change>(CONVERSATIONS).map((change) => detailsOf(change).metaDataLastUpdateTs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThan(4);
  });

  it('of an answer that is due are the consumer’s message and the time to respond', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await update(id, { field: 'TTRField', ttrType: 'CUSTOM', value: 600 });
    await clock.advance(5_000);
    simulator.sayAsConsumer(id, 'well?');
    const saidAt = clock.now();
    await subscribe(agent, { conversationId: id });
    const waiting = await agent.change(CONVERSATIONS);
    expect(waiting.result).toMatchObject({ effectiveTTR: saidAt + 600_000 });
    await publish(id, text('here'));
    const answered = await agent.change(CONVERSATIONS, ({ result }: Change) => result['effectiveTTR'] === -1);
    expect(answered.type).toBe('UPSERT');
  });
});

describe('numbers that are texts, and texts that are numbers', () => {
  it('a session’s length is a text of milliseconds', async () => {
    const { username, password } = simulator.agents[0] ?? {};
    const login = await post(`${simulator.url}/api/account/${simulator.accountId}/login`, { username, password });
    expect(await login.json()).toMatchObject({
      sessionTTl: '28800000',
      config: { userId: expect.stringMatching(/^\d+$/) },
    });
  });

  it('a signed path ends at a text of seconds', async () => {
    const { body } = await agent.request('.ams.ms.GenerateURLForUploadFile', { fileSize: 1, fileType: 'PNG' });
    const { queryParams } = body as { queryParams: { temp_url_expires: unknown } };
    expect(queryParams.temp_url_expires).toBe(String(Math.ceil(clock.now() / 1_000) + 60));
  });

  it('no skill is the text -1 on the socket and the number -1 in history', async () => {
    const [id = ''] = simulator.openConversations(1);
    await subscribe(agent, { conversationId: id });
    expect(detailsOf(await agent.change(CONVERSATIONS)).skillId).toBe('-1');
    const { bearer } = await logIn(simulator);
    const url = `${simulator.url}/messaging_history/api/account/${simulator.accountId}/conversations/conversation/search`;
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await call('POST', url, { headers, body: { conversationId: id } })).body).toMatchObject({
      conversationHistoryRecords: [{ info: { latestSkillId: -1 } }],
    });
  });
});
