import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OutcomeUnknownError, RequestTimeoutError } from '@lp/core';
import { type Agent, ResponseError, SDKError, TransformError } from '@lp/node-agent-sdk';
import { emitted, errors, names, next, outcome } from './support/fixture.ts';
import { OWN_OLD_ID } from './support/frames.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';

let fixture: RawFixture;
beforeEach(async () => {
  fixture = await startRawFixture();
});
afterEach(() => fixture.end());

const lastRequest = () => fixture.platform.requests.at(-1);

describe('a request', () => {
  it('puts what precedes the callback in its places, and leaves the others off the wire', async () => {
    const agent = await fixture.connected();
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'hi' } as const;
    const body = { dialogId: 'd', event };
    const sent: unknown[] = [];
    agent.on('message:sent', (frame) => sent.push(frame));
    expect(await outcome((done) => agent.publishEvent(body, done))).toEqual([null, 'done']);
    expect(Object.keys(lastRequest() ?? {})).toEqual(['kind', 'id', 'type', 'body']);
    await outcome((done) => agent.publishEvent(body, [{ type: 'h' }], done));
    expect(Object.keys(lastRequest() ?? {})).toEqual(['kind', 'id', 'type', 'body', 'headers']);
    await outcome((done) => agent.publishEvent(body, {}, [{ type: 'ExternalId', id: 'x' }], null, done));
    expect(lastRequest()).toMatchObject({
      kind: 'req',
      type: '.ams.ms.PublishEvent',
      body,
      headers: {},
      metadata: [{ type: 'ExternalId', id: 'x' }],
      encodedMetadata: null,
    });
    expect(sent).toMatchObject([{ kind: 'req', type: '.ams.ms.PublishEvent', body }, {}, { encodedMetadata: null }]);
    expect(Object.keys(sent[0] as object)).toEqual([
      'kind',
      'id',
      'type',
      'body',
      'headers',
      'metadata',
      'encodedMetadata',
    ]);
  });

  it('gives nothing back, works unbound, without a body and without a callback', async () => {
    const agent = await fixture.connected();
    const { getClock, subscribeRoutingTasks } = agent;
    expect(getClock()).toBeUndefined();
    subscribeRoutingTasks();
    await outcome((done) => getClock({}, done));
    expect(fixture.platform.requests.map(({ type, body }) => [type, body])).toEqual([
      ['.GetClock', {}],
      ['.ams.routing.SubscribeRoutingTasks', { channelType: 'MESSAGING', agentId: OWN_OLD_ID, brandId: 'le4711' }],
      ['.GetClock', {}],
    ]);
  });

  it('can be made a promise, unbound', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) =>
      fixture.platform.respond(request, { currentTime: 7 }, 200, '.GetClock$Response');
    expect(await promisify(agent.getClock)({})).toEqual({ currentTime: 7 });
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'no', 400);
    await expect(promisify(agent.getClock)({})).rejects.toMatchObject({ code: 400, body: 'no' });
  });

  it('emits the response under its own type, then calls back', async () => {
    const agent = await fixture.connected();
    const order: unknown[] = [];
    agent.on('.ReqBody$StringResp', (body: unknown, reqId: unknown) => order.push([body, typeof reqId]));
    await outcome((done) =>
      agent.getClock({}, (error, body) => {
        order.push('callback');
        done(error, body);
      }),
    );
    expect(order).toEqual([['done', 'string'], 'callback']);
  });

  it('calls back with an error that has the fields of a refusal', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = ({ id }) =>
      fixture.platform.send(
        JSON.stringify({ kind: 'resp', reqId: id, code: 403, type: 'no.Type', body: { why: 1 }, extra: true }),
      );
    const [error, body] = await outcome((done) => agent.updateRingState({ ringId: 'r', ringState: 'ACCEPTED' }, done));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error)).toMatch(
      /^{"kind":"resp","reqId":"[^"]+","code":403,"type":"no.Type","body":{"why":1},"extra":true}$/,
    );
    expect((error as Error).message).toBe('.ams.routing.UpdateRingState was refused with 403');
    expect(body).toEqual({ why: 1 });
    expect(names(agent)).toContain('no.Type');
  });

  it.each([
    [400, true],
    [500, true],
    ['403', true],
    ['BAD_REQUEST', true],
    [200, false],
    [201, false],
    ['OK', false],
    ['200', false],
    [undefined, false],
  ])('takes the code %j for a refusal: %j', async (code, refused) => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = ({ id }) =>
      fixture.platform.send(JSON.stringify({ kind: 'resp', reqId: id, code, type: 'x', body: 1 }));
    const [error] = await outcome((done) => agent.getClock({}, done));
    expect(error !== null).toBe(refused);
  });

  it('gives a profile as a list, and a query nothing after its events were emitted', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) => {
      if (request.type === '.ams.userprofile.GetUserProfile')
        fixture.platform.respond(request, { firstName: 'Ada' }, 200, '.ams.userprofile.GetUserProfile$Response');
      else fixture.platform.respond(request, [], 200, '.ams.ms.QueryMessages$Response');
    };
    expect(await outcome((done) => agent.getUserProfile('consumer-1', done))).toEqual([
      null,
      [{ type: 'personal', personal: { firstname: 'Ada' } }],
    ]);
    expect(lastRequest()?.body).toBe('consumer-1');
    expect(await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'd' }, done))).toEqual([null, undefined]);
    expect(names(agent).slice(-2)).toEqual(['.ams.userprofile.GetUserProfile$Response', 'GenericSubscribeResponse']);
  });

  it('tells a response that cannot be read, to the callback as well', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) =>
      fixture.platform.respond(request, undefined, 200, '.ams.userprofile.GetUserProfile$Response');
    const [error] = await outcome((done) => agent.getUserProfile('consumer-1', done));
    expect(error).toBeInstanceOf(TransformError);
    expect(errors(agent)).toEqual([error]);
    fixture.platform.onRequest = (request) =>
      fixture.platform.respond(request, 'text', 200, '.ams.ms.QueryMessages$Response');
    expect((await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'd' }, done)))[0]).toBeInstanceOf(
      TransformError,
    );
  });

  it('times out when it is due', async () => {
    const agent = await fixture.connected({ requestTimeout: 20 });
    fixture.platform.onRequest = () => undefined;
    const [error, body] = await outcome((done) => agent.getClock({}, done));
    expect(error).toBeInstanceOf(SDKError);
    expect(error).toMatchObject({ message: 'Request has timed out', code: null, service: 'messaging' });
    expect((error as SDKError).error).toBeInstanceOf(RequestTimeoutError);
    expect(body).toBeUndefined();
  });

  it('is told off at once without a connection: by the callback, or by a warning', () => {
    const agent = fixture.agent();
    const told: unknown[] = [];
    agent.getClock({}, (error) => told.push(error));
    expect(told).toMatchObject([{ message: 'socket not connected', code: null, service: 'messaging' }]);
    agent.getClock();
    expect(emitted(agent)).toEqual([
      { name: 'warn', parameters: [{ message: 'socket not connected: .GetClock was not sent' }] },
    ]);
  });

  it('is told of a loss before `closed` is emitted, and is not sent twice', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = () => undefined;
    const order: unknown[] = [];
    agent.on('closed', () => order.push('closed'));
    agent.on('connected', () => order.push('connected'));
    agent.publishEvent({ dialogId: 'd', event: { type: 'ChatStateEvent', chatState: 'ACTIVE' } }, (error) =>
      order.push(error),
    );
    agent.getClock();
    await fixture.received(2);
    fixture.platform.sockets.forEach((socket) => socket.terminate());
    await next(agent, 'connected');
    expect(order).toMatchObject([
      { message: expect.stringMatching(/^socket closed before the response/) },
      'closed',
      'connected',
    ]);
    expect((order[0] as SDKError).error).toBeInstanceOf(OutcomeUnknownError);
    expect(fixture.platform.requests).toHaveLength(2);
  });

  it('has its callback called once, also when the agent is disposed of', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = () => undefined;
    const told: unknown[] = [];
    for (let n = 0; n < 3; n++) agent.getClock({}, (error) => told.push(error));
    await fixture.received(3);
    agent.dispose();
    expect(told).toMatchObject([{ service: 'messaging' }, { service: 'messaging' }, { service: 'messaging' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toHaveLength(3);
  });

  it('that has no JSON form is refused by its callback', async () => {
    const agent = await fixture.connected();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const [error] = await outcome((done) => agent.updateConversationField(circle as never, done));
    expect(error).toMatchObject({ service: 'messaging', message: expect.stringContaining('JSON') });
  });

  it('leaves no timer behind, however many there were', async () => {
    const agent = await fixture.connected();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (let n = 0; n < 2_000; n++) await outcome((done) => agent.getClock({}, done));
    expect(timers()).toBeLessThanOrEqual(before + 1);
  });

  it('ignores responses that nobody waits for', async () => {
    const agent: Agent = await fixture.connected();
    for (const frame of [{ reqId: 'unknown' }, {}, { reqId: 'sdk-999' }])
      fixture.platform.send(JSON.stringify({ kind: 'resp', code: 200, type: 'late.Type', body: 1, ...frame }));
    await outcome((done) => agent.getClock({}, done));
    expect(names(agent)).not.toContain('late.Type');
  });
});
