import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';

const TYPE = '.ams.aam.ExConversationChangeNotification';
let simulator: Simulator;
let agent: RawClient;
let chat: SimulatedChat;
beforeEach(async () => {
  simulator = await startSimulator({ skills: [{ id: '7', survey: { appInstallId: 'app-1' } }] });
  agent = await connectAgent(simulator);
  chat = await simulator.consumer({ consumerId: 'c-1' }).startConversation({ skillId: '7' });
  await agent.request('.ams.aam.SubscribeExConversations', { conversationId: chat.conversationId });
  await update({ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' });
});
afterEach(() => simulator.close());

const send = (conversationField: unknown) =>
  agent.request('.ams.cm.UpdateConversationField', { conversationId: chat.conversationId, conversationField });
const update = (...fields: object[]) => send(fields);
async function details() {
  await agent.settle();
  return agent.changes(TYPE).at(-1)?.result['conversationDetails'] as Record<string, unknown>;
}

const EXISTS = { code: 400, body: 'Dialog exists already' };

describe('the fields of a conversation', () => {
  it.each([
    [
      { field: 'TTRField', ttrType: 'CUSTOM', value: 1200 },
      'Update TTR ended successfully',
      { ttr: { ttrType: 'CUSTOM', value: 1200 } },
    ],
    [
      { field: 'TTRField', ttrType: 'URGENT' },
      'Update TTR ended successfully',
      { ttr: { ttrType: 'URGENT', value: 120 } },
    ],
    [
      { field: 'ManualETTR', time: 1_900_000_000_000 },
      'Update manual Ettr ended successfully',
      { manualETTR: 1_900_000_000_000 },
    ],
    [{ field: 'Note', note: 'thanks' }, 'OK Update note success', { note: 'thanks' }],
    [
      { field: 'CSATRate', csatRate: 5, csatResolutionConfirmation: true, status: 'FILLED' },
      'OK CSAT processed successfully',
      { csatRate: 5 },
    ],
    [
      { field: 'DelayField', type: 'NIGHT', tillWhen: 5 },
      expect.any(String),
      { delay: { type: 'NIGHT', tillWhen: 5 } },
    ],
    [{ field: 'Skill', type: 'UPDATE', skill: '8' }, 'Skill changed successfully', { skillId: '8' }],
    [
      { field: 'ParticipantsChange', type: 'UPDATE', role: 'MANAGER' },
      'OK Agent added successfully',
      { participants: { MANAGER: [expect.any(String)] } },
    ],
  ])('%j responds with its text and shows', async (field, text, shown) => {
    expect(await send(field)).toMatchObject({ code: 200, type: '.ReqBody$StringResp', body: text });
    expect(await details()).toMatchObject(shown);
  });

  it('holds a manual time over the computed one', async () => {
    await chat.say('help');
    await update({ field: 'ManualETTR', time: 1_900_000_000_000 });
    await agent.settle();
    expect(agent.changes(TYPE).at(-1)?.result).toMatchObject({ effectiveTTR: 1_900_000_000_000 });
  });

  it.each([
    ['no field', undefined],
    ['an empty list', []],
    ['an unknown field', { field: 'Mood' }],
    ...['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'].map(
      (field) => [`the field ${field}, which every object has`, { field }] as const,
    ),
    ['a participant of an unknown role', { field: 'ParticipantsChange', type: 'ADD', role: 'KING' }],
    ['a participant nobody knows', { field: 'ParticipantsChange', type: 'ADD', role: 'READER', userId: 'x.1' }],
    ['an unknown change of participants', { field: 'ParticipantsChange', type: 'SWAP', role: 'READER' }],
    ['an unknown dialog', { field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId: 'nope' }],
    ['somebody absent', { field: 'ParticipantsChange', type: 'REMOVE', role: 'READER' }],
    ['a state that is not CLOSE', { field: 'ConversationStateField', conversationState: 'OPEN' }],
    [
      'a dialog that is not there',
      { field: 'DialogChange', type: 'UPDATE', dialog: { dialogId: 'x', state: 'CLOSE' } },
    ],
    ['a missing skill', { field: 'Skill', type: 'UPDATE' }],
    ['an unknown ttr', { field: 'TTRField', ttrType: 'SOON' }],
    ['a custom ttr without value', { field: 'TTRField', ttrType: 'CUSTOM' }],
    ['a time that is not one', { field: 'ManualETTR', time: 'now' }],
    ['a note that is too long', { field: 'Note', note: 'x'.repeat(5_001) }],
    ['a rate of six', { field: 'CSATRate', csatRate: 6, status: 'FILLED' }],
    ['an unknown delay', { field: 'DelayField', type: 'LUNCH', tillWhen: 1 }],
  ])('are refused for %s', async (_what, field) => {
    const refused = await send(field);
    expect(refused).toMatchObject({ code: 400, type: '.ReqBody$StringResp', body: expect.any(String) });
    expect(String(refused.body).length).toBeLessThanOrEqual(128);
  });

  it('change all together or not at all', async () => {
    const before = await details();
    const refused = await update(
      { field: 'Note', note: 'new' },
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
    );
    expect(refused).toMatchObject({ code: 400, body: 'Agent does not exist in conversation' });
    expect(await details()).toEqual(before);
  });

  it('are told about once, however many changed', async () => {
    await agent.settle();
    const before = agent.notifications(TYPE).length;
    await update({ field: 'Note', note: 'a' }, { field: 'TTRField', ttrType: 'URGENT' });
    await agent.settle();
    expect(agent.notifications(TYPE)).toHaveLength(before + 1);
  });

  it('let a person hold two roles, and join twice without harm', async () => {
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' });
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'MANAGER' });
    const self = [oldId(simulator)];
    expect(await details()).toMatchObject({ participants: { ASSIGNED_AGENT: self, MANAGER: self } });
  });

  it('name an agent who also reads along once when the survey opens', async () => {
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'READER' });
    await chat.close();
    const { participants, dialogs } = await details();
    expect(participants).toMatchObject({ READER: [oldId(simulator)] });
    for (const { participantsDetails } of dialogs as { participantsDetails: { role: string }[] }[]) {
      expect(participantsDetails.filter(({ role }) => role === 'READER')).toHaveLength(1);
    }
  });

  it('replace a consumer by another', async () => {
    const taken = await update(
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'CONSUMER', userId: 'c-1' },
      { field: 'ParticipantsChange', type: 'ADD', role: 'CONSUMER', userId: 'c-2' },
    );
    expect(taken).toMatchObject({ code: 200 });
    expect(await details()).toMatchObject({ participants: { CONSUMER: ['c-2'] } });
  });

  it('of an unknown conversation are refused', async () => {
    const body = { conversationId: 'nope', conversationField: [{ field: 'Note', note: 'a' }] };
    expect(await agent.request('.ams.cm.UpdateConversationField', body)).toMatchObject({ code: 400 });
  });
});

