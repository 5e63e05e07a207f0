import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import {
  type Change,
  connectAgent,
  connectConsumer,
  logIn,
  oldId,
  post,
  type RawClient,
} from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const UPDATE = '.ams.cm.UpdateConversationField';
const PUBLISH = '.ams.ms.PublishEvent';
const clock = createManualClock();

let simulator: Simulator;
let ada: RawClient;
let bob: RawClient;
async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }], ...options });
  ada = await connectAgent(simulator, 0);
  bob = await connectAgent(simulator, 1);
}
beforeEach(() => start());
afterEach(() => simulator.close());

const update = (client: RawClient, conversationId: string, ...conversationField: object[]) =>
  client.request(UPDATE, { conversationId, conversationField });
const participant = (type: string, role: string, more: object = {}) => ({
  field: 'ParticipantsChange',
  type,
  role,
  ...more,
});
const say = (client: RawClient, dialogId: string, message: string, more: object = {}) =>
  client.request(PUBLISH, { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message }, ...more });
async function result(client: RawClient, conversationId: string): Promise<Change['result']> {
  await client.request('.ams.aam.SubscribeExConversations', { conversationId });
  await client.settle();
  return client.changes(CONVERSATIONS).at(-1)?.result ?? {};
}

describe('agents of a conversation', () => {
  it('leave by one role and keep the other', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await update(ada, id, participant('ADD', 'MANAGER'));
    await update(ada, id, participant('REMOVE', 'ASSIGNED_AGENT'));
    const { conversationDetails } = await result(ada, id);
    expect(conversationDetails).toMatchObject({ participants: { MANAGER: [oldId(simulator)] } });
    expect(await say(ada, id, 'still in')).toMatchObject({ code: 200 });
  });

  it('write in the role they have', async () => {
    const [id = ''] = simulator.openConversations(1);
    await update(ada, id, participant('ADD', 'CONTROLLER'));
    await say(ada, id, 'automatic');
    const history = await bob.request('.ams.ms.QueryMessages', { dialogId: id });
    expect(history.body).toMatchObject([{ originatorMetadata: { role: 'CONTROLLER' } }]);
  });

  it('cannot write while they are only suggested', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await update(ada, id, participant('SUGGEST', 'ASSIGNED_AGENT', { userId: oldId(simulator, 1) }));
    expect(await say(bob, id, 'too early')).toMatchObject({ code: 400 });
  });

  it('are suggested by the account’s and the user’s id, and by no PID', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    const suggest = (userId: string) => update(ada, id, participant('SUGGEST', 'ASSIGNED_AGENT', { userId }));
    const refused = { code: 400, body: 'Agent does not exist' };
    expect(await suggest(simulator.agents[1]?.pid ?? '')).toMatchObject(refused);
    expect(await suggest(simulator.agents[1]?.userId ?? '')).toMatchObject(refused);
    expect(await suggest(oldId(simulator, 1))).toMatchObject({ code: 200 });
  });

  it('are suggested in place of one suggested before, whose ring is cancelled', async () => {
    await simulator.close();
    await start({ agents: [{ username: 'ada' }, { username: 'bob' }, { username: 'cy' }] });
    const cy = await connectAgent(simulator, 2);
    const ROUTING = '.ams.routing.RoutingTaskNotification';
    type Ring = { result: { ringsDetails: { ringState: string }[] } };
    for (const client of [bob, cy]) await client.request('.ams.routing.SubscribeRoutingTasks', {});
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await update(ada, id, participant('SUGGEST', 'ASSIGNED_AGENT', { userId: oldId(simulator, 1) }));
    await update(ada, id, participant('SUGGEST', 'ASSIGNED_AGENT', { userId: oldId(simulator, 2) }));
    await cy.change<Ring>(ROUTING, (c) => c.result.ringsDetails[0]?.ringState === 'WAITING');
    const cancelled = await bob.change<Ring>(ROUTING, (c) => c.result.ringsDetails[0]?.ringState === 'CANCELLED');
    expect(cancelled.result.ringsDetails).toHaveLength(1);
  });

  it('are not told of conversations any more once they have left', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await ada.request('.ams.aam.SubscribeExConversations', { agentIds: [oldId(simulator)] });
    await update(ada, id, participant('REMOVE', 'ASSIGNED_AGENT'));
    simulator.sayAsConsumer(id, 'hello?');
    await ada.settle();
    expect(ada.changes(CONVERSATIONS).map(({ type }) => type)).toEqual(['UPSERT', 'DELETE']);
    expect(ada.notifications('.ams.ms.OnlineEventDistribution')).toHaveLength(0);
  });

  it('are known to history by the reason a conversation moved', async () => {
    const [id = ''] = simulator.openConversations(1, { skillId: '1', assignedTo: 'ada' });
    await update(bob, id, participant('ADD', 'ASSIGNED_AGENT'));
    await update(bob, id, participant('REMOVE', 'ASSIGNED_AGENT'));
    await update(bob, id, { field: 'Skill', type: 'UPDATE', skill: '2' });
    const { bearer } = await logIn(simulator);
    const url = `${simulator.url}/messaging_history/api/account/${simulator.accountId}/conversations/conversation/search`;
    const response = await post(url, { conversationId: id }, { authorization: `Bearer ${bearer}` });
    const { conversationHistoryRecords } = (await response.json()) as { conversationHistoryRecords: object[] };
    expect(conversationHistoryRecords).toMatchObject([
      {
        transfers: [
          {
            reason: 'TakeOver',
            sourceAgentId: simulator.agents[0]?.userId,
            targetAgentId: simulator.agents[1]?.userId,
          },
          { reason: 'back2Q', sourceAgentId: simulator.agents[1]?.userId },
          { reason: 'Skill', sourceSkillId: 1, targetSkillId: 2 },
        ],
      },
    ]);
  });
});

