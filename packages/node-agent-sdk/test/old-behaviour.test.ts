import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Agent, SDKError, TransformError } from '@lp/node-agent-sdk';
import { count, emitted, errors, names, next, outcome, QUICK, until } from './support/fixture.ts';
import { change, details } from './support/frames.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';

// What the old SDK's own suite holds, test for test, from outside: over sockets and HTTP instead of its inner units.
let fixture: RawFixture;
beforeEach(async () => {
  fixture = await startRawFixture();
});
afterEach(() => fixture.end());

/** An agent that tries once. */
const once = (changes: Record<string, unknown> = {}): Agent => fixture.agent({ reconnect: false, ...changes });
const locations = (agent: Agent, name: 'success' | 'error'): unknown[] =>
  emitted(agent)
    .filter((event) => event.name === name)
    .map(({ parameters }) => (parameters.at(-1) as { location?: string }).location);
const refresh = (agent: Agent): Promise<unknown> => new Promise((resolve) => agent.refreshSession(resolve));
const withoutCsrf = { status: 200, body: JSON.stringify({ bearer: 'b', config: { userId: '4711' } }) };

describe('connecting', () => {
  it('fails with an error about the hosts when the look-up gives nothing', async () => {
    fixture.platform.script('csds', { status: 200 });
    const agent = once();
    const [error] = await next(agent, 'error');
    expect(error).toMatchObject({ service: 'domainNames' });
  });

  it('emits `connected`, and the agent has its requests and is connected', async () => {
    const agent = fixture.agent();
    let inside: unknown;
    agent.on('connected', () => (inside = [agent.connected, typeof agent.getClock]));
    await next(agent, 'connected');
    expect(inside).toEqual([true, 'function']);
  });

  it('gives the token of the login by getBearerToken()', async () => {
    const agent = await fixture.connected();
    expect(agent.getBearerToken()).toBe('bearer-1');
  });

  it('fails with an error when the login does not say who has logged in', async () => {
    fixture.platform.script('login', { status: 200, body: JSON.stringify({ bearer: 'b', config: {} }) });
    const agent = once();
    const [error] = await next(agent, 'error');
    expect(error).toMatchObject({ service: 'authentication.login' });
    expect(count(agent, 'connected')).toBe(0);
  });

  it('fails with an error when the look-up is not available', async () => {
    fixture.platform.script('csds', 'reset', 'reset', 'reset');
    const [error] = await next(once(), 'error');
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^Error on CSDS request: /);
  });

  it('fails with an error when the login is not available', async () => {
    fixture.platform.script('login', { status: 503 });
    const [error] = await next(once(), 'error');
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^Error on AgentVEP login: /);
  });
});

describe('notifications', () => {
  const oauth1 = { username: 'u', appKey: 'a', secret: 's', accessToken: 't', accessTokenSecret: 'x' };
  it.each([
    ['a password', {}],
    ['an assertion', { username: undefined, password: undefined, assertion: 'some SAML' }],
    ['OAuth1 keys', { password: undefined, ...oauth1 }],
    ['a token', { username: undefined, password: undefined, token: 'my-token', userId: 'myId' }],
  ])('of any type are emitted as `notification` after a login by %s', async (_, changes) => {
    const agent = await fixture.connected(changes);
    fixture.platform.notify('myType', { x: 'x' });
    expect(await next(agent, 'notification')).toMatchObject([{ type: 'myType', body: { x: 'x' } }]);
  });

  it('are emitted under their own type as well', async () => {
    const agent = await fixture.connected();
    fixture.platform.notify('myType', { x: 'x' });
    expect(await next(agent, 'myType')).toEqual([{ x: 'x' }]);
  });
});

describe('reconnect', () => {
  it('with the flag only dials again, by the transport’s own reconnect', async () => {
    const agent = await fixture.connected();
    const { transport } = agent;
    if (!transport) throw new Error('there is no transport');
    const own = transport.reconnect.bind(transport);
    let calls = 0;
    transport.reconnect = () => {
      calls++;
      own();
    };
    agent.reconnect(true);
    expect(calls).toBe(1);
    await next(agent, 'connected');
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 2 });
  });

  it('without it looks hosts up and logs in again where the token is not new', async () => {
    const agent = await fixture.connected({ reconnect: { ...QUICK } });
    agent.reconnect(false);
    await next(agent, 'connected');
    const known = ['Connect#CSDS', 'Connect#Login', 'Reconnect#CSDS', 'Reconnect#Relogin#WS'];
    expect(locations(agent, 'success').every((location) => known.includes(String(location)))).toBe(true);
    expect(locations(agent, 'success')).toContain('Reconnect#CSDS');
  });

  it('does not log in while the look-up fails', async () => {
    fixture.platform.script('csds', { status: 500 }, { status: 500 });
    const agent = once();
    agent.reconnect(false);
    await next(agent, 'error');
    expect(locations(agent, 'error')).toEqual(['Connect#CSDS']);
    expect(fixture.platform.calls.login).toBe(0);
  });
});