describe('closing', () => {
  const main = () => ({ dialogId: chat.conversationId, state: 'CLOSE', closedBy: 'AGENT' });

  it.each(['ConversationStateField', 'Stage'])('by %s closes every dialog without a survey', async (field) => {
    expect(await update({ field, conversationState: 'CLOSE' })).toMatchObject({
      body: 'OK Conversation resolved successfully',
    });
    expect(await details()).toMatchObject({
      state: 'CLOSE',
      stage: 'CLOSE',
      closeReason: 'AGENT',
      endTs: expect.any(Number),
      dialogs: [{ dialogType: 'MAIN', state: 'CLOSE', closedBy: 'AGENT', endTs: expect.any(Number) }],
    });
    expect(await update({ field: 'Skill', type: 'UPDATE', skill: '8' })).toMatchObject({ code: 400 });
    expect(await update({ field: 'Note', note: 'late' })).toMatchObject({ code: 200 });
  });

  it('of the main dialog opens the survey of the skill', async () => {
    await update({ field: 'DialogChange', type: 'UPDATE', dialog: main() });
    const shown = await details();
    expect(shown).toMatchObject({
      state: 'CLOSE',
      stage: 'OPEN',
      closeReason: 'AGENT',
      participants: { CONSUMER: ['c-1'], READER: [oldId(simulator)] },
      dialogs: [
        {
          dialogType: 'POST_SURVEY',
          state: 'OPEN',
          metaData: { appInstallId: 'app-1' },
          participantsDetails: [
            { id: 'c-1', role: 'CONSUMER', state: 'ACTIVE' },
            { id: oldId(simulator), role: 'READER', state: 'ACTIVE' },
          ],
        },
        {
          dialogType: 'MAIN',
          state: 'CLOSE',
          closedBy: 'AGENT',
          participantsDetails: [{ role: 'CONSUMER' }, { id: oldId(simulator), role: 'READER' }],
        },
      ],
    });
    expect(shown).not.toHaveProperty('endTs');
  });

  it('of the survey’s dialog closes the conversation, after the bot has talked there', async () => {
    await update({ field: 'DialogChange', type: 'UPDATE', dialog: main() });
    const [survey] = (await details())['dialogs'] as { dialogId: string }[];
    const dialogId = survey?.dialogId ?? '';
    expect(dialogId).toMatch(/^[\w-]{22}$/);
    await update({ field: 'ParticipantsChange', type: 'ADD', role: 'AGENT', dialogId });
    const question = { type: 'ContentEvent', contentType: 'text/plain', message: 'How was it?' };
    const asked = await agent.request('.ams.ms.PublishEvent', { dialogId, event: question });
    expect(asked).toMatchObject({ body: { sequence: 0 } });
    expect(await chat.next()).toMatchObject({ text: 'How was it?', dialogId, originator: { role: 'AGENT' } });
    await chat.say('fine');
    await agent.frame((frame) => (frame.body as { event?: { message?: string } })?.event?.message === 'fine');
    const done = { dialogId, state: 'CLOSE', closedBy: 'AGENT', closedCause: 'Completed' };
    await update({ field: 'DialogChange', type: 'UPDATE', dialog: done });
    expect(await details()).toMatchObject({
      stage: 'CLOSE',
      endTs: expect.any(Number),
      dialogs: [{ state: 'CLOSE', closedCause: 'Completed' }, {}],
    });
    await chat.closed;
    expect(chat.stage).toBe('CLOSE');
  });

  it.each([
    ['a skill without one', { skillId: '8' }, {}],
    ['no skill', {}, {}],
    ['a device that knows no dialogs', { skillId: '7' }, { features: [] }],
  ])('the main dialog with %s closes the conversation without a survey', async (_what, conversation, profile) => {
    const other = await simulator.consumer(profile).startConversation(conversation);
    await other.close();
    await other.closed;
    expect(other.stage).toBe('CLOSE');
  });

  it.each([
    ['an hour', {}, 60 * 60_000],
    ['a time of its own', { timeoutMs: 10_000 }, 10_000],
  ])('comes by itself to a survey in which nothing happens for %s', async (_, more, timeoutMs) => {
    await simulator.close();
    const clock = createManualClock();
    simulator = await startSimulator({
      clock,
      idleTimeoutMs: 7_200_000,
      skills: [{ id: '7', survey: { appInstallId: 'app-1', ...more } }],
    });
    const left = await simulator.consumer().startConversation({ skillId: '7' });
    const answered = await simulator.consumer().startConversation({ skillId: '7' });
    await Promise.all([left.close(), answered.close()]);
    await clock.advance(timeoutMs - 1_000);
    await answered.say('one answer');
    await clock.advance(1_000);
    await left.closed;
    expect([left.stage, answered.stage]).toEqual(['CLOSE', 'OPEN']);
    await clock.advance(timeoutMs - 1_000);
    await answered.closed;
    expect(answered.state).toBe('CLOSE');
  });

  it('a dialog twice is refused, and other dialogs can be made', async () => {
    const created = await update({ field: 'DialogChange', type: 'CREATE', dialog: { dialogType: 'OTHER' } });
    expect(created).toMatchObject({ code: 200 });
    expect(await details()).toMatchObject({ dialogs: [{ dialogType: 'OTHER' }, { dialogType: 'MAIN' }] });
    await update({ field: 'DialogChange', type: 'UPDATE', dialog: main() });
    expect(await update({ field: 'DialogChange', type: 'UPDATE', dialog: main() })).toMatchObject({
      code: 400,
      body: 'Dialog is closed',
    });
  });
});

