import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/node-agent-sdk';
import { emitted, errors, names, next, outcome, until } from './support/fixture.ts';
import { message, NOTIFICATIONS, OWN_OLD_ID, ownMessage, UNREADABLE } from './support/frames.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';
import { OWN_PID, type RawRequest } from './support/raw-platform.ts';

const EVENT = '.ams.ms.OnlineEventDistribution';
const HISTORY = '.ams.ms.QueryMessages$Response';

let fixture: RawFixture;
/** What the platform keeps of the dialog. */
let history: object[];
beforeEach(async () => {
  fixture = await startRawFixture();
  history = [];
  fixture.platform.onRequest = (request) => {
    if (request.type === '.ams.ms.QueryMessages') fixture.platform.respond(request, since(request), 200, HISTORY);
    else fixture.platform.respond(request, 'done');
  };
});
afterEach(() => fixture.end());

const since = ({ body }: RawRequest): object[] =>
  history.filter(
    (event) => (event as { sequence: number }).sequence > (body as { newerThanSequence: number }).newerThanSequence,
  );
const queries = () =>
  fixture.platform.requests
    .filter(({ type }) => type === '.ams.ms.QueryMessages')
    .map(({ body }) => (body as { newerThanSequence: number }).newerThanSequence);
/** The platform takes an event in, and pushes it unless it is lost on the way. */
const happen = (sequence: number, { pushed = true } = {}): void => {
  history.push(message(sequence));
  if (pushed) fixture.platform.notify(EVENT, message(sequence));
};
const groups = (agent: Agent): number[][] =>
  emitted(agent)
    .filter(({ name }) => name === 'ms.MessagingEventNotification')
    .map(({ parameters }) =>
      (parameters[0] as { changes: { sequence: number }[] }).changes.map(({ sequence }) => sequence),
    );
const heard = (agent: Agent): number[] => groups(agent).flat();
const settled = async (agent: Agent): Promise<void> => {
  await outcome((done) => agent.getClock({}, done));
};
const lose = () => fixture.platform.sockets.forEach((socket) => socket.terminate());

describe('notifications', () => {
  it.each(Object.keys(NOTIFICATIONS))(
    'are emitted by their type, then as `notification` with the same objects: %s',
    async (name) => {
      const agent = await fixture.connected();
      const notification = NOTIFICATIONS[name] as { type: string; body?: unknown };
      const before = emitted(agent).length;
      fixture.platform.notify(notification.type, notification.body);
      await settled(agent);
      const [first, second] = emitted(agent)
        .slice(before)
        .filter((event) => event.name !== 'warn');
      const frame = second?.parameters[0] as { type: string; body: unknown };
      expect([second?.name, frame.type]).toEqual(['notification', first?.name]);
      expect(frame.body).toBe(first?.parameters[0]);
    },
  );

  it.each(Object.keys(UNREADABLE))('that cannot be read are an error, and nothing else: %s', async (name) => {
    const agent = await fixture.connected();
    const notification = UNREADABLE[name] as { type: string; body?: unknown };
    fixture.platform.notify(notification.type, JSON.parse(JSON.stringify(notification.body ?? null)) ?? undefined);
    await settled(agent);
    expect(errors(agent)).toMatchObject([{ payload: expect.objectContaining({ kind: 'notification' }) }]);
    expect(emitted(agent).some((event) => event.name === 'notification')).toBe(false);
  });

  it.each(['error', 'closed', 'connected', 'close', 'warn'])(
    'of the type `%s` are not taken for the agent’s own word',
    async (type) => {
      const agent = await fixture.connected();
      const before = emitted(agent).length;
      fixture.platform.notify(type, { x: 1 });
      await settled(agent);
      expect(emitted(agent).slice(before)[0]).toEqual({
        name: 'notification',
        parameters: [{ kind: 'notification', type, body: { x: 1 } }],
      });
    },
  );

  it('and responses keep the order of the wire', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) => {
      fixture.platform.notify('first.Type', {});
      fixture.platform.respond(request, 'no', 400);
      fixture.platform.notify('last.Type', {});
    };
    const order: string[] = [];
    for (const type of ['first.Type', 'last.Type', '.ReqBody$StringResp']) agent.on(type, () => order.push(type));
    agent.getClock({}, () => order.push('callback'));
    await next(agent, 'last.Type');
    expect(order).toEqual(['first.Type', '.ReqBody$StringResp', 'callback', 'last.Type']);
  });

  it('frames that are no frames do no harm', async () => {
    const agent = await fixture.connected();
    for (const text of ['{', 'null', '[]', '"x"', '{"kind":"other"}', '{"kind":"notification"}'])
      fixture.platform.send(text);
    await settled(agent);
    expect(errors(agent)).toEqual([]);
    expect(agent.connected).toBe(true);
  });
});

