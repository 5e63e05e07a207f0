import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { Agent, type AgentConfig, SDKError } from '@lp/node-agent-sdk';
import { count, emitted, errors, names, next, outcome, QUICK, until } from './support/fixture.ts';
import { OWN_OLD_ID } from './support/frames.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';
import { OWN_PID } from './support/raw-platform.ts';

let fixture: RawFixture;
beforeEach(async () => {
  fixture = await startRawFixture();
});
afterEach(() => fixture.end());

const locations = (agent: Agent) =>
  emitted(agent).flatMap(({ name, parameters }) => {
    const context = parameters.at(-1) as { location?: string } | undefined;
    return name === 'success' || name === 'error' ? [`${name} ${context?.location}`] : [];
  });
const lose = () => fixture.platform.sockets.forEach((socket) => socket.terminate());

describe('the constructor', () => {
  it.each([
    [{}, 'missing accountId param'],
    [
      { accountId: '1' },
      'missing token or user/password or assertion or appKey/secret/accessToken/accessTokenSecret params',
    ],
    [
      { accountId: '1', username: 'u', appKey: 'a', secret: 's', accessToken: 't' },
      'missing token or user/password or assertion or appKey/secret/accessToken/accessTokenSecret params',
    ],
  ])('throws what it has always thrown: %j', (conf, message) => {
    expect(() => new Agent(conf as AgentConfig)).toThrow(new Error(message));
  });

  it('refuses not to check certificates, and names what to give instead', () => {
    const conf = fixture.conf({ rejectUnauthorized: false });
    expect(() => new Agent(conf)).toThrow(ConfigError);
    expect(() => new Agent(conf)).toThrow('ca');
  });

  it('keeps the caller’s own object, and puts what programs reach for on the agent', () => {
    const conf = fixture.conf();
    const agent = new Agent(conf);
    expect(agent.conf).toBe(conf);
    expect(conf.refreshSessionToken).toBe(true);
    expect(Object.keys(agent)).toEqual(
      expect.arrayContaining([
        'conf',
        'accountId',
        'refreshSessionInterval',
        'csdsClient',
        'transport',
        'connected',
        'getClock',
        'generateDownloadToken',
      ]),
    );
    expect(agent.refreshSessionInterval).toBe(600_000);
    agent.dispose();
  });

  it('emits nothing before the program has attached its listeners', async () => {
    const agent = fixture.agent();
    expect(names(agent, [])).toEqual([]);
    await next(agent, 'connected');
    expect(locations(agent)).toEqual(['success Connect#CSDS', 'success Connect#Login']);
  });

  it('warns once of options of the socket that have no effect', async () => {
    const agent = await fixture.connected({ perMessageDeflate: false, family: 4 });
    expect(emitted(agent).filter(({ name }) => name === 'warn')).toEqual([
      {
        name: 'warn',
        parameters: [{ message: 'options of the socket that are not supported: perMessageDeflate, family' }],
      },
    ]);
  });

  it('leaves every name but the documented ones to a subclass', async () => {
    class Bot extends Agent {
      init = 'mine';
      webhooks = [1];
      _pingClock = 2;
      _retryConnection = 3;
      openConvs = {};
      _reconnect(): string {
        return 'mine';
      }
    }
    const bot = new Bot(fixture.conf());
    await next(bot, 'connected');
    expect([bot.init, bot.webhooks, bot._pingClock, bot._retryConnection, bot._reconnect()]).toEqual([
      'mine',
      [1],
      2,
      3,
      'mine',
    ]);
    const methods = Object.getOwnPropertyNames(Agent.prototype).toSorted();
    expect(methods).toEqual([
      'connect',
      'constructor',
      'dispose',
      'getBearerToken',
      'reconnect',
      'refreshSession',
      'startPeriodicRefreshSession',
    ]);
    bot.dispose();
  });
});