describe('the time to respond', () => {
  it('runs from the start of a conversation in which nobody has said anything', async () => {
    const [id = ''] = simulator.openConversations(1);
    expect(await result(ada, id)).toMatchObject({ effectiveTTR: clock.now() + 600_000 });
  });

  it('follows the priority that a consumer asks for', async () => {
    for (const [ttrDefName, seconds] of [
      ['URGENT', 120],
      ['PRIORITIZED', 600],
      ['NORMAL', 1200],
    ] as const) {
      const chat = await simulator.consumer().startConversation({ ttrDefName });
      const { conversationDetails, effectiveTTR } = await result(ada, chat.conversationId);
      expect(conversationDetails).toMatchObject({ ttr: { ttrType: ttrDefName, value: seconds } });
      expect(effectiveTTR).toBe(clock.now() + seconds * 1000);
    }
  });

  it('is due again when the priority changes while a consumer waits', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada', message: 'help' });
    await update(ada, id, { field: 'TTRField', ttrType: 'CUSTOM', value: 30 });
    expect(await result(ada, id)).toMatchObject({ effectiveTTR: clock.now() + 30_000 });
  });

  it('is over when the conversation is closed', async () => {
    const [id = ''] = simulator.openConversations(1, { message: 'help' });
    await update(ada, id, { field: 'Stage', conversationState: 'CLOSE' });
    expect(await result(ada, id)).toMatchObject({ effectiveTTR: -1 });
  });
});

