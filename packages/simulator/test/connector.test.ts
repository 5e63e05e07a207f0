import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, oldId, type RawClient } from './support/raw-client.ts';
import { call, claimsOf, connectorHeaders } from './support/rest.ts';

const EVENTS = '.ams.ms.OnlineEventDistribution';
const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const SUBSCRIBE = '.ams.aam.SubscribeExConversations';
const HOUR_MS = 60 * 60_000;

let simulator: Simulator;
let clock: ManualClock;
let headers: Record<string, string>;
beforeEach(async () => {
  clock = createManualClock();
  simulator = await startSimulator({ clock, skills: [{ id: '7', survey: { appInstallId: 'survey-app' } }] });
  headers = await connectorHeaders(simulator);
});
afterEach(() => simulator.close());

const base = () => `${simulator.url}/api/account/${simulator.accountId}/messaging/consumer/conversation`;
const create = (body: unknown, given: Record<string, string> = headers) =>
  call('POST', `${base()}?v=3`, { headers: given, body });
const send = (body: unknown, given: Record<string, string> = headers) =>
  call('POST', `${base()}/send?v=3`, { headers: given, body });
const profile = (body: object = {}) => ({ kind: 'req', id: '1,', type: 'userprofile.SetUserProfile', body });
const request = (body: object = {}) => ({ kind: 'req', id: '2,', type: 'cm.ConsumerRequestConversation', body });
const text = (dialogId: string | undefined, message: unknown) => ({
  kind: 'req',
  id: '3',
  type: 'ms.PublishEvent',
  body: { dialogId, event: { type: 'ContentEvent', contentType: 'text/plain', message } },
});

async function openConversation(body: object = {}, given = headers): Promise<string> {
  const { body: responses } = await create([profile(), request(body)], given);
  return (responses as { body: { conversationId: string } }[])[1]?.body.conversationId ?? '';
}
async function join(agent: RawClient, conversationId: string): Promise<void> {
  const conversationField = [{ field: 'ParticipantsChange', type: 'ADD', role: 'ASSIGNED_AGENT' }];
  await agent.request('.ams.cm.UpdateConversationField', { conversationId, conversationField });
}
const refusal = (code: number, errorCode: number, title: string) => ({
  status: code,
  body: { kind: 'resp', code, type: '.ReqBody$ErrorResp', body: { title, errorCode, details: expect.any(String) } },
});