describe('a program that asks for a dialog', () => {
  it('is given all of it in one notification, before its callback, and none for an empty one', async () => {
    const agent = await fixture.connected();
    history = [message(0), ownMessage(1), message(2)];
    const [error, body] = await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1' }, done));
    expect([error, body, groups(agent), queries()]).toEqual([null, undefined, [[0, 1, 2]], [-1]]);
    history = [];
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1', fromSeq: 5 }, done));
    expect([groups(agent), queries()]).toEqual([[[0, 1, 2]], [-1, 4]]);
  });

  it('again is given what it was given before, but for the one that the platform would have left out', async () => {
    const agent = await fixture.connected();
    history = [message(0), message(1)];
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1' }, done));
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1' }, done));
    expect(groups(agent)).toEqual([[0, 1], [1]]);
  });

  it('is not given what comes before the number it names', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) =>
      fixture.platform.respond(request, [message(4), message(5), message(6)], 200, HISTORY);
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1', fromSeq: 5 }, done));
    expect(groups(agent)).toEqual([[5, 6]]);
  });

  it('loses one event that cannot be read, and keeps the others', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) =>
      fixture.platform.respond(request, [message(0), null, message(1)], 200, HISTORY);
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1' }, done));
    expect([groups(agent), errors(agent).length]).toEqual([[[0, 1]], 1]);
  });
});

describe('events that come twice', () => {
  it('are emitted once; typing as often as it comes', async () => {
    const agent = await fixture.connected();
    const typing = message(0, { event: { type: 'ChatStateEvent', chatState: 'COMPOSING' } });
    for (const event of [message(3), message(3), typing, typing, message(4), message(3)])
      fixture.platform.notify(EVENT, event);
    await settled(agent);
    expect(heard(agent)).toEqual([3, 0, 0, 4]);
  });

  it('are emitted once when a query has shown them', async () => {
    const agent = await fixture.connected();
    history = [message(0), message(1)];
    await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1' }, done));
    fixture.platform.notify(EVENT, message(1));
    happen(2);
    await settled(agent);
    expect(heard(agent)).toEqual([0, 1, 2]);
  });

  it('are emitted although they are from before the first one heard', async () => {
    const agent = await fixture.connected();
    for (const sequence of [3, 2, 2]) fixture.platform.notify(EVENT, message(sequence));
    await settled(agent);
    expect(heard(agent)).toEqual([3, 2]);
  });
});

describe('events with a number that cannot be counted with', () => {
  it.each([-1, 1.5, 2 ** 53, 2 ** 53 + 2, 1e300, '7', null])(
    'are handed on as they are, and those behind them too: %j',
    async (number) => {
      const agent = await fixture.connected();
      happen(0);
      fixture.platform.notify(EVENT, message(0, { sequence: number }));
      happen(1);
      await settled(agent);
      expect([heard(agent), queries()]).toEqual([[0, number, 1], []]);
      history = [message(0), message(0, { sequence: number })];
      await outcome((done) => agent.subscribeMessagingEvents({ dialogId: 'dialog-1', fromSeq: -1 }, done));
      happen(2);
      await until(() => heard(agent).at(-1) === 2);
    },
  );
});

describe('an event whose number is far off', () => {
  it('does not silence its dialog: those behind it are handed on, each once', async () => {
    const agent = await fixture.connected();
    happen(0);
    happen(5_000_000);
    await until(() => heard(agent).length === 2);
    for (const sequence of [1, 2, 2, 1, 3]) fixture.platform.notify(EVENT, message(sequence));
    await settled(agent);
    expect(heard(agent)).toEqual([0, 5_000_000, 1, 2, 3]);
  });
});