describe('refreshSession', () => {
  it('whose look-up fails calls back with that error', async () => {
    const agent = await fixture.connected();
    fixture.platform.script('csds', { status: 500 });
    agent.csdsClient.cache.flushAll();
    const error = await refresh(agent);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^Error on CSDS request: /);
    expect(locations(agent, 'error')).toEqual(['RefreshSession#CSDS']);
  });

  it('that fails calls back with that error', async () => {
    const agent = await fixture.connected();
    fixture.platform.script('refresh', { status: 500 });
    expect(await refresh(agent)).toBeInstanceOf(Error);
    expect(locations(agent, 'error')).toEqual(['RefreshSession#REST']);
  });

  it('that is refused with 401 succeeds by a login', async () => {
    const agent = await fixture.connected({ reconnect: { ...QUICK } });
    fixture.platform.script('refresh', { status: 401 });
    expect(await refresh(agent)).toBeNull();
    expect(errors(agent)).toEqual([]);
  });

  it('that is refused with 401, and whose login fails, calls back with that error', async () => {
    const agent = await fixture.connected({ reconnect: { ...QUICK } });
    fixture.platform.script('refresh', { status: 401 });
    fixture.platform.script('login', { status: 403 });
    expect(await refresh(agent)).toBeInstanceOf(Error);
    expect(locations(agent, 'error')).not.toContain('RefreshSession#CSDS');
  });

  it('that succeeds calls back with null', async () => {
    const agent = await fixture.connected();
    expect(await refresh(agent)).toBeNull();
    expect(locations(agent, 'success').slice(2)).toEqual([
      'RefreshSession#Precheck',
      'RefreshSession#CSDS',
      'RefreshSession#REST',
    ]);
  });

  it('without a CSRF token calls back with an error', async () => {
    fixture.platform.script('login', withoutCsrf);
    const agent = await fixture.connected();
    expect(await refresh(agent)).toMatchObject({
      message: 'CSRF and JAR are not defined for this agent. Please reconnect with bearer token.',
    });
    expect(locations(agent, 'error')).toEqual(['RefreshSession#Precheck']);
  });
});

describe('requests', () => {
  it('call back with the body of the response', async () => {
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, { x: 'x' }, 200, 'myRespType');
    const agent = await fixture.connected();
    expect(await outcome((done) => agent.getClock({ some: 'data' } as never, done))).toEqual([null, { x: 'x' }]);
  });

  it('emit the response under its type', async () => {
    fixture.platform.onRequest = (request) => fixture.platform.respond(request, { x: 'x' }, 200, 'myRespType');
    const agent = await fixture.connected();
    agent.getClock({}, () => undefined);
    expect((await next(agent, 'myRespType'))[0]).toEqual({ x: 'x' });
  });

  it('call back with an error when they have timed out', async () => {
    fixture.platform.onRequest = () => undefined;
    const agent = await fixture.connected({ requestTimeout: 10, errorCheckInterval: 10 });
    const [error] = await outcome((done) => agent.getClock({}, done));
    expect(error).toBeInstanceOf(SDKError);
    expect((error as Error).message).toContain('timed');
  });

  it('are over with `dispose()`, and the transport is gone', async () => {
    const agent = await fixture.connected();
    agent.dispose();
    expect(agent.transport).toBeNull();
    await until(() => fixture.platform.sockets.size === 0);
  });
});

describe('a conversation', () => {
  const type = '.ams.aam.ExConversationChangeNotification';
  const told = async (body: object): Promise<{ agent: Agent; said: string[] }> => {
    const agent = await fixture.connected();
    fixture.platform.notify(type, body);
    await outcome((done) => agent.getClock({}, done));
    return { agent, said: names(agent).filter((name) => ['warn', 'error', 'notification'].includes(name)) };
  };

  it('of whose participants a role has no PIDs is a warning and no error', async () => {
    const { CONSUMER, MANAGER } = (details() as { participantsPId: Record<string, string[]> }).participantsPId;
    const { agent, said } = await told({ changes: [change({ participantsPId: { CONSUMER, MANAGER, READER: [] } })] });
    expect(said).toEqual(['warn', 'notification']);
    const frame = emitted(agent).find(({ name }) => name === 'notification')?.parameters[0];
    expect(frame).toMatchObject({
      body: { changes: [{ result: { conversationDetails: { participants: { length: 3 } } } }] },
    });
  });

  it('with a suggested agent is neither', async () => {
    const participantsDetails = [{ id: 'le4711.9', role: 'ASSIGNED_AGENT', state: 'SUGGESTED' }];
    const dialogs = [{ dialogId: 'd', channelType: 'MESSAGING', participantsDetails }];
    const { said } = await told({ changes: [change({ participantsPId: { CONSUMER: ['consumer-1'] }, dialogs })] });
    expect(said).toEqual(['notification']);
  });

  it('without any PIDs is a TransformError and no notification', async () => {
    const { agent, said } = await told({ changes: [change({ participantsPId: undefined })] });
    expect(said).toEqual(['error']);
    expect(errors(agent)[0]).toBeInstanceOf(TransformError);
  });

  it('says which account it is of', async () => {
    const { agent } = await told({ changes: [change({ brandId: '2344566' })] });
    const frame = emitted(agent).find(({ name }) => name === 'notification')?.parameters[0];
    expect(frame).toMatchObject({ body: { changes: [{ result: { conversationDetails: { brandId: '2344566' } } }] } });
  });
});