describe('a connector', () => {
  // verifies: rest:send
  it('opens a conversation with a batch of two requests, each with its response under its id', async () => {
    const { status, body } = await create([profile(), request({ brandId: simulator.accountId })]);
    expect(status).toBe(200);
    expect(body).toEqual([
      { code: 'OK', body: { msg: 'OK User Profile set successfully' }, reqId: '1,' },
      { code: 'OK', body: { conversationId: expect.stringMatching(/^[0-9a-f-]{36}$/) }, reqId: '2,' },
    ]);
  });

  it('says the first words in the same batch, of a dialog that it does not know yet', async () => {
    const agent = await connectAgent(simulator);
    await agent.request(SUBSCRIBE, {});
    const { status, body } = await create([profile(), request(), text(undefined, 'Hi'), text(undefined, 'there')]);
    expect(status).toBe(200);
    const [, opened, ...said] = body as { body: { conversationId: string } }[];
    expect(said).toEqual([
      { code: 'OK', body: { sequence: 0 }, reqId: '3' },
      { code: 'OK', body: { sequence: 1 }, reqId: '3' },
    ]);
    const dialogId = opened?.body.conversationId;
    const { body: messages } = await agent.request('.ams.ms.QueryMessages', { dialogId, maxQuantity: 9 });
    expect(messages).toMatchObject([{ event: { message: 'Hi' } }, { event: { message: 'there' } }]);
    agent.close();
  });

  it.each<[string, unknown[]]>([
    ['a message without an event', [profile({ firstName: 'Eve' }), request(), { ...text(undefined, ''), body: {} }]],
    [
      'a second message that is none',
      [profile({ firstName: 'Eve' }), request(), text(undefined, 'a'), text(undefined, 5)],
    ],
    ['a message for another dialog', [profile({ firstName: 'Eve' }), request(), text('none', 'a')]],
    ['another brand', [profile({ firstName: 'Eve' }), request({ brandId: 'other' }), text(undefined, 'a')]],
    ['what is no message', [profile({ firstName: 'Eve' }), request(), { id: '3', type: 'userprofile.GetUserProfile' }]],
  ])('leaves everything as it was when the batch is refused for %s', async (_, batch) => {
    expect(await create([profile({ firstName: 'Ada' }), request({ brandId: 'other' })])).toMatchObject({ status: 400 });
    expect(await create(batch)).toMatchObject(refusal(400, 40_000, 'Request refused'));
    const { body } = await send({ id: '1', type: 'userprofile.GetUserProfile', body: {} });
    expect(body).toMatchObject({ body: { firstName: '' } });
    expect(await openConversation()).not.toBe('');
  });

  it('opens it for an agent like any other: it rings, shows the profile and is answered', async () => {
    const agent = await connectAgent(simulator);
    await agent.request('.ams.routing.SubscribeRoutingTasks', { agentId: oldId(simulator) });
    await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
    const sdes = [{ type: 'personal', personal: { firstname: 'Ada', lastname: 'L' } }];
    const { body } = await create([profile({ firstName: 'Ada', authenticatedData: { lp_sdes: sdes } }), request()]);
    const [, opened] = body as { body: { conversationId: string } }[];
    const ring = await agent.change('.ams.routing.RoutingTaskNotification');
    expect(ring.result).toMatchObject({ conversationId: opened?.body.conversationId });
    const consumerId = String(ring.result['consumerId']);
    const known = await agent.request('.ams.userprofile.GetUserProfile', { userId: consumerId });
    expect(known.body).toMatchObject({ firstName: 'Ada', authenticatedData: { lp_sdes: sdes } });
  });

  it('sends messages, typing states and marks in the consumer’s name', async () => {
    const agent = await connectAgent(simulator);
    const conversationId = await openConversation();
    await join(agent, conversationId);
    expect(await send(text(conversationId, 'hello from afar'))).toEqual({
      status: 200,
      headers: expect.any(Object),
      body: { code: 'OK', body: { sequence: 0 }, reqId: '3' },
    });
    const received = await agent.frame((frame) => frame.type === EVENTS);
    expect(received.body).toMatchObject({
      sequence: 0,
      event: { message: 'hello from afar' },
      originatorMetadata: { role: 'CONSUMER' },
    });
    const typing = { type: 'ChatStateEvent', chatState: 'COMPOSING' };
    const mark = { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [0] };
    const responses = [];
    for (const event of [typing, mark]) {
      responses.push(await send({ id: '4', type: 'ms.PublishEvent', body: { dialogId: conversationId, event } }));
    }
    expect(responses).toMatchObject([{ body: { body: { sequence: 0 } } }, { body: { body: { sequence: 1 } } }]);
  });

  it('sends metadata beside a message', async () => {
    const agent = await connectAgent(simulator);
    const conversationId = await openConversation();
    await join(agent, conversationId);
    const metadata = [{ type: 'ExternalId', id: 'x-1' }];
    await send({ ...text(conversationId, 'with more'), metadata });
    const received = await agent.frame((frame) => frame.type === EVENTS);
    expect(received.body).toMatchObject({ metadata });
  });

  it('rates and closes the conversation', async () => {
    const conversationId = await openConversation();
    const update = (conversationField: object) =>
      send({ id: '5', type: 'cm.UpdateConversationField', body: { conversationId, conversationField } });
    expect(await update({ field: 'CSATRate', csatRate: 4, csatResolutionConfirmation: true })).toMatchObject({
      body: { code: 'OK', body: { msg: 'OK CSAT processed successfully' }, reqId: '5' },
    });
    expect(await update({ field: 'ConversationStateField', conversationState: 'CLOSE' })).toMatchObject({
      body: { code: 'OK', body: { msg: 'OK Conversation resolved successfully' } },
    });
    expect(await send(text(conversationId, 'late'))).toMatchObject({ status: 400 });
  });

  it('gets a survey after closing when its consumer’s device knows dialogs, and none otherwise', async () => {
    const agent = await connectAgent(simulator);
    await agent.request('.ams.aam.SubscribeExConversations', { stage: ['OPEN', 'CLOSE'] });
    const closing = async (given: Record<string, string>) => {
      const conversationId = await openConversation({ skillId: '7' }, given);
      await join(agent, conversationId);
      const dialog = { dialogId: conversationId, state: 'CLOSE' };
      const conversationField = { field: 'DialogChange', type: 'UPDATE', dialog };
      await send({ id: '6', type: 'cm.UpdateConversationField', body: { conversationId, conversationField } }, given);
      const { result } = await agent.change(CONVERSATIONS, (each) => {
        const { state } = each.result['conversationDetails'] as { state: string };
        return each.result['convId'] === conversationId && state === 'CLOSE';
      });
      return (result['conversationDetails'] as { dialogs: { dialogType: string }[] }).dialogs.map((d) => d.dialogType);
    };
    expect(await closing(headers)).toEqual(['MAIN']);
    const properties = JSON.stringify({ type: '.ClientProperties', features: ['MULTI_DIALOG'] });
    const other = await connectorHeaders(simulator, 'somebody else');
    expect(await closing({ ...other, 'client-properties': properties })).toEqual(['POST_SURVEY', 'MAIN']);
  });

  it('shares a file: a path, the bytes, then the message', async () => {
    const conversationId = await openConversation();
    const asked = await send({ id: '7', type: 'ms.GenerateURLForUploadFile', body: { fileSize: 3, fileType: 'PNG' } });
    const { relativePath, queryParams } = (asked.body as { body: { relativePath: string; queryParams: object } }).body;
    const query = new URLSearchParams(Object.entries(queryParams) as [string, string][]);
    const put = await call('PUT', `${simulator.url}${relativePath}?${query.toString()}`, { body: 'abc' });
    expect(put.status).toBe(201);
    const event = {
      type: 'ContentEvent',
      contentType: 'hosted/file',
      message: { relativePath, fileType: 'PNG', caption: '' },
    };
    const published = await send({ id: '8', type: 'ms.PublishEvent', body: { dialogId: conversationId, event } });
    expect(published).toMatchObject({ status: 200, body: { code: 'OK' } });
  });

  it('keeps its consumers apart, and each of them the same over time', async () => {
    const subject = (given: Record<string, string>) => claimsOf(given['x-lp-on-behalf'] ?? '')['sub'];
    const again = await connectorHeaders(simulator);
    const other = await connectorHeaders(simulator, 'somebody else');
    expect(subject(again)).toBe(subject(headers));
    expect(subject(headers)).toMatch(/^[0-9a-f]{64}$/);
    expect(subject(other)).not.toBe(subject(headers));
    const conversationId = await openConversation();
    expect(await send(text(conversationId, 'not mine'), other)).toMatchObject({ status: 400 });
    expect(await openConversation({}, other)).not.toBe(conversationId);
  });

  it('has one open conversation for a consumer', async () => {
    await openConversation();
    expect(await create([profile(), request()])).toMatchObject(refusal(400, 40_000, 'Request refused'));
  });
});

