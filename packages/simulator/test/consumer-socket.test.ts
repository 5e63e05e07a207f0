import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import {
  type Change,
  connectAgent,
  connectConsumer,
  consumerUrl,
  open,
  post,
  type RawClient,
  refusedWith,
} from './support/raw-client.ts';

const CONVERSATIONS = 'cqm.ExConversationChangeNotification';
const EVENTS = 'ms.MessagingEventNotification';
const clock = createManualClock();
let simulator: Simulator;
let consumer: RawClient;
beforeEach(async () => {
  simulator = await startSimulator({ clock });
  consumer = await connectConsumer(simulator);
});
afterEach(() => simulator.close());

async function token(call = 'signup', body: object = {}): Promise<string> {
  const response = await post(`${simulator.url}/api/account/${simulator.accountId}/${call}`, body);
  const tokens = (await response.json()) as { jwt?: string; token?: string };
  return tokens.jwt ?? tokens.token ?? '';
}
const claims = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const startConversation = async () => {
  const response = await consumer.request('cm.ConsumerRequestConversation');
  return (response.body as { conversationId: string }).conversationId;
};
const say = (dialogId: string, message: string) =>
  consumer.request('ms.PublishEvent', {
    dialogId,
    event: { type: 'ContentEvent', contentType: 'text/plain', message },
  });

describe('identity tokens', () => {
  it('name the consumer, the account and when they end', async () => {
    const given = claims(await token());
    expect(given).toMatchObject({ sub: expect.any(String), aud: `acc:${simulator.accountId}` });
    expect(given['exp']).toBe((given['iat'] as number) + 3_600);
    expect(claims(await token('anonymous/authorize'))['sub']).not.toBe(given['sub']);
  });

  it('name the same consumer for the same authentication, with 64 hex characters', async () => {
    const first = claims(await token('authenticate', { authCode: 'ada' }));
    const second = claims(await token('app/default/authenticate', { code: 'ada' }));
    expect(first['sub']).toMatch(/^[0-9a-f]{64}$/);
    expect(second['sub']).toBe(first['sub']);
    expect(first).toHaveProperty(['lp.ext', 'sub'], first['sub']);
    const url = `${simulator.url}/api/account/${simulator.accountId}/authenticate`;
    expect((await post(url, {})).status).toBe(400);
  });
});

describe('opening a consumer’s socket', () => {
  it('refuses a forged or expired token in the header', async () => {
    const [head, , signature] = (await token()).split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'eve', aud: `acc:${simulator.accountId}`, exp: 9e9 }));
    const url = consumerUrl(simulator);
    const authorization = `jwt ${head}.${forged.toString('base64url')}.${signature}`;
    expect(await refusedWith(url, { authorization })).toBe(401);
    expect(await refusedWith(url, { authorization: 'jwt nonsense' })).toBe(401);
    const jwt = await token();
    await clock.advance(3_600_000);
    expect(await refusedWith(url, { authorization: `jwt ${jwt}` })).toBe(401);
  });

  it('takes the token in InitConnection, and nothing else before it', async () => {
    const client = await open(consumerUrl(simulator));
    expect(await client.request('GetClock')).toMatchObject({ code: 401, type: 'StringResponse' });
    const headers = [
      { type: '.ams.headers.ClientProperties', os: 'ANDROID', features: ['MULTI_DIALOG'] },
      { type: '.ams.headers.ConsumerAuthentication', jwt: await token() },
    ];
    expect(await client.request('InitConnection', {}, { headers })).toMatchObject({
      code: 200,
      type: 'StringResponse',
    });
    expect(await client.request('GetClock')).toMatchObject({ code: 200 });
    expect(await client.request('InitConnection', {}, { headers })).toMatchObject({ code: 200 });
  });

  it.each([
    ['no token', () => '', 4401],
    ['a token that is not one', () => 'nonsense', 4407],
  ])('closes for %s in InitConnection', async (_what, jwt, code) => {
    const client = await open(consumerUrl(simulator));
    const headers = [{ type: '.ams.headers.ConsumerAuthentication', jwt: jwt() }];
    client.send({ kind: 'req', id: '1', type: 'InitConnection', headers });
    expect(await client.closed).toMatchObject({ code });
  });

  it.each([
    ['that the platform gave, which it extends', () => token(), 4407],
    [
      'that the brand vouches for, which gives another',
      () => token('app/default/authenticate?v=3.0', { id_token: 'ada' }),
      4401,
    ],
  ])('closes for a token out of time %s', async (_, get, code) => {
    await simulator.close();
    simulator = await startSimulator({ clock, idleTimeoutMs: 3_600_000 });
    const jwt = await get();
    const live = await open(consumerUrl(simulator));
    const headers = [{ type: '.ams.headers.ConsumerAuthentication', jwt }];
    await live.request('InitConnection', {}, { headers });
    const byHeader = await open(consumerUrl(simulator), { authorization: `jwt ${jwt}` });
    await clock.advance(3_590_000);
    for (const client of [live, byHeader]) expect(await client.request('GetClock')).toMatchObject({ code: 200 });
    await clock.advance(10_000);
    expect([await live.closed, await byHeader.closed]).toMatchObject([{ code }, { code }]);
    const late = await open(consumerUrl(simulator));
    late.send({ kind: 'req', id: '1', type: 'InitConnection', headers });
    expect(await late.closed).toMatchObject({ code });
  });

  it('closes with 4401 when nobody says who it is', async () => {
    const silent = await open(consumerUrl(simulator));
    await clock.advance(5_000);
    expect(await silent.closed).toMatchObject({ code: 4401 });
  });
});

