import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Agent, AgentSurveyClient } from '@lp/node-agent-sdk';
import { count, emitted, errors, names, next, outcome, until } from './support/fixture.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';

let fixture: RawFixture;
beforeEach(async () => {
  fixture = await startRawFixture();
});
afterEach(() => fixture.end());

const locationsOf = (agent: Agent, from: number) =>
  emitted(agent)
    .slice(from)
    .map(({ name, parameters }) => `${name} ${(parameters.at(-1) as { location?: string }).location}`);

describe('a refresh of the session', () => {
  const refresh = (agent: Agent): Promise<unknown> => new Promise((resolve) => agent.refreshSession(resolve));

  it('calls back with null and tells its steps', async () => {
    const agent = await fixture.connected();
    const before = emitted(agent).length;
    expect(await refresh(agent)).toBeNull();
    expect(locationsOf(agent, before)).toEqual([
      'success RefreshSession#Precheck',
      'success RefreshSession#CSDS',
      'success RefreshSession#REST',
    ]);
  });

  it('that is refused with 401 renews the token and leaves the socket', async () => {
    const agent = await fixture.connected({ reconnect: { loginSpacingMs: 0 } });
    agent.on('closed', () => agent.reconnect());
    fixture.platform.script('refresh', { status: 401 });
    const before = emitted(agent).length;
    expect(await refresh(agent)).toBeNull();
    expect(locationsOf(agent, before)).toEqual([
      'success RefreshSession#Precheck',
      'success RefreshSession#CSDS',
      'success RefreshSession#Relogin#WS',
    ]);
    expect([agent.token, fixture.platform.calls.login, fixture.platform.calls.upgrade]).toEqual(['bearer-2', 2, 1]);
  });

  it('that fails is told by the callback and as an error', async () => {
    const agent = await fixture.connected();
    fixture.platform.script('refresh', { status: 500 });
    expect(await refresh(agent)).toMatchObject({
      code: 500,
      service: 'authentication.refreshSession',
      message: expect.stringMatching(/^Error on AgentVEP RefreshSession: /),
    });
    expect(errors(agent)).toMatchObject([{ code: 500 }]);
    fixture.platform.script('csds', { status: 503 });
    agent.csdsClient.cache.flushAll();
    expect(await refresh(agent)).toMatchObject({ service: 'domainNames' });
  });

  it('tells each step that went well before the one that failed, at its interval as when it is asked for', async () => {
    fixture.platform.script('refresh', 'good', { status: 500 });
    const agent = fixture.agent({ refreshSessionInterval: 20 });
    await next(agent, 'error');
    const steps = () => locationsOf(agent, 0).filter((step) => step.includes('RefreshSession'));
    const [precheck, csds] = ['success RefreshSession#Precheck', 'success RefreshSession#CSDS'];
    expect(steps()).toEqual([
      ...[precheck, csds, 'success RefreshSession#REST'],
      ...[precheck, csds, 'error RefreshSession#REST'],
    ]);
    fixture.platform.script('csds', { status: 503 });
    agent.csdsClient.cache.flushAll();
    await refresh(agent);
    expect(steps().slice(6)).toEqual([precheck, 'error RefreshSession#CSDS']);
  });

  it('that gets no response is an error of that step, and ends nothing', async () => {
    const agent = await fixture.connected();
    fixture.platform.script('refresh', 'reset', 'reset', 'reset');
    expect(await refresh(agent)).toMatchObject({ code: null, service: 'authentication.refreshSession' });
    expect(agent.connected).toBe(true);
    expect(await refresh(agent)).toBeNull();
  });

  it('needs a login of the platform', async () => {
    const agent = await fixture.connected({ token: 'own', userId: '4711' });
    const before = emitted(agent).length;
    expect(await refresh(agent)).toMatchObject({
      message: 'CSRF and JAR are not defined for this agent. Please reconnect with bearer token.',
    });
    expect(locationsOf(agent, before)).toEqual(['error RefreshSession#Precheck']);
  });

  it('is made at its interval, unless the configuration turns it off; the program may turn it on', async () => {
    const agent = await fixture.connected({ refreshSessionInterval: 20 });
    await until(() => fixture.platform.calls.refresh >= 2);
    agent.dispose();
    const before = fixture.platform.calls.refresh;
    const quiet = await fixture.connected({ refreshSessionInterval: 20, refreshSessionToken: false });
    await outcome((done) => quiet.getClock({}, done));
    expect(fixture.platform.calls.refresh).toBe(before);
    quiet.startPeriodicRefreshSession();
    await until(() => fixture.platform.calls.refresh > before);
  });
});

describe('startPeriodicRefreshSession()', () => {
  it('takes an interval that was changed since', async () => {
    const agent = await fixture.connected();
    agent.startPeriodicRefreshSession();
    agent.refreshSessionInterval = 10;
    agent.startPeriodicRefreshSession();
    await until(() => fixture.platform.calls.refresh >= 2);
    expect([agent.connected, errors(agent)]).toEqual([true, []]);
  });
});