describe('the two tokens of a connector', () => {
  it.each<[string, () => Record<string, string>, object]>([
    [
      'no app token',
      () => ({ 'x-lp-on-behalf': headers['x-lp-on-behalf'] ?? '' }),
      refusal(401, 40_105, 'AppJWT is missing'),
    ],
    ['a wrong app token', () => ({ ...headers, authorization: 'a.b.c' }), refusal(401, 40_102, 'Invalid AppJWT')],
    ['no app token but text', () => ({ ...headers, authorization: 'x' }), refusal(401, 40_102, 'Invalid AppJWT')],
    [
      'a consumer’s token in place of the app’s',
      () => ({ ...headers, authorization: headers['x-lp-on-behalf'] ?? '' }),
      refusal(401, 40_102, 'Invalid AppJWT'),
    ],
    [
      'no consumer token',
      () => ({ authorization: headers['authorization'] ?? '' }),
      refusal(401, 40_104, 'ConsumerJWS is missing'),
    ],
    [
      'a wrong consumer token',
      () => ({ ...headers, 'x-lp-on-behalf': 'a.b.c' }),
      refusal(401, 40_103, 'Invalid ConsumerJWS'),
    ],
  ])('are refused as %s', async (_, given, expected) => {
    expect(await create([profile(), request()], given())).toMatchObject(expected);
    expect(await send(text('any', 'a'), given())).toMatchObject(expected);
  });

  it('are taken with and without the word Bearer', async () => {
    const { authorization = '' } = headers;
    const conversationId = await openConversation({}, { ...headers, authorization: `Bearer ${authorization}` });
    expect(conversationId).not.toBe('');
  });

  it('hold for an hour', async () => {
    const conversationId = await openConversation();
    await clock.advance(HOUR_MS - 1_000);
    expect(await send(text(conversationId, 'in time'))).toMatchObject({ status: 200 });
    await clock.advance(2_000);
    expect(await send(text(conversationId, 'late'))).toMatchObject(refusal(401, 40_102, 'Invalid AppJWT'));
  });

  it('cannot be changed: what was signed for one is not taken for another', async () => {
    const [head, body = '', signature] = (headers['authorization'] ?? '').split('.');
    const claims = { ...claimsOf(`.${body}`), exp: 9_999_999_999 };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    expect(await send(text('any', 'a'), { ...headers, authorization: forged })).toMatchObject(
      refusal(401, 40_102, 'Invalid AppJWT'),
    );
  });
});