describe('a consumer’s conversation', () => {
  it('is opened without a body, once at a time', async () => {
    const response = await consumer.request('cm.ConsumerRequestConversation');
    expect(response).toMatchObject({
      code: 200,
      type: 'cm.RequestConversationResponse',
      body: { conversationId: expect.any(String) },
    });
    const again = await consumer.request('cm.ConsumerRequestConversation', {});
    expect(again).toMatchObject({ code: 400, type: 'StringResponse', body: expect.any(String) });
  });

  it.each([
    ['an unknown channel', { channelType: 'TELEPATHY' }],
    ['another brand', { brandId: 'other' }],
    ['an unknown priority', { ttrDefName: 'SOMETIME' }],
    ['a context that is not one', { conversationContext: 'web' }],
  ])('is refused with %s', async (_what, body) => {
    expect(await consumer.request('cm.ConsumerRequestConversation', body)).toMatchObject({ code: 400 });
  });

  it('is responded to before it is told of, in a write of its own', async () => {
    await consumer.request('cqm.SubscribeExConversations', { convState: ['OPEN'] });
    await consumer.frame(({ type }) => type === CONVERSATIONS);
    const id = await startConversation();
    // A client puts its conversation under this id here; what came with the response would have been read before.
    expect(consumer.changes(CONVERSATIONS)).toEqual([]);
    await consumer.change(CONVERSATIONS, ({ result }) => result['convId'] === id);
  });

  it('is told of with the response by the quirk', async () => {
    await using other = await startSimulator({ quirks: { firstNotification: 'with-response' } });
    const client = await connectConsumer(other);
    await client.request('cqm.SubscribeExConversations', { convState: ['OPEN'] });
    await client.frame(({ type }) => type === CONVERSATIONS);
    await client.request('cm.ConsumerRequestConversation');
    expect(client.changes(CONVERSATIONS)).toHaveLength(1);
  });

  it.each([
    ['today', 1],
    ['2018', 0],
  ] as const)('as of %s, %i notification says that nothing was said before it was asked for', async (form, count) => {
    await using other = await startSimulator({ quirks: { consumerFrames: form } });
    const client = await connectConsumer(other);
    const { body } = await client.request('cm.ConsumerRequestConversation');
    const { conversationId: dialogId } = body as { conversationId: string };
    await client.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 0 });
    await client.settle();
    expect(client.notifications(EVENTS).map((frame) => frame.body)).toEqual(
      Array(count).fill({ sentTs: expect.any(Number), changes: [] }),
    );
  });

  it('is shown in the consumers’ form, with PIDs', async () => {
    await consumer.request('cqm.SubscribeExConversations', { stage: ['OPEN', 'CLOSE'] });
    const conversationId = await startConversation();
    const agent = await connectAgent(simulator);
    await agent.request('.ams.cm.UpdateConversationField', {
      conversationId,
      conversationField: { field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' },
    });
    type Details = { participants: { role: string; id: string }[] };
    const found = await consumer.change(CONVERSATIONS, (change: Change) =>
      (change.result['conversationDetails'] as Details).participants.some((p) => p.role === 'ASSIGNED_AGENT'),
    );
    const details = found.result['conversationDetails'] as Details & Record<string, unknown>;
    expect(details.participants[1]).toEqual({ id: simulator.agents[0]?.pid, role: 'ASSIGNED_AGENT' });
    expect(details).toMatchObject({
      dialogs: [{ participantsDetails: [{ role: 'CONSUMER' }, { id: simulator.agents[0]?.pid }], dialogType: 'MAIN' }],
      brandId: simulator.accountId,
      state: 'OPEN',
      stage: 'OPEN',
    });
    expect(details).not.toHaveProperty('participantsPId');
    expect(found.result).not.toHaveProperty('numberOfunreadMessages');
  });

  it('sends events only after they are asked for: first what was missed, in one frame, then live', async () => {
    const dialogId = await startConversation();
    await say(dialogId, 'a');
    await say(dialogId, 'b');
    expect(consumer.notifications(EVENTS)).toHaveLength(0);
    const response = await consumer.request('ms.SubscribeMessagingEvents', { dialogId, fromSeq: 0 });
    expect(response).toMatchObject({ code: 200, type: 'GenericSubscribeResponse', body: {} });
    await say(dialogId, 'c');
    await consumer.request('GetClock');
    const [replay, live] = consumer.notifications(EVENTS).map((frame) => (frame.body as { changes: object[] }).changes);
    expect(replay).toMatchObject([{ sequence: 0 }, { sequence: 1, event: { message: 'b' } }]);
    expect(replay?.[0]).not.toHaveProperty('conversationId');
    expect(live).toMatchObject([
      { sequence: 2, conversationId: dialogId, dialogId, originatorMetadata: { role: 'CONSUMER' } },
    ]);
    expect(live?.[0]).not.toHaveProperty('originatorPId');
  });

  it('is rated in the object form, and closed, by the consumer', async () => {
    await consumer.request('cqm.SubscribeExConversations', {});
    const conversationId = await startConversation();
    const csat = { field: 'CSATRate', csatRate: 4, csatResolutionConfirmation: false, status: 'FILLED' };
    const update = (conversationField: object) =>
      consumer.request('cm.UpdateConversationField', { conversationId, conversationField });
    expect(await update(csat)).toMatchObject({
      code: 200,
      body: 'OK CSAT processed successfully',
      type: 'StringResponse',
    });
    expect(await update({ field: 'Stage', conversationState: 'CLOSE' })).toMatchObject({ code: 200 });
    const closed = await consumer.change(CONVERSATIONS, (c: Change) =>
      Object.hasOwn(c.result['conversationDetails'] as object, 'endTs'),
    );
    expect(closed.result['conversationDetails']).toMatchObject({ closeReason: 'CONSUMER', csat });
  });

  it('is hidden from other consumers', async () => {
    const conversationId = await startConversation();
    const other = await connectConsumer(simulator);
    await other.request('cqm.SubscribeExConversations', { conversationId });
    await other.request('cqm.SubscribeExConversations', {});
    expect(await other.request('ms.SubscribeMessagingEvents', { dialogId: conversationId })).toMatchObject({
      code: 400,
    });
    const body = { conversationId, conversationField: [{ field: 'Note', note: 'x' }] };
    expect(await other.request('cm.UpdateConversationField', body)).toMatchObject({ code: 400 });
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'x' };
    expect(await other.request('ms.PublishEvent', { dialogId: conversationId, event })).toMatchObject({ code: 400 });
    await say(conversationId, 'mine');
    await other.request('GetClock');
    expect(other.changes(CONVERSATIONS)).toEqual([]);
  });

  it('cannot be used for private messages or agents’ requests', async () => {
    const dialogId = await startConversation();
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'x' };
    const messageAudience = 'AGENTS_AND_MANAGERS';
    expect(await consumer.request('ms.PublishEvent', { dialogId, event, messageAudience })).toMatchObject({
      code: 400,
    });
    for (const type of ['rs.SetAgentState', 'rs.SubscribeRoutingTasks', 'cm.AgentRequestConversation']) {
      expect(await consumer.request(type, { availability: 'ONLINE' })).toMatchObject({ code: 401 });
    }
  });

  it('goes on without a socket that has closed', async () => {
    const dialogId = await startConversation();
    await consumer.request('ms.SubscribeMessagingEvents', { dialogId });
    consumer.close();
    await once(consumer.socket, 'close');
    expect(simulator.sayAsConsumer(dialogId, 'from elsewhere')).toBe(0);
  });
});
