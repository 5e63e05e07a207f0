import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const ROUTING = '.ams.routing.RoutingTaskNotification';
const UPDATE = '.ams.cm.UpdateConversationField';
const clock = createManualClock();

interface Ring {
  ringId: string;
  ringState: string;
  ringExpiration: number;
  ringExpirationTs: number;
}

let simulator: Simulator;
let ada: RawClient;
let bob: RawClient;

async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }], ...options });
  ada = await connectAgent(simulator, 0);
  bob = await connectAgent(simulator, 1);
  for (const [index, client] of [ada, bob].entries()) {
    await client.request('.ams.routing.SubscribeRoutingTasks', {
      channelType: 'MESSAGING',
      brandId: simulator.accountId,
      agentId: oldId(simulator, index),
    });
  }
}
beforeEach(() => start());
afterEach(() => simulator.close());

const online = (client: RawClient, availability = 'ONLINE') =>
  client.request('.ams.routing.SetAgentState', { availability, channels: ['MESSAGING'] });
const answer = (client: RawClient, { ringId }: Ring, ringState: string) =>
  client.request('.ams.routing.UpdateRingState', { ringId, ringState });
const update = (client: RawClient, conversationId: string, ...conversationField: object[]) =>
  client.request(UPDATE, { conversationId, conversationField });