describe('a request of a connector', () => {
  it.each<[string, unknown]>([
    ['an object', profile()],
    ['one request', [profile()]],
    ['the wrong order', [request(), profile()]],
    ['something that is no request', [profile(), 'x']],
    ['an unknown type', [profile(), { id: '2', type: 'cm.Nothing' }]],
    ['what needs a socket', [profile(), request(), { id: '3', type: 'cqm.SubscribeExConversations', body: {} }]],
    ['an agent’s request', [profile(), request(), { id: '3', type: '.ams.routing.SetAgentState', body: {} }]],
    ['another brand', [profile(), request({ brandId: 'other' })]],
    ['no JSON', '['],
  ])('to open a conversation is refused for %s', async (_, body) => {
    expect(await create(body)).toMatchObject(refusal(400, 40_000, 'Request refused'));
  });

  it.each<[string, unknown]>([
    ['a dialog that is not there', text('none', 'a')],
    ['a list', [text('none', 'a')]],
    ['nothing', {}],
    ['metadata without a type', { ...text('none', 'a'), metadata: [1] }],
  ])('to send is refused for %s', async (_, body) => {
    expect(await send(body)).toMatchObject(refusal(400, 40_000, 'Request refused'));
  });

  it('is made in version 3', async () => {
    const version = (v: string) => call('POST', `${base()}/send?v=${v}`, { headers, body: text('none', 'a') });
    expect((await version('2')).body).toMatchObject({ body: { details: 'v must be 3' } });
    expect((await version('3')).body).toMatchObject({ body: { details: 'Dialog does not exist' } });
  });

  it('goes to the own account', async () => {
    const foreign = `${simulator.url}/api/account/other/messaging/consumer/conversation?v=3`;
    expect(await call('POST', foreign, { headers, body: [] })).toMatchObject({ status: 401 });
  });
});

describe('too many requests of a connector', () => {
  // verifies: rest:send
  it('are refused until the second is over', async () => {
    await using limited = await startSimulator({ clock, quirks: { rateLimit: 2 } });
    const given = await connectorHeaders(limited);
    const url = `${limited.url}/api/account/${limited.accountId}/messaging/consumer/conversation`;
    const { body } = await call('POST', `${url}?v=3`, { headers: given, body: [profile(), request()] });
    const [, opened] = body as { body: { conversationId: string } }[];
    const say = () =>
      call('POST', `${url}/send?v=3`, { headers: given, body: text(opened?.body.conversationId ?? '', 'a') });
    expect([await say(), await say()]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(await say()).toMatchObject(refusal(429, 42_900, 'Request refused'));
    await clock.advance(1_000);
    expect(await say()).toMatchObject({ status: 200 });
  });
});

describe('apps', () => {
  // verifies: sim:apps
  it('are one with credentials of its own, the same for the same seed', async () => {
    const made = async (seed: number) => {
      await using other = await startSimulator({ seed });
      return createHash('sha256').update(JSON.stringify(other.apps)).digest('hex');
    };
    expect(simulator.apps).toEqual([
      { clientId: expect.any(String), clientSecret: expect.any(String), scope: 'msg.consumer' },
    ]);
    expect(await made(5)).toBe(await made(5));
    expect(await made(5)).not.toBe(await made(6));
  });

  it('leave the agents of a seed as they are', async () => {
    const agents = async (apps: { clientId: string }[]) => {
      await using other = await startSimulator({ seed: 5, apps });
      return JSON.stringify(other.agents);
    };
    expect(await agents([{ clientId: 'a' }, { clientId: 'b' }])).toBe(await agents([]));
  });
});