describe('an agent without a listener for errors', () => {
  it('warns once a minute of what is dealt with', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    fixture.platform.script('upgrade', 'reset', 'reset', 'reset');
    const agent = new Agent(fixture.conf());
    await next(agent, 'connected');
    expect(fixture.platform.calls.upgrade).toBe(4);
    agent.dispose();
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^Error on WS connection: .*there is no 'error' listener/), 'NodeAgentSdkWarning'],
    ]);
    warn.mockRestore();
  });
});

describe('csdsClient.getAll', () => {
  it('calls back within the call once the hosts are known', async () => {
    const agent = await fixture.connected({ domains: { mine: 'localhost:1' } });
    let told: unknown;
    agent.csdsClient.getAll((error, domains) => (told = [error, domains?.['runtimeFormLogic'], domains?.['mine']]));
    expect(told).toEqual([null, fixture.platform.csdsDomain, 'localhost:1']);
  });

  it('asks when they are not, or no longer, and tells a failure', async () => {
    const agent = await fixture.connected();
    agent.csdsClient.cache.flushAll();
    const { csds } = fixture.platform.calls;
    expect((await outcome((done) => agent.csdsClient.getAll(done)))[0]).toBeNull();
    expect(fixture.platform.calls.csds).toBe(csds + 1);
    agent.csdsClient.cache.flushAll();
    fixture.platform.script('csds', { status: 503 });
    expect((await outcome((done) => agent.csdsClient.getAll(done)))[0]).toMatchObject({
      code: 503,
      service: 'domainNames',
    });
  });
});

describe('a newer agent of the same login', () => {
  it('takes over from one that was closed', async () => {
    const old = await fixture.connected();
    let newer: Agent | undefined;
    old.on('closed', () => (newer = fixture.agent()));
    fixture.platform.sockets.forEach((socket) => socket.terminate());
    await until(() => newer?.connected === true);
    old.reconnect();
    await outcome((done) => newer?.getClock({}, done));
    expect([old.connected, fixture.platform.sockets.size, count(old, 'closed')]).toEqual([false, 1, 1]);
    expect(names(old).at(-1)).toBe('warn');
  });

  it('after each of ten losses and failures leaves one connection', async () => {
    let newest = fixture.agent();
    const follow = (agent: Agent): void => {
      const renew = () => {
        if (newest !== agent) return;
        newest = fixture.agent();
        follow(newest);
      };
      agent.on('closed', renew);
      agent.on('error', renew);
    };
    follow(newest);
    await next(newest, 'connected');
    for (let loss = 0; loss < 10; loss++) {
      if (loss % 3 === 0) fixture.platform.script('upgrade', { status: 503 });
      const closed = next(newest, 'closed');
      fixture.platform.sockets.forEach((socket) => socket.terminate());
      await closed;
      await until(() => newest.connected);
    }
    await outcome((done) => newest.getClock({}, done));
    expect(fixture.platform.sockets.size).toBe(1);
  });

  it('leaves one alone that is connected, has yet to connect, or is of another login', async () => {
    const agents = [await fixture.connected(), fixture.agent(), fixture.agent(), fixture.agent({ username: 'other' })];
    await until(() => agents.every((agent) => agent.connected));
    expect(fixture.platform.sockets.size).toBe(4);
  });
});

describe('the survey client', () => {
  const client = () => {
    const { accountId, csdsDomain, ca } = fixture.platform;
    return new AgentSurveyClient({ accountId, rflDomain: csdsDomain, token: 'bearer-1', ca });
  };

  it('keeps every digit of a revision, and shows the context of a change as of a state', async () => {
    fixture.platform.script('csds', {
      status: 200,
      body: '{"stateRevision":1234567890123456789,"agentSurveyStatus":"submitted"}',
    });
    const { status, data } = await client().submitAgentSurvey('c', '7', '1234567890123456789', []);
    expect([status, data]).toMatchObject([
      200,
      { stateRevision: '1234567890123456789', agentSurveyContext: { agentSurveyStatus: 'submitted' } },
    ]);
  });

  it.each([404, 409, 500])('resolves with a response of %i too', async (status) => {
    fixture.platform.script('csds', { status, body: 'no' });
    expect(await client().getAgentSurveyState('c', '7')).toMatchObject({ status, data: 'no' });
  });

  it('rejects when there is no response, without the token', async () => {
    fixture.platform.script('csds', 'reset', 'reset', 'reset');
    const error: unknown = await client()
      .dismissAgentSurvey('c', '7', 1)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ service: 'messaging' });
    expect(JSON.stringify(error)).not.toContain('bearer-1');
  });
});