describe('events that are missed', () => {
  it('while there was no connection come right after it is back, from the last one before the loss, before what is live', async () => {
    const agent = await fixture.connected();
    happen(0);
    happen(1);
    await settled(agent);
    lose();
    await next(agent, 'closed');
    happen(2, { pushed: false });
    happen(3, { pushed: false });
    await next(agent, 'connected');
    happen(4);
    await until(() => heard(agent).length === 5);
    expect(heard(agent)).toEqual([0, 1, 2, 3, 4]);
    expect(queries()[0]).toBe(1);
  });

  it('in a gap while connected come in their order', async () => {
    const agent = await fixture.connected();
    happen(0);
    happen(1, { pushed: false });
    happen(2);
    happen(3);
    await until(() => heard(agent).length === 4);
    expect(heard(agent)).toEqual([0, 1, 2, 3]);
  });

  it('and are not in the history hold nothing up for good', async () => {
    const agent = await fixture.connected();
    happen(0);
    happen(2);
    await until(() => heard(agent).length === 2);
    expect(heard(agent)).toEqual([0, 2]);
    fixture.platform.notify(EVENT, message(1));
    await settled(agent);
    expect(heard(agent)).toEqual([0, 2, 1]);
  });

  it('and the history is refused: what waits is handed on', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'no', 403);
    happen(0);
    happen(2);
    await until(() => heard(agent).length === 2);
    expect(heard(agent)).toEqual([0, 2]);
  });

  it('and the history does not respond: what waits is handed on with a warning, and what it brings later once', async () => {
    const agent = await fixture.connected();
    const asked: RawRequest[] = [];
    fixture.platform.onRequest = (request) => void asked.push(request);
    happen(0);
    happen(1, { pushed: false });
    happen(3);
    happen(2);
    await until(() => heard(agent).length === 3);
    expect(groups(agent)).toEqual([[0], [2, 3]]);
    expect(emitted(agent).filter(({ name }) => name === 'warn')).toEqual([
      { name: 'warn', parameters: [{ message: expect.stringMatching(/^dialog dialog-1: no history for 2500 ms/) }] },
    ]);
    for (const event of [3, 4, 4]) fixture.platform.notify(EVENT, message(event));
    await until(() => heard(agent).length === 4);
    fixture.platform.respond(asked[0] as RawRequest, history, 200, HISTORY);
    await until(() => heard(agent).length === 5);
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, since(request), 200, HISTORY);
    happen(6);
    happen(5);
    await until(() => heard(agent).length === 7);
    expect(heard(agent)).toEqual([0, 2, 3, 4, 1, 5, 6]);
  });

  it('are not asked for when the program does not want it', async () => {
    const agent = await fixture.connected({ recover: false });
    for (const sequence of [0, 2, 2, 1, 1]) fixture.platform.notify(EVENT, message(sequence));
    await settled(agent);
    lose();
    await next(agent, 'connected');
    await settled(agent);
    expect([heard(agent), queries()]).toEqual([[0, 2, 1], []]);
  });

  it('at the end, where no later event shows it, are found when the conversation tells of them', async () => {
    const agent = await fixture.connected();
    happen(0);
    happen(1, { pushed: false });
    const { changes } = (NOTIFICATIONS['conversation'] as { body: { changes: { result: object }[] } }).body;
    const result = { ...changes[0]?.result, lastContentEventNotification: message(1) };
    fixture.platform.notify('.ams.aam.ExConversationChangeNotification', { changes: [{ type: 'UPSERT', result }] });
    await until(() => heard(agent).length === 2);
    expect(heard(agent)).toEqual([0, 1]);
  });

  it('are not looked for in a dialog that the agent has left', async () => {
    const agent = await fixture.connected();
    happen(0);
    fixture.platform.notify('.ams.aam.ExConversationChangeNotification', {
      changes: [{ type: 'DELETE', result: { convId: 'dialog-1' } }],
    });
    happen(5);
    await settled(agent);
    expect([heard(agent), queries()]).toEqual([[0, 5], []]);
  });
});