describe('a connection', () => {
  it('knows who it is before it tells of the login, and is connected inside `connected`', async () => {
    const agent = fixture.agent();
    const seen: unknown[] = [];
    agent.on(
      'success',
      ({ location }) =>
        location === 'Connect#Login' && seen.push([agent.agentId, agent.__oldAgentId, agent.userId, agent.token]),
    );
    agent.on('connected', (state) => seen.push([state.connected, typeof state.ts, agent.connected]));
    await next(agent, 'connected');
    expect(seen).toEqual([
      [OWN_PID, OWN_OLD_ID, '4711', 'bearer-1'],
      [true, 'number', true],
    ]);
    expect(agent.getBearerToken()).toBe('bearer-1');
    expect(fixture.platform.tokens).toEqual(['bearer-1']);
  });

  it('is closed once when it is lost, with the code, and connected again by itself', async () => {
    const agent = await fixture.connected();
    const inside: boolean[] = [];
    agent.on('closed', () => inside.push(agent.connected));
    fixture.platform.sockets.forEach((socket) => socket.close(4000));
    await next(agent, 'connected');
    expect(names(agent)).toEqual(['connected', 'closed', 'connected']);
    expect(emitted(agent).find(({ name }) => name === 'closed')?.parameters).toEqual([4000]);
    expect(inside).toEqual([false]);
    expect(locations(agent).slice(2)).toEqual(['success Reconnect#CSDS']);
    expect(fixture.platform.calls).toEqual({ csds: 2, login: 1, refresh: 0, upgrade: 2 });
  });

  it('tells 1006 for a loss without a close frame', async () => {
    const agent = await fixture.connected();
    lose();
    expect(await next(agent, 'closed')).toEqual([1006]);
  });

  it.each([4401, 4407, 1011])('logs in anew after %i', async (code) => {
    const agent = await fixture.connected();
    fixture.platform.sockets.forEach((socket) => socket.close(code));
    await next(agent, 'connected');
    expect(fixture.platform.tokens).toEqual(['bearer-1', 'bearer-2']);
    expect(agent.token).toBe('bearer-2');
    expect(locations(agent).slice(2)).toEqual(['success Reconnect#CSDS', 'success Reconnect#Relogin#WS']);
  });

  it('tells each dial that fails, and is not closed meanwhile', async () => {
    const agent = await fixture.connected();
    fixture.platform.script('upgrade', { status: 503 }, 'reset');
    fixture.platform.script('csds', 'good', 'good', { status: 500 });
    lose();
    await next(agent, 'connected');
    expect(names(agent)).toEqual(['connected', 'closed', 'error', 'error', 'error', 'connected']);
    expect(errors(agent)).toMatchObject([
      { message: expect.stringMatching(/^Error on WS connection: /), code: 503, service: 'messaging' },
      { message: expect.stringMatching(/^Error on WS connection: /), code: null, service: 'messaging' },
      { message: expect.stringMatching(/^Error on CSDS request: /), code: 500, service: 'domainNames' },
    ]);
    expect(locations(agent)).toContain('error Reconnect#CSDS');
  });

  it('renews a token that the socket refuses', async () => {
    fixture.platform.script('upgrade', { status: 401 });
    const agent = await fixture.connected();
    expect(errors(agent)).toMatchObject([{ code: 401, service: 'messaging' }]);
    expect(fixture.platform.tokens).toEqual(['bearer-1', 'bearer-2']);
  });

  it.each([401, 451])('fails for good when the login is refused with %i: an error, then closed', async (status) => {
    fixture.platform.script('login', { status });
    const agent = fixture.agent();
    await next(agent, 'closed');
    expect(names(agent)).toEqual(['error', 'closed']);
    expect(errors(agent)[0]).toBeInstanceOf(SDKError);
    expect(errors(agent)[0]).toMatchObject({
      message: expect.stringMatching(/^Error on AgentVEP login: /),
      code: status,
      service: 'authentication.login',
    });
    expect(locations(agent)).toEqual(['success Connect#CSDS', 'error Connect#Login']);
    expect(JSON.stringify(errors(agent)) + errors(agent)[0]?.stack).not.toContain('secret');
  });

  it.each([
    ['login', { status: 500 }],
    ['csds', { status: 503 }],
    ['csds', 'reset'],
    ['login', { status: 200, body: 'no JSON' }],
  ] as const)('goes on when %s fails with %j', async (kind, response) => {
    fixture.platform.script(kind, response);
    const agent = await fixture.connected();
    expect(names(agent)).toEqual(['error', 'connected']);
  });

  it('says nothing of a login whose pooled connection was dead: it is asked once more on a new one', async () => {
    fixture.platform.script('login', 'reset');
    const agent = await fixture.connected();
    expect(names(agent)).toEqual(['connected']);
  });

  it('does not take a port for a status', async () => {
    const other = await startRawFixture();
    const [port] = /\d+$/.exec(other.platform.csdsDomain) ?? [];
    await other.end();
    const agent = fixture.agent({ domains: { facadeMsg: `localhost:${port}` }, reconnect: false });
    await next(agent, 'closed');
    expect(errors(agent)).toMatchObject([{ code: null, service: 'messaging' }]);
  });

  it('asks again where the account is from the second dial on', async () => {
    const moved = await startRawFixture();
    const agent = await fixture.connected();
    fixture.platform.script('csds', {
      status: 200,
      body: JSON.stringify({
        baseURIs: [
          { service: 'agentVep', baseURI: fixture.platform.csdsDomain },
          { service: 'facadeMsg', baseURI: moved.platform.csdsDomain },
        ],
      }),
    });
    lose();
    await next(agent, 'connected');
    expect([moved.platform.calls.upgrade, fixture.platform.calls.upgrade]).toEqual([1, 1]);
    await moved.end();
  });

  it('takes the hosts of the configuration at every dial, and the socket’s service where it is known', async () => {
    const { csdsDomain } = fixture.platform;
    fixture.platform.script(
      'csds',
      ...Array.from({ length: 2 }, () => ({
        status: 200,
        body: JSON.stringify({
          baseURIs: [
            { service: 'agentVep', baseURI: csdsDomain },
            { service: 'mine', baseURI: csdsDomain },
            { service: 'facadeMsg', baseURI: 'localhost:1' },
          ],
        }),
      })),
    );
    const agent = await fixture.connected({ wsDomainType: 'mine' });
    lose();
    await next(agent, 'connected');
    const other = await fixture.connected({ wsDomainType: 'unknown', domains: { facadeMsg: csdsDomain } });
    expect([agent.connected, other.connected]).toEqual([true, true]);
  });
});

