import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { type Change, connectAgent, consumerUrl, open, type RawClient } from './support/raw-client.ts';
import { call, claimsOf } from './support/rest.ts';

const CONVERSATIONS = 'cqm.ExConversationChangeNotification';
const UPDATE = 'cm.UpdateConversationField';
const PUBLISH = 'ms.PublishEvent';

let simulator: Simulator;
let agent: RawClient;
let unknown: RawClient;
let unknownToken: string;
let conversationId: string;
beforeEach(async () => {
  simulator = await startSimulator();
  agent = await connectAgent(simulator);
  await agent.request('.ams.aam.SubscribeExConversations', {});
  ({ token: unknownToken } = await authorize('/anonymous/authorize'));
  unknown = await connect(unknownToken);
  await unknown.request('cqm.SubscribeExConversations', { stage: ['OPEN'] });
  const opened = await unknown.request('cm.ConsumerRequestConversation', {});
  ({ conversationId } = opened.body as { conversationId: string });
  await unknown.request('ms.SubscribeMessagingEvents', { dialogId: conversationId, fromSeq: 0 });
  await say(unknown, 'hello');
});
afterEach(() => simulator.close());

const account = () => `${simulator.url}/api/account/${simulator.accountId}`;
async function authorize(path: string, body: object = {}): Promise<{ token: string }> {
  return (await call('POST', `${account()}${path}`, { body })).body as { token: string };
}
const signIn = (body: object) => authorize('/app/default/authenticate?v=3.0', body);
const connect = (token: string) => open(consumerUrl(simulator), { authorization: `jwt ${token}` });
const subjectOf = (token: string) => String(claimsOf(token)['sub']);
const say = (client: RawClient, message: string) =>
  client.request(PUBLISH, {
    dialogId: conversationId,
    event: { type: 'ContentEvent', contentType: 'text/plain', message },
  });
const consumer = (type: string, userId: string) => ({ field: 'ParticipantsChange', type, role: 'CONSUMER', userId });
const takeOver = (client: RawClient, from: string, to: string) =>
  client.request(UPDATE, {
    conversationId,
    conversationField: [consumer('REMOVE', subjectOf(from)), consumer('ADD', subjectOf(to))],
  });

describe('a consumer who signs in during a conversation', () => {
  let known: RawClient;
  let knownToken: string;
  beforeEach(async () => {
    ({ token: knownToken } = await signIn({ lp_jwt: unknownToken, code: 'carol' }));
    known = await connect(knownToken);
    await known.request('cqm.SubscribeExConversations', { stage: ['OPEN'] });
  });

  it('takes it over, and then talks in it, while the one without a name cannot', async () => {
    expect(await takeOver(known, unknownToken, knownToken)).toMatchObject({ code: 200 });
    expect(await say(known, 'it is me')).toMatchObject({ code: 200, body: { sequence: 1 } });
    expect(await say(unknown, 'still me')).toMatchObject({ code: 400, body: 'Not a participant' });
    const field = { field: 'Stage', conversationState: 'CLOSE' };
    expect(await unknown.request(UPDATE, { conversationId, conversationField: [field] })).toMatchObject({ code: 400 });
    expect(await known.request(UPDATE, { conversationId, conversationField: [field] })).toMatchObject({ code: 200 });
  });

  it('is shown in the agent’s and in the own view, and in that of nobody else', async () => {
    await takeOver(known, unknownToken, knownToken);
    const [from, to] = [subjectOf(unknownToken), subjectOf(knownToken)];
    const isTaken = ({ result }: Change) => JSON.stringify(result['conversationDetails']).includes(to);
    const { result } = await agent.change<Change>('.ams.aam.ExConversationChangeNotification', isTaken);
    const details = result['conversationDetails'] as { participants: object; dialogs: object[] };
    expect(details.participants).toEqual({ CONSUMER: [to] });
    expect(details.dialogs).toMatchObject([{ participantsDetails: [{ id: to, role: 'CONSUMER', state: 'ACTIVE' }] }]);
    expect(JSON.stringify(details)).not.toContain(from);
    await known.change<Change>(CONVERSATIONS, ({ type }) => type === 'UPSERT');
    await unknown.change<Change>(CONVERSATIONS, ({ type }) => type === 'DELETE');
  });

  it('reads what was said before, and hears what is said now, alone', async () => {
    await takeOver(known, unknownToken, knownToken);
    await known.request('ms.SubscribeMessagingEvents', { dialogId: conversationId, fromSeq: 0 });
    await known.frame((frame) => JSON.stringify(frame.body ?? '').includes('hello'));
    await say(known, 'only for me');
    await known.frame((frame) => JSON.stringify(frame.body ?? '').includes('only for me'));
    await unknown.settle();
    expect(JSON.stringify(unknown.frames)).not.toContain('only for me');
    const query = await unknown.request('ms.QueryMessages', { dialogId: conversationId });
    expect(query).toMatchObject({ code: 400 });
  });

  it('may do nothing else in it before', async () => {
    expect(await say(known, 'it is me')).toMatchObject({ code: 400 });
    const conversationField = [{ field: 'Stage', conversationState: 'CLOSE' }];
    expect(await known.request(UPDATE, { conversationId, conversationField })).toMatchObject({ code: 400 });
    const asAgent = [{ field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' }];
    expect(await known.request(UPDATE, { conversationId, conversationField: asAgent })).toMatchObject({ code: 400 });
  });

  it('leaves the one without a name free to begin another one', async () => {
    await takeOver(known, unknownToken, knownToken);
    expect(await unknown.request('cm.ConsumerRequestConversation', {})).toMatchObject({ code: 200 });
    expect(await known.request('cm.ConsumerRequestConversation', {})).toMatchObject({ code: 400 });
  });
});

describe('a conversation', () => {
  it('is not taken over by a consumer whose sign-in did not name it, nor given away', async () => {
    const { token } = await signIn({ code: 'mallory' });
    const stranger = await connect(token);
    expect(await takeOver(stranger, unknownToken, token)).toMatchObject({ code: 400 });
    expect(await takeOver(unknown, unknownToken, token)).toMatchObject({ code: 400, body: 'Not a participant' });
    expect(await say(unknown, 'still mine')).toMatchObject({ code: 200 });
  });
});