describe('what a program has subscribed to', () => {
  const types = () => fixture.platform.requests.map(({ type }) => type.replace(/.*\./, ''));

  it('is subscribed again a second after a later connection, when the program does not do so itself', async () => {
    const agent = await fixture.connected();
    await outcome((done) => agent.setAgentState({ availability: 'ONLINE' }, done));
    await outcome((done) => agent.setAgentState({ availability: 'AWAY' }, done));
    await outcome((done) => agent.subscribeExConversations({ agentIds: [agent.agentId] }, done));
    await outcome((done) => agent.subscribeRoutingTasks({}, done));
    lose();
    await next(agent, 'connected');
    agent.subscribeRoutingTasks({});
    await fixture.received(7);
    expect(types().slice(4)).toEqual(['SubscribeRoutingTasks', 'SetAgentState', 'SubscribeExConversations']);
    expect(fixture.platform.requests.at(-1)?.body).toEqual({ agentIds: [OWN_OLD_ID] });
    expect(fixture.platform.requests.at(-2)?.body).toMatchObject({ availability: 'AWAY' });
  });

  it('again and again is subscribed once, whatever became of the last time', async () => {
    const agent = await fixture.connected();
    const body = { convState: ['OPEN' as const] };
    for (let i = 0; i < 5; i++) await outcome((done) => agent.subscribeExConversations(body, done));
    await outcome((done) => agent.subscribeExConversations({ convState: ['CLOSE' as const] }, done));
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'too many', 429);
    await outcome((done) => agent.subscribeExConversations(body, done));
    fixture.platform.onRequest = () => undefined;
    for (let i = 0; i < 3; i++) agent.subscribeExConversations(body);
    await fixture.received(10);
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'done');
    lose();
    await next(agent, 'connected');
    await fixture.received(12);
    await outcome((done) => agent.subscribeRoutingTasks({}, done));
    lose();
    await next(agent, 'connected');
    await fixture.received(16);
    expect(fixture.platform.requests.slice(10).map((request) => request.body)).toMatchObject([
      { convState: ['OPEN'] },
      { convState: ['CLOSE'] },
      {},
      { convState: ['OPEN'] },
      { convState: ['CLOSE'] },
      {},
    ]);
    expect(types()).toHaveLength(16);
  });

  it('with other filters is subscribed again although the program subscribes to a part of it, whose times have moved on', async () => {
    const agent = await fixture.connected();
    const mine = { agentIds: [agent.agentId], convState: ['OPEN' as const] };
    await outcome((done) => agent.subscribeExConversations({ convState: ['CLOSE'] }, done));
    await outcome((done) => agent.subscribeExConversations({ ...mine, minLastUpdatedTime: 1_000 }, done));
    await outcome((done) => agent.subscribeExConversations({ ...mine, maxLastUpdatedTime: 1_000 }, done));
    lose();
    await next(agent, 'connected');
    agent.subscribeExConversations({ ...mine, minLastUpdatedTime: 2_000 });
    await fixture.received(6);
    await settled(agent);
    expect(fixture.platform.requests.slice(3, -1).map(({ body }) => body)).toEqual([
      { agentIds: [OWN_OLD_ID], convState: ['OPEN'], minLastUpdatedTime: 2_000 },
      { convState: ['CLOSE'] },
      { agentIds: [OWN_OLD_ID], convState: ['OPEN'], maxLastUpdatedTime: 1_000 },
    ]);
  });

  it('later than that by the program itself stands alone: what was subscribed for it is ended', async () => {
    let last = 0;
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, { subscriptionId: `s-${++last}` });
    const agent = await fixture.connected();
    const subscribe = async (minLastUpdatedTime: number) => {
      await outcome((done) => agent.subscribeExConversations({ convState: ['OPEN'], minLastUpdatedTime }, done));
      await outcome((done) => agent.subscribeRoutingTasks({}, done));
    };
    await subscribe(1);
    for (const [round, before] of [2, 8].entries()) {
      lose();
      await next(agent, 'connected');
      await fixture.received(before + 2);
      await subscribe(2 + round);
      await fixture.received(before + 6);
      expect(types().slice(before)).toEqual([
        'SubscribeExConversations',
        'SubscribeRoutingTasks',
        'SubscribeExConversations',
        'UnsubscribeExConversations',
        'SubscribeRoutingTasks',
        'UnsubscribeBody',
      ]);
      expect([3, 5].map((at) => fixture.platform.requests[before + at]?.body)).toEqual([
        { subscriptionId: `s-${before + 1}` },
        { subscriptionId: `s-${before + 2}` },
      ]);
    }
  });

  it('by the program itself while the one for it is on its way stands alone too', async () => {
    const agent = await fixture.connected();
    await outcome((done) => agent.subscribeExConversations({}, done));
    lose();
    await next(agent, 'connected');
    const requests: RawRequest[] = [];
    fixture.platform.onRequest = (request) => void requests.push(request);
    await until(() => requests.length === 1);
    agent.subscribeExConversations({});
    await until(() => requests.length === 2);
    const [forIt, own] = requests as [RawRequest, RawRequest];
    fixture.platform.respond(own, { subscriptionId: 'own' });
    fixture.platform.respond(forIt, { subscriptionId: 'for it' });
    await until(() => requests.length === 3);
    expect(requests[2]?.body).toEqual({ subscriptionId: 'for it' });
  });

  it('stays subscribed when the platform refuses the program’s own', async () => {
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, { subscriptionId: request.id });
    const agent = await fixture.connected();
    await outcome((done) => agent.subscribeExConversations({}, done));
    lose();
    await next(agent, 'connected');
    await fixture.received(2);
    await settled(agent);
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'too many', 429);
    await outcome((done) => agent.subscribeExConversations({}, done));
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'done');
    await settled(agent);
    expect(types().slice(3)).toEqual(['SubscribeExConversations', 'GetClock']);
  });

  it('and has no JSON form is not asked for, then or later', async () => {
    const agent = await fixture.connected();
    const [error] = await outcome((done) => agent.subscribeExConversations({ convState: [1n] } as never, done));
    expect(error).toBeInstanceOf(Error);
    await outcome((done) => agent.subscribeRoutingTasks({}, done));
    lose();
    await next(agent, 'connected');
    await fixture.received(2);
    expect(types()).toEqual(['SubscribeRoutingTasks', 'SubscribeRoutingTasks']);
  });

  it('and given up, or was refused, is not', async () => {
    const agent = await fixture.connected();
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, { subscriptionId: 's-1' });
    await outcome((done) => agent.subscribeExConversations({}, done));
    await outcome((done) => agent.unsubscribeExConversations({ subscriptionId: 's-1' }, done));
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'no', 403);
    await outcome((done) => agent.subscribeRoutingTasks({}, done));
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, 'done');
    await outcome((done) => agent.setAgentState({ availability: 'ONLINE' }, done));
    lose();
    await next(agent, 'connected');
    await fixture.received(5);
    expect(types().slice(4)).toEqual(['SetAgentState']);
  });
});