const leave = { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' };

function rings(client: RawClient): (Ring & { type: string; conversationId: unknown })[] {
  return client.changes(ROUTING).map(({ type, result }) => ({
    type,
    conversationId: result['conversationId'],
    ...((result['ringsDetails'] as Ring[])[0] as Ring),
  }));
}
async function states(client: RawClient): Promise<string[]> {
  await client.settle();
  return rings(client).map(({ type, ringState }) => (type === 'DELETE' ? 'DELETE' : ringState));
}
/** The n-th ring that waits at a client. */
async function ring(client: RawClient, n = 1): Promise<Ring> {
  const waiting = () => rings(client).filter((each) => each.ringState === 'WAITING' && each.type === 'UPSERT');
  await client.frame(() => waiting().length >= n);
  return waiting()[n - 1] as Ring;
}

describe('a ring', () => {
  it('goes to one available agent only, and waits 72 seconds', async () => {
    await online(ada);
    await online(bob, 'OCCUPIED');
    simulator.openConversations(1);
    expect(await ring(ada)).toMatchObject({ ringExpiration: 72_000, ringExpirationTs: clock.now() + 72_000 });
    expect(await states(bob)).toEqual([]);
  });

  it('waits for an agent to become available', async () => {
    simulator.openConversations(2);
    expect(await states(ada)).toEqual([]);
    await online(ada);
    expect(await states(ada)).toEqual(['WAITING', 'WAITING']);
  });

  it('is shown to who subscribes while it waits', async () => {
    await online(ada);
    simulator.openConversations(1);
    const { ringId } = await ring(ada);
    const again = await connectAgent(simulator, 0);
    const { body } = await again.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
    expect(await ring(again)).toMatchObject({ ringId });
    const { subscriptionId } = body as { subscriptionId: string };
    const UPDATE_SUBSCRIPTION = '.ams.routing.UpdateRoutingTaskSubscription';
    expect(await again.request(UPDATE_SUBSCRIPTION, { subscriptionId, skillId: '9' })).toMatchObject({
      code: 200,
      body: { subscriptionId },
    });
    await again.settle();
    expect(again.notifications(ROUTING).at(-1)).toMatchObject({ body: { changes: [] } });
    expect(await again.request('.ams.UnsubscribeBody', { subscriptionId })).toMatchObject({ code: 200 });
    expect(await again.request(UPDATE_SUBSCRIPTION, { subscriptionId })).toMatchObject({ code: 400 });
  });

  it('goes to the agent with the least to do', async () => {
    await online(ada);
    await online(bob);
    simulator.openConversations(4);
    expect(await states(ada)).toEqual(['WAITING', 'WAITING']);
    expect(await states(bob)).toEqual(['WAITING', 'WAITING']);
  });

  // verifies: sim:skills
  it('goes to agents with the skill, and to those without a list of skills', async () => {
    await simulator.close();
    await start({ agents: [{ username: 'ada', skills: ['1'] }, { username: 'bob' }] });
    await online(ada);
    simulator.openConversations(1, { skillId: '2' });
    expect(await states(ada)).toEqual([]);
    await online(bob, 'AWAY');
    simulator.openConversations(1, { skillId: '1' });
    expect(await states(ada)).toEqual(['WAITING']);
    await online(bob);
    expect(await states(bob)).toEqual(['WAITING']);
  });

  it('respects the number of conversations an agent can have, and uses a slot that gets free', async () => {
    await simulator.close();
    await start({ agents: [{ username: 'ada', maxConversations: 1 }, { username: 'bob' }] });
    await online(ada);
    const [first = ''] = simulator.openConversations(2);
    await answer(ada, await ring(ada), 'ACCEPTED');
    expect(await states(ada)).toEqual(['WAITING', 'ACCEPTED', 'DELETE']);
    await update(ada, first, { field: 'ConversationStateField', conversationState: 'CLOSE' });
    expect((await states(ada)).slice(3)).toEqual(['WAITING']);
  });

  it('makes room for what waits when it is rejected', async () => {
    await simulator.close();
    await start({ agents: [{ username: 'ada', maxConversations: 1 }, { username: 'bob' }] });
    await online(ada);
    const [first, second] = simulator.openConversations(2);
    await answer(ada, await ring(ada), 'REJECTED');
    await ring(ada, 2);
    const waiting = rings(ada).filter((each) => each.ringState === 'WAITING');
    expect(waiting.map((each) => each.conversationId)).toEqual([first, second]);
  });

  it('goes on to the next agent when it is rejected', async () => {
    await online(ada);
    simulator.openConversations(1);
    const first = await ring(ada);
    await online(bob);
    expect(await answer(ada, first, 'REJECTED')).toMatchObject({ code: 202 });
    expect(await states(ada)).toEqual(['WAITING', 'REJECTED', 'DELETE']);
    expect((await ring(bob)).ringId).not.toBe(first.ringId);
  });

  // verifies: quirk:ring-times
  it('is offered again after a while when everybody has rejected it', async () => {
    await online(ada);
    simulator.openConversations(1);
    await answer(ada, await ring(ada), 'REJECTED');
    await clock.advance(4_999);
    expect(await states(ada)).toEqual(['WAITING', 'REJECTED', 'DELETE']);
    await clock.advance(1);
    expect((await states(ada)).slice(3)).toEqual(['WAITING']);
  });

  // verifies: limit:rings
  it('expires after 72 seconds and goes to the next agent', async () => {
    await online(ada);
    simulator.openConversations(1);
    const first = await ring(ada);
    await online(bob);
    await clock.advance(72_000);
    await ring(bob);
    expect(await states(ada)).toEqual(['WAITING', 'EXPIRED', 'DELETE']);
    expect(await answer(ada, first, 'ACCEPTED')).toMatchObject({ code: 400 });
  });

  it('rings again at the same agent when it expires and there is no other', async () => {
    await online(ada);
    simulator.openConversations(1);
    const first = await ring(ada);
    await clock.advance(72_000);
    const second = await ring(ada, 2);
    expect(second.ringId).not.toBe(first.ringId);
    expect(await answer(ada, second, 'ACCEPTED')).toMatchObject({ code: 202 });
  });

  it('is cancelled when the conversation is closed or taken by somebody', async () => {
    await online(ada);
    const [first = '', second = ''] = simulator.openConversations(2);
    await update(bob, first, { field: 'ConversationStateField', conversationState: 'CLOSE' });
    await update(bob, second, { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
    expect(await states(ada)).toEqual(['WAITING', 'WAITING', 'CANCELLED', 'DELETE', 'CANCELLED', 'DELETE']);
  });

  it('outlives the socket of its agent', async () => {
    await online(ada);
    simulator.openConversations(1);
    const first = await ring(ada);
    ada.close();
    await ada.closed;
    ada = await connectAgent(simulator, 0);
    await ada.request('.ams.routing.SubscribeRoutingTasks', {});
    expect(await ring(ada)).toMatchObject({ ringId: first.ringId });
    expect(await answer(ada, first, 'ACCEPTED')).toMatchObject({ code: 202 });
  });

  it('can only be answered by its agent, once, and with a known answer', async () => {
    await online(ada);
    simulator.openConversations(1);
    const waiting = await ring(ada);
    expect(await answer(bob, waiting, 'ACCEPTED')).toMatchObject({ code: 400 });
    expect(await answer(ada, waiting, 'PERHAPS')).toMatchObject({ code: 400 });
    expect(await answer(ada, waiting, 'ACCEPTED')).toMatchObject({ code: 202 });
    expect(await answer(ada, waiting, 'ACCEPTED')).toMatchObject({ code: 400, type: '.ReqBody$StringResp' });
  });

  // verifies: quirk:ring-on
  it('waits for the first message where told so', async () => {
    await simulator.close();
    await start({ quirks: { ringOn: 'first-message' } });
    await online(ada);
    const chat = await simulator.consumer().startConversation();
    expect(await states(ada)).toEqual([]);
    await chat.say('hi');
    expect(await states(ada)).toEqual(['WAITING']);
  });
});

describe('handing on', () => {
  const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
  let conversationId: string;
  beforeEach(async () => {
    await online(ada);
    [conversationId = ''] = simulator.openConversations(1, { skillId: '1' });
    await answer(ada, await ring(ada), 'ACCEPTED');
  });
  const suggest = () => ({
    field: 'ParticipantsChange',
    type: 'SUGGEST',
    role: 'ASSIGNED_AGENT',
    userId: oldId(simulator, 1),
  });
  const participants = async (client: RawClient) => {
    await client.request('.ams.aam.SubscribeExConversations', { conversationId });
    await client.settle();
    const details = client.changes(CONVERSATIONS).at(-1)?.result['conversationDetails'] as {
      participants: Record<string, string[]>;
      skillId: string;
      dialogs: { participantsDetails: { id: string; role: string; state: string }[] }[];
    };
    const dialog = details.dialogs[0]?.participantsDetails.filter((p) => p.role === 'ASSIGNED_AGENT');
    return { assigned: details.participants['ASSIGNED_AGENT'] ?? [], dialog, skillId: details.skillId };
  };

  it('gives a conversation back to the queue, and to others first', async () => {
    await online(bob);
    expect(await update(ada, conversationId, leave)).toMatchObject({ body: 'OK Agent removed successfully' });
    await ring(bob);
    expect(await states(ada)).toEqual(['WAITING', 'ACCEPTED', 'DELETE']);
  });

  it('comes back to the one who gave it up when there is nobody else', async () => {
    await update(ada, conversationId, leave);
    expect(await states(ada)).toHaveLength(3);
    await clock.advance(5_000);
    await ring(ada, 2);
    expect(await states(ada)).toEqual(['WAITING', 'ACCEPTED', 'DELETE', 'WAITING']);
  });

  it('moves to another skill in one request, with the text of the removal', async () => {
    await online(bob);
    const skill = { field: 'Skill', type: 'UPDATE', skill: '2' };
    const moved = await update(ada, conversationId, leave, skill);
    expect(moved).toMatchObject({ code: 200, body: 'OK Agent removed successfully' });
    expect(await ring(bob)).toMatchObject({ skillId: '2' });
    expect(await participants(ada)).toMatchObject({ assigned: [], skillId: '2' });
  });

  it('moves an unassigned conversation to another skill', async () => {
    await update(ada, conversationId, leave);
    const moved = await update(bob, conversationId, { field: 'Skill', type: 'UPDATE', skill: '2' });
    expect(moved).toMatchObject({ code: 200, body: 'Skill changed successfully' });
  });

  it('suggests it to another agent, who has it once the ring is accepted', async () => {
    const skill = { field: 'Skill', type: 'UPDATE', skill: '2' };
    expect(await update(ada, conversationId, leave, suggest(), skill)).toMatchObject({ code: 200 });
    expect(await participants(ada)).toMatchObject({
      assigned: [],
      dialog: [{ id: oldId(simulator, 1), state: 'SUGGESTED' }],
    });
    await answer(bob, await ring(bob), 'ACCEPTED');
    expect(await participants(ada)).toEqual({
      assigned: [oldId(simulator, 1)],
      dialog: [{ id: oldId(simulator, 1), role: 'ASSIGNED_AGENT', state: 'ACTIVE' }],
      skillId: '2',
    });
  });

  it('goes to the queue when the suggested agent rejects it, or lets the ring expire', async () => {
    await update(ada, conversationId, suggest(), leave);
    await answer(bob, await ring(bob), 'REJECTED');
    expect(await participants(ada)).toMatchObject({ assigned: [], dialog: [] });
    await ring(ada, 2);
  });

  it('tells the suggested agent, except on sockets of the older version', async () => {
    const older = await connectAgent(simulator, 1, '2.0');
    for (const client of [bob, older]) {
      await client.request('.ams.aam.SubscribeExConversations', { agentIds: [oldId(simulator, 1)] });
    }
    await update(ada, conversationId, suggest(), leave);
    const { result } = await bob.change(CONVERSATIONS);
    expect(result).toMatchObject({ convId: conversationId });
    await older.settle();
    expect(older.notifications(CONVERSATIONS)).toMatchObject([{ body: { changes: [] } }]);
  });

  it('refuses to suggest somebody who takes part, and changes nothing then', async () => {
    await update(bob, conversationId, { field: 'ParticipantsChange', type: 'ADD', role: 'READER' });
    const refused = await update(ada, conversationId, leave, suggest());
    expect(refused).toMatchObject({ code: 400, body: 'Transfer to agent failed: Agent already exist' });
    expect(await participants(ada)).toMatchObject({ assigned: [oldId(simulator)] });
    const reader = { field: 'ParticipantsChange', type: 'REMOVE', role: 'READER', userId: oldId(simulator, 1) };
    expect(await update(ada, conversationId, reader, suggest(), leave)).toMatchObject({ code: 200 });
  });

  it('is refused to who does not take part', async () => {
    for (const field of [
      leave,
      { ...suggest(), userId: oldId(simulator) },
      { field: 'Skill', type: 'UPDATE', skill: '2' },
    ]) {
      expect(await update(bob, conversationId, field)).toMatchObject({
        code: 400,
        body: 'Agent does not exist in conversation',
      });
    }
  });

  it('passes to who takes it over', async () => {
    const join = { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' };
    expect(await update(bob, conversationId, join)).toMatchObject({ body: 'OK Agent added successfully' });
    expect(await participants(ada)).toMatchObject({ assigned: [oldId(simulator, 1)] });
  });
});
