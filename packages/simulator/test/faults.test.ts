import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, createManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { fetch } from 'undici';
import { WebSocket } from 'ws';
import { agentUrl, connectAgent, logIn, open, post, RawClient, refusedWith } from './support/raw-client.ts';

const CONVERSATIONS = '.ams.aam.ExConversationChangeNotification';
const CLOCK = '.GetClock';
const clock = createManualClock();
let simulator: Simulator;
let ada: RawClient;
let bob: RawClient;
beforeEach(async () => {
  simulator = await startSimulator({ clock, agents: [{ username: 'ada' }, { username: 'bob' }] });
  ada = await connectAgent(simulator, 0);
  bob = await connectAgent(simulator, 1);
});
afterEach(() => simulator.close());

const subscribe = async (client: RawClient) => {
  await client.request('.ams.aam.SubscribeExConversations', {});
  await client.settle();
};
const ids = (client: RawClient) => client.changes(CONVERSATIONS).map((change) => change.result['convId']);
const look = async () =>
  (await fetch(`${simulator.url}/api/account/${simulator.accountId}/service/baseURI.json`)).status;
const tryLogin = async () => {
  const { username, password } = simulator.agents[0] ?? {};
  return (await post(`${simulator.url}/api/account/${simulator.accountId}/login`, { username, password })).status;
};

describe('faults that strike at once', () => {
  // verifies: fault:now
  it('drop sockets without a close frame', async () => {
    simulator.faults.dropAll();
    expect(await ada.closed).toMatchObject({ code: 1006 });
    expect(await bob.closed).toMatchObject({ code: 1006 });
  });

  // verifies: fault:now
  it.each([1001, 1011, 4401, 4407])('close with %i', async (code) => {
    simulator.faults.closeWith(code, 'because');
    expect(await ada.closed).toEqual({ code, reason: 'because' });
  });

  it('can be meant for one agent', async () => {
    simulator.faults.dropAll({ agent: 'ada' });
    await ada.closed;
    expect(await bob.request(CLOCK)).toMatchObject({ code: 200 });
    expect(() => simulator.faults.dropAll({ agent: 'eve' })).toThrow('no agent has this username');
  });

  it('spare consumers', async () => {
    const chat = await simulator.consumer().startConversation();
    simulator.faults.dropAll();
    await ada.closed;
    expect(await chat.say('still here')).toEqual({ sequence: 0 });
  });

  it.each([
    ['close', 4401],
    ['drop', 1006],
  ] as const)('expire tokens and %s their sockets', async (sockets, code) => {
    const { bearer } = await logIn(simulator);
    simulator.faults.expireToken({ sockets });
    expect(await ada.closed).toMatchObject({ code });
    expect(await refusedWith(agentUrl(simulator, bearer))).toBe(401);
    const again = await connectAgent(simulator);
    expect(await again.request(CLOCK)).toMatchObject({ code: 200 });
  });

  // verifies: fault:now
  it('expire the token of one agent and keep the sockets', async () => {
    const [adas, bobs] = [await logIn(simulator, 0), await logIn(simulator, 1)];
    simulator.faults.expireToken({ agent: 'ada', sockets: 'keep' });
    expect(await ada.request(CLOCK)).toMatchObject({ code: 200 });
    expect(await refusedWith(agentUrl(simulator, adas.bearer))).toBe(401);
    expect(await (await open(agentUrl(simulator, bobs.bearer))).request(CLOCK)).toMatchObject({ code: 200 });
  });
});