describe('a bearer of one’s own', () => {
  const token = { token: 'own-bearer', userId: '4711', username: undefined, password: undefined };

  it('is used as it is, and the agent is learnt from its own first event before that is emitted', async () => {
    const agent = await fixture.connected(token);
    expect([agent.token, agent.agentId, agent.__oldAgentId, fixture.platform.calls.login]).toEqual([
      'own-bearer',
      undefined,
      OWN_OLD_ID,
      0,
    ]);
    const known: unknown[] = [];
    agent.on('ms.MessagingEventNotification', ({ changes }) => known.push([agent.agentId, changes[0]?.isMe()]));
    fixture.platform.notify(EVENT, ownMessage(0));
    await settled(agent);
    expect(known).toEqual([[OWN_PID, true]]);
  });

  it('teaches the agent who it is by a conversation', async () => {
    const agent = await fixture.connected(token);
    const { type, body } = NOTIFICATIONS['conversation'] as { type: string; body: unknown };
    fixture.platform.notify(type, body);
    await settled(agent);
    expect(agent.agentId).toBe(OWN_PID);
  });

  it('teaches the agent who it is by its profile, when nothing else has', async () => {
    const { platform } = fixture;
    platform.onRequest = (request) => platform.respond(request, { userId: OWN_PID });
    const agent = await fixture.connected(token);
    await until(() => agent.agentId === OWN_PID);
    expect(names(agent)).toEqual(['connected']);
  });

  it('teaches it by the account’s list of users, when the profile says the old id', async () => {
    const { platform } = fixture;
    platform.onRequest = (request) => platform.respond(request, { userId: OWN_OLD_ID });
    platform.script('csds', 'good', { status: 200, body: JSON.stringify({ pid: OWN_PID }) });
    const agent = await fixture.connected(token);
    await until(() => agent.agentId === OWN_PID);
    expect(platform.calls.csds).toBe(2);
  });

  it('that was changed is used at the next dial', async () => {
    const agent = await fixture.connected(token);
    agent.conf['token'] = 'newer-bearer';
    lose();
    await next(agent, 'connected');
    expect(fixture.platform.tokens).toEqual(['own-bearer', 'newer-bearer']);
  });

  it('that the platform refuses ends in an error and `closed`', async () => {
    const agent = await fixture.connected(token);
    fixture.platform.script('upgrade', { status: 401 }, { status: 401 });
    lose();
    await until(() => emitted(agent).filter(({ name }) => name === 'closed').length === 2);
    expect(errors(agent).at(-1)?.message).toContain('conf.token');
    expect(fixture.platform.calls.upgrade).toBe(2);
  });

  it('does not become the way of logging in of an agent with a password', async () => {
    const agent = await fixture.connected();
    agent.conf['token'] = agent.token;
    fixture.platform.sockets.forEach((socket) => socket.close(4401));
    await next(agent, 'connected');
    expect(fixture.platform.calls.login).toBe(2);
  });
});