describe('consumers', () => {
  it('have a first conversation once', async () => {
    const consumer = simulator.consumer();
    const shown: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const chat = await consumer.startConversation();
      const { conversationDetails } = await result(ada, chat.conversationId);
      shown.push((conversationDetails as { firstConversation: boolean }).firstConversation);
      await chat.close();
    }
    expect(shown).toEqual([true, false]);
  });

  it('change their profile bit by bit, and never their id', async () => {
    const client = await connectConsumer(simulator);
    await client.request('userprofile.SetUserProfile', { firstName: 'Ada', lastName: 'L', userId: 'somebody-else' });
    const response = await client.request('userprofile.SetUserProfile', { firstName: 'Grace' });
    expect(response).toMatchObject({ code: 200, body: 'OK User Profile set successfully' });
    const own = await client.request('userprofile.GetUserProfile', {});
    expect(own).toMatchObject({
      type: 'userprofile.GetUserProfileResponse',
      body: { firstName: 'Grace', lastName: 'L', userId: expect.not.stringContaining('somebody') },
    });
  });

  it('show what their devices are in their events and conversations', async () => {
    const chat = await simulator.consumer({ features: ['QUICK_REPLIES'] }).startConversation({
      message: 'hi',
      conversationContext: { type: 'SharkContext' },
    });
    const device = { type: '.ClientProperties', os: 'LINUX', ipAddress: '127.0.0.1', features: ['QUICK_REPLIES'] };
    const shown = await result(ada, chat.conversationId);
    expect(shown['conversationDetails']).toMatchObject({ context: { type: 'SharkContext', clientProperties: device } });
    const history = await ada.request('.ams.ms.QueryMessages', { dialogId: chat.conversationId });
    expect(history.body).toMatchObject([
      { originatorClientProperties: device, originatorMetadata: { clientProperties: device } },
    ]);
  });

  it('are refused a conversation, not a socket, for a brand or channel that is not there', async () => {
    const client = await connectConsumer(simulator);
    expect(await client.request('cm.ConsumerRequestConversation', { brandId: 'x' })).toMatchObject({ code: 400 });
    expect(await client.request('cm.ConsumerRequestConversation', {})).toMatchObject({ code: 200 });
  });
});

describe('dialogs', () => {
  it('number their events each for themselves', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada', message: 'zero' });
    await update(ada, id, {
      field: 'DialogChange',
      type: 'CREATE',
      dialog: { dialogId: 'side', dialogType: 'AGENTS' },
    });
    expect(await say(ada, 'side', 'a')).toMatchObject({ body: { sequence: 0 } });
    expect(await say(ada, id, 'b')).toMatchObject({ body: { sequence: 1 } });
    expect(await say(ada, 'side', 'c', { conversationId: id })).toMatchObject({ body: { sequence: 1 } });
  });

  it('other than the main one leave its last message alone', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada', message: 'main' });
    await update(ada, id, { field: 'DialogChange', type: 'CREATE', dialog: { dialogId: 'side-2' } });
    await say(ada, 'side-2', 'aside');
    const { lastContentEventNotification } = await result(ada, id);
    expect(lastContentEventNotification).toMatchObject({ event: { message: 'main' }, dialogId: id });
  });

  it('keep the conversation open until the last of them is closed', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    await update(ada, id, { field: 'DialogChange', type: 'CREATE', dialog: { dialogId: 'side-3' } });
    const close = (dialogId: string) => ({
      field: 'DialogChange',
      type: 'UPDATE',
      dialog: { dialogId, state: 'CLOSE' },
    });
    await update(ada, id, close(id));
    expect((await result(ada, id))['conversationDetails']).toMatchObject({ state: 'CLOSE', stage: 'OPEN' });
    await update(ada, id, close('side-3'));
    expect((await result(ada, id))['conversationDetails']).toMatchObject({ state: 'CLOSE', stage: 'CLOSE' });
  });

  it('of co-browsing cannot be read', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    const dialog = { dialogId: 'browse', channelType: 'COBROWSE', metaData: { mode: 'shared' } };
    await update(ada, id, { field: 'DialogChange', type: 'CREATE', dialog });
    expect(await ada.request('.ams.ms.QueryMessages', { dialogId: 'browse' })).toMatchObject({
      code: 400,
      body: 'no conversation to send for MCCA',
    });
  });
});