describe('without a policy to reconnect', () => {
  it('stays closed until it is told to reconnect', async () => {
    const agent = await fixture.connected({ reconnect: false });
    lose();
    await next(agent, 'closed');
    expect(names(agent)).toEqual(['connected', 'closed']);
    agent.reconnect(true);
    await next(agent, 'connected');
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 2 });
  });

  it('emits both an error and `closed` when a dial fails', async () => {
    fixture.platform.script('upgrade', { status: 503 });
    const agent = fixture.agent({ reconnect: false });
    await next(agent, 'closed');
    expect(names(agent)).toEqual(['error', 'closed']);
  });
});

describe('reconnect()', () => {
  it('called ten times in `closed` makes one connection and no login that is not needed', async () => {
    const agent = await fixture.connected();
    agent.on('closed', () => {
      for (let n = 0; n < 10; n++) agent.reconnect();
    });
    lose();
    await next(agent, 'connected');
    expect(fixture.platform.sockets.size).toBe(1);
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 2 });
  });

  it('while it is open replaces the connection: not closed, connected once', async () => {
    const agent = await fixture.connected();
    agent.on('closed', () => agent.reconnect());
    agent.reconnect();
    await next(agent, 'connected');
    expect(names(agent)).toEqual(['connected', 'connected']);
    await until(() => fixture.platform.sockets.size === 1);
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 2 });
  });

  it('after each failed dial is no storm, and has its connection in the end', async () => {
    const agent = await fixture.connected({ reconnect: { ...QUICK, dialSpacingMs: 10, loginSpacingMs: 30 } });
    agent.on('error', () => agent.reconnect());
    agent.on('closed', () => agent.reconnect());
    fixture.platform.script('upgrade', ...Array.from({ length: 5 }, () => ({ status: 503 })));
    lose();
    await next(agent, 'connected');
    expect(fixture.platform.calls.upgrade).toBe(7);
    expect(fixture.platform.calls.login).toBeLessThanOrEqual(2);
    expect(fixture.platform.sockets.size).toBe(1);
  });

  it.each([429, 503])('ends the wait that a login with %d has asked for', async (status) => {
    fixture.platform.script('login', { status, headers: { 'retry-after': '3600' } });
    const agent = fixture.agent({ reconnect: { ...QUICK, dialSpacingMs: 10, loginSpacingMs: 30 } });
    await next(agent, 'error');
    agent.reconnect();
    await next(agent, 'connected');
    expect(fixture.platform.calls.login).toBe(2);
  });

  it('begins anew after a refusal, not at once', async () => {
    fixture.platform.script('login', { status: 401 });
    const agent = fixture.agent();
    await next(agent, 'closed');
    agent.reconnect();
    agent.reconnect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.platform.calls.login).toBe(1);
    expect(count(agent, 'closed')).toBe(1);
  });
});

describe('connect()', () => {
  it('again joins what the constructor has begun', async () => {
    const agent = fixture.agent();
    const told: unknown[] = [];
    agent.connect((error) => told.push(error));
    agent.connect();
    await next(agent, 'connected');
    agent.connect((error) => told.push(error));
    expect(told).toEqual([null, null]);
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 1 });
  });

  it('tells what stands in the way', async () => {
    fixture.platform.script('login', { status: 403 });
    const agent = fixture.agent();
    expect(await new Promise((resolve) => agent.connect(resolve))).toMatchObject({ code: 403 });
  });

  it('after `dispose()` is a new life', async () => {
    const agent = await fixture.connected();
    agent.dispose();
    expect([agent.transport, agent.connected]).toEqual([null, false]);
    agent.connect();
    await next(agent, 'connected');
    expect(agent.transport).not.toBeNull();
  });
});