describe('a dialog that a client adds', () => {
  const create = (dialog: object) => update({ field: 'DialogChange', type: 'CREATE', dialog });

  it('takes no dialog away from another conversation, nor the place of one of its own', async () => {
    const other = await simulator.consumer().startConversation({ message: 'mine' });
    const ids = [other.conversationId, chat.conversationId];
    for (const dialogId of ids) expect(await create({ dialogId })).toMatchObject(EXISTS);
    const twice = { field: 'DialogChange', type: 'CREATE', dialog: { dialogId: 'side' } };
    expect(await update(twice, twice)).toMatchObject(EXISTS);
    expect(await update(twice)).toMatchObject({ code: 200 });
    expect(await create({ dialogId: 'side' })).toMatchObject(EXISTS);
    await other.say('still mine');
    expect(other.transcript.map(({ text }) => text)).toEqual(['mine', 'still mine']);
  });

  it.each([
    ['an empty id', { dialogId: '' }],
    ['a second main dialog', { dialogType: 'MAIN' }],
    ['a type that the platform does not have', { dialogType: 'NONSENSE' }],
    ['a channel that the platform does not have', { channelType: 'NONSENSE' }],
  ])('is refused with %s', async (_, dialog) => {
    expect(await create(dialog)).toMatchObject({ code: 400 });
    expect((await details())['dialogs']).toHaveLength(1);
  });

  it.each(['MESSAGING', 'LIVE_CHAT', 'COBROWSE', 'VIDEO_CALL', 'VOICE_CALL'])(
    'may be of channel %s',
    async (channelType) => {
      expect(await create({ channelType })).toMatchObject({ code: 200 });
      expect(await details()).toMatchObject({ dialogs: [{ channelType }, { dialogType: 'MAIN' }] });
    },
  );

  it('is closed by consumer, agent or system, and nobody else', async () => {
    await create({ dialogId: 'side' });
    const close = (closedBy: string) =>
      update({ field: 'DialogChange', type: 'UPDATE', dialog: { dialogId: 'side', state: 'CLOSE', closedBy } });
    expect(await close('NONSENSE')).toMatchObject({ code: 400, body: 'Bad request: closedBy is unknown' });
    expect(await close('SYSTEM')).toMatchObject({ code: 200 });
    expect(await details()).toMatchObject({ dialogs: [{ closedBy: 'SYSTEM' }, {}] });
  });
});