describe('faults that last until they are cleared', () => {
  // verifies: fault:gone
  it('freeze sockets that are open: no response, no pong; then everything arrives', async () => {
    await subscribe(ada);
    const before = ada.frames.length;
    simulator.faults.freeze();
    const opened = simulator.openConversations(2);
    let pongs = 0;
    ada.socket.on('pong', () => pongs++);
    ada.socket.ping();
    const response = ada.request(CLOCK);
    const fresh = await connectAgent(simulator, 0);
    await fresh.settle();
    expect(ada.frames).toHaveLength(before);
    expect(pongs).toBe(0);
    simulator.faults.clear();
    expect(await response).toMatchObject({ code: 200 });
    expect(pongs).toBe(1);
    expect(ids(ada)).toEqual(opened);
  });

  // verifies: fault:frames
  it.each([
    ['some are delayed', () => simulator.faults.delay(1_000, { times: 2 })],
    ['a share is delayed', () => simulator.faults.delay(1_000, { share: 0.5 })],
    ['later ones are delayed less', () => (simulator.faults.delay(1_000, { times: 2 }), simulator.faults.delay(10))],
    ['all are delayed, until that is over', () => simulator.faults.delay(1_000)],
  ])('keep the order of what is written when %s', async (what, delay) => {
    delay();
    for (let id = 0; id < 6; id++) ada.send({ kind: 'req', id, type: CLOCK });
    await simulator.waitForRequest(CLOCK, ({ frame }) => frame?.id === 5);
    if (what.includes('over')) simulator.faults.clear();
    ada.send({ kind: 'req', id: 6, type: CLOCK });
    await simulator.waitForRequest(CLOCK, ({ frame }) => frame?.id === 6);
    await clock.advance(1_000);
    await ada.frame(({ reqId }) => reqId === '6');
    expect(ada.frames.map(({ reqId }) => reqId)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it('read slowly, one frame after the other, what came in one write, and thaw nothing', async () => {
    const read = () => simulator.recentFrames.filter(({ direction }) => direction === 'in').length;
    simulator.faults.slowReads(1_000, { agent: 'ada' });
    const stream = (ada.socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket;
    stream.cork();
    for (let id = 0; id < 3; id++) ada.send({ kind: 'req', id, type: CLOCK });
    stream.uncork();
    await ada.frame(({ reqId }) => reqId === '0');
    expect(read()).toBe(1);
    await clock.advance(1_000);
    await ada.frame(({ reqId }) => reqId === '1');
    expect(read()).toBe(2);
    simulator.faults.freeze({ agent: 'ada' });
    await clock.advance(1_000);
    expect(read()).toBe(2);
    simulator.faults.clear();
    await ada.frame(({ reqId }) => reqId === '2');
  });

  it('delay everything, in order', async () => {
    await subscribe(ada);
    simulator.faults.delay(1_000);
    const opened = simulator.openConversations(2);
    const { number: after = 0 } = simulator.recentFrames.at(-1) ?? {};
    const response = ada.request(CLOCK);
    await simulator.waitForRequest('GetClock', undefined, { after });
    expect(ids(ada)).toEqual([]);
    await clock.advance(1_000);
    await response;
    expect(ids(ada)).toEqual(opened);
  });

  // verifies: fault:frames
  it('respond late, while notifications are on time', async () => {
    await subscribe(ada);
    const receivedBefore = ada.frames.filter((frame) => frame.kind === 'resp').length;
    const { number: after = 0 } = simulator.recentFrames.at(-1) ?? {};
    simulator.faults.lateAnswers(1_000, { agent: 'ada' });
    const response = ada.request(CLOCK);
    const [opened] = simulator.openConversations(1);
    await ada.change(CONVERSATIONS, (c: { result: object }) => (c.result as { convId: string }).convId === opened);
    expect(ada.frames.filter((frame) => frame.kind === 'resp')).toHaveLength(receivedBefore);
    await simulator.waitForRequest('GetClock', (entry) => entry.client === 'agent-1', { after });
    await clock.advance(1_000);
    expect(await response).toMatchObject({ code: 200 });
  });

  // verifies: fault:frames
  it('carry requests out and never respond to them, by type and as often as told', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    simulator.faults.dropAnswers('PublishEvent', { times: 1 });
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'a' };
    ada.send({ kind: 'req', id: 'lost', type: '.ams.ms.PublishEvent', body: { dialogId: id, event } });
    expect(await ada.request('.ams.ms.PublishEvent', { dialogId: id, event })).toMatchObject({ body: { sequence: 1 } });
    expect(ada.frames.some((frame) => frame.reqId === 'lost')).toBe(false);
  });

  // verifies: fault:frames
  it('send notifications twice', async () => {
    await subscribe(ada);
    simulator.faults.duplicate();
    const [id] = simulator.openConversations(1);
    await ada.settle();
    expect(ids(ada)).toEqual([id, id]);
    simulator.faults.clear();
    const [later] = simulator.openConversations(1);
    await ada.settle();
    expect(ids(ada)).toEqual([id, id, later]);
  });

  // verifies: sim:seed
  it('lose notifications, some of them, the same ones for the same seed', async () => {
    async function lost(): Promise<number[]> {
      await using own = await startSimulator({ seed: 5 });
      const client = await connectAgent(own);
      await subscribe(client);
      own.faults.loseNotifications({ share: 0.5 });
      const opened = own.openConversations(20);
      await client.settle();
      const seen = ids(client);
      return opened.flatMap((id, i) => (seen.includes(id) ? [] : i));
    }
    const first = await lost();
    expect(first.length).toBeGreaterThan(2);
    expect(first.length).toBeLessThan(18);
    expect(await lost()).toEqual(first);
  });

  // verifies: fault:frames
  it('send notifications in another order, and none less', async () => {
    await subscribe(ada);
    simulator.faults.reorder({ window: 3 });
    const opened = simulator.openConversations(6);
    await ada.settle();
    const seen = ids(ada);
    expect(seen).not.toEqual(opened);
    expect(new Set(seen)).toEqual(new Set(opened));
    expect(new Set(seen.slice(0, 3))).toEqual(new Set(opened.slice(0, 3)));
  });

  it('do not keep the last of them for ever', async () => {
    await subscribe(ada);
    simulator.faults.reorder({ window: 10 });
    const [id] = simulator.openConversations(1);
    await ada.settle();
    expect(ids(ada)).toEqual([]);
    await clock.advance(20);
    await ada.settle();
    expect(ids(ada)).toEqual([id]);
    expect(() => simulator.faults.reorder({ window: 1 })).toThrow(
      'reorder.window must be a whole number of at least 2',
    );
  });

  // verifies: fault:frames
  it('cut notifications off', async () => {
    await subscribe(ada);
    simulator.faults.corrupt({ times: 1 });
    const [, second] = simulator.openConversations(2);
    await ada.settle();
    expect(ada.frames.filter((frame) => frame.kind === 'unreadable')).toHaveLength(1);
    expect(ids(ada)).toEqual([second]);
  });

  // verifies: fault:frames
  it('leave the last message out of conversations', async () => {
    await subscribe(ada);
    simulator.faults.omitLastContentEvent();
    const [id = ''] = simulator.openConversations(1, { message: 'hi' });
    await ada.settle();
    expect(ada.changes(CONVERSATIONS).at(-1)?.result).not.toHaveProperty('lastContentEventNotification');
    simulator.faults.clear();
    simulator.sayAsConsumer(id, 'again');
    await ada.settle();
    expect(ada.changes(CONVERSATIONS).at(-1)?.result).toHaveProperty('lastContentEventNotification');
  });

  // verifies: fault:refusals
  it('refuse requests of a type without carrying them out', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada' });
    simulator.faults.failRequests('ms.PublishEvent', 429, { times: 1, text: 'Too many requests' });
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'a' };
    const publish = () => ada.request('.ams.ms.PublishEvent', { dialogId: id, event });
    expect(await ada.request(CLOCK)).toMatchObject({ code: 200 });
    expect(await publish()).toMatchObject({ code: 429, type: '.ReqBody$StringResp', body: 'Too many requests' });
    expect(await publish()).toMatchObject({ body: { sequence: 0 } });
  });

  // verifies: fault:refusals
  it('fail the login with a status, as often as told', async () => {
    simulator.faults.failLogin(503, { times: 2 });
    expect([await tryLogin(), await tryLogin(), await tryLogin()]).toEqual([503, 503, 200]);
  });

  // verifies: fault:refusals
  it('fail the look-up', async () => {
    simulator.faults.csdsDown();
    expect(await look()).toBe(503);
    simulator.faults.clear();
    expect(await look()).toBe(200);
  });

  // verifies: fault:refusals
  it('refuse the upgrade of one agent', async () => {
    const { bearer } = await logIn(simulator, 0);
    simulator.faults.failUpgrade(409, { agent: 'ada' });
    expect(await refusedWith(agentUrl(simulator, bearer))).toBe(409);
    expect(await (await connectAgent(simulator, 1)).request(CLOCK)).toMatchObject({ code: 200 });
  });

  // verifies: fault:gone
  it('leave the upgrade without a response until they are cleared', async () => {
    const { bearer } = await logIn(simulator, 0);
    simulator.faults.hangUpgrade({ times: 1 });
    const socket = new WebSocket(agentUrl(simulator, bearer));
    const failed = once(socket, 'error');
    const other = await open(agentUrl(simulator, bearer));
    await other.settle();
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    simulator.faults.clear();
    const [error] = (await failed.catch((reason: unknown) => [reason])) as [{ code?: string; message: string }];
    expect(error.code ?? error.message).toMatch(/ECONNRESET|socket hang up/);
  });

  it('read slowly', async () => {
    simulator.faults.slowReads(1_000, { agent: 'ada' });
    await ada.request(CLOCK);
    const second = ada.request(CLOCK);
    await bob.settle();
    expect(
      simulator.recentFrames.filter((entry) => entry.client === 'agent-1' && entry.direction === 'in'),
    ).toHaveLength(1);
    await clock.advance(1_000);
    expect(await second).toMatchObject({ code: 200 });
  });

  // verifies: fault:gone
  it('take the platform away, with nothing lost when it is back', async () => {
    const [id = ''] = simulator.openConversations(1, { assignedTo: 'ada', message: 'hi' });
    const { bearer } = await logIn(simulator, 0);
    simulator.faults.down();
    expect(await ada.closed).toMatchObject({ code: 1006 });
    await expect(look()).rejects.toThrow('fetch failed');
    const refused = new RawClient(new WebSocket(agentUrl(simulator, bearer)));
    expect(await refused.closed).toMatchObject({ code: 1006 });
    simulator.faults.clear();
    const back = await open(agentUrl(simulator, bearer));
    expect(await back.request('.ams.ms.QueryMessages', { dialogId: id })).toMatchObject({ body: [{ sequence: 0 }] });
  });

  it('are refused when they could not be', () => {
    const { faults } = simulator;
    expect(() => faults.duplicate({ share: 0 })).toThrow('share');
    expect(() => faults.duplicate({ times: 0 })).toThrow('times');
    expect(() => faults.failLogin(200)).toThrow('400 to 599');
  });

  it.each<[string, (faults: Simulator['faults']) => void]>([
    ['failRequests.agent: no agent has this username', (f) => f.failRequests('GetClock', 500, { agent: 'eve' })],
    ['delay.agent: no agent has this username', (f) => f.delay(5, { agent: 'eve' })],
    ['freeze.agent: no agent has this username', (f) => f.freeze({ agent: 'eve' })],
    ['there are no requests of this type; did you mean GetClock?', (f) => f.failRequests('GetClok', 500)],
    ['there are no requests of this type; did you mean PublishEvent?', (f) => f.dropAnswers('.ams.ms.PublishEvnt')],
    ['there are no requests of this type; known are: GetClock, ', (f) => f.dropAnswers('constructor')],
    ['failRequests: the type of the requests must be a text', (f) => f.failRequests(undefined as never, 500)],
    ['delay: ms must be a number of at least 0', (f) => f.delay(undefined as never)],
    ['delay: ms must be a number of at least 0', (f) => f.delay('50' as never)],
    ['lateAnswers: ms must be a number of at least 0', (f) => f.lateAnswers(Number.NaN)],
    ['slowReads: ms must be a number of at least 0', (f) => f.slowReads(-1)],
    ['closeWith: the reason must be a text', (f) => f.closeWith(4000, { agent: 'ada' } as never)],
    ['closeWith: the reason must be a text of at most 123 bytes', (f) => f.closeWith(4000, 'é'.repeat(62))],
    ['closeWith: the code must be one that can be sent', (f) => f.closeWith(1006)],
    ['closeWith.agnt is not an option; did you mean agent?', (f) => f.closeWith(4000, '', { agnt: 'ada' } as never)],
    ['expireToken.sockets must be one of: close, drop, keep', (f) => f.expireToken({ sockets: 'dropp' as never })],
    ['expireToken.socket is not an option; did you mean sockets?', (f) => f.expireToken({ socket: 'drop' } as never)],
    ['failLogin.agent is not an option', (f) => f.failLogin(500, { agent: 'ada' } as never)],
    ['csdsDown.agent is not an option', (f) => f.csdsDown(500, { agent: 'ada' } as never)],
    ['omitLastContentEvent.agent is not an option', (f) => f.omitLastContentEvent({ agent: 'ada' } as never)],
    ['failRequests.text must be a text', (f) => f.failRequests('GetClock', 500, { text: 5 as never })],
    ['failRequests: the options must be an object', (f) => f.failRequests('GetClock', 500, null as never)],
    ['loseNotifications.times must be a whole number of at least 1', (f) => f.loseNotifications({ times: 1.5 })],
    ['loseNotifications.share must be a number above 0', (f) => f.loseNotifications({ share: '0.5' as never })],
  ])('and say what is wrong: %s', async (message, strike) => {
    const wrong = (): void => strike(simulator.faults);
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(message);
    expect(await ada.request(CLOCK)).toMatchObject({ code: 200 });
    const { bearer } = await logIn(simulator, 0);
    expect(await (await open(agentUrl(simulator, bearer))).request(CLOCK)).toMatchObject({ code: 200 });
  });
});