describe('dispose()', () => {
  const phases: [string, (agent: Agent) => Promise<unknown> | undefined][] = [
    ['at once', () => undefined],
    ['in the look-up', () => (fixture.platform.script('csds', 'hang'), until(() => fixture.platform.calls.csds > 0))],
    ['in the login', () => (fixture.platform.script('login', 'hang'), until(() => fixture.platform.calls.login > 0))],
    [
      'in the upgrade',
      () => (fixture.platform.script('upgrade', 'hang'), until(() => fixture.platform.calls.upgrade > 0)),
    ],
    ['while open', (agent) => next(agent, 'connected')],
    [
      'in a refresh',
      async (agent) => {
        await next(agent, 'connected');
        fixture.platform.script('refresh', 'hang');
        agent.refreshSession();
        await until(() => fixture.platform.calls.refresh > 0);
      },
    ],
    [
      'while it waits to dial again',
      async (agent) => {
        await next(agent, 'connected');
        lose();
        await next(agent, 'closed');
      },
    ],
  ];

  it.each(phases)('%s ends everything: no event, no socket, no timer', async (_, reach) => {
    const agent = fixture.agent();
    await reach(agent);
    const before = names(agent, []).length;
    const { upgrade } = fixture.platform.calls;
    agent.dispose();
    await until(() => fixture.platform.sockets.size === 0);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(names(agent, []).length).toBe(before);
    expect(fixture.platform.calls.upgrade).toBe(upgrade);
    expect(agent.listenerCount('error')).toBe(0);
    agent.dispose();
  });
});

describe('a retry of the program’s own', () => {
  it.each([true, false])(
    'that comes after `dispose()` does not bring the agent back: reconnect(%j)',
    async (keepToken) => {
      const agent = await fixture.connected();
      const { transport } = agent;
      agent.dispose();
      const before = { ...fixture.platform.calls };
      agent.reconnect(keepToken);
      transport?.reconnect();
      transport?.ws.close();
      await until(() => fixture.platform.sockets.size === 0);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect([agent.transport, fixture.platform.calls]).toEqual([null, before]);
    },
  );
});

describe('a subclass with a connect() of its own', () => {
  it('has it called, as the old constructor does', async () => {
    let calls = 0;
    class Bot extends Agent {
      override connect(callback?: Parameters<Agent['connect']>[0]): void {
        calls++;
        super.connect(callback);
      }
    }
    const bot = new Bot(fixture.conf());
    await next(bot, 'connected');
    expect(calls).toBe(1);
    bot.dispose();
  });
});

describe('transport', () => {
  it.each([
    ['close', 1005],
    ['terminate', 1006],
  ] as const)('.ws.%s() is a loss, which is repaired', async (method, code) => {
    const agent = await fixture.connected();
    agent.transport?.ws[method]();
    expect(await next(agent, 'closed')).toEqual([code]);
    await next(agent, 'connected');
    expect(fixture.platform.calls).toMatchObject({ login: 1, upgrade: 2 });
  });

  it('.ws.ping() of a keep-alive of the program’s own does not throw, and changes nothing', async () => {
    const agent = await fixture.connected();
    agent.transport?.ws.ping();
    await outcome((done) => agent.getClock({}, done));
    expect([names(agent), agent.connected]).toEqual([['connected', '.ReqBody$StringResp'], true]);
  });

  it('.configuration.token is the present bearer, for programs that call REST with it', async () => {
    const agent = await fixture.connected();
    const bearer = () => agent.transport?.configuration.token;
    expect(bearer()).toBe('bearer-1');
    fixture.platform.sockets.forEach((socket) => socket.close(4401));
    await next(agent, 'connected');
    expect([bearer(), agent.token]).toEqual(['bearer-2', 'bearer-2']);
  });

  it('.close() stays closed until reconnect()', async () => {
    const agent = await fixture.connected();
    agent.transport?.close();
    expect([agent.connected, names(agent)]).toEqual([false, ['connected', 'closed']]);
  });

  it('shows nothing secret', async () => {
    const agent = await fixture.connected();
    const { inspect } = await import('node:util');
    const shown =
      inspect(agent.transport, { depth: 10, showHidden: true }) + JSON.stringify(agent.transport?.configuration);
    expect(shown).not.toMatch(/secret|bearer/);
    expect(inspect(agent, { depth: 0 })).not.toContain('bearer-1');
  });
});
